import csv
import json
import re
import zipfile

import pytest

from hlmteach.errors import HLMError
from hlmteach.exercises.record import Record
from hlmteach.exercises.students import Student, personal_code
from hlmteach.grading import pages
from hlmteach.grading.agree import check_agreement
from hlmteach.grading.alike import find_alike
from hlmteach.grading.collect import Collected
from hlmteach.grading.find import Submission
from hlmteach.grading.giveback import write_zips
from hlmteach.grading.gradebook import (
    Gradebook,
    find_grade_column,
    gradebook_style,
    listed_maximum,
    write_gradebook,
)
from hlmteach.grading.marks import Policy, mark_of
from hlmteach.grading.names import owner_of
from hlmteach.grading.roster import Member, Roster, read_roster
from hlmteach.grading.score import gather, score
from hlmteach.grading.tables import Entry, keep_hand_edits, remember_written
from tests.grading.people import QUESTIONS, entries, graded, handed_in

GERMAN = (
    "ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,"
    "Bewertung kann geändert werden,Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    'Teilnehmer/in77,Anna Lee,anna,a@x.org,Abgegeben,,"100,00",Ja,-,\n'
    'Teilnehmer/in78,Bo Bo,bo,b@x.org,Entschuldigt,"66,00","100,00",Ja,-,krank\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 8 (4711)\n"
    '"    Points Possible",,,,,20\n'
    '"Lee, Anna",77,,anna,S1,\n"Bo, Bo",78,,bo,S1,EX\n'
)


