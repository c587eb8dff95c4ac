"""Where exercises are shown: in text here; a notebook puts its own front in this one's place."""

import sys
from collections.abc import Callable


class TextFront:
    """A plain Python, or a terminal."""

    def show(self, exercise) -> None:
        """Print the question and where its answer stands."""
        print(repr(exercise))

    def publish(self, exercise) -> None:
        """Nothing keeps answers here."""

    def recall(self, exercise) -> None:
        """Nothing was kept."""

    def note_others(self, ids: list[str]) -> None:
        """Nothing stands on the screen that could mislead."""


_made: dict[str, object] = {}
_makers: dict[str, Callable[[], object]] = {"text": TextFront}


def offer_front(make: Callable[[], object]) -> None:
    """Name the maker of the front that a Jupyter kernel gets, made when first needed."""
    _makers["notebook"] = make


def front():
    """The front of this Python: a notebook's in a Jupyter kernel, else text."""
    name = "notebook" if in_a_kernel() and "notebook" in _makers else "text"
    if name not in _made:
        _made[name] = _makers[name]()
    return _made[name]


def in_a_kernel() -> bool:
    """Whether this Python is a Jupyter kernel at work; asked without importing any of Jupyter."""
    ours = sys.modules.get("IPython")
    kernels = {"ipykernel", "pyodide_kernel"} & sys.modules.keys()
    return bool(kernels) and ours is not None and ours.get_ipython() is not None
