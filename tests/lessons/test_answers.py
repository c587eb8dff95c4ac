import pytest

from hlmteach.course import answers
from hlmteach.course.answers import given_away


def test_a_printed_answer_is_named_with_its_exercise():
    assert list(given_away("07", "log-likelihood <b>\u22123278.447</b>, 992 rows")) == [
        "prints \u22123278.447, the answer to 07-1 without a name."
    ]


def test_an_answer_that_no_name_changes_is_named_twice(monkeypatch):
    assert list(given_away("08", "It has 3, or 3.")) == []  # small whole numbers stand everywhere
    monkeypatch.setattr(answers, "LEAST_COUNT", 0)
    assert list(given_away("08", "It has 3.")) == [
        "prints 3, the answer to 08-1 without a name.",
        "prints 3, the answer to 08-1 with any name.",
    ]


@pytest.mark.parametrize("text", ["", "07-1", "1.5", "<script>-3278.447</script>"])
def test_other_numbers_pass(text):
    assert list(given_away("07", text)) == []
