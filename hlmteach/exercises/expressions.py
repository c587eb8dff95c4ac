"""Expressions over a student's data, and texts with such expressions in braces.

An expression is read by `ast` and compared, node by node and name by name, with what is allowed
(`words.py`); only then is it compiled. It is the package's or a teacher's text, never a student's.
"""

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType

from hlmteach.exercises.numbers import BankError
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.words import FUNCTIONS, KEYWORDS, KNOWN_ATTRIBUTES

LONGEST = 2000  # characters of one expression
ALWAYS = ("s", "data")  # the sample with its fits, and its table
NODES = (
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.Call,
    ast.keyword,
    ast.BinOp,
    ast.operator,
    ast.UnaryOp,
    ast.unaryop,
    ast.BoolOp,
    ast.boolop,
    ast.Compare,
    ast.cmpop,
    ast.IfExp,
)


# -- expressions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expression:
    """An expression that was read and found harmless; `names` are those that are to be known."""

    text: str
    names: frozenset[str]
    code: CodeType

    def value(self, scope: "Scope"):
        """What it comes to on a student's data."""
        try:
            return eval(self.code, {"__builtins__": {}}, scope)
        except BankError:
            raise
        except Exception as error:  # of pandas, of a fit, of arithmetic
            why = f"{type(error).__name__}: {error}"
            raise BankError(f"`{self.text}` cannot be computed ({why:.200}).") from error


