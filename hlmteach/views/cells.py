"""A small table whose cells fly between the wide and the long form."""

import numpy as np

from hlmteach.views.style import FAINT, INK, QUIET, group_style
from hlmteach.views.view import View, put_segments, segments

MOST_PERSONS = 4  # persons
OCCASIONS = 3
ROW_HEIGHT = 1.0
FIRST_COLUMN, COLUMN_STEP = 2.05, 1.12  # where the occasions stand in the wide table
BESIDE, BELOW = (5.8, 0.0), (0.2, -7.4)  # where the long table begins
LIMITS = {BESIDE: ((0, 9.8), (-12.6, 1.6)), BELOW: ((0, 5.4), (-20.0, 1.6))}
COLUMNS = {"person": 0.0, "NPD": 1.0, "Time": 1.7, "Satisf.": 2.8}  # of the long table


class CellsView(View):
    """Left the wide table, right the long one; every value is a text that keeps its colour."""

    size = (7.8, 4.3)
    moves = "slots cells labels persons steady tops"

    def _make(self):
        self.axes = self.figure.subplots()
        self.axes.set_axis_off()
        self._heads()
        self._begin_long(BESIDE)
        self.slots = segments(self.axes, colors=FAINT, lw=1)
        self.cells = [self._cell() for _ in range(MOST_PERSONS * OCCASIONS)]
        self.labels = [self._cell() for _ in range(MOST_PERSONS * OCCASIONS)]
        self.persons = [self._cell() for _ in range(MOST_PERSONS * OCCASIONS)]
        self.steady = [self._cell() for _ in range(MOST_PERSONS * OCCASIONS)]
        self.tops = [self._cell(weight="bold") for _ in range(OCCASIONS)]
        self._shown = [()] * (MOST_PERSONS * OCCASIONS)  # of each value, what its texts say

    def _heads(self):
        write = self.axes.text
        write(0.1, 1.1, "wide: one row per person", weight="bold", fontsize=12)
        for x, name in ((0.2, "person"), (1.2, "NPD")):
            write(x, 0, name, color=QUIET)
        self.long_title = write(0, 0, "long: one row per observation", weight="bold", fontsize=12)
        self.long_heads = [write(0, 0, name, color=QUIET) for name in COLUMNS]

    def shorten(self, narrow: bool) -> float | None:
        """Put the long table below the wide one, and say how high the picture is then."""
        if (self.long_at == BELOW) != narrow:
            self._begin_long(BELOW if narrow else BESIDE)
        return 5.8 if narrow else None

    def _begin_long(self, place) -> None:
        self.long_at = x, y = place
        self.axes.set(xlim=LIMITS[place][0], ylim=LIMITS[place][1])
        self.long_title.set_position((x, y + 1.1))
        for head, beside in zip(self.long_heads, COLUMNS.values(), strict=True):
            head.set_position((x + beside, y))

    def _in_long(self, column: str, row: int) -> tuple[float, float]:
        """Where a value of the long table stands."""
        x, y = self.long_at
        return x + COLUMNS[column], y - ROW_HEIGHT * (row + 1)

    def _cell(self, **looks):
        return self.axes.text(0, 0, "", fontsize=11, color=INK, va="baseline", **looks)

    def update(self, values, npd, times, moved: int) -> None:
        """Show the table with its first `moved` values in the long form.

        Parameters
        ----------
        values : array (persons, occasions)
        npd : array (persons,)
            A predictor of the person: it keeps a column of its own.
        times : list of str
        moved : int
            Cells already flown, person by person.
        """
        persons, occasions = values.shape
        self._show_slots(persons * occasions)
        for k, shown in enumerate(self._shown):
            i, j = divmod(k, occasions)
            named = k < moved or k == max(i * occasions, moved)  # once in the wide table
            data = (values[i, j], npd[i], times[j]) if i < persons else ()
            wanted = (i, j, data, k < moved, named, self.long_at)
            if wanted != shown:  # most values stay where they are
                self._shown[k] = wanted
                self._place(k, *wanted[:-1])
        for j, top in enumerate(self.tops):
            text, color = times[j] if j < occasions else "", group_style(j).color
            _put(top, text=text, position=(FIRST_COLUMN + COLUMN_STEP * j, 0), color=color)

    def _show_slots(self, rows: int) -> None:
        """Rule a row of the long table for each value, taken or not."""
        starts = np.array([self._in_long("person", k) for k in range(rows)]) - (0.05, 0.25)
        put_segments(self.slots, np.stack([starts, starts + np.array([3.5, 0])], axis=1))

    def _place(self, k, i, j, data, moved, named) -> None:
        """Put a value where it is, with its time, person and predictor, which `named` shows."""
        value, npd, time = data or (None, None, "")
        flown = bool(data) and moved
        cell, label, person, steady = (
            part[k] for part in (self.cells, self.labels, self.persons, self.steady)
        )
        color, top = group_style(j).color, (FIRST_COLUMN + COLUMN_STEP * j, 0)
        row = -ROW_HEIGHT * (i + 1)
        place = self._in_long("Satisf.", k) if flown else (top[0], row)
        _put(cell, text=f"{value:.1f}" if data else "", position=place, color=color)
        place = self._in_long("Time", k) if flown else top
        _put(label, text=time, position=place, color=color, alpha=1.0 if flown else 0.0)
        for text, wide_x, column, wording in (
            (person, 0.2, "person", str(i + 1) if data else ""),
            (steady, 1.2, "NPD", f"{npd:d}" if data else ""),
        ):
            place = self._in_long(column, k) if flown else (wide_x, row)
            _put(text, text=wording, position=place, alpha=1.0 if named else 0.0)

    def where(self) -> np.ndarray:
        """Positions (cells, 2) of the values."""
        return np.array([cell.get_position() for cell in self.cells])


def _put(artist, /, **wanted) -> None:
    """Change what differs: a text that nobody touched need not be laid out again."""
    changed = {
        name: value for name, value in wanted.items() if getattr(artist, f"get_{name}")() != value
    }
    if changed:
        artist.set(**changed)
