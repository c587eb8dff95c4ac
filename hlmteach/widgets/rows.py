"""The rows that a widget's controls ask for, the models of them, and the code that says both."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.datasets.scenarios import move_groups, tilt_groups
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import gls, lme

SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
ALL_ROWS = 10_000  # more than any group has
DOTS = 420  # rows that a picture shows; more would hide each other


@dataclass(frozen=True)
class Rows:
    """A table, which of its columns are what, and its outcome y (n,) as the controls have it.

    Rows with the same `key` differ in y alone, so that a fit of one can be refitted to the other.
    """

    key: tuple
    data: pd.DataFrame
    outcome: str
    predictor: str
    group: str
    names: tuple[str, ...]
    codes: np.ndarray
    y: np.ndarray

    @property
    def x(self) -> np.ndarray:
        """The predictor (n,)."""
        return self.data[self.predictor].to_numpy(float)

    @property
    def one_in(self) -> int:
        """Of how many rows one is drawn."""
        return -(-len(self.y) // DOTS)


def rows_of(state: dict) -> Rows:
    """Return the rows of a state: `source` and what goes with it."""
    if state["source"] == "simulated":
        return _simulated(state)
    kept = state.get("kept", ALL_ROWS)
    rows = _tutorial(kept, state["seed"] if kept < ALL_ROWS else 0)
    shifts, tilts = ([state.get(f"{k}_{j}", 0.0) for j in (1, 2, 3)] for k in ("shift", "tilt"))
    y = move_groups(rows.y, rows.codes, shifts, state.get("spread", 1.0))
    return replace(rows, y=tilt_groups(y, rows.x, rows.codes, tilts) if any(tilts) else y)


@lru_cache(maxsize=4)
def _tutorial(kept: int, seed: int) -> Rows:
    data = load("HLM")
    if kept < ALL_ROWS:
        data = data.groupby("Time", observed=True).sample(kept, random_state=seed).sort_index()
    return _rows(("tutorial", kept, seed), data, "Satisfaction", "NPD", "Time")


def _simulated(state) -> Rows:
    data = simulate_groups(
        state["groups"],
        state["size"],
        beta=(5, 0.12),
        sd_u=(state["sd_u"], state.get("sd_slope", 0.0)),
        rho=state.get("rho", 0.0),
        sigma=state["sd_e"],
        x_mean=3.5,
        seed=state["seed"],
    )
    key = ("simulated", state["groups"], state["size"], state["seed"])
    return _rows(key, data, "y", "x", "group")


def _rows(key, data, outcome, predictor, group) -> Rows:
    factor = data[group].astype("category").cat
    names = tuple(map(str, factor.categories))
    codes, y = factor.codes.to_numpy(np.intp), data[outcome].to_numpy(float)
    return Rows(key, data, outcome, predictor, group, names, codes, y)


def dots_of(rows: Rows) -> np.ndarray:
    """Return places (m, 2) of the rows drawn: group and a little beside it, outcome."""
    picked = slice(None, None, rows.one_in)
    aside = np.random.default_rng(0).uniform(-0.33, 0.33, len(rows.y))
    return np.column_stack([rows.codes + aside, rows.y])[picked]


def fit_rows(rows: Rows, number: int, method: str) -> Fit:
    """Fit the tutorial's Model 1, 2, 3 or 4 to rows as the table has them."""
    fixed = f"{rows.outcome} ~ {rows.predictor if number > 2 else 1}"
    if number == 1:
        return gls(fixed, rows.data, method)
    effects = rows.predictor if number == 4 else 1
    return lme(fixed, rows.data, f"~{effects}|{rows.group}", method)


# -- the same as code -------------------------------------------------------------------------


def python_rows(state: dict) -> str:
    """Write Python that makes the rows."""
    if state["source"] == "simulated":
        return (
            "data = hlm.simulate_groups(\n"
            f"    n_groups={state['groups']}, n_per_group={state['size']}, beta=(5, 0.12),\n"
            f"    {_truth(state)}, sigma={state['sd_e']:g}, x_mean=3.5, seed={state['seed']},\n"
            ")\n"
        )
    lines = ['data = hlm.load("HLM")']
    if state.get("kept", ALL_ROWS) < ALL_ROWS:
        lines += [
            'groups = data.groupby("Time", observed=True)',
            f"data = groups.sample({state['kept']}, random_state={state['seed']}).sort_index()",
        ]
    for name, shift in _by_group(state, "shift"):
        lines.append(f'data.loc[data["Time"] == "{name}", "Satisfaction"] += {shift:g}')
    for name, tilt in _by_group(state, "tilt"):
        lines += [
            f'rows = data["Time"] == "{name}"',
            'aside = data.loc[rows, "NPD"] - data.loc[rows, "NPD"].mean()',
            f'data.loc[rows, "Satisfaction"] += {tilt:g} * aside',
        ]
    if state.get("spread", 1.0) != 1.0:
        lines += [
            'mean = data.groupby("Time", observed=True)["Satisfaction"].transform("mean")',
            f'data["Satisfaction"] = mean + {state["spread"]:g} * (data["Satisfaction"] - mean)',
        ]
    return "\n".join(lines) + "\n"


