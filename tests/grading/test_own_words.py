"""Own words from the box to the teacher's page: collected, escaped, counted, and never judged."""

import csv
import json
from xml.etree import ElementTree

import pytest
import qti2latex

from hlmteach.cli import main
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.record import MIME, Record
from hlmteach.exercises.students import Student
from hlmteach.grading.alike import find_alike
from hlmteach.grading.assign import write_assignment
from hlmteach.grading.collect import Collected, sum_up
from hlmteach.grading.find import Submission
from hlmteach.grading.gradebook import Gradebook, write_gradebook
from hlmteach.grading.gradescope import results_of
from hlmteach.grading.marks import Override, Policy, adjust, mark_of
from hlmteach.grading.names import owner_of
from hlmteach.grading.pages import write_class, write_feedback
from hlmteach.grading.quiz import quiz_items
from hlmteach.grading.quiz_canvas import canvas_zip
from hlmteach.grading.quiz_moodle import moodle_xml
from hlmteach.grading.roster import Roster
from hlmteach.grading.score import gather, score
from hlmteach.grading.tables import Entry, write_grades
from hlmteach.grading.words_page import write_words
from tests.exercises.test_own_words import BANK, SAID
from tests.grading.books import WHO, book

HOSTILE = "<script>alert(1)</script>&amp;\n\x1b[2J`code` \u202eevil\x00 and more of it"


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(BANK, encoding="utf-8")
    return path


@pytest.fixture
def questions(bank):
    return [find_question(name, bank) for name in ("own-1", "own-2")]


def record(who, answer, ticks="", **more):
    return Record("own-1", who, Student(who).mark, answer, "widget", ticks=ticks, **more)


def graded(questions, **answers):
    found = []
    for who, (answer, ticks) in answers.items():
        label = f"{who}.ipynb"
        one = Submission(label, owner_of((label,)), digest=who)
        found.append((one, Collected({"own-1": record(who, answer, ticks)}, ("own-1",))))
    return {person.id: score(person, questions) for person in gather(found, [])}


def entries(people, policy=Policy()):  # noqa: B008
    return [Entry(person, mark_of(person, policy)) for person in people.values()]


def test_written_is_a_verdict_of_its_own(questions):
    people = graded(questions, anna=(SAID, "ac"), bo=("  ", ""), cy=(3, ""))
    lines = {who: person.lines[0] for who, person in people.items()}
    assert [line.verdict for line in lines.values()] == ["written", "blank", "malformed"]
    said = lines["anna"]
    assert (said.points, said.most, said.key, said.mistake) == (0, 0, "", "")
    assert people["anna"].most == 1, "the number alone counts"


def test_totals_take_no_note_of_it(questions, tmp_path):
    people = graded(questions[:1], anna=(SAID, ""))
    assert [entry.mark.shown for entry in entries(people, Policy(out_of=100))] == [""]
    both = graded(questions, anna=(SAID, ""))
    book = Gradebook(style="canvas", title="L", out_of=1, per_exercise=True)
    write_gradebook(tmp_path / "g.csv", entries(both), Roster(), book)
    assert "own-1" not in (tmp_path / "g.csv").read_text()
    assert "L own-2" in (tmp_path / "g.csv").read_text()
    write_class(tmp_path / "class.html", entries(both), questions)
    row = (tmp_path / "class.html").read_text().split('<a href="words.html#own-1">own-1</a>')[1]
    assert row.split("</tr>")[0].count("%") == 0
    tests = results_of(both["anna"], {q.id: q.title for q in questions})["tests"]
    assert tests[0] | {"output": ""} == {
        "name": "own-1 What the slope says", "score": 0, "max_score": 0, "status": "passed",
        "output": "", "visibility": "visible",
    }  # fmt: skip


