"""Words with numbers in them: a widget's sentences and its table, as templates."""

from functools import cache
from inspect import cleandoc


class Number(float):
    """A float that a template writes with a true minus, and without a sign where it reads 0.

    Examples
    --------
    >>> f"{Number(-0.0855):+.3f}, {Number(-0.0001):.2f}, {Number(0.5):.0%}"
    '−0.086, 0.00, 50%'
    """

    def __format__(self, spec):
        """Write the number as `spec` says."""
        text = float.__format__(self, spec)
        if text[:1] in ("-", "+") and not text.strip("+-0.,%"):
            return text[1:]
        return text.replace("-", "−", 1) if text.startswith("-") else text


def in_words(values: dict) -> dict:
    """Make the floats among values ready for a template.

    Examples
    --------
    >>> "The slope is {slope:.2f} at {at}.".format_map(in_words({"slope": -0.5, "at": "0"}))
    'The slope is −0.50 at 0.'
    """
    return {
        name: Number(value) if isinstance(value, float) else value for name, value in values.items()
    }


@cache
def table_lines(table: str) -> tuple[tuple[str, str], ...]:
    """Take a table's template apart: a line for a row, `label | text`, without text a heading.

    Examples
    --------
    >>> table_lines("sd of u | {sd:.3f}")
    (('sd of u', '{sd:.3f}'),)
    """
    parts = (line.rpartition("|") for line in cleandoc(table).splitlines())
    return tuple((label.strip(), text.strip()) for label, _, text in parts)


def fill_table(lines, values: dict) -> tuple[tuple[str, str], ...]:
    """Fill a table's lines; a line whose number is not there is left out.

    Examples
    --------
    >>> fill_table([("sd of u", "{sd:.3f}"), ("L.Ratio", "{ratio:.2f}")], {"sd": 0.5})
    (('sd of u', '0.500'),)
    """
    rows = []
    for label, text in lines:
        try:
            rows.append((label.format_map(values), text.format_map(values)))
        except KeyError:
            continue
    return tuple(rows)
