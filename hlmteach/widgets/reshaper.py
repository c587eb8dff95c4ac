"""Reshaper: the cells of a wide table fly to their places in a long one."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.inference.simulation.simulate import simulate_groups
from hlmteach.views.cells import CellsView
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, seed, whole

TIMES = ("before", "1 year", "5 years")


@dataclass(frozen=True)
class Tables:
    """The same numbers wide and long; `values` (persons, occasions) and `npd` (persons,)."""

    wide: pd.DataFrame
    long: pd.DataFrame
    times: tuple[str, ...]
    values: np.ndarray
    npd: np.ndarray
    numbers: dict[str, float]


@dataclass(frozen=True)
class Found:
    """The tables, and how many cells have moved."""

    state: dict
    tables: Tables
    moved: int


class Reshaper(TeachingWidget):
    """Long format gives every observation a row of its own, and loses nothing on the way.

    Left, one row a person and one column an occasion; right, one row an observation, with a column
    that says when. Move the slider and each value flies to its row. A predictor of the person
    keeps a column of its own, and is repeated.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.Reshaper("long")
    >>> widget.results["rows_wide"], widget.results["rows_long"]
    (4.0, 12.0)
    >>> widget.close()
    """

    title = "From wide to long"
    sentence = "Long format gives every observation a row of its own, and loses nothing on the way."
    presets = {
        "wide": {},
        "half way": {"moved": 6},
        "long": {"moved": 12},
        "two occasions": {"occasions": 2, "moved": 3},
    }
    inputs = {
        "moved": ask(whole, "values moved", 0, 0, 12),
        "persons": ask(whole, "persons", 4, 2, 4),
        "occasions": ask(whole, "occasions", 3, 2, 3),
        "seed": ask(seed, 3),
    }
    picture = CellsView
    table = """
        wide, rows × columns | {rows_wide:.0f} × {columns_wide:.0f}
        long, rows × columns | {rows_long:.0f} × {columns_long:.0f}
        values in each | {rows_long:.0f}
        mean in each | {mean:.3f}
    """
    status = "{moved} of {rows_long:.0f} values have moved; none is lost."
    alt = "A wide table of {rows_wide:.0f} persons beside its long form. {status}"
    caption = "Two shapes of one table"

    def compute(self, state) -> Found:
        """Draw the persons, and let pandas reshape them."""
        tables = _tables(state["persons"], state["occasions"], state["seed"])
        return Found(state, tables, min(state["moved"], len(tables.long)))

    def draw(self, found):
        """Show the cells where they are."""
        self._show_moved(found.tables, found.moved)

    def story(self, found):
        """Fly person by person from the wide table to the long one, and come back to here."""
        tables, rows = found.tables, len(found.tables.long)
        for moved in range(0, rows + 1, len(tables.times)):
            self._show_moved(tables, moved)
            yield f"{moved} of {rows} values have a row of their own."
        self._show_moved(tables, found.moved)
        yield f"And as the slider has it: {found.moved}."

    def _show_moved(self, tables, moved):
        self.view.update(tables.values, tables.npd, tables.times, moved)

    def numbers(self, found):
        """Give the two shapes, and what both hold."""
        return dict(found.tables.numbers)

    def words(self, found):
        """How many values have moved: no more than there are."""
        return {"moved": found.moved}

    def code_for(self, state):
        """Write the reshaping."""
        times = list(TIMES[: state["occasions"]])
        wide = self.compute(state).tables.wide
        columns = {name: wide[name].tolist() for name in wide}
        python = (
            f"import pandas as pd\n\nwide = pd.DataFrame(\n    {columns}\n)\n"
            'long = wide.melt(["person", "NPD"], var_name="Time", value_name="Satisfaction")\n'
            'long = long.sort_values("person", kind="stable", ignore_index=True)\nprint(long)\n'
        )
        fields = ",\n  ".join(
            f"`{name}` = c({', '.join(map(str, values))})" for name, values in columns.items()
        )
        names = ", ".join(f'"{name}"' for name in times)
        r = (
            f"wide <- data.frame(\n  {fields},\n  check.names = FALSE\n)\n"
            f'long <- reshape(wide, direction = "long", varying = c({names}),\n'
            f'  v.names = "Satisfaction", timevar = "Time", times = c({names}), '
            'idvar = "person")\nlong[order(long$person), ]\n'
        )
        return {"python": python, "r": r}


@lru_cache(maxsize=8)
def _tables(persons: int, occasions: int, seed: int) -> Tables:
    """The tables, kept while cells move: pandas takes longer than all else."""
    times = TIMES[:occasions]
    wide = _wide(persons, times, seed)
    long = wide.melt(["person", "NPD"], var_name="Time", value_name="Satisfaction")
    long = long.sort_values("person", kind="stable", ignore_index=True)
    return Tables(
        wide=wide,
        long=long,
        times=times,
        values=wide[list(times)].to_numpy(),
        npd=wide["NPD"].to_numpy(),
        numbers={
            "rows_wide": float(len(wide)),
            "rows_long": float(len(long)),
            "columns_wide": float(wide.shape[1]),
            "columns_long": float(long.shape[1]),
            "mean": float(long["Satisfaction"].mean()),
        },
    )


def _wide(persons: int, times, seed: int) -> pd.DataFrame:
    data = simulate_groups(persons, len(times), beta=(5.0, 0.0), sd_u=0.5, sigma=0.4, seed=seed)
    values = np.clip(data["y"].to_numpy(), 1, 6).round(1).reshape(persons, len(times))
    npd = np.random.default_rng(seed).integers(1, 7, persons)
    wide = pd.DataFrame(values, columns=list(times))
    wide.insert(0, "person", range(1, persons + 1))
    wide.insert(1, "NPD", npd)
    return wide