def test_the_teacher_s_page_has_every_sentence_and_counts_the_ticks(questions, tmp_path):
    people = graded(
        questions, anna=(SAID, "ac"), bo=(HOSTILE, "azé"), cy=("  ", "a"), di=("x" * 10**6, "a")
    )
    path = tmp_path / "words.html"
    write_words(path, list(people.values()), questions)
    page = path.read_text(encoding="utf-8")
    assert "2 wrote something" in page
    assert page.count('<td class="n">2</td>') == 1
    assert page.count('<td class="n">1</td>') == 1
    assert page.count('<td class="n">0</td>') == 1
    assert f'<td>anna</td><td class="said">{SAID}</td><td>✓</td><td></td><td>✓</td>' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;\n[2J`code` evil and more" in page
    assert not {"\x1b", "\x00", "\u202e"} & set(page)
    assert "<script>" not in page
    assert "xxxx" not in page
    assert "own-2" not in page
    write_words(path, list(people.values()), questions[1:])
    assert not path.exists()


def test_a_student_s_page_shows_text_model_answer_and_ticks(questions, tmp_path):
    for entry in entries(graded(questions, anna=(SAID, "b"), bo=(HOSTILE, ""))):
        page = write_feedback(tmp_path, entry, questions, "", False).read_text(encoding="utf-8")
        assert "Model answer: With one point more of NPD" in page
        assert ("☑ how much per point" in page) == (entry.person.id == "anna")
        assert (SAID in page) == (entry.person.id == "anna")
        assert "<script>" not in page
        assert "\x1b" not in page


def test_points_that_a_teacher_gives_are_told(questions, tmp_path):
    given = Override(student="anna", exercise="own-1", points=2, why="well said")
    policy = Policy(overrides=(given,))
    person = adjust(graded(questions, anna=(SAID, ""))["anna"], policy)
    entry = Entry(person, mark_of(person, policy))
    page = write_feedback(tmp_path, entry, questions, "", False).read_text(encoding="utf-8")
    assert "2 points. points set by your teacher: well said" in page
    assert entry.mark.value == 2


def test_the_table_has_it_short(questions, tmp_path):
    write_grades(tmp_path / "g.csv", entries(graded(questions, anna=("=1+" + HOSTILE * 20, ""))))
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8-sig") as file:
        row = next(csv.DictReader(file))
    assert (row["verdict"], row["max"]) == ("written", "0")
    assert len(row["answer"]) <= 121
    assert row["answer"].startswith("'=1+<script>")
    assert not {"\x1b", "\x00", "\u202e", "\n"} & set(row["answer"])


def test_equal_sentences_are_listed(questions):
    people = graded(questions, anna=(SAID, ""), bo=(SAID.upper() + " ", "a"), cy=("Mine.", ""))
    (found,) = find_alike(list(people.values()))
    assert (found.what, found.where, found.who) == ("the same sentence", "own-1", ("anna", "bo"))


def test_ticks_of_the_file_stay_with_an_answer_from_code():
    saved, ran = record("anna", SAID, "ac", turn=4), record("anna", SAID)
    for one in (saved, ran):
        object.__setattr__(one, "origin", "code")
    lines = [json.dumps({"saved": [saved.as_dict()]}), json.dumps({"ran": ran.as_dict()})]
    assert sum_up([line.encode() for line in lines], "", []).records["own-1"].ticks == "ac"


def test_it_is_an_essay_of_moodle(questions):
    items = [item for question in questions for item in quiz_items(question, 2)]
    assert [item.kind for item in items] == ["essay", "number", "number"]
    (essay,) = ElementTree.fromstring(moodle_xml(items, "own")).findall("question[@type='essay']")
    assert essay.findtext("name/text") == "own-1 What the slope says, variant 1"
    assert essay.findtext("defaultgrade") == "0"
    assert "<li>how much per point</li>" in essay.findtext("graderinfo/text")
    assert essay.find("answer") is None


def test_it_is_an_essay_of_canvas(questions, tmp_path):
    path = tmp_path / "quiz.zip"
    path.write_bytes(canvas_zip(quiz_items(questions[0], 2), "own"))
    (quiz,) = qti2latex.read_qti_dir(qti2latex.extract_zip_to_tmp(path))
    (item,) = qti2latex.findall_anyns(ElementTree.parse(quiz).getroot(), "item")
    assert qti2latex.guess_type(qti2latex.get_qti_metadata(item), item) == "essay_question"
    shown = {e.get("linkrefid") for e in qti2latex.findall_anyns(item, "displayfeedback")}
    assert shown == {e.get("ident") for e in qti2latex.findall_anyns(item, "itemfeedback")}
    assert not qti2latex.findall_anyns(item, "setvar")


def test_another_grader_s_test_passes_what_is_written(bank, questions, tmp_path):
    write_assignment("otter", tmp_path / "o", questions, "", 1)
    test = (tmp_path / "o" / "tests" / "qown_1.py").read_text()
    assert "feedback.is_done" in test


@pytest.mark.slow
def test_own_words_go_from_the_notebook_to_the_page(bank, tmp_path, short_tmp):
    handed = tmp_path / "in"
    handed.mkdir()
    code = f'hlm.exercise("own-1", bank="own.toml").answer = {SAID!r}'
    (handed / "anna.ipynb").write_text(book(WHO.format("anna"), code))
    typed = {"hlmteach": {"answers": {"own-1": record("bo", HOSTILE, "a").as_dict()}}}
    (handed / "bo.ipynb").write_text(book(WHO.format("bo"), metadata=typed))
    huge = record("cy", "y" * 10**6, "abc" * 10**5).as_dict()
    cells = json.loads(book(WHO.format("cy")))
    cells["cells"][0]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {MIME: huge}}
    ]
    (handed / "cy.ipynb").write_text(json.dumps(cells))
    out = tmp_path / "out" / "grades.csv"
    assert main(["grade", str(handed), "--out", str(out), "--bank", str(bank)]) in (0, 1)
    page = out.with_name("words.html").read_text(encoding="utf-8")
    assert "2 wrote something" in page
    assert SAID in page
    assert "&lt;script&gt;" in page
    assert "yyy" not in page
    with out.open(newline="", encoding="utf-8-sig") as file:
        rows = {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}
    assert [rows[who, "own-1"]["verdict"] for who in ("anna", "bo")] == ["written", "written"]
