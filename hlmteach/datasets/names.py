"""The names of columns: text, each of its own, whatever stands in the row of names."""

from hlmteach.datasets.layout import Head, Row, kind
from hlmteach.datasets.marks import tidy
from hlmteach.datasets.questions import listed


def names_of(head: Head, width: int) -> tuple[list[str], list[str]]:
    """Name each column; a name that stands twice is numbered, a missing one is its place."""
    parts = [_spread(row, width) for row in head.names[:-1]]
    last = [_name(cell) for cell in _padded(head.names[-1], width)] if head.names else [""] * width
    joined = [
        " ".join(dict.fromkeys(filter(None, pieces))) for pieces in zip(*parts, last, strict=True)
    ]
    if not head.names:
        joined = [f"V{i}" for i in range(1, width + 1)]
    joined[0] = joined[0].lstrip("# ") or joined[0]
    named = [name or f"column_{i}" for i, name in enumerate(joined, 1)]
    unique = _numbered(named)
    renamed = [f"{old!r} is {new!r}" for old, new in zip(named, unique, strict=True) if old != new]
    note = f"Columns of one name are numbered, from the left: {listed(renamed)}."
    return unique, [note] if renamed else []


def nameless_of(head: Head, names: list[str]) -> list[str]:
    """The columns that the file does not name."""
    named = {at for row in head.names for at, cell in enumerate(row.cells) if kind(cell) != "blank"}
    return [name for at, name in enumerate(names) if head.names and at not in named]


def _padded(row: Row, width: int) -> list:
    return [*row.cells, *[None] * (width - len(row.cells))][:width]


def _spread(row: Row, width: int) -> list[str]:
    """Repeat an upper name over the blank cells to its right, as merged cells have it."""
    names, last = [], ""
    for cell in _padded(row, width):
        last = _name(cell) or last
        names.append(last)
    return names


def _name(cell) -> str:
    if kind(cell) == "blank":
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return cell.isoformat().removesuffix("T00:00:00")
    return tidy(str(cell))


def _numbered(names: list[str]) -> list[str]:
    """Make names unlike: x, x_2, x_3, past any that the file has itself."""
    taken, unique = set(names), []
    for name in names:
        new, count = name, 1
        while new in unique or (count > 1 and new in taken):
            count += 1
            new = f"{name}_{count}"
        unique.append(new)
    return unique
