import unicodedata

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach.errors import HLMError
from hlmteach.grading.gradebook import find_grade_column, listed_maximum
from hlmteach.grading.names import owner_of
from hlmteach.grading.roster import Member, member_of, read_roster

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 8 (10)\n"
    '"    Points Possible",,,,,10\n'
    '"Lee, Anna",0123,,Anna,S1,9\n'
    '"Student, Test",9,,x,S1,\n'
)
MOODLE = {
    "English": (
        "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Comments",
        "Participant ",
    ),
    "German": (
        "ID,Vollständiger Name,ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,Feedback",
        "Teilnehmer/in",
    ),
    "French": (
        "Identifiant,Nom,Numéro,Adresse de courriel,Statut,Note,Note maximale,Feedback",
        "Participant ",
    ),
    "Spanish": (
        "Identificador,Nombre completo,Número de ID,Dirección de correo,Estado,Calificación,"
        "Calificación máxima,Comentarios",
        "Participante",
    ),
    "Japanese": (
        "識別子,フルネーム,IDナンバー,メールアドレス,ステータス,評点,最大評点,コメント",
        "参加者",
    ),
}
SAVED = {"BOM": "utf-8-sig", "UTF-16": "utf-16", "plain": "utf-8"}
PARTICIPANTS = {
    "English": "First name,Last name,ID number,Email address",
    "German": "Vorname,Nachname,ID-Nummer,E-Mail-Adresse",
    "French": "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel",
    "Spanish": "Nombre,Apellido(s),Número de ID,Dirección de correo",
    "Japanese": "名,姓,IDナンバー,メールアドレス",
}


