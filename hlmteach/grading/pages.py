"""Pages to read: feedback/ID.html for each student, class.html and the keys for the teacher."""

import hashlib
import re
from collections import Counter, defaultdict
from html import escape
from pathlib import Path

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.question import Question, say
from hlmteach.exercises.students import Student
from hlmteach.grading.score import Line, Person

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid #ccc; }
th, td { vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
section { border-left: 5px solid #888; padding: 2px 14px; margin: 1.2em 0; }
section.right { border-left: 9px double #009e73; }
section.mistake, section.wrong { border-color: #d55e00; }
.option { margin-left: 1em; }
code { background: #8882; padding: 0 3px; border-radius: 3px; }
.note { color: #a04000; }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee; }
  .note { color: #f0a060; }
}
"""
VERDICTS = {"mistake": "known mistake", "close": "close", "wrong": "other"}
VERDICTS |= {"malformed": "unreadable", "blank": "blank"}
SIGNS = {"right": "✓", "mistake": "✗", "wrong": "✗", "close": "≈", "malformed": "?", "blank": "–"}


def feedback_name(person: Person) -> str:
    """A file name that is safe, and tells one person from any other."""
    slug = re.sub(r"[^\w.-]+", "_", person.label, flags=re.ASCII).strip("._")[:60]
    mark = hashlib.sha256("\n".join((person.id, *person.files)).encode()).hexdigest()[:6]
    plain = slug == person.id and "id used more than once" not in person.notes
    return f"{slug}.html" if plain else f"{slug or 'student'}-{mark}.html"


def write_feedback(folder: Path, person: Person, secret_code: str, solutions: bool) -> Path:
    """Write a student's page."""
    student = Student(person.id, secret_code)
    parts = [_section(line, student, solutions) for line in person.lines]
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in person.notes)
    total = f"<p>{person.points:g} of {person.most:g} points.</p>"
    title = f"Feedback for {person.label}"
    path = Path(folder) / feedback_name(person)
    return _write(path, title, total + notes + "".join(parts))


def _section(line: Line, student: Student, solutions: bool) -> str:
    question = QUESTIONS[line.exercise]
    sample = sample_of(question, student)
    answer = f"<p>Your answer: <b>{escape(line.answer)}</b></p>" if line.answer else ""
    worked = f"<p>Worked answer: {words(question.solution(sample))}</p>" if solutions else ""
    note = f'<p class="note">{escape(line.note)}</p>' if line.note else ""
    return (
        f'<section class="{line.verdict}"><h2>{line.exercise} · {escape(question.title)}</h2>'
        f"<p>{words(say(question.text, sample))}</p>{_options(question)}{answer}{note}"
        f"<p>{SIGNS[line.verdict]} {line.points:g} of {line.most:g}. {words(line.feedback)}</p>"
        f"{worked}</section>"
    )


def _options(question: Question) -> str:
    options = zip("abcdefghij", getattr(question.kind, "options", ()), strict=False)
    return "".join(f'<div class="option">{letter}) {words(text)}</div>' for letter, text in options)


def write_class(path: Path, people: list[Person], questions: list[Question]) -> Path:
    """Write the teacher's page: how each exercise went, the mistakes made most, whom to see."""
    handed = [person for person in people if person.files]
    totals = [person.points for person in handed if person.lines]
    mean = f"{sum(totals) / len(totals):.2f}" if totals else "-"
    most = max((person.most for person in people), default=0.0)
    absent = len(people) - len(handed)
    head = f"<p>{len(handed)} handed in, {absent} did not. Mean {mean} of {most:g}.</p>"
    body = _exercise_table(handed, questions) + _mistakes(handed) + _to_see(people)
    return _write(path, "The class", head + body)


def _exercise_table(people, questions) -> str:
    lines = defaultdict(list)
    for person in people:
        for line in person.lines:
            lines[line.exercise].append(line)
    rows = []
    for question in questions:
        here = lines[question.id]
        count = Counter(line.verdict for line in here)
        right = f"{count['right'] / len(here):.0%}" if here else "-"
        cells = [len(here) - count["blank"], right, *(count[verdict] for verdict in VERDICTS)]
        title = f"<td>{question.id} {escape(question.title)}</td>"
        rows.append(title + "".join(f'<td class="n">{cell}</td>' for cell in cells))
    names = ["exercise", "answers", "right", *VERDICTS.values()]
    return "<h2>Exercises</h2>" + _table(names, rows)


def _mistakes(people) -> str:
    count = Counter(
        (line.exercise, line.mistake) for p in people for line in p.lines if line.mistake
    )
    says = {(q.id, m.name): m.says for q in QUESTIONS.values() for m in q.mistakes}
    rows = [
        f'<td class="n">{times}</td><td>{key[0]}</td><td>{escape(key[1])}</td>'
        f"<td>{words(says.get(key, ''))}</td>"
        for key, times in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]
    names = ["times", "exercise", "mistake", "what was said to it"]
    return "<h2>The mistakes made most</h2>" + _table(names, rows)


def _to_see(people) -> str:
    rows = [
        f"<td>{escape(p.label)}</td><td>{escape(p.name)}</td>"
        f"<td>{escape('; '.join((*p.to_see, *(['late'] if p.late else []))))}</td>"
        for p in people
        if p.to_see or p.late
    ]
    return "<h2>To look at</h2>" + _table(["student", "name", "what"], rows)


def _table(names, rows) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def keys_page(student: Student, questions: list[Question]) -> str:
    """All keys of one student, with what each mistake leads to, as a page."""
    rows = []
    for question in questions:
        sample = sample_of(question, student)
        show = question.kind.show
        mistakes = "; ".join(f"{show(m.value(sample))}: {m.name}" for m in question.mistakes)
        rows.append(
            f"<td>{question.id}</td><td>{escape(question.title)}</td>"
            f"<td><b>{escape(show(question.key(sample)))}</b></td><td>{escape(mistakes)}</td>"
        )
    who = student.id or "the practice data"
    return page(f"Keys of {who}", _table(["exercise", "", "key", "mistakes"], rows))


def keys_text(student: Student, questions: list[Question]) -> str:
    """All keys of one student, as lines of text."""
    lines = []
    for question in questions:
        sample = sample_of(question, student)
        key = question.kind.show(question.key(sample))
        lines.append(f"{question.id}  {key:<28} {question.title}")
    return "\n".join(lines)


def words(text: str) -> str:
    """Text for a page: `code` as such, everything else as it is."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def _write(path: Path, title: str, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(title, body), encoding="utf-8")
    return path
