"""The picture of random slopes, by its artists' data."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.views.grouplines import cell_means, read_lines, read_spread
from hlmteach.views.slopes import SlopesView

PRINTED = {"sd": (0.072374062, 0.002428596), "corr": 0.131, "sigma": 0.806315723}


@pytest.fixture(scope="module")
def sleep():
    data = hlm.load("sleepstudy")
    return data, hlm.lmer("Reaction ~ Days + (Days | Subject)", data)


@pytest.fixture(scope="module")
def printed():
    data = hlm.load("HLM")
    model4 = hlm.lme("Satisfaction ~ NPD", data, random="~NPD|Time", method="ML")
    return data, model4.at(**PRINTED)


def seen_in(data, fit, x, group, zero=0.0):
    column = data[group].cat
    codes = column.codes.to_numpy(np.intp)
    lines = read_lines(fit, data[x].to_numpy(float), codes, column.categories)
    return lines, read_spread(fit, zero)


def shown(sleep, zero=0.0):
    view = SlopesView()
    view.update(*seen_in(*sleep, "Days", "Subject", zero), "Days", "Reaction")
    return view


def test_each_groups_line_is_its_coefficients(sleep):
    view, coef = shown(sleep), sleep[1].coef["Subject"]
    x = np.array(view.lines.axes.get_xlim())
    for segment, (intercept, slope) in zip(
        view.lines.lines.get_segments(), coef.to_numpy(), strict=True
    ):
        assert segment[:, 1] == pytest.approx(intercept + slope * x)


def test_points_and_ellipse_are_effects_and_covariance(sleep):
    view, fit = shown(sleep), sleep[1]
    assert view.ellipse.many.get_offsets() == pytest.approx(fit.ranef["Subject"].to_numpy())
    inner = np.array(view.ellipse.inner.get_data())
    inverse = np.linalg.inv(fit.covariances["Subject"].cov)
    distance = np.einsum("ik,ij,jk->k", inner, inverse, inner)
    assert distance == pytest.approx(np.ones(distance.size))
    assert view.ellipse.rho.get_text() == "ρ = 0.066"


@pytest.mark.parametrize("zero", [4.5, -3.0])
def test_another_zero_is_what_a_centred_predictor_gives(sleep, zero):
    data, fit = sleep
    centred = hlm.lmer("Reaction ~ Days + (Days | Subject)", data.assign(Days=data["Days"] - zero))
    spread = read_spread(fit, zero)
    assert spread.cov == pytest.approx(centred.covariances["Subject"].cov, rel=1e-5)
    assert spread.u == pytest.approx(centred.ranef["Subject"].to_numpy(), rel=1e-5)
    assert fit.loglik == pytest.approx(centred.loglik, abs=1e-8)


def test_the_line_of_zero_stands_where_intercepts_are_measured(sleep):
    assert list(shown(sleep, 4.5).zero.get_xdata()) == [4.5, 4.5]


def test_a_fit_without_slopes_has_no_correlation():
    data = hlm.load("HLM")
    model3 = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    view = SlopesView()
    view.update(*seen_in(data, model3, "NPD", "Time"), "NPD", "Satisfaction")
    assert read_spread(model3).rho is None
    assert view.ellipse.rho.get_text() == "no slopes"
    assert np.ptp(view.ellipse.inner.get_data()[1]) == 0


def test_few_groups_keep_their_markers(printed):
    view = SlopesView()
    view.update(*seen_in(*printed, "NPD", "Time"), "NPD", "Satisfaction")
    places = np.concatenate([point.get_offsets() for point in view.ellipse.points[:3]])
    assert places == pytest.approx(printed[1].ranef["Time"].to_numpy())
    assert len(view.ellipse.many.get_offsets()) == 0
    texts = [text.get_text() for text in view.lines.key if text.get_text()]
    assert texts == ["● before marriage", "■ 1 year after", "▲ 5 years after"]


def test_a_predictor_of_many_values_is_put_into_classes():
    rng = np.random.default_rng(1)
    x = rng.normal(size=600)
    cells = cell_means(x, 2 * x, np.repeat([0, 1], 300), 2)
    assert cells.shape == (2, 6, 3)
    assert cells[..., 2].sum() == 600
    assert cells[..., 1] == pytest.approx(2 * cells[..., 0])


def test_a_cell_without_rows_has_no_mean():
    cells = cell_means([1, 2], [3.0, 4.0], [0, 1], 2)
    assert np.isnan(cells[0, 1, 1])
    assert cells[0, 1, 2] == 0


def test_clear_leaves_no_line(sleep):
    view = shown(sleep)
    view.clear()
    assert len(view.lines.lines.get_segments()) == 0
    assert len(view.ellipse.many.get_offsets()) == 0
    assert len(view.ellipse.inner.get_xdata()) == 0
