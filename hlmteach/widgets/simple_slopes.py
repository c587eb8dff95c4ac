"""SimpleSlopes: with a product in the model, a predictor has not one slope but many."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.compare import LikelihoodRatio, lrt
from hlmteach.inference.simulate import simulate_groups
from hlmteach.inference.slopes import JohnsonNeyman, johnson_neyman
from hlmteach.rstyle.verbs import lme
from hlmteach.views.simple import BARS, FAN, SimplePicture, SimpleView
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
COUNTED = [("0, as they are", "raw"), ("their means", "centred")]
LEVELS = [("90 %", 0.9), ("95 %", 0.95), ("99 %", 0.99)]
GROUPS, SIZE = 20, 25  # of simulated rows
GRID = 121  # values of the moderator at which the band is drawn
STORY = (0, 20, 44.8, 70, 100)  # places of the moderator in per cent of its slider


@dataclass(frozen=True)
class Found:
    """The three nested fits, the one whose coefficients are shown, and the slope where we are."""

    labels: tuple[str, str, str]
    data: pd.DataFrame
    raw: Fit
    shown: Fit
    main: LikelihoodRatio
    product: LikelihoodRatio
    both: LikelihoodRatio
    region: JohnsonNeyman
    band: pd.DataFrame
    at: float
    slope: pd.Series


class SimpleSlopes(TeachingWidget):
    """With an interaction a predictor has a slope for each value of the moderator, not one slope.

    With an interaction, NPD has a slope for each value of BPD: the coefficient beside NPD is
    only the one at BPD = 0.

    Move the moderator: the line turns, and a dot runs along the slope with its interval. The slope
    is thick and blue where it differs from 0 (Johnson and Neyman). Count both predictors from
    their means: the coefficients in the table change, and the picture does not.

    Parameters
    ----------
    preset : {"tutorial", "where the slope is zero", "centred", "simulated"}
        Where the controls start. "tutorial" shows the slope .154 that the tutorial prints.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.SimpleSlopes()
    >>> round(widget.results["slope"], 6), round(widget.results["zero"], 1)
    (0.153825, 44.8)
    >>> widget.set(bpd=80)
    >>> round(widget.results["slope"], 3)
    -0.121
    >>> widget.close()
    """

    title = "A slope that depends"
    sentence = (
        "With an interaction, NPD has a slope for each value of BPD: the coefficient beside NPD "
        "is only the one at BPD = 0."
    )
    presets = {  # noqa: RUF012
        "tutorial": {},
        "where the slope is zero": {"bpd": 44.8},
        "centred": {"counted": "centred", "bpd": 35.8},
        "simulated": {"source": "simulated"},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        super().__init__(SimpleView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show what simulated rows are made by only where they are."""
        if state["source"] == "simulated":
            return {"source", "counted", "m", "level", "product", "seed"}
        return {"source", "counted", "bpd", "level"}

    def compute(self, state) -> Found:
        """Read the slope at the moderator off the fits, which are kept."""
        fits = _fits(*_source(state))
        region, band = _region(*_source(state), state["level"])
        at = state["m"] if state["source"] == "simulated" else state["bpd"]
        return Found(
            fits.labels,
            fits.data,
            fits.raw,
            fits.centred if state["counted"] == "centred" else fits.raw,
            *fits.tests,
            region,
            band,
            at,
            region.band([at]).iloc[0],
        )

    def draw(self, found) -> None:
        """Show line, slope, interval and region."""
        self.view.update(_picture(found))

    def tidy(self, found) -> None:
        """Fit the limits to what is shown."""
        self.view.tidy()
        self.draw(found)

    def story(self, found):
        """Walk along the moderator and come back."""
        x, _, m = found.labels
        control = self.controls["bpd" if m == "BPD" else "m"]
        for share in STORY:
            at = control.min + (control.max - control.min) * share / 100
            slope = found.region.band([at]).iloc[0]
            self.view.show_now(_picture(found, at, slope))
            yield f"{m} = {at:.4g}: one point more {x} goes with {signed(slope['slope'])}."
        self.view.show_now(_picture(found))
        yield f"And back to {m} = {found.at:.4g}: {signed(found.slope['slope'])}."

    def report(self, found) -> Report:
        """Put the slope, the region, the coefficients and the tests side by side."""
        (x, _, m), slope, region = found.labels, found.slope, found.region
        numbers = _numbers(found)
        sure = "differs from 0" if slope["lower"] * slope["upper"] > 0 else "may be 0"
        status = (
            f"At {m} = {found.at:.4g} the slope of {x} is {signed(slope['slope'])}, from "
            f"{signed(slope['lower'])} to {signed(slope['upper'])}: it {sure}."
        )
        low, high = region.seen
        runs = " and ".join(
            f"{max(a, low):.3g} to {min(b, high):.3g}" for a, b in region.significant
        )
        alt = (
            f"Left: the line of {found.labels[1]} on {x}. Right: the slope of {x} over {m}, with "
            f"its band; it is 0 at {region.zero:.1f} and differs from 0 over {runs or 'no values'}."
            f" {status}"
        )
        return Report(
            numbers, _table(found, numbers), status, alt, f"{x} when {m} is {found.at:.4g}"
        )

    def code_for(self, state):
        """Write the fits, the slope, the region and the tests."""
        return {"python": _python(state), "r": _r(state)}


