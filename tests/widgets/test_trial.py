"""A new widget of the simplest kind, written as docs/widgets.md says."""

import inspect

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.recipes.models import Model
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.style import QUIET, group_style
from hlmteach.views.view import View
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, seed, slider, whole


class MeansView(View):
    """The groups' means in order, about the estimated overall mean."""

    size = (6, 3.4)
    moves = "overall means"

    def _make(self):
        self.axes = self.figure.subplots()
        self.axes.set(xlim=(0, 31), ylim=(2, 8), xlabel="groups, in order", ylabel="mean of y")
        (self.overall,) = self.axes.plot([0, 31], [5, 5], color=QUIET)
        (self.means,) = self.axes.plot([], [], "o", color=group_style(0).color)

    def update(self, overall: float, means) -> None:
        """Move line and points."""
        self.overall.set_ydata([overall, overall])
        self.means.set_data(1 + np.arange(len(means)), np.sort(means))


class MeansVary(TeachingWidget):
    """Groups' means differ by more than the groups do: chance adds its share.

    Means of small groups differ even where the groups do not.
    """

    title = "Why means differ"
    sentence = "Means of small groups differ even where the groups do not."
    presets = {"groups differ": {}, "by chance": {"sd_u": 0.0, "size": 3}}
    inputs = {
        "groups": ask(whole, "groups", 20, 5, 30),
        "size": ask(whole, "rows per group", 5, 2, 50),
        "sd_u": ask(slider, "true sd of u", 0.5, 0, 1, 0.05),
        "seed": ask(seed),
    }
    picture = MeansView
    table = """
        sd of u, true | {sd_u:.2f}
        sd of u, estimated | {estimate:.4f}
        sd of the means | {of_means:.4f}
    """
    status = "The means' sd is {of_means:.2f}, the sd of u is estimated as {estimate:.2f}."
    alt = "Means of {groups} groups in order, about a line at {overall:.2f}. {status}"
    caption = "Fitted by REML"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(model.varcorr, model.fixef)
            of_means = data.groupby("{group}")["{y}"].mean().std()
        """,
        "r": """
            library(lme4)
            {rows}
            {model}
            summary(model)
            sd(tapply(data${y}, data${group}, mean))
        """,
    }

    def recipe(self, state):
        """Groups about 5."""
        rows = Simulated(
            groups=state["groups"],
            size=state["size"],
            beta=5.0,
            sd_u=state["sd_u"],
            seed=state["seed"],
        )
        return rows, [Model("model", method="REML", verb="lmer")]

    def numbers(self, found):
        """The sd of the means, and what the model makes of it."""
        fit = found.fits["model"]
        return {
            "estimate": float(fit.varcorr["sd"].iloc[0]),
            "overall": float(fit.fixef.iloc[0]),
            "of_means": float(np.std(means_of(found.rows), ddof=1)),
        }

    def draw(self, found):
        """Show the means."""
        self.view.update(self.results["overall"], means_of(found.rows))


def means_of(rows):
    return np.bincount(rows.codes, rows.outcome) / np.bincount(rows.codes)


@pytest.fixture
def widget():
    made = MeansVary()
    yield made
    made.close()


def directly(**truth):
    data = hlm.simulate_groups(**truth)
    fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    return data.groupby("group")["y"].mean(), fit


def test_it_shows_what_the_engine_says(widget):
    for n, size, sd, seed_ in ((20, 5, 0.5, 1), (9, 12, 0.9, 4)):
        widget.set(groups=n, size=size, sd_u=sd, seed=seed_)
        means, fit = directly(
            n_groups=n, n_per_group=size, beta=5.0, sd_u=sd, sigma=1.0, seed=seed_
        )
        assert widget.results["of_means"] == pytest.approx(means.std())
        assert widget.results["estimate"] == pytest.approx(fit.varcorr["sd"].iloc[0], abs=1e-6)
        assert widget.view.means.get_ydata() == pytest.approx(np.sort(means))
        assert widget.view.overall.get_ydata()[0] == pytest.approx(fit.fixef.iloc[0], abs=1e-6)
        assert f"{fit.varcorr['sd'].iloc[0]:.2f}" in widget.stage.status


@pytest.mark.parametrize("preset", list(MeansVary.presets))
def test_its_code_gives_its_numbers(widget, run_code, preset):
    widget.start_from(preset)
    left = run_code(widget)
    assert left["of_means"] == pytest.approx(widget.results["of_means"])
    estimate = left["model"].varcorr["sd"].iloc[0]
    assert estimate == pytest.approx(widget.results["estimate"], abs=1e-6)
    assert "model <- lmer(y ~ 1 + (1 | group), data = data, REML = TRUE)" in widget.code("r")


def test_it_says_what_is_wrong_and_leaves_nothing(widget, leaves_nothing):
    with pytest.raises(hlm.HLMError, match="There is no control 'sd'"):
        widget.set(sd=1)
    leaves_nothing(MeansVary)


def test_it_takes_as_little_as_the_docs_say():
    length = sum(len(inspect.getsource(part).splitlines()) for part in (MeansView, MeansVary))
    assert length <= 100
