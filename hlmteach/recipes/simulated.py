"""Rows drawn from a model whose truth is known."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat

import numpy as np
import pandas as pd

from hlmteach.inference.simulation.simulate import Drawn, draw_groups
from hlmteach.recipes.names import powered, r_number
from hlmteach.recipes.rows import Rows, taken

CALL = "\n    {groups}, {size}, beta={beta}, sd_u={sd_u}, sigma={sigma}, seed={seed}\n"


@dataclass(frozen=True, kw_only=True)
class Simulated(Rows):
    """Rows of `hlm.simulate_groups`, whose arguments and defaults are the fields.

    `beta` is one number for an outcome that does not depend on x, `size` one number or one per
    group. `call` is how Python's call is laid out, with the fields in braces.
    """

    groups: int
    size: int | tuple[int, ...]
    beta: float | tuple[float, float] = (0.0, 1.0)
    sd_u: float | tuple[float, float] = 1.0
    rho: float = 0.0
    sigma: float = 1.0
    x_mean: float = 0.0
    x_sd: tuple[float, float] = (0.0, 1.0)
    slope_between: float | None = None
    seed: int = 0
    call: str = field(default=CALL, compare=False, repr=False)

    @property
    def has_x(self) -> bool:
        """Whether the outcome depends on x."""
        return isinstance(self.beta, tuple)

    @property
    def design(self) -> Rows:
        """Rows with the same x from the same truth; without x, of the same sizes."""
        return Simulated(
            groups=self.groups,
            size=self.size,
            beta=(5, 0.12) if self.has_x else 0.0,
            sd_u=(0.6, 0.2) if self._turns else 0.5,
            rho=0.3 if self._turns else 0.0,
            sigma=0.8,
            x_mean=self.x_mean,
            x_sd=self.x_sd,
            seed=self.seed if self.has_x else 0,
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as drawn: y, x, group."""
        return pd.DataFrame({"y": self.outcome, "x": self.predictor, "group": self.codes + 1})

    outcome = taken("drawn.y", "The outcome (n,) as drawn.")
    predictor = taken("drawn.x", "The predictor (n,) as drawn.")

    @cached_property
    def drawn(self) -> Drawn:
        """The rows as drawn, with the true effects of the groups."""
        return draw_groups(
            self.groups,
            self.size,
            beta=self.beta,
            sd_u=self.sd_u,
            rho=self.rho,
            sigma=self.sigma,
            x_mean=self.x_mean,
            x_sd=self.x_sd,
            slope_between=self.slope_between,
            seed=self.seed,
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each group (J,)."""
        return self.size if isinstance(self.size, tuple) else tuple(repeat(self.size, self.groups))

    @cached_property
    def codes(self) -> np.ndarray:
        """Group codes (n,), from 0."""
        return np.repeat(np.arange(self.groups), self.size)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The groups' numbers (J,), as text."""
        return tuple(map(str, range(1, self.groups + 1)))

    @property
    def python(self) -> str:
        """Python that draws the rows."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if isinstance(self.size, tuple):
            fields["size"] = list(self.size)
        return f"data = hlm.simulate_groups({self.call.format_map(fields)})\n"

    @property
    def r(self) -> str:
        """R that draws such rows."""
        data = f"data <- data.frame({'y, x, group' if self.has_x else 'y, group'})"
        return "\n".join([*self._r_groups(), *self._r_x(), *self._r_y(), data]) + "\n"

    def _r_groups(self) -> list[str]:
        equal = not isinstance(self.size, tuple)
        each = f"each = {self.size}" if equal else f"times = c({', '.join(map(str, self.size))})"
        return [
            f"set.seed({self.seed})  # R draws other numbers than Python",
            f"group <- factor(rep(1:{self.groups}, {each}))",
        ]

    def _r_x(self) -> list[str]:
        if not self.has_x:
            return []
        between, within = map(r_number, self.x_sd)
        own = f" + rnorm({self.groups}, sd = {between})[group]" if self.x_sd[0] else ""
        return [f"x <- {r_number(self.x_mean)}{own} + rnorm(length(group), sd = {within})"]

    def _r_y(self) -> list[str]:
        e = f"rnorm(length(group), sd = {r_number(self.sigma)})"
        lines, u = self._r_effects()
        mean = r_number(self.beta[0] if self.has_x else self.beta)
        if not self.has_x:
            return [*lines, f"y <- {mean} + {u} + {e}"]
        slope = r_number(self.beta[1])
        if self.slope_between is not None:
            lines += ["centre <- ave(x, group)"]
            mean += f" + {r_number(self.slope_between)} * centre"
            return [*lines, f"y <- {mean} + {slope} * (x - centre) + {u}", f"y <- y + {e}"]
        slope = f"({slope} + u1[group])" if self._turns else slope
        return [*lines, f"y <- {mean} + {u} + {slope} * x + {e}"]

    @property
    def _turns(self) -> bool:
        return isinstance(self.sd_u, tuple)

    def _r_effects(self) -> tuple[list[str], str]:
        """Lines that draw the groups' effects, and the effect of a row's group."""
        if not self._turns:
            return [f"u0 <- rnorm({self.groups}, sd = {r_number(self.sd_u)})"], "u0[group]"
        (sd, turn), rho = map(r_number, self.sd_u), r_number(self.rho)
        lines = [
            f"z <- matrix(rnorm(2 * {self.groups}), 2)",
            f"u0 <- {sd} * z[1, ]",
            f"u1 <- {turn} * ({rho} * z[1, ] + sqrt(1 - {powered(self.rho)}^2) * z[2, ])",
        ]
        return lines, "u0[group]"
