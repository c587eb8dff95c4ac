import pytest

from hlmteach.grading.names import owner_of

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


def test_a_later_upload_comes_later():
    first = owner_of(("leeanna_1234_56789_08_aic.ipynb",))
    second = owner_of(("leeanna_1234_56790_08_aic-1.ipynb",))
    assert first.key == second.key
    assert first.order < second.order
