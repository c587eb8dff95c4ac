"""GrowthFan: people who change at different speeds, and what that does to the occasions."""

from dataclasses import dataclass

import numpy as np

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.variance.occasions import Occasions, implied, observed
from hlmteach.recipes.columns import Columns
from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Rows
from hlmteach.recipes.waves import Waves
from hlmteach.views.grouplines import GroupLines, Spread, read_lines, read_spread
from hlmteach.views.growth import GrowthPicture, GrowthView
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, menu, never, seed, slider

SOURCES = [("sleepstudy", "sleepstudy"), ("Orthodont", "Orthodont"), ("simulated", "simulated")]
SIMULATED = {"source": "simulated"}
ROLES = {
    "sleepstudy": (("y", "Reaction"), ("x", "Days"), ("group", "Subject")),
    "Orthodont": (("y", "distance"), ("x", "age"), ("group", "Subject")),
}
MODELS = {
    "slopes": Model(name="model", fixed="{x}", effects="{x}", method="REML", verb="lmer"),
    "intercepts": Model(name="model", fixed="{x}", effects="1", method="REML", verb="lmer"),
}
LINES = [("turn", "slopes"), ("stay parallel", "intercepts")]
RIGHT = {
    "sd": "sd at each occasion",
    "first": "correlation with the first",
    "last": "correlation with the last",
}
TITLES = {
    "sd": "sd at each time",
    "first": "correlation with first",
    "last": "correlation with last",
}
ZEROS = [("as it is counted", "raw"), ("the first occasion", "first")]
ZEROS += [("the middle", "middle"), ("the last occasion", "last")]
PEOPLE, TIMES, SD_0 = 30, 6, 2.0  # of simulated rows
SURE = 1.96


def _counted(state) -> bool:
    return state["source"] != "simulated"


@dataclass(frozen=True)
class Found:
    """One settled state: both models of the rows, and the occasions by each and in the data."""

    state: dict
    rows: Rows
    fit: Fit
    ratio: float
    lines: GroupLines
    spread: Spread
    model: Occasions
    other: Occasions
    data: Occasions


