"""A mixed-model formula taken apart: the outcome, the fixed part, and the bars.

    "y ~ x + (1 + x | g)"          lme4's way
    "y ~ x", random="~ x | g"      nlme's way

Inside a bar: `|` correlated, `||` uncorrelated, `a/b` (b nested in a), `a:b` (their combinations).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from hlmteach.engine.reading.algebra import Side, names_in, side_of
from hlmteach.engine.reading.refused import refuse_call
from hlmteach.engine.reading.syntax import (
    Call,
    Constant,
    Group,
    Name,
    Operation,
    deparse,
    misplaced_bar,
    one_line,
    tree_of,
)
from hlmteach.errors import FormulaError


@dataclass(frozen=True)
class RandomTerm:
    """One bar: which effects vary over which factor, and the sides that are correlated within.

    `factor` holds the columns, inside out; `effects` is what stands before the bar.
    """

    effects: str
    factor: tuple[str, ...]
    correlated: bool = True
    sides: tuple[Side, ...] = ()

    @property
    def factor_name(self) -> str:
        """The factor as lme4 writes it: nested factors come inside out, `cask:batch`."""
        return ":".join(self.factor)


@dataclass(frozen=True)
class ParsedFormula:
    """A formula taken apart; `text` is what was typed, `response` the outcome as a tree.

    `outcome` and `fixed` are those parts as R writes them; an outcome that is a column is its name.
    """

    text: str
    outcome: str
    fixed: str
    random: tuple[RandomTerm, ...] = ()
    response: object = None
    side: Side | None = None

    @cached_property
    def predictors(self) -> tuple[str, ...]:
        """The columns that the fixed part and the effects before the bars name."""
        sides = [self.side, *(side for term in self.random for side in term.sides)]
        return tuple(dict.fromkeys(name for side in sides for name in side.columns))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns that the formula names, each once: the outcome's, predictors, groups."""
        return tuple(dict.fromkeys([*self.outcomes, *self.predictors, *self.groups]))

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """The columns that the left-hand side names."""
        return tuple(dict.fromkeys(names_in(self.response)))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The columns behind the bars."""
        return tuple(dict.fromkeys(name for term in self.random for name in term.factor))


def parse(formula: str, random: str | None = None, columns=()) -> ParsedFormula:
    """Take a formula apart into outcome, fixed part and random terms.

    `columns` are those of the table, for a formula in which '.' stands for all others.

    Raises
    ------
    FormulaError
        With the place that cannot be read, and how it is written.
    """
    if formula is None:
        raise FormulaError("The formula is missing. It comes first, in quotes: 'y ~ x + (1 | g)'.")
    if not isinstance(formula, str):
        seen = repr(formula) if isinstance(formula, int | float) else f"a {type(formula).__name__}"
        raise FormulaError(
            f"The formula is {seen}, not text. It comes first, in quotes: 'Satisfaction ~ NPD'."
        )
    if random is not None and not isinstance(random, str):
        raise _unreadable_random(random)
    return _parse(formula, random, tuple(columns) if "." in formula + (random or "") else ())


@lru_cache(maxsize=512)
def _parse(formula: str, random: str | None, columns) -> ParsedFormula:
    response, right = _split_tilde(formula)
    pieces = list(_pieces("+", right))
    bars = [tree for sign, tree in pieces if _is_bar(tree) and _positive(sign, formula)]
    fixed = [piece for piece in pieces if not _is_bar(piece[1])]
    terms = [term for bar in bars for term in _random_terms(bar.inside, formula)]
    if random is not None:
        terms += _random_argument(random)
    known = {*names_in(response), *(name for term in terms for name in term.factor)}
    others = tuple(name for name in columns if name not in known)
    side = side_of(fixed, formula, others)
    outcome = response.name if isinstance(response, Name) else deparse(response)
    return ParsedFormula(
        text=one_line(formula),
        outcome=outcome,
        fixed=_sum_text(fixed) or "1",
        random=tuple(terms),
        response=response,
        side=side,
    )


def _split_tilde(formula: str) -> tuple:
    tree = tree_of(formula) if formula.strip() else None
    two = isinstance(tree, Operation) and tree.sign == "~" and len(tree.args) == 2
    if not two or "~" in (getattr(side, "sign", "") for side in tree.args):
        raise FormulaError(
            f"The formula {formula!r} needs an outcome, one '~' and a right-hand side, "
            "as in 'Satisfaction ~ NPD + (1 | Time)'."
        )
    response, right = tree.args
    if isinstance(response, Call):
        refuse_call(response, formula)
    if not names_in(response):
        raise FormulaError(f"In {formula!r} the left-hand side names no column.")
    return response, right


def _pieces(sign: str, tree):
    """The summands of a right-hand side with their signs; parentheses around bars are opened."""
    match tree:
        case Operation("+" | "-" as between, (left, right)):
            yield from _pieces(sign, left)
            yield from _pieces(between, right)
        case Operation("+" | "-" as before, (one,)):
            yield from _pieces(before, one)
        case Group(Operation("+", _) as inside) if sign == "+" and _holds_bar(inside):
            yield from _pieces(sign, inside)
        case Group(Group() as inside):
            yield from _pieces(sign, inside)
        case _:
            yield sign, tree


def _is_bar(tree) -> bool:
    return isinstance(tree, Group) and getattr(tree.inside, "sign", "") in ("|", "||")


def _holds_bar(tree) -> bool:
    parts = tree.args if isinstance(tree, Operation) else ()
    return _is_bar(tree) or any(_holds_bar(part) for part in parts)


def _positive(sign: str, whole: str) -> bool:
    if sign == "-":
        raise FormulaError(
            f"In {whole!r} a random term is taken away by '-'. Leave it out of the formula instead."
        )
    return True


def _sum_text(pieces) -> str:
    text = " ".join(f"{sign} {deparse(tree)}" for sign, tree in pieces).removeprefix("+ ")
    return f"-{text[2:]}" if text.startswith("- ") else text


def _random_argument(random: str) -> list[RandomTerm]:
    """nlme's `random=`: a one-sided formula such as "~ NPD | Time"."""
    if not random.strip().startswith("~"):
        raise _unreadable_random(random)
    tree = tree_of(random)
    inside = tree.args[0]
    inside = inside.inside if _is_bar(inside) else inside
    if getattr(inside, "sign", "") not in ("|", "||"):
        raise _unreadable_random(random)
    return _random_terms(inside, random)


