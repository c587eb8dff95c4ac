"""A table of one's own, or a data set, whose columns are chosen."""

from dataclasses import dataclass, field

import pandas as pd

from hlmteach.datasets.questions import code_of
from hlmteach.recipes.names import python_string, r_made_names, r_name
from hlmteach.recipes.r_reader import r_reader
from hlmteach.recipes.rows import Rows

# Data sets, and how R reads them.
SETS = {
    "HLM": 'foreign::read.spss("HLM.sav", to.data.frame = TRUE)',
    "sleepstudy": "lme4::sleepstudy",
    "Orthodont": "as.data.frame(nlme::Orthodont)",
}

FACTORS = {"HLM": "data$Time <- factor(data$Time)\n"}  # whose numbers are names of groups
MAKE_NAMES = (
    "names(data) <- make.names(names(data), unique = TRUE)  # nlme takes plain names only\n"
)


@dataclass(frozen=True, kw_only=True)
class Columns(Rows):
    """Columns of a table: of a data set by its name, of a file, or of a DataFrame ("").

    `chosen` says which columns are what, as pairs such as ("y", "Reaction"); `options` are what
    `hlm.read_table` was told beside the file.
    """

    source: str
    chosen: tuple[tuple[str, str], ...]
    table: pd.DataFrame = field(compare=False, repr=False)
    options: dict = field(default_factory=dict, compare=False)

    @property
    def names(self) -> dict[str, str]:
        """The columns by what they are."""
        return dict(self.chosen)

    @property
    def y(self) -> str:
        """The outcome's name."""
        return self.names["y"]

    @property
    def x(self) -> str:
        """The predictor's name, where one was chosen as `x`."""
        return self.names["x"]

    @property
    def group(self) -> str:
        """The name of the groups' column, where one was chosen as `group`."""
        return self.names["group"]

    @property
    def python(self) -> str:
        """Python that reads the table."""
        if not self.source:
            return "# data: the DataFrame that you gave\n"
        reader = "load" if self.source in SETS else "read_table"
        options = "".join(f", {code_of({name: value})}" for name, value in self.options.items())
        return f"data = hlm.{reader}({python_string(self.source)}{options})\n"

    @property
    def r(self) -> str:
        """R that reads the table."""
        if self.source in SETS:
            return f"data <- {SETS[self.source]}\n{FACTORS.get(self.source, '')}"
        how = self.table.attrs.get("read", {})
        read = r_reader(self.source or "your_file.csv", self.options, how)
        odd = any(r_name(name) != name for name in self.names.values() if name in self.table)
        return f"{read}{MAKE_NAMES}" if odd else read

    @property
    def has_gaps(self) -> bool:
        """Whether a chosen column has a gap."""
        used = [name for name in self.names.values() if name in self.table]
        return bool(self.table[used].isna().any(axis=None))

    def r_name(self, name: str) -> str:
        """Make a plain name: nlme takes no other, in backticks or not."""
        if self.source in SETS or name not in self.table:
            return name
        return r_made_names(self.table.columns)[name]
