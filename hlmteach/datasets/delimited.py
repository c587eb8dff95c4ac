"""Text tables as people really save them: any encoding, separator, title, source."""

import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from hlmteach.datasets.advice import broken_file
from hlmteach.datasets.encodings import decode
from hlmteach.datasets.layout import Head, find_foot, find_head, is_comment, kind
from hlmteach.datasets.lines import Lines, lines_of
from hlmteach.datasets.marks import MISSING
from hlmteach.datasets.names import nameless_of, names_of
from hlmteach.datasets.options import Options
from hlmteach.datasets.questions import in_rows
from hlmteach.datasets.ragged import check_widths, with_row_names
from hlmteach.datasets.separator import guess_separator, other_separator
from hlmteach.datasets.stacked import check_one_table, names_again
from hlmteach.errors import DataError

# Before 3.1, pandas reads the last digit of some numbers wrong unless it is told not to.
_OLD = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
EXACT = {"float_precision": "round_trip"} if _OLD else {}

_HEAD, _FOOT = 200, 60  # so many rows are looked at for where the table begins and ends


@dataclass(frozen=True)
class TextTable:
    """The rows of data of a text file, before its cells are read."""

    path: Path
    lines: Lines
    names: list[str]
    notes: list[str]
    encoding: str
    header: tuple[int, ...]
    nameless: list[str]
    left_out: tuple[int, ...]

    def parse(self, decimal: str, options: Options, as_text=()) -> pd.DataFrame:
        """Read the cells; those of the columns `as_text` stay as they are written."""
        try:
            return pd.read_csv(
                StringIO("\n".join(self.lines.records)),
                sep=self.lines.sep,
                header=None,
                names=self.names,
                index_col=False,
                dtype=dict.fromkeys(as_text, str),
                decimal=decimal,
                na_values=[*MISSING, *map(str, options.missing)],
                keep_default_na=False,
                skipinitialspace=True,
                skip_blank_lines=False,
                low_memory=False,
                **EXACT,
            )
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise broken_file(self.path, "a text table", error) from error


def find_table(path: Path, options: Options) -> TextTable:
    """Find the table in an existing text file: its rows, and the names of its columns."""
    text, encoding = decode(path, options.encoding)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _check_text(path, text)
    text, quote_notes = _with_doubled_quotes(text)
    sep_line = re.match(r'"?sep=(.)"?\n', text)
    sep = options.sep or (sep_line[1] if sep_line else guess_separator(path, text, options))
    lines = lines_of(path, text, sep).without({1} if sep_line else set())
    lines = lines.without(set(options.left_out))
    lines, rule_notes = _without_rules(lines)
    lines, notes = _without_comments(lines, options)
    if not lines.records:
        raise DataError(f"{path.name!r} holds no row of a table.")
    head = find_head(path.name, lines.rows(0, _HEAD), options.header, options.skips_to_names)
    body = lines.cut(head.first, len(lines.records))
    head = with_row_names(head, body)
    body, again = _without_names(lines, head, body)
    width = len(head.names[-1].cells) if head.names else len(body.row(0).cells)
    if options.foot is None:
        check_one_table(path.name, head, body.numbers, body.row)
    foot, foot_notes = _foot(body, width, options)
    body = body.cut(0, max(0, len(body.records) - foot))
    if not body.records:
        raise DataError(f"{path.name!r} has a row of column names and no rows below it.")
    widest, ragged = check_widths(path, body, head, width)
    names, name_notes = names_of(head, widest)
    return TextTable(
        path=path,
        lines=body,
        names=names,
        notes=[
            *quote_notes,
            *rule_notes,
            *notes,
            *head.notes,
            *name_notes,
            *again,
            *foot_notes,
            *ragged,
            *other_separator(lines, width),
        ],
        encoding=encoding,
        header=tuple(row.number for row in head.names),
        nameless=nameless_of(head, names),
        left_out=_left_out(text, head, body),
    )


