"""Which sign separates the fields of a text: the one that cuts its rows most evenly."""

import csv
import re
from collections import Counter
from pathlib import Path

from hlmteach.datasets.advice import broken_file
from hlmteach.datasets.lines import Lines, lines_of
from hlmteach.datasets.options import Options

SEPARATORS = [",", ";", "\t", "|", " "]
_SAMPLE = 20_000  # so many characters tell the separator
_SIGNS = 200  # so many records tell that another sign may be one


def guess_separator(path: Path, text: str, options: Options) -> str:
    """Take the separator that cuts most rows into one number of fields, and into most fields."""
    above = options.skip if options.skips_to_names else max(options.header_rows, default=1) - 1
    text = text.split("\n", above)[-1]
    sample = text[:_SAMPLE].rpartition("\n")[0] if len(text) > _SAMPLE else text
    between = Counter(re.findall(r'(?<!")"([,;\t|])"(?!")', sample))
    if len(between) == 1 and between.total() > 1:
        return next(iter(between))  # "a";"b" has no doubt
    evenness = {sep: _evenness(path, sample or text, sep) for sep in SEPARATORS}
    best = max(SEPARATORS, key=evenness.get)
    return best if evenness[best][0] else ","


def _evenness(path: Path, text: str, sep: str) -> tuple[float, float, int]:
    """The share of the rows that have the commonest number of fields above one."""
    lines = lines_of(path, text, sep)
    try:
        every = list(map(len, lines.reader(lines.records)))
    except csv.Error as error:
        raise broken_file(path, "a text table", error) from error
    widths = Counter(every[len(every) // 3 :])  # titles stand at the top
    several = {width: times for width, times in widths.items() if width > 1}
    if not several:
        return 0.0, 0.0, 1
    width, times = max(several.items(), key=lambda item: (item[1], item[0]))
    if sep == " " and len(every) < 3:  # R leaves out a name for the column of row names
        times += every[0] == width - 1
    share = times / widths.total()
    # Words have blanks between them: those separate fields only where they do so throughout.
    enough = share >= (0.9 if sep == " " else 0.5)
    return (share if enough else 0.0), every.count(width) / len(every), width


def other_separator(lines: Lines, width: int) -> list[str]:
    """Say that the cells of a single column all hold one sign, which may separate fields."""
    records = lines.records[:_SIGNS] if width == 1 else []
    signs = [s for s in "^~:/!&@" if records and {r.count(s) for r in records} == {1}]
    return [
        f"There is one column, and each row holds one {sign!r}. If that separates fields, say "
        f'sep="{sign}".'
        for sign in signs[:1]
    ]
