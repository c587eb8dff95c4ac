"""The picture of a random intercept, by its artists' data."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.views.grouplines import read_lines
from hlmteach.views.intercepts import InterceptsView
from hlmteach.views.lens import HEIGHTS, MOST_LABELLED_GROUPS
from hlmteach.views.shrinkage import read_shrinkage
from hlmteach.views.strip import MOST_DOTS
from hlmteach.views.style import group_style


def seen_in(data, fit, group="Time"):
    column = data[group].astype("category").cat
    codes, names = column.codes.to_numpy(np.intp), column.categories
    lines = None
    if len(fit.fixef) == 2:
        lines = read_lines(fit, fit.frame.X[:, 1], codes, names)
    return read_shrinkage(fit, codes, names), lines


@pytest.fixture(scope="module")
def tutorial():
    return hlm.load("HLM")


@pytest.fixture(scope="module")
def model2(tutorial):
    return hlm.lme("Satisfaction ~ 1", tutorial, random="~1|Time", method="ML")


@pytest.fixture
def view(tutorial, model2):
    view = InterceptsView()
    view.update("Satisfaction", *seen_in(tutorial, model2))
    return view


def test_the_lens_shows_the_settled_fit(view, tutorial, model2):
    lens, coef = view.lens, model2.coef["Time"]["(Intercept)"]
    assert lens.overall.get_ydata() == pytest.approx([model2.fixef.iloc[0]] * 2)
    levels = [segment[:, 1] for segment in lens.levels.get_segments()]
    assert np.array(levels) == pytest.approx(np.column_stack([coef, coef]))
    means = tutorial.groupby("Time", observed=True)["Satisfaction"].mean()
    assert lens.own.get_offsets()[:, 1] == pytest.approx(means.to_numpy())
    stems = np.array(lens.arrows.stems.get_segments())
    u = stems[:, 1, 1] - stems[:, 0, 1]
    assert u == pytest.approx(model2.ranef["Time"]["(Intercept)"].to_numpy())
    assert [label.get_text() for label in lens.labels[:3]] == [
        "u₁ = −0.086",
        "u₂ = +0.051",
        "u₃ = +0.035",
    ]


def test_heads_point_away_from_the_overall_line(view):
    up, down = (head.get_offsets() for head in view.lens.arrows.heads)
    assert np.isnan(up[:, 0]).tolist() == [True, False, False]
    assert np.isnan(down[:, 0]).tolist() == [False, True, True]


def test_the_bell_has_the_sd_of_u(view, model2):
    y = view.lens.curve.get_xy()[:, 1]
    width = view.lens.curve.get_xy()[:, 0]
    sd = model2.covariances["Time"].sd[0]
    one_sd = np.interp(np.exp(-0.5), width[:31], y[:31])
    assert model2.fixef.iloc[0] - one_sd == pytest.approx(sd, rel=0.01)
    assert view.lens.sd_label.get_text() == "sd 0.066"


def test_the_window_of_the_strip_is_the_lens(view):
    window = view.strip.window
    low, high = view.lens.axes.get_ylim()
    assert (window.get_y(), window.get_height()) == pytest.approx((low, high - low))
    assert any(high - low == pytest.approx(height) for height in HEIGHTS)


def test_rows_are_thinned_and_the_picture_says_so(view, tutorial):
    dots = view.strip.dots.get_offsets()
    assert len(dots) <= MOST_DOTS
    assert dots[:, 1] == pytest.approx(tutorial["Satisfaction"].to_numpy()[::7])
    assert view.strip.axes.get_xlabel() == "1 row in 7 drawn"


def test_model_1_has_one_line_and_no_u(view, tutorial):
    model1 = hlm.gls("Satisfaction ~ 1", tutorial, method="ML")
    view.update("Satisfaction", *seen_in(tutorial, model1))
    assert view.lens.overall.get_ydata()[0] == pytest.approx(5.087982, abs=5e-7)
    assert len(view.lens.levels.get_segments()) == 0
    assert len(view.lens.arrows.stems.get_segments()) == 0
    assert view.lens.curve.get_xy()[:, 0].max() == 0
    assert len(view.lens.own.get_offsets()) == 3


def test_model_3_is_drawn_as_parallel_lines(view, tutorial):
    model3 = hlm.lme("Satisfaction ~ NPD", tutorial, random="~1|Time", method="ML")
    view.update("Satisfaction", *seen_in(tutorial, model3), x="NPD")
    assert not view.lens.axes.get_visible()
    assert view.lines.axes.get_visible()
    segments = np.array(view.lines.lines.get_segments())
    slopes = np.diff(segments[..., 1])[:, 0] / np.diff(segments[..., 0])[:, 0]
    assert slopes == pytest.approx([model3.fixef["NPD"]] * 3)
    cells = view.lines.cells[0].get_offsets()
    rows = tutorial[tutorial["Time"] == "before marriage"]
    assert cells[:, 1] == pytest.approx(rows.groupby("NPD")["Satisfaction"].mean().to_numpy())


def test_a_move_within_the_lens_leaves_what_stands_still(view, tutorial, model2):
    before = view.lens.axes.get_ylim()
    view.update("Satisfaction", *seen_in(tutorial, model2.refit(model2.y + 0.005)))
    assert view.lens.axes.get_ylim() == before
    view.update("Satisfaction", *seen_in(tutorial, model2.refit(model2.y + 0.4)))
    assert view.lens.axes.get_ylim() != before


def test_many_groups_have_colours_but_no_labels():
    data = hlm.simulate_groups(30, 5, beta=(5, 0), sd_u=0.5, seed=1)
    fit = hlm.lme("y ~ 1", data, random="~1|group", method="ML")
    view = InterceptsView()
    view.update("y", *seen_in(data, fit, "group"))
    assert len(view.lens.levels.get_segments()) == 30 > MOST_LABELLED_GROUPS
    assert all(label.get_text() == "" for label in view.lens.labels)
    assert view.lens.axes.get_xlabel() == "30 groups"


def test_clear_leaves_the_rows_alone(view):
    view.clear()
    assert np.isnan(view.lens.overall.get_ydata()).all()
    assert len(view.lens.own.get_offsets()) == 0
    assert len(view.strip.dots.get_offsets()) > 0


def test_shrinkage_is_what_is_kept_of_a_groups_own_deviation(tutorial, model2):
    seen, _ = seen_in(tutorial, model2)
    assert seen.kept * seen.own == pytest.approx(seen.u)


def test_no_two_of_35_groups_look_alike():
    looks = {(s.color, s.marker) for s in map(group_style, range(35))}
    assert len(looks) == 35


def test_large_for_a_projector():
    assert InterceptsView(present=True).figure.dpi == 1.5 * InterceptsView().figure.dpi