def read_expression(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    BankError
        When it is no expression, or holds what is not allowed.

    Examples
    --------
    >>> sorted(read_expression("2 * (two - s.model1().loglik)").names)
    ['s', 'two']
    >>> read_expression("data.to_csv('copy.csv')")
    Traceback (most recent call last):
    hlmteach.exercises.numbers.BankError: `.to_csv` is not among the words ...
    """
    if len(text) > LONGEST:
        raise BankError(f"An expression has {len(text)} characters; at most {LONGEST} are read.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        why = getattr(error, "msg", None) or type(error).__name__
        raise BankError(f"`{text}` is no expression ({why}).") from None
    for node in ast.walk(tree):
        _check(node, text)
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Expression(text.strip(), names, compile(tree, "<bank>", "eval"))


def _check(node: ast.AST, text: str) -> None:
    """Refuse a node that is not allowed."""
    if not isinstance(node, NODES):
        raise BankError(f"`{text}` holds {_called(node)}, which no expression of a bank may.")
    if isinstance(node, ast.Attribute) and node.attr not in KNOWN_ATTRIBUTES:
        raise _not_among(f".{node.attr}", [f".{name}" for name in KNOWN_ATTRIBUTES], text)
    if isinstance(node, ast.keyword) and node.arg not in KEYWORDS:
        raise _not_among(f"{node.arg or '**'}=", [f"{name}=" for name in KEYWORDS], text)
    if isinstance(node, ast.Call) and not _is_known(node.func):
        raise _not_among(f"{ast.unparse(node.func)}()", [f"{n}()" for n in FUNCTIONS], text)
    if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | None):
        raise BankError(f"`{text}` holds {node.value!r}; write numbers and texts only.")


def _is_known(called: ast.AST) -> bool:
    """Whether it is a function of the list, or behind a point, where its name was looked at."""
    return isinstance(called, ast.Attribute) or getattr(called, "id", "") in FUNCTIONS


def _called(node: ast.AST) -> str:
    names = {ast.Lambda: "a lambda", ast.JoinedStr: "an f-string", ast.Dict: "a dict"}
    return names.get(type(node), f"a {type(node).__name__}")


def _not_among(word: str, words, text: str) -> BankError:
    near = difflib.get_close_matches(word, words, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return BankError(
        f"`{word}` is not among the words of an expression, as in `{text}`.{hint} "
        "`hlmteach exercises names` lists them."
    )


# -- what names mean -------------------------------------------------------------------------------


class Definitions:
    """A bank's `[define]`: expressions with a name, each computed once for a student's data."""

    def __init__(self, expressions: Mapping[str, Expression]):
        self._expressions = dict(expressions)

    def __contains__(self, name) -> bool:
        return name in self._expressions

    def __iter__(self):
        return iter(self._expressions)

    def needs(self, names, path: tuple[str, ...] = ()) -> set[str]:
        """The names that are not defined here and that these come down to.

        Raises
        ------
        BankError
            When a definition needs itself.
        """
        needed = set()
        for name in names:
            if name in path:
                raise BankError(f"`{name}` is defined by itself: {' -> '.join((*path, name))}.")
            if name in self._expressions:
                needed |= self.needs(self._expressions[name].names, (*path, name))
            else:
                needed.add(name)
        return needed

    def value(self, name: str, sample: Sample):
        """What a name comes to on these data."""
        expression = self._expressions[name]
        return sample.once((self, name), lambda: expression.value(Scope(self, sample)))


class Scope(dict):
    """The names of an expression on one student's data; each is looked up when it is asked for."""

    def __init__(self, definitions: Definitions, sample: Sample):
        super().__init__(s=sample, data=sample.frame)
        self._definitions, self._sample = definitions, sample

    def __missing__(self, name):
        if name in self._definitions:
            return self._definitions.value(name, self._sample)
        facts = self._sample.facts
        return facts[name] if name in facts else FUNCTIONS[name]


# -- texts -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """A text with expressions in braces, `{ratio:.2f}`; a pair of braces, `{{`, is one brace."""

    parts: tuple[str | tuple[Expression, str], ...]
    definitions: Definitions

    @property
    def names(self) -> frozenset[str]:
        """The names that are to be known."""
        return frozenset().union(*(p[0].names for p in self.parts if not isinstance(p, str)))

    def __call__(self, sample: Sample) -> str:
        """The text with a student's numbers."""
        scope = Scope(self.definitions, sample)
        return "".join(
            part if isinstance(part, str) else _filled(*part, scope) for part in self.parts
        )


def _filled(expression: Expression, form: str, scope: Scope) -> str:
    value = expression.value(scope)
    try:
        return format(value, form)
    except (TypeError, ValueError):
        raise BankError(
            f"{{{expression.text}:{form}}} cannot be written: it comes to {value!r:.60}."
        ) from None


def read_template(text: str, definitions: Definitions) -> Template:
    """Read a text with expressions in braces.

    Raises
    ------
    BankError
        When a brace is alone, or what it holds is no expression.

    Examples
    --------
    >>> from hlmteach.exercises.sample import Sample
    >>> import pandas as pd
    >>> told = read_template("The mean is {data['y'].mean():.2f}.", Definitions({}))
    >>> told(Sample(pd.DataFrame({"y": [1, 2]})))
    'The mean is 1.50.'
    """
    parts, start = [], 0
    while start < len(text):
        stop = next((i for i in range(start, len(text)) if text[i] in "{}"), len(text))
        parts.append(text[start:stop])
        if text[stop : stop + 2] in ("{{", "}}"):
            parts.append(text[stop])
            start = stop + 2
        elif stop < len(text):
            inside = _inside(text, stop)
            parts.append(_field(inside))
            start = stop + len(inside) + 2
        else:
            break
    return Template(tuple(filter(None, parts)), definitions)


def _inside(text: str, start: int) -> str:
    """What stands between the brace at `start` and its partner."""
    stop = next((i for i, _ in _open_marks(text, start + 1) if text[i] == "}"), None)
    if text[start] == "}" or stop is None:
        raise BankError(
            f"A brace is alone in {text[max(0, start - 20) : start + 20]!r}. Write it twice where "
            "it is to be seen."
        )
    return text[start + 1 : stop]


def _field(inside: str) -> tuple[Expression, str]:
    """An expression, and behind its last colon how the value is written."""
    colon = next((i for i, char in _open_marks(inside, 0) if char == ":"), len(inside))
    return read_expression(inside[:colon]), inside[colon + 1 :]


def _open_marks(text: str, start: int):
    """The places of characters that stand in no quotes, brackets or parentheses."""
    depth, quote = 0, ""
    for i in range(start, len(text)):
        char = text[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth -= char in ")]"
            if depth == 0:
                yield i, char
            depth += char in "(["
