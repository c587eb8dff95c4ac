"""ICCDial: one dial shares the variance out, between groups and within them."""

from functools import lru_cache

import numpy as np

from hlmteach.datasets import load
from hlmteach.inference.variance.icc import design_effect, icc
from hlmteach.recipes.models import Model
from hlmteach.recipes.names import Root
from hlmteach.recipes.rows import Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.dial import DialPicture, DialView
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider, whole

DOTS = 420  # rows that the picture shows; more would hide each other
SIMULATED = {"source": "simulated"}
SOURCES = [("simulated", "simulated"), ("the tutorial's", "tutorial")]
TRAPS = {"with_sds": "sds in place of variances", "as_ratio": "between : within"}
SHORT = [("none", "none"), ("sds", "with_sds"), ("ratio", "as_ratio")]


class ICCDial(TeachingWidget):
    """How alike the members of a group are, on a dial.

    Turn the dial, and the same random draws are spread anew: points move apart within their groups
    as the groups move together. Below, the variance as one bar, cut at the fitted ICC, and its
    first hundredths enlarged, with the tutorial's .0065 and .0117. Two traps can be switched on.
    The preset "tutorial" shows the tutorial's data.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ICCDial("tutorial")
    >>> round(widget.results["icc_ml"], 4), round(widget.results["icc_reml"], 4)
    (0.0065, 0.0102)
    >>> widget.close()
    """

    title = "The ICC, on a dial"
    sentence = (
        "The ICC is the share of the variance that lies between groups: how alike two members "
        "of a group are."
    )
    presets = {
        "dial": {},
        "tutorial": {"source": "tutorial"},
        "alike": {"icc": 0.9},
        "no groups": {"icc": 0.0},
    }
    inputs = {
        "source": ask(choice, "data", "simulated", SOURCES, when=never),
        "icc": ask(slider, "the dial: true ICC", 0.3, 0, 0.95, 0.01, when=SIMULATED),
        "groups": ask(whole, "groups", 8, 3, 12, when=SIMULATED),
        "size": ask(ladder, "members per group", 12, [3, 6, 12, 25, 50], when=never),
        "method": ask(choice, "fit by", "REML", ["REML", "ML"]),
        "trap": ask(choice, "trap", "none", SHORT, "Where a mistaken formula would cut"),
        "seed": ask(seed, 40, when=SIMULATED),
    }
    table = """
        τ², between | {between:.6f}
        σ², within | {within:.6f}
        ICC by ML | {icc_ml:.5f}
        ICC by REML | {icc_reml:.5f}
        design effect | {design_effect:.2f}
        all numbers |
        ICC = τ² / (τ² + σ²) | {icc:.5f}
        mean group size | {mean_size:.0f}
        not the ICC |
        with sds: τ / (τ + σ) | {with_sds:.4f}
        a ratio: τ² / σ² | {as_ratio:.4f}
    """
    status = "{icc:.2%} of the variance lies between groups, by {method}."
    alt = "{J} groups of points over a bar of their variance. {status}"
    caption = "Fitted by {method}"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(model.varcorr)
            for method in ("ML", "REML"):
                print(method, hlm.icc(outcome="{y}", group="{group}", data=data, method=method))
        """,
        "r": """
            library(lme4)
            {rows}
            {model}
            for (fit in list(update(model, REML = FALSE), update(model, REML = TRUE))) {{
              v <- as.data.frame(VarCorr(fit))$vcov
              print(c(between = v[1], within = v[2], icc = v[1] / sum(v)))
            }}
        """,
    }

    def picture(self, present):
        """Groups over a bar, with the tutorial's ICCs marked."""
        return DialView(tutorial_iccs(), present)

    def recipe(self, state):
        """Spread the same draws by the dial; fit by both methods, the one chosen as `model`."""
        share, chosen = state["icc"], state["method"]
        rows = Simulated(
            groups=state["groups"],
            size=state["size"],
            beta=0.0,
            sd_u=Root(share),
            sigma=Root(1 - share, f"(1 - {share:g})"),
            seed=state["seed"],
        )
        other = "ML" if chosen == "REML" else "REML"
        models = [
            Model(name="model", method=chosen, verb="lmer"),
            Model(name="other", method=other, verb="lmer"),
        ]
        return Tutorial() if state["source"] == "tutorial" else rows, models

    def story(self, found):
        """Groups, their means, and the share that these take of all spread."""
        return self.unveil(
            found,
            ("dots", "Members of each group. How alike are those of one group?"),
            ("overall, levels", "Each group's mean, about the overall mean."),
            (
                "between, within, names",
                "All the variance as one bar: between groups, within groups.",
            ),
            ("cut, truth, wrong, wrong_label", "Where the bar is cut is the ICC."),
            ("near, rest", "Its first hundredths, enlarged."),
        )

    def numbers(self, found):
        """Give both ICCs, their pieces, and what the mistaken formulas would say."""
        fit, by = found.fits["model"], {fit.reml: fit for fit in found.fits.values()}
        (spread,) = fit.covariances.values()
        tau, sigma = float(spread.sd[0]), fit.sigma
        return {
            "icc": icc(fit),
            "icc_ml": icc(by[False]),
            "icc_reml": icc(by[True]),
            "between": tau**2,
            "within": sigma**2,
            "design_effect": design_effect(fit),
            "with_sds": tau / (tau + sigma),
            "as_ratio": tau**2 / sigma**2,
        }

    def words(self, found):
        """How many groups, and how large."""
        J = len(found.rows.levels)
        return {"J": J, "mean_size": len(found.rows.codes) / J}

    def draw(self, found):
        """Show the points and the bar."""
        rows, trap, numbers = found.rows, found.state["trap"], self.results
        known = found.state["source"] == "simulated"
        step = -(-len(rows.codes) // DOTS)
        aside = np.random.default_rng(0).uniform(-0.33, 0.33, len(rows.codes))
        self.view.update(
            DialPicture(
                dots=np.column_stack([rows.codes + aside, rows.outcome])[::step],
                means=np.bincount(rows.codes, rows.outcome) / np.bincount(rows.codes),
                names=rows.levels,
                centre=0.0 if known else 4.3,
                scale=1.0 if known else 0.95,
                icc=numbers["icc"],
                truth=found.state["icc"] if known else float("nan"),
                wrong={TRAPS[trap]: numbers[trap]} if trap in TRAPS else {},
                note=f"one row in {step} is drawn" if step > 1 else "",
            )
        )


@lru_cache(maxsize=1)
def tutorial_iccs() -> dict[str, float]:
    """The ICC of the tutorial's data, by both methods."""
    data = load("HLM")
    return {
        m: icc(outcome="Satisfaction", group="Time", data=data, method=m) for m in ("ML", "REML")
    }
