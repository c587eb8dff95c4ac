"""PoolingExplorer: between one mean for all and a mean for each, and what the model chooses."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.variance.pooling import (
    PoolingCurve,
    at_pooling,
    kept_share,
    pooling_curve,
    repeated_sds,
)
from hlmteach.recipes.chosen import SOURCES
from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.pooling import RANGES, REACHES, PoolingPicture, PoolingView, step_up
from hlmteach.views.shrinkage import Shrinkage, read_shrinkage
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider, whole
from hlmteach.widgets.words import fill_table, table_lines

SIGMA = 1.0  # true sd of e in simulated data
MEAN = 5.0
REPEATS = 1000
FEW = 3  # groups that the table has room for
SHARES = (0.3, 2.0, 0.5, 1.0, 1.5, 0.4)  # unequal sizes, over and over
SIMULATED = {"source": "simulated"}
POOLINGS = [("none", "none"), ("model's", "model"), ("complete", "complete")]
POOLINGS += [("by hand", "by hand")]
RIGHT = [("how each sd fits", "likelihood"), (f"{REPEATS:,} studies", "repeats")]
KEPT = "0 complete, 100 no pooling"
REPEATED_STUDY = {"source": "simulated", "method": "REML", "right": "repeats"}
CAPTIONS = {
    "model": "Partial pooling, the model's choice",
    "none": "No pooling",
    "complete": "Complete pooling",
    "by hand": "Pooling by hand",
}
CALL = """
    {groups}, {size},
    beta={beta}, sd_u={sd_u}, sigma={sigma}, seed={seed},
"""
LIKELIHOOD = "Right: the likelihood is highest where the sd of u is {sd_model:.3f}."
REPEATED = (
    "Right: in repeated studies the sd of u lies from {repeats_low:.2f} to {repeats_high:.2f} "
    "nine times in ten, and is 0 in {repeats_zero:.0%}."
)
REPEATED_ROWS = table_lines("""
    sd exactly 0 in | {repeats_zero:.0%}
    9 of 10 from | {repeats_low:.2f}
    to | {repeats_high:.2f}
