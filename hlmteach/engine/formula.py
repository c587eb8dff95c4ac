"""Reading a mixed-model formula: our small reader takes the bars apart, `formulaic` reads the rest.

    "y ~ x + (1 + x | g)"          lme4's way
    "y ~ x", random="~ x | g"      nlme's way

Inside a bar: `|` correlated, `||` uncorrelated, `a/b` (b nested in a), `a:b` (their combinations).
"""

import ast
import re
from dataclasses import dataclass

from formulaic import Formula, SimpleFormula
from formulaic.errors import FormulaicError
from formulaic.parser.types import Term

from hlmteach.errors import FormulaError


@dataclass(frozen=True)
class RandomTerm:
    """One bar: which effects (`effects`, a right-hand side) vary over which `factor`."""

    effects: str
    factor: tuple[str, ...]
    correlated: bool = True

    @property
    def factor_name(self) -> str:
        """The factor as lme4 writes it: nested factors come inside out, `cask:batch`."""
        return ":".join(self.factor)


@dataclass(frozen=True)
class ParsedFormula:
    """A formula taken apart; `text` is what the printouts show."""

    text: str
    outcome: str
    fixed: str
    random: tuple[RandomTerm, ...] = ()


def parse(formula: str, random: str | None = None) -> ParsedFormula:
    """Take a formula apart into outcome, fixed part and random terms.

    Raises
    ------
    FormulaError
        With the place that cannot be read, and how it is written.
    """
    if not isinstance(formula, str):
        seen = repr(formula) if isinstance(formula, int | float) else f"a {type(formula).__name__}"
        raise FormulaError(
            f"The formula is {seen}, not text. It comes first, in quotes: 'Satisfaction ~ NPD'."
        )
    outcome, right = _split_tilde(formula)
    pieces = [part for piece in _split_top(right, "+") for part in _less_one(piece)]
    bars = [piece for piece in pieces if _bar(piece)]
    fixed = "+".join(piece for piece in pieces if not _bar(piece)).strip() or "1"
    if "|" in fixed:
        raise _misplaced_bar(formula)
    terms = [term for bar in bars for term in _random_terms(_bar(bar), formula)]
    if random is not None:
        terms += _random_argument(random)
    text = re.sub(r"\s+", " ", formula).strip()
    return ParsedFormula(text, outcome, _to_python(fixed), tuple(terms))


def read_side(side: str, whole: str) -> SimpleFormula:
    """One side of a formula, read by formulaic, with its errors put in a student's words.

    As in R the parts of an interaction stand in the order in which the formula first names them.
    """
    try:
        terms = list(Formula(side))
    except (FormulaicError, SyntaxError) as error:
        raise _unreadable(whole, error) from None
    ordered = [
        Term(factors=sorted(t.factors, key=lambda f: _first_place(f.expr, side))) for t in terms
    ]
    return SimpleFormula(ordered, _ordering="none")


def _first_place(expr: str, side: str) -> int:
    text = side.replace(" ", "").replace("`", "")
    expr = re.escape(expr.replace(" ", "").replace("`", ""))
    match = re.search(rf"(?<![\w.]){expr}(?![\w.(])", text)
    return match.start() if match else len(text)


def variables(formula: SimpleFormula) -> list[str]:
    """The columns a side needs; formulaic leaves out those inside scale(), poly(), center()."""
    names = []
    for factor in (factor for term in formula for factor in term.factors):
        if factor.eval_method.value == "python":
            names += _names_in_code(factor.expr)
        elif factor.eval_method.value == "lookup":
            names.append(factor.expr)
    return list(dict.fromkeys(names))


def _names_in_code(expr: str) -> list[str]:
    quoted = re.findall(r"`([^`]+)`", expr)
    tree = ast.parse(re.sub(r"`[^`]+`", "0", expr), mode="eval")
    called = {id(n) for c in ast.walk(tree) if isinstance(c, ast.Call) for n in ast.walk(c.func)}
    plain = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    return quoted + plain


def _split_tilde(formula: str) -> tuple[str, str]:
    parts = formula.split("~")
    if len(parts) != 2 or not parts[0].strip() or not parts[1].strip():
        raise FormulaError(
            f"The formula {formula!r} needs an outcome, one '~' and a right-hand side, "
            "as in 'Satisfaction ~ NPD + (1 | Time)'."
        )
    return _to_python(parts[0].strip()), parts[1]


