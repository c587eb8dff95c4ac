"""SimpleSlopes: with a product in the model, a predictor has not one slope but many."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.inference.comparison.compare import lrt
from hlmteach.inference.prediction.slopes import JohnsonNeyman, johnson_neyman
from hlmteach.recipes.chosen import SOURCES
from hlmteach.recipes.kept import Kept
from hlmteach.recipes.models import Model, fit_all
from hlmteach.recipes.rows import Centred, Rows, Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.simple import BARS, FAN, SimplePicture, SimpleView, Slopes
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider

COUNTED = [("0, as they are", "raw"), ("their means", "centred")]
SHOWN = "Whose slope is shown"
LEVELS = [("90 %", 0.9), ("95 %", 0.95), ("99 %", 0.99)]
MODELS = [
    Model(name="alone", fixed="{x}"),
    Model(name="added", fixed="{x} + {m}"),
    Model(name="product", fixed="{x} * {m}"),
]
GROUPS, SIZE = 20, 25  # of simulated rows
GRID = 121  # values of the moderator at which the band is drawn
STORY = (0, 20, 44.8, 70, 100)  # places of the moderator in per cent of its slider
TUTORIAL, SIMULATED = {"source": "tutorial"}, {"source": "simulated"}
CALL = "{groups}, {size}, beta={beta}, sd_u={sd_u}, sigma={sigma}, seed={seed}"
REGIONS = Kept(many=24)  # what does not depend on where the moderator stands


@dataclass(frozen=True, kw_only=True)
class Moderated(Simulated):
    """Simulated rows with a moderator m, whose product with x has an effect of its own."""

    product: float

    @property
    def names(self) -> dict[str, str]:
        """The columns by what they are; `m` moderates."""
        return {**super().names, "m": "m"}

    @property
    def design(self) -> Rows:
        """The same rows without the product's effect."""
        return moderated(0.0, self.seed)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as drawn, with m and its effects."""
        return super().table.assign(m=self.moderator)

    @cached_property
    def moderator(self) -> np.ndarray:
        """The moderator m (n,), which is drawn apart."""
        return np.random.default_rng([self.seed, 1]).standard_normal(len(self.codes))

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,) with the effects of m."""
        return self.drawn.y + (0.2 + self.product * self.predictor) * self.moderator

    @property
    def python(self) -> str:
        """Python that draws the rows."""
        m = f"np.random.default_rng([{self.seed}, 1]).standard_normal(len(data))"
        more = f'0.2 * data["m"] + {self.product:g} * data["x"] * data["m"]'
        return f'{super().python}data["m"] = {m}\ndata["y"] += {more}\n'

    @property
    def r(self) -> str:
        """R that draws such rows."""
        more = f"0.2 * data$m + {self.product:g} * data$x * data$m"
        return f"{super().r}data$m <- rnorm(nrow(data))\ndata$y <- data$y + {more}\n"


def moderated(product: float, seed: int) -> Moderated:
    """Return the rows of a product and a seed."""
    return Moderated(
        groups=GROUPS,
        size=SIZE,
        beta=(5, 0.2),
        sd_u=0.4,
        sigma=0.8,
        seed=seed,
        call=CALL,
        product=product,
    )


@dataclass(frozen=True)
class Found:
    """The model with the product, as it is and as shown, and the slope where we are.

    `raw` is of predictors as they are; `ratios` are those of the three nested models. `slope` is
    the slope at `at`, with its limits.
    """

    state: dict
    rows: Rows
    raw: Fit
    shown: Fit
    ratios: dict[str, float]
    region: JohnsonNeyman
    slopes: Slopes
    at: float
    slope: tuple[float, float, float]


