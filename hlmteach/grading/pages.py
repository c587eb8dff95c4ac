"""Pages to read: feedback/ID.html for each student, class.html and the keys for the teacher."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path

from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.kinds import LETTERS
from hlmteach.exercises.marked import pieces
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Question, worded
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import Student
from hlmteach.grading.alike import Alike
from hlmteach.grading.names import safe_name
from hlmteach.grading.score import NOT_LISTED, OTHER_DATA, SHARED_ID, SUPERSEDED, Line, Person
from hlmteach.grading.tables import Entry

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid #ccc; }
th, td { vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
section { border-left: 5px solid #888; padding: 2px 14px; margin: 1.2em 0; }
section.right { border-left: 9px double #009e73; }
section.mistake, section.wrong { border-color: #d55e00; }
section.written { border-color: #0072b2; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; }
.option { margin-left: 1em; }
code { background: #8882; padding: 0 3px; border-radius: 3px; }
.note { color: #a04000; }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee; }
  .note { color: #f0a060; }
}
"""
WORDS = "words.html"
VERDICTS = {"mistake": "known mistake", "close": "close", "wrong": "other"}
VERDICTS |= {"malformed": "unreadable", "blank": "blank"}
SIGNS = {"right": "✓", "mistake": "✗", "wrong": "✗", "close": "≈", "malformed": "?", "blank": "–"}


def feedback_name(person: Person) -> str:
    """A file name that is safe, and tells one person from any other."""
    own = person.label == person.id and SHARED_ID not in person.notes
    return f"{safe_name(person.label, '' if own else ' '.join(person.files))}.html"


def write_feedback(
    folder: Path, entry: Entry, questions: list[Question], secret_code: str, solutions: bool
) -> Path:
    """Write a student's page. It names nobody else, whatever was handed in."""
    person = entry.person
    student = Student(person.scored_as, secret_code)
    asked = {question.id: question for question in questions}
    parts = []
    for line in person.lines:
        question, record = asked[line.exercise], person.records.get(line.exercise)
        if line.verdict == "written":
            parts.append(_own_words(line, question, record, student))
        else:
            parts.append(_section(line, question, student, solutions))
    notes = [text for note in person.notes if (text := for_student(note))]
    lead = [f"<p>{escape(text)}</p>" for text in entry.mark.steps]
    lead += [f'<p class="note">{escape(text)}</p>' for text in dict.fromkeys(notes)]
    title = f"Feedback for {person.label}"
    return _write(Path(folder) / feedback_name(person), title, "".join(lead + parts))


FOR_STUDENTS = (
    (
        "another id",
        "The notebook gives an id that is not yours. Your answers were held to your data.",
    ),
    (SHARED_ID, "Several notebooks give this id. Ask your teacher."),
    (NOT_LISTED, "The class list has no such student. Ask your teacher."),
    ("no id", "The notebook gives no id: write hlm.student('your id') at its top."),
    (OTHER_DATA, "Some answers were found with other data than your own: see below."),
    ("another lesson", "The notebook belongs to another lesson."),
    ("no answer", "The notebook holds no answer."),
    (SUPERSEDED, ""),
    ("cell", None),
)


def for_student(note: str) -> str:
    """What a student reads of a note; "" for nothing. What is not known is not told."""
    for start, text in FOR_STUDENTS:
        if note.startswith(start):
            return note if text is None else text
    return "Not all of the notebook could be read or run. Ask your teacher." if note else ""


def _section(line: Line, question: Question, student: Student, solutions: bool) -> str:
    sample = sample_of(question, student)
    answer = f"<p>Your answer: <b>{escape(line.answer)}</b></p>" if line.answer else ""
    worked = f"<p>Worked answer: {words(question.solution(sample))}</p>" if solutions else ""
    note = f'<p class="note">{escape(line.note)}</p>' if line.note else ""
    return (
        f'<section class="{line.verdict}"><h2>{line.exercise} · {escape(question.title)}</h2>'
        f"<p>{words(worded(question.text, sample))}</p>{_options(question)}{answer}{note}"
        f"<p>{SIGNS[line.verdict]} {line.points:g} of {line.most:g}. {words(line.feedback)}</p>"
        f"{worked}</section>"
    )


