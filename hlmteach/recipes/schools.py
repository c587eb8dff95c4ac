"""Pupils in schools, drawn from two levels of equations whose truth is known."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
import pandas as pd

from hlmteach.datasets.scenarios import group_means
from hlmteach.inference.simulation.simulate import draw_groups
from hlmteach.recipes.names import r_number
from hlmteach.recipes.rows import Rows, taken

START, SLOPE = 50, 3  # where ses and support are 0
SD_START, SIGMA = 2, 6
SD_MEAN, SD_WITHIN = 0.6, 0.8  # of ses: between schools, within them


@dataclass(frozen=True, kw_only=True)
class Schools(Rows):
    """Pupils' math by their family's ses, in schools with more or less support.

    Rows of `hlm.simulate_groups` with a slope of 3 within schools and `between` between them; then
    each unit of the school's support adds 1 to math, and `cross` to the slope within.
    `mean` is the school's mean of ses and `within` what is left of it; `support` is counted from
    the average school.
    """

    schools: int
    pupils: int
    between: float
    cross: float
    sd_slope: float
    seed: int = 0

    y: ClassVar[str] = "math"
    x: ClassVar[str] = "ses"
    group: ClassVar[str] = "school"

    @property
    def design(self) -> Rows:
        """The same pupils and schools, from a truth that is agreed upon."""
        truth = {"between": 5.0, "cross": 0.0, "sd_slope": 1.0}
        return Schools(schools=self.schools, pupils=self.pupils, seed=self.seed, **truth)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as drawn: math, ses, school, mean, within, support."""
        columns = {"math": self.outcome, "ses": self.predictor, "school": self.codes + 1}
        columns |= {"mean": self.mean[self.codes], "within": self.within}
        return pd.DataFrame(columns | {"support": self.support[self.codes]})

    @property
    def _drawn(self) -> "_Pupils":
        return _pupils(self.schools, self.pupils, self.sd_slope, self.seed)

    @cached_property
    def outcome(self) -> np.ndarray:
        """Math (n,) of the pupils."""
        between = (self.between - SLOPE) * self.mean[self.codes]
        support = self.support[self.codes] * (1 + self.cross * self.within)
        return self._drawn.lines + between + self._drawn.e + support

    predictor = taken("_drawn.x", "ses (n,) of the pupils' families.")
    codes = taken("_drawn.codes", "The pupils' schools (n,), from 0.")
    mean = taken("_drawn.mean", "Mean ses (J,) of the schools.")
    within = taken("_drawn.within", "How far each pupil's ses (n,) lies from the school's mean.")

    @property
    def support(self) -> np.ndarray:
        """The schools' support (J,), from -2 to 2."""
        return np.arange(1, self.schools + 1) % 5 - 2

    @property
    def python(self) -> str:
        """Python that draws the rows."""
        return f"""\
data = hlm.simulate_groups(
    {self.schools}, {self.pupils}, beta=({START}, {SLOPE}), sd_u=({SD_START}, {self.sd_slope:g}),
    sigma={SIGMA}, x_sd=({SD_MEAN}, {SD_WITHIN}), slope_between={self.between:g},
    seed={self.seed}, names=("math", "ses", "school"),
)
data["mean"] = data.groupby("school")["ses"].transform("mean")
data["within"] = data["ses"] - data["mean"]
data["support"] = data["school"] % 5 - 2
data["math"] += data["support"] * (1 + {self.cross:g} * data["within"])
"""

    @property
    def r(self) -> str:
        """R that draws such rows."""
        J, n, sd_slope, between = self.schools, self.pupils, self.sd_slope, self.between
        return f"""\
set.seed({self.seed})  # R draws other numbers than Python
school <- rep(1:{J}, each = {n})
ses <- rnorm({J}, sd = {SD_MEAN})[school] + rnorm({J * n}, sd = {SD_WITHIN})
mean <- ave(ses, school)
within <- ses - mean
support <- school %% 5 - 2
u0 <- rnorm({J}, sd = {SD_START})
u1 <- rnorm({J}, sd = {r_number(sd_slope)})
math <- {START} + {r_number(between)} * mean + u0[school] + {SLOPE} * within + u1[school] * ses
math <- math + support * (1 + {r_number(self.cross)} * within) + rnorm({J * n}, sd = {SIGMA})
data <- data.frame(math, ses, school, mean, within, support)
"""


@dataclass(frozen=True)
class _Pupils:
    """Pupils as drawn; `lines` (n,) is what their schools' lines say, and `e` (n,) is beside it.

    They are kept: most sliders change only what comes on top.
    """

    lines: np.ndarray
    e: np.ndarray
    x: np.ndarray
    codes: np.ndarray
    mean: np.ndarray
    within: np.ndarray


@lru_cache(maxsize=8)
def _pupils(schools: int, pupils: int, sd_slope: float, seed: int) -> _Pupils:
    drawn = draw_groups(
        schools,
        pupils,
        beta=(START, SLOPE),
        sd_u=(SD_START, sd_slope),
        rho=0.0,
        sigma=SIGMA,
        x_mean=0.0,
        x_sd=(SD_MEAN, SD_WITHIN),
        slope_between=None,
        seed=seed,
    )
    x, codes, (start, turn) = drawn.x, drawn.group, drawn.u[:, drawn.group]
    mean = group_means(x, codes, schools)
    return _Pupils(
        lines=START + start + (SLOPE + turn) * x,
        e=drawn.e,
        x=x,
        codes=codes,
        mean=mean,
        within=x - mean[codes],
    )
