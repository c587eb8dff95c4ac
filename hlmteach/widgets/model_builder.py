"""ModelBuilder: models of one's own table, side by side, with their code and a report."""

import html
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ipywidgets as ipw
import pandas as pd

from hlmteach.datasets import load, read_table
from hlmteach.engine.fit import Fit
from hlmteach.errors import DataError, HLMError
from hlmteach.inference.compare import compare
from hlmteach.rstyle.html import fit_html, html_table
from hlmteach.rstyle.verbs import gls, lmer
from hlmteach.views.model import ModelView, read_model
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.model_code import (
    NONE,
    SETS,
    formula_of,
    python_data,
    python_fit,
    r_data,
    r_fits,
    statsmodels_fit,
)

OWN = "your own"
NEVER_KEPT = "Nothing kept yet: press Keep this model, change it, and compare."
FILES = ".csv,.tsv,.txt,.sav,.zsav,.dta,.xlsx,.parquet"


@dataclass(frozen=True)
class Found:
    """The formula as lme4 writes it, and its fit."""

    formula: str
    fit: Fit


class ModelBuilder(TeachingWidget):
    """A model is a choice of columns: outcome, predictors, groups; keep several and compare them.

    A mixed model is a choice of columns: an outcome, predictors, and who belongs together.
    Keep a few models and see what each step buys.

    Choose the columns of one of our tables, of a file of yours (csv, sav, dta, xlsx) or of a
    DataFrame. Kept models stand in one table, each tested against the one before it.

    Parameters
    ----------
    preset : {"tutorial", "sleep", "growth"}
        Where the controls start. "tutorial" is the tutorial's Model 3.
    data : DataFrame, optional
        A table of yours.
    present : bool
        Large type, for a projector.

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
        "A mixed model is a choice of columns: an outcome, predictors, and who belongs together. "
        "Keep a few models and see what each step buys."
    )
    presets = {  # noqa: RUF012
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

    def __init__(self, preset="tutorial", *, data: pd.DataFrame | None = None, present=False):
        self._tables = {name: load(name) for name in SETS}
        self.kept: list[Found] = []
        self._source = {}
        self._make_parts()
        super().__init__(ModelView(present), _controls(), preset=preset, present=present)
        if data is not None:
            self.use(data)

    # -- data ------------------------------------------------------------------------------------

    def use(self, data: pd.DataFrame, file: str = "") -> None:
        """Take a table of one's own; `file` is where it was read from."""
        if not _numeric(data):
            raise DataError(
                "No column of this table holds numbers, so there is no outcome. Are decimals "
                "written with a comma? hlm.read_table(path, decimal=',') reads those."
            )
        self._tables[OWN], self._source[OWN] = data, file
        with self._held():
            self.controls["data"].options = [*SETS, OWN]
            self.controls["data"].value = OWN
            self._adapt()
        self.refresh()

    def read(self, name: str, content: bytes) -> None:
        """Take a file by its name and content, as the upload button does."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / Path(name).name
            path.write_bytes(content)
            self.use(read_table(path), Path(name).name)

    @property
    def table(self) -> pd.DataFrame:
        """The table in use."""
        return self._tables[self.controls["data"].value]

    def _on_upload(self, change) -> None:
        with self._friendly():
            for file in change["new"]:
                self.read(file["name"], bytes(file["content"]))

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
        _offer(controls["outcome"], numeric, numeric[0])
        chosen = tuple(name for name in controls["predictors"].value if name in names)
        controls["predictors"].options = names
        controls["predictors"].value = chosen
        _offer(controls["group"], [NONE, *groups], groups[0] if groups else NONE)
        _offer(controls["slope"], [NONE, *numeric], NONE)

    # -- one model ---------------------------------------------------------------------------------

    def compute(self, state) -> Found:
        """Write the formula and fit it."""
        self._check(state)
        formula = formula_of(state)
        if state["group"] == NONE:
            return Found(formula, gls(formula, self.table, state["method"]))
        return Found(formula, lmer(formula, self.table, REML=state["method"] == "REML"))

    def _check(self, state) -> None:
        y, group = state["outcome"], state["group"]
        if y in state["predictors"] or y == group:
            raise HLMError(f"{y} is the outcome: it cannot explain itself. Choose other columns.")
        if group in state["predictors"]:
            raise HLMError(
                f"{group} is the group and a predictor at once: fixed or random, not both. "
                "Take it out of one of them."
            )

    def draw(self, found) -> None:
        """Show slopes and groups, and the table of kept models."""
        self.view.update(read_model(found.fit))
        self.models.value = self._models_html(found)

    def report(self, found) -> Report:
        """Name the estimates."""
        fit = found.fit
        sds = {
            f"sd {g}, {n}" if n else "sigma": float(sd)
            for g, n, sd in fit.varcorr[["group", "name", "sd"]].itertuples(index=False)
        }
        slopes = {f"b {name}": float(value) for name, value in fit.fixef.items()}
        criteria = {"aic": fit.aic, "bic": fit.bic, "loglik": fit.loglik}
        numbers = {**criteria, "k": float(fit.n_params), "n": float(fit.n_obs), **slopes, **sds}
        words = " It is singular: simplify the random part." if fit.is_singular else ""
        status = f"{found.formula}: AIC {fit.aic:.1f}, {fit.n_obs:,} rows.{words}"
        listed = "; ".join(f"{name[2:]} {signed(value)}" for name, value in slopes.items())
        alt = f"Slopes with intervals, and groups in order. {status} Coefficients: {listed}."
        return Report(numbers, _rows(fit, slopes, sds), status, alt, "This model")

    def code_for(self, state):
        """Write the model for hlmteach, statsmodels, nlme and lme4."""
        file = self._source.get(state["data"], "")
        later = "".join(f"# {line}\n" for line in statsmodels_fit(state).splitlines())
        python = f"import hlmteach as hlm\n\n{python_data(state, file)}{python_fit(state)}"
        return {
            "python": f"{python}print(model)\n\n# statsmodels, as a cross-check:\n{later}",
            "statsmodels": f"{python_data(state, file, True)}{statsmodels_fit(state)}",
            "r": r_data(state, file) + r_fits(state),
        }

    # -- several models ----------------------------------------------------------------------------

    def keep(self) -> None:
        """Put the present model into the table."""
        if self.results and not any(
            found.formula == self._found.formula and found.fit.reml == self._found.fit.reml
            for found in self.kept
        ):
            self.kept.append(self._found)
            self.models.value = self._models_html(self._found)

    def forget(self) -> None:
        """Empty the table of models."""
        self.kept.clear()
        self.models.value = self._models_html(self._found)

    def _models_html(self, now: Found) -> str:
        fits, note = self.kept, ""
        if not fits:
            return f"<p>{NEVER_KEPT}</p>"
        try:
            table = compare([found.fit for found in fits], [found.formula for found in fits])
        except HLMError as error:
            fits = [now]
            table = compare([now.fit], [now.formula])
            note = f"<p>The kept models cannot be compared: {html.escape(str(error))}</p>"
        cells = [[_cell(name, value) for value in table[name]] for name in table][1:]
        names = [found.formula for found in fits]
        return note + html_table(
            names, list(table)[1:], cells, "Models, each against the one before"
        )

    def report_html(self) -> str:
        """Write a page about the present model: printout, picture, table of models, code."""
        if not self.results:
            raise HLMError("There is no fitted model to report. Choose columns that can be fitted.")
        picture = b64encode(self.stage.savefig()).decode("ascii")
        code = self.code_for(self.state)
        blocks = "".join(
            f"<h2>{name}</h2><pre>{html.escape(code[key])}</pre>"
            for name, key in (("Python", "python"), ("R", "r"))
        )
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Model report</title>'
            "<style>body{font-family:sans-serif;max-width:52em;margin:2em auto}td,th{padding:3px "
            "10px;text-align:right}pre{background:#f4f4f4;padding:8px;overflow:auto}</style></head>"
            f"<body><h1>{html.escape(self._found.formula)}</h1>{fit_html(self._found.fit)}"
            f'<img alt="{html.escape(self.stage.alt, quote=True)}" style="max-width:100%" '
            f'src="data:image/png;base64,{picture}"><h2>Models kept</h2>{self.models.value}'
            f"{blocks}</body></html>"
        )

    def save_report(self, path="model_report.html") -> Path:
        """Save `report_html` to a file."""
        path = Path(path)
        path.write_text(self.report_html(), encoding="utf-8")
        return path

    def _on_save(self) -> None:
        with self._friendly():
            self._say(f"Saved as {self.save_report().name}, beside this notebook.")

    @contextmanager
    def _friendly(self):
        try:
            yield
        except HLMError as error:
            self.complain(error)

    # -- layout ----------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.models = ipw.HTML()
        self.upload = ipw.FileUpload(accept=FILES, multiple=False, description="Your file")
        self.upload.observe(self._on_upload, "value")
        self.buttons = [
            make.button("Keep this model", self.keep, "Put it into the table below", "plus"),
            make.button("Empty the table", self.forget, "Forget the kept models", "trash"),
            make.button("Save a report", self._on_save, "An HTML page beside the notebook", "save"),
        ]

    def _layout(self) -> list:
        row = ipw.Box([self.upload, *self.buttons])
        row.add_class("hlm-controls")
        parts = super()._layout()
        at = parts.index(self.message)
        return [*parts[:at], row, self.message, self.models, *parts[at + 1 :]]


def _controls() -> dict:
    predictors = ipw.SelectMultiple(
        value=("NPD",),
        options=["Satisfaction", "NPD", "BPD", "Time"],
        description="predictors",
        tooltip="Several: hold Ctrl, or Shift and the arrow keys",
        rows=4,
        layout=make.WIDE,
        style=make.LABEL,
    )
    numeric = ["Satisfaction", "NPD", "BPD"]
    return {
        "data": make.menu("table", "HLM", list(SETS)),
        "outcome": make.menu("outcome", "Satisfaction", numeric),
        "predictors": predictors,
        "product": make.tick("with their products", False),
        "group": make.menu("groups", "Time", [NONE, "NPD", "Time"]),
        "slope": make.menu("slope that varies by group", NONE, [NONE, *numeric]),
        "method": make.choice("fit by", "ML", ["ML", "REML"]),
    }


def _cell(column: str, value) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if column.startswith("p-"):
        return "< .001" if value < 0.001 else f"{value:.3f}"
    return f"{value:.0f}" if column == "df" else f"{value:.3f}"


def _numeric(data) -> list[str]:
    return [name for name in data.columns if pd.api.types.is_numeric_dtype(data[name])]


def _groups(data) -> list[str]:
    """Columns that may say who belongs together: repeated values, words before numbers."""
    found = [n for n in data.columns if 2 <= data[n].nunique() <= len(data) // 2]
    whole = [n for n in found if _is_whole(data[n])]
    return [n for n in found if not pd.api.types.is_numeric_dtype(data[n])] + whole


def _is_whole(column) -> bool:
    numbers = pd.api.types.is_numeric_dtype(column)
    return numbers and bool((column.dropna() % 1 == 0).all())


def _offer(menu, options, default) -> None:
    """Change a menu's options, and keep its value where it is still offered."""
    value = menu.value if menu.value in options else default
    if tuple(menu.options) != tuple(options):
        menu.options = options
    menu.value = value


def _rows(fit, slopes, sds) -> tuple:
    criteria = (("AIC", fit.aic), ("BIC", fit.bic), ("log-likelihood", fit.loglik))
    return (
        *((name, f"{value:.3f}".replace("-", "−")) for name, value in criteria),
        ("coefficients", ""),
        *((name[2:], signed(value, 5)) for name, value in slopes.items()),
        ("standard deviations", ""),
        *((name.removeprefix("sd "), f"{value:.5f}") for name, value in sds.items()),
    )