""")


def _not_by_hand(state) -> bool:
    return state["pooling"] != "by hand"


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

    Bars are the estimates of the groups' means. Pooled completely they all lie on the overall line;
    not pooled at all they lie on the groups' own means, the circles. In between every group is
    pulled towards the overall line, small groups more. At the right: which sd of u the data
    support, and what it would have been in other studies of this size. The preset "tutorial" shows
    the tutorial's Model 2.

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
    sentence = "Each group's line is pulled towards the overall line. How far? The data decide."
    sayings = {"two cultures": "Two groups are too few to say how much groups differ."}
    presets = {
        "tutorial": {},
        "clinics": {"source": "simulated", "sd_u": 0.5, "method": "REML", "seed": 6},
        "two cultures": {**REPEATED_STUDY, "groups": 2, "size": 30},
        "many groups": {**REPEATED_STUDY, "groups": 40},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "pooling": ask(choice, "pooling", "model", POOLINGS),
        "kept": ask(whole, "% kept of own mean", 50, 0, 100, 1, KEPT, when={"pooling": "by hand"}),
        "method": ask(choice, "fit by", "ML", ["ML", "REML"], when={"source": "tutorial"}),
        "right": ask(choice, "at the right", "likelihood", RIGHT, when=_not_by_hand),
        "groups": ask(ladder, "groups", 12, (2, 3, 5, 8, 12, 20, 30, 40), when=SIMULATED),
        "size": ask(ladder, "rows per group, about", 10, (4, 10, 20, 30, 50, 100), when=never),
        "sd_u": ask(slider, "true sd of u", 0.4, 0, 1, 0.05, when=SIMULATED),
        "seed": ask(seed, when=lambda s: s["source"] == "simulated" or s["right"] == "repeats"),
    }
    picture = PoolingView
    table = """
        overall line | {overall:.3f}
        sd of u | {sd_said}
        typical group keeps | {kept:.0%}
    """
    more = """
        all numbers |
        log-likelihood lost | {lost:.2f}
        group of {small} keeps | {kept_small:.0%}
        group of {large} keeps | {kept_large:.0%}
    """
    status = "A typical group keeps {kept:.0%} of its own deviation."
    alt = (
        "{J} groups: own means as circles, estimates as bars between them and the overall line at "
        "{overall:.3f}. A typical group keeps {kept:.0%}. {right_said}"
    )
    caption = "{caption}"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            complete = data["{y}"].mean()
            none = data.groupby("{group}", observed=True)["{y}"].mean()
            {model}
            partial = model.coef["{group}"]["(Intercept)"]
            u = model.ranef["{group}"]  # from the overall line
            print(complete, none, partial, u, model.varcorr, sep='\\n\\n')
        """,
        "r": """
            library(lme4)
            {rows}
            mean(data${y})                       # complete pooling
            tapply(data${y}, data${group}, mean)  # no pooling
            {model}
            coef(model)                           # partial pooling
            VarCorr(model)
        """,
    }

    def recipe(self, state):
        """The tutorial's Model 2, or groups of unequal sizes; two groups are equal."""
        model = Model(name="model", method=state["method"], verb="lmer")
        if state["source"] == "tutorial":
            return Tutorial(), [model]
        J, n = state["groups"], state["size"]
        unequal = tuple(max(2, round(n * SHARES[j % len(SHARES)])) for j in range(J))
        rows = Simulated(
            groups=J,
            size=(n, n) if J == 2 else unequal,
            beta=MEAN,
            sd_u=state["sd_u"],
            sigma=SIGMA,
            seed=state["seed"],
            call=CALL,
        )
        return rows, [model]

    def compute(self, state) -> Found:
        """Fit the model, then hold its pooling where the controls want it."""
        model = super().compute(state).fits["model"]
        factor = model.frame.factors[0]
        share = {"complete": 0.0, "none": 1.0, "by hand": state["kept"] / 100}
        chosen = share.get(state["pooling"])
        fit = model if chosen is None else at_pooling(model, chosen)
        seen = read_shrinkage(fit, factor.codes, factor.levels)
        sd, sigma = _truth(state, model)
        range_ = step_up(3 * max(sd, _sd(model)), RANGES)
        wanted = state["right"] == "repeats"
        repeats = repeated_sds(model, sd, sigma, REPEATS, state["seed"]) if wanted else np.zeros(0)
        return Found(
            state=state,
            model=model,
            seen=seen,
            curve=pooling_curve(model, range_),
            repeats=repeats,
            range=range_,
        )

    def draw(self, found):
        """Show the groups at the pooling, and the choice."""
        seen, model = found.seen, found.model
        means = seen.overall + seen.own
        spread = np.abs(means - means.mean()).max()
        self.view.update(
            PoolingPicture(
                shrinkage=seen,
                means=means,
                sd_model=_sd(model),
                curve=(found.curve.sd, found.curve.likelihood),
                repeats=found.repeats,
                true_sd=_truth(found.state, model)[0],
                reach=step_up(1.25 * spread, REACHES),
                range=found.range,
            )
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
        caption, kept = CAPTIONS[found.state["pooling"]], kept_share(found.seen.fit)
        yield f"{caption}: a typical group keeps {kept:.0%}."

    def _show_step(self, seen, range_):
        self.view.show_levels(seen)
        self.view.show_now(seen.sd, range_)

    def numbers(self, found):
        """Tell the pooling, its fit, and how much the choice would vary."""
        seen, fit, model = found.seen, found.seen.fit, found.model
        numbers = {
            "overall": seen.overall,
            "sd_u": seen.sd,
            "sigma": fit.sigma,
            "kept": kept_share(fit),
            "sd_model": _sd(model),
            "kept_model": kept_share(model),
            "loglik_lost": model.loglik - fit.loglik,
        }
        for j in range(len(seen.u)):
            numbers |= {f"u_{j + 1}": float(seen.u[j]), f"kept_{j + 1}": float(seen.kept[j])}
        return numbers | (_spread(found.repeats) if len(found.repeats) else {})

    def words(self, found):
        """Without pooling the sd is infinite; of many groups the smallest and the largest."""
        seen, numbers = found.seen, self.numbers(found)
        words = {
            "sd_said": "∞" if numbers["kept"] > 0.999 else f"{seen.sd:.3f}",
            "lost": abs(numbers["loglik_lost"]),
            "J": len(seen.u),
            "caption": CAPTIONS[found.state["pooling"]],
            "right_said": (REPEATED if len(found.repeats) else LIKELIHOOD).format_map(numbers),
        }
        if len(seen.u) > FEW:
            for name, j in (("small", np.argmin(seen.sizes)), ("large", np.argmax(seen.sizes))):
                words |= {name: int(seen.sizes[j]), f"kept_{name}": float(seen.kept[j])}
        return words

    def table_of(self, found, values):
        """Add groups where they are few, and what repeated studies gave."""
        seen, more = found.seen, fill_table(table_lines(self.more), values)
        groups, rows = (
            range(len(seen.u)) if len(seen.u) <= FEW else (),
            super().table_of(found, values),
        )
        kept = tuple((f"●{j} {_long(seen.names[j])} keeps", f"{seen.kept[j]:.0%}") for j in groups)
        u = tuple((f"u, {_long(seen.names[j])}", signed(seen.u[j])) for j in groups)
        if len(found.repeats):
            return (*rows, *fill_table(REPEATED_ROWS, values), *more, *kept, *u)
        return (*rows, *kept, *more, *u)


def _sd(fit: Fit) -> float:
    return float(fit.varcorr["sd"].iloc[0])


def _truth(state, model) -> tuple[float, float]:
    """The sds that repeated studies are drawn with."""
    simulated = state["source"] == "simulated"
    return (state["sd_u"], SIGMA) if simulated else (_sd(model), model.sigma)


def _spread(repeats) -> dict[str, float]:
    low, high = map(float, np.quantile(repeats, (0.05, 0.95)))
    zero = float(np.mean(repeats == 0))
    return {"repeats_zero": zero, "repeats_low": low, "repeats_high": high}


def _long(name) -> str:
    return f"group {name}" if name.isdigit() else name