def _split_top(text: str, mark: str) -> list[str]:
    """Split at `mark` where no parenthesis, bracket or backtick is open."""
    pieces, depth, quoted, start = [], 0, False, 0
    for i, char in enumerate(text):
        quoted ^= char == "`"
        depth += (char in "([") - (char in ")]")
        if depth < 0:
            raise FormulaError(f"In {text.strip()!r} a ')' closes nothing. Remove it or open it.")
        if char == mark and depth == 0 and not quoted:
            pieces.append(text[start:i])
            start = i + 1
    if depth:
        raise FormulaError(f"In {text.strip()!r} a '(' is never closed. Add the missing ')'.")
    return [*pieces, text[start:]]


def _bar(piece: str) -> str:
    """The inside of `( ... | ... )`, or nothing when the piece is an ordinary term."""
    inside = piece.strip()
    if not (inside.startswith("(") and inside.endswith(")")):
        return ""
    inside = inside[1:-1]
    return inside if len(_split_top(inside, "|")) > 1 else ""


def _random_argument(random: str) -> list[RandomTerm]:
    """nlme's `random=`: a one-sided formula such as "~ NPD | Time"."""
    if not isinstance(random, str) or not random.strip().startswith("~") or "|" not in random:
        raise FormulaError(
            f"random={random!r} cannot be read. Write '~ effects | group', as in random='~1|Time'."
        )
    return _random_terms(random.strip()[1:], random)


def _random_terms(inside: str, whole: str) -> list[RandomTerm]:
    match = re.fullmatch(r"([^|]+)(\|\|?)([^|]+)", inside)
    if match is None:
        raise _misplaced_bar(whole)
    effects, bars, group = (part.strip() for part in match.groups())
    if not effects or not group:
        raise _misplaced_bar(whole)
    return [RandomTerm(_to_python(effects), f, bars == "|") for f in _factors(group, whole)]


def _factors(group: str, whole: str) -> list[tuple[str, ...]]:
    """`a/b` -> b within a, then a; `a:b` -> the combinations of a and b."""
    crossed = [tuple(_names(part, whole)) for part in _split_top(group, "/")]
    nested = [sum(reversed(crossed[: i + 1]), ()) for i in range(len(crossed))]
    return nested[::-1]


def _names(part: str, whole: str) -> list[str]:
    names = [name.strip() for name in _split_top(part, ":")]
    for name in names:
        if not re.fullmatch(r"`[^`]+`|[^\W\d][\w.]*", name):
            raise FormulaError(
                f"In {whole!r} the grouping factor {name!r} is not the name of a column. "
                "After the bar write one name, or names joined by '/' or ':'."
            )
    return [name.strip("`") for name in names]


def _to_python(text: str) -> str:
    """R's `^` inside I() and `factor()` in the words formulaic knows."""
    text = re.sub(r"\b(?:as\.)?factor\(", "C(", text)
    return text.replace("^", "**")


def _less_one(piece: str) -> list[str]:
    """A bar and "- 1" behind it, which takes the intercept out, as two pieces."""
    found = re.fullmatch(r"\s*(\(.*\))\s*-\s*1\s*", piece)
    return [found[1], "0"] if found and _bar(found[1]) else [piece]


def _misplaced_bar(whole: str) -> FormulaError:
    return FormulaError(
        f"In {whole!r} a bar '|' stands where it cannot be read. A random term is written in "
        "parentheses with one bar, as in '(1 + NPD | Time)', or '||' for uncorrelated effects."
    )


def _unreadable(whole: str, error: Exception) -> FormulaError:
    if re.search(r"(^|[~+\s(])\.([+\s)]|$)", whole):
        return FormulaError(
            f"In {whole!r} a point stands for all other columns, which is not known here. Name the "
            "predictors, as in 'Satisfaction ~ NPD + BPD'."
        )
    reason = re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).split("\n")[0].strip()
    return FormulaError(
        f"The formula {whole!r} cannot be read: {reason} "
        "Terms are joined by '+', as in 'Satisfaction ~ NPD + BPD'."
    )
