"""AICLedger: every estimated parameter costs two points, and the fit has to earn them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.compare import aic_ledger
from hlmteach.inference.simulate import simulate
from hlmteach.rstyle.verbs import gls, lme
from hlmteach.views.ledger import Ledger, LedgerView, Line
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

# Where the tutorial's Model 4 stopped; its maximum is another lesson's.
PRINTED = {"sd": (0.072374062, 0.002428596), "corr": 0.131, "sigma": 0.806315723}
MODELS = {
    "model1": ("Model 1", "Satisfaction ~ 1", None),
    "model2": ("Model 2", "Satisfaction ~ 1", "~1|Time"),
    "model3": ("Model 3", "Satisfaction ~ NPD", "~1|Time"),
    "model4": ("Model 4", "Satisfaction ~ NPD", "~NPD|Time"),
    "interaction": ("Interaction", "Satisfaction ~ NPD * BPD", "~1|Time"),
}
SYMBOLS = {
    "(Intercept)": "$β_0$",
    "NPD": "$β_1$",
    "BPD": "$β_2$",
    "NPD:BPD": "$β_3$",
    "var((Intercept) | Time)": "$τ_0^2$",
    "var(NPD | Time)": "$τ_1^2$",
    "cov((Intercept), NPD | Time)": "$τ_{01}$",
    "sigma^2": "$σ^2$",
}


@dataclass(frozen=True)
class Found:
    """The ledger under the rule in force, and the fits behind it."""

    ledger: Ledger
    fits: dict[str, Fit]


class AICLedger(TeachingWidget):
    """AIC charges two points for every parameter that is estimated, variances too.

    Every parameter that a model estimates, variances too, costs two points; a better fit has
    to earn them back.

    Left, each model's parameters as blocks: regression coefficients, variances, covariances.
    Right, how far its fit is from the best one in play, and the penalty for its blocks. Tick models
    on and off; let only the coefficients count, as the tutorial's sentence says; simulate outcomes
    from one of the models and see which one the AIC picks.

    Parameters
    ----------
    preset : {"all models", "models 1 and 2", "models 3 and 4", "variables only"}
        Where the controls start.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.AICLedger()
    >>> [round(widget.results[name], 2) for name in ("aic_model1", "aic_model2", "aic_model3")]
    [6543.89, 6533.55, 6468.46]
    >>> widget.set(rule="variables")
    >>> round(widget.results["aic_model2"], 2)
    6529.55
    >>> widget.close()
    """

    title = "The AIC as a ledger"
    sentence = (
        "Every parameter that a model estimates, variances too, costs two points; "
        "a better fit has to earn them back."
    )
    presets = {  # noqa: RUF012
        "all models": {},
        "models 1 and 2": {"model3": False, "model4": False, "interaction": False},
        "models 3 and 4": {"model1": False, "model2": False, "interaction": False},
        "variables only": {"rule": "variables"},
    }

    def __init__(self, preset: str = "all models", *, present: bool = False):
        view = LedgerView([name for name, *_ in MODELS.values()], present)
        super().__init__(view, _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show the seed where outcomes are drawn."""
        return set(self.controls) - (set() if state["source"] != "tutorial" else {"seed"})

    def compute(self, state) -> Found:
        """Take every parameter from the fit's own ledger."""
        fits = _fits(state["source"], state["seed"] if state["source"] != "tutorial" else 0)
        column = "counted" if state["rule"] == "all" else "fixed_only"
        lines = (_line(name, fit, state[name], column) for name, fit in fits.items())
        return Found(Ledger(tuple(lines)), fits)

    def draw(self, found):
        """Show the ledger."""
        self.view.update(found.ledger)

    def report(self, found) -> Report:
        """Give k, AIC and the distance from the best, of the models in play."""
        ledger, numbers, rows = found.ledger, {}, []
        for name, line in zip(found.fits, ledger.lines, strict=True):
            if line.shown:
                delta = line.aic - ledger.best.aic
                numbers |= {
                    f"k_{name}": float(line.k),
                    f"aic_{name}": line.aic,
                    f"delta_{name}": delta,
                }
                numbers[f"misfit_{name}"] = line.misfit
                rows += [(line.name, ""), ("−2 logLik", f"{line.misfit:.2f}")]
                rows.append((f"+ 2 × {line.k} blocks = AIC", f"{line.aic:.2f}"))
        if not rows:
            return Report({}, (), "No model is ticked.", "An empty ledger.", "Tick a model")
        status = f"Best: {ledger.best.name}, AIC {ledger.best.aic:.2f} with k = {ledger.best.k}."
        return Report(numbers, tuple(rows), status, _alt(ledger), "AIC, smaller is better")

    def code_for(self, state):
        """Write the fits of the ticked models and their AICs."""
        names = [name for name in MODELS if state[name]]
        python = ['import hlmteach as hlm\n\ndata = hlm.load("HLM")\n']
        r = ["library(nlme)\nlibrary(foreign)\n"]
        r += ['data <- read.spss("HLM.sav", to.data.frame = TRUE)\n']
        if state["source"] != "tutorial":
            python += [_python_fit(state["source"]), _python_draw(state)]
            r += [_r_fit(state["source"]), _r_draw(state)]
        for name in names:
            python.append(_python_fit(name))
            python += [_python_printed()] * (name == "model4" and state["source"] == "tutorial")
            r.append(_r_fit(name))
        rule = "counted" if state["rule"] == "all" else "fixed_only"
        python += [f'print(hlm.aic_ledger({name}).loc["AIC", "{rule}"])\n' for name in names]
        r.append(f"AIC({', '.join(names)})\n" if names else "")
        return {"python": "".join(python), "r": "".join(r)}


