"""What a lesson can ask a room: its guesses, its exercises, and the studies of all."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from hlmteach.classroom.follow import Followed
from hlmteach.classroom.studies import STUDIES
from hlmteach.course.source import Lesson
from hlmteach.exercises.bank import lesson_bank
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.judge import check_student
from hlmteach.exercises.question import worded
from hlmteach.exercises.students import PRACTICE
from hlmteach.widgets import HOMES

ON_A_PHONE = ("number", "choice", "choices", "token")
WIDGETS, PREDICT = "hlm.widgets.", "Predict"
ANY_EXERCISE = {
    "close": "Very close.",
    "wrong": "Not yet.",
    "sign": "The size is right, the sign is not.",
    "percent": "The digits are right, but one of the two is in percent. Look at what is asked.",
    "practice data": "That is right for the practice data. Use your own.",
}
UNREADABLE = "This is not yet an answer of the kind that is asked for."


@dataclass(frozen=True)
class Activity:
    """One thing to do: "guess" (a number), "choice" (an option), "exercise", "study", "follow"."""

    key: str
    kind: str
    title: str
    about: dict = field(default_factory=dict)
    followed: Followed | None = None


def activities_of(lesson: Lesson | None, widget: str | None = None) -> list[Activity]:
    """List what a room can do: a lesson's guesses, widgets and exercises, and the four studies."""
    studies = [
        Activity(
            key=f"study-{study.key}",
            kind="study",
            title=study.title,
            about={"sentence": study.sentence},
        )
        for study in STUDIES.values()
    ]
    own = [] if widget is None else [_follow("follow-1", Followed(widget))]
    if lesson is not None:
        own += [*guesses(lesson), *follows(lesson), *exercises(lesson.number)]
    return [*own, *studies]


def guesses(lesson: Lesson) -> list[Activity]:
    """Read each `Predict` of a lesson from its source, without running it."""
    calls = [call for name, call in _calls(lesson) if name == PREDICT]
    return [_guess(f"guess-{k}", call) for k, call in enumerate(calls, start=1)]


def follows(lesson: Lesson) -> list[Activity]:
    """Find each widget of a lesson, made as the lesson makes it, where that can be read."""
    prose = "\n\n".join(cell.text for cell in lesson.cells if cell.kind == "markdown")
    presets: dict[Followed, None] = {}
    for name, call in _calls(lesson):
        if name != PREDICT and name in HOMES and not call.keywords:
            preset = ast.literal_eval(call.args[0]) if call.args else None
            presets[Followed(name, preset, prose)] = None
    return [_follow(f"follow-{k}", one) for k, one in enumerate(presets, start=1)]


def _follow(key: str, followed: Followed) -> Activity:
    start = f" ({followed.preset})" if followed.preset else ""
    title = f"Follow me: {followed.name}{start}"
    return Activity(key=key, kind="follow", title=title, followed=followed)


def _calls(lesson: Lesson) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a widget in a lesson's code, in its order."""
    for cell in lesson.cells:
        if cell.kind == "code" and WIDGETS in cell.text:
            for node in ast.walk(ast.parse(cell.text)):
                name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if name.startswith(WIDGETS):
                    yield name.removeprefix(WIDGETS), node


def _guess(key: str, call: ast.Call) -> Activity:
    given = {"low": 0.0, "high": 1.0, "digits": 0, "unit": "", "options": None, "because": ""}
    for word in call.keywords:
        if word.arg in given:
            given[word.arg] = ast.literal_eval(word.value)
    question = ast.literal_eval(call.args[0])
    kind = "choice" if given["options"] else "guess"
    return Activity(key=key, kind=kind, title=question, about=given)


def exercises(number: str) -> list[Activity]:
    """List a lesson's exercises that a phone can answer."""
    asked = [q for q in lesson_bank(number).values() if q.kind.name in ON_A_PHONE]
    return [_exercise(question) for question in asked]


def _exercise(question) -> Activity:
    sample = sample_of(question, PRACTICE)
    about = {
        "question": worded(question.text, sample),
        "expected": question.kind.expected,
        "takes": question.kind.name,
        "options": dict(zip("abcdefgh", getattr(question.kind, "options", ()), strict=False)),
    }
    title = f"{question.id} · {question.title}"
    return Activity(key=f"exercise-{question.id}", kind="exercise", title=title, about=about)


def judge(activity: Activity, answer: str | dict) -> tuple[str, str, str]:
    """Judge an answer to an exercise: its status, its mistake's name, what is said of all such.

    A notebook says only status and mistake: it judged an answer to its own student's data.
    """
    identifier = activity.key.removeprefix("exercise-")
    if isinstance(answer, dict):
        return answer["status"], answer["mistake"], _said(identifier, **answer)
    return _judge(identifier, answer)


@lru_cache(maxsize=4096)
def _judge(identifier: str, answer: str) -> tuple[str, str, str]:
    question = lesson_bank(identifier[:2])[identifier]
    feedback = check_student(question, PRACTICE, answer)
    told = {"malformed": UNREADABLE, "wrong": ANY_EXERCISE["wrong"]}  # for all, who have no hint
    text = told.get(feedback.status, feedback.text)
    return feedback.status, feedback.mistake, text


def _said(identifier: str, status: str, mistake: str) -> str:
    question = lesson_bank(identifier[:2])[identifier]
    if status == "right":
        return f"Right. {question.right}".strip()
    named = {one.name: one.says for one in question.mistakes}
    return named.get(mistake, ANY_EXERCISE.get(mistake or status, ANY_EXERCISE["wrong"]))


def is_verdict(activity: Activity, value) -> bool:
    """Whether a notebook may have said that of an answer to this exercise."""
    if not isinstance(value, dict) or set(value) != {"status", "mistake"}:
        return False
    identifier = activity.key.removeprefix("exercise-")
    mistakes = {one.name for one in lesson_bank(identifier[:2])[identifier].mistakes}
    known = {(status, "") for status in ("right", "close", "wrong")}
    known |= {("mistake", name) for name in mistakes | ANY_EXERCISE.keys() - {"close", "wrong"}}
    return any(value == {"status": status, "mistake": name} for status, name in known)


def truths(lesson: Lesson) -> dict[str, object]:
    """Run a lesson's code and return the answers of its guesses, by their questions.

    Nothing is drawn: a stand-in takes the place of every widget.
    """
    import hlmteach

    answers: dict[str, object] = {}
    space = {"hlm": _Recording(hlmteach, answers), "print": lambda *_, **__: None}
    for cell in lesson.cells:
        if cell.kind == "code" and not cell.tags & {"check", "solution"}:
            exec(cell.text.replace("import hlmteach as hlm", ""), space)
    return {asked: answer() if callable(answer) else answer for asked, answer in answers.items()}


class _Silent:
    """Stands for a widget: takes every call, and is every attribute."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __getitem__(self, key):
        return self


class _Recording:
    """hlmteach, but for its widgets; `Predict` leaves its answer."""

    def __init__(self, package, answers):
        self._package, self._answers = package, answers
        self.widgets = self

    def Predict(self, question, answer, **_):  # noqa: N802 (stands for the widget of that name)
        self._answers[question] = answer
        return _Silent()

    def __getattr__(self, name):
        if name in self._package.widgets.__all__ or name in ("exercise", "student"):
            return _Silent()
        return getattr(self._package, name)
