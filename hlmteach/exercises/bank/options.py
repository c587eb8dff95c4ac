"""Questions with options, written once: each option beside what is said to it."""

from hlmteach.exercises.kinds import Choice, Choices
from hlmteach.exercises.question import Mistake


def one_of(*options: tuple) -> dict:
    """Return kind, key and mistakes of a choice.

    Each option is (text,) where it is right, or (text, name of the mistake, what to say).
    """
    letters = "abcdefghij"
    right = next(letters[i] for i, option in enumerate(options) if len(option) == 1)
    mistakes = [
        Mistake(option[1], letters[i], option[2])
        for i, option in enumerate(options)
        if len(option) == 3
    ]
    kind = Choice(options=tuple(option[0] for option in options))
    return {"kind": kind, "key": lambda sample: right, "mistakes": tuple(mistakes)}


def all_of(options: tuple[str, ...], right: str, *mistakes: tuple[str, str, str]) -> dict:
    """Return kind, key and mistakes of several choices; a mistake is (letters, name, words)."""
    known = tuple(Mistake(name, letters, says) for letters, name, says in mistakes)
    return {"kind": Choices(options=options), "key": lambda sample: right, "mistakes": known}
