"""The card of an exercise, and how its answer stays in the notebook.

An answer is kept twice. As an output of the cell (a MIME type of its own, updated in place), which
any front end saves; and in the notebook's metadata, which JupyterLab's lets the card write. From
the metadata the card hands it back after a restart of the kernel; other front ends get it from
the file.
"""

import contextlib
import json
import os
from pathlib import Path

import anywidget
import traitlets as t
from IPython import get_ipython
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.display import DisplayHandle

from hlmteach.exercises.desk import progress_beside
from hlmteach.exercises.in_class import class_words
from hlmteach.exercises.personal import Exercise
from hlmteach.exercises.record import MIME, Record, latest, read_record
from hlmteach.stage.export import SHARED
from hlmteach.stage.outputs import Shown
from hlmteach.widgets.parts import text_of

LARGEST_NOTEBOOK = 50_000_000  # bytes; a larger file is not searched for answers


class ExerciseCard(Shown, anywidget.AnyWidget):
    """What a notebook shows of an exercise: question, field, Check, hints, progress."""

    _esm = SHARED + text_of("exercise_card.js")
    _css = text_of("exercise_card.css")
    exercise = t.Unicode().tag(sync=True)
    title = t.Unicode().tag(sync=True)
    text = t.Unicode().tag(sync=True)
    kind = t.Unicode().tag(sync=True)
    expected = t.Unicode().tag(sync=True)
    options = t.Dict().tag(sync=True)
    controls = t.Dict().tag(sync=True)
    rubric = t.Dict().tag(sync=True)
    longest = t.Int().tag(sync=True)
    record = t.Dict().tag(sync=True)
    recalled = t.Dict().tag(sync=True)
    status = t.Unicode().tag(sync=True)
    feedback = t.Unicode().tag(sync=True)
    hints = t.List().tag(sync=True)
    hints_in_all = t.Int().tag(sync=True)
    solution = t.Unicode().tag(sync=True)
    may_see_solution = t.Bool().tag(sync=True)
    tally = t.Unicode().tag(sync=True)

    def __init__(self, exercise: Exercise):
        self._exercise = exercise
        question = exercise.question
        super().__init__(
            exercise=exercise.id,
            title=question.title,
            text=exercise.text,
            kind=question.kind.name,
            expected=question.kind.expected,
            options=exercise.options,
            controls=getattr(question.kind, "words", {}),
            rubric=exercise.rubric,
            longest=question.kind.longest,
            hints_in_all=len(question.hints),
            **shown(exercise),
        )
        self.on_msg(self._obey)
        self.observe(self._recall, "recalled")

    @property
    def source(self) -> Exercise:
        """The exercise that it shows."""
        return self._exercise

    def refresh(self) -> None:
        """Show where the exercise stands now."""
        with self.hold_sync():
            for name, value in shown(self._exercise).items():
                setattr(self, name, value)

    def _obey(self, _card, message, _buffers) -> None:
        """Do what a button of the card says."""
        verb, answer = message.get("verb"), message.get("answer")
        if verb in ("keep", "check") and answer != typed(self._exercise.answer):
            self._exercise.hand_in(answer, "widget")
        if verb == "check":
            self._exercise.check()
        elif verb == "hint":
            self._exercise.hint()
        elif verb == "tick":
            self._exercise.tick(message.get("ticks"))
        elif verb == "solution":
            self.solution = str(self._exercise.solution())

    def _recall(self, change) -> None:
        """Take up the record that the notebook kept."""
        record = read_record(change.new)
        if record is not None:
            self._exercise.restore(record)
            self.refresh()


def shown(exercise: Exercise) -> dict:
    """What a card shows that changes while one works."""
    feedback = exercise.feedback
    return {
        "record": exercise.record.as_dict(),
        "status": feedback.status if feedback else "",
        "feedback": feedback.text if feedback else "",
        "hints": exercise.hints,
        "may_see_solution": exercise.may_see_solution,
        "tally": tally(exercise),
        **_beside(exercise),
    }


def _beside(exercise: Exercise) -> dict:
    """What stands beside a student's own words, once there are any: the model answer."""
    if not exercise.rubric:
        return {}
    seen = exercise.may_see_solution
    return {"solution": exercise.question.solution(exercise.sample) if seen else ""}


