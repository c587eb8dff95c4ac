"""Answers -> points. Pure: refits known data, compares plain values, runs no student code."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hlmteach.errors import HLMError
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.judge import check_student
from hlmteach.exercises.own_words import visible
from hlmteach.exercises.question import Question
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import Student, personal_code, readable_id
from hlmteach.grading.collect import Collected
from hlmteach.grading.find import Submission
from hlmteach.grading.names import Owner
from hlmteach.grading.roster import Member, is_same_number, member_of

LONGEST_QUOTE = 120  # characters of an answer that tables show
UNREADABLE = 40  # characters of one that is none: it may be something that a program found
NO_SUBMISSION, OTHER_DATA, SUPERSEDED = "no submission", "answered with other data", "superseded"
NOT_SHOWN = "({} characters that are no answer)"
NOT_LISTED, SHARED_ID = "not on the class list", "id used more than once"


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
    """One who handed in, or should have: files, notes, and a line for each exercise.

    `id` names them in every table; `scored_as` is the id whose data their answers are held to.
    """

    id: str
    name: str = ""
    user: str = ""
    system: str = ""
    upload: int = 0
    late: bool = False
    files: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    member: Member | None = None
    scored_as: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    mentions: frozenset[str] = frozenset()

    @property
    def points(self) -> float:
        """The total."""
        return sum(line.points for line in self.lines)

    @property
    def most(self) -> float:
        """The largest possible total."""
        return sum(line.most for line in self.lines)

    def student(self, secret: str) -> Student:
        """Whose data their answers are held to; with a code, where a secret is given."""
        code = personal_code(self.scored_as, secret) if secret and self.scored_as else ""
        return Student(self.scored_as, code)

    @property
    def to_see(self) -> tuple[str, ...]:
        """What a teacher should look at; that somebody handed in anew is no such thing."""
        return tuple(note for note in self.notes if note != SUPERSEDED)

    @property
    def label(self) -> str:
        """What to call them."""
        return self.id or self.name or (self.files[0] if self.files else "unknown")


def gather(files: list[tuple[Submission, Collected]], members: Sequence[Member]) -> list[Person]:
    """Put the files of each person together; the latest answer to an exercise counts.

    A member of the class is whom a file's name says; in a plain folder, whom the notebook says.
    Each member comes out exactly once, whatever was handed in. What belongs to no member, or to one
    who has a file already, is a person of its own, without the member's id.

    Parameters
    ----------
    files : list of (Submission, Collected)
    members : sequence of Member
        The class list, or none.

    Returns
    -------
    list of Person
        By id; members without a file are among them.
    """
    groups: dict[str, list] = {}
    for submission, collected in files:
        groups.setdefault(_whose(submission, members), []).append((submission, collected))
    people = [_person(group, members) for group in groups.values()]
    people = _one_for_each_member(people, members) if members else people
    return sorted(_mark_shared(people), key=lambda person: (person.label, person.files))


def _whose(submission: Submission, members: Sequence[Member]) -> str:
    """The owner by the file's name; in a plain folder every other file stands for itself."""
    member = _member(submission, members)
    if member:
        return f"member:{member.id}"
    return submission.owner.key or f"file:{submission.label}"


def _member(submission: Submission, members: Sequence[Member]) -> Member | None:
    """A folder that bears a member's id is theirs, whatever the files in it are called."""
    folder, slash, _ = submission.label.partition("/")
    named = member_of(Owner(name=folder), members) if slash else None
    return named or member_of(submission.owner, members)


def _person(files, members: Sequence[Member]) -> Person:
    files = sorted(files, key=lambda pair: (pair[0].owner.order, pair[0].label))
    owner = files[-1][0].owner
    counted = [(one, collected) for one, collected in files if one.problem != SUPERSEDED]
    records: dict[str, Record] = {}
    for _, collected in counted:
        records |= {k: r for k, r in collected.records.items() if r.answer is not None}
    member = _member(files[-1][0], members)
    declared = _declared(collected for _, collected in counted)
    notes = [_note(one, collected) for one, collected in files]
    if member and declared and declared != member.id:
        notes.append(f"another id: {declared}{_zeros(declared, [member])}")
    elif not declared and records:
        notes.append("no id")
    own = member.id if member else declared
    return Person(
        id=own,
        name=member.name if member and member.name else owner.name,
        user=owner.user,
        system=owner.system,
        upload=owner.upload,
        late=any(one.owner.late for one, _ in counted),
        files=tuple(one.label for one, _ in files),
        digests=tuple(one.digest for one, _ in counted if one.digest),
        notes=tuple(note for note in notes if note),
        member=member,
        scored_as=own,
        records=records,
        mentions=frozenset(name for _, collected in counted for name in collected.ids),
    )


def _declared(all_collected) -> str:
    """The id that most answers were given under."""
    ids = [r.student for c in all_collected for r in c.records.values() if r.student]
    return readable_id(Counter(ids).most_common(1)[0][0]) if ids else ""


