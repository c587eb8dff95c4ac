"""A small table whose cells fly between the wide and the long form."""

import numpy as np

from hlmteach.views.style import INK, QUIET, group_style, house_style, new_figure

MOST = 4  # persons
OCCASIONS = 3
ROW = 1.0
FIRST, STEP = 2.05, 1.12  # where the occasions stand in the wide table


class CellsView:
    """Left the wide table, right the long one; every value is a text that keeps its colour.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(7.8, 4.3, present)
            self.axes = self.figure.subplots()
            self.axes.set(xlim=(0, 9.8), ylim=(-12.6, 1.6))
            self.axes.set_axis_off()
            self._heads()
            self.cells = [self._cell() for _ in range(MOST * OCCASIONS)]
            self.labels = [self._cell() for _ in range(MOST * OCCASIONS)]
            self.persons = [self._cell() for _ in range(MOST * OCCASIONS)]
            self.steady = [self._cell() for _ in range(MOST * OCCASIONS)]
            self.tops = [self._cell(weight="bold") for _ in range(OCCASIONS)]

    def _heads(self):
        write = self.axes.text
        write(0.1, 1.1, "wide: one row a person", weight="bold", fontsize=12)
        write(5.8, 1.1, "long: one row an observation", weight="bold", fontsize=12)
        for x, name in ((0.2, "person"), (1.2, "NPD")):
            write(x, 0, name, color=QUIET)
        for x, name in ((5.8, "person"), (6.8, "NPD"), (7.5, "Time"), (8.6, "Satisf.")):
            write(x, 0, name, color=QUIET)

    def _cell(self, **looks):
        return self.axes.text(0, 0, "", fontsize=11, color=INK, va="baseline", **looks)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            "values": self.cells,
            "times": self.labels,
            "persons": self.persons,
            "predictor": self.steady,
            "column names": self.tops,
        }

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
        for k in range(MOST * OCCASIONS):
            i, j = divmod(k, occasions)
            there = i < persons
            self._place(k, i, j, values, npd, times, there, there and k < moved)
            self._repeat(k, i, values.shape[1], moved)
        for j, top in enumerate(self.tops):
            top.set(text=times[j] if j < occasions else "", position=(FIRST + STEP * j, 0))
            top.set_color(group_style(j).color)

    def _place(self, k, i, j, values, npd, times, there, flown):
        y = -ROW * (k + 1)
        wide = (FIRST + STEP * j, -ROW * (i + 1))
        value, label, person, steady = (
            part[k] for part in (self.cells, self.labels, self.persons, self.steady)
        )
        value.set(text=f"{values[i, j]:.1f}" if there else "")
        value.set_position((8.6, y) if flown else wide)
        value.set_color(group_style(j).color)
        label.set(text=times[j] if there else "", color=group_style(j).color)
        label.set_position((7.5, y) if flown else (FIRST + STEP * j, 0))
        label.set_alpha(1.0 if flown else 0.0)
        for text, wide_x, long_x, shown in (
            (person, 0.2, 5.8, str(i + 1)),
            (steady, 1.2, 6.8, f"{npd[i]:d}" if there else ""),
        ):
            text.set(text=shown if there else "")
            text.set_position((long_x, y) if flown else (wide_x, -ROW * (i + 1)))

    def _repeat(self, k, i, occasions, moved) -> None:
        """Show person and predictor once in the wide table, in each row of the long one."""
        first_left = max(i * occasions, moved)
        seen = k < moved or k == first_left
        for text in (self.persons[k], self.steady[k]):
            text.set_alpha(1.0 if seen else 0.0)

    def where(self) -> np.ndarray:
        """Positions (cells, 2) of the values."""
        return np.array([cell.get_position() for cell in self.cells])
