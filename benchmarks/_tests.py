"""What the tests have, and a benchmark uses too."""

import importlib.util
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"


def from_tests(path):
    """A module of the tests, by its path below their folder."""
    spec = importlib.util.spec_from_file_location(f"tests_{Path(path).stem}", TESTS / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
