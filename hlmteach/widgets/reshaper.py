"""Reshaper: the cells of a wide table fly to their places in a long one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.inference.simulate import simulate_groups
from hlmteach.views.cells import CellsView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

TIMES = ("before", "1 year", "5 years")


@dataclass(frozen=True)
class Found:
    """The same numbers wide and long, and how many cells have moved."""

    wide: pd.DataFrame
    long: pd.DataFrame
    times: tuple[str, ...]
    moved: int


class Reshaper(TeachingWidget):
    """Long format gives every observation a row of its own, and loses nothing on the way.

    Left, one row a person and one column an occasion; right, one row an observation, with a column
    that says when. Move the slider and each value flies to its row. A predictor of the person
    keeps a column of its own, and is repeated.

    Parameters
    ----------
    preset : {"wide", "half way", "long", "two occasions"}
        Where the controls start.
    present : bool
        Large type, for a projector.

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
    presets = {  # noqa: RUF012
        "wide": {},
        "half way": {"moved": 6},
        "long": {"moved": 12},
        "two occasions": {"occasions": 2, "moved": 3},
    }
    rests_at = 0

    def __init__(self, preset: str = "wide", *, present: bool = False):
        super().__init__(CellsView(present), _controls(), preset=preset, present=present)

    def compute(self, state) -> Found:
        """Draw the persons, and let pandas reshape them."""
        times = TIMES[: state["occasions"]]
        wide = _wide(state["persons"], times, state["seed"])
        long = wide.melt(["person", "NPD"], var_name="Time", value_name="Satisfaction")
        long = long.sort_values("person", kind="stable", ignore_index=True)
        return Found(wide, long, times, min(state["moved"], len(long)))

    def draw(self, found):
        """Show the cells where they are."""
        self._show_moved(found, found.moved)

    def story(self, found):
        """Fly person by person, from here to the long table."""
        each = len(found.times)
        for moved in range(found.moved, len(found.long) + 1, each):
            self._show_moved(found, moved)
            yield f"{moved} of {len(found.long)} values have a row of their own"

    def _show_moved(self, found, moved):
        values = found.wide[list(found.times)].to_numpy()
        self.view.update(values, found.wide["NPD"].to_numpy(), found.times, moved)

    def report(self, found) -> Report:
        """Give the two shapes."""
        wide, long = found.wide, found.long
        numbers = {"rows_wide": float(len(wide)), "rows_long": float(len(long))}
        numbers |= {"columns_wide": float(wide.shape[1]), "columns_long": float(long.shape[1])}
        numbers |= {"mean": float(long["Satisfaction"].mean())}
        rows = (
            ("wide", f"{len(wide)} rows, {wide.shape[1]} columns"),
            ("long", f"{len(long)} rows, {long.shape[1]} columns"),
            ("values, either way", f"{len(long)}"),
            ("their mean, either way", f"{numbers['mean']:.3f}"),
        )
        status = f"{found.moved} of {len(long)} values have moved; none is lost."
        alt = f"A wide table of {len(wide)} persons beside its long form. {status}"
        return Report(numbers, rows, status, alt, "Two shapes of one table")

    def code_for(self, state):
        """Write the reshaping."""
        times = list(TIMES[: state["occasions"]])
        found = self.compute(state)
        columns = {name: found.wide[name].tolist() for name in found.wide}
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


def _controls() -> dict:
    return {
        "moved": make.whole("values moved", 0, 0, 12),
        "persons": make.whole("persons", 4, 2, 4),
        "occasions": make.whole("occasions", 3, 2, 3),
        "seed": make.seed(3),
    }


def _wide(persons: int, times, seed: int) -> pd.DataFrame:
    data = simulate_groups(persons, len(times), beta=(5.0, 0.0), sd_u=0.5, sigma=0.4, seed=seed)
    values = np.clip(data["y"].to_numpy(), 1, 6).round(1).reshape(persons, len(times))
    npd = np.random.default_rng(seed).integers(1, 7, persons)
    wide = pd.DataFrame(values, columns=list(times))
    wide.insert(0, "person", range(1, persons + 1))
    wide.insert(1, "NPD", npd)
    return wide
