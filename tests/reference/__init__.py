"""Values that R vouches for, and how far each can be trusted.

`make.R` made every .json and printout here, and its calls stand in each file under `call` and
`nlme_call`. `tutorial_values.csv` holds the numbers that the tutorial prints.

A fixture has a part `lme4` and, where nlme fits the model too, a part `nlme`: each with logLik,
fixef, varcorr, ranef and so on, by R's names. Tables are dicts of rows, columns and values; `table`
makes a DataFrame of one.

`shown.py` runs the R that the package shows, by `make r`, and keeps what R said in shown_r.json.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Tolerance:
    """How far a value may lie from R's, and why not less."""

    why: str
    absolute: float = 0.0
    relative: float = 0.0


TOLERANCE = {
    "logLik": Tolerance(
        "theta is polished by Newton steps until it moves by less than 1e-6, where the criterion "
        "is flat to 1e-10; two packages agree to 1e-11 on these fits",
        absolute=1e-8,
    ),
    "information": Tolerance("-2 logLik and counts of parameters", absolute=1e-6),
    "fixef": Tolerance("in standard errors of the coefficient", absolute=1e-6),
    "se": Tolerance("moves with theta, which is right to about 1e-7", relative=1e-5),
    "sigma": Tolerance("moves with theta, which is right to about 1e-7", relative=1e-6),
    "sd": Tolerance("in units of the largest sd: theta is right to about 1e-7", absolute=2e-6),
    "corr": Tolerance("a ratio of small theta where the sds are small", absolute=2e-5),
    "ranef": Tolerance("in units of the largest mode: moves with theta", absolute=1e-5),
    "cond_var": Tolerance("in units of the largest entry: moves with theta", absolute=1e-5),
    "residuals": Tolerance("order statistics of fitted values", absolute=1e-6),
    "satterthwaite": Tolerance("lmerTest differentiates numerically", relative=1e-3),
    "profile": Tolerance(
        "lme4 interpolates its profile by splines; limits beside a boundary are rougher still",
        relative=2e-3,
    ),
    "nlme": Tolerance("nlme's optimiser stops earlier than the polished fits", relative=1e-5),
}


def names() -> list[str]:
    """Name the fixtures that are one model each."""
    several = {"anova", "few_groups", "formulas", "icc", "influence", "parts", "predict"}
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem not in several)


def reference(name: str) -> dict:
    """Read one fixture, e.g. `reference("sleepstudy_slope_ml")`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def table(part: dict) -> pd.DataFrame:
    """Make a DataFrame of rows, columns and values."""
    return pd.DataFrame(part["values"], index=part["rows"], columns=part["columns"], dtype=float)


def printout(name: str) -> str:
    """Read what R printed, e.g. `printout("model2_lme_summary")`; no line ends in blanks."""
    return (FOLDER / "printouts" / f"{name}.txt").read_text(encoding="utf-8")


def tutorial_values() -> pd.DataFrame:
    """Read the numbers that the tutorial prints, as text: table, item, printed."""
    return pd.read_csv(FOLDER / "tutorial_values.csv", dtype=str)


def simulated_q3() -> pd.DataFrame:
    """Read the simulated data of `simulated_q3_ml` and `_reml`, whose intercept is at x2 = 0."""
    data = pd.read_csv(FOLDER / "simulated_q3.csv", dtype={"g": str})
    return data.assign(g=pd.Categorical(data["g"]))
