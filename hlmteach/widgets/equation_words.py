"""The equations of the EquationExplorer: their rows and models, their symbols, their words."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.recipes.models import Model
from hlmteach.recipes.names import r_number
from hlmteach.recipes.rows import Rows, Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.equation import COLORS
from hlmteach.views.style import signed
from hlmteach.widgets.words import Number

SINGLE, COMPONENTS, MIXED, SLOPES = 1, 2, 3, 4
NAMES = {
    SINGLE: ("y", "beta_0", "beta_1", "x", "e"),
    COMPONENTS: ("y", "beta_0", "u", "e"),
    MIXED: ("y", "beta_0", "beta_1", "x", "u", "e"),
    SLOPES: ("y", "beta_0", "beta_1", "x", "u", "u_slope", "e"),
}
TITLES = {
    SINGLE: "Equation (1), a single level",
    COMPONENTS: "Equation (2), variance components",
    MIXED: "Equation (3), a random intercept",
    SLOPES: "Random slopes",
}
MODELS = {
    SINGLE: Model(name="model", fixed="{x}", effects="", verb="lmer"),
    COMPONENTS: Model(name="model", verb="lmer"),
    MIXED: Model(name="model", fixed="{x}", verb="lmer"),
    SLOPES: Model(name="model", fixed="{x}", effects="{x}", verb="lmer"),
}
SHOWN = 1  # the group whose line and person are taken apart
CALL = """
    {groups}, {size},
    beta=({beta[0]:g}, {beta[1]:g}),
    sd_u=({sd_u[0]:g}, {sd_u[1]:g}),
    rho={rho:g}, sigma={sigma:g}, x_mean={x_mean}, x_sd={x_sd},
    seed={seed}, effects=True,
"""


# -- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WithGroup(Simulated):
    """Simulated rows of groups, of which one, the group shown, has a u that is set by hand."""

    u: float | None

    @property
    def design(self) -> Rows:
        """The same rows with an outcome of the truth that the controls begin with."""
        truth = {"beta": (2.0, 0.6), "sd_u": (1.0, 0.3), "rho": 0.0, "sigma": 0.8, "u": 0.8}
        return replace(self, **truth)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows, with the true effects of each row's group."""
        intercept, slope = self.effects[self.codes].T
        return super().table.assign(u_intercept=intercept, u_slope=slope)

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,), moved in the group shown."""
        if self.u is None:
            return self.drawn.y
        moved = self.u - self.drawn.u[0, SHOWN - 1]
        return self.drawn.y + moved * (self.codes == SHOWN - 1)

    @cached_property
    def effects(self) -> np.ndarray:
        """True effects (J, 2) of the groups: intercept and slope."""
        effects = self.drawn.u.T.copy()
        if self.u is not None:
            effects[SHOWN - 1, 0] = self.u
        return effects

    @property
    def python(self) -> str:
        """Python that draws the rows, and sets the u of the group shown."""
        if self.u is None:
            return super().python
        return (
            f'{super().python}shown = data["group"] == {SHOWN}\n'
            f'data.loc[shown, "y"] += {self.u:g} - data.loc[shown, "u_intercept"]\n'
        )

    def _r_effects(self):
        lines, u = super()._r_effects()
        return [*lines, *([] if self.u is None else [f"u0[{SHOWN}] <- {r_number(self.u)}"])], u


def rows_of(state) -> Rows:
    """Return the tutorial's rows, or rows of the true values."""
    if state["source"] == "tutorial":
        return Tutorial()
    truth = truth_of(state)
    return WithGroup(
        groups=state["groups"],
        size=state["size"],
        beta=(truth["beta_0"], truth["beta_1"]),
        sd_u=(truth["sd_u"], truth["sd_slope"]),
        rho=truth["rho"],
        sigma=truth["sigma"],
        x_mean=2.5,
        x_sd=(0, 0.9),
        seed=state["seed"],
        u=None if state["equation"] == SINGLE else state["u_j"],
        call=CALL,
    )


def truth_of(state) -> dict[str, float]:
    """The true values; 0 for what does not stand in the equation."""
    names = NAMES[state["equation"]]
    needs = {
        "beta_0": "beta_0",
        "beta_1": "beta_1",
        "sd_u": "u",
        "sd_slope": "u_slope",
        "sigma": "e",
    }
    truth = {key: state[key] if part in names else 0.0 for key, part in needs.items()}
    return {**truth, "rho": state["rho"] if "u_slope" in names else 0.0}


