import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlmteach.grading.names import owner_of
from hlmteach.grading.roster import Member, member_of

CANVAS = [
    ("leeanna_1234_56789_08_aic.ipynb", ("leeanna", "1234", False, 56789, 0, "08_aic")),
    ("leeanna_LATE_1234_56789_08_aic-3.ipynb", ("leeanna", "1234", True, 56789, 3, "08_aic")),
    ("leeanna_1234_56789_08_aic (2).ipynb", ("leeanna", "1234", False, 56789, 2, "08_aic")),
    ("leeanna_1234_question_77_56789_a_b.ipynb", ("leeanna", "1234", False, 56789, 0, "a_b")),
    ("müllerjosé_0012_56789_x.ipynb", ("müllerjosé", "12", False, 56789, 0, "x")),
]
MOODLE = [
    (("Anna Lee_77_assignsubmission_file_", "08_aic.ipynb"), ("Anna Lee", "77", "08_aic")),
    (("Anna Lee_77_assignsubmission_file", "deep", "x-1.ipynb"), ("Anna Lee", "77", "x")),
    (("Anna Lee_77_assignsubmission_file_08_aic.ipynb",), ("Anna Lee", "77", "08_aic")),
    (("Participant_9_assignsubmission_file_", "x.ipynb"), ("Participant", "9", "x")),
    (("all.zip", "Anna_Lee_77_assignsubmission_file_", "x.ipynb"), ("Anna_Lee", "77", "x")),
]


@pytest.mark.parametrize(("name", "wanted"), CANVAS)
def test_canvas_names(name, wanted):
    owner = owner_of((name,))
    assert owner.system == "canvas"
    found = (owner.name, owner.user, owner.late, owner.upload, owner.version, owner.title)
    assert found == wanted


@pytest.mark.parametrize(("parts", "wanted"), MOODLE)
def test_moodle_names(parts, wanted):
    owner = owner_of(parts)
    assert (owner.system, owner.name, owner.user, owner.title) == ("moodle", *wanted)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("anna.ipynb",), "anna"),
        (("anna", "08.ipynb"), "anna"),
        (("08_aic_anna.ipynb",), "08_aic_anna"),
    ],
)
def test_a_plain_folder_knows_only_names(parts, name):
    owner = owner_of(parts)
    assert (owner.system, owner.key, owner.name) == ("", "", name)


@pytest.mark.parametrize(
    "parts",
    [
        ("Eve_5_assignsubmission_file_Bo_6_assignsubmission_file_x.ipynb",),
        ("Eve_5_assignsubmission_file_", "Bo_6_assignsubmission_file_x.ipynb"),
        ("eve_5_70001_bobo_6_70002_x.ipynb",),
        ("eve_5_70001_x.zip", "bobo_6_70002_x.ipynb"),
    ],
)
def test_nobody_becomes_another_by_what_they_call_a_file(parts):
    assert owner_of(parts).user == "5"


def test_a_number_in_a_plain_file_s_name_makes_nobody_of_canvas():
    labels = [(who, "hw_08_2024_final.ipynb") for who in ("anna", "bo")]
    assert [owner_of(parts).key for parts in labels] == ["", ""]
    assert owner_of(("section A", "leeanna_1234_56789_08.ipynb")).user == "1234"


def test_a_number_that_is_longer_than_any_is_none():
    assert owner_of((f"a_{'1' * 9000}_{'2' * 9000}_x.ipynb",)).key == ""


def test_a_later_upload_comes_later():
    first = owner_of(("leeanna_1234_56789_08_aic.ipynb",))
    second = owner_of(("leeanna_1234_56790_08_aic-1.ipynb",))
    assert first.key == second.key
    assert first.order < second.order


# -- any name --------------------------------------------------------------------------------------

LETTERS = st.characters(exclude_characters="/\\\0", exclude_categories=("Cs", "Cc"))
WORDS = st.text(LETTERS, min_size=1, max_size=20)
SHORT = st.text(  # what Canvas leaves of a name: lower case, without blanks or underscores
    st.characters(categories=("Ll", "Lo"), include_characters="-'"), min_size=1, max_size=20
)
NUMBERS = st.integers(1, 10**9)


@pytest.mark.fuzz
@given(SHORT, NUMBERS, NUMBERS, st.booleans(), WORDS)
def test_any_canvas_name_belongs_to_its_user(name, user, upload, late, file):
    owner = owner_of((f"{name}_{'LATE_' * late}{user}_{upload}_{file}.ipynb",))
    if "_assignsubmission_" not in file and not file.startswith("question_"):
        assert (owner.name, owner.user, owner.upload, owner.late) == (
            name.strip(),
            str(user),
            upload,
            late,
        )


@pytest.mark.fuzz
@given(WORDS, NUMBERS, WORDS, st.sampled_from(("file", "onlinetext")), st.booleans())
def test_any_moodle_name_belongs_to_its_user(name, user, file, kind, in_folder):
    head, file = f"{name}_{user}_assignsubmission_{kind}_", f"{file}.ipynb"
    owner = owner_of((head, file) if in_folder else (head + file,))
    if "_assignsubmission_" not in name + file:
        assert (owner.system, owner.name, owner.user) == ("moodle", name.strip(), str(user))


@pytest.mark.fuzz
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_any_path_has_one_owner_by_its_outermost_part(parts):
    owner = owner_of(tuple(parts))
    deeper = owner_of((*parts, "deeper.ipynb"))
    assert (owner.system == "") == (owner.key == "")
    if owner.system:
        assert deeper.key == owner.key


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["josé", "JOSÉ", " josé"])
def test_a_name_in_any_form_of_unicode_is_the_member(form, name):
    member = Member("josé")
    assert member_of(owner_of((unicodedata.normalize(form, name) + ".ipynb",)), [member]) is member


def test_two_of_one_name_are_told_apart_by_number():
    members = [Member("a", "Anna Lee", "11"), Member("b", "Anna Lee", "12")]
    for member in members:
        label = f"Anna Lee_{member.user}_assignsubmission_file_"
        assert member_of(owner_of((label, "08.ipynb")), members) is member