def _own_words(line: Line, question: Question, record: Record, student: Student) -> str:
    """A student's sentences, the model answer, and which of its points the student ticked."""
    sample, kind = sample_of(question, student), question.kind
    points = (
        f'<div class="option">{"☑" if letter in record.ticks else "☐"} {words(text)}</div>'
        for letter, text in kind.rubric.items()
    )
    by_hand = f"{line.points:g} points. " if line.points else ""
    words_on_points = f"{by_hand}{line.note}".strip()  # a teacher may give some by overrides.csv
    note = f'<p class="note">{escape(words_on_points)}</p>' if words_on_points else ""
    return (
        f'<section class="written"><h2>{question.id} · {escape(question.title)}</h2>'
        f"<p>{words(worded(question.text, sample))}</p>"
        f'<p>Your words:</p><p class="said">{escape(kind.read(record.answer))}</p>'
        f"<p>Model answer: {words(question.solution(sample))}</p>"
        f"<p>What you ticked as said:</p>{''.join(points)}{note}</section>"
    )


def _options(question: Question) -> str:
    options = zip(LETTERS, getattr(question.kind, "options", ()), strict=False)
    return "".join(f'<div class="option">{letter}) {words(text)}</div>' for letter, text in options)


def write_class(
    path: Path, entries: Sequence[Entry], questions: list[Question], alike: Sequence[Alike] = ()
) -> Path:
    """Write the teacher's page: how each exercise went, the mistakes made most, whom to see."""
    people = [entry.person for entry in entries]
    handed = [person for person in people if person.files]
    totals = [person.points for person in handed if person.lines]
    mean = f"{sum(totals) / len(totals):.2f}" if totals else "-"
    most = max((person.most for person in people), default=0.0)
    absent = len(people) - len(handed)
    head = f"<p>{len(handed)} handed in, {absent} did not. Mean {mean} of {most:g}.</p>"
    body = _exercise_table(handed, questions) + _mistakes(handed, questions)
    body += _to_see(people) + _alike(alike)
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
        judged = here and not isinstance(question.kind, OwnWords)
        right = f"{count['right'] / len(here):.0%}" if judged else "-"
        cells = [len(here) - count["blank"], right, *(count[verdict] for verdict in VERDICTS)]
        title = f"<td>{_linked(question)} {escape(question.title)}</td>"
        rows.append(title + "".join(f'<td class="n">{cell}</td>' for cell in cells))
    names = ["exercise", "answers", "right", *VERDICTS.values()]
    return "<h2>Exercises</h2>" + table(names, rows)


def _linked(question: Question) -> str:
    """The id; of an exercise in own words, a link to what was written."""
    own = isinstance(question.kind, OwnWords)
    return f'<a href="{WORDS}#{question.id}">{question.id}</a>' if own else question.id


def _mistakes(people, questions) -> str:
    count = Counter(
        (line.exercise, line.mistake) for p in people for line in p.lines if line.mistake
    )
    says = {(q.id, m.name): m.says for q in questions for m in q.mistakes}
    rows = [
        f'<td class="n">{times}</td><td>{key[0]}</td><td>{escape(key[1])}</td>'
        f"<td>{words(says.get(key, ''))}</td>"
        for key, times in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]
    names = ["times", "exercise", "mistake", "what was said to it"]
    return "<h2>The mistakes made most</h2>" + table(names, rows)


def _to_see(people) -> str:
    rows = [
        f"<td>{escape(p.label)}</td><td>{escape(p.name)}</td>"
        f"<td>{escape('; '.join((*p.to_see, *(['late'] if p.late else []))))}</td>"
        for p in people
        if p.to_see or p.late
    ]
    return "<h2>To look at</h2>" + table(["student", "name", "what"], rows)


def _alike(alike: Sequence[Alike]) -> str:
    cells = [(one.what, one.where, ", ".join(one.who)) for one in alike]
    rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in cells]
    lead = "<p>Equal answers have many causes; this is no verdict.</p>" if rows else ""
    return "<h2>The same answers</h2>" + lead + table(["what", "where", "who"], rows)


def table(names, rows) -> str:
    """A table of cells that are HTML already; "None." without rows."""
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
    return page(f"Keys of {who}", table(["exercise", "", "key", "mistakes"], rows))


def keys_text(student: Student, questions: list[Question]) -> str:
    """All keys of one student, as lines of text."""
    lines = []
    for question in questions:
        sample = sample_of(question, student)
        key = question.kind.show(question.key(sample))
        lines.append(f"{question.id}  {key:<28} {question.title}")
    return "\n".join(lines)


def words(text: str) -> str:
    """Text for a page, with its marks: `hlmteach.exercises.marked`."""
    parts = ((tag, escape(part)) for tag, part in pieces(text))
    return "".join(f"<{tag}>{part}</{tag}>" if tag else part for tag, part in parts)


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
