"""R's algebra of terms, as `terms.formula` does it: `a * b`, `a / b`, `(a + b)^2`, `- 1`.

A term is a set of variables, kept as the bits of an integer; 0 is the constant.
"""

from dataclasses import dataclass

from hlmteach.engine.reading.refused import refuse_call
from hlmteach.engine.reading.syntax import (
    Call,
    Constant,
    Group,
    Name,
    Operation,
    Rest,
    deparse,
    misplaced_bar,
)
from hlmteach.errors import FormulaError


@dataclass(frozen=True)
class Side:
    """One right-hand side: its variables as first named, and the terms by degree, then as written.

    A variable is an expression that is evaluated as a whole, such as `log(x)`.
    """

    variables: tuple
    terms: tuple[int, ...]
    intercept: bool

    def members(self, term: int) -> list[int]:
        """Which variables a term is made of, in the order in which the formula names them."""
        return [i for i in range(len(self.variables)) if term >> i & 1]

    def label(self, term: int) -> str:
        """A term as R writes it."""
        parts = [deparse(self.variables[i]) for i in self.members(term)]
        return ":".join(parts) or "(Intercept)"

    def each_alone(self) -> list["Side"]:
        """The constant, then each term without one: what lme4 makes of `||`."""
        constant = [Side((), (), True)] if self.intercept else []
        return constant + [self._only(term) for term in self.terms]

    def _only(self, term: int) -> "Side":
        variables = tuple(self.variables[i] for i in self.members(term))
        return Side(variables, ((1 << len(variables)) - 1,), False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are needed, each once."""
        return tuple(dict.fromkeys(n for v in self.variables for n in names_in(v)))


def side_of(trees, whole: str, others=()) -> Side:
    """The side that a sum of trees, each with its sign, makes; '.' stands for the `others`.

    Without `others`, None, a '.' is refused.

    Examples
    --------
    >>> from hlmteach.engine.reading.syntax import tree_of
    >>> side = side_of([("+", tree_of("b * a - b + c %in% a"))], "")
    >>> [side.label(term) for term in side.terms]
    ['a', 'b:a', 'a:c']
    """
    reader = _Algebra(whole, others)
    terms: list[int] = []
    for sign, tree in trees:
        terms = reader.joined(terms, sign, tree)
    terms = sorted((t for t in dict.fromkeys(terms) if t), key=int.bit_count)
    return Side(tuple(reader.variables), tuple(terms), reader.intercept)


def names_in(tree) -> list[str]:
    """The columns that an expression names; the name of a contrast is none."""
    match tree:
        case Name(name):
            return [name]
        case Call("C", args, _):
            return names_in(args[0]) if args else []
        case Call(_, args, _) | Operation(_, args):
            return [name for arg in args for name in names_in(arg)]
        case Group(inside):
            return names_in(inside)
        case _:
            return []


class _Algebra:
    """Turns trees into lists of terms; numbers the variables as they come."""

    def __init__(self, whole: str, others):
        self.whole, self.others = whole, others
        self.variables: dict = {}
        self.intercept = True

    def terms(self, tree) -> list[int]:
        match tree:
            case Group(inside):
                return self.terms(inside)
            case Operation("+" | "-" as sign, (left, right)):
                return self.joined(self.terms(left), sign, right)
            case Operation("+" | "-" as sign, (one,)):
                return self.joined([], sign, one)
            case Operation(":", (left, right)):
                return _products(self.terms(left), self.terms(right))
            case Operation("*", (left, right)):
                one, other = self.terms(left), self.terms(right)
                return [*one, *other, *_products(one, other)]
            case Operation("/", (left, right)):
                one, other = self.terms(left), self.terms(right)
                return [*one, *_products([_all_of(one)], other)]
            case Operation("%in%", (left, right)):
                one, other = self.terms(left), self.terms(right)
                return _products(one, [_all_of(other)])
            case Operation("^", (base, times)):
                return self._power(base, times)
            case Rest() if self.others is None:
                raise FormulaError(
                    f"In {self.whole!r} '.' stands before a bar, where it names no effects. Write "
                    "the effects by name."
                )
            case Rest():
                return [self._variable(Name(name)) for name in self.others]
            case Constant(value):
                return self._constant(value)
            case _:
                return [self._variable(tree)]

    def joined(self, terms, sign: str, tree) -> list[int]:
        """The terms with those of a tree, or without them."""
        if isinstance(tree, Constant):
            self._constant(tree.value)  # only 0 and 1 have a meaning here
            self.intercept = (tree.value == 1) == (sign == "+")
            return terms
        if sign == "+":
            return [*terms, *self.terms(tree)]
        gone = set(self.terms(tree))
        return [term for term in terms if term not in gone]

    def _constant(self, value) -> list[int]:
        if isinstance(value, bool) or value not in (0, 1):
            raise FormulaError(
                f"In {self.whole!r} {deparse(Constant(value))} is no term. The constant is 1, 0 "
                "leaves it out; what is a column's name stands in backticks, as `2`."
            )
        self.intercept = value == 1
        return [] if value == 0 else [0]

    def _power(self, base, times) -> list[int]:
        count = times.value if isinstance(times, Constant) else None
        if not isinstance(count, float) or count < 1 or count % 1:
            raise FormulaError(
                f"In {self.whole!r} the power {deparse(times)} of terms is not a whole number. "
                f"For the power of a column write I({deparse(base)}^{deparse(times)})."
            )
        terms = products = self.terms(base)
        for _ in range(min(int(count), 12) - 1):
            products = list(dict.fromkeys([*products, *_products(products, terms)]))
        return products

    def _variable(self, tree) -> int:
        if isinstance(tree, Operation) and tree.sign in ("|", "||", "~"):
            raise misplaced_bar(self.whole)
        for call in _calls(tree):
            refuse_call(call, self.whole)
        if not names_in(tree) or Rest() in _leaves(tree):
            raise FormulaError(
                f"In {self.whole!r} {deparse(tree)} names no column of its own, so it is no "
                "predictor."
            )
        return 1 << self.variables.setdefault(tree, len(self.variables))


def _products(one, other) -> list[int]:
    return [a | b for a in one for b in other]


def _all_of(terms) -> int:
    everything = 0
    for term in terms:
        everything |= term
    return everything


def _leaves(tree):
    """Names, constants and points of an expression."""
    parts = (tree.inside,) if isinstance(tree, Group) else getattr(tree, "args", None)
    return [tree] if parts is None else [leaf for part in parts for leaf in _leaves(part)]


def _calls(tree):
    """All calls in an expression, the outer ones first."""
    if isinstance(tree, Call):
        yield tree
    for part in (tree.inside,) if isinstance(tree, Group) else getattr(tree, "args", ()):
        yield from _calls(part)
