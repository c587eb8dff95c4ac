"""What may be said about a file, checked before it is opened."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from numbers import Integral, Real

from hlmteach.errors import DataError

# Which option is for which kind of file; those of every kind are missing, text and fill.
FOR_KIND = {
    "text": ("sep", "encoding", "decimal", "thousands", "header", "skip", "foot"),
    "excel": ("sheet", "decimal", "thousands", "header", "skip", "foot"),
    "labelled": ("encoding", "value_labels"),
    "parquet": (),
}
FOR_ALL = ("missing", "text", "fill")
_MARKS = (".", ",", "'", " ")


@dataclass(frozen=True)
class Options:
    """What a caller said about a file; None where nothing was said."""

    sep: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    sheet: str | int | None = None
    header: int | list[int] | bool | None = None
    skip: int | list[int] | None = None
    foot: int | None = None
    missing: tuple = ()
    text: tuple = ()
    fill: tuple = ()
    value_labels: bool | list[str] | None = None

    @property
    def left_out(self) -> set[int]:
        """The rows of the file that are no part of the table."""
        if self.skip is None:
            return set()
        return set(range(1, self.skip + 1)) if isinstance(self.skip, int) else set(self.skip)

    @property
    def skips_to_names(self) -> bool:
        """Whether `skip` says where the names stand."""
        return isinstance(self.skip, int)

    @property
    def header_rows(self) -> tuple[int, ...]:
        """The rows said to hold the names."""
        if self.header is None or self.header is False:
            return ()
        return (self.header,) if isinstance(self.header, int) else tuple(self.header)

    @property
    def said_decimal(self) -> str | None:
        """The decimal sign that was said, or that follows from the mark of thousands."""
        follows = {".": ",", ",": "."}.get(self.thousands)
        return self.decimal or follows

    def unused(self, kind: str) -> list[str]:
        """Name the options that were said and are not for this kind of file."""
        said = [f.name for f in fields(self) if getattr(self, f.name) not in (None, ())]
        return [name for name in said if name not in (*FOR_KIND[kind], *FOR_ALL)]


def checked(options: Options) -> Options:
    """Check each option; a single word or number may stand for a list of one.

    Raises
    ------
    DataError
        For an option that means nothing; it says what the option takes.

    Examples
    --------
    >>> checked(Options(missing="n.a.", skip=2)).missing
    ('n.a.',)
    """
    _check_signs(options)
    for name in ("encoding",):
        if not isinstance(getattr(options, name), str | None):
            raise _meaningless(options, name, "a name such as 'utf-8' or 'cp1252'")
    if not _is_count(options.foot) and options.foot is not None:
        raise _meaningless(options, "foot", "how many rows at the end are no data: foot=1")
    return replace(
        options,
        header=_checked_header(options),
        skip=_checked_skip(options),
        foot=None if options.foot is None else int(options.foot),
        missing=_listed(options, "missing", str | Real),
        text=_listed(options, "text", str),
        fill=_listed(options, "fill", str),
    )


def merged(said: dict, more: dict) -> dict:
    """Add what is said later to what was said before: lists grow, anything else is replaced.

    Examples
    --------
    >>> merged({"missing": ["NA"], "header": 1}, {"missing": ["n.a."], "header": 2})
    {'missing': ['NA', 'n.a.'], 'header': 2}
    """
    both = {**said, **more}
    for name in ("missing", "text", "fill", "skip"):
        if isinstance(said.get(name), list) and isinstance(more.get(name), list):
            both[name] = list(dict.fromkeys([*said[name], *more[name]]))
    return both


def _check_signs(options: Options) -> None:
    sep = options.sep
    if sep is not None and not (isinstance(sep, str) and len(sep) == 1 and sep not in "\"'\r\n"):
        raise _meaningless(options, "sep", 'one sign, such as ";" or "\\t" for a tab')
    if options.decimal not in (None, ".", ","):
        raise _meaningless(options, "decimal", '"." or ","')
    if options.thousands not in (None, *_MARKS):
        raise _meaningless(options, "thousands", "one of " + ", ".join(f'"{m}"' for m in _MARKS))
    if options.thousands is not None and options.thousands == options.decimal:
        raise DataError(
            f"decimal= and thousands= are both {options.decimal!r}: one sign cannot be both."
        )


def _checked_header(options: Options):
    header = options.header
    if header is None or header is False:
        return header
    if _is_row(header):
        return int(header)
    if _is_list(header) and len(header) and all(map(_is_row, header)):
        return [int(row) for row in header]
    raise _meaningless(
        options,
        "header",
        "the row of the file that holds the names, counted from 1; a list of rows where the names "
        "run over several; or False where there are none",
    )


def _checked_skip(options: Options):
    skip = options.skip
    if skip is None or _is_count(skip):
        return None if skip is None else int(skip)
    if _is_list(skip) and all(map(_is_row, skip)):
        return [int(row) for row in skip]
    raise _meaningless(
        options, "skip", "how many rows stand above the names, or a list of rows to leave out"
    )


def _is_list(value) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _is_count(value) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 0


def _is_row(value) -> bool:
    return _is_count(value) and value > 0


def _listed(options: Options, name: str, kinds) -> tuple:
    value = getattr(options, name)
    items = tuple(value) if _is_list(value) else () if value is None else (value,)
    if not all(isinstance(one, kinds) and not isinstance(one, bool) for one in items):
        wanted = 'marks of a gap: ["n.a.", -99]' if name == "missing" else "names of columns"
        raise _meaningless(options, name, f"a list of {wanted}")
    return items


def _meaningless(options: Options, name: str, wanted: str) -> DataError:
    return DataError(
        f"{name}={getattr(options, name)!r} means nothing here. {name}= takes {wanted}."
    )
