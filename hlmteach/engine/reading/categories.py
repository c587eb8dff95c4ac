"""R's functions that make categories: factor, cut, relevel, ifelse, ..."""

from itertools import pairwise

import numpy as np

from hlmteach.engine.reading.stored import EXACT, Levels, label_of, numbered
from hlmteach.engine.reading.values import Matrix, UnfitError, learns, numeric


def as_logical(x):
    """R's `as.logical`."""
    if isinstance(x, Levels):
        words = {"TRUE": True, "True": True, "true": True, "T": True}
        words |= {"FALSE": False, "False": False, "false": False, "F": False}
        unknown = [label for label in x.labels if label not in words]
        if unknown:
            raise UnfitError(f"{unknown[0]!r} is neither TRUE nor FALSE.")
        return np.array([*(words[label] for label in x.labels), False])[x.codes]
    return numeric(x) != 0


def levels_of(x) -> Levels:
    """Categories of any column, by R's order: numbers by size, text by letter."""
    if isinstance(x, Levels):
        return x
    if isinstance(x, Matrix):
        raise UnfitError("this needs one column.")
    codes, values = numbered(np.asarray(x))
    if values.dtype.kind == "f" and np.abs(values).max(initial=0.0) >= EXACT:
        raise UnfitError("numbers beyond 9e15 are not told apart. Make them text: .astype(str).")
    return Levels(codes, values.astype(object), "text")


@learns
def factor(x, levels=None, labels=None, ordered=None, known=None):
    """R's `factor`: the levels that occur, or those given, by the names given."""
    x = levels_of(x)
    if known is None:
        chosen = _texts(levels) if levels is not None else x.used().labels
        known = chosen, _texts(labels) if labels is not None else chosen
    chosen, names = known
    if len(names) != len(chosen):
        raise UnfitError(f"{len(names)} labels are given for {len(chosen)} levels.")
    ordered = x.ordered if ordered is None else ordered
    return Levels(_places(x, chosen), np.array(names, object), _kind(ordered)), known


def _kind(ordered) -> str:
    return "ordered" if ordered else "factor"


def _texts(values) -> tuple[str, ...]:
    return tuple(label_of(v) for v in (values if isinstance(values, tuple) else (values,)))


def _places(x: Levels, chosen) -> np.ndarray:
    """Codes among the chosen levels."""
    place = {label: i for i, label in enumerate(chosen)}
    occurring = {x.labels[code] for code in np.unique(x.codes) if code >= 0}
    unknown = sorted(occurring - set(place))
    if unknown:
        raise UnfitError(f"{unknown[0]!r} is not among the levels {', '.join(map(repr, chosen))}.")
    return np.array([*(place.get(label, -1) for label in x.labels), -1])[x.codes]


@learns
def ordered(x, levels=None, labels=None, known=None):
    """R's `ordered`: a factor whose levels have an order."""
    return factor(x, levels, labels, True, known=known)


@learns
def relevel(x, ref, known=None):
    """R's `relevel`: one level first, as the reference."""
    if not isinstance(x, Levels):
        raise UnfitError("only categories have a reference. Write relevel(factor(x), ref = ...).")
    labels = known or x.used().labels
    first = labels[int(ref) - 1] if isinstance(ref, float) and ref <= len(labels) else label_of(ref)
    if first not in labels:
        raise UnfitError(f"{first!r} is not among the levels {', '.join(map(repr, labels))}.")
    order = (first, *(label for label in labels if label != first))
    return Levels(_places(x, order), np.array(order, object), "factor"), labels


def coded(x, contr=None, how_many=None, base=None):
    """C(f, contr.sum): the categories, with a coding of their own."""
    x = levels_of(x)
    name, default = contr if isinstance(contr, tuple) else (contr, None)
    contrast = None if name is None else (name, default if base is None else base, how_many)
    return Levels(x.codes, x.values, _kind(x.ordered), contrast)


def as_character(x):
    """R's `as.character`."""
    x = levels_of(x)
    return _sorted_text([x.labels[code] for code in x.codes])


def _sorted_text(texts) -> Levels:
    values, codes = np.unique(np.asarray(texts, object).astype(str), return_inverse=True)
    return Levels(codes, values.astype(object), "text")