def _check_text(path: Path, text: str) -> None:
    if not text.strip():
        raise DataError(f"{path.name!r} is empty: it holds nothing but blanks.")
    if "\0" in text:
        raise broken_file(path, "text", "it holds bytes that no text has")
    if re.match(r"\s*<(!doctype html|html)", text, re.IGNORECASE):
        raise broken_file(path, "a table", "it is a web page")
    if re.match(r'\s*(\[\s*)?\{\s*"', text):
        raise DataError(
            f"{path.name!r} holds JSON, no table of rows. Read it by pd.read_json({path.name!r})."
        )


def _with_doubled_quotes(text: str) -> tuple[str, list[str]]:
    """Write quotes within quoted texts twice, where a program put a backslash before them."""
    if not re.search(r'\\"[^,;\t|\n"]', text) or '""' in text:
        return text, []
    return text.replace('\\"', '""'), ['A quote within a text stands as \\" and was read as ".']


# -- lines ----------------------------------------------------------------------------------------


def _without_comments(lines: Lines, options: Options) -> tuple[Lines, list[str]]:
    marked = [i for i, record in enumerate(lines.records) if record.lstrip(' "').startswith("#")]
    if not marked:
        return lines, []
    width, kept = _usual_width(lines), {*options.header_rows, _commented_names(lines)}
    rows = [lines.row(i) for i in marked]
    comments = [row.number for row in rows if is_comment(row, width) and row.number not in kept]
    note = f"Comments that begin with # were left out: {in_rows(comments)}."
    return lines.without(set(comments)), [note] if comments else []


def _without_rules(lines: Lines) -> tuple[Lines, list[str]]:
    """Leave out lines of dashes, as a printed table has them below its names."""
    drawn = {*"-=+:| ", lines.sep}
    top = zip(lines.records[:_HEAD], lines.numbers, strict=False)
    rules = [n for record, n in top if "---" in record and set(record) <= drawn]
    note = f"{in_rows(rules).capitalize()}: a line of dashes, left out."
    return lines.without(set(rules)), [note] if rules else []


def _commented_names(lines: Lines) -> int | None:
    """The row of names that begins with #, as numpy.savetxt writes it, right above numbers."""
    rows = lines.rows(0, _HEAD)
    at = next((i for i, row in enumerate(rows) if not is_comment(row, 1000)), 0)
    names, numbers = rows[at - 1].cells, {kind(cell) for cell in rows[at].cells}
    fits = at > 0 and len(names) == len(rows[at].cells) > 1 and "word" not in numbers
    return rows[at - 1].number if fits else None


def _without_names(lines: Lines, head: Head, body: Lines) -> tuple[Lines, list[str]]:
    """Leave out records that repeat the names, where files were pasted together."""
    if len(head.names) != 1:
        return body, []
    names = lines.records[lines.numbers.index(head.names[0].number)]
    if names not in body.records:
        return body, []
    again, notes = names_again(names, body.records, body.row)
    return body.without(set(again)), notes


def _left_out(text: str, head: Head, body: Lines) -> tuple[int, ...]:
    """The lines below the names and above the last row that are neither blank nor data."""
    first = head.names[-1].number + 1 if head.names else 1
    if body.numbers[-1] - first + 1 == len(body.numbers):
        return ()
    pairs = zip(body.numbers, body.records, strict=True)
    kept = {n + i for n, record in pairs for i in range(record.count("\n") + 1)}
    lines = text.split("\n")
    between = range(first, body.numbers[-1])
    return tuple(n for n in between if n not in kept and lines[n - 1].strip())


def _usual_width(lines: Lines) -> int:
    return Counter(len(row.cells) for row in lines.rows(0, _HEAD)).most_common(1)[0][0]


def _foot(body: Lines, width: int, options: Options) -> tuple[int, list[str]]:
    if options.foot is not None:
        return options.foot, []
    rows = body.rows(max(0, len(body.records) - _FOOT), len(body.records))
    return find_foot(rows, width)
