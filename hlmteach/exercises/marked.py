"""The marks in an exercise's text: a printout between ```, `code`, **a control's name**, *stress*.

`widgets/parts/exercise_card.js` reads the same marks in a notebook.
"""

import re
from collections.abc import Iterator

MARK = re.compile(
    r"```\n(?P<pre>.*?)\n```|`(?P<code>[^`]+)`|\*\*(?P<strong>[^*\s][^*]*)\*\*"
    r"|\*(?P<em>[^*\s][^*]*)\*(?!\w)",
    re.DOTALL,
)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text's parts in order, each with the name of its mark, or "" where it has none.

    Examples
    --------
    >>> list(pieces("Set **mean** to `2**3`."))
    [('', 'Set '), ('strong', 'mean'), ('', ' to '), ('code', '2**3'), ('', '.')]
    """
    start = 0
    for found in MARK.finditer(text):
        yield "", text[start : found.start()]
        yield found.lastgroup, found[found.lastgroup]
        start = found.end()
    yield "", text[start:]