def tally(exercise: Exercise) -> str:
    """Attempts at this exercise, and how far one is in its lesson."""
    lesson = exercise.question.lesson
    where = lesson if exercise.question.bank else f"Lesson {lesson}"
    solved, total = progress_beside(exercise)
    attempts = exercise.attempts
    tried = f"{attempts} attempt{'s' * (attempts != 1)} · " if attempts else ""
    whose = f" · {exercise.student.id}" if exercise.student.id else ""
    told = class_words(f"exercise-{exercise.id}")
    return f"{tried}{where}: {solved} of {total} solved{whose}{f' · {told}' if told else ''}"


def typed(answer):
    """An answer as the card's field holds it."""
    if isinstance(answer, dict) and "loglik" in answer:
        return f"{answer['loglik']:.2f}"
    return answer if isinstance(answer, dict | list) else "" if answer is None else str(answer)


class NotebookFront:
    """Shows exercises as cards, and keeps their answers in the notebook."""

    def __init__(self):
        self._cards: dict[Exercise, ExerciseCard] = {}
        self._outputs: dict[Exercise, DisplayHandle] = {}
        self._published: dict[Exercise, int] = {}

    def show(self, exercise: Exercise) -> None:
        """Show the card, the same one again when asked twice."""
        if exercise not in self._cards:
            self._cards[exercise] = ExerciseCard(exercise)
        shell = get_ipython()
        card = shell.display_formatter.format(self._cards[exercise])[0]
        DisplayHandle().display({"text/plain": repr(exercise)} | card, raw=True)
        self._put_output(exercise)

    def publish(self, exercise: Exercise) -> None:
        """Keep the answer in the notebook, and show on all cards where one stands."""
        for card in self._cards.values():
            card.refresh()
        fresh = self._published.get(exercise) == get_ipython().execution_count
        if exercise.record.origin == "code" and not fresh:
            self._put_output(exercise)
        elif exercise in self._outputs:
            with uncaptured(get_ipython()):
                self._outputs[exercise].update(output_of(exercise.record), raw=True)

    def _put_output(self, exercise: Exercise) -> None:
        """Add an output that cannot be seen, and that holds the answer."""
        handle = self._outputs.setdefault(exercise, DisplayHandle(f"hlmteach-{exercise.id}"))
        with uncaptured(get_ipython()):
            handle.display(output_of(exercise.record), raw=True)
        self._published[exercise] = get_ipython().execution_count

    def recall(self, exercise: Exercise) -> None:
        """Take up what the notebook's file holds, before the card can ask the front end."""
        kept = map(read_record, records_in(notebook_path(get_ipython())))
        mine = latest(record for record in kept if record).get(exercise.id)
        if mine is not None:
            exercise.restore(mine)

    def note_others(self, ids: list[str]) -> None:
        """Say which cards still have somebody else's data, now that the student is another."""
        named = ", ".join(dict.fromkeys(ids))
        print(f"Opened before, with other data: {named}. Run the cells of those exercises again.")


@contextlib.contextmanager
def uncaptured(shell):
    """What is displayed here reaches the notebook: %%capture must not swallow an answer."""
    captured = shell.display_pub
    kernel = getattr(shell, "kernel", None)
    if not isinstance(captured, CapturingDisplayPublisher) or kernel is None:
        yield
        return
    own = shell.display_pub_class(
        parent=shell, session=kernel.session, pub_socket=kernel.iopub_socket
    )
    own.set_parent(kernel.get_parent())
    shell.display_pub = own
    try:
        yield
    finally:
        shell.display_pub = captured


def output_of(record: Record) -> dict:
    """The output that carries a record through the notebook's file."""
    return {
        MIME: record.as_dict(),
        "text/html": "<span hidden></span>",
        "text/plain": f"Exercise {record.exercise}: answer on record.",
    }


# -- the notebook's file -----------------------------------------------------------------------


def notebook_path(shell) -> Path | None:
    """Where the notebook is saved, if Jupyter (or VS Code) says so."""
    told = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__vsc_ipynb_file__")
    path = Path(str(told)) if told else None
    if path is None or path.suffix != ".ipynb":
        return None
    candidates = (path, Path(path.name))
    return next((found for found in candidates if _is_readable(found)), None)


def _is_readable(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.is_file() and path.stat().st_size <= LARGEST_NOTEBOOK
    return False


def records_in(path: Path | None) -> list:
    """What a notebook's file holds of answers: outputs first, then its metadata."""
    if path is None:
        return []
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        outputs = [o for cell in book["cells"] for o in cell.get("outputs", ())]
        kept = [o["data"][MIME] for o in outputs if MIME in o.get("data", {})]
        return kept + list(book["metadata"].get("hlmteach", {}).get("answers", {}).values())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []  # no notebook that can be read: then nothing was kept
