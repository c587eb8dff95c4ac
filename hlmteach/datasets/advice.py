"""What to say when a file or a name is not there, or cannot be read."""

import os
from difflib import get_close_matches
from pathlib import Path

from hlmteach.errors import DataError


def did_you_mean(word: str, known: list[str]) -> str:
    """Offer the known name closest to `word`, as the end of a sentence, or nothing."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""


def existing_file(path) -> Path:
    """Return `path` as a Path to a file with something in it, or say what is wrong."""
    if str(path).startswith(("http://", "https://")):
        raise DataError(f"{path} is a web address. Download the file first, then read it here.")
    if path is None:
        raise DataError("The file is missing. Give its path, in quotes: 'survey.csv'.")
    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"A {type(path).__name__} is no file. Give the path of one, in quotes: 'survey.csv'."
        )
    path = Path(path).expanduser()
    if not path.parent.is_dir():
        raise DataError(f"There is no folder {str(path.parent)!r}, so {path.name!r} is not in it.")
    if path.is_dir():
        raise DataError(f"{str(path)!r} is a folder, not a file. {_files_in(path)}")
    if not path.is_file():
        raise _no_such_file(path)
    if path.stat().st_size == 0:
        raise DataError(f"{path.name!r} is empty: 0 bytes. Save or download it again.")
    return path


def _no_such_file(path: Path) -> DataError:
    folder = path.parent.resolve()
    hint = did_you_mean(path.name, _file_names(folder))
    return DataError(f"There is no file {path.name!r} in {folder}.{hint} {_files_in(folder)}")


def _files_in(folder: Path, most: int = 8) -> str:
    names = _file_names(folder)
    if not names:
        return "That folder holds no files."
    rest = f", and {len(names) - most} more" if len(names) > most else ""
    return f"Files there: {', '.join(names[:most])}{rest}."


def _file_names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def unknown_suffix(path: Path, known: list[str]) -> DataError:
    """Build the error for a file whose suffix names no format that can be read."""
    remedy = _REMEDIES.get(path.suffix.lower(), "Save it as .csv or .xlsx and read that.")
    seen = f"ends in {path.suffix!r}" if path.suffix else "has no suffix"
    return DataError(
        f"{path.name!r} {seen}, which is no table that can be read here. {remedy} "
        f"Suffixes that are read: {', '.join(known)}."
    )


_IN_R = 'In R, write.csv(data, "data.csv", row.names = FALSE) makes a file that can be read.'
_REMEDIES = {
    ".xls": "Open it in Excel or LibreOffice and save it as .xlsx.",
    ".ods": "Open it in LibreOffice and save it as .xlsx.",
    ".numbers": "In Numbers, choose File, Export To, Excel, and read the .xlsx.",
    ".rds": _IN_R,
    ".rdata": _IN_R,
    ".rda": _IN_R,
    ".gz": "Unpack it first.",
    ".zip": "Unpack it first.",
    ".por": "In SPSS, save it as .sav.",
}


def broken_file(path: Path, kind: str, reason: object) -> DataError:
    """Build the error for a file that is not what its suffix says, or that is damaged."""
    return DataError(
        f"{path.name!r} cannot be read as {kind} ({reason}). It may be damaged, cut short, or "
        "another kind of file under this name. Download or save it again."
    )


def missing_package(path: Path, package: str) -> DataError:
    """Build the error for a format whose reader is not installed."""
    return DataError(f"To read {path.name!r}, install {package} first: pip install {package}")
