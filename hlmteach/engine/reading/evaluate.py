"""Expressions of R on a table's columns.

What a function learns of the data of the fit, such as the mean in scale(x), is kept for new rows.
"""

import difflib
import inspect
import operator

import numpy as np

from hlmteach.engine.reading.categories import levels_of
from hlmteach.engine.reading.functions import FUNCTIONS
from hlmteach.engine.reading.stored import Levels, label_of
from hlmteach.engine.reading.syntax import Call, Constant, Group, Name, Operation, deparse
from hlmteach.engine.reading.table import Table
from hlmteach.engine.reading.values import Matrix, UnfitError
from hlmteach.errors import DataError, FormulaError

ARITHMETIC = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "%%": np.mod,
    "%/%": np.floor_divide,
}
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SWAPPED = {  # 1 < x is x > 1
    operator.lt: operator.gt,
    operator.gt: operator.lt,
    operator.le: operator.ge,
    operator.ge: operator.le,
}
LOGIC = {"&": np.logical_and, "&&": np.logical_and, "|": np.logical_or, "||": np.logical_or}


def evaluate(tree, table: Table, memory: dict):
    """The value of an expression: float64 or bool (n,), Levels, a Matrix (n, k), or a constant.

    `memory` holds by expression what a function learnt; what is not in it is learnt and kept.

    Examples
    --------
    >>> import pandas as pd
    >>> from hlmteach.engine.reading.syntax import tree_of
    >>> from hlmteach.engine.reading.table import read_columns
    >>> fitted, new = (read_columns(pd.DataFrame({"x": x}), ["x"]) for x in ([1, 2, 3], [5]))
    >>> memory = {}
    >>> evaluate(tree_of("I(scale(x)^2)"), fitted, memory).tolist()
    [1.0, 0.0, 1.0]
    >>> evaluate(tree_of("I(scale(x)^2)"), new, memory).tolist()
    [9.0]
    """
    return _Evaluation(table, memory).value(tree)


class _Evaluation:
    def __init__(self, table: Table, memory: dict):
        self.table, self.memory = table, memory

    def value(self, tree):
        match tree:
            case Name(name):
                return self.table[name]
            case Constant(value):
                return value
            case Group(inside):
                return self.value(inside)
            case Call():
                return self.call(tree)
            case Operation(sign, (one,)):
                return self.sign(tree, sign, self.value(one))
            case Operation(sign, (left, right)):
                return self.operation(tree, sign, self.value(left), self.value(right))

    def sign(self, tree, sign: str, value):
        number = numbers_of(value, tree)
        if sign == "!":
            return np.logical_not(number)
        return -number if sign == "-" else +number

    def operation(self, tree, sign: str, left, right):
        if sign in ARITHMETIC:
            return ARITHMETIC[sign](*(numbers_of(side, tree) for side in (left, right)))
        if sign in COMPARISONS:
            return _compared(tree, COMPARISONS[sign], left, right)
        if sign in LOGIC:
            return LOGIC[sign](*(numbers_of(side, tree) != 0 for side in (left, right)))
        if sign == ":":
            low, high = (int(numbers_of(side, tree)) for side in (left, right))
            step = 1 if high >= low else -1
            return tuple(float(value) for value in range(low, high + step, step))
        if sign == "%in%":
            return FUNCTIONS["%in%"](left, right)
        raise FormulaError(f"In {deparse(tree)!r} {sign!r} is not known.")

    def call(self, tree: Call):
        function = FUNCTIONS.get(tree.function.removeprefix("np."))
        if function is None:
            raise _no_function(tree)
        args, words = self._arguments(tree)
        learns = getattr(function, "learns", False)
        if learns:
            words["known"] = self.memory.get(tree)
        _check_arguments(tree, function, args, words)
        try:
            with np.errstate(all="ignore"):
                value = function(*args, **words)
        except UnfitError as error:
            raise DataError(f"{deparse(tree)}: {error}") from None
        if learns:
            value, learnt = value
            if learnt is not None:
                self.memory[tree] = learnt
        return value

    def _arguments(self, tree: Call):
        args, words = [], {}
        for i, (word, arg) in enumerate(zip(tree.words, tree.args, strict=True)):
            names_contrast = tree.function == "C" and i > 0 and not isinstance(arg, Constant)
            value = _contrast_words(arg) if names_contrast else self.value(arg)
            if word:
                words[word.replace(".", "_")] = value
            else:
                args.append(value)
        return args, words


def _contrast_words(tree):
    """What C()'s second argument says: a contrast's name, with the base that it is given."""
    match tree:
        case Name(name):
            return name
        case Call(name, args, words):
            pairs = [(w, getattr(a, "value", None)) for w, a in zip(words, args, strict=True)]
            base = [v for w, v in pairs if w in ("base", "reference") or isinstance(v, str)]
            return (name, base[0] if base else None)
    raise FormulaError(f"{deparse(tree)} is no contrast. Write C(f, contr.sum), for example.")


def numbers_of(value, tree):
    """A value as numbers; True and False are 1 and 0."""
    if isinstance(value, Levels):
        raise DataError(
            f"{deparse(tree)} computes with categories ({', '.join(value.labels[:3])}, ...). Only "
            "numbers can be computed with; as.numeric() makes numbers of them."
        )
    if isinstance(value, str) or value is None:
        raise FormulaError(f"{deparse(tree)} computes with {value!r}, which is no number.")
    if isinstance(value, Matrix):
        raise FormulaError(f"{deparse(tree)} computes with several columns at once.")
    return np.asarray(value, float)


def _compared(tree, compare, left, right):
    """Numbers by size, categories by their names, ordered ones by their order."""
    if isinstance(right, Levels) and not isinstance(left, Levels):
        return _compared(tree, SWAPPED.get(compare, compare), right, left)
    if isinstance(right, str) and isinstance(left, np.ndarray):
        left = levels_of(left)  # R compares numbers with a text as texts
    if not isinstance(left, Levels):
        return compare(numbers_of(left, tree), numbers_of(right, tree))
    if isinstance(right, Levels):
        a, b = (np.array(side.labels, object)[side.codes] for side in (left, right))
        return compare(a, b).astype(bool)
    return np.array([*_levels_compared(tree, compare, left, label_of(right)), False])[left.codes]


def _levels_compared(tree, compare, levels: Levels, other: str) -> list[bool]:
    by_size = compare in SWAPPED
    if by_size and levels.ordered and other in levels.labels:
        at = levels.labels.index(other)
        return [compare(i, at) for i in range(len(levels.labels))]
    if by_size and levels.kind != "text":
        raise FormulaError(
            f"{deparse(tree)} compares the size of categories ({', '.join(levels.labels[:3])}, "
            f"...), which have no order that holds {other!r}."
        )
    return [compare(label, other) for label in levels.labels]


def _no_function(tree: Call) -> FormulaError:
    near = difflib.get_close_matches(tree.function, FUNCTIONS, 1, 0.7)
    hint = f"Did you mean {near[0]}()?" if near else "Compute the column beforehand."
    return FormulaError(
        f"In {deparse(tree)} there is no function {tree.function}(). {hint} Known are "
        f"{', '.join(sorted(name for name in FUNCTIONS if name[0].isalpha()))}."
    )


def _check_arguments(tree: Call, function, args, words) -> None:
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **words)
    except TypeError:
        offered = [n.replace("_", ".") for n in signature.parameters if n != "known"]
        raise FormulaError(
            f"{deparse(tree)} cannot be read: {tree.function}() takes {', '.join(offered)}."
        ) from None