def interaction(*x):
    """R's `interaction`: all combinations that occur."""
    parts = [levels_of(part) for part in x]
    labels = parts[0].labels
    codes = parts[0].codes.astype(np.intp)
    for part in parts[1:]:  # the first varies fastest, as in R
        codes = codes + len(labels) * part.codes
        labels = tuple(f"{a}.{b}" for b in part.labels for a in labels)
    return Levels(codes, np.array(labels, object), "factor").used()


@learns
def cut(
    x,
    breaks,
    labels=None,
    include_lowest=False,
    right=True,
    dig_lab=3.0,
    ordered_result=False,
    known=None,
):
    """Intervals (a, b] of a number; one number of breaks for that many of one width."""
    x = numeric(x)
    edges = known if known is not None else _edges(x, breaks)
    learnt = None if isinstance(breaks, tuple) else edges
    codes = np.searchsorted(edges, x, side="left" if right else "right") - 1
    if include_lowest:
        codes[x == (edges[0] if right else edges[-1])] = 0 if right else len(edges) - 2
    outside = (codes < 0) | (codes > len(edges) - 2)
    if outside.any():
        raise UnfitError(f"no interval holds {x[outside.argmax()]:g}. Add breaks around it.")
    if labels is False:
        return codes + 1.0, learnt
    names = (
        _texts(labels)
        if labels is not None
        else _interval_names(edges, right, include_lowest, int(dig_lab))
    )
    if len(names) != len(edges) - 1:
        raise UnfitError(f"{len(names)} labels are given for {len(edges) - 1} intervals.")
    return Levels(codes, np.array(names, object), _kind(ordered_result)), learnt


def _edges(x, breaks) -> np.ndarray:
    if isinstance(breaks, tuple):
        return np.sort(np.array(breaks, float))
    if not isinstance(breaks, float) or breaks < 2:
        raise UnfitError(
            "breaks must be a number of intervals (2 or more) or c(...) of their ends."
        )
    low, high = x.min(), x.max()
    if low == high:
        raise UnfitError("all values are the same, so there is nothing to cut.")
    edges = np.linspace(low, high, int(breaks) + 1)
    edges[[0, -1]] = low - (high - low) / 1000, high + (high - low) / 1000
    return edges


def _interval_names(edges, right: bool, closed: bool, least: int) -> tuple[str, ...]:
    """Ends with as few digits, `least` or more, as tell them apart."""
    for digits in range(least, max(12, least) + 1):
        ends = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(ends)) == len(ends):
            break
    if len(set(ends)) < len(ends):
        raise UnfitError("two breaks are the same.")
    ends = [{"inf": " Inf", "-inf": "-Inf"}.get(end, end) for end in ends]  # R's blank
    left, last = ("(", "]") if right else ("[", ")")
    names = [f"{left}{a},{b}{last}" for a, b in pairwise(ends)]
    if closed and right:
        names[0] = "[" + names[0][1:]
    elif closed:
        names[-1] = names[-1][:-1] + "]"
    return tuple(names)


# -- choices ---------------------------------------------------------------------------------


def ifelse(test, yes, no):
    """R's `ifelse`: one value where the test holds, another where not."""
    test = as_logical(test)
    if any(isinstance(side, Levels) and side.kind != "text" for side in (yes, no)):
        raise UnfitError(
            "R takes the codes of a factor here. Write as.character() or as.numeric()."
        )
    if any(isinstance(side, str | Levels) for side in (yes, no)):
        return _sorted_text(np.where(test, _spread(yes, len(test)), _spread(no, len(test))))
    if all(isinstance(side, bool) or getattr(side, "dtype", "") == np.bool_ for side in (yes, no)):
        return np.where(test, yes, no)
    return np.where(test, numeric(yes), numeric(no))


def _spread(x, n: int) -> np.ndarray:
    """Text (n,)."""
    if isinstance(x, Levels):
        return np.array(x.labels, object)[x.codes]
    if isinstance(x, np.ndarray):
        return np.array([label_of(value) for value in x], object)
    return np.full(n, label_of(x), object)


def is_in(x, these):
    """R's `%in%`: whether a value is among those given."""
    wanted = set(_texts(these))
    x = levels_of(x)
    return np.array([*(label in wanted for label in x.labels), False])[x.codes]
