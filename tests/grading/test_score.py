import csv
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.record import MIME
from hlmteach.exercises.students import PRACTICE, identify, personal_code
from hlmteach.grading import pages, tables
from hlmteach.grading.alike import find_alike
from hlmteach.grading.collect import Collected, sum_up
from hlmteach.grading.find import submission_of
from hlmteach.grading.gradebook import Gradebook, write_gradebook
from hlmteach.grading.notebook import read_notebook
from hlmteach.grading.roster import Member, Roster
from hlmteach.grading.score import exercises_of, gather, quote, score
from hlmteach.grading.words_page import write_words
from tests.grading.people import QUESTIONS, entries, graded, handed_in, key


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
    tables.write_grades(tmp_path / "grades.csv", entries(people.values()))
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
    assert tables.harmless("a; =1+1; b") == "a; '=1+1; b"
    assert tables.harmless("＝1+1") == "'＝1+1"
    assert [tables.harmless(text) for text in ("-3.5", "+x", "@a", "3", -3)] == [
        "-3.5",
        "'+x",
        "'@a",
        "3",
        -3,
    ]


# -- pages -----------------------------------------------------------------------------------------


def test_feedback_names_the_mistake_and_escapes_everything(tmp_path):
    files = handed_in("anna.ipynb", "anna", k="<script>alert(1)</script>")
    (anna,) = entries(graded(files).values())
    text = pages.write_feedback(tmp_path, anna, QUESTIONS, "", solutions=True).read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "Worked answer" in text
    assert f"{key('anna'):.2f}" in text
    (wrong,) = entries(graded(handed_in("anna.ipynb", "anna", aic=1.0)).values())
    page = pages.write_feedback(tmp_path, wrong, QUESTIONS, "", solutions=False).read_text()
    assert f"{key('anna'):.2f}" not in page


@pytest.mark.parametrize("who", ["../../etc/passwd", "a/b", ".", "x" * 99, "ünï", "con"])
def test_a_page_s_name_is_safe_and_its_own(tmp_path, who):
    (entry,) = entries(graded(handed_in("x.ipynb", who)).values())
    path = pages.write_feedback(tmp_path, entry, QUESTIONS, "", solutions=False)
    assert path.parent == tmp_path
    assert path.exists()
    other = graded(handed_in("y.ipynb", who + "!")).popitem()[1]
    assert pages.feedback_name(other) != path.name


def test_the_class_page_counts_mistakes(tmp_path):
    people = graded(
        *(handed_in(f"{w}.ipynb", w, k=k) for w, k in zip("abcd", (2, 2, 1, 3), strict=True))
    )
    text = pages.write_class(
        tmp_path / "class.html", entries(people.values()), QUESTIONS
    ).read_text()
    assert text.index("one variance forgotten") < text.index("coefficients only")
    assert '<td class="n">2</td><td>08-1</td><td>one variance forgotten</td>' in text
    assert "4 handed in, 0 did not. Mean 1.25 of 2." in text


def test_the_keys_of_a_student(tmp_path):
    student = identify("anna")
    assert f"{key('anna'):.2f}" in pages.keys_text(student, QUESTIONS)
    page = pages.keys_page(student, QUESTIONS)
    assert f"<b>{key('anna'):.2f}</b>" in page
    assert "BIC for AIC" in page


def test_an_answer_beyond_all_floats_is_no_match_and_no_end(tmp_path):
    files = [handed_in(f"{who}.ipynb", who, aic=10**400) for who in "ab"]
    assert find_alike(list(graded(*files).values())) == []


def test_what_a_name_or_an_error_steers_is_taken_out():
    name = "a\x1b]0;x\x07\u202eb\nc.ipynb"
    assert submission_of((name,)).label == "a]0;xb c.ipynb"
    line = {"cell": 1, "trouble": "error: \x1b[2J\nok"}
    (trouble,) = sum_up([json.dumps(line).encode(), b'{"done": true}'], "", []).troubles
    assert trouble == "cell 1: error: [2J ok"


# -- anything at all -------------------------------------------------------------------------------

ODD = ("anna", "ß" * 100, "x" * 500, "\ud800", "=1+1", "a\nb", "1e400", "\x00", "../x")
words = st.text(st.characters(codec=None), max_size=9) | st.sampled_from(ODD)
leaves = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | words
anything = st.recursive(
    leaves, lambda c: st.lists(c, max_size=3) | st.dictionaries(words, c, max_size=3), max_leaves=6
)
CHEAP = ["01-1", "01-6", "03-3", "04-4", "08-1", "08-5"]  # of every kind but fits: a second
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
    cheap = [find_question(name) for name in CHEAP]
    people = [score(person, cheap) for person in people]
    tables.write_grades(folder / "grades.csv", entries(people))
    write_gradebook(folder / "g.csv", entries(people), Roster(), Gradebook("moodle", "x", 5.0))
    for entry in entries(people):
        pages.write_feedback(folder, entry, cheap, "", solutions=False)
    pages.write_class(folder / "class.html", entries(people), cheap, find_alike(people))
    write_words(folder / "words.html", people, cheap)
    assert len(read(folder / "grades.csv")) == len(people) * len(CHEAP)