def read(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def marked(roster, *files, **policy):
    """Entries for a class, out of what its list says."""
    policy = Policy(out_of=listed_maximum(roster, "Lesson 8"), **policy)
    people = graded(*files, members=roster.members).values()
    return [Entry(person, mark_of(person, policy)) for person in people]


def roster_of(tmp_path, text, id_column=None):
    (tmp_path / "class.csv").write_text(text, encoding="utf-8")
    return read_roster(tmp_path / "class.csv", id_column)


def write(tmp_path, roster, entries, **more):
    style = gradebook_style([entry.person for entry in entries], roster)
    out_of = listed_maximum(roster, "Lesson 8")
    book = Gradebook(style, "Lesson 8", out_of, **more)
    said = write_gradebook(tmp_path / "g.csv", entries, roster, book)
    return read(tmp_path / "g.csv"), said


def test_moodle_s_worksheet_comes_back_as_it_was_with_grades_in_it(tmp_path):
    roster = roster_of(tmp_path, GERMAN, "ID-Nummer")
    files = [handed_in("Anna Lee_77_assignsubmission_file_/x.ipynb", "anna", k=2)]
    rows, said = write(tmp_path, roster, marked(roster, *files))
    before = read(tmp_path / "class.csv")
    comment = rows[0].pop("Feedback als Kommentar")
    assert "08-1: One short" in comment
    assert before[0].pop("Feedback als Kommentar") == ""
    assert rows[0] == before[0] | {"Bewertung": "50"}
    assert rows[1] == before[1]  # an excuse, an earlier grade and a word stay
    assert "'Bewertung', out of 100" in said


def test_a_worksheet_without_comments_keeps_its_times(tmp_path):
    lines = [line.rpartition(",")[0] for line in GERMAN.splitlines()]
    lines[1] = lines[1].rpartition(",")[0] + ",3. November 2026"
    roster = roster_of(tmp_path, "\n".join(lines), "ID-Nummer")
    files = [handed_in("Anna Lee_77_assignsubmission_file_/x.ipynb", "anna", k=2)]
    rows, said = write(tmp_path, roster, marked(roster, *files))
    assert [row["Bewertung"] for row in rows] == ["50", "66,00"]
    times = [row["Zuletzt geändert (Bewertung)"] for row in rows]
    assert times == ["3. November 2026", "-"]
    assert "no words" in said


def test_the_grade_column_is_known_by_its_place_in_other_languages():
    columns = ("識別子", "名", "評点", "最大評点", "コメント")
    rows = [("参加者 7", "A", "", "10.00", ""), ("参加者 8", "B", "", "10.00", "")]
    members = [Member(r[1], r[1], row=tuple(zip(columns, r, strict=True))) for r in rows]
    roster = Roster(tuple(members), columns, "名", "moodle")
    assert find_grade_column(roster) == "評点"
    assert listed_maximum(roster, "x") == 10
    odd = Roster(tuple(members), columns[:3], "名", "moodle")
    with pytest.raises(HLMError, match="--grade-column"):
        find_grade_column(odd)
    assert find_grade_column(odd, "評点") == "評点"


def test_canvas_s_own_column_its_maximum_and_what_stood_there(tmp_path):
    roster = roster_of(tmp_path, CANVAS)
    rows, said = write(tmp_path, roster, marked(roster, handed_in("leeanna_77_5_x.ipynb", "anna")))
    assert [row["Lesson 8 (4711)"] for row in rows] == ["20", "20", "EX"]
    assert [row["Student"].strip() for row in rows] == ["Points Possible", "Lee, Anna", "Bo, Bo"]
    assert "Lesson 8 (4711)" in said


def test_columns_per_exercise(tmp_path):
    roster = roster_of(tmp_path, CANVAS)
    files = [handed_in("leeanna_77_5_x.ipynb", "anna", k=2)]
    rows, _ = write(tmp_path, roster, marked(roster, *files), per_exercise=True)
    assert [row["Lesson 8 08-1"] for row in rows] == ["1", "0", ""]
    assert [row["Lesson 8 08-2"] for row in rows] == ["1", "1", ""]


def test_without_a_class_list_files_decide_on_the_gradebook(tmp_path):
    made = entries(graded(handed_in("Anna Lee_77_assignsubmission_file_/x.ipynb", "a")).values())
    (row,), said = write(tmp_path, Roster(), made)
    wanted = {"Identifier": "Participant 77", "Full name": "Anna Lee", "Grade": "2"}
    assert wanted.items() <= row.items()
    assert "--roster" in said


# -- each member exactly once ----------------------------------------------------------------------

FILES = {
    "named": ["anna.ipynb"],
    "twice": ["anna.ipynb", "anna/08.ipynb"],
    "by id": ["homework.ipynb"],
    "two by id": ["a1.ipynb", "a2.ipynb"],
    "named and by id": ["anna.ipynb", "other.ipynb"],
    "nobody": [],
}


@pytest.mark.parametrize("case", FILES)
def test_each_member_is_there_once_whatever_was_handed_in(tmp_path, case):
    members = [Member("anna", "Lee, Anna"), Member("bo", "Bo, Bo")]
    files = [handed_in(label, "anna") for label in FILES[case]]
    files += [handed_in("stranger.ipynb", "zoe")]
    people = [score(person, QUESTIONS) for person in gather(files, members)]
    named = [person.id for person in people]
    assert sorted(name for name in named if name in ("anna", "bo")) == ["anna", "bo"]
    anna = next(person for person in people if person.id == "anna")
    assert anna.points == (2 if files[:-1] else 0)
    if case in ("two by id", "named and by id"):
        assert "id used more than once" in anna.to_see
    zoe = next(person for person in people if person.id == "zoe")
    assert "not on the class list" in zoe.to_see
    roster = Roster(tuple(members), ("login",), "login")
    rows, _ = write(tmp_path, roster, [Entry(p, mark_of(p, Policy())) for p in people])
    assert [row["Student"].strip() for row in rows[1:]] == ["Lee, Anna", "Bo, Bo"]


def test_a_file_of_another_lesson_and_an_empty_one_are_to_look_at():
    record = Record("10-1", "anna", Student("anna").mark, 0.5, "code")
    other = Submission("anna.ipynb", owner_of(("anna.ipynb",)), digest="a")
    empty = Submission("bo.ipynb", owner_of(("bo.ipynb",)), digest="b")
    found = [
        (other, Collected({"10-1": record}, ("10-1", "10-2"))),
        (empty, Collected({}, ("08-1", "08-2"))),
    ]
    anna, bo = (score(person, QUESTIONS) for person in gather(found, []))
    assert anna.to_see == ("another lesson: it has 10-1, 10-2",)
    assert bo.to_see == ("no answer in it",)


def test_a_folder_with_a_member_s_id_is_theirs_whatever_is_in_it():
    members = [Member("eve", user="5"), Member("bo", user="6")]
    files = [
        handed_in("eve/Bo_6_assignsubmission_file_x.ipynb", "bo"),
        handed_in("bo/x.ipynb", "bo"),
    ]
    people = {person.id: person for person in gather(files, members)}
    assert people["bo"].files == ("bo/x.ipynb",)
    assert people["eve"].files == ("eve/Bo_6_assignsubmission_file_x.ipynb",)


# -- a class that does not fit the call ------------------------------------------------------------


def agree(files, roster=None, secret=""):
    roster = roster or Roster()
    people = [score(p, QUESTIONS, secret) for p in gather(list(files), roster.members)]
    check_agreement(people, QUESTIONS, roster, secret)


def class_of(code=""):
    whom = ("anna", "bo", "cy")
    return [
        handed_in(f"{who}_{n}_5_x.ipynb", who, code=personal_code(who, code) if code else "")
        for n, who in enumerate(whom, 1)
    ]


def members(ids):
    columns = ("mail", "login")
    rows = zip(ids, ("anna", "bo", "cy"), "123", strict=True)
    made = [Member(i, user=n, row=(("mail", i), ("login", login))) for i, login, n in rows]
    return Roster(tuple(made), columns, "mail")


def test_a_class_that_fits_is_let_pass():
    agree(class_of())
    agree(class_of(), members(("anna", "bo", "cy")))
    agree(class_of("spring"), members(("anna", "bo", "cy")), "spring")
    agree(class_of("spring")[:1])  # one notebook is no class


@pytest.mark.parametrize(
    ("files", "roster", "secret", "said"),
    [
        (class_of(), members(("a@x", "b@x", "c@x")), "", "add --id-column 'login'"),
        (class_of("spring"), None, "", "Set HLMTEACH_SECRET"),
        (class_of("spring"), None, "summer", "codes that this secret does not give"),
        (class_of(), None, "spring", "unset HLMTEACH_SECRET"),
        (
            [handed_in(f"a_{n}_5_x.ipynb", "") for n in (1, 2, 3)],
            members(("anna", "bo", "cy")),
            "",
            "no line hlm.student",
        ),
    ],
)
def test_what_befalls_most_of_a_class_stops_before_the_gradebook(files, roster, secret, said):
    with pytest.raises(HLMError, match=r"of 3 notebooks.*--anyway") as caught:
        agree(files, roster, secret)
    assert said in str(caught.value)


@pytest.mark.parametrize("named", ["x_{}_5_x.ipynb", "notebook {}.ipynb"])
def test_zeros_that_a_spreadsheet_dropped_are_named_with_the_remedy(named):
    files = [handed_in(named.format(n), f"00{n}") for n in "123"]
    roster = Roster(tuple(Member(n, user=n) for n in "123"), ("login",), "login")
    with pytest.raises(HLMError, match=r"zeros in front.*\(001, 002, 003.*Export the list anew"):
        agree(files, roster)
    (one,) = [p for p in gather(files[:1], roster.members) if p.files]
    (note,) = one.notes
    assert note.endswith("the class list has 1: a spreadsheet drops them, export the list anew)")


def test_a_folder_of_strangers_stops_too():
    with pytest.raises(HLMError, match="is it the right class list"):
        agree([handed_in(f"{who}.ipynb", who) for who in ("di", "ed")], members(("x", "y", "z")))


def test_the_wrong_lesson_stops_too():
    files = []
    for who in ("anna", "bo"):
        record = Record("10-1", who, Student(who).mark, 0.5, "code")
        one = Submission(f"{who}.ipynb", owner_of((f"{who}.ipynb",)))
        files.append((one, Collected({"10-1": record}, ("10-1",))))
    with pytest.raises(HLMError, match=r"they have 10-1.*--lesson"):
        agree(files)


def test_one_student_s_slip_does_not_stop_a_class():
    files = [*class_of()[:2], handed_in("cy_3_5_x.ipynb", "cyy")]
    agree(files, members(("anna", "bo", "cy")))


# -- giving back -----------------------------------------------------------------------------------

MOODLE_TAKES = re.compile(r"([^_/]+)_(\d+)_assign(submission|feedback)_file_?/(.+)")


def test_zips_are_named_as_moodle_and_canvas_take_them_back(tmp_path):
    files = [
        handed_in("Ann_a Lee_77_assignsubmission_file_/x.ipynb", "anna"),
        handed_in("bobo_LATE_12_502_08-1.ipynb", "bo"),
        handed_in("cy.ipynb", "cy"),
    ]
    made = [
        (e.person, pages.write_feedback(tmp_path / "f", e, QUESTIONS, "", False))
        for e in entries(graded(*files).values())
    ]
    names = {path.name: zipfile.ZipFile(path).namelist() for path in write_zips(tmp_path, made)}
    (moodle,) = names["feedback-moodle.zip"]
    assert MOODLE_TAKES.fullmatch(moodle).group(1, 2, 4) == ("Ann a Lee", "77", "feedback.html")
    (canvas,) = names["feedback-canvas.zip"]
    assert canvas == "bobo_LATE_12_502_feedback.html"
    again = owner_of((canvas,))
    assert (again.user, again.upload) == ("12", 502)
    before = (tmp_path / "feedback-moodle.zip").read_bytes()
    write_zips(tmp_path, made[:1])
    assert (tmp_path / "feedback-moodle.zip").read_bytes() == before
    assert not (tmp_path / "feedback-canvas.zip").exists()


def test_a_page_names_nobody_else(tmp_path):
    members = [Member("anna", user="1"), Member("bo", user="2")]
    files = [handed_in("leeanna_1_5_x.ipynb", "anna"), handed_in("bobo_2_6_x.ipynb", "anna")]
    people = graded(*files, members=members)
    (bo,) = entries([people["bo"]])
    assert any("anna" in note for note in bo.person.notes)
    text = pages.write_feedback(tmp_path, bo, QUESTIONS, "", solutions=False).read_text()
    assert "anna" not in text
    assert "an id that is not yours" in text


def test_a_long_answer_that_is_none_is_not_quoted_back(tmp_path):
    secret = "the teacher's secret sentence, read from a file"
    (anna,) = entries(graded(handed_in("anna.ipynb", "anna", k=secret)).values())
    assert secret not in anna.person.lines[0].answer + anna.person.lines[0].feedback
    page = pages.write_feedback(tmp_path, anna, QUESTIONS, "", solutions=False)
    assert secret not in page.read_text()


def test_what_is_changed_by_hand_is_kept_aside(tmp_path):
    out = tmp_path / "grades.csv"
    (tmp_path / ".hlmteach-collected").mkdir()
    out.write_text("a")
    remember_written(out, [out.name])
    assert keep_hand_edits(out, [out.name]) == []
    out.write_text("b")
    (word,) = keep_hand_edits(out, [out.name])
    assert "overrides.csv" in word
    assert (tmp_path / "grades-changed-by-hand.csv").read_text() == "b"


# -- the same answers ------------------------------------------------------------------------------


def test_equal_answers_are_listed_and_right_ones_are_not():
    files = [
        handed_in("a.ipynb", "anna", aic=6543.2178),
        handed_in("b.ipynb", "bo", aic=6543.2178),
        handed_in("c.ipynb", "cy", k=3),
        handed_in("d.ipynb", "di", k=3),
    ]
    (found,) = find_alike(list(graded(*files).values()))
    assert (found.where, found.who) == ("08-2", ("anna", "bo"))
    assert "data differ" in found.what


def test_copied_files_and_sentences_are_listed(tmp_path):
    text = "Groups differ, so rows are no independent information."
    found = []
    for who in ("anna", "bo"):
        record = Record("08-1", who, Student(who).mark, text, "widget")
        one = Submission(f"{who}.ipynb", owner_of((f"{who}.ipynb",)), digest="same")
        found.append((one, Collected({"08-1": record}, ("08-1",))))
    people = [score(person, QUESTIONS) for person in gather(found, [])]
    alike = find_alike(people)
    assert [one.what for one in alike] == ["the same file", "the same sentence"]
    page = pages.write_class(tmp_path / "c.html", entries(people), QUESTIONS, alike).read_text()
    assert "no verdict" in page
    assert "anna, bo" in page
    assert json.dumps(text) not in page