@dataclass(frozen=True)
class _Fits:
    labels: tuple[str, str, str]
    data: pd.DataFrame
    raw: Fit
    centred: Fit
    tests: tuple[LikelihoodRatio, LikelihoodRatio, LikelihoodRatio]


def _controls() -> dict:
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "counted": make.choice("coefficients with predictors counted from", "raw", COUNTED),
        "bpd": make.slider("BPD", 0, 0, 128, 0.1, "Whose slope is shown", digits=1),
        "m": make.slider("moderator", 0, -3, 3, 0.1, "Whose slope is shown", digits=1),
        "level": make.ladder("confidence", 0.95, LEVELS),
        "product": make.slider("true product", -0.3, -0.6, 0.6, 0.05, signed=True),
        "seed": make.seed(),
    }


def _source(state) -> tuple:
    if state["source"] == "tutorial":
        return "tutorial", 0.0, 0
    return "simulated", round(state["product"], 6), state["seed"]


@lru_cache(maxsize=8)
def _fits(source: str, product: float, seed: int) -> _Fits:
    labels, data, fits = _designs(source, seed)
    if source == "simulated":  # only y depends on the product
        data = data.assign(y=data["y"] + product * data["x"] * data["m"])
        fits = [fit.refit(data["y"].to_numpy()) for fit in fits]
    alone, added, raw, moved = fits
    return _Fits(labels, data, raw, moved, (lrt(alone, added), lrt(added, raw), lrt(alone, raw)))


@lru_cache(maxsize=8)
def _designs(source: str, seed: int) -> tuple[tuple, pd.DataFrame, list[Fit]]:
    """Names, rows as they are without a product, and the four models of them."""
    if source == "tutorial":
        data, labels, group = load("HLM"), ("NPD", "Satisfaction", "BPD"), "Time"
    else:
        data, labels, group = _simulated(seed), ("x", "y", "m"), "group"
    x, y, m = labels
    random, centred = f"~1|{group}", data.copy()
    centred[[x, m]] -= data[[x, m]].mean()
    models = [(x, data), (f"{x} + {m}", data), (f"{x} * {m}", data), (f"{x} * {m}", centred)]
    return labels, data, [lme(f"{y} ~ {right}", rows, random, "ML") for right, rows in models]


@lru_cache(maxsize=24)
def _region(source, product, seed, level: float) -> tuple[JohnsonNeyman, pd.DataFrame]:
    """Where the slope differs from 0, and its band over all of the moderator."""
    fits = _fits(source, product, seed)
    x, _, m = fits.labels
    region = johnson_neyman(fits.raw, x, m, level=level)
    return region, region.band(np.linspace(*region.seen, GRID))


def _simulated(seed: int) -> pd.DataFrame:
    """Groups with x and a moderator m, whose product does not enter y yet."""
    data = simulate_groups(GROUPS, SIZE, beta=(5, 0.2), sd_u=0.4, sigma=0.8, seed=seed)
    data["m"] = np.random.default_rng([seed, 1]).standard_normal(len(data))
    return data.assign(y=data["y"] + 0.2 * data["m"])


def _numbers(found) -> dict[str, float]:
    fit, slope, region = found.shown, found.slope, found.region
    vcov = fit.vcov.to_numpy()
    corr = vcov[2, 3] / np.sqrt(vcov[2, 2] * vcov[3, 3])
    limits = {f"limit_{k + 1}": value for k, value in enumerate(region.limits)}
    return {
        **{name: float(slope[name]) for name in ("slope", "lower", "upper")},
        "zero": region.zero,
        **limits,
        **dict(zip(("intercept", "x", "m", "product"), map(float, fit.fixef), strict=True)),
        "corr": float(corr),
        "ratio_m": found.main.ratio,
        "ratio_product": found.product.ratio,
        "ratio_both": found.both.ratio,
        "aic": fit.aic,
    }


def _table(found, numbers) -> tuple:
    x, _, m = found.labels
    return (
        ("slope", signed(numbers["slope"], 4)),
        ("from", signed(numbers["lower"])),
        ("to", signed(numbers["upper"])),
        (f"slope 0 at {m} =", f"{numbers['zero']:.1f}".replace("-", "−")),
        ("coefficients", ""),
        (x, signed(numbers["x"], 6)),
        (m, signed(numbers["m"], 6)),
        (f"{x}:{m}", signed(numbers["product"], 6)),
        ("their correlation", signed(numbers["corr"])),
        ("L.Ratio", ""),
        (f"{m} (1 df)", f"{numbers['ratio_m']:.2f}"),
        (f"{x}:{m} (1 df)", f"{numbers['ratio_product']:.2f}"),
        ("both (2 df)", f"{numbers['ratio_both']:.2f}"),
    )


