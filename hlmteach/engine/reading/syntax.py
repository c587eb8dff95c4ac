"""R's expressions: text -> tree by R's order of precedence, and tree -> text with R's spaces.

A column's name is a leaf of the tree, never a piece of text that is looked for in other text. So
any name can stand in a formula, in backticks where it is not a plain word.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from hlmteach.errors import FormulaError


@dataclass(frozen=True)
class Name:
    """A column, or a word that R knows, such as pi."""

    name: str


@dataclass(frozen=True)
class Rest:
    """The point that stands for all other columns; a column of that name stands in backticks."""


@dataclass(frozen=True)
class Constant:
    """A number, a text, TRUE, FALSE or NULL."""

    value: float | str | bool | None


@dataclass(frozen=True)
class Call:
    """function(args); `words` are the arguments' names, "" for one without."""

    function: str
    args: tuple
    words: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """An operator with one argument or two."""

    sign: str
    args: tuple


@dataclass(frozen=True)
class Group:
    """What stands in parentheses."""

    inside: object


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind, and what it says."""

    kind: str
    text: str


WORDS = {"TRUE": True, "True": True, "FALSE": False, "False": False, "NULL": None, "None": None}
RESERVED = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "NA", "NaN"}
STRENGTH = [  # R's order of precedence, the weakest first
    ("~",),
    ("|", "||"),
    ("&", "&&"),
    ("!",),
    ("==", "!=", "<", ">", "<=", ">="),
    ("+", "-"),
    ("*", "/"),
    ("%",),
    (":",),
    ("sign",),
    ("^",),
]
POWER = {sign: power for power, signs in enumerate(STRENGTH, 1) for sign in signs}
TIGHT = {"^", ":", "/", "%%", "%/%"}  # R writes these without blanks
SPELLING = re.compile(
    r"""(?P<blank>\s+)
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<quoted>`(?:\\[\\`]|[^`])+`)
      | (?P<sign>%[^%\s]*%|\|\||&&|<=|>=|==|!=|\*\*|[-+*/^:|&!<>~=(),])""",
    re.VERBOSE | re.DOTALL,
)


# -- text -> tree ----------------------------------------------------------------------------


@lru_cache(maxsize=512)
def tree_of(text: str):
    """The tree of an expression; FormulaError says what cannot be read, and where.

    Examples
    --------
    >>> deparse(tree_of("y~x*log(`a b`,base=2)+I(x**2)"))
    'y ~ x * log(`a b`, base = 2) + I(x^2)'
    """
    return _Reader(text).whole()


def one_line(text: str) -> str:
    """The text as it was typed, with single blanks where no quotes or backticks stand."""
    tokens = [" " if t.kind == "blank" else t.text for t in tokens_of(text)]
    return "".join(tokens).strip()


def tokens_of(text: str) -> list[Token]:
    """The pieces of the text, blanks among them."""
    tokens, at = [], 0
    while at < len(text):
        if word := _word(text, at):
            token = Token("name", word)
        elif match := SPELLING.match(text, at):
            token = Token(match.lastgroup, match[0])
        else:
            raise _stray(text, at)
        at += len(token.text)
        if token.kind == "number" and _letters(text, at):
            raise _digit_first(text, token.text + _letters(text, at))
        tokens.append(token)
    return tokens


def _word(text: str, at: int) -> str:
    """The plain name that starts here, if one does."""
    digit = text[at].isdigit() or (text[at] == "." and text[at + 1 : at + 2].isdigit())
    return "" if digit else _letters(text, at)


def _letters(text: str, at: int) -> str:
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "._" or _is_accent(text[end])):
        end += 1
    return text[at:end]


def _is_accent(sign: str) -> bool:
    """Whether it belongs to the letter before it, as in a name of Unicode's decomposed form."""
    return unicodedata.category(sign).startswith("M")


def _digit_first(text: str, word: str) -> FormulaError:
    return FormulaError(
        f"In {text!r} {word!r} starts with a digit. If it is a column, write it in backticks: "
        f"`{word}`."
    )


def _stray(text: str, at: int) -> FormulaError:
    """What a sign that no formula holds is likely to be."""
    sign, rest = text[at], text[at:].strip()
    if sign == "#":
        return FormulaError(
            f"In {text!r} a comment ({rest!r}) stands in the formula. Leave it out of the quotes."
        )
    if sign == ";":
        return FormulaError(f"In {text!r} a ';' stands in the formula. Leave out {rest!r}.")
    if sign in "`\"'":
        return FormulaError(f"In {text!r} the quote {sign} is opened and never closed.")
    if sign in "$@[":
        return FormulaError(
            f"In {text!r} {sign!r} picks something out of a table, which a formula does not need. "
            "Write the column's name alone; data= says which table it is in."
        )
    name = unicodedata.name(sign, "a sign without a name").lower()
    return FormulaError(
        f"In {text!r} {sign!r} ({name}) has no meaning in a formula. If it belongs to a column's "
        "name, write the name in backticks: `my column`."
    )


