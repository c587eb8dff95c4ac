import csv
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach.errors import HLMError
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.record import MIME, Record
from hlmteach.exercises.students import PRACTICE, Student, identify, personal_code
from hlmteach.grading import pages, tables
from hlmteach.grading.collect import Collected, sum_up
from hlmteach.grading.find import Submission, submission_of
from hlmteach.grading.names import owner_of
from hlmteach.grading.notebook import read_notebook
from hlmteach.grading.roster import Member, member_of, read_roster
from hlmteach.grading.score import exercises_of, gather, quote, score

QUESTIONS = [find_question("08-1"), find_question("08-2")]


def key(who, name="08-2", code=""):
    question = find_question(name)
    return question.key(sample_of(question, Student(who, code)))


def handed_in(label, who, k=3, aic=None, problem="", code=""):
    mark = Student(who, code).mark
    answers = {"08-1": k, "08-2": key(who, code=code) if aic is None else aic}
    records = {name: Record(name, who, mark, answer, "code") for name, answer in answers.items()}
    one = Submission(label, owner_of(tuple(label.split("/"))), problem=problem)
    return one, Collected(records, ("08-1", "08-2"))


def graded(*files, members=(), secret=""):
    people = gather(list(files), list(members))
    return {person.label: score(person, QUESTIONS, secret) for person in people}


def verdicts(person):
    return [line.verdict for line in person.lines]


def test_right_is_right_on_one_s_own_data():
    people = graded(handed_in("anna.ipynb", "anna"), handed_in("bo.ipynb", "bo", k=2))
    assert people["anna"].points == 2
    assert verdicts(people["bo"]) == ["mistake", "right"]
    assert people["bo"].lines[0].mistake == "one variance forgotten"


def test_another_s_answers_are_wrong_on_one_s_own_data():
    members = [Member("anna", user="1"), Member("bo", user="2")]
    people = graded(
        handed_in("leeanna_1_5_x.ipynb", "anna"),
        handed_in("bobo_2_6_x.ipynb", "anna"),
        members=members,
    )
    assert people["anna"].points == 2
    assert verdicts(people["bo"]) == ["right", "wrong"]
    assert people["bo"].notes == ("another id: anna",)
    assert people["bo"].lines[1].note == "answered with other data"


def test_an_id_used_twice_is_noted_and_nothing_is_lost():
    people = gather([handed_in("a.ipynb", "anna"), handed_in("b.ipynb", "anna")], [])
    assert len(people) == 2
    assert all("id used more than once" in person.notes for person in people)


def test_the_practice_data_are_told():
    question = find_question("08-2")
    answer = question.key(sample_of(question, PRACTICE))
    person = graded(handed_in("anna.ipynb", "anna", aic=answer))["anna"]
    assert person.lines[1].mistake == "practice data"


def test_without_an_id_practice_data_count_and_are_noted():
    (person,) = graded(handed_in("x.ipynb", "")).values()
    assert person.points == 2
    assert person.notes == ("no id",)


def test_a_secret_means_other_data():
    code = personal_code("anna", "spring")
    with_code = graded(handed_in("anna.ipynb", "anna", code=code), secret="spring")["anna"]
    assert with_code.points == 2
    without = graded(handed_in("anna.ipynb", "anna"), secret="spring")["anna"]
    assert without.points == 1
    assert without.lines[1].note == "answered with other data"
    assert without.to_see == ("answered with other data",)
    assert with_code.to_see == ()


def test_the_latest_answer_of_several_files_counts():
    person = graded(
        handed_in("leeanna_1_5_x.ipynb", "anna", k=2),
        handed_in("leeanna_1_9_y.ipynb", "anna", k=3),
    )["anna"]
    assert person.points == 2
    assert len(person.files) == 2


def test_a_superseded_file_does_not_count():
    one, _ = handed_in("leeanna_1_5_x.ipynb", "anna", k=2)
    new = handed_in("leeanna_1_9_x-1.ipynb", "anna", k=3)
    person = graded((replace(one, problem="superseded"), Collected()), new)["anna"]
    assert person.points == 2
    assert person.notes == ("superseded",)
    assert person.to_see == ()


def test_members_who_handed_in_nothing_have_their_lines():
    people = graded(handed_in("anna.ipynb", "anna"), members=[Member("anna"), Member("cy")])
    assert people["cy"].notes == ("no submission",)
    assert verdicts(people["cy"]) == ["blank", "blank"]


@pytest.mark.parametrize(
    "answer",
    ["nan", "inf", "1e400", True, [], [3], {"a": 3}, "x" * 300, "=1+1", {"loglik": None}, 10**300],
)
def test_any_plain_answer_has_a_verdict(answer):
    person = graded(handed_in("anna.ipynb", "anna", k=answer))["anna"]
    assert person.lines[0].points == 0
    assert person.lines[0].verdict in ("malformed", "wrong", "blank")
    assert len(person.lines[0].answer) <= 120