def _picture(found, at=None, slope=None) -> SimplePicture:
    (x, y, m), fit, region = found.labels, found.raw, found.region
    at, slope = (found.at, found.slope) if at is None else (at, slope)
    b0, bx, bm, bxm = fit.fixef
    fan = np.linspace(*region.seen, FAN)
    lines = np.column_stack([b0 + bm * fan, bx + bxm * fan])
    x_span = float(found.data[x].min()), float(found.data[x].max())
    ends = lines[:, :1] + lines[:, 1:] * np.array(x_span)
    low, high = float(ends.min()), float(ends.max())
    room = 0.25 * (high - low)
    counts, edges = np.histogram(found.data[m], BARS, region.seen)
    return SimplePicture(
        (x, y, m),
        x_span,
        (round(low - 0.3 * room, 1), round(high + room, 1)),
        lines,
        np.array([b0 + bm * at, bx + bxm * at]),
        np.linspace(*region.seen, GRID),
        *(found.band[name].to_numpy() for name in ("slope", "lower", "upper")),
        region.significant,
        region.zero,
        (at, *(float(slope[name]) for name in ("slope", "lower", "upper"))),
        counts,
        edges,
    )


# -- the same as code ------------------------------------------------------------------------------


def _names(state) -> tuple[str, str, str, str]:
    if state["source"] == "tutorial":
        return "Satisfaction", "NPD", "BPD", "Time"
    return "y", "x", "m", "group"


def _python(state) -> str:
    y, x, m, group = _names(state)
    at = state["bpd"] if state["source"] == "tutorial" else state["m"]
    rows = ['data = hlm.load("HLM")']
    if state["source"] == "simulated":
        rows = [
            f"data = hlm.simulate_groups({GROUPS}, {SIZE}, beta=(5, 0.2), sd_u=0.4, sigma=0.8, "
            f"seed={state['seed']})",
            f'data["m"] = np.random.default_rng([{state["seed"]}, 1]).standard_normal(len(data))',
            f'data["y"] += 0.2 * data["m"] + {state["product"]:g} * data["x"] * data["m"]',
        ]
    lines = ["import hlmteach as hlm", *(["import numpy as np"] * (len(rows) > 1)), "", *rows]
    for name, right in (("alone", x), ("added", f"{x} + {m}"), ("product", f"{x} * {m}")):
        end = f'random="~1|{group}", method="ML")'
        lines.append(f'{name} = hlm.lme("{y} ~ {right}", data, {end}')
    level = state["level"]
    lines += [
        f'print(hlm.simple_slopes(product, "{x}", "{m}", at=[{at:g}], confidence={level}))',
        f'print(hlm.johnson_neyman(product, "{x}", "{m}", level={level}))',
        "print(hlm.anova(alone, added, product))",
    ]
    if state["counted"] == "centred":
        lines += [
            f'data[["{x}", "{m}"]] -= data[["{x}", "{m}"]].mean()',
            f'print(hlm.lme("{y} ~ {x} * {m}", data, random="~1|{group}", method="ML"))',
        ]
    return "\n".join([*lines, ""])


def _r(state) -> str:
    y, x, m, group = _names(state)
    at = state["bpd"] if state["source"] == "tutorial" else state["m"]
    rows = ["library(foreign)", 'data <- read.spss("HLM.sav", to.data.frame = TRUE)']
    if state["source"] == "simulated":
        n = GROUPS * SIZE
        rows = [
            f"set.seed({state['seed']})  # R draws other numbers than Python",
            f"group <- factor(rep(1:{GROUPS}, each = {SIZE}))",
            f"x <- rnorm({n}); m <- rnorm({n})",
            f"y <- 5 + 0.2 * x + 0.2 * m + {state['product']:g} * x * m",
            f"y <- y + rnorm({GROUPS}, sd = 0.4)[group] + rnorm({n}, sd = 0.8)",
            "data <- data.frame(y, x, m, group)",
        ]
    lines = ["library(nlme)", *rows]
    if state["counted"] == "centred":
        lines += [
            f"# counted from their means: data${v} <- data${v} - mean(data${v})" for v in (x, m)
        ]
    for name, right in (("alone", x), ("added", f"{x} + {m}"), ("product", f"{x} * {m}")):
        end = f'random = ~1|{group}, method = "ML")'
        lines.append(f"{name} <- lme({y} ~ {right}, data = data, {end}")
    return "\n".join(
        [
            *lines,
            "b <- fixef(product); V <- vcov(product)",
            f'slope <- b["{x}"] + {at:g} * b["{x}:{m}"]',
            f'se <- sqrt(V["{x}", "{x}"] + 2 * {at:g} * V["{x}", "{x}:{m}"]',
            f'  + {at:g}^2 * V["{x}:{m}", "{x}:{m}"])',
            f"slope + c(-1, 1) * qnorm({(1 + state['level']) / 2:g}) * se",
            f'-b["{x}"] / b["{x}:{m}"]  # where the slope is 0',
            "anova(alone, added, product)",
            "",
        ]
    )