class GrowthFan(TeachingWidget):
    """A random slope of time lets people fan out.

    A line per person at the left, with a band that holds 95 % of the lines. At the right, how alike
    two occasions are, or how far people differ at each: in the data, by a model whose lines may
    turn, and by one whose lines stay parallel. The preset "sleep" shows the model of Bates and
    others (2015).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.GrowthFan()
    >>> [round(widget.results[name], 2) for name in ("sd_intercept", "sd_slope", "rho")]
    [24.74, 5.92, 0.07]
    >>> widget.set(zero="last")
    >>> [round(widget.results[name], 2) for name in ("sd_intercept", "sd_slope", "rho")]
    [60.21, 5.92, 0.91]
    >>> widget.close()
    """

    title = "People fan out"
    sentence = (
        "People who change at different speeds fan out, and answers far apart in time become "
        "less alike."
    )
    presets = {
        "sleep": {},
        "parallel": {"lines": "intercepts"},
        "children": {"source": "Orthodont"},
        "simulated": {"source": "simulated"},
    }
    inputs = {
        "source": ask(choice, "data", "sleepstudy", SOURCES, when=never),
        "lines": ask(choice, "people's lines", "slopes", LINES),
        "right": ask(menu, "at the right", "sd", [(text, name) for name, text in RIGHT.items()]),
        "zero": ask(
            menu, "zero of time", "raw", ZEROS, "Where intercepts are measured", when=_counted
        ),
        "sd_slope": ask(slider, "true sd of slopes", 0.5, 0, 1, 0.05, when=SIMULATED),
        "rho": ask(slider, "true ρ", 0, -1, 1, 0.1, signed=True, when=SIMULATED),
        "seed": ask(seed, 52, when=SIMULATED),
    }
    picture = GrowthView
    table = """
        sd of intercepts | {sd_intercept:.2f}
        sd of slopes | {sd_slope:.2f}
        ρ | {rho:.2f}
        sd of e | {sigma:.2f}
        first and last correlate | {corr:.2f}
        in the data | {corr_data:.2f}
        all numbers |
        L.Ratio of the slopes | {ratio:.2f}
        the line |
        at zero | {intercept:.2f}
        per unit of time | {slope:.2f}
    """
    status = "From the first occasion to the last the sd goes from {sd_first:.1f} to {sd_last:.1f}."
    alt = (
        "Lines of {J} people over time, which {turn}; a band of {low:.1f} to {high:.1f} to either "
        "side holds 95 % of them. Right, {right_said}: by the model from {from_:.2f} to {to:.2f}, "
        "in the data from {from_data:.2f} to {to_data:.2f}."
    )
    caption = "Fitted by REML"
    templates = {
        "python": """
            import numpy as np
            import pandas as pd
            import hlmteach as hlm

            {rows}
            {python_shift}
            {model}
            print(model.fixef, model.varcorr, sep="\\n\\n")
            parallel = hlm.lmer("{y} ~ {x} + (1 | {group})", data)
            turning = hlm.lmer("{y} ~ {x} + ({x} | {group})", data)
            print("L.Ratio", 2 * (turning.loglik - parallel.loglik))

            times = np.unique(data["{x}"])
            Z = np.column_stack([np.ones(len(times)), times]){python_columns}
            V = Z @ model.covariances["{group}"].cov @ Z.T + model.sigma**2 * np.eye(len(times))
            sd = np.sqrt(np.diag(V))
            corr = V / np.outer(sd, sd)
            wide = data.pivot(index="{group}", columns="{x}", values="{y}")
            sd_data, corr_data = wide.std(), wide.corr()
        """,
        "r": """
            library(lme4)
            {rows}
            {r_shift}
            {model}
            summary(model)
            as.data.frame(VarCorr(model))
            parallel <- lmer({y} ~ {x} + (1 | {group}), data = data)
            turning <- lmer({y} ~ {x} + ({x} | {group}), data = data)
            2 * as.numeric(logLik(turning) - logLik(parallel))

            times <- sort(unique(data${x}))
            Z <- cbind(1, times){r_columns}
            V <- Z %*% VarCorr(model)${group} %*% t(Z) + sigma(model)^2 * diag(length(times))
            sqrt(diag(V))
            cov2cor(V)
            wide <- tapply(data${y}, list(data${group}, data${x}), mean)
            apply(wide, 2, sd)
            cor(wide)
        """,
    }

    def _connect(self):
        super()._connect()
        self.controls["source"].observe(lambda _change: self._offer_zeros(), "value")
        self._offer_zeros()

    def _offer_zeros(self):
        """Where days are counted from the first one, that is one choice and not two."""
        same, zero = self.controls["source"].value == "sleepstudy", self.controls["zero"]
        offered = tuple(pair for pair in ZEROS if not (same and pair[1] == "first"))
        if zero.options != offered:
            chosen = zero.value if zero.value in dict(offered).values() else "raw"
            with self._held():
                zero.options = offered
                zero.value = chosen

    def recipe(self, state):
        """A data set, or thirty people at six times; the model whose lines are shown."""
        if state["source"] == "simulated":
            rows = Waves(
                people=PEOPLE,
                times=TIMES,
                beta=(10, 1),
                sd_u=(SD_0, state["sd_slope"]),
                rho=state["rho"],
                sigma=1,
                seed=state["seed"],
            )
            return rows, [MODELS[state["lines"]]]
        name = state["source"]
        return Columns(source=name, chosen=ROLES[name], table=load(name)), [MODELS[state["lines"]]]

    def compute(self, state) -> Found:
        """Fit both models, and see what each says of the occasions."""
        rows = self.recipe(state)[0]
        fits = {name: model.fit(rows) for name, model in MODELS.items()}
        fit = fits[state["lines"]]
        data = observed(rows.outcome, rows.predictor, rows.codes)
        seen = {name: implied(one, data.times) for name, one in fits.items()}
        other = "slopes" if state["lines"] == "intercepts" else "intercepts"
        return Found(
            state=state,
            rows=rows,
            fit=fit,
            ratio=2 * (fits["slopes"].loglik - fits["intercepts"].loglik),
            lines=read_lines(fit, rows.predictor, rows.codes, rows.levels),
            spread=read_spread(fit, _zero(state["zero"], data.times)),
            model=seen[state["lines"]],
            other=seen[other],
            data=data,
        )

    def draw(self, found):
        """Show the lines and the occasions."""
        self.view.update(_picture(found))

    def story(self, found):
        """One line, parallel ones, lines that turn; then the occasions."""
        seen, view = _picture(found), self.view
        view.clear()
        view.show_lines(seen, np.empty((0, 2)))
        yield "One line for everybody."
        middle = found.data.times.mean()
        slope = found.lines.overall[1]
        level = found.lines.lines @ np.array([1.0, middle]) - slope * middle
        view.show_lines(seen, np.column_stack([level, np.full_like(level, slope)]))
        yield "Everybody has a level of their own. The lines stay parallel."
        if found.state["lines"] == "slopes":
            view.show_lines(seen, seen.lines)
            yield "Everybody has a speed of their own, too. The lines fan out."
        view.show_band(seen, seen.reach)
        yield "95 % of all people's lines lie in the band, says the model."
        view.show_data(seen)
        yield f"Right, in the data: {RIGHT[found.state['right']]}."
        view.show_models(seen)
        yield "The line is what this model says of it; dashed, what the other says."

    def numbers(self, found):
        """Name the estimates, and what they say of the first and the last occasion."""
        fit, spread = found.fit, found.spread
        return {
            "intercept": float(fit.beta[0] + spread.zero * fit.beta[1]),
            "slope": float(fit.beta[1]),
            "sd_intercept": float(spread.sd[0]),
            **({} if spread.rho is None else {"sd_slope": float(spread.sd[1]), "rho": spread.rho}),
            "sigma": fit.sigma,
            "corr": float(found.model.corr[0, -1]),
            "corr_data": float(found.data.corr[0, -1]),
            "sd_first": float(found.model.sd[0]),
            "sd_last": float(found.model.sd[-1]),
            "ratio": found.ratio,
        }

    def words(self, found):
        """What the picture shows at its ends."""
        seen, right = _picture(found), found.state["right"]
        model, data = (values[np.isfinite(values)] for values in (seen.model, seen.data))
        return {
            "J": len(seen.lines),
            "turn": "fan out" if found.state["lines"] == "slopes" else "stay parallel",
            "low": float(seen.reach.min()),
            "high": float(seen.reach.max()),
            "right_said": RIGHT[right],
            "from_": float(model[0]),
            "to": float(model[-1]),
            "from_data": float(data[0]),
            "to_data": float(data[-1]),
        }

    def code_words(self, state):
        """Time counted from elsewhere, and which effects vary."""
        rows = self.recipe(state)[0]
        zero, x = _zero(state["zero"], np.unique(rows.predictor)), rows.x
        parallel = state["lines"] == "intercepts"
        return {
            "python_shift": f'data["{x}"] = data["{x}"] - {zero:g}' if zero else "",
            "r_shift": f"data${x} <- data${x} - {zero:g}" if zero else "",
            "python_columns": "[:, :1]" if parallel else "",
            "r_columns": "[, 1, drop = FALSE]" if parallel else "",
        }