def test_the_assignment_is_what_most_notebooks_mention():
    found = [handed_in(f"{i}.ipynb", f"s{i}") for i in range(3)]
    found.append((found[0][0], Collected(ids=("08-1", "14-4", "99-9"))))
    assert [q.id for q in exercises_of(found, [])] == ["08-1", "08-2"]
    assert [q.id for q in exercises_of(found, ["7-1"])] == ["07-1"]


def test_quotes_are_short():
    assert quote({"loglik": -3.5, "formula": "y ~ 1"}) == "y ~ 1: logLik -3.5"
    assert quote(["a", "c"]) == "a, c"
    assert len(quote("x y " * 200)) == 120


# -- tables ------------------------------------------------------------------------------------


def read(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_grades_have_a_row_for_each_exercise(tmp_path):
    people = graded(handed_in("anna.ipynb", "anna"), handed_in("bo.ipynb", "bo", k="=HYPERLINK(1)"))
    tables.write_grades(tmp_path / "grades.csv", list(people.values()))
    rows = read(tmp_path / "grades.csv")
    assert [(row["student"], row["exercise"], row["points"]) for row in rows] == [
        ("anna", "08-1", "1"),
        ("anna", "08-2", "1"),
        ("bo", "08-1", "0"),
        ("bo", "08-2", "1"),
    ]
    assert rows[2]["answer"] == "'=HYPERLINK(1)"
    assert rows[0]["key"] == "3"


def test_formulas_are_harmless_and_numbers_stay():
    assert [tables.harmless(text) for text in ("-3.5", "+x", "@a", "3", -3)] == [
        "-3.5",
        "'+x",
        "'@a",
        "3",
        -3,
    ]


def test_canvas_s_gradebook_has_its_columns(tmp_path):
    row = {"Student": "Lee, Anna", "ID": "1", "SIS Login ID": "anna", "Section": "S1"}
    members = [Member("anna", "Lee, Anna", "1", tuple(row.items()))]
    people = graded(handed_in("leeanna_1_5_x.ipynb", "anna"), members=members)
    tables.write_gradebook(tmp_path / "g.csv", list(people.values()), "Lesson 08", "canvas")
    first, second = read(tmp_path / "g.csv")
    assert first["Student"].strip() == "Points Possible"
    assert first["Lesson 08"] == "2"
    assert second == row | {"SIS User ID": "", "Lesson 08": "2"}


def test_moodle_s_gradebook_has_its_columns(tmp_path):
    people = graded(handed_in("Anna Lee_77_assignsubmission_file_/x.ipynb", "anna", k=2))
    people = list(people.values())
    assert tables.gradebook_style(people) == "moodle"
    tables.write_gradebook(tmp_path / "g.csv", people, "Lesson 08", "moodle")
    (row,) = read(tmp_path / "g.csv")
    wanted = {"Identifier": "Participant 77", "Full name": "Anna Lee", "Grade": "1"}
    assert wanted.items() <= row.items()
    assert "08-1: One short" in row["Feedback comments"]


def test_the_class_list_decides_on_the_gradebook(tmp_path):
    files = [handed_in("Anna Lee_77_assignsubmission_file_/x.ipynb", "anna")]
    canvas = Member("anna", "Lee, Anna", "77", (("SIS Login ID", "anna"),))
    moodle = Member("anna", "Lee, Anna", "77", (("Identifier", "Participant 77"),))
    own = Member("anna", "Lee, Anna", "77", (("login", "anna"),))
    styles = [tables.gradebook_style(gather(files, [one])) for one in (canvas, moodle, own)]
    assert styles == ["canvas", "moodle", "moodle"]


# -- the class list ------------------------------------------------------------------------------


def test_canvas_s_export_is_a_class_list(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Old (1)\n"
        '"    Points Possible",,,,,10\n'
        '"Lee, Anna",0123,u1,Anna,S1,9\n'
        '"Student, Test",9,,x,S1,\n'
    )
    (anna,) = read_roster(path)
    assert (anna.id, anna.name, anna.user) == ("anna", "Lee, Anna", "123")
    assert member_of(owner_of(("leeanna_123_5_x.ipynb",)), [anna]) is anna


def test_moodle_s_worksheet_is_a_class_list(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("Identifier,Full name,Email address\nParticipant 77,Anna Lee,a@x.org\n")
    (anna,) = read_roster(path)
    assert (anna.id, anna.name, anna.user) == ("a@x.org", "Anna Lee", "77")


def test_a_list_of_one_s_own_and_a_chosen_column(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("name,matric\nAnna,11\nBo,\n")
    with pytest.raises(HLMError, match="--id-column"):
        read_roster(path)
    assert [member.id for member in read_roster(path, "matric")] == ["11"]
    with pytest.raises(HLMError, match="no column 'x'"):
        read_roster(path, "x")
    with pytest.raises(HLMError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


# -- pages -----------------------------------------------------------------------------------------


def test_feedback_names_the_mistake_and_escapes_everything(tmp_path):
    files = handed_in("anna.ipynb", "anna", k="<script>alert(1)</script>")
    person = graded(files)["anna"]
    text = pages.write_feedback(tmp_path, person, "", solutions=True).read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "Worked answer" in text
    assert f"{key('anna'):.2f}" in text
    assert (
        f"{key('anna'):.2f}"
        not in pages.write_feedback(
            tmp_path, graded(handed_in("anna.ipynb", "anna", aic=1.0))["anna"], "", solutions=False
        ).read_text()
    )


@pytest.mark.parametrize("who", ["../../etc/passwd", "a/b", ".", "x" * 99, "ünï", "con"])
def test_a_page_s_name_is_safe_and_its_own(tmp_path, who):
    person = graded(handed_in("x.ipynb", who)).popitem()[1]
    path = pages.write_feedback(tmp_path, person, "", solutions=False)
    assert path.parent == tmp_path
    assert path.exists()
    other = graded(handed_in("y.ipynb", who + "!")).popitem()[1]
    assert pages.feedback_name(other) != path.name


def test_the_class_page_counts_mistakes(tmp_path):
    people = graded(
        *(handed_in(f"{w}.ipynb", w, k=k) for w, k in zip("abcd", (2, 2, 1, 3), strict=True))
    )
    text = pages.write_class(tmp_path / "class.html", list(people.values()), QUESTIONS).read_text()
    assert text.index("one variance forgotten") < text.index("coefficients only")
    assert '<td class="n">2</td><td>08-1</td><td>one variance forgotten</td>' in text
    assert "4 handed in, 0 did not. Mean 1.25 of 2." in text


def test_the_keys_of_a_student(tmp_path):
    student = identify("anna")
    assert f"{key('anna'):.2f}" in pages.keys_text(student, QUESTIONS)
    page = pages.keys_page(student, QUESTIONS)
    assert f"<b>{key('anna'):.2f}</b>" in page
    assert "BIC for AIC" in page


# -- anything at all -------------------------------------------------------------------------------

ODD = ("anna", "ß" * 100, "x" * 500, "\ud800", "=1+1", "a\nb", "1e400", "\x00", "../x")
words = st.text(st.characters(codec=None), max_size=9) | st.sampled_from(ODD)
leaves = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | words
anything = st.recursive(
    leaves, lambda c: st.lists(c, max_size=3) | st.dictionaries(words, c, max_size=3), max_leaves=6
)
CHEAP = ["01-1", "03-3", "04-4", "08-1", "08-5"]  # of every kind but fits, which cost a second
fields = ("student", "mark", "answer", "origin", "attempts", "hints", "solved", "status", "turn")
forged = st.fixed_dictionaries(
    {"exercise": st.sampled_from(CHEAP)}, optional=dict.fromkeys(fields, anything)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(words, forged | anything), min_size=1, max_size=2), anything)
def test_whatever_a_notebook_holds_is_scored_and_written(tmp_path_factory, files, other):
    folder = tmp_path_factory.mktemp("any")
    found = []
    for name, record in files:
        metadata = {"hlmteach": {"answers": {"a": record, "b": other}}}
        cells = [{"cell_type": "code", "source": other, "outputs": [{"data": {MIME: record}}]}]
        (folder / "x.ipynb").write_text(
            json.dumps({"cells": [*cells, other], "metadata": metadata})
        )
        handed = read_notebook(folder / "x.ipynb")
        lines = [{"saved": [r.as_dict() for r in handed.saved.values()]}, {"ran": record}]
        lines += [{"cell": other, "trouble": other}, {"done": True}]
        report = [json.dumps(line).encode() for line in lines]
        found.append((submission_of((name or "x",)), sum_up(report, "", [])))
    people = gather(found, [Member("anna", user="1")])
    people = [score(person, [find_question(name) for name in CHEAP]) for person in people]
    tables.write_grades(folder / "grades.csv", people)
    tables.write_gradebook(folder / "gradebook.csv", people, "x", "moodle")
    for person in people:
        pages.write_feedback(folder, person, "", solutions=False)
    assert len(read(folder / "grades.csv")) == len(people) * len(CHEAP)
