"""docs/teaching/grading.md, followed on a made-up class: Canvas, and Moodle in German."""

import csv
import json
import re
import shlex
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hlmteach.cli import main, make_parser
from hlmteach.exercises.desk import lesson_questions
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import identify

SECRET = "a sentence of your own"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 8 (4711)\n"
    '"    Points Possible",,,,,100\n'
    '"Lee, Anna",11,u1,anna,S,\n"Bo, Bo",12,u2,bo,S,\n"Cy, Cy",13,u3,cy,S,EX\n'
)
MOODLE = (
    "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
    "Zuletzt geändert (Bewertung);Feedback als Kommentar\n"
    "Teilnehmer/in11;Anna Lee;anna@x.org;;;100,00;-;\n"
    "Teilnehmer/in12;Bo Bo;bo@x.org;;;100,00;-;\n"
    "Teilnehmer/in13;Cy Cy;cy@x.org;;;100,00;-;\n"
)
SYSTEMS = {
    "canvas": (CANVAS, "SIS Login ID", "{short}_{late}{user}_50{user}_08.ipynb"),
    "moodle": (MOODLE, "E-Mail-Adresse", "{name}_{user}_assignsubmission_file_/08.ipynb"),
}
WHO = re.compile(r"hlm\.student\('([^']+)', secret='([^']+)'\)")


def work(path, wrong=()):
    """Answer lesson 08 on its cards, as the student whose id and code stand in the notebook."""
    book = json.loads(path.read_text("utf-8"))
    found = WHO.search("".join("".join(cell["source"]) for cell in book["cells"]))
    student = identify(*found.groups())
    records = {}
    for question in lesson_questions("08"):
        sample = sample_of(question, student)
        value = question.mistakes[0].value(sample) if question.id in wrong else question.key(sample)
        records[question.id] = Record(
            exercise=question.id, student=student.id, mark=student.mark, answer=value
        ).as_dict() | {"origin": "widget"}
    book["metadata"]["hlmteach"] = {"answers": records}
    return json.dumps(book)


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture(params=SYSTEMS)
def followed(request, tmp_path, monkeypatch, capsys, short_tmp):
    """Everything up to the gradebook: class list, codes, handing out, work, grading."""
    text, id_column, named = SYSTEMS[request.param]
    monkeypatch.setenv("HLMTEACH_SECRET", SECRET)
    (tmp_path / "class.csv").write_text(text, encoding="cp1252")
    listed = ["--roster", str(tmp_path / "class.csv"), "--id-column", id_column]
    assert main(["lessons", "copy", *listed, "--lesson", "08", str(tmp_path / "handout")]) == 0
    merge = rows(tmp_path / "handout" / "mail_merge.csv")
    assert len({row["code"] for row in merge}) == 3
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for row, user, late in ((merge[0], 11, ""), (merge[1], 12, "LATE_")):
            (book,) = (tmp_path / "handout" / row["file"]).glob("08_*.ipynb")
            name = row["name"].replace(", ", "")
            label = named.format(short=name.lower(), name=row["name"], user=user, late=late)
            archive.writestr(label, work(book, wrong=("08-3",) if user == 12 else ()))
    words = [
        "grade",
        str(tmp_path / "submissions.zip"),
        *listed,
        "--lesson",
        "08",
        "--run",
        "never",
    ]
    words += ["--title", "Lesson 8", "--late", "10%/day, at most 50%"]
    capsys.readouterr()

    def grade(*more):
        code = main([*words, "--out", str(tmp_path / "week1" / "grades.csv"), *more])
        return code, capsys.readouterr()

    return request.param, tmp_path, grade


def test_from_august_to_the_last_mark(followed):
    system, folder, grade = followed
    code, said = grade()
    assert code == 1  # somebody handed in nothing
    assert f"feedback-{system}.zip is ready to upload" in said.out
    book = rows(folder / "week1" / "gradebook.csv")
    column = {"canvas": "Lesson 8 (4711)", "moodle": "Bewertung"}[system]
    bo = "65" if system == "canvas" else "75"  # Canvas says that he was late, Moodle does not
    marks = [row[column] for row in book]
    assert marks == (["100", "100", bo, "EX"] if system == "canvas" else ["100", bo, ""])
    if system == "moodle":
        assert {row["Bestwertung"] for row in book} == {"100,00"}
        assert {row["Zuletzt geändert (Bewertung)"] for row in book} == {"-"}
        assert "100 von" not in book[0]["Feedback als Kommentar"]
    pages = zipfile.ZipFile(folder / "week1" / f"feedback-{system}.zip")
    assert len(pages.namelist()) == 2