def _zero(name: str, times: np.ndarray) -> float:
    """Where time is counted as 0, in the units of the data."""
    places = {"raw": 0.0, "first": times[0], "last": times[-1]}
    return float(places.get(name, (times[0] + times[-1]) / 2))


def _picture(found: Found) -> GrowthPicture:
    rows, times = found.rows, found.data.times
    at = np.column_stack([np.ones_like(times), times])
    spread = read_spread(found.fit).cov
    return GrowthPicture(
        labels=(rows.x, rows.y),
        x=rows.predictor,
        y=rows.outcome,
        zero=found.spread.zero,
        overall=found.lines.overall,
        lines=found.lines.lines,
        times=times,
        reach=SURE * np.sqrt(np.einsum("ia,ab,ib->i", at, spread, at)),
        what=TITLES[found.state["right"]],
        other_name="parallel lines" if found.state["lines"] == "slopes" else "lines that turn",
        **{
            name: _of_interest(getattr(found, name), found.state["right"])
            for name in ("model", "other", "data")
        },
    )


def _of_interest(seen: Occasions, right: str) -> np.ndarray:
    """What stands at the right; an occasion's correlation with itself is left out."""
    if right == "sd":
        return seen.sd
    which = 0 if right == "first" else len(seen.times) - 1
    return np.where(np.arange(len(seen.times)) == which, np.nan, seen.corr[which])
