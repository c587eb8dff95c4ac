"""The records of a text: one a line, or several lines where a quoted field runs over them."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from hlmteach.datasets.advice import broken_file
from hlmteach.datasets.layout import Row

_LONGEST = 500  # lines that one quoted field may run over


@dataclass(frozen=True)
class Lines:
    """The records of a text that are not blank, and the row of the file where each begins."""

    records: list[str]
    numbers: list[int]
    sep: str

    def row(self, at: int) -> Row:
        """Split one record into its fields."""
        return Row(self.numbers[at], next(self.reader([self.records[at]])))

    def rows(self, start: int, stop: int) -> list[Row]:
        """Split some of the records."""
        at = range(start, min(stop, len(self.records)))
        fields = list(self.reader(self.records[start:stop]))
        if len(fields) != len(at):  # a record that the reader takes for two, or two for one
            return [self.row(i) for i in at]
        return [Row(self.numbers[i], cells) for i, cells in zip(at, fields, strict=True)]

    def reader(self, records: list[str]):
        """Split records as Python's csv does."""
        return csv.reader(records, delimiter=self.sep, skipinitialspace=True)

    def without(self, left_out: set[int]) -> "Lines":
        """Leave out records by the row they begin in."""
        if not left_out:
            return self
        pairs = zip(self.records, self.numbers, strict=True)
        kept = [(r, n) for r, n in pairs if n not in left_out]
        return Lines([r for r, _ in kept], [n for _, n in kept], self.sep)

    def cut(self, start: int, stop: int) -> "Lines":
        """Keep some of the records."""
        return Lines(self.records[start:stop], self.numbers[start:stop], self.sep)


def lines_of(path: Path, text: str, sep: str) -> Lines:
    """Cut a text into records, blank ones left out; a quoted field may run over several lines."""
    lines = text.split("\n")
    numbers = range(1, len(lines) + 1)
    if '"' in text and any(line.count('"') % 2 for line in lines):
        lines, numbers = _joined_at_quotes(path, lines, sep)
    bare = "".join({sep, " ", "\t"})
    kept = [(line, n) for line, n in zip(lines, numbers, strict=True) if line.strip(bare)]
    ends = " " if sep == " " else ""
    return Lines([r.rstrip(ends) if ends else r for r, _ in kept], [n for _, n in kept], sep)


def _joined_at_quotes(path: Path, lines: list[str], sep: str) -> tuple[list[str], list[int]]:
    """Join the lines of a quoted field; a quote inside a field, as in 5" pipe, opens nothing."""
    opening = re.compile(rf'(?:^|{re.escape(sep)}) *"(?:[^"]|"")*\Z')
    records, numbers, at = [], [], 0
    while at < len(lines):
        start, record = at, lines[at]
        at += 1
        while record.count('"') % 2 and opening.search(_without_closed(record, sep)):
            if at == len(lines) or at - start > _LONGEST:
                reason = f"a quote opens in row {start + 1} and never closes"
                raise broken_file(path, "a text table", reason)
            record += "\n" + lines[at]
            at += 1
        records.append(record)
        numbers.append(start + 1)
    return records, numbers


def _without_closed(record: str, sep: str) -> str:
    """Take out the quoted fields that end on their own line."""
    edge = re.escape(sep)
    return re.sub(rf'(^|{edge}) *"(?:[^"]|"")*"(?= *(?:{edge}|\Z))', r"\1", record)
