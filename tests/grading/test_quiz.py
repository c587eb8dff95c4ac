import base64
import io
import zipfile
from xml.etree import ElementTree

import moodle_xml_parser.parser
import pandas as pd
import pytest
import qti2latex

from hlmteach.cli import main
from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.students import Student
from hlmteach.grading.quiz import quiz_items
from hlmteach.grading.quiz_canvas import canvas_zip
from hlmteach.grading.quiz_moodle import moodle_xml

NAMES = ["03-1", "05-1", "08-1", "08-2", "08-5", "14-1"]
# What Moodle's import of a choice takes as the share of an option, in percent.
MOODLE_SHARES = {100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20}
MOODLE_SHARES |= {16.66667, 14.28571, 12.5, 11.11111, 10, 5, 0}


@pytest.fixture(scope="module")
def items():
    return [item for name in NAMES for item in quiz_items(find_question(name), 2)]


@pytest.fixture(scope="module")
def moodle(items):
    return ElementTree.fromstring(moodle_xml(items, "hlmteach"))


@pytest.fixture(scope="module")
def canvas(items, tmp_path_factory):
    path = tmp_path_factory.mktemp("c") / "quiz.zip"
    path.write_bytes(canvas_zip(items, "hlmteach"))
    folder = qti2latex.extract_zip_to_tmp(path)
    (quiz,) = qti2latex.read_qti_dir(folder)
    return qti2latex.findall_anyns(ElementTree.parse(quiz).getroot(), "item")


def test_variants_have_data_of_their_own_and_equal_ones_are_kept_once(items):
    names = [item.name for item in items]
    assert sum(name.startswith("08-2") for name in names) == 2
    assert sum(name.startswith("03-1") for name in names) == 1
    assert len(set(names)) == len(names)


def test_moodle_s_numbers_are_the_keys_with_their_tolerances(moodle):
    question = find_question("08-2")
    found = [q for q in moodle.iter("question") if q.findtext("name/text", "").startswith("08-2")]
    for number, xml in enumerate(found, 1):
        sample = sample_of(question, Student(f"quiz-{number}"))
        assert xml.get("type") == "numerical"
        answers = {a.findtext("text"): a for a in xml.iter("answer")}
        (right,) = (a for a in answers.values() if a.get("fraction") == "100")
        assert float(right.findtext("text")) == pytest.approx(question.key(sample), rel=1e-11)
        assert float(right.findtext("tolerance")) == question.kind.within(question.key(sample))
        for mistake in question.mistakes:
            wrong = answers[f"{mistake.value(sample):.12g}"]
            assert wrong.get("fraction") == "0"
            assert wrong.findtext("feedback/text")
        assert answers["*"].get("fraction") == "0"


def test_the_data_travel_with_the_question_and_are_the_student_s(moodle):
    (first, _) = [q for q in moodle.iter("question") if q.findtext("name/text", "")[:4] == "08-2"]
    file = first.find("questiontext/file")
    assert f"@@PLUGINFILE@@/{file.get('name')}" in first.findtext("questiontext/text")
    data = pd.read_csv(io.BytesIO(base64.b64decode(file.text)))
    own = sample_of(find_question("08-2"), Student("quiz-1")).frame
    assert data["Satisfaction"].to_numpy() == pytest.approx(own["Satisfaction"].to_numpy())


def test_another_project_s_parser_reads_moodle_s_choices(items):
    read = moodle_xml_parser.parser.parse_bytes(moodle_xml(items, "hlmteach"))
    choices = [item for item in items if item.kind in ("choice", "choices")]
    read = read["multichoice"]
    assert [one.name for one in read] == [item.name for item in choices]
    for one, item in zip(read, choices, strict=True):
        assert one.single == (item.kind == "choice")
        assert [option.answer for option in one.options] != []
        assert len(one.options) == len(item.answers)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_exercise_can_stand_in_a_quiz_or_says_why_not(name):
    question = find_question(name)
    made = quiz_items(question, 1)
    if question.kind.name == "state":
        assert made == []
        return
    (item,) = made
    shares = [answer.share for answer in item.answers]
    right = [share for share in shares if share > 0 and (share == 1 or item.kind == "choices")]
    assert sum(right) == pytest.approx(1) or item.kind in ("text", "essay")
    if item.kind == "choices":
        assert {round(abs(100 * share), 5) for share in shares} <= MOODLE_SHARES


def test_another_project_s_parser_reads_canvas_s_quiz(items, canvas):
    assert len(canvas) == len(items)
    kinds = {
        "number": "numerical_question",
        "text": "short_answer_question",
        "choice": "multiple_choice_question",
        "choices": "multiple_answers_question",
    }
    for xml, item in zip(canvas, items, strict=True):
        meta = qti2latex.get_qti_metadata(xml)
        assert qti2latex.guess_type(meta, xml) == kinds[item.kind]
        assert qti2latex.get_item_stem(xml).startswith(item.text)
        options = len(item.answers) if item.kind in ("choice", "choices") else 0
        assert len(qti2latex.get_choices(xml)) == options


def test_canvas_finds_no_wrong_number_in_any_condition(items, canvas):
    for xml, item in zip(canvas, items, strict=True):
        if item.kind == "number":
            right = next(float(answer.text) for answer in item.answers if answer.share == 1)
            named = [float(e.text) for e in qti2latex.findall_anyns(xml, "varequal")]
            assert named == [right]
            (low,) = (float(e.text) for e in qti2latex.findall_anyns(xml, "vargte"))
            (high,) = (float(e.text) for e in qti2latex.findall_anyns(xml, "varlte"))
            assert low < right < high


def test_each_feedback_that_is_shown_exists(canvas):
    for xml in canvas:
        shown = {e.get("linkrefid") for e in qti2latex.findall_anyns(xml, "displayfeedback")}
        assert shown == {e.get("ident") for e in qti2latex.findall_anyns(xml, "itemfeedback")}


def test_the_command_writes_both_and_the_same_twice(tmp_path, capsys):
    for target, name in (("moodle", "moodle-questions.xml"), ("canvas", "canvas-quiz.zip")):
        for folder in ("a", "b"):
            words = ["assign", "--to", target, "--lesson", "03", "--variants", "2"]
            assert main([*words, str(tmp_path / folder)]) == 0
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert "left out: 03-3, which asks for a widget's state" in capsys.readouterr().out
    manifest = zipfile.ZipFile(tmp_path / "a" / "canvas-quiz.zip").read("imsmanifest.xml").decode()
    for name in zipfile.ZipFile(tmp_path / "a" / "canvas-quiz.zip").namelist():
        assert name == "imsmanifest.xml" or f'href="{name}"' in manifest


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--variants", "0", "--lesson", "8"], "--variants 0"), (["--exercises", "03-3"], "state")],
)
def test_a_quiz_that_cannot_be_is_said(tmp_path, capsys, words, said):
    assert main(["assign", "--to", "moodle", *words, str(tmp_path / "q")]) == 2
    assert said in capsys.readouterr().err
