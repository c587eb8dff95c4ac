"""A class of 200 with two real lessons, a third of them hostile, in one run: `make class`."""

import csv
import io
import json
import os
import zipfile
from collections import Counter

import pytest

from hlmteach.course.handout import shipped_lessons
from hlmteach.course.rostered import filled_in
from hlmteach.exercises.desk import lesson_questions
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import Student, personal_code
from hlmteach.grading.limits import Limits
from hlmteach.grading.roster import read_roster
from hlmteach.grading.run import Options, grade
from tests.grading.books import book
from tests.grading.test_hostile import CELLS, FILES, aimed, graders, isolation

pytestmark = pytest.mark.whole_class

SIZE, SECRET = 200, "a sentence of the teacher's own"
ASKED = {lesson: lesson_questions(lesson) for lesson in ("07", "08")}
QUESTIONS = [question for asked in ASKED.values() for question in asked]
JUDGED = [question for question in QUESTIONS if not isinstance(question.kind, OwnWords)]
LATE, ABSENT = 7, 11  # every 7th is late; the 11th, 22nd, ... of the honest hand in nothing
LIMITS = Limits(cell=60, total=600, memory=1200, output=5, file=3, disk=50)
BROKEN = [f"{name}.ipynb" for name in ("broken", "deep", "empty", "forger", "junk", "large")]
LIES = {"reads", "shares", "tries", "plants", "output", "one-output", "memory", "fork", "many"}
LIES |= {"hard-exit"}


def answer(question, student, right):
    """The key of the student's own data, or what the first named mistake leads to."""
    if question not in JUDGED:
        return f"In the words of {student.code}, since it is asked."
    sample = sample_of(question, student)
    return question.key(sample) if right else question.mistakes[0].value(sample)


def is_right(number, question):
    """A student gets judged exercise k wrong where bit k of their number is set."""
    return not number >> JUDGED.index(question) & 1 if question in JUDGED else True


def answers(number, student, lesson):
    return {q.id: answer(q, student, is_right(number, q)) for q in ASKED[lesson]}


def points(number):
    right = (is_right(number, q) for q in JUDGED)
    earned = zip(JUDGED, right, strict=True)
    return sum(q.points * (1 if r else q.mistakes[0].credit) for q, r in earned)


def handed_out(lesson, member):
    path = next(path for path in shipped_lessons() if path.name.startswith(lesson))
    return json.loads(filled_in(path.read_text("utf-8"), member, SECRET))


def by_code(lesson, member, given):
    """The lesson as handed out, with the answers in a last cell."""
    values = handed_out(lesson, member)
    lines = [f"hlm.exercise({name!r}).answer = {value!r}" for name, value in given.items()]
    values["cells"].append({"cell_type": "code", "source": "\n".join(lines), "outputs": []})
    return json.dumps(values)


def on_cards(lesson, member, given):
    """The lesson as it is saved after somebody typed into its cards and deleted all code."""
    values = handed_out(lesson, member)
    mark = Student(member.id, personal_code(member.id, SECRET)).mark
    records = {
        name: Record(
            exercise=name, student=member.id, mark=mark, answer=value, origin="widget", turn=1
        ).as_dict()
        for name, value in given.items()
    }
    values["metadata"]["hlmteach"] = {"answers": records}
    values["cells"] = [c for c in values["cells"] if "exercise(" not in "".join(c["source"])]
    return json.dumps(values)


def honest(number, member):
    """What is handed in to be marked, by file name: cards, code, or both in a zip."""
    student = Student(member.id, personal_code(member.id, SECRET))
    ways = {"07": on_cards, "08": by_code if number % 3 else on_cards}
    books = {
        f"{lesson}.ipynb": way(lesson, member, answers(number, student, lesson))
        for lesson, way in ways.items()
    }
    return books if number % 4 else {"work.zip": zipped(books)}


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def flood():
    """A zip of a project folder with a virtual environment in it, and no notebook of one's own."""
    return zipped({f"project/data/{number}.txt": "" for number in range(60_000)})


