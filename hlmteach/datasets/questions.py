"""What a file leaves open is asked: the question, and the answers that `read_table` takes."""

from hlmteach.errors import DataError


class OpenQuestionError(DataError):
    """A file that can be read in more than one way; `answers` holds the options of each.

    Parameters
    ----------
    text : str
        What was seen, and the question.
    answers : dict of str to dict
        By what an answer means ("if it marks thousands"), the options of `read_table` that give it.
    """

    def __init__(self, text: str, answers: dict[str, dict], more: str = ""):
        self.text, self.answers = text, answers
        remedies = [f"{code_of(options)} {meaning}" for meaning, options in answers.items()]
        super().__init__(f"{text} Say {'; or '.join(remedies)}{more}.")


def code_of(options: dict) -> str:
    """Write options as they stand in a call.

    Examples
    --------
    >>> code_of({"decimal": ",", "skip": 2})
    'decimal=",", skip=2'
    """
    return ", ".join(f"{name}={_literal(value)}" for name, value in options.items())


def _literal(value) -> str:
    """Quote as Python does, a text in double marks where it holds none."""
    if isinstance(value, str) and value.isprintable() and not set(value) & set('"\\'):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def listed(words, most: int = 5) -> str:
    """Name a few, and say how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    words = list(map(str, words))
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + rest


def in_rows(rows, most: int = 4) -> str:
    """Name rows of a file: 'row 5', 'rows 5, 9 and 2 more'.

    Examples
    --------
    >>> in_rows([5]), in_rows([5, 9])
    ('row 5', 'rows 5, 9')
    """
    return f"row{'s' if len(rows) > 1 else ''} {listed(rows, most)}"
