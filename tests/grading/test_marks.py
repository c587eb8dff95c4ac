import pytest

from hlmteach.errors import HLMError
from hlmteach.grading.marks import (
    HOW_LATE,
    OVERRIDES,
    Override,
    Policy,
    adjust,
    mark_of,
    read_credit,
    read_late,
    read_overrides,
    unused,
)
from hlmteach.grading.roster import Member
from tests.grading.people import graded, handed_in


def marked(policy, *files, members=()):
    people = graded(*files, members=members).values()
    return {p.label: (p, mark_of(p, policy)) for p in (adjust(p, policy) for p in people)}


def value(policy, *files, **more):
    ((_, mark),) = marked(policy, *files, **more).values()
    return mark.value


ANNA = handed_in("anna.ipynb", "anna", k=2)  # 1 of 2 points; a named mistake in 08-1
LATE = handed_in("leeanna_LATE_1_5_x.ipynb", "anna")


def test_points_are_brought_to_scale():
    assert value(Policy(), ANNA) == 1
    assert value(Policy(out_of=100), ANNA) == 50


@pytest.mark.parametrize(
    ("rule", "days", "lost"),
    [
        ("none", 3, 0),
        ("20%", 3, 0.2),
        ("10%/day", 2.5, 0.3),
        ("10%/day, at most 50%", 9, 0.5),
        ("10% /day", 0, 0),
        ("12.5%/day at most 30 %", 3, 0.3),
    ],
)
def test_lateness_costs_a_share_of_the_maximum(rule, days, lost):
    policy = Policy(
        out_of=100,
        late=read_late(rule.replace(" /", "/")),
        overrides=(Override("anna", days_late=days),),
    )
    assert value(policy, LATE) == pytest.approx(100 * (1 - lost))


def test_a_late_file_with_no_known_time_costs_one_day_and_is_said():
    policy = Policy(out_of=100, late=read_late("10%/day"))
    ((person, mark),) = marked(policy, LATE).values()
    assert mark.value == 90
    assert HOW_LATE in person.to_see
    assert any("Late by 1 day" in text for text in mark.steps)
    ((person, _),) = marked(Policy(), LATE).values()
    assert HOW_LATE not in person.notes


@pytest.mark.parametrize("rule", ["10", "-5%", "101%", "10%/week", "at most 50%", "10%/day, 50%"])
def test_a_rule_that_is_none_is_said(rule):
    with pytest.raises(HLMError, match="not understood"):
        read_late(rule)


def test_who_handed_in_nothing_is_left_blank_unless_asked():
    member = [Member("anna")]
    assert value(Policy(out_of=10), members=member) is None
    assert value(Policy(out_of=10, missing="zero"), members=member) == 0
    given = Policy(out_of=10, overrides=(Override("anna", points=2.0, why="oral"),))
    assert value(given, members=member) == 10


def test_credit_for_a_named_mistake(tmp_path):
    path = tmp_path / "credit.toml"
    path.write_text('["08-1"]\n"one variance forgotten" = 0.5\n')
    policy = Policy(credit=read_credit(path))
    assert value(policy, ANNA) == 1.5
    assert value(policy, handed_in("anna.ipynb", "anna", k=1)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["99-1"]\nx = 1', "no exercise"),
        ('["08-1"]\n"no such" = 0.5', "no mistake 'no such'.*'one variance forgotten'"),
        ('["08-1"]\n"one variance forgotten" = 2', "from 0 to 1"),
        ('["08-1"]\n"one variance forgotten" = true', "from 0 to 1"),
        ('"08-1" = 1', "is no table"),
        ("[", "cannot be read"),
    ],
)
def test_credit_that_cannot_be_is_said(tmp_path, text, said):
    path = tmp_path / "credit.toml"
    path.write_text(text)
    with pytest.raises(HLMError, match=said):
        read_credit(path)


def write(path, *rows):
    path.write_text("\n".join([",".join(OVERRIDES), *rows]) + "\n")
    return path


def test_overrides_survive_and_say_who_and_why(tmp_path):
    path = tmp_path / "overrides.csv"
    assert read_overrides(path) == ()
    assert path.read_text().strip() == ",".join(OVERRIDES)
    write(path, "Anna,8-1,1,,Dr X,read aloud in class", "anna,,,2,Dr X,ill")
    policy = Policy(out_of=10, late=read_late("10%/day"), overrides=read_overrides(path))
    ((person, mark),) = marked(policy, ANNA).values()
    assert person.lines[0].points == 1
    assert "read aloud in class" in person.lines[0].note
    assert mark.value == 8
    write(path, "anna,,1.5,,Dr X,agreed")
    ((_, mark),) = marked(Policy(out_of=10, overrides=read_overrides(path)), ANNA).values()
    assert mark.value == 7.5
    assert any("agreed" in text for text in mark.steps)
    assert not any("Dr X" in text for text in mark.steps)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",08-1,1,,,", "names no student"),
        ("anna,08-1,x,,,", "points is 'x'"),
        ("anna,08-1,-1,,,", "points is '-1'"),
        ("anna,08-1,nan,,,", "points is 'nan'"),
        ("anna,99-9,1,,,", "no exercise"),
        ("anna,,,soon,,", "days late is 'soon'"),
    ],
)
def test_an_override_with_a_slip_is_said(tmp_path, row, said):
    with pytest.raises(HLMError, match=said):
        read_overrides(write(tmp_path / "overrides.csv", row))


def test_an_override_for_nobody_is_said():
    people = graded(ANNA).values()
    overrides = [Override("anna", "08-1", 1.0), Override("ana", "08-1", 1.0), Override("bo")]
    assert len(unused(overrides, people)) == 2
    assert "'ana'" in unused(overrides, people)[0]
