"""words.html: what a class wrote in its own words, exercise by exercise, with what was ticked."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Question, worded
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import PRACTICE
from hlmteach.grading.pages import page, table, words
from hlmteach.grading.score import Person


def write_words(path: Path, people: Sequence[Person], questions: Sequence[Question]) -> None:
    """Write the teacher's page of sentences; where none are asked for, an old page goes.

    Parameters
    ----------
    path : Path
    people : sequence of Person
        Scored.
    questions : sequence of Question
    """
    asked = [question for question in questions if isinstance(question.kind, OwnWords)]
    if not asked:
        path.unlink(missing_ok=True)
        return
    body = "".join(_exercise(question, people) for question in asked)
    path.write_text(page("In their own words", body), encoding="utf-8")


def _exercise(question: Question, people: Sequence[Person]) -> str:
    written = [
        (person.label, person.records[question.id])
        for person in people
        if any((line.exercise, line.verdict) == (question.id, "written") for line in person.lines)
    ]
    sample = sample_of(question, PRACTICE)
    return (
        f'<h2 id="{question.id}">{question.id} · {escape(question.title)}</h2>'
        f"<p>{words(worded(question.text, sample))}</p>"
        f"<p>Model answer: {words(question.solution(sample))}</p>"
        f"<p>{len(written)} wrote something.</p>{_points(question, written)}"
        f"{_sentences(question, written)}"
    )


def _points(question: Question, written: list[tuple[str, Record]]) -> str:
    """Each point of the model answer, and how many say that they made it."""
    rows = [
        f"<td>{letter}</td><td>{words(text)}</td>"
        f'<td class="n">{sum(letter in record.ticks for _, record in written)}</td>'
        for letter, text in question.kind.rubric.items()
    ]
    return table(["", "point", "ticked by"], rows)


def _sentences(question: Question, written: list[tuple[str, Record]]) -> str:
    letters = list(question.kind.rubric)
    rows = []
    for who, record in written:
        ticks = "".join(f"<td>{'✓' if a in record.ticks else ''}</td>" for a in letters)
        text = escape(question.kind.read(record.answer))
        rows.append(f'<td>{escape(who)}</td><td class="said">{text}</td>{ticks}')
    return table(["student", "in their own words", *letters], rows)
