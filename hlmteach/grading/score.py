"""Answers -> points. Pure: refits known data, compares plain values, runs no student code."""

from collections import Counter
from dataclasses import dataclass, field, replace

from hlmteach.errors import HLMError
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.judge import check
from hlmteach.exercises.question import Question
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import PRACTICE, Student, personal_code, readable_id
from hlmteach.grading.collect import Collected
from hlmteach.grading.find import Submission
from hlmteach.grading.roster import Member, member_of

QUOTED = 120  # characters of an answer that tables show
NO_SUBMISSION, OTHER_DATA, SUPERSEDED = "no submission", "answered with other data", "superseded"


@dataclass(frozen=True)
class Line:
    """One student, one exercise."""

    exercise: str
    points: float
    most: float
    verdict: str
    answer: str = ""
    key: str = ""
    mistake: str = ""
    feedback: str = ""
    attempts: int = 0
    note: str = ""


@dataclass(frozen=True)
class Person:
    """One who handed in, or should have: files, notes, and a line for each exercise."""

    id: str
    name: str = ""
    user: str = ""
    system: str = ""
    late: bool = False
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    member: Member | None = None
    records: dict[str, Record] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The total."""
        return sum(line.points for line in self.lines)

    @property
    def most(self) -> float:
        """The largest possible total."""
        return sum(line.most for line in self.lines)

    @property
    def to_see(self) -> tuple[str, ...]:
        """What a teacher should look at; that somebody handed in anew is no such thing."""
        return tuple(note for note in self.notes if note != SUPERSEDED)

    @property
    def label(self) -> str:
        """What to call them."""
        return self.id or self.name or (self.files[0] if self.files else "unknown")


def gather(found: list[tuple[Submission, Collected]], members: list[Member]) -> list[Person]:
    """Put the files of each person together; the latest answer to an exercise counts.

    Parameters
    ----------
    found : list of (Submission, Collected)
    members : list of Member
        The class list, or none.

    Returns
    -------
    list of Person
        By id; members without a file are among them.
    """
    groups: dict[str, list] = {}
    for submission, collected in found:
        groups.setdefault(_whose(submission, collected), []).append((submission, collected))
    people = [_person(files, members) for files in groups.values()]
    seen = {person.member for person in people}
    absent = [m for m in members if m not in seen]
    people += [Person(m.id, m.name, m.user, notes=(NO_SUBMISSION,), member=m) for m in absent]
    return sorted(_mark_shared(people), key=lambda person: (person.label, person.files))


def _whose(submission: Submission, collected: Collected) -> str:
    """The owner by the file's name; in a plain folder every file stands for itself."""
    return submission.owner.key or f"file:{submission.label}"


def _person(files, members: list[Member]) -> Person:
    files = sorted(files, key=lambda pair: (pair[0].owner.order, pair[0].label))
    owner = files[-1][0].owner
    counted = [collected for one, collected in files if one.problem != SUPERSEDED]
    records: dict[str, Record] = {}
    for collected in counted:
        records |= {k: r for k, r in collected.records.items() if r.answer is not None}
    member = member_of(owner, members)
    declared = _declared(collected for collected in counted)
    notes = [_note(one, collected) for one, collected in files]
    if member and declared and declared != member.id:
        notes.append(f"another id: {declared}")
    elif not declared and records:
        notes.append("no id")
    return Person(
        member.id if member else declared,
        member.name if member and member.name else owner.name,
        owner.user,
        owner.system,
        any(one.owner.late for one, _ in files if one.problem != SUPERSEDED),
        tuple(one.label for one, _ in files),
        tuple(note for note in notes if note),
        member=member,
        records=records,
    )


def _declared(all_collected) -> str:
    """The id that most answers were given under."""
    ids = [r.student for c in all_collected for r in c.records.values() if r.student]
    return readable_id(Counter(ids).most_common(1)[0][0]) if ids else ""


def _note(submission: Submission, collected: Collected) -> str:
    problem = submission.problem or collected.problem
    several = list(dict.fromkeys([problem, *collected.troubles]))
    return "; ".join(word for word in several if word)[:300]


def _mark_shared(people: list[Person]) -> list[Person]:
    """Note where several files were handed in under one id."""
    count = Counter(person.id for person in people if person.id)
    return [
        replace(person, notes=(*person.notes, "id used more than once"))
        if count[person.id] > 1
        else person
        for person in people
    ]


def exercises_of(found, asked: list[str]) -> list[Question]:
    """The exercises of the assignment: those asked for, or those most notebooks mention."""
    if asked:
        return [find_question(name) for name in asked]
    lists = [set(collected.ids) for _, collected in found if collected.ids]
    count = Counter(name for ids in lists for name in ids)
    known = []
    for name in sorted(name for name, times in count.items() if 2 * times >= len(lists)):
        try:
            known.append(find_question(name))
        except HLMError:
            continue  # a notebook may mention what does not exist
    return known


def score(person: Person, questions: list[Question], secret: str = "") -> Person:
    """Give a person a line for each exercise.

    The key comes from the data that this person should have had. Answers on other data are wrong
    by themselves.
    """
    code = personal_code(person.id, secret) if secret and person.id else ""
    student = Student(person.id, code)
    lines = [_line(question, person.records.get(question.id), student) for question in questions]
    other = any(line.note for line in lines) and not any(map(_says_whose, person.notes))
    notes = (*person.notes, *((OTHER_DATA,) if other else ()))
    return replace(person, lines=tuple(lines), notes=notes)


def _says_whose(note: str) -> bool:
    return note.startswith(("no id", "another id", "id used"))


def _line(question: Question, record: Record | None, student: Student) -> Line:
    if record is None:
        return Line(question.id, 0.0, question.points, "blank", feedback="No answer was handed in.")
    sample = sample_of(question, student)
    practice = sample_of(question, PRACTICE) if student != PRACTICE else None
    feedback = check(question, sample, record.answer, practice)
    return Line(
        question.id,
        feedback.points,
        question.points,
        feedback.status,
        quote(record.answer),
        question.kind.show(question.key(sample)),
        feedback.mistake,
        feedback.text,
        record.attempts,
        "" if record.mark == student.mark else OTHER_DATA,
    )


def quote(answer) -> str:
    """A plain answer in one short line."""
    if isinstance(answer, dict) and "loglik" in answer:
        text = f"{answer.get('formula', 'model')}: logLik {answer['loglik']}"
    elif isinstance(answer, dict):
        text = ", ".join(f"{name} = {value}" for name, value in answer.items())
    elif isinstance(answer, list):
        text = ", ".join(map(str, answer))
    else:
        text = str(answer)
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 3] + "..."