def kind_of(number):
    """How the student of a number is hostile, if they are."""
    kinds = [*sorted(LIES), *BROKEN, "zip", "bomb"]
    return kinds[number // 3 % len(kinds)] if number % 3 == 2 else ""


def hostile(kind, member, folder):
    """What is handed in to harm, by file name. None of it has a right answer."""
    if kind == "zip":
        return {"work.zip": flood()}
    if kind == "bomb":
        return {"08.ipynb": b"\0" * 30_000_000}
    if kind in FILES:
        return {"08.ipynb": FILES[kind].encode("utf-8", "replace")}
    start = f"import hlmteach as hlm\nhlm.student({member.id!r}, secret='x')"
    aims = {"port": 9, "outside": folder, "secrets": folder / "out"}
    return {"08.ipynb": book(start, *(aimed(cell, **aims) for cell in CELLS[kind][0]))}


@pytest.fixture(scope="module")
def the_class(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "t").mkdir()
    rows = [f'"Name{n}, Some",{1000 + n},s{n:03d},A' for n in range(SIZE)]
    header = ["Student,ID,SIS Login ID,Section", '"    Points Possible",,,']
    (folder / "class.csv").write_text("\n".join([*header, *rows]) + "\n")
    roster = read_roster(folder / "class.csv")
    truth = write_submissions(folder / "all.zip", roster.members)
    secrets = folder / "out" / "secret.txt"
    secrets.parent.mkdir()
    secrets.write_text(SECRET)
    running = graders()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(folder / "t"))
        patch.setenv("HLMTEACH_SECRET", SECRET)
        options = Options(
            out=folder / "out" / "grades.csv",
            exercises=tuple(question.id for question in QUESTIONS),
            roster=roster,
            secret=SECRET,
            jobs=2,
            limits=LIMITS,
        )
        summary = grade(folder / "all.zip", options)
    left = graders() - running
    return {"truth": truth, "folder": folder, "summary": summary, "left": left, "roster": roster}


def write_submissions(path, members):
    """Write the class's zip as Canvas names it; return the points that each must get."""
    truth = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            late = "LATE_" if number % LATE == 0 else ""
            files, truth[member.id] = {}, 0
            if number % 3 == 2:
                files = hostile(kind_of(number), member, path.parent)
            elif number % ABSENT:
                files, truth[member.id] = honest(number, member), points(number)
            for name, content in files.items():
                label = f"name{number}_{late}{member.user}_{9000 + number}_{name}"
                archive.writestr(label, content)
    return truth


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_all_are_present_once_in_every_output(the_class):
    ids = [member.id for member in the_class["roster"].members]
    out = the_class["folder"] / "out"
    graded = Counter(row["student"] for row in rows(out / "grades.csv"))
    assert all(graded[name] == len(QUESTIONS) for name in ids)
    book = [row["SIS Login ID"] for row in rows(out / "gradebook.csv")[1:]]
    assert book == ids


def test_marks_are_the_truth(the_class):
    got = {person.id: person.points for person in the_class["summary"].people if person.member}
    assert got == the_class["truth"]


def test_only_those_who_handed_in_nothing_are_blank(the_class):
    book = rows(the_class["folder"] / "out" / "gradebook.csv")[1:]
    blank = [row["SIS Login ID"] for row in book if not row["hlmteach"]]
    honest = [n for n in range(SIZE) if n % 3 != 2]
    assert blank == [f"s{n:03d}" for n in honest if n % ABSENT == 0]


def test_nobody_who_is_honest_is_to_be_looked_at(the_class):
    notes = {p.id: p.to_see for p in the_class["summary"].people if p.files}
    honest = [f"s{n:03d}" for n in range(SIZE) if n % 3 != 2 and n % ABSENT]
    assert {name: notes[name] for name in honest if notes[name]} == {}


def test_those_who_looked_for_secrets_found_none(the_class):
    looked = [f"s{n:03d}" for n in range(SIZE) if kind_of(n) in ("reads", "shares", "tries")]
    notes = {p.id: p.notes for p in the_class["summary"].people if p.id in looked}
    assert len(notes) == len(looked)
    if isolation().mounts:
        assert {who: said for who, said in notes.items() if "cell" in "; ".join(said)} == {}
    assert not list(the_class["folder"].glob("evil*"))


def test_the_secret_is_nowhere(the_class):
    out = the_class["folder"] / "out"
    for path in out.rglob("*"):
        if path.is_file() and path.name != "secret.txt":
            assert SECRET.encode() not in path.read_bytes(), path


def test_no_page_names_another(the_class):
    ids = [member.id for member in the_class["roster"].members]
    for name in ids:
        page = the_class["folder"] / "out" / "feedback" / f"{name}.html"
        if page.exists():
            text = page.read_text()
            assert not [other for other in ids if other != name and other in text], page


def test_nothing_is_left_behind(the_class):
    assert the_class["left"] == set()
    assert list((the_class["folder"] / "t").iterdir()) == []
    if isolation().mounts:
        assert not [name for name in os.listdir("/dev/shm") if name.startswith("evil")]


def test_everybody_s_page_can_go_back(the_class):
    names = zipfile.ZipFile(the_class["folder"] / "out" / "feedback-canvas.zip").namelist()
    handed = [p for p in the_class["summary"].people if p.files and p.member]
    assert len(set(names)) == len(handed)