# -- words -----------------------------------------------------------------------------------

SYMBOLS = {  # base, subscript of (1), subscript of the others, what it is
    "y": ("y", "i", "ij", "y, the outcome of one person"),
    "beta_0": ("β", "0", "0", "beta zero, the intercept"),
    "beta_1": ("β", "1", "1", "beta one, the slope"),
    "x": ("x", "i", "ij", "x, the predictor of the person"),
    "u": ("u", "j", "j", "u, how far the group's line lies from the overall line"),
    "u_slope": ("u", "1j", "1j", "u one, how much steeper the group's line is"),
    "e": ("e", "i", "ij", "e, how far the person lies from the line"),
}
PATTERNS = {
    SINGLE: "y = beta_0 + beta_1 x + e",
    COMPONENTS: "y = beta_0 + u + e",
    MIXED: "y = beta_0 + beta_1 x + u + e",
    SLOPES: "y = beta_0 + beta_1 x + u + u_slope x + e",
}


def tokens_of(found) -> list[dict]:
    """The equation, symbol by symbol, for the bar."""
    equation = found.state["equation"]
    return [_token(word, equation, found.parts) for word in PATTERNS[equation].split()]


def _token(word, equation, parts) -> dict:
    if word not in SYMBOLS:
        return {"name": "", "base": word, "sub": "", "value": "", "color": "", "title": ""}
    base, single, grouped, title = SYMBOLS[word]
    sub = single if equation == SINGLE else grouped
    if word == "u" and equation == SLOPES:
        sub = "0j"
    value = signed(parts[word], 2) if word in ("u", "u_slope", "e") else _plain(parts[word])
    return {
        "name": word,
        "base": base,
        "sub": sub,
        "value": value,
        "color": COLORS[word],
        "title": title,
    }


def _plain(value) -> str:
    return f"{Number(value):.2f}"


def note_of(found, hidden: str) -> str:
    """Whose numbers stand below the symbols, and which rows the picture leaves out."""
    group = "" if found.state["equation"] == SINGLE else f" of group {found.group + 1}"
    if found.truth:
        return f"One person{group}: true values. Dashed lines: what the model estimates.{hidden}"
    return f"One person{group}, as estimated.{hidden}"


def hidden_of(y, low: float, high: float, step: int) -> str:
    """Say how many rows are drawn, where not all are, and how many lie beyond the axis.

    Examples
    --------
    >>> hidden_of(np.array([1.0, 4.0, 5.0]), 3.6, 6.0, 7)
    ' 1 row in 7 is drawn; 1 lies below 3.6.'
    >>> hidden_of(np.array([4.0, 7.0, 8.0]), 3.6, 6.0, 1)
    ' 2 rows lie above 6.'
    >>> hidden_of(np.array([4.0]), 3.6, 6.0, 1)
    ''
    """
    said = [f"1 row in {step} is drawn"] if step > 1 else []
    for count, where in (
        (int((y < low).sum()), f"below {low:g}"),
        (int((y > high).sum()), f"above {high:g}"),
    ):
        if count:
            rows = "" if said else " row" + "s" * (count > 1)
            said.append(f"{count}{rows} {'lie' if count > 1 else 'lies'} {where}".replace("-", "−"))
    return f" {'; '.join(said)}." if said else ""


def sum_of(found) -> str:
    """The row shown, added up."""
    p = found.parts
    names = NAMES[found.state["equation"]]
    terms = [_plain(p["beta_0"])]
    if "beta_1" in names:
        terms.append(f"{_plain(p['beta_1'])} × {_plain(p['x'])}")
    terms += [_plain(p["u"])] if "u" in names else []
    terms += [f"{_plain(p['u_slope'])} × {_plain(p['x'])}"] if "u_slope" in names else []
    total = " + ".join([*terms, _plain(p["e"])]).replace("+ −", "− ")
    return f"For the person shown: {_plain(p['y'])} = {total}."


def said_of(found) -> dict[str, str]:
    """The parameters of the equation in words: true values beside estimates."""
    needs = {"beta_1": "beta_1", "sd_u": "u", "sd_slope": "u_slope", "rho": "u_slope"}
    said, names = {}, NAMES[found.state["equation"]]
    for key, value in found.estimates.items():
        if needs.get(key, "e") in names:
            text = f"{Number(value):.2f}"
            true = f"{Number(found.truth[key]):.2f} → " if found.truth else ""
            said[f"{key}_said"] = true + text
    return said
