"""From a DataFrame to a fit, beside lme4 and glmm; and leaving each group out, in refits.

    python benchmarks/cold.py

`read` is the formula and the table (lme4's `lFormula`), `fit` the whole. `per group` is what
`hlm.influence` takes for each group, beside a warm refit of the same model.
"""

import tempfile
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np
import pandas as pd
from _peers import python_peers

import hlmteach as hlm
from hlmteach.engine.frame import model_frame

R_CODE = """
suppressMessages(library(lme4)); d <- read.csv("{data}"); d$g <- factor(d$g)
now <- function() sum(proc.time()[1:2])
ms <- function(f) {{ f(); t <- now(); for (i in 1:{repeats}) f(); 1000 * (now() - t) / {repeats} }}
quiet <- function(e) suppressMessages(suppressWarnings(e))
cat(sprintf('{{"read":%.6g,"fit":%.6g}}', ms(function() lFormula(y ~ x + (x | g), d)),
  ms(function() quiet(lmer(y ~ x + (x | g), d, REML = FALSE)))))
"""
FORMULA = "y ~ x + (x | g)"
CASES = {"sleepstudy, 180 rows, 18 groups": 0, "1e5 rows, 2,000 groups": 2_000}


def main() -> None:
    tables = {name: _table(groups) for name, groups in CASES.items()}
    timing.print_table(
        "From a DataFrame, `y ~ x + (x | g)` by ML (medians, one run, one BLAS thread)",
        [row for name, data in tables.items() for row in from_a_table(name, data)],
        ["table", "who", "read, ms", "fit, ms", "times ours"],
    )
    timing.print_table(
        "Leaving each group out, 10 rows in each",
        [left_out(groups, random) for groups in (30, 300, 1_000) for random in ("1", "x")],
        ["model", "groups", "refit, ms", "per group, ms", "refits"],
    )


def from_a_table(name: str, data: pd.DataFrame) -> list[dict]:
    """A row for each who reads and fits this table."""
    repeats = 15 if len(data) < 1_000 else 5
    read = timing.median_ms(lambda: model_frame(FORMULA, data), repeats)
    fit = timing.median_ms(lambda: hlm.lmer(FORMULA, data, REML=False), repeats)
    rows = [{"who": "hlmteach lmer()", "read, ms": read, "fit, ms": fit}]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        data.to_csv(path, index=False)
        answer = timing.run_r(R_CODE.format(data=path, repeats=repeats))
    if answer:
        rows.append({"who": "lme4 lmer()", "read, ms": answer["read"], "fit, ms": answer["fit"]})
    y = data["y"].to_numpy()
    for who, one in python_peers(FORMULA, data).items():
        rows.append({"who": who, "fit, ms": timing.median_ms(lambda one=one: one(y), repeats)})
    return [row | {"table": name, "times ours": row["fit, ms"] / fit} for row in rows]


def left_out(groups: int, random: str) -> dict:
    """What `influence` takes for a group, in warm refits."""
    fit = hlm.lmer(f"y ~ x + ({random} | g)", _rows(groups, 10))
    noise = np.random.default_rng(2).normal(scale=0.01 * fit.sigma, size=(9, fit.n_obs))
    refit = np.median([timing.median_ms(lambda y=fit.y + e: fit.refit(y), 3) for e in noise])
    each = timing.median_ms(lambda: hlm.influence(fit, verbose=False), 3) / groups
    shown = {"refit, ms": float(refit), "per group, ms": each, "refits": each / refit}
    return {
        "model": "random slope" if random == "x" else "random intercept",
        "groups": groups,
    } | shown


def _table(groups: int) -> pd.DataFrame:
    if groups:
        return _rows(groups, 50)
    names = {"Reaction": "y", "Days": "x", "Subject": "g"}
    return hlm.load("sleepstudy").rename(columns=names)[["y", "x", "g"]]


def _rows(groups: int, size: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(groups), size)
    x, u = rng.normal(size=len(g)), rng.normal(size=(groups, 2)) * [0.6, 0.4]
    y = 1 + 0.5 * x + u[g, 0] + u[g, 1] * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g})


if __name__ == "__main__":
    main()
