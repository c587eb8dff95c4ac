"""ModelBuilder: models of one's own table, side by side, with their code and a report."""

from dataclasses import dataclass, replace
from pathlib import Path

import ipywidgets as ipw
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.errors import DataError, HLMError
from hlmteach.recipes.columns import SETS, Columns
from hlmteach.recipes.models import Model
from hlmteach.views.model import ModelView, read_model
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import Chips, ask, box, button, choice, menu, never, tick
from hlmteach.widgets.model_page import models_html, report_page
from hlmteach.widgets.parts import ALL
from hlmteach.widgets.upload import Upload, read_bytes
from hlmteach.widgets.words import Number

OWN, NONE = "your own", "(none)"
FIRST = 4  # coefficients in sight
NA_OMIT = ", na.action = na.omit"  # as lmer does by itself


@dataclass(frozen=True)
class Found:
    """The formula as lme4 writes it, and its fit."""

    state: dict
    formula: str
    fit: Fit


class ModelBuilder(TeachingWidget):
    """A model is a choice of columns: outcome, predictors, groups; keep several and compare them.

    Choose the columns of one of our tables, of a file of yours (csv, sav, dta, xlsx) or of a
    DataFrame. Kept models stand in one table, each tested against the one before it. `data` is a
    table of yours, a DataFrame. The preset "tutorial" is the tutorial's Model 3.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ModelBuilder()
    >>> round(widget.results["aic"], 3), round(widget.results["b NPD"], 5)
    (6468.46, 0.12298)
    >>> widget.close()
    """

    title = "Build a model of your own data"
    sentence = (
        "A mixed model is a choice of columns: an outcome, predictors, and who belongs together."
    )
    presets = {
        "tutorial": {},
        "sleep": {
            "data": "sleepstudy",
            "outcome": "Reaction",
            "predictors": ("Days",),
            "group": "Subject",
            "slope": "Days",
        },
        "growth": {
            "data": "Orthodont",
            "outcome": "distance",
            "predictors": ("age", "Sex"),
            "group": "Subject",
        },
    }

    inputs = {
        "data": ask(menu, "table", "HLM", list(SETS), when=never),
        "outcome": ask(menu, "outcome", "Satisfaction", ["Satisfaction", "NPD", "BPD"]),
        "predictors": ask(Chips, "predictors", ("NPD",), ["Satisfaction", "NPD", "BPD", "Time"]),
        "product": ask(tick, "with their products", False),
        "group": ask(menu, "groups", "Time", [NONE, "NPD", "Time"]),
        "slope": ask(
            menu, "slope that varies by group", NONE, [NONE, "Satisfaction", "NPD", "BPD"]
        ),
        "method": ask(choice, "fit by", "ML", ["ML", "REML"]),
    }
    picture = ModelView
    status = "{formula}: AIC {aic:.1f}, {n:,.0f} rows.{singular}"
    alt = "Slopes with intervals, and groups in order. {status} Coefficients: {listed}."
    caption = "This model"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(model)

            # statsmodels, as a cross-check:
            {later}
        """,
        "r": """
            {rows}
            library(nlme)
            {with_nlme}
            summary(model)
            {with_lme4}
        """,
    }

    def __init__(
        self, preset: str | None = None, *, data: pd.DataFrame | None = None, present=False
    ):
        self._tables = {name: load(name) for name in SETS}
        self.kept: list[Found] = []
        self._source = {}
        self._make_parts()
        super().__init__(preset, present=present)
        if data is not None:
            self.use(data)

    # -- data ------------------------------------------------------------------------------------

    def use(self, data: pd.DataFrame, file: str = "", options: dict | None = None) -> None:
        """Take a table of one's own; `file` is where it was read from, with these options."""
        if not _numeric(data):
            raise DataError(
                "No column of this table holds numbers, so there is no outcome. A file can be read "
                "otherwise: say its decimal sign, its row of names, its gaps."
            )
        self._tables[OWN] = data
        self._source = {"source": file, "options": options or {}}
        with self._held():
            self.controls["data"].options = [*SETS, OWN]
            self.controls["data"].value = OWN
            self._adapt()
        self.refresh()

    def read(self, name: str, content: bytes, **options) -> None:
        """Take a file by its name and content; options as `hlm.read_table` takes them."""
        self.use(read_bytes(name, content, options), Path(name).name, options)

    @property
    def table(self) -> pd.DataFrame:
        """The table in use."""
        return self._tables[self.controls["data"].value]

    def _set_one(self, name, value) -> None:
        super()._set_one(name, value)
        if name == "data":
            self._adapt()

    def _on_change(self, change) -> None:
        if change["owner"] is self.controls["data"]:
            with self._held():
                self._adapt()
        super()._on_change(change)

    def _adapt(self) -> None:
        """Offer this table's columns."""
        data, controls = self.table, self.controls
        numeric, names = _numeric(data), list(data.columns)
        groups = _groups(data)
        group = groups[0] if groups else NONE
        outcome = next((name for name in numeric if name != group), numeric[0])
        _offer(controls["outcome"], numeric, outcome)
        chosen = tuple(name for name in controls["predictors"].value if name in names)
        controls["predictors"].options = names
        controls["predictors"].value = chosen
        _offer(controls["group"], [NONE, *groups], group)
        _offer(controls["slope"], [NONE, *numeric], NONE)

    # -- one model ---------------------------------------------------------------------------------

    def recipe(self, state):
        """The chosen columns, and the model of them, as lme4 writes it."""
        grouped, turns = state["group"] != NONE, state["slope"] != NONE
        predictors = {f"x{k}": name for k, name in enumerate(state["predictors"])}
        names = {"y": state["outcome"], **predictors, "group": state["group"]}
        names["slope"] = state["slope"]
        source = self._source if state["data"] == OWN else {"source": state["data"]}
        sign = " * " if state["product"] else " + "
        fixed = sign.join(f"{{{role}}}" for role in predictors) or "1"
        effects = ("{slope}" if turns else "1") if grouped else ""
        method = state["method"]
        model = Model(name="model", fixed=fixed, effects=effects, method=method, verb="lmer")
        rows = Columns(chosen=tuple(names.items()), table=self._tables[state["data"]], **source)
        return rows, [model]

    def compute(self, state) -> Found:
        """Write the formula as lme4 does, and fit it."""
        self._check(state)
        rows, (model,) = self.recipe(state)
        return Found(state, model.formula(rows), model.fit_table(rows))

    def _check(self, state) -> None:
        y, group = state["outcome"], state["group"]
        if y in (*state["predictors"], state["slope"], group):
            raise HLMError(f"{y} is the outcome: it cannot explain itself. Choose other columns.")
        if group in state["predictors"]:
            raise HLMError(
                f"{group} is the group and a predictor at once: fixed or random, not both. "
                "Take it out of one of them."
            )

    def draw(self, found) -> None:
        """Show slopes and groups, and the table of kept models."""
        self.view.update(read_model(found.fit))
        self.models.value = models_html(self.kept, found)

    def numbers(self, found):
        """Name the estimates."""
        fit = found.fit
        criteria = {"aic": fit.aic, "bic": fit.bic, "loglik": fit.loglik}
        slopes = {f"b {name}": float(value) for name, value in fit.fixef.items()}
        sds = {
            f"sd {g}, {n}" if n else "sigma": float(sd)
            for g, n, sd in fit.varcorr[["group", "name", "sd"]].itertuples(index=False)
        }
        return {**criteria, "k": float(fit.n_params), "n": float(fit.n_obs), **slopes, **sds}

    def words(self, found):
        """The formula, and the coefficients in a list."""
        slopes = found.fit.fixef.items()
        singular = " It is singular: simplify the random part."
        return {
            "formula": found.formula,
            "singular": singular if found.fit.is_singular else "",
            "listed": "; ".join(f"{name} {signed(value)}" for name, value in slopes),
        }

    def table_of(self, found, values):
        """List what the model happens to have."""
        return _rows(found.fit, self.numbers(found))

    def code_for(self, state):
        """Write the model for hlmteach, statsmodels, nlme and lme4."""
        rows, (model,) = self.recipe(state)
        head = "import hlmteach as hlm\n" if rows.source else ""
        alone = f"{head}{rows.python}{model.statsmodels(rows)}"
        return {**super().code_for(state), "statsmodels": alone}

    def code_words(self, state):
        """The same model for statsmodels, nlme and lme4."""
        rows, (model,) = self.recipe(state)
        later, lmer = model.statsmodels(rows).splitlines(), model.r(rows)
        nlme = replace(model, verb="lme", r_more=NA_OMIT)
        return {
            "with_nlme": nlme.r(rows).rstrip(),
            "later": "\n".join(f"# {line}" for line in later),
            "with_lme4": f"library(lme4)\n{lmer}summary(model)" if model.effects else "",
        }

    def story(self, found):
        """First what the predictors do, then who belongs together."""
        return self.unveil(
            found,
            ("slopes", f"{found.formula}: the slope of each predictor."),
            ("slope_legs", "How sure is it? A 95 % interval."),
            ("u_legs, u, note", "Each group's line, from the lowest to the highest."),
        )

    # -- several models ----------------------------------------------------------------------------

    def keep(self) -> None:
        """Put the present model into the table."""
        if self.results and not any(
            found.formula == self._found.formula and found.fit.reml == self._found.fit.reml
            for found in self.kept
        ):
            self.kept.append(self._found)
            self.models.value = models_html(self.kept, self._found)

    def forget(self) -> None:
        """Empty the table of models."""
        self.kept.clear()
        self.models.value = models_html(self.kept, self._found)

    def report_html(self) -> str:
        """Write a page about the present model: printout, picture, table of models, code."""
        if not self.results:
            raise HLMError("There is no fitted model to report. Choose columns that can be fitted.")
        picture, alt, code = self.stage.savefig(), self.stage.alt, self.code_for(self.state)
        return report_page(self._found, picture, alt, self.models.value, code)

    def save_report(self, path="model_report.html") -> Path:
        """Save `report_html` to a file."""
        path = Path(path)
        path.write_text(self.report_html(), encoding="utf-8")
        return path

    def _on_save(self) -> None:
        try:
            self._say(f"Saved as {self.save_report().name}, beside this notebook.")
        except HLMError as error:
            self.complain(error)

    # -- layout ----------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.models = ipw.HTML()
        self.upload = Upload(self.use, self.complain)
        self.buttons = [
            button("Keep this model", self.keep, "Put it into the table below", "plus"),
            button("Empty the table", self.forget, "Forget the kept models", "trash"),
            button("Save a report", self._on_save, "An HTML page beside the notebook", "save"),
        ]

    def _layout(self) -> list:
        """Columns are in sight; what is asked for now and then is folded."""
        head, body, message, *rest = super()._layout()
        keep, *others = self.buttons
        self._tools.children = (*self._tools.children, keep)
        folded = [self.controls[name] for name in ("method", "product")]
        self._grid.children = [one for one in self._grid.children if one not in folded]
        fitted = box("hlm-controls", folded)
        fitted.add_class("hlm-columns-4")
        row = box("hlm-row", [self.upload.button, *others])
        inside = ipw.VBox([fitted, row, *self.upload.parts])
        inside.add_class("hlm-fold")
        fold = ipw.Accordion([inside])
        fold.set_title(0, "More: how it is fitted, a file of yours, a report")
        return [head, body, message, self.models, fold, *rest]