def _unreadable_random(random) -> FormulaError:
    return FormulaError(
        f"random={random!r} cannot be read. Write '~ effects | group', as in random='~1|Time'."
    )


def _random_terms(bar: Operation, whole: str) -> list[RandomTerm]:
    effects, group = bar.args
    if any(getattr(side, "sign", "") in ("|", "||", "~") for side in bar.args):
        raise misplaced_bar(whole)
    side = side_of([("+", effects)], whole, others=None)
    sides = (side,) if bar.sign == "|" else tuple(side.each_alone())
    text = deparse(effects)
    return [RandomTerm(text, names, bar.sign == "|", sides) for names in _factors(group, whole)]


def _factors(group, whole: str) -> list[tuple[str, ...]]:
    """`a/b` -> b within a, then a; `a:b` -> the combinations of a and b."""
    match group:
        case Group(inside):
            return _factors(inside, whole)
        case Operation("/", (left, right)):
            outer = _factors(left, whole)
            return [*((*inner, *outer[0]) for inner in _factors(right, whole)), *outer]
        case Operation(":" | "%in%", (left, right)):
            return [_one_factor(left, whole) + _one_factor(right, whole)]
        case Call("factor" | "as.factor", (Name(name),), _) | Name(name):
            return [(name,)]
    raise FormulaError(
        f"In {whole!r} the grouping factor {_without_quotes(group)!r} is not the name of a column. "
        "After the bar write one name, or names joined by '/' or ':'."
    )


def _one_factor(tree, whole: str) -> tuple[str, ...]:
    names = _factors(tree, whole)
    if len(names) > 1:
        raise FormulaError(f"In {whole!r} ':' and '/' are mixed behind a bar. Write two bars.")
    return names[0]


def _without_quotes(tree) -> str:
    return str(tree.value) if isinstance(tree, Constant) else deparse(tree)