def _note(submission: Submission, collected: Collected) -> str:
    problem = submission.problem or collected.problem
    several = list(dict.fromkeys([problem, *collected.troubles]))
    return "; ".join(word for word in several if word)[:300]


def _one_for_each_member(people: list[Person], members: Sequence[Member]) -> list[Person]:
    """Give each member one person: by a file's name, by the id in a notebook, or none."""
    by_id = {member.id: member for member in members}
    taken = {person.member.id for person in people if person.member}
    placed = []
    for person in sorted(people, key=lambda person: person.files):
        if person.member is None and not person.system and by_id.keys() - taken >= {person.id}:
            member = by_id[person.id]
            person = replace(person, member=member, name=member.name or person.name)
            taken.add(member.id)
        elif person.member is None:
            person = _stranger(person, by_id)
        placed.append(person)
    absent = [member for member in members if member.id not in taken]
    return placed + [_absent(member) for member in absent]


def _stranger(person: Person, by_id: Mapping[str, Member]) -> Person:
    if person.id in by_id:
        words = f"{NOT_LISTED}, with the id of {person.id}"
        return replace(person, id="", notes=(*person.notes, words))
    words = NOT_LISTED + _zeros(person.id, by_id.values())
    return replace(person, notes=(*person.notes, words))


def _zeros(id: str, members: Iterable[Member]) -> str:
    """What to say where an id differs from a member's in zeros in front alone."""
    same = next((member.id for member in members if is_same_number(id, member.id)), "")
    lost = ": a spreadsheet drops them, export the list anew" if len(same) < len(id) else ""
    return f" (zeros in front count; the class list has {same}{lost})" if same else ""


def _absent(member: Member) -> Person:
    return Person(
        id=member.id,
        name=member.name,
        user=member.user,
        notes=(NO_SUBMISSION,),
        member=member,
        scored_as=member.id,
    )


def _mark_shared(people: list[Person]) -> list[Person]:
    """Note where several files were handed in under one id."""
    count = Counter(person.scored_as for person in people if person.scored_as and person.files)
    return [
        replace(person, notes=(*person.notes, SHARED_ID))
        if person.files and count[person.scored_as] > 1
        else person
        for person in people
    ]


def exercises_of(files, asked: list[str], bank=None) -> list[Question]:
    """The exercises of the assignment: those asked for, or those most notebooks mention."""
    if asked:
        return [find_question(name, bank) for name in asked]
    lists = [set(collected.ids) for _, collected in files if collected.ids]
    count = Counter(name for ids in lists for name in ids)
    known = []
    for name in sorted(name for name, times in count.items() if 2 * times >= len(lists)):
        try:
            known.append(find_question(name, bank))
        except HLMError:
            continue  # a notebook may mention what does not exist
    return known


def score(person: Person, questions: list[Question], secret: str = "") -> Person:
    """Give a person a line for each exercise.

    The key comes from the data that this person should have had. Answers on other data are wrong
    by themselves.
    """
    student = person.student(secret)
    lines = [_line(question, person.records.get(question.id), student) for question in questions]
    other = any(line.note for line in lines) and not any(map(_says_whose, person.notes))
    notes = (*person.notes, *((OTHER_DATA,) if other else ()), *_nothing_of_it(person, questions))
    return replace(person, lines=tuple(lines), notes=notes)


def _says_whose(note: str) -> bool:
    return note.startswith(("no id", "another id", SHARED_ID, NOT_LISTED))


def _nothing_of_it(person: Person, questions: list[Question]) -> tuple[str, ...]:
    """A note where a file that could be read has no answer to this assignment."""
    asked = {question.id for question in questions}
    if not person.digests or asked & person.records.keys():
        return ()
    lessons = {question.lesson for question in questions}
    given = person.records.keys() | person.mentions
    others = sorted(name for name in given if name.partition("-")[0] not in lessons)
    if others and not asked & person.mentions:
        return (f"another lesson: it has {', '.join(others[:5])}",)
    return ("no answer in it",)


def _line(question: Question, record: Record | None, student: Student) -> Line:
    if record is None:
        return Line(
            exercise=question.id,
            points=0.0,
            most=question.points,
            verdict="blank",
            feedback="No answer was handed in.",
        )
    feedback = check_student(question, student, record.answer)
    quoted = quote(record.answer)
    hidden = feedback.status == "malformed" and len(quoted) > UNREADABLE
    return Line(
        exercise=question.id,
        points=feedback.points,
        most=question.points,
        verdict=feedback.status,
        answer=NOT_SHOWN.format(len(quoted)) if hidden else quoted,
        key=question.kind.show(question.key(sample_of(question, student))),
        mistake=feedback.mistake,
        feedback="This cannot be read as an answer." if hidden else feedback.text,
        attempts=record.attempts,
        note="" if record.mark == student.mark else OTHER_DATA,
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
    line = " ".join(visible(text).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + "..."