def _numeric(data) -> list[str]:
    return [name for name in data.columns if pd.api.types.is_numeric_dtype(data[name])]


def _groups(data) -> list[str]:
    """Columns that may say who belongs together: repeated values, words before numbers."""
    found = [n for n in data.columns if 2 <= data[n].nunique() <= len(data) // 2]
    words = [n for n in found if not pd.api.types.is_numeric_dtype(data[n])]
    return words + [n for n in found if n not in words and (data[n].dropna() % 1 == 0).all()]


def _offer(menu, options, default) -> None:
    """Change a menu's options, and keep its value where it is still offered."""
    value = menu.value if menu.value in options else default
    if tuple(menu.options) != tuple(options):
        menu.options = options
    menu.value = value


def _rows(fit, numbers) -> tuple:
    slopes = [(name, signed(value, 5)) for name, value in fit.fixef.items()]
    sds = [
        (name.removeprefix("sd "), f"{value:.5f}")
        for name, value in numbers.items()
        if name == "sigma" or name.startswith("sd ")
    ]
    return (
        ("AIC", f"{Number(fit.aic):.3f}"),
        *slopes[:FIRST],
        *sds[:1],
        (ALL, ""),
        *slopes[FIRST:],
        *sds[1:],
        ("BIC", f"{Number(fit.bic):.3f}"),
        ("log-likelihood", f"{Number(fit.loglik):.3f}"),
    )
