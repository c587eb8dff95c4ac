"""sleepstudy, with some mornings lost, and its people and mornings spread more or less."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import fit_model
from hlmteach.recipes.rows import Rows


@dataclass(frozen=True, kw_only=True)
class Sleep(Rows):
    """Eighteen people on ten mornings; of the people in `kept` only those mornings.

    Each answer is taken apart into everybody's line, how far the person's own line lies from it,
    and how far the morning lies from that. The two last are multiplied by `people` and `noise`.
    """

    kept: tuple[tuple[str, tuple[int, ...]], ...] = ()
    people: float = 1.0
    noise: float = 1.0

    y: ClassVar[str] = "Reaction"
    x: ClassVar[str] = "Days"
    group: ClassVar[str] = "Subject"

    @property
    def design(self) -> Rows:
        """The same mornings as they were."""
        return Sleep(kept=self.kept)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows that are kept."""
        return self.every[self.is_kept]

    @cached_property
    def every(self) -> pd.DataFrame:
        """All 180 rows, spread, with none lost."""
        data, everybody, own = _apart()
        spread = everybody + self.people * (own - everybody) + self.noise * (data[self.y] - own)
        return data.assign(Reaction=spread)

    @cached_property
    def is_kept(self) -> pd.Series:
        """Which of the 180 rows are kept."""
        data, *_ = _apart()
        rows = pd.Series(True, index=data.index)
        for person, mornings in self.kept:
            rows &= (data["Subject"] != person) | data["Days"].isin(mornings)
        return rows

    @property
    def python(self) -> str:
        """Python that reads the rows, spreads them and loses some."""
        lines = ['data = hlm.load("sleepstudy")']
        if self != self.design:
            lines += [
                'everybody = hlm.gls("Reaction ~ Days", data).fitted',
                'own = hlm.gls("Reaction ~ Days * Subject", data).fitted',
                f"answers = everybody + {self.people:g} * (own - everybody)",
                f'data["Reaction"] = answers + {self.noise:g} * (data["Reaction"] - own)',
            ]
        for person, mornings in self.kept:
            kept = f'data["Days"].isin({list(mornings)})'
            lines.append(f'data = data[(data["Subject"] != "{person}") | {kept}]')
        return "\n".join(lines) + "\n"

    @property
    def r(self) -> str:
        """R that does the same; lme4 brings the rows."""
        lines = ["data <- sleepstudy"]
        if self != self.design:
            lines += [
                "everybody <- fitted(lm(Reaction ~ Days, data))",
                "own <- fitted(lm(Reaction ~ Days * Subject, data))",
                f"answers <- everybody + {self.people:g} * (own - everybody)",
                f"data$Reaction <- answers + {self.noise:g} * (data$Reaction - own)",
            ]
        for person, mornings in self.kept:
            kept = f"data$Days %in% c({', '.join(map(str, mornings))})"
            lines.append(f'data <- data[data$Subject != "{person}" | {kept}, ]')
        return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def _apart():
    """The rows; everybody's line at each of them; each person's own."""
    data = load("sleepstudy")
    lines = (
        fit_model(formula, data, verb="gls").fitted
        for formula in ("Reaction ~ Days", "Reaction ~ Days * Subject")
    )
    return data, *lines