@pytest.fixture
def save(tmp_path):
    def save(content, name="class.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return save


def test_canvas_s_export_is_a_class_list(save):
    roster = read_roster(save(CANVAS))
    (anna,) = roster.members
    assert (anna.id, anna.name, anna.user) == ("anna", "Lee, Anna", "123")
    assert (roster.kind, roster.id_column) == ("canvas", "SIS Login ID")
    assert dict(roster.most)["Lesson 8 (10)"] == "10"
    assert member_of(owner_of(("leeanna_123_5_x.ipynb",)), [anna]) is anna


def test_two_columns_that_could_be_ids_are_asked_about(save):
    path = save(CANVAS.replace("0123,,", "0123,u1,"))
    with pytest.raises(HLMError, match=r"could be SIS Login ID or SIS User ID.*SIS User ID \(u1\)"):
        read_roster(path)
    assert [member.id for member in read_roster(path, "sis user id").members] == ["u1"]


@pytest.mark.parametrize("language", MOODLE)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("saved", SAVED)
def test_moodle_s_worksheet_in_any_language(save, language, separator, saved):
    header, participant = MOODLE[language]
    lines = [header.split(",")]
    lines += [
        [f"{participant}{n}", f"Name {n}", f"m{n}", f"{n}@x.org", "", "", "10.00", ""]
        for n in (900100, 7)
    ]
    path = save("\r\n".join(map(separator.join, lines)), encoding=SAVED[saved])
    roster = read_roster(path, lines[0][2])
    assert roster.kind == "moodle"
    assert [(m.id, m.name, m.user, m.email) for m in roster.members] == [
        ("m900100", "Name 900100", "900100", "900100@x.org"),
        ("m7", "Name 7", "7", "7@x.org"),
    ]
    assert find_grade_column(roster) == lines[0][5]
    assert listed_maximum(roster, "x") == 10


@pytest.mark.parametrize("language", PARTICIPANTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_moodle_s_list_of_participants_and_both_forms_of_unicode(save, language, form):
    header = PARTICIPANTS[language]
    text = unicodedata.normalize(form, f"{header}\nJosé,Müller,Ángel1,x@y.org\n")
    (member,) = read_roster(save(text), unicodedata.normalize("NFC", header.split(",")[2])).members
    assert member.id == "ángel1"
    assert unicodedata.normalize("NFC", member.name) == "José Müller"
    assert member.email == "x@y.org"


@pytest.mark.parametrize("separator", [",", ";"])
def test_canvas_s_export_with_all_that_it_may_have(save, separator):
    """A mark at its start, semicolons, commas in numbers, "Manual Posting", last names apart."""
    lines = [
        ["Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Root Account"],
        ["    Points Possible", *[""] * 6],
        [""] * 7,
        ['"Lee, Anna"', "Lee", "Anna", "11", "", "anna", "x.org"],
        ['"Student, Test"', "Student", "Test", "12", "", "f00", "x.org"],
    ]
    maximum = {",": "12.5", ";": "12,5"}[separator]
    for line, last in zip(lines, ("L8 (4)", maximum, "Manual Posting", "", ""), strict=True):
        line.append(last)
    path = save("\r\n".join(map(separator.join, lines)), encoding="utf-8-sig")
    roster = read_roster(path)
    assert [(m.id, m.name, m.user) for m in roster.members] == [("anna", "Lee, Anna", "11")]
    assert listed_maximum(roster, "L8") == 12.5


def test_an_e_mail_address_is_never_taken_for_an_id_unasked(save):
    path = save("Identifier,Full name,Email address\nParticipant 77,Anna Lee,a@x.org\n")
    with pytest.raises(HLMError, match=r"Name it with --id-column.*Email address \(a@x.org\)"):
        read_roster(path)
    (anna,) = read_roster(path, "Email address").members
    assert (anna.id, anna.name, anna.user) == ("a@x.org", "Anna Lee", "77")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_every_encoding_that_excel_saves(save, encoding):
    path = save("name;login\r\nJosé Müller;jm1\r\nÅsa;å2\r\n", encoding=encoding)
    assert [(m.name, m.id) for m in read_roster(path).members] == [
        ("José Müller", "jm1"),
        ("Åsa", "å2"),
    ]


def test_an_excel_file_and_its_whole_numbers(tmp_path):
    book = openpyxl.Workbook()
    for row in (("Name", "Username"), ("Anna", 4711.0), ("Bo", "b"), (None, None)):
        book.active.append(row)
    book.save(tmp_path / "class.xlsx")
    assert [m.id for m in read_roster(tmp_path / "class.xlsx").members] == ["4711", "b"]


def test_a_list_of_one_s_own_and_a_chosen_column(save, tmp_path):
    path = save("name,matric\nAnna,11\nBo,\n")
    with pytest.raises(HLMError, match="--id-column"):
        read_roster(path)
    assert [member.id for member in read_roster(path, "matric").members] == ["11"]
    with pytest.raises(HLMError, match="no column 'x'"):
        read_roster(path, "x")
    with pytest.raises(HLMError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
    own = read_roster(save("login,hlmteach id\nal,anna\nbb,bo\n"))
    assert [member.id for member in own.members] == ["anna", "bo"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\3\4 no book", "no .xlsx"),
        (b"\x89PNG\0\0", "cannot be read"),
        (b"\xd0\xcf\x11\xe0 old", "an old Excel file"),
        ("login,名\nanna,山田".encode("cp932"), "Save it as .xlsx"),
        (b"login,name\nanna,A\nAnna ,B\n", r"'anna' twice \(A, B\); upper case makes no"),
        (
            b"Student,ID,SIS Login ID\nA,7,anna\nA,7,ann\n",
            "number 7 in the LMS twice, with the ids 'anna' and 'ann'",
        ),
    ],
)
def test_what_is_no_class_list_is_said(save, content, said):
    with pytest.raises(HLMError, match=said):
        read_roster(save(content))


def test_one_student_in_two_rows_is_taken_once_and_told(save):
    roster = read_roster(save("login,name,section\nanna,A,S1\nbo,B,S1\nAnna,A,S2\n"))
    assert [(m.id, m.get("section")) for m in roster.members] == [("anna", "S1"), ("bo", "S1")]
    (doubt,) = roster.doubts
    assert "'anna' in two rows" in doubt


def test_ids_that_may_have_lost_zeros_are_told(save):
    assert read_roster(save("login\n0071\n1234\n1235\n")).doubts == ()
    assert read_roster(save("login\n71\n1234\n12345\n")).doubts == ()
    (doubt,) = read_roster(save("login\n71\n1234\n1235\n")).doubts
    assert "'71'" in doubt
    assert "'1234'" in doubt
    assert "export the list anew" in doubt


def test_a_number_s_format_keeps_its_zeros(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(("Username",))
    book.active.append((71,))
    book.active["A2"].number_format = "0000"
    book.save(tmp_path / "class.xlsx")
    assert [m.id for m in read_roster(tmp_path / "class.xlsx").members] == ["0071"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_text_is_a_roster_or_one_sentence(tmp_path_factory, rows, separator, encoding):
    path = tmp_path_factory.mktemp("r") / "class.csv"
    text = "\n".join(separator.join(row) for row in rows)
    path.write_bytes(text.encode(encoding, "replace"))
    said = None
    try:
        ids = [member.id for member in read_roster(path).members]
    except HLMError as error:
        said, ids = str(error), []
    assert said is None or len(said) > 20
    assert len(set(ids)) == len(ids)


def test_an_empty_name_belongs_to_nobody():
    assert member_of(owner_of((".ipynb",)), [Member("")]) is None