class SimpleSlopes(TeachingWidget):
    """With an interaction a predictor has a slope for each value of the moderator, not one slope.

    Move the moderator: the line turns, and a dot runs along the slope with its interval. The slope
    is thick and blue where it differs from 0 (Johnson and Neyman). Count both predictors from their
    means: the coefficients in the table change, and the picture does not. The preset "tutorial"
    shows the slope .154 that the tutorial prints.

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
        "With an interaction, NPD has another slope at each value of BPD. Its coefficient is "
        "the one at 0."
    )
    sayings = {
        "simulated": (
            "With an interaction, x has another slope at each value of m. Its coefficient is the "
            "one at 0."
        ),
    }
    presets = {
        "tutorial": {},
        "where the slope is zero": {"bpd": 44.8},
        "centred": {"counted": "centred", "bpd": 35.8},
        "simulated": {"source": "simulated"},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "counted": ask(choice, "predictors counted from", "raw", COUNTED),
        "bpd": ask(slider, "BPD", 0, 0, 128, 0.1, SHOWN, 1, when=TUTORIAL, group=1),
        "m": ask(slider, "moderator", 0, -3, 3, 0.1, SHOWN, 1, when=SIMULATED, group=1),
        "level": ask(ladder, "confidence", 0.95, LEVELS),
        "product": ask(slider, "true product", -0.3, -0.6, 0.6, 0.05, signed=True, when=SIMULATED),
        "seed": ask(seed, when=SIMULATED),
    }
    picture = SimpleView
    table = """
        slope | {slope:+.4f}
        from | {lower:+.3f}
        to | {upper:+.3f}
        slope 0 at {m_name} = | {zero:.1f}
        {x_name} | {x:+.6f}
        {x_name}:{m_name} | {product:+.6f}
        all numbers |
        {m_name} | {m:+.6f}
        their correlation | {corr:+.3f}
        L.Ratio |
        {m_name} (1 df) | {ratio_m:.2f}
        {x_name}:{m_name} (1 df) | {ratio_product:.2f}
        both (2 df) | {ratio_both:.2f}
    """
    status = (
        "At {m_name} = {at} the slope of {x_name} is {slope:+.3f}, from {lower:+.3f} to "
        "{upper:+.3f}: it {sure}."
    )
    alt = (
        "Left: the line of {y_name} on {x_name}. Right: the slope of {x_name} over {m_name}, with "
        "its band; it is 0 at {zero_said} and differs from 0 over {runs}. {status}"
    )
    caption = "{x_name} when {m_name} is {at}"
    templates = {
        "python": """
            import hlmteach as hlm
            {numpy}

            {rows}
            {fits}
            print(hlm.simple_slopes(product, "{x}", "{m}", at=[{at:g}], confidence={level}))
            print(hlm.johnson_neyman(product, "{x}", "{m}", level={level}))
            print(hlm.anova(alone, added, product))
            {python_centred}
        """,
        "r": """
            library(nlme)
            {rows}
            {fits}
            b <- fixef(product)
            V <- vcov(product) * nobs(product) / (nobs(product) - 4)  # as summary() has it
            slope <- b["{x}"] + {at:g} * b["{x}:{m}"]
            se <- sqrt(V["{x}", "{x}"] + 2 * {at:g} * V["{x}", "{x}:{m}"]
              + {at:g}^2 * V["{x}:{m}", "{x}:{m}"])
            slope + c(-1, 0, 1) * qnorm({upper:g}) * se
            -b["{x}"] / b["{x}:{m}"]  # where the slope is 0
            anova(alone, added, product)
            {r_centred}
        """,
    }

    def recipe(self, state):
        """Three nested models: a predictor, a moderator too, and their product."""
        simulated = state["source"] == "simulated"
        rows = moderated(state["product"], state["seed"]) if simulated else Tutorial()
        return rows, MODELS

    def compute(self, state) -> Found:
        """Read the slope at the moderator off the fits, which are kept."""
        rows, models = self.recipe(state)
        rows, raw, centred, ratios = REGIONS.once(rows, lambda: _fits(rows, models))
        region, slopes = REGIONS.once(
            (rows, state["level"]), lambda: _slopes(rows, raw, state["level"])
        )
        at = _at(state)
        return Found(
            state=state,
            rows=rows,
            raw=raw,
            shown=centred if state["counted"] == "centred" else raw,
            ratios=ratios,
            region=region,
            slopes=slopes,
            at=at,
            slope=_slope(region, at),
        )

    def draw(self, found) -> None:
        """Show line, slope, interval and region."""
        self.view.update(_picture(found, found.at, found.slope))

    def story(self, found):
        """Walk along the moderator; only then show the slopes at all of its values."""
        x, m = found.rows.x, found.rows.names["m"]
        for artist in self.view.curve:
            artist.set_visible(False)
        control = self.controls["bpd" if m == "BPD" else "m"]
        for share in STORY:
            at = control.min + (control.max - control.min) * share / 100
            slope = _slope(found.region, at)
            self.view.show_now(_picture(found, at, slope))
            yield f"{m} = {at:.4g}: one point more {x} goes with {signed(slope[0])}."
        for artist in self.view.curve:
            artist.set_visible(True)
        self.view.show_now(_picture(found, found.at, found.slope))
        yield f"Right: the slope at every {m}. Thick and blue, it differs from 0."

    def numbers(self, found):
        """Put the slope, the region, the coefficients and the tests side by side."""
        fit, region = found.shown, found.region
        vcov = fit.vcov.to_numpy()
        corr = vcov[2, 3] / np.sqrt(vcov[2, 2] * vcov[3, 3])
        limits = {f"limit_{k + 1}": value for k, value in enumerate(region.limits)}
        return {
            **dict(zip(("slope", "lower", "upper"), found.slope, strict=True)),
            "zero": region.zero,
            **limits,
            **dict(zip(("intercept", "x", "m", "product"), fit.beta.tolist(), strict=True)),
            "corr": float(corr),
            **found.ratios,
            "aic": fit.aic,
        }

    def words(self, found):
        """Names of the columns, and where the slope is sure to differ from 0."""
        region, (_, lower, upper) = found.region, found.slope
        (low, high), differs = region.moderator_range, lower * upper > 0
        runs = [f"{max(a, low):.3g} to {min(b, high):.3g}" for a, b in region.significant]
        return {
            **{f"{role}_name": name for role, name in found.rows.names.items()},
            "at": f"{found.at:.4g}",
            "sure": "differs from 0" if differs else "may be 0",
            "zero_said": f"{region.zero:.1f}",
            "runs": " and ".join(runs) or "no values",
        }

    def code_words(self, state):
        """Where we are, and the same model of centred predictors."""
        rows = Centred(self.recipe(state)[0])
        centred = state["counted"] == "centred"
        model = Model(name="centred", fixed="{x} * {m}")
        python = model.python(rows).removeprefix("centred = ").strip()
        return {
            "at": _at(state),
            "numpy": "import numpy as np" if state["source"] == "simulated" else "",
            "upper": (1 + state["level"]) / 2,
            "python_centred": f"{rows.python_step}print({python})" if centred else "",
            "r_centred": f"{rows.r_step}{model.r(rows)}summary(centred)" if centred else "",
        }


def _at(state) -> float:
    return state["m"] if state["source"] == "simulated" else state["bpd"]


def _fits(rows: Rows, models) -> tuple[Rows, Fit, Fit, dict[str, float]]:
    """The rows, the model with the product, the same of centred predictors, and the ratios."""
    alone, added, product = fit_all(models, rows).values()
    ratios = {
        "ratio_m": lrt(alone, added).ratio,
        "ratio_product": lrt(added, product).ratio,
        "ratio_both": lrt(alone, product).ratio,
    }
    return rows, product, models[-1].fit(Centred(rows)), ratios


def _slopes(rows: Rows, fit: Fit, level: float) -> tuple[JohnsonNeyman, Slopes]:
    """Where the slope differs from 0, and what is drawn over all of the moderator."""
    y, x, _, m = rows.names.values()
    data, region = rows.table, johnson_neyman(fit, x, m, level=level)
    fan, grid = (np.linspace(*region.moderator_range, count) for count in (FAN, GRID))
    lines = np.stack([_line(fit, at) for at in fan])
    x_span = float(data[x].min()), float(data[x].max())
    ends = lines[:, :1] + lines[:, 1:] * np.array(x_span)
    low, high = float(ends.min()), float(ends.max())
    room = 0.25 * (high - low)
    counts, edges = np.histogram(data[m], BARS, region.moderator_range)
    slope, lower, upper = region.interval(grid)
    return region, Slopes(
        labels=(x, y, m),
        x_span=x_span,
        y_span=(round(low - 0.3 * room, 1), round(high + room, 1)),
        lines=lines,
        grid=grid,
        slope=slope,
        lower=lower,
        upper=upper,
        runs=region.significant,
        zero=region.zero,
        counts=counts,
        edges=edges,
    )


def _line(fit: Fit, at: float) -> np.ndarray:
    """Intercept and slope of y on x where the moderator is at `at`."""
    b0, bx, bm, bxm = fit.beta
    return np.array([b0 + bm * at, bx + bxm * at])


def _slope(region: JohnsonNeyman, at: float) -> tuple[float, float, float]:
    """The slope and its limits at one value of the moderator."""
    return tuple(map(float, region.interval(at)))


def _picture(found, at: float, slope) -> SimplePicture:
    return SimplePicture(slopes=found.slopes, line=_line(found.raw, at), now=(at, *slope))