def _truth(state) -> str:
    if "sd_slope" not in state:
        return f"sd_u={state['sd_u']:g}"
    return f"sd_u=({state['sd_u']:g}, {state['sd_slope']:g}), rho={state['rho']:g}"


def r_rows(state: dict) -> str:
    """Write R that makes the rows; its random numbers are others."""
    if state["source"] == "simulated":
        return (
            f"set.seed({state['seed']})  # R draws other numbers than Python\n"
            f"group <- factor(rep(1:{state['groups']}, each = {state['size']}))\n"
            f"{_r_effects(state)}"
            "x <- 3.5 + rnorm(length(group))\n"
            "y <- 5 + u0[group] + (0.12 + u1[group]) * x\n"
            f"y <- y + rnorm(length(group), sd = {state['sd_e']:g})\n"
            "data <- data.frame(y, x, group)\n"
        )
    lines = ["library(foreign)", 'data <- read.spss("HLM.sav", to.data.frame = TRUE)']
    lines += ['labels <- c("before marriage", "1 year after", "5 years after")']
    lines += ["data$Time <- factor(data$Time, labels = labels)"]
    if state.get("kept", ALL_ROWS) < ALL_ROWS:
        lines += [
            f"set.seed({state['seed']})  # R draws other rows than Python",
            f"some <- function(g) g[sample(nrow(g), {state['kept']}), ]",
            'data <- do.call("rbind", lapply(split(data, data$Time), some))',
        ]
    for name, shift in _by_group(state, "shift"):
        rows = f'data$Time == "{name}"'
        lines.append(f"data$Satisfaction[{rows}] <- data$Satisfaction[{rows}] + {shift:g}")
    for name, tilt in _by_group(state, "tilt"):
        lines += [
            f'rows <- data$Time == "{name}"',
            "aside <- data$NPD[rows] - mean(data$NPD[rows])",
            f"data$Satisfaction[rows] <- data$Satisfaction[rows] + {tilt:g} * aside",
        ]
    if state.get("spread", 1.0) != 1.0:
        lines += [
            "mean <- ave(data$Satisfaction, data$Time)",
            f"data$Satisfaction <- mean + {state['spread']:g} * (data$Satisfaction - mean)",
        ]
    return "\n".join(lines) + "\n"


def _r_effects(state) -> str:
    J, sd, rho = state["groups"], state.get("sd_slope", 0.0), state.get("rho", 0.0)
    return (
        f"z <- matrix(rnorm(2 * {J}), 2)\n"
        f"u0 <- {state['sd_u']:g} * z[1, ]\n"
        f"u1 <- {sd:g} * ({rho:g} * z[1, ] + sqrt(1 - {rho:g}^2) * z[2, ])\n"
    )


def _by_group(state, kind: str):
    """Names and values of the controls kind_1, kind_2, ... that are not 0."""
    values = [state.get(f"{kind}_{j + 1}", 0.0) for j in range(len(group_names()))]
    return [(name, value) for name, value in zip(group_names(), values, strict=True) if value]


def group_names() -> tuple[str, ...]:
    """Return the tutorial's three groups by name."""
    return _tutorial(ALL_ROWS, 0).names


def python_fit(state: dict, number: int) -> str:
    """Write Python that fits one of the tutorial's models to `data`."""
    fixed, random = _formulas(state, number)
    if number == 1:
        return f'model1 = hlm.gls("{fixed}", data, method="{state["method"]}")\n'
    return (
        f"model{number} = hlm.lme(\n"
        f'    "{fixed}", data, random="{random}", method="{state["method"]}"\n)\n'
    )


def r_fit(state: dict, number: int) -> str:
    """Write R that fits one of the tutorial's models to `data`."""
    fixed, random = _formulas(state, number)
    if number == 1:
        return f'model1 <- gls({fixed}, data = data, method = "{state["method"]}")\n'
    return (
        f"model{number} <- lme({fixed}, data = data,\n"
        f'  random = {random}, method = "{state["method"]}")\n'
    )


def _formulas(state, number) -> tuple[str, str]:
    y, x, group = ("y", "x", "group")
    if state["source"] == "tutorial":
        y, x, group = ("Satisfaction", "NPD", "Time")
    return f"{y} ~ {x if number > 2 else 1}", f"~{x if number == 4 else 1}|{group}"
