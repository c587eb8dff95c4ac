"""Numbers and tables as R prints them.

R writes a vector with the fewest digits that show its most demanding element to 7 significant
digits, and the same number of decimals for all; it turns to 1e-05 where that is shorter.
"""

import math
import re

from hlmteach.engine.reading import syntax

DIGITS = 7
WIDTH = 80

# What an abbreviation drops, in this order: at the end of a word first, never a first letter.
DROPPED = [
    re.compile(rf"(?<=\S){letter}{where}")
    for letter, where in (
        ("[aeiou]", r"(?!\S)"),
        ("[aeiou]", ""),
        ("[a-z]", r"(?!\S)"),
        ("[a-z]", ""),
        (r"\S", ""),
    )
]


def format_numbers(values, digits: int = DIGITS, nsmall: int = 0) -> list[str]:
    """Texts of one width for the values, as R's `format` writes a vector; nan is "NaN".

    >>> format_numbers([5.087982, 321.47893])
    ['  5.087982', '321.478930']
    """
    values = [float(value) for value in values]
    finite = [value for value in values if math.isfinite(value)]
    parts = [_significant(value, digits) for value in finite]
    texts = iter(_fixed_or_scientific(finite, parts, nsmall))
    shown = [next(texts) if math.isfinite(value) else _special(value) for value in values]
    return pad(shown)


def format_number(value, digits: int = DIGITS) -> str:
    """One number by itself, as R prints it."""
    return format_numbers([value], digits)[0]


def _special(value: float) -> str:
    return "NaN" if math.isnan(value) else ("Inf" if value > 0 else "-Inf")


def _significant(value: float, digits: int) -> tuple[int, int]:
    """How many significant digits (at most `digits`) a value needs, and its decimal exponent."""
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    return max(1, len(mantissa.replace(".", "").rstrip("0"))), int(exponent)


def _fixed_or_scientific(values, parts, nsmall: int) -> list[str]:
    if not values:
        return []
    decimals = max(max(0, count - exponent - 1) for count, exponent in parts)
    mantissa = max(count for count, _ in parts) - 1
    fixed = [f"{value:.{max(decimals, nsmall)}f}" for value in values]
    scientific = [f"{value:.{mantissa}e}" for value in values]
    plain = max(len(f"{value:.{decimals}f}") for value in values)
    return fixed if plain <= max(map(len, scientific)) else scientific


def visible(name: str) -> str:
    r"""A name with its line breaks and other signs that do not print spelled out, as R has them.

    Examples
    --------
    >>> visible("reaction\ntime"), visible("größe")
    ('reaction\\ntime', 'größe')
    """
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def pad(texts, right: bool = True, width: int = 0) -> list[str]:
    """The texts at one width, flush right or left."""
    texts = [visible(text) for text in texts]
    width = max([width, *map(len, texts)])
    return [text.rjust(width) if right else text.ljust(width) for text in texts]


def rounded(values, digits: int) -> list[float]:
    """R's `round`, never a negative zero."""
    return [math.copysign(_round(abs(value), digits), value) + 0.0 for value in map(float, values)]


def _round(value: float, digits: int) -> float:
    """The nearer of the two decimals beside a value >= 0; of two as near the even one."""
    if value == 0 or not math.isfinite(value) or digits + math.log10(value) > 15:
        return value
    scale = 10.0**digits
    below = math.floor(value * scale)
    low, high = below / scale, math.ceil(value * scale) / scale
    up = high - value < value - low or (high - value == value - low and below % 2 == 1)
    return high if up else low


def zapsmall(values, digits: int = DIGITS) -> list[float]:
    """Round all values where the largest has `digits` significant digits."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    places = digits - math.log10(largest) if largest > 0 else digits
    return rounded(values, max(0, math.floor(places + 0.5)))


def p_texts(values) -> list[str]:
    """p-values to 4 decimals at one width, "<.0001" for what rounds to zero, "" for nan."""
    known = [value for value in values if not math.isnan(value)]
    texts = iter(format_numbers(rounded(known, 4)))
    shown = [""] * len(values)
    for i, value in enumerate(values):
        if not math.isnan(value):
            text = next(texts)
            shown[i] = "<.0001" if float(text) == 0 else text
    return shown


def blank_missing(values) -> list[str]:
    """Numbers zapped and formatted together, "" where a value is nan."""
    zapped = zapsmall(list(values))
    texts = format_numbers([0.0 if math.isnan(value) else value for value in zapped])
    return ["" if math.isnan(value) else text for value, text in zip(values, texts, strict=True)]


# -- tables ----------------------------------------------------------------------------------


def print_table(rows, columns, cells, right: bool = True, width: int = WIDTH) -> str:
    """A matrix of texts with row and column labels; columns beyond the width follow below.

    `cells` holds one list of texts a column.
    """
    labels = pad(["", *rows], right=False)
    blocks = [pad([name, *texts], right) for name, texts in zip(columns, cells, strict=True)]
    chunks, used = [], width + 1
    for block in blocks:
        size = 1 + len(block[0])
        if used + size > width:
            chunks.append([labels])
            used = len(labels[0])
        chunks[-1].append(block)
        used += size
    return "\n".join(
        " ".join(line).rstrip() for chunk in chunks for line in zip(*chunk, strict=True)
    )


def print_named(names, texts, gap: int = 1) -> str:
    """A named vector: names above values, flush right, wrapped at the width."""
    names = [visible(name) for name in names]
    width = max(map(len, [*names, *texts]))
    per_line = max(1, WIDTH // (width + gap))
    lines = []
    for start in range(0, len(names), per_line):
        part = slice(start, start + per_line)
        for row in (names[part], texts[part]):
            lines.append((" " * gap).join(text.rjust(width) for text in row).rstrip())
    return "\n".join(lines)


# -- names -----------------------------------------------------------------------------------


def abbreviate(names, length: int) -> list[str]:
    """Names cut to about `length` letters as R cuts them: (Intercept) -> (Intr).

    Lower-case vowels go first, from the right, then lower-case letters, then any; names that
    would become the same keep one letter more.
    """
    short = [_shorten(name, length) for name in names]
    more = length
    while True:
        again = {text for text in short if short.count(text) > 1}
        twice = [i for i, text in enumerate(short) if text in again]
        if len({names[i] for i in twice}) < 2 or more > max(map(len, names)):
            return short
        more += 1
        for i in twice:
            short[i] = _shorten(names[i], more)


def _shorten(name: str, length: int) -> str:
    for pattern in DROPPED:
        name = _drop(name, pattern, length)
    return name.replace(" ", "") if len(name) > length else name


def _drop(name: str, pattern: re.Pattern, length: int) -> str:
    for i in range(len(name) - 1, 0, -1):
        if len(name) - name.count(" ") <= length:
            return name
        if pattern.match(name, i):
            name = name[:i] + name[i + 1 :]
    return name


# -- formulas --------------------------------------------------------------------------------


def deparse(formula: str) -> str:
    """A formula with R's spaces: none around ':' '/' '^', one around '~' '+' '-' '*' '|'."""
    return visible(syntax.deparse(syntax.tree_of(formula)))