def _controls() -> dict:
    sources = [("the tutorial's", "tutorial")]
    sources += [(f"simulated: {MODELS[m][0]} is true", m) for m in MODELS if m != "model4"]
    rules = [("every estimated parameter", "all"), ("coefficients only", "variables")]
    ticks = {name: make.tick(label, True) for name, (label, *_) in MODELS.items()}
    help = "The tutorial's sentence counts variables and the intercept; its numbers count all"
    return {
        **ticks,
        "rule": make.choice("k counts", "all", rules, help),
        "source": make.menu("outcomes", "tutorial", sources),
        "seed": make.seed(),
    }


@lru_cache(maxsize=1)
def _tutorial() -> dict[str, Fit]:
    data = load("HLM")
    return {name: _fit(data, *MODELS[name][1:]) for name in MODELS}


def _fit(data: pd.DataFrame, formula: str, random: str | None) -> Fit:
    if random is None:
        return gls(formula, data, "ML")
    return lme(formula, data, random, "ML")


@lru_cache(maxsize=8)
def _fits(source: str, seed: int) -> dict[str, Fit]:
    """Every model, fitted to the tutorial's outcomes or to new ones drawn from one of them."""
    fits = _tutorial()
    if source == "tutorial":
        return {**fits, "model4": fits["model4"].at(**PRINTED)}
    y = simulate(fits[source], 1, np.random.default_rng(seed))[0]
    return {name: fit.refit(y) for name, fit in fits.items()}


def _line(name: str, fit: Fit, shown: bool, column: str) -> Line:
    table = aic_ledger(fit)
    rows = table[table["kind"] != "total"]
    symbols = tuple(SYMBOLS[row] for row in rows.index)
    counted = tuple(bool(c) for c in rows[column])
    return Line(MODELS[name][0], shown, symbols, tuple(rows["kind"]), counted, -2 * fit.loglik)


def _alt(ledger: Ledger) -> str:
    lines = [f"{line.name}: {line.k} blocks, AIC {line.aic:.2f}" for line in ledger.shown]
    return "A row of blocks for each model, one for each parameter counted. " + "; ".join(lines)


# -- the same as code --------------------------------------------------------------------------


def _python_fit(name: str) -> str:
    _, formula, random = MODELS[name]
    if random is None:
        return f'{name} = hlm.gls("{formula}", data, method="ML")\n'
    return f'{name} = hlm.lme("{formula}", data, random="{random}", method="ML")\n'


def _python_draw(state) -> str:
    name, seed = state["source"], state["seed"]
    return f'data["Satisfaction"] = hlm.simulate({name}, seed={seed})[0]\n'


def _python_printed() -> str:
    sd, corr, sigma = PRINTED["sd"], PRINTED["corr"], PRINTED["sigma"]
    return f"model4 = model4.at(sd={sd}, corr={corr}, sigma={sigma})  # as printed\n"


def _r_fit(name: str) -> str:
    _, formula, random = MODELS[name]
    if random is None:
        return f'{name} <- gls({formula}, data = data, method = "ML")\n'
    return f'{name} <- lme({formula}, data = data, random = {random}, method = "ML")\n'


def _r_draw(state) -> str:
    name, seed = state["source"], state["seed"]
    lines = [f"set.seed({seed})  # R draws other numbers than Python"]
    if MODELS[name][2] is None:
        lines.append("data$Satisfaction <- rnorm(nrow(data), fitted(model1), sigma(model1))")
    else:
        lines += [
            f"u <- rnorm(3, sd = as.numeric(VarCorr({name})[1, 2]))[as.integer(factor(data$Time))]",
            f"mean <- predict({name}, level = 0)",
            f"data$Satisfaction <- mean + u + rnorm(nrow(data), sd = sigma({name}))",
        ]
    return "\n".join(lines) + "\n"
