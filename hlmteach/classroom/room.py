"""The room: what is asked now, who answered, and what wall and phones show of it.

It knows no network. Messages come in as dicts that anybody may have written; what is not understood
is refused in a word and changes nothing.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from threading import Thread

from hlmteach.classroom.draws import Draws
from hlmteach.classroom.follow import Follow
from hlmteach.classroom.questions import Activity, activities_of, is_verdict, judge, truths
from hlmteach.classroom.store import Store
from hlmteach.classroom.studies import STUDIES, ClassStudy, Drawn
from hlmteach.course.source import Lesson
from hlmteach.errors import HLMError
from hlmteach.exercises.numbers import is_number

LONGEST = 200  # characters of a typed answer
MOST_VOICES = 1000
LONGEST_NAME = 16  # characters of a group's name
PILED = re.compile("MMM")  # marks one above the other, which would reach into what stands there
COMMON_MISTAKES = 6  # shown on the wall
GROUPS = "study-groups"  # where nobody can be wrong: the only study with names


class RefusedError(Exception):
    """A message that the room does not take; its text says why, in a sentence."""


class Room:
    """One class, its lesson and its answers.

    Parameters
    ----------
    store : Store
        Where all of it is kept.
    lesson : Lesson or None
        Whose guesses, widgets and exercises are there; the four studies are in any room.
    widget : str, optional
        The name of a widget to follow.
    """

    def __init__(self, store: Store, lesson: Lesson | None = None, widget: str | None = None):
        self.store, self.lesson = store, lesson
        self.activities = {one.key: one for one in activities_of(lesson, widget)}
        self.follow: Follow | None = None
        self.followed = ""  # the key of what is followed
        self._broken = ("", "")  # the key of a picture that could not be made, and why
        self._names: dict[str, str] = {}  # of groups, by voice; in no file
        self._key = store.secret("voices")
        self._truths: Future = Future()
        self._draws = Draws(self._key)
        self._shown = lru_cache(maxsize=4)(self._show_study)
        if store.get("now") not in self.activities:
            store.put("now", next(iter(self.activities)))

    def run_lesson(self) -> None:
        """Run the lesson beside all else: its truths are wanted when the room has guessed."""
        Thread(target=self._find_truths, daemon=True).start()

    def _find_truths(self) -> None:
        try:
            self._truths.set_result(truths(self.lesson) if self.lesson else {})
        except Exception as error:  # a lesson that does not run has no truths, but can be asked
            self._truths.set_exception(RefusedError(f"The lesson does not run here: {error}"))

    def wait_for_truths(self) -> None:
        """Wait until the lesson has run; `run_lesson` comes before."""
        self._truths.exception()

    def when_truths_are_known(self, call: Callable[[], object]) -> None:
        """Call when the lesson has run, from the thread that runs it."""
        self._truths.add_done_callback(lambda _: call())

    # -- what the teacher does ----------------------------------------------------------------

    def teach(self, message: dict) -> None:
        """Do what the teacher's page says: open, show, truth, set, again, loose.

        Raises
        ------
        RefusedError
            When the message is none of these, or names what is not there.
        """
        verb = str(message.get("do"))
        verbs = {"open": self._open, "show": self._show, "truth": self._tell, "set": self._set}
        verbs |= {"again": self._again, "loose": self._let_loose}
        if verb not in verbs:
            raise RefusedError(f"The wall cannot do {verb[:40]!r}.")
        verbs[verb](message)

    def _open(self, message) -> None:
        key = str(message.get("key"))
        if key not in self.activities:
            raise RefusedError("There is no such question.")
        self._broken = ("", "")  # what could not be shown is tried again
        self.store.put("now", key)
        self.store.put("shown", False)
        self.store.put("told", False)
        self.store.put("loose", False)

    def _let_loose(self, message) -> None:
        self.store.put("loose", bool(message.get("on")))

    def _show(self, message) -> None:
        self.store.put("shown", bool(message.get("on")))

    def _tell(self, message) -> None:
        if self._truths.done():
            self._truths.result()  # or the reason why there are none
        self.store.put("told", bool(message.get("on")))

    def _set(self, message) -> None:
        study, name = self._study(), str(message.get("name"))
        if study is None or name not in study.settings:
            raise RefusedError("There is nothing of that name to set.")
        values = [value for _, value in study.settings[name].choices]
        if message.get("value") not in values:
            raise RefusedError(f"{name} can be one of {values}.")
        self._next_round(**{name: message["value"]})

    def _again(self, _) -> None:
        if self.now.kind == "follow":
            raise RefusedError("A picture that is followed is not asked again.")
        self._next_round()

    def _next_round(self, **change) -> None:
        key, turn, state = self.now.key, self.turn + 1, self.state | change
        self.store.put(f"set {key} {turn}", state)
        self.store.put(f"round {key}", turn)
        self.store.put("told", False)

    # -- what is asked now ----------------------------------------------------------------------

    @property
    def now(self) -> Activity:
        """What is asked now."""
        return self.activities[self.store.get("now")]

    @property
    def turn(self) -> int:
        """How often it has been asked anew."""
        return self.store.get(f"round {self.now.key}", 0)

    def _study(self) -> ClassStudy | None:
        key = self.now.key.removeprefix("study-")
        return STUDIES.get(key) if self.now.kind == "study" else None

    @property
    def state(self) -> dict:
        """What the teacher has set for the study that is open."""
        return self.state_of(self.now.key, self.turn)

    def state_of(self, key: str, turn: int) -> dict:
        """What was set for a study in one of its rounds; empty for what is no study."""
        study = STUDIES.get(key.removeprefix("study-"))
        return study.start | self.store.get(f"set {key} {turn}", {}) if study else {}

    def truth(self):
        """The answer to the guess that is open; None while the lesson still runs."""
        if self.now.kind not in ("guess", "choice") or not self._runs():
            return None
        value = self._truths.result()[self.now.title]
        return value if isinstance(value, str) else float(value)

    def _runs(self) -> bool:
        return self._truths.done() and self._truths.exception() is None

    # -- voices -----------------------------------------------------------------------------------

    def voice(self, token: str) -> str:
        """The voice of a phone's token; the token itself is nowhere kept."""
        return hashlib.sha256(f"{self._key}\0{token}".encode()).hexdigest()[:24]

    def hear(self, voice: str, message: dict) -> bool:
        """Take a phone's answer to what is open, in place of its earlier one.

        Returns whether it changes what all other phones show.

        Raises
        ------
        RefusedError
            When it answers something else, or cannot be an answer.
        """
        if message.get("key") != self.now.key or message.get("round") != self.turn:
            raise RefusedError("The class has moved on; your answer was to an earlier question.")
        if self.now.kind in ("guess", "choice") and self.store.get("told", False):
            raise RefusedError("The truth has been shown; guesses are closed.")
        taken, name = self._taken(voice, message.get("value")), self._named(message.get("name"))
        if not self.store.admit(voice, MOST_VOICES):
            raise RefusedError("This room is full.")
        self.store.answer(self.now.key, self.turn, voice, taken)
        if self.now.key == GROUPS:
            self._names[voice] = name
        return self.now.key == GROUPS

    def _named(self, name) -> str:
        """The name that a group wants, if it wants one."""
        if name is None:
            return ""
        if not isinstance(name, str) or len(name) > LONGEST_NAME or not name.isprintable():
            raise RefusedError(f"A name has at most {LONGEST_NAME} characters.")
        if PILED.search("".join(unicodedata.category(letter)[0] for letter in name)):
            raise RefusedError("A name may not pile up marks on a letter.")
        return name.strip()

    def _taken(self, voice: str, value):
        kind, about = self.now.kind, self.now.about
        if kind == "follow":
            raise RefusedError("There is nothing to answer here.")
        if kind == "study":  # what it found is known here; nobody can send another's
            return self.drawn(voice).numbers
        if kind == "guess":
            return _number(value, about["low"], about["high"])
        if kind == "choice":
            if value not in about["options"]:
                raise RefusedError("Choose one of the options.")
            return value
        if kind == "exercise" and is_verdict(self.now, value):
            return value
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
            raise RefusedError(f"Type an answer of at most {LONGEST} characters, in one line.")
        return value

    # -- a study -----------------------------------------------------------------------------------

    def drawn(self, voice: str) -> Drawn:
        """The study of one voice, at what the teacher has set: the same whenever asked for."""
        return self._drawn(self.now.key, self.turn, [voice])[0]

    def draw_for(self, voices: Iterable[str]) -> None:
        """Draw the studies of these voices together, if a study is open."""
        if self._study() is not None:
            self._drawn(self.now.key, self.turn, list(voices))

    def _drawn(self, key: str, turn: int, voices: Sequence[str]) -> list[Drawn]:
        study = STUDIES[key.removeprefix("study-")]
        return self._draws.of(study, self.state_of(key, turn), turn, voices)

    # -- a widget that all follow ------------------------------------------------------------------

    @property
    def is_followed(self) -> bool:
        """Whether the picture of what is open now is there, so that it can be moved."""
        return self.follow is not None and self.followed == self.now.key

    def make_picture(self) -> bool:
        """Make the picture of the widget that is open, as it was left; False where it is there."""
        activity = self.now
        if activity.followed is None or self.is_followed:
            return False
        if self.follow is not None:
            self.follow.close()
            self.follow = None
        try:
            self.follow = Follow(activity.followed)
        except Exception as error:
            self._broken = activity.key, f"This widget cannot be shown here: {error}"
            raise
        self.followed = activity.key
        if moved := self.store.get(f"moved {activity.key}", {}):
            with suppress(RefusedError):  # an earlier version could be set so: it starts anew
                self.move(moved)
        return True

    def move(self, changes: dict) -> tuple[str, str]:
        """Move controls of the widget; what is said to the wall, and what to phones.

        Raises
        ------
        RefusedError
            When there is nothing to move, or no picture of these settings.
        """
        if not self.is_followed:
            raise RefusedError("There is nothing to move here.")
        try:
            values = self.follow.values
            for name, value in changes.items():
                values = self.follow.taken(name, value, values)
            said = self.follow.move(values)
        except HLMError as error:
            raise RefusedError(str(error)) from None
        if "seed" in changes:
            changes = changes | {"seed": values["seed"]}
        moved = self.store.get(f"moved {self.followed}", {}) | changes
        self.store.put(f"moved {self.followed}", moved)
        return said

    def picture(self, key: str, size: str) -> str:
        """The picture of a widget, as the wall or a phone has it; empty where another is open."""
        is_open = self.is_followed and self.followed == key
        return getattr(self.follow, size).whole() if is_open else ""

    def loose(self) -> bytes:
        """The states that phones can go through by themselves; none where nothing is followed."""
        return self.follow.loose() if self.is_followed else b""

    # -- what is shown --------------------------------------------------------------------------

    def wall(self) -> dict:
        """What the projector shows: the question, the room's answers, and the truth when told."""
        activity = self.now
        answers = self.store.answers(activity.key, self.turn)
        shown = self.store.get("shown", False) or activity.kind == "study"
        told = self.store.get("told", False)
        wall = self._asked() | {
            "menu": [[a.key, a.kind, a.title] for a in self.activities.values()],
            "count": len(answers),
            "shown": shown,
            "told": told,
        }
        if activity.kind == "study":
            return wall | self._wall_of_study(tuple(answers))
        if activity.kind == "follow":
            return wall | {"controls": self.follow.controls() if self.is_followed else []}
        if shown and activity.kind == "exercise":
            wall["mistakes"] = self._mistakes(list(answers.values()))
        elif shown:
            wall["answers"] = list(answers.values())
        if told:
            wall |= {"truth": self.truth(), "because": activity.about.get("because", "")}
        return wall

    def _asked(self) -> dict:
        activity = self.now
        asked = {
            "key": activity.key,
            "kind": activity.kind,
            "title": activity.title,
            "round": self.turn,
            "about": {name: value for name, value in activity.about.items() if name != "because"},
        }
        if activity.kind == "follow":
            asked |= {"loose": self.store.get("loose", False)}
            asked |= self.follow.words if self.is_followed else {}
            if self._broken[0] == activity.key:
                asked["broken"] = self._broken[1]
        return asked

    def _wall_of_study(self, voices: tuple[str, ...]) -> dict:
        study = self._study()
        settings = {
            name: {"label": one.label, "choices": [list(pair) for pair in one.choices]}
            for name, one in study.settings.items()
        }
        shown = self._shown(self.now.key, self.turn, voices)
        wall = {"settings": settings, "state": self.state, "study": study.key} | shown
        if self.now.key == GROUPS:
            wall["names"] = [self._names.get(voice, "") for voice in voices]
        return wall

    def _show_study(self, key: str, turn: int, voices: tuple[str, ...]) -> dict:
        drawn = self._drawn(key, turn, voices)
        return STUDIES[key.removeprefix("study-")].wall(self.state_of(key, turn), drawn)

    def _mistakes(self, answers: list) -> list[dict]:
        """Count answers by what they get wrong: right first, then the commonest mistakes."""
        options = self.now.about["options"] if self.now.about["takes"] == "choice" else {}
        counted: dict[tuple, dict] = {}
        for answer in answers:
            status, mistake, text = judge(self.now, answer)
            said = options.get(answer, "") if isinstance(answer, str) else ""
            kind = (status, mistake or (status == "wrong" and said))  # a notebook tells no option
            row = counted.setdefault(kind, {"status": status, "text": text, "count": 0, "said": ""})
            row["count"] += 1
            row["said"] = row["said"] or said
        order = sorted(counted.values(), key=lambda one: (one["status"] != "right", -one["count"]))
        return order[:COMMON_MISTAKES]

    def phone(self, voice: str) -> dict:
        """What one phone shows: the question, its own answer, and the truth when told."""
        mine = self.store.answer_of(self.now.key, self.turn, voice)
        phone = self._asked() | {"mine": mine}
        study = self._study()
        if study is not None:
            drawn = self.drawn(voice)
            phone |= {"dots": drawn.dots, "numbers": drawn.numbers, "study": study.key}
            phone["words"] = study.tell(self.state, drawn)
            if self.now.key == GROUPS and mine is not None:
                voices = tuple(self.store.answers(self.now.key, self.turn))
                mark = self._shown(self.now.key, self.turn, voices)["marks"][voices.index(voice)]
                phone |= {"pulled": mark["pulled"], "name": self._names.get(voice, "")}
        elif self.store.get("told", False):
            phone |= {"truth": self.truth(), "because": self.now.about.get("because", "")}
        return phone


def _number(value, low: float, high: float) -> float:
    if not is_number(value) or value != value:
        raise RefusedError("A guess is a number.")
    return float(min(max(value, low), high))
