"""Hand the lessons to a student: copied once, renewed where untouched, never over their work."""

import hashlib
import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import lessons_folder

CHEATSHEET = "cheatsheet.pdf"
MEMORY = ".hlmteach-lessons.json"


@dataclass(frozen=True)
class Handed:
    """One lesson after `copy_lessons`: a fate, and the path of what was written or is newest.

    "new", "same", "renewed"; "kept" as the student left it, "beside" where a newer edition was put
    beside that copy now, "older" where one lies beside it, "alone" where that was deleted.
    """

    name: str
    fate: str
    path: Path


def shipped_lessons():
    """Return the notebooks that came with hlmteach: in an installed package, or in a checkout."""
    notebooks = sorted(lessons_folder().glob("[0-9A]*_*.ipynb"))
    if notebooks:
        return notebooks
    raise HLMError(
        "No lessons came with this hlmteach. In a checkout, build them with "
        "`hlmteach lessons build`; else install hlmteach anew."
    )


def copy_lessons(folder):
    """Copy the lessons and the cheat sheet to `folder`, made if need be.

    A lesson that the student has changed (or only run and saved) stays as it is. If hlmteach has a
    newer version of such a lesson, that is put beside it once, under a name of its own.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    list of Handed

    Raises
    ------
    HLMError
        If the folder cannot be written to, or is where the lessons come from.
    """
    folder, lessons = Path(folder), shipped_lessons()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.samefile(lessons[0].parent):
            raise HLMError(f"{folder} is where the lessons come from. Name another for yours.")
        memory = _recall(folder)
        files = [*lessons, *lessons[0].parent.glob(CHEATSHEET)]
        handed = [_hand(path, folder, memory.get(path.name)) for path in files]
        _remember(folder, files)
    except OSError as error:
        raise HLMError(
            f"The lessons cannot be copied to {folder}: {error.strerror}. "
            "Name a folder of your own."
        ) from error
    return handed


def _hand(source, folder, handed_digest):
    """Hand out one lesson; `handed_digest` is of the version that this folder got last."""
    target, shipped = folder / source.name, source.read_bytes()
    if not target.exists():
        _write_new(target, shipped)
        return Handed(source.name, "new", target)
    own = target.read_bytes()
    if own == shipped:
        return Handed(source.name, "same", target)
    if _digest(own) == handed_digest:
        target.write_bytes(shipped)
        return Handed(source.name, "renewed", target)
    if _digest(shipped) == handed_digest:
        return _keep(source.name, target, own, shipped)
    return _put_beside(source.name, target, shipped)


def _keep(name, target, own, shipped):
    newest = _edition(shipped)
    if newest is None or _edition(own) == newest:
        return Handed(name, "kept", target)
    for path in target.parent.glob(f"{target.stem}_new*.ipynb"):
        if _edition(path.read_bytes()) == newest:
            return Handed(name, "older", path)
    return Handed(name, "alone", target)


def _edition(notebook):
    try:
        return json.loads(notebook)["metadata"]["hlmteach"]["edition"]
    except (ValueError, LookupError, TypeError):
        return None


def _put_beside(name, target, shipped):
    beside = next(path for path in _names_beside(target) if not path.exists())
    _write_new(beside, shipped)
    return Handed(name, "beside", beside)


def _names_beside(target):
    yield target.with_stem(f"{target.stem}_new")
    yield from (target.with_stem(f"{target.stem}_new{number}") for number in count(2))


def _write_new(path, content):
    with path.open("xb") as file:
        file.write(content)


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _recall(folder):
    path = folder / MEMORY
    try:
        memory = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError:
        memory = None
    # A memory that cannot be read is no memory: every changed lesson then counts as the student's.
    return memory if isinstance(memory, dict) else {}


def _remember(folder, files):
    memory = {path.name: _digest(path.read_bytes()) for path in files}
    (folder / MEMORY).write_text(json.dumps(memory, indent=1) + "\n", encoding="utf-8")
