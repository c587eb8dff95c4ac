import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlmteach.exercises.numbers import AnswerError, parse_number

READ = {
    "1.234": 1.234,
    ".0065": 0.0065,
    "0,0065": 0.0065,
    ",0065": 0.0065,
    "4e-4": 4e-4,
    "4E-04": 4e-4,
    "4,4e-4": 4.4e-4,
    "4 x 10^-4": 4e-4,
    "4 * 10**-4": 4e-4,
    "4·10⁻⁴": 4e-4,
    "1e−4": 1e-4,
    "4,98": 4.98,
    '"4,98"': 4.98,
    "$4.98$": 4.98,
    "1,234.5": 1234.5,
    "1.234,5": 1234.5,
    "1,234,567": 1234567,
    "1.234.567": 1234567,
    "6'533.55": 6533.55,
    "6 533,55": 6533.55,
    "6\u202f533,55": 6533.55,
    "0,123": 0.123,
    "−0.5": -0.5,
    "–0.5": -0.5,
    "- 3": -3,
    "+3": 3,
    " 3 ": 3,
    "3.": 3,
    "1/3": 1 / 3,
    "½": 0.5,
    "k = 3": 3,
    "β1 = 0.12": 0.12,
    "sigma: 0.8166": 0.8166,
    "about 3": 3,
    "t(2678) = 3": 3,
    "3 parameters": 3,
    "5.09 points.": 5.09,
    "logLik = −3263.775": -3263.775,
    "1e-400": 0,
}

NOT_READ = {
    "": "No answer yet",
    "   ": "No answer yet",
    "abc": "cannot be read",
    "nan": "cannot be read",
    "inf": "cannot be read",
    "..": "cannot be read",
    "--3": "cannot be read",
    "1e400": "no finite number",
    "1e99999999999": "no finite number",
    "5/0": "no finite number",
    "3 or 4": "more than one number",
    "4.98-5.21": "more than one number",
    "1,2,3": "more than one number",
    "1_000": "more than one number",
    "3" * 81: "81 characters",
    "a" * 79 + "!": "cannot be read",  # a pattern that tries all ways of taking it never ends
    "I do not know how to compute this one, sorry!": "cannot be read",
    "12 " + "a" * 76 + "1": "more than one number",
}


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_what_students_type_is_read(text, value):
    assert parse_number(text).readings == (pytest.approx(value, rel=1e-15, abs=0),)


@pytest.mark.parametrize(("text", "words"), NOT_READ.items())
def test_what_cannot_be_read_is_said_politely(text, words):
    with pytest.raises(AnswerError, match=words):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "readings"), {"1,234": (1.234, 1234.0), "-10,000": (-10.0, -10000.0)}.items()
)
def test_a_comma_before_three_digits_has_two_readings(text, readings):
    assert parse_number(text).readings == readings


@pytest.mark.parametrize("text", ["< .001", "p < .001", "p<.001", "≤ 0,001", "<= 1e-3"])
def test_a_limit_is_known_as_one(text):
    number = parse_number(text)
    assert number.relation == "<"
    assert number.readings == (0.001,)


@pytest.mark.parametrize("text", ["12 %", "12%", "12 percent", "share = 12 %"])
def test_percent_is_noted(text):
    number = parse_number(text)
    assert number.percent
    assert number.readings == (12.0,)


finite = st.floats(allow_nan=False, allow_infinity=False)
decorated = st.sampled_from(["{}", " {} ", "x = {}", "{} points", "'{}'", "value: {}"])


@given(finite, decorated)
def test_every_number_that_python_writes_is_read_back(value, frame):
    number = parse_number(frame.format(repr(value)))
    assert number.readings[0] == value
    assert not number.relation


@given(st.decimals(-9999, 9999, places=2), st.sampled_from([",", "."]))
def test_decimal_comma_and_point_are_one(value, mark):
    assert parse_number(str(value).replace(".", mark)).readings[0] == float(value)


@given(st.integers(1_000, 999_999_999), st.integers(0, 99))
def test_thousands_are_seen_through(whole, cents):
    english = f"{whole:,}.{cents:02d}"
    german = english.translate(str.maketrans(",.", ".,"))
    spaced = english.replace(",", " ")
    wanted = (float(f"{whole}.{cents:02d}"),)
    assert {parse_number(text).readings for text in (english, german, spaced)} == {wanted}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text):
    assert outcome(text)


def outcome(text):
    try:
        return all(map(math.isfinite, parse_number(text).readings))
    except AnswerError as error:
        return str(error)
