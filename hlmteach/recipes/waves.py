"""People measured again and again, drawn from a model of growth whose truth is known."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from hlmteach.recipes.names import powered, r_number
from hlmteach.recipes.rows import Rows


@dataclass(frozen=True, kw_only=True)
class Waves(Rows):
    """Everybody at every time, y = beta_0 + u_0 + (beta_1 + u_1) time + e (equation 4).

    The draws behind `sd_u`, `rho` and `sigma` depend on the seed alone, so that lines move and do
    not jump while one of them is changed.
    """

    people: int
    times: int
    beta: tuple[float, float]
    sd_u: tuple[float, float]
    rho: float
    sigma: float
    seed: int = 0

    x: ClassVar[str] = "time"
    group: ClassVar[str] = "person"

    @property
    def design(self) -> Rows:
        """The same people and times, from a truth that is agreed upon."""
        truth = {"beta": (0, 1), "sd_u": (1, 1), "rho": 0, "sigma": 1}
        return Waves(people=self.people, times=self.times, **truth)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as drawn: y, time, person."""
        rng, people, times = np.random.default_rng(self.seed), self.people, self.times
        z, rho = rng.standard_normal((2, people)), self.rho
        u0 = self.sd_u[0] * z[0]
        u1 = self.sd_u[1] * (rho * z[0] + (1 - rho**2) ** 0.5 * z[1])
        time = np.tile(np.arange(times), people)
        own = np.repeat(np.arange(people), times)
        y = self.beta[0] + u0[own] + (self.beta[1] + u1[own]) * time
        y = y + self.sigma * rng.standard_normal(len(own))
        return pd.DataFrame({"y": y, "time": time, "person": own + 1})

    @property
    def python(self) -> str:
        """Python that draws the rows; numpy is imported as np, pandas as pd."""
        (b0, b1), (s0, s1), people = self.beta, self.sd_u, self.people
        return (
            f"rng = np.random.default_rng({self.seed})\n"
            f"z = rng.standard_normal((2, {people}))\n"
            f"u0 = {s0:g} * z[0]\n"
            f"u1 = {s1:g} * ({self.rho:g} * z[0] + (1 - {powered(self.rho)}**2) ** 0.5 * z[1])\n"
            f"time = np.tile(np.arange({self.times}), {people})\n"
            f"own = np.repeat(np.arange({people}), {self.times})\n"
            f"y = {b0:g} + u0[own] + ({b1:g} + u1[own]) * time\n"
            f"y = y + {self.sigma:g} * rng.standard_normal(len(own))\n"
            'data = pd.DataFrame({"y": y, "time": time, "person": own + 1})\n'
        )

    @property
    def r(self) -> str:
        """R that draws such rows."""
        (b0, b1), people, rho = self.beta, self.people, r_number(self.rho)
        s0, s1 = map(r_number, self.sd_u)
        return (
            f"set.seed({self.seed})  # R draws other numbers than Python\n"
            f"z <- matrix(rnorm(2 * {people}), 2)\n"
            f"u0 <- {s0} * z[1, ]\n"
            f"u1 <- {s1} * ({rho} * z[1, ] + sqrt(1 - {powered(self.rho)}^2) * z[2, ])\n"
            f"time <- rep(0:{self.times - 1}, times = {people})\n"
            f"person <- rep(1:{people}, each = {self.times})\n"
            f"y <- {r_number(b0)} + u0[person] + ({r_number(b1)} + u1[person]) * time\n"
            f"y <- y + rnorm(length(y), sd = {r_number(self.sigma)})\n"
            "data <- data.frame(y, time, person)\n"
        )
