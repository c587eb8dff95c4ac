"""Text that shows itself laid out, and tables that show themselves as R prints them."""

from html import escape
from textwrap import fill

import pandas as pd

from hlmteach.rstyle.html import html_table
from hlmteach.rstyle.rformat import WIDTH, blank_missing, format_numbers, p_texts, print_table

P_VALUES = ("p-value", "p-mixture")
WIDE = 120  # one column more than R has: it goes beside the others, not below


class Printout(str):
    """A text whose repr is the text, so that the last line of a cell shows it laid out."""

    def __repr__(self) -> str:
        return str(self)


class PrintedTable(pd.DataFrame):
    """A DataFrame that shows itself as nlme prints an `anova`; what is taken from it is plain."""

    @property
    def _constructor(self):
        return pd.DataFrame

    def __repr__(self) -> str:
        rows, columns = list(map(str, self.index)), list(self.columns)
        table = print_table(rows, columns, self._texts(), width=WIDE)
        return "\n".join([table, *fill(self._note, WIDTH).splitlines()])

    def _repr_html_(self) -> str:
        rows, columns = list(map(str, self.index)), list(self.columns)
        table = html_table(rows, columns, self._texts())
        return f"{table}<p>{escape(self._note)}</p>" if self._note else table

    @property
    def _note(self) -> str:
        return self.attrs.get("note", "")

    def _texts(self) -> list[list[str]]:
        return [_column_texts(name, self[name].tolist()) for name in self.columns]


def _column_texts(name: str, values: list) -> list[str]:
    if name in P_VALUES:
        return p_texts(values)
    if any(isinstance(value, str) for value in values):
        return values
    whole = all(isinstance(value, int) for value in values)
    return format_numbers(values) if whole else blank_missing(values)
