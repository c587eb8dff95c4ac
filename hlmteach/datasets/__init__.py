"""Data for lessons, and readers for one's own files.

`load` returns a data set that travels with the package, `describe` says where it comes from, and
`read_table` and `read_sav` read a student's own file.
"""

from hlmteach.datasets.library import describe, load, names
from hlmteach.datasets.tables import read_sav, read_table

__all__ = ["describe", "load", "names", "read_sav", "read_table"]
