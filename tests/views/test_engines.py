"""The hill and the rows of three programs, by artist data."""

import numpy as np
import pandas as pd
import pytest

from hlmteach.inference.other_programs.engines import EngineFit
from hlmteach.views.engines import EnginesView

DIGITS = {"nlme": 4, "lme4": 3, "statsmodels": 2}


def engine(name, loglik, sd, b=5.0, se=0.1):
    fixef, ses = pd.Series([b], ["(Intercept)"]), pd.Series([se], ["(Intercept)"])
    return EngineFit(name, loglik, 0.0, sd, 1.0, fixef, ses, "")


def shown(theirs):
    sd = np.linspace(0, 1, 50)
    view = EnginesView()
    engines = [engine("nlme", -10.0, 0.5), engine("lme4", -10.0, 0.5), theirs]
    view.update((sd, -10 - (sd - 0.5) ** 2), engines, DIGITS)
    return view


def test_one_who_stops_short_is_named():
    view = shown(engine("statsmodels", -10.09, 0.8, se=0.14))
    assert view.stop_labels["statsmodels"].get_text() == "statsmodels\nsd 0.8000"
    assert view.stops["statsmodels"].get_offsets()[0] == pytest.approx([0.8, -0.09])
    assert [text.get_text() for text in view.errors] == ["SE 0.1000", "SE 0.100", "SE 0.14"]


def test_names_of_near_stops_stand_beside_each_other():
    near, far = (shown(engine("statsmodels", -10.01, sd)) for sd in (0.6, 0.8))
    ours, theirs = (near.stop_labels[name] for name in ("nlme and lme4", "statsmodels"))
    assert ours.get_position()[0] < 0.5 < theirs.get_position()[0]
    near.figure.draw_without_rendering()
    assert not ours.get_window_extent().overlaps(theirs.get_window_extent())
    assert far.stop_labels["nlme and lme4"].get_position()[0] == 0.5


def test_who_ran_away_has_no_mark():
    view = shown(engine("statsmodels", np.inf, 0.0, b=-1.0, se=1e6))
    assert len(view.stops["statsmodels"].get_offsets()) == 0
    assert len(view.dots[2].get_offsets()) == 0
    assert view.errors[2].get_text() == "no sensible SE"
    assert "infinite" in view.stop_labels["statsmodels"].get_text()


def test_the_curve_is_measured_from_its_top():
    view = shown(engine("statsmodels", -10.0, 0.5))
    assert view.curve.get_ydata().max() == pytest.approx(0, abs=1e-3)
    assert view.stop_labels["statsmodels"].get_text() == ""
