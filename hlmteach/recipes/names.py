"""Names and texts as Python, formulas, statsmodels and R write them: one function for each.

Which names need quotes differs: `a.b` is a name in R and not in Python, `_a` the other way round.
"""

import json
import keyword
import re
import unicodedata
from itertools import count

from hlmteach.engine.reading import syntax

# R's own words, which name no column unless they are quoted.
R_WORDS = re.compile(
    "if|else|repeat|while|function|for|next|break|in|TRUE|FALSE|NULL|Inf|NaN|"
    "NA|NA_integer_|NA_real_|NA_complex_|NA_character_"
)


def python_string(text: str) -> str:
    r"""Write a text in quotes, for Python.

    Examples
    --------
    >>> print(python_string("Time"), python_string('he said "no"'))
    "Time" "he said \"no\""
    """
    return json.dumps(str(text), ensure_ascii=False)


def formula_name(name: str) -> str:
    r"""Write a column's name for a formula of hlmteach: in backticks where it is no plain name.

    Examples
    --------
    >>> formula_name("NPD"), formula_name("age in years"), formula_name("class")
    ('NPD', '`age in years`', '`class`')
    >>> print(formula_name("a`b"), formula_name("TRUE"))
    `a\`b` `TRUE`
    """
    plain = name.isidentifier() and not keyword.iskeyword(name) and syntax.is_plain(name)
    return name if plain else syntax.quoted(name)


def statsmodels_name(name: str) -> str:
    """Write a column's name for a formula of statsmodels: in Q('') where it is no plain name.

    Examples
    --------
    >>> statsmodels_name("NPD"), statsmodels_name("age in years"), statsmodels_name("Inf")
    ('NPD', "Q('age in years')", "Q('Inf')")
    """
    # Python takes the letters of a name for others that look alike, patsy some words for its own.
    as_it_is = unicodedata.normalize("NFKC", name) == name and name not in ("Inf", "Intercept")
    plain = as_it_is and name.isidentifier() and not keyword.iskeyword(name)
    return name if plain else f"Q({name!r})"


def r_name(name: str) -> str:
    r"""Write a column's name for R: in backticks where it is no plain name.

    Examples
    --------
    >>> r_name("NPD"), r_name("a.b"), r_name("_a"), r_name("if")
    ('NPD', 'a.b', '`_a`', '`if`')
    """
    plain = re.fullmatch(r"(?:[A-Za-z]|\.(?!\d))[A-Za-z0-9._]*", name) and not R_WORDS.fullmatch(
        name
    )
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return name if plain else f"`{escaped}`"


def r_made_name(name: str) -> str:
    """Make a plain name of any text, as R's make.names does.

    Examples
    --------
    >>> r_made_name("my y"), r_made_name("1st x"), r_made_name("if"), r_made_name("_a")
    ('my.y', 'X1st.x', 'if.', 'X_a')
    """
    r_name = re.sub(r"[^\w.]", ".", name)
    r_name = r_name if re.match(r"[^\W\d_]|\.(?!\d)", r_name) else f"X{r_name}"
    return f"{r_name}." if R_WORDS.fullmatch(r_name) else r_name


def r_made_names(names) -> dict[str, str]:
    """Plain names of several texts, each its own, as R's make.names(unique = TRUE) makes them.

    Examples
    --------
    >>> r_made_names(["a b", "a.b", "a-b"])
    {'a.b': 'a.b', 'a b': 'a.b.1', 'a-b': 'a.b.2'}
    """
    made = {name: r_made_name(name) for name in names}
    taken, unique = set(made.values()), {}
    for name in sorted(made, key=lambda name: made[name] != name):  # plain names stay
        plain = made[name]
        numbered = (f"{plain}.{k}" for k in count(1))
        again = plain in unique.values()
        unique[name] = next(one for one in numbered if one not in taken) if again else plain
        taken.add(unique[name])
    return unique


def r_number(value: float) -> str:
    """Write a number for R, in ten digits at most.

    Examples
    --------
    >>> r_number(0.1 + 0.2), r_number(5), r_number(Root(0.3))
    ('0.3', '5', 'sqrt(0.3)')
    """
    return f"sqrt({value.square:.10g})" if isinstance(value, Root) else f"{value:.10g}"


def powered(value: float) -> str:
    """Write a number to be squared: in brackets where it is negative, for a power comes first.

    Examples
    --------
    >>> f"1 - {powered(0.3)}**2", f"1 - {powered(-0.5)}^2"
    ('1 - 0.3**2', '1 - (-0.5)^2')
    """
    return f"({value:.10g})" if value < 0 else f"{value:.10g}"


class Root(float):
    """The root of a share of variance, which code writes as a root: 0.3**0.5, sqrt(0.3).

    Examples
    --------
    >>> sd = Root(0.25)
    >>> sd == 0.5, f"{sd}"
    (True, '0.25**0.5')
    >>> f"{Root(1 - 0.25, '(1 - 0.25)')}"
    '(1 - 0.25)**0.5'
    """

    def __new__(cls, square: float, text: str = ""):
        """Take the root, and remember what of."""
        self = super().__new__(cls, square**0.5)
        self.square, self.text = square, text or f"{square:g}"
        return self

    def __format__(self, spec):
        """Write the root; a form that is asked for is a number's own."""
        return super().__format__(spec) if spec else f"{self.text}**0.5"