class _Reader:
    """Goes through the tokens once, stronger operators first."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = [token for token in tokens_of(text) if token.kind != "blank"]
        self.at = 0
        self._check_parentheses()

    def _check_parentheses(self) -> None:
        depth = 0
        for token in self.tokens:
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0:
                raise FormulaError(
                    f"In {self.text.strip()!r} a ')' closes nothing. Remove it or open it."
                )
        if depth:
            raise FormulaError(
                f"In {self.text.strip()!r} a '(' is never closed. Add the missing ')'."
            )

    def whole(self):
        tree = self.expression(0)
        if self.at < len(self.tokens):
            raise self.unexpected()
        return tree

    def now(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.text if token and token.kind == "sign" else ""

    def take(self) -> Token:
        if self.at >= len(self.tokens):
            raise FormulaError(
                f"The formula {self.text!r} cannot be read: it ends where a term is missing. "
                "Terms are joined by '+', as in 'Satisfaction ~ NPD + BPD'."
            )
        self.at += 1
        return self.tokens[self.at - 1]

    def unexpected(self) -> FormulaError:
        token = self.tokens[self.at]
        if "|" in token.text:
            return misplaced_bar(self.text)
        place = "at the start" if not self.at else f"after {self.tokens[self.at - 1].text!r}"
        return FormulaError(
            f"The formula {self.text!r} cannot be read: {token.text!r} stands {place}. "
            "Terms are joined by '+', as in 'Satisfaction ~ NPD + BPD'."
        )

    def expression(self, least: int):
        left = self.prefixed()
        while (power := self._power()) > least:
            sign = self.take().text.replace("**", "^")
            right = self.expression(power - (sign == "^"))  # a^b^c is a^(b^c)
            left = Operation(sign, (left, right))
        return left

    def _power(self) -> int:
        sign = self.now().replace("**", "^")
        sign = "%" if sign.startswith("%") else sign
        return 0 if sign == "!" else POWER.get(sign, 0)

    def prefixed(self):
        sign = self.now()
        if sign not in ("-", "+", "!", "~"):
            return self.leaf()
        self.take()
        return Operation(sign, (self.expression(POWER["sign" if sign in "-+" else sign] - 1),))

    def leaf(self):
        if self.now() not in ("", "("):
            raise self.unexpected()
        token = self.take()
        if token.kind == "sign":
            inside = self.expression(0)
            self._close()
            return Group(inside)
        if token.kind == "number":
            return Constant(float(token.text.rstrip("L")))
        if token.kind == "string":
            return Constant(re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL))
        if token.kind == "quoted":
            return Name(re.sub(r"\\([\\`])", r"\1", token.text[1:-1]))
        if self.now() == "(":
            return self.call(token.text)
        if token.text == ".":
            return Rest()
        return Constant(WORDS[token.text]) if token.text in WORDS else Name(token.text)

    def call(self, function: str):
        self.take()
        args, words = [], []
        while self.now() != ")":
            words.append(self._argument_name())
            args.append(self.expression(0))
            if self.now() == ",":
                self.take()
            elif self.now() != ")":
                raise self.unexpected()
        self.take()
        return Call(function, tuple(args), tuple(words))

    def _argument_name(self) -> str:
        here, after = self.tokens[self.at], self.tokens[self.at + 1]
        if here.kind != "name" or after.text != "=":
            return ""
        self.at += 2
        return here.text

    def _close(self) -> None:
        if self.now() != ")":
            raise self.unexpected()
        self.take()


def misplaced_bar(whole: str) -> FormulaError:
    """A bar that is not that of a random term."""
    return FormulaError(
        f"In {whole!r} a bar '|' stands where it cannot be read. A random term is written in "
        "parentheses with one bar, as in '(1 + NPD | Time)', or '||' for uncorrelated effects."
    )


# -- tree -> text ----------------------------------------------------------------------------


def deparse(tree) -> str:
    """The expression as R writes it."""
    match tree:
        case Name(name):
            return name if is_plain(name) else quoted(name)
        case Constant(value):
            return _constant(value)
        case Rest():
            return "."
        case Group(inside):
            return f"({deparse(inside)})"
        case Call(function, args, words):
            pairs = zip(words, map(deparse, args), strict=True)
            return f"{function}({', '.join(f'{w} = {a}' if w else a for w, a in pairs)})"
        case Operation(sign, (one,)):
            return f"{sign}{deparse(one)}"
        case Operation(sign, (left, right)):
            gap = "" if sign in TIGHT else " "
            return f"{deparse(left)}{gap}{sign}{gap}{deparse(right)}"


def is_plain(name: str) -> bool:
    """Whether a name stands in a formula as it is, without backticks."""
    return bool(name) and _word(name, 0) == name and name not in {*WORDS, *RESERVED, "."}


def quoted(name: str) -> str:
    r"""A name in backticks; a backtick or backslash within stands behind a backslash.

    Examples
    --------
    >>> quoted("a`b")
    '`a\\`b`'
    """
    inside = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{inside}`"


def _constant(value) -> str:
    if isinstance(value, str):
        inside = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{inside}"'
    if isinstance(value, bool) or value is None:
        return {True: "TRUE", False: "FALSE", None: "NULL"}[value]
    return number_text(value)


def number_text(value: float) -> str:
    """A number with up to 15 digits, as R turns it into text.

    Examples
    --------
    >>> number_text(2.0), number_text(0.1 + 0.2), number_text(1e5)
    ('2', '0.3', '1e+05')
    """
    fixed, short = f"{value:.15g}", re.sub(r"\.?0*e", "e", f"{value:.14e}")
    if "e" in fixed:
        fixed = re.sub(r"\.?0*$", "", f"{value:.20f}") if abs(value) < 1 else f"{value:.0f}"
    return fixed if len(fixed) <= len(short) else short
