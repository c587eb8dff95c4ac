"""Rows that can be pulled: where they come from, how moves are written, and the code of both."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.errors import HLMError
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import gls, lme

MOST_PULLED = 200  # with more rows, marks are cells and only means can be pulled
PULL = re.compile(r"(row|group) (\d+) ([+-]?\d+(?:\.\d+)?)")
FEW = 12  # rows per time where rows are few enough to be pulled
MIDDLE, SIGMA = 3.5, 0.5  # of simulated rows: mean of x, sd of e
X_SD = (1.0, 0.6)  # of x between and within groups
FORMULAS = {
    "ols": ("{y} ~ {x}", None),
    "own": ("{y} ~ 0 + {g} + {g}:{x}", None),
    "null": ("{y} ~ 1", "~1|{g}"),
    "mixed": ("{y} ~ {x}", "~1|{g}"),
    "apart": ("{y} ~ within + between", "~1|{g}"),
}


@dataclass(frozen=True)
class Pullable:
    """A table with `within` and `between` columns, as it was before anything was pulled.

    Rows with the same `key` differ in y alone, so that a fit of one can be refitted to the other.
    """

    key: tuple
    data: pd.DataFrame
    labels: tuple[str, str]
    group: str
    names: tuple[str, ...]
    codes: np.ndarray

    @cached_property
    def x(self) -> np.ndarray:
        """The predictor (n,)."""
        return self.data[self.labels[0]].to_numpy(float)

    @cached_property
    def y(self) -> np.ndarray:
        """The outcome (n,)."""
        return self.data[self.labels[1]].to_numpy(float)

    @cached_property
    def spans(self) -> np.ndarray:
        """Least and largest x (J, 2) of each group."""
        own = [self.x[self.codes == j] for j in range(len(self.names))]
        return np.array([(x.min(), x.max()) for x in own])


def pullable_rows(state) -> Pullable:
    """Return the rows that the controls ask for."""
    if state["source"] == "simulated":
        names = ("groups", "size", "slope_within", "slope_between", "seed")
        return _simulated(*(round(state[name], 6) for name in names))
    return _tutorial(FEW if state["source"] == "few" else None)


@lru_cache(maxsize=2)
def _tutorial(kept: int | None) -> Pullable:
    data = load("HLM")
    if kept:
        some = data.groupby("Time", observed=True).sample(kept, random_state=7)
        data = some.sort_index().reset_index(drop=True)
    return _pullable(("tutorial", kept), data, ("NPD", "Satisfaction"), "Time")


@lru_cache(maxsize=8)
def _simulated(groups, size, within, between, seed) -> Pullable:
    data = simulate_groups(
        groups,
        size,
        beta=(5 - between * MIDDLE, within),
        sd_u=0.2,
        sigma=SIGMA,
        x_mean=MIDDLE,
        x_sd=X_SD,
        slope_between=between,
        seed=seed,
    )
    data["group"] = data["group"].astype("category")
    return _pullable(("simulated", groups, size, seed), data, ("x", "y"), "group")


def _pullable(key, data, labels, group) -> Pullable:
    between = data.groupby(group, observed=True)[labels[0]].transform("mean")
    data = data.assign(between=between, within=data[labels[0]] - between)
    factor = data[group].cat
    names = tuple(map(str, factor.categories))
    return Pullable(key, data, labels, group, names, factor.codes.to_numpy(np.intp))


def fit_pullable(rows: Pullable, name: str) -> Fit:
    """Fit one of `FORMULAS` by ML."""
    known = {"x": rows.labels[0], "y": rows.labels[1], "g": rows.group}
    fixed, random = FORMULAS[name]
    if random is None:
        return gls(fixed.format(**known), rows.data, "ML")
    return lme(fixed.format(**known), rows.data, random.format(**known), "ML")


def read_pulls(text: str, groups: int, rows: int) -> tuple[np.ndarray, dict[int, float]]:
    """Read "group 1 +0.5; row 12 -0.3": shifts of groups (J,), and of rows by place from 0."""
    shifts, points = np.zeros(groups), {}
    for what, number, shift in _split(text):
        count = groups if what == "group" else rows
        if not 1 <= number <= count:
            raise HLMError(f"There is no {what} {number} to pull: there are 1 to {count}.")
        if what == "group":
            shifts[number - 1] += shift
        else:
            points[number - 1] = points.get(number - 1, 0.0) + shift
    return shifts, points


def add_pull(text: str, what: str, number: int, shift: float) -> str:
    """Add a shift to what was pulled already, and write it again.

    Examples
    --------
    >>> add_pull("group 1 +0.500", "group", 1, 0.25)
    'group 1 +0.7500'
    """
    known = {(w, n): s for w, n, s in _split(text)}
    known[what, number] = known.get((what, number), 0.0) + shift
    kept = {key: s for key, s in known.items() if abs(s) > 5e-5}
    return "; ".join(f"{w} {n} {s:+.4f}" for (w, n), s in kept.items())


def _split(text: str) -> list[tuple[str, int, float]]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = PULL.fullmatch(part)
        if match is None:
            raise HLMError(f"{part!r} is no move. Write 'group 1 +0.5' or 'row 12 -0.3'.")
        found.append((match[1], int(match[2]), float(match[3])))
    return found


# -- the same as code ------------------------------------------------------------------------------


def python_code(state) -> str:
    """Write Python that fits all models to the rows as pulled."""
    rows = pullable_rows(state)
    known = {"x": rows.labels[0], "y": rows.labels[1], "g": rows.group}
    x, y, group = known.values()
    lines = ["import hlmteach as hlm", "", *_python_rows(state)]
    for what, number, shift in _split(state["pulled"]):
        if what == "row":
            lines.append(f'data.loc[{number - 1}, "{y}"] += {shift:g}')
        else:
            name = rows.data[group].cat.categories.tolist()[number - 1]
            lines.append(f'data.loc[data["{group}"] == {name!r}, "{y}"] += {shift:g}')
    lines += [
        f'data["between"] = data.groupby("{group}", observed=True)["{x}"].transform("mean")',
        f'data["within"] = data["{x}"] - data["between"]',
    ]
    for name, (fixed, random) in FORMULAS.items():
        end = f'random="{random}", method="ML")' if random else 'method="ML")'
        verb = "lme" if random else "gls"
        lines.append(f'{name} = hlm.{verb}("{fixed}", data, {end}'.format(**known))
    return "\n".join([*lines, "print(mixed)", "print(apart.fixef, hlm.anova(null, mixed))", ""])


def _python_rows(state) -> list[str]:
    if state["source"] != "simulated":
        lines = ['data = hlm.load("HLM")']
        if state["source"] == "few":
            lines += [
                f'data = data.groupby("Time", observed=True).sample({FEW}, random_state=7)',
                "data = data.sort_index().reset_index(drop=True)",
            ]
        return lines
    between = state["slope_between"]
    return [
        "data = hlm.simulate_groups(",
        f"    {state['groups']}, {state['size']}, sd_u=0.2, sigma={SIGMA}, x_mean={MIDDLE},",
        f"    beta=({5 - between * MIDDLE!r}, {state['slope_within']!r}), x_sd={X_SD},",
        f"    slope_between={between!r}, seed={state['seed']},",
        ")",
        'data["group"] = data["group"].astype("category")',
    ]


def r_code(state) -> str:
    """Write R that does the same."""
    rows = pullable_rows(state)
    known = {"x": rows.labels[0], "y": rows.labels[1], "g": rows.group}
    x, y, group = known.values()
    lines = ["library(nlme)", *_r_rows(state)]
    for what, number, shift in _split(state["pulled"]):
        where = number if what == "row" else f"as.integer(data${group}) == {number}"
        lines.append(f"data${y}[{where}] <- data${y}[{where}] + {shift:g}")
    lines += [
        f"data$between <- ave(data${x}, data${group})",
        f"data$within <- data${x} - data$between",
    ]
    for name, (fixed, random) in FORMULAS.items():
        end = f', random = {random}, method = "ML")' if random else ', method = "ML")'
        verb = "lme" if random else "gls"
        lines.append(f"{name} <- {verb}({fixed}, data = data{end}".format(**known))
    return "\n".join([*lines, "summary(mixed)", "fixef(apart)", "anova(null, mixed)", ""])


def _r_rows(state) -> list[str]:
    if state["source"] != "simulated":
        lines = ["library(foreign)", 'data <- read.spss("HLM.sav", to.data.frame = TRUE)']
        lines += ["data$Time <- factor(data$Time)"]
        if state["source"] == "few":
            some = f"function(g) g[sample(nrow(g), {FEW}), ]"
            lines += [
                "set.seed(7)  # R draws other rows than Python",
                f'data <- do.call("rbind", lapply(split(data, data$Time), {some}))',
            ]
        return lines
    J, n, between = state["groups"], state["size"], state["slope_between"]
    return [
        f"set.seed({state['seed']})  # R draws other numbers than Python",
        f"group <- factor(rep(1:{J}, each = {n}))",
        f"x <- {MIDDLE} + rnorm({J}, sd = {X_SD[0]})[group] + rnorm({J * n}, sd = {X_SD[1]})",
        "centre <- ave(x, group)",
        f"y <- {5 - between * MIDDLE:g} + {between:g} * centre + {state['slope_within']:g} * "
        "(x - centre)",
        f"y <- y + rnorm({J}, sd = 0.2)[group] + rnorm({J * n}, sd = {SIGMA})",
        "data <- data.frame(y, x, group)",
    ]
