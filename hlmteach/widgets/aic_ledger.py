"""AICLedger: every estimated parameter costs two points, and the fit has to earn them."""

from dataclasses import dataclass

from hlmteach.engine.fit import Fit
from hlmteach.inference.comparison.compare import aic_ledger
from hlmteach.recipes.chosen import PARTS, PRINTED, course_model
from hlmteach.recipes.models import Model, Redrawn, fit_all
from hlmteach.recipes.rows import Rows, Tutorial
from hlmteach.views.ledger import Ledger, LedgerView, Line
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import Chips, ask, choice, menu, seed
from hlmteach.widgets.parts import ALL

LABELS = {name: name.replace("model", "Model ").capitalize() for name in PARTS}
TICKED = [(label.removeprefix("Model "), name) for name, label in LABELS.items()]
MODELS = {name: course_model(name) for name in PARTS}
SOURCES = [("the tutorial's", "tutorial")]
SOURCES += [(f"simulated: {LABELS[m]} is true", m) for m in MODELS if m != "model4"]
RULES = [("every estimated parameter", "all"), ("coefficients only", "variables")]
RULE = "The tutorial's sentence counts variables and the intercept; its numbers count all"
COUNTED = {"all": "counted", "variables": "fixed_only"}
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


class Stopped(Model):
    """Model 4 where the tutorial's printout stopped."""

    def fit(self, rows: Rows) -> Fit:
        """Evaluate the model there."""
        return super().fit(rows).at(**PRINTED)

    def python(self, rows: Rows) -> str:
        """Python that evaluates the model there."""
        given = ", ".join(f"{name}={value}" for name, value in PRINTED.items())
        return f"{super().python(rows)}{self.name} = {self.name}.at({given})  # as printed\n"


@dataclass(frozen=True)
class Found:
    """The ledger under the rule in force, and the names of its models."""

    ledger: Ledger
    names: tuple[str, ...]


class AICLedger(TeachingWidget):
    """AIC charges two points for every parameter that is estimated, variances too.

    Left, each model's parameters as blocks: regression coefficients, variances, covariances.
    Right, how far its fit is from the best one in play, and the penalty for its blocks. Tick models
    on and off; let only the coefficients count, as the tutorial's sentence says; simulate outcomes
    from one of the models and see which one the AIC picks.

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
        "Every estimated parameter costs two points, variances too. A better fit has to earn "
        "them back."
    )
    presets = {
        "all models": {},
        "models 1 and 2": {"models": ("model1", "model2")},
        "models 3 and 4": {"models": ("model3", "model4")},
        "variables only": {"rule": "variables"},
    }

    inputs = {
        "models": ask(Chips, "models in play", tuple(LABELS), TICKED),
        "rule": ask(choice, "k counts", "all", RULES, RULE),
        "source": ask(menu, "outcomes", "tutorial", SOURCES),
        "seed": ask(seed, when=lambda s: s["source"] != "tutorial"),
    }
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {fits}
            {python_aic}
        """,
        "r": """
            library(nlme)
            {rows}
            {fits}
            {aic}
        """,
    }

    def picture(self, present):
        """A row for each model."""
        return LedgerView(list(LABELS.values()), present)

    def recipe(self, state):
        """The ticked models of the tutorial's outcomes, or of outcomes drawn from one of them."""
        rows, models = _rows_and_models(state)
        return rows, [model for model in models if model.name in state["models"]]

    def compute(self, state) -> Found:
        """Take every parameter from the fit's own ledger."""
        rows, models = _rows_and_models(state)
        column = COUNTED[state["rule"]]
        fits = fit_all(models, rows)
        lines = (_line(name, fit, name in state["models"], column) for name, fit in fits.items())
        return Found(Ledger(tuple(lines)), tuple(fits))

    def draw(self, found):
        """Show the ledger."""
        self.view.update(found.ledger)

    def report(self, found) -> Report:
        """Give k, AIC and the distance from the best, of the models in play."""
        ledger, numbers, rows, more = found.ledger, {}, [], []
        for name, line in zip(found.names, ledger.lines, strict=True):
            if line.shown:
                delta = line.aic - ledger.best.aic
                numbers |= {
                    f"k_{name}": float(line.k),
                    f"aic_{name}": line.aic,
                    f"delta_{name}": delta,
                }
                numbers[f"misfit_{name}"] = line.misfit
                rows.append((line.name, f"{line.aic:.2f}"))
                more += [(line.name, ""), ("−2 logLik", f"{line.misfit:.2f}")]
                more += [(f"+ 2 × {line.k} blocks", f"{2 * line.k}"), ("above", f"{delta:.2f}")]
        if not rows:
            return Report(
                numbers={},
                rows=(),
                status="No model is in play.",
                alt="An empty ledger.",
                caption="Choose a model",
            )
        rows.append(
            ("worst above best", f"{max(line.aic for line in ledger.shown) - ledger.best.aic:.2f}")
        )
        status = f"Best: {ledger.best.name}, AIC {ledger.best.aic:.2f} with k = {ledger.best.k}."
        return Report(
            numbers=numbers,
            rows=(*rows, (ALL, ""), *more),
            status=status,
            alt=_alt(ledger),
            caption="AIC, smaller is better",
        )

    def story(self, found):
        """Count, weigh the fit, charge for the blocks."""
        if not found.ledger.shown:
            return ()
        best = found.ledger.best
        return self.unveil(
            found,
            ("blocks, symbols", "A block for each parameter that a model estimates."),
            ("misfits", "Blue: how much worse a model fits than the best fit in play."),
            ("penalties, notches", "Orange: two points for each block."),
            ("sums, best", f"Both together are the AIC. The smallest is {best.name}'s."),
        )

    def code_words(self, state):
        """The AICs of the ticked models."""
        names, rule = [name for name in MODELS if name in state["models"]], COUNTED[state["rule"]]
        lines = [f'print(hlm.aic_ledger({name}).loc["AIC", "{rule}"])' for name in names]
        aic = f"AIC({', '.join(names)})" if names else ""
        return {"python_aic": "\n".join(lines), "aic": aic}


def _rows_and_models(state) -> tuple[Rows, list[Model]]:
    source, rows = state["source"], Tutorial()
    if source != "tutorial":
        return Redrawn(rows, MODELS[source], state["seed"]), list(MODELS.values())
    fixed, effects = PARTS["model4"]
    stopped = Stopped(name="model4", fixed=fixed, effects=effects)
    return rows, [stopped if name == "model4" else model for name, model in MODELS.items()]


def _line(name: str, fit: Fit, shown: bool, column: str) -> Line:
    table = aic_ledger(fit)
    rows = table[table["kind"] != "total"]
    symbols = tuple(SYMBOLS[row] for row in rows.index)
    counted = tuple(bool(c) for c in rows[column])
    return Line(
        name=LABELS[name],
        shown=shown,
        symbols=symbols,
        kinds=tuple(rows["kind"]),
        counted=counted,
        misfit=-2 * fit.loglik,
    )


def _alt(ledger: Ledger) -> str:
    lines = [f"{line.name}: {line.k} blocks, AIC {line.aic:.2f}" for line in ledger.shown]
    return "A row of blocks for each model, one for each parameter counted. " + "; ".join(lines)
