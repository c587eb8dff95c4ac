import numpy as np
import pytest

from hlmteach.views.equation import COLORS, EquationPicture, EquationView

NAMES = ("y", "beta_0", "beta_1", "x", "u", "u_slope", "e")
PARTS = {"beta_0": 2.0, "beta_1": 0.5, "x": 3.0, "u": 1.0, "u_slope": 0.2, "e": -0.4}
PARTS["y"] = 2 + 0.5 * 3 + 1 + 0.2 * 3 - 0.4


def picture(names=NAMES):
    nothing = np.full(2, np.nan)
    return EquationPicture(
        np.array([1.0, 3.0]),
        np.array([2.0, PARTS["y"]]),
        np.array([False, True]),
        PARTS,
        names,
        np.array([[3.0, 0.7]]),
        np.array([2.1, 0.4]),
        nothing,
        (0, 6, 0, 8),
        ("x", "y"),
        (0.0, 5.0),
    )


@pytest.fixture
def view():
    return EquationView()


def part(view, name):
    return view.parts.get_segments()[list(COLORS).index(name)]


def test_the_parts_add_up_to_y(view):
    view.update(picture())
    overall = 2 + 0.5 * 3
    ends = {name: part(view, name)[[0, -1], 1] for name in ("u", "u_slope", "e")}
    assert ends["u"] == pytest.approx((overall, overall + 1))
    assert ends["u_slope"] == pytest.approx((overall + 1, overall + 1.6))
    assert ends["e"] == pytest.approx((overall + 1.6, PARTS["y"]))


def test_the_triangle_has_the_slope(view):
    view.update(picture())
    run, rise = np.ptp(part(view, "beta_1"), axis=0)
    assert rise / run == pytest.approx(0.5)


def test_overall_group_and_estimated_lines(view):
    view.update(picture())
    overall, group, refit, none = view.lines.get_segments()
    assert overall[:, 1] == pytest.approx((2, 4.5))
    assert group[:, 1] == pytest.approx((3, 6.5))
    assert refit[:, 1] == pytest.approx((2.1, 4.1))
    assert none.size == 0


@pytest.mark.parametrize("lit", NAMES)
def test_the_lit_part_stands_out_and_is_named(view, lit):
    view.update(picture(), lit)
    opacity = dict(zip(COLORS, view.parts.get_colors()[:, 3], strict=True))
    widths = dict(zip(COLORS, view.parts.get_linewidths(), strict=True))
    assert opacity.pop(lit) == 1
    assert max(opacity.values()) < 0.3
    assert widths[lit] == max(widths.values())
    value = PARTS[lit] * (PARTS["x"] if lit == "u_slope" else 1)
    assert view.label.get_text().endswith(f"= {value:.2f}".replace("-", "−"))


def test_what_is_not_in_the_equation_is_not_drawn_and_cannot_be_lit(view):
    view.update(picture(("y", "beta_0", "beta_1", "x", "e")), "u")
    assert view.label.get_text() == ""
    assert part(view, "u").size == 0
    assert view.lines.get_segments()[1].size == 0