def test_a_decision_stays_and_a_credit_counts(followed):
    system, folder, grade = followed
    grade()
    overrides = folder / "week1" / "overrides.csv"
    who = "bo" if system == "canvas" else "bo@x.org"
    overrides.write_text(overrides.read_text() + f"{who},,,0,Dr Ito,was ill\n")
    (folder / "credit.toml").write_text('["08-3"]\n"not doubled" = 0.5\n')
    for _ in range(2):
        grade("--credit", str(folder / "credit.toml"))
        book = rows(folder / "week1" / "gradebook.csv")
        column = {"canvas": "Lesson 8 (4711)", "moodle": "Bewertung"}[system]
        assert book[-2][column] == {"canvas": "87.5", "moodle": "87,5"}[system]


def test_who_handed_in_nothing_and_each_exercise_on_request(followed):
    system, folder, grade = followed
    _, said = grade("--missing", "zero", "--per-exercise", "--out-of", "20")
    column = {"canvas": "Lesson 8 (4711)", "moodle": "Bewertung"}[system]
    book = rows(folder / "week1" / "gradebook.csv")
    assert book[-1][column] == "0"
    if system == "canvas":
        assert [row["Lesson 8 08-6"] for row in book[1:]] == ["2", "2", "0"]
    assert "1 of 3 students" not in said.out


def test_two_lessons_are_one_assignment_and_zips_hand_out(followed, capsys):
    system, folder, _ = followed
    listed = ["--roster", str(folder / "class.csv"), "--id-column", SYSTEMS[system][1]]
    target = folder / "zips"
    assert main(["lessons", "copy", *listed, "--lesson", "07,08", "--zip", str(target)]) == 0
    (first, *_) = sorted(target.glob("*.zip"))
    names = zipfile.ZipFile(first).namelist()
    assert [Path(name).name[:2] for name in names] == ["07", "08"]
    capsys.readouterr()
    assert main(["grade", "--codes", *listed]) == 0
    codes = dict(line.split(",") for line in capsys.readouterr().out.split())
    merge = {row["id"]: row["code"] for row in rows(folder / "handout" / "mail_merge.csv")}
    assert codes == merge


def test_the_exercises_become_a_quiz(followed):
    system, folder, _ = followed
    words = ["assign", "--to", system, "--lesson", "08", "--variants", "2", str(folder / "quiz")]
    assert main(words) == 0
    if system == "moodle":
        questions = ElementTree.parse(folder / "quiz" / "moodle-questions.xml").findall("question")
        assert len(questions) == 1 + 2 + 2 + 1 + 1  # a category, two drawn twice, a choice, words
    else:
        files = zipfile.ZipFile(folder / "quiz" / "canvas-quiz.zip").namelist()
        assert {"quiz/quiz.xml", "imsmanifest.xml", "data/08-3-quiz-1.csv"} <= set(files)


def test_the_wrong_column_stops_before_a_mark_is_written(followed):
    system, folder, grade = followed
    other = {"canvas": "SIS User ID", "moodle": "Vollständiger Name"}[system]
    code, said = grade("--id-column", other)
    assert code == 2
    assert "notebooks with answers" in said.err
    assert not (folder / "week1" / "gradebook.csv").exists()


def test_the_weeks_stand_side_by_side(followed):
    _, folder, grade = followed
    grade()
    assert main(["weeks", str(folder / "week1"), "--out", str(folder / "weeks.html")]) == 0
    assert [row["Lesson 8"] for row in rows(folder / "weeks.csv")] == ["100", "75", ""]


# -- the guide itself ------------------------------------------------------------------------------

GUIDE = (Path(__file__).parents[2] / "docs" / "teaching" / "grading.md").read_text("utf-8")
COMMAND = re.compile(r"(?<=console\n)hlmteach .*|(?<=`)hlmteach [^`]+(?=`)", re.MULTILINE)
NO_COMMAND = {"hlmteach id"}  # a column of a class list


def options_of(verb):
    verbs = make_parser()._subparsers._group_actions[0]
    return {name for action in verbs.choices[verb]._actions for name in action.option_strings}


def test_every_command_of_the_guide_can_be_typed():
    commands = sorted(set(COMMAND.findall(GUIDE)) - NO_COMMAND)
    assert len(commands) >= 10
    for command in commands:
        make_parser().parse_args(shlex.split(command.replace(" ... ", " x.zip "))[1:])


def test_every_option_of_grading_is_in_the_guide():
    hidden = {"-h", "--help"}
    assert [o for o in sorted(options_of("grade") - hidden) if f"{o}" not in GUIDE] == []
