"""PoolingExplorer: between one mean for all and a mean for each, and what the model chooses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.pooling import (
    PoolingCurve,
    at_pooling,
    kept_share,
    pooling_curve,
    repeated_sds,
)
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import lmer
from hlmteach.views.pooling import RANGES, REACHES, PoolingPicture, PoolingView, step_up
from hlmteach.views.shrinkage import Shrinkage, read_shrinkage
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

SIGMA = 1.0  # true sd of e in simulated data
MEAN = 5.0
REPEATS = 1000
FEW = 3  # groups that the table has room for
SHARES = (0.3, 2.0, 0.5, 1.0, 1.5, 0.4)  # unequal sizes, over and over


@dataclass(frozen=True)
class Found:
    """The model's own fit, the same model at the pooling shown, and how sure the choice is."""

    state: dict
    model: Fit
    seen: Shrinkage
    curve: PoolingCurve
    repeats: np.ndarray
    range: float


class PoolingExplorer(TeachingWidget):
    """One mean for all, or one for each group? The model takes a middle way, which the data choose.

    One mean for all, or one for each group? The model takes a middle way that the data choose,
    and two groups are too few to choose by.

    Bars are the estimates of the groups' means. Pooled completely they all lie on the overall line;
    not pooled at all they lie on the groups' own means, the circles. In between every group is
    pulled towards the overall line, small groups more. At the right: which sd of u the data
    support, and what it would have been in other studies of this size.

    Parameters
    ----------
    preset : {"tutorial", "clinics", "two cultures", "many groups"}
        Where the controls start. "tutorial" shows the tutorial's Model 2.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.PoolingExplorer()
    >>> round(widget.results["sd_u"], 5), round(widget.results["kept"], 2)
    (0.06597, 0.85)
    >>> widget.set(pooling="complete")
    >>> widget.results["u_1"], round(widget.results["overall"], 6)
    (0.0, 5.087982)
    >>> widget.close()
    """

    title = "Complete, partial or no pooling"
    sentence = (
        "One mean for all, or one for each group? The model takes a middle way that the data "
        "choose, and two groups are too few to choose by."
    )
    presets = {  # noqa: RUF012
        "tutorial": {},
        "clinics": {"source": "simulated", "sd_u": 0.5, "method": "REML", "seed": 5},
        "two cultures": {
            "source": "simulated",
            "groups": 2,
            "size": 30,
            "method": "REML",
            "right": "repeats",
        },
        "many groups": {"source": "simulated", "groups": 40, "method": "REML", "right": "repeats"},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        self._fits = {}
        super().__init__(PoolingView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show the sliders of the data in use, and the one of the pooling where it counts."""
        names = {"source", "pooling", "method", "right"}
        if state["pooling"] == "by hand":
            names.add("kept")
        if state["source"] == "simulated":
            names |= {"groups", "size", "sd_u", "seed"}
        elif state["right"] == "repeats":
            names.add("seed")
        return names

    def compute(self, state) -> Found:
        """Fit the model, then hold its pooling where the controls want it."""
        model = self._fit(state)
        factor = model.frame.factors[0]
        share = {"complete": 0.0, "none": 1.0, "by hand": state["kept"] / 100}
        chosen = share.get(state["pooling"])
        fit = model if chosen is None else at_pooling(model, chosen)
        seen = read_shrinkage(fit, factor.codes, factor.levels)
        sd, sigma = _truth(state, model)
        range_ = step_up(3 * max(sd, _sd(model)), RANGES)
        wanted = state["right"] == "repeats"
        repeats = repeated_sds(model, sd, sigma, REPEATS, state["seed"]) if wanted else np.zeros(0)
        return Found(state, model, seen, pooling_curve(model, range_), repeats, range_)

    def _fit(self, state) -> Fit:
        """Read the formula once a design, then only y changes."""
        simulated = state["source"] == "simulated"
        design = state["groups"], state["size"]
        key = (design if simulated else None, state["method"])
        data = _simulated(state) if simulated or key not in self._fits else None
        if key not in self._fits:
            data, formula = (data, "y ~ 1 + (1 | group)") if simulated else _tutorial()
            self._fits = {key: lmer(formula, data, REML=state["method"] == "REML")}
        fit = self._fits[key]
        return fit.refit(data["y"]) if simulated else fit

    def draw(self, found):
        """Show the groups at the pooling, and the choice."""
        self.view.update(self._picture(found, found.seen))

    def _picture(self, found, seen) -> PoolingPicture:
        means = found.seen.overall + found.seen.own
        spread = np.abs(means - means.mean()).max()
        known = found.state["source"] == "simulated"
        return PoolingPicture(
            seen,
            means,
            _sd(found.model),
            (found.curve.sd, found.curve.likelihood),
            found.repeats,
            found.state["sd_u"] if known else _sd(found.model),
            step_up(1.25 * spread, REACHES),
            found.range,
        )

    def story(self, found):
        """Show no pooling, then complete pooling, then what the controls say."""
        factor = found.model.frame.factors[0]
        for kept, words in (
            (1.0, "No pooling: every group stands alone, on its own mean."),
            (0.0, "Complete pooling: one mean for all, the groups forgotten."),
        ):
            seen = read_shrinkage(at_pooling(found.model, kept), factor.codes, factor.levels)
            self._show_step(seen, found.range)
            yield words
        self._show_step(found.seen, found.range)
        yield f"{_caption(found)}: a typical group keeps {kept_share(found.seen.fit):.0%}."

    def _show_step(self, seen, range_):
        self.view.show_levels(seen)
        self.view.show_now(seen.sd, range_)

    def report(self, found) -> Report:
        """Tell the pooling, its fit, and how much the choice would vary."""
        seen, fit = found.seen, found.seen.fit
        numbers = {
            "overall": seen.overall,
            "sd_u": seen.sd,
            "sigma": fit.sigma,
            "kept": kept_share(fit),
            "sd_model": _sd(found.model),
            "kept_model": kept_share(found.model),
            "loglik_lost": found.model.loglik - fit.loglik,
        }
        for j in range(len(seen.u)):
            numbers |= {f"u_{j + 1}": float(seen.u[j]), f"kept_{j + 1}": float(seen.kept[j])}
        if len(found.repeats):
            numbers |= _spread(found.repeats)
        words = f"A typical group keeps {numbers['kept']:.0%} of its own deviation."
        return Report(numbers, _rows(found, numbers), words, _alt(found, numbers), _caption(found))

    def code_for(self, state):
        """Write the three ways to a group's mean."""
        return {"python": _python(state), "r": _r(state)}


SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
POOLINGS = ["none", ("the model's choice", "model"), "complete", "by hand"]
RIGHT = [("how well each sd fits", "likelihood"), (f"{REPEATS:,} repeated studies", "repeats")]


def _controls() -> dict:
    poolings = [(p, p) if isinstance(p, str) else p for p in POOLINGS]
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "pooling": make.choice("pooling", "model", poolings),
        "kept": make.whole("% kept of own mean", 50, 0, 100, help="0 complete, 100 no pooling"),
        "method": make.choice("fit by", "ML", ["ML", "REML"]),
        "right": make.choice("at the right", "likelihood", RIGHT),
        "groups": make.ladder("groups", 12, (2, 3, 5, 8, 12, 20, 30, 40)),
        "size": make.ladder("rows per group, about", 10, (4, 10, 20, 30, 50, 100)),
        "sd_u": make.slider("true sd of u", 0.4, 0, 1, 0.05),
        "seed": make.seed(),
    }


def _tutorial() -> tuple[pd.DataFrame, str]:
    return load("HLM"), "Satisfaction ~ 1 + (1 | Time)"


def _sizes(state) -> list[int]:
    """Unequal sizes for several groups, equal ones for two."""
    J, n = state["groups"], state["size"]
    return [n] * J if J == 2 else [max(2, round(n * SHARES[j % len(SHARES)])) for j in range(J)]


def _simulated(state) -> pd.DataFrame:
    """Rows of groups without a predictor."""
    return simulate_groups(
        state["groups"],
        _sizes(state),
        beta=MEAN,
        sd_u=state["sd_u"],
        sigma=SIGMA,
        seed=state["seed"],
    )


def _sd(fit: Fit) -> float:
    return float(fit.varcorr["sd"].iloc[0])


def _truth(state, model) -> tuple[float, float]:
    """The sds that repeated studies are drawn with."""
    simulated = state["source"] == "simulated"
    return (state["sd_u"], SIGMA) if simulated else (_sd(model), model.sigma)


def _spread(repeats) -> dict[str, float]:
    low, high = np.quantile(repeats, (0.05, 0.95))
    zero = float(np.mean(repeats == 0))
    return {"repeats_zero": zero, "repeats_low": float(low), "repeats_high": float(high)}


def _caption(found) -> str:
    names = {
        "model": "Partial pooling, the model's choice",
        "none": "No pooling",
        "complete": "Complete pooling",
    }
    return names.get(found.state["pooling"], "Pooling by hand")


def _rows(found, numbers) -> tuple:
    alone = numbers["kept"] > 0.999
    rows = [
        ("overall line", f"{numbers['overall']:.3f}"),
        ("sd of u", "∞" if alone else f"{numbers['sd_u']:.3f}"),
        ("typical group keeps", f"{numbers['kept']:.0%}"),
        ("log-likelihood lost", f"{abs(numbers['loglik_lost']):.2f}"),
    ]
    seen = found.seen
    if len(seen.u) <= FEW:
        rows.append(("each u, and what it kept", ""))
        for name, u, kept in zip(seen.names, seen.u, seen.kept, strict=True):
            rows.append((_long(name), f"{signed(u)}  ({kept:.0%})"))
    else:
        small, large = int(np.argmin(seen.sizes)), int(np.argmax(seen.sizes))
        rows.append((f"group of {seen.sizes[small]} keeps", f"{seen.kept[small]:.0%}"))
        rows.append((f"group of {seen.sizes[large]} keeps", f"{seen.kept[large]:.0%}"))
    if len(found.repeats):
        rows.append(("the sd in repeated studies", ""))
        rows.append(("exactly 0 in", f"{numbers['repeats_zero']:.0%}"))
        rows.append(("9 of 10 from", f"{numbers['repeats_low']:.2f}"))
        rows.append(("to", f"{numbers['repeats_high']:.2f}"))
    return tuple(rows)


def _long(name) -> str:
    return f"group {name}" if name.isdigit() else name


def _alt(found, numbers) -> str:
    words = (
        f"{len(found.seen.u)} groups: own means as circles, estimates as bars between them and the "
        f"overall line at {numbers['overall']:.3f}. A typical group keeps {numbers['kept']:.0%}. "
    )
    if len(found.repeats):
        low, high = numbers["repeats_low"], numbers["repeats_high"]
        right = (
            f"Right: in repeated studies the sd of u lies from {low:.2f} to {high:.2f} nine times "
            f"in ten, and is 0 in {numbers['repeats_zero']:.0%}."
        )
    else:
        right = f"Right: the likelihood is highest where the sd of u is {numbers['sd_model']:.3f}."
    return words + right


def _python(state) -> str:
    reml, names = state["method"] == "REML", ("Satisfaction", "Time")
    data = 'data = hlm.load("HLM")\n'
    if state["source"] == "simulated":
        names = ("y", "group")
        data = (
            f"data = hlm.simulate_groups(\n    {state['groups']}, {_sizes(state)},\n"
            f"    beta={MEAN}, sd_u={state['sd_u']}, sigma={SIGMA}, seed={state['seed']},\n)\n"
        )
    y, group = names
    return (
        f"import hlmteach as hlm\n\n{data}"
        f'complete = data["{y}"].mean()\n'
        f'none = data.groupby("{group}", observed=True)["{y}"].mean()\n'
        f'model = hlm.lmer("{y} ~ 1 + (1 | {group})", data, REML={reml})\n'
        f'partial = model.coef["{group}"]["(Intercept)"]\n'
        f'u = model.ranef["{group}"]  # from the overall line\n'
        "print(complete, none, partial, u, model.varcorr, sep='\\n\\n')\n"
    )


def _r(state) -> str:
    reml, names = str(state["method"] == "REML").upper(), ("Satisfaction", "Time")
    data = 'library(foreign)\ndata <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
    if state["source"] == "simulated":
        names, sizes = ("y", "group"), ", ".join(map(str, _sizes(state)))
        data = (
            f"set.seed({state['seed']})  # R draws other numbers than Python\n"
            f"group <- factor(rep(1:{state['groups']}, times = c({sizes})))\n"
            f"u <- rnorm({state['groups']}, sd = {state['sd_u']:g})\n"
            f"y <- {MEAN:g} + u[group] + rnorm(length(group), sd = {SIGMA:g})\n"
            "data <- data.frame(group, y)\n"
        )
    y, group = names
    return (
        f"library(lme4)\n{data}"
        f"mean(data${y})                       # complete pooling\n"
        f"tapply(data${y}, data${group}, mean)  # no pooling\n"
        f"model <- lmer({y} ~ 1 + (1 | {group}), data = data, REML = {reml})\n"
        f"coef(model)                           # partial pooling\nVarCorr(model)\n"
    )
