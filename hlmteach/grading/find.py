"""A folder or a zip of submissions -> one `Submission` for each file, copied to a spool of our own.

Names inside a zip are labels, never paths: nothing is written where a name says.
"""

import contextlib
import hashlib
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from hlmteach.errors import HLMError
from hlmteach.exercises.own_words import visible
from hlmteach.grading.limits import (
    DEEPEST_ZIP,
    LARGEST_DIRECTORY,
    MB,
    MOST_MEMBERS,
    MOST_UNFOLDED,
    Limits,
)
from hlmteach.grading.names import Owner, owner_of

CHUNK = 1 << 20
LAST_RECORD = 22  # bytes of a zip's last record, without its comment
LONGEST_TAIL = LAST_RECORD + (1 << 16)
LONGEST_NAME = 255  # characters of a file's name, in a label
NO_NOTEBOOK, LINK = "no notebook", "a link, not followed"
NOT_HANDED_IN = ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv")
UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may take any memory
BAD_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@dataclass(frozen=True)
class Submission:
    """One file that was handed in.

    `label` is where it was found, `copy` our copy of it, `digest` tells its content; `problem` says
    why it cannot be read, and is "" when it can.
    """

    label: str
    owner: Owner
    copy: Path | None = None
    digest: str = ""
    problem: str = ""


def find_submissions(source: Path, spool: Path, limits: Limits) -> list[Submission]:
    """Find every notebook in a folder or zip, however deep.

    Parameters
    ----------
    source : Path
        A folder, a zip as Canvas or Moodle exports it, or one notebook.
    spool : Path
        An empty folder for our copies.
    limits : Limits

    Returns
    -------
    list of Submission
        Ordered by label. Where an owner handed in no notebook, the file that came instead, with
        its problem.

    Raises
    ------
    HLMError
        When there is no such folder or zip, or nothing in it.
    """
    source = Path(source)
    if not source.exists():
        raise HLMError(f"There is no {source}. Name the folder or the zip of submissions.")
    submissions = sorted(_Finder(spool, limits).search(source), key=lambda one: one.label)
    notebooks = [one for one in submissions if one.problem != NO_NOTEBOOK]
    owners = {_owner_key(one) for one in notebooks}
    others = {_owner_key(one): one for one in reversed(submissions) if one.problem == NO_NOTEBOOK}
    without = [one for key, one in others.items() if key not in owners and _says_whose(one)]
    listed = sorted(notebooks + without, key=lambda one: one.label) or list(others.values())
    if not listed:
        raise HLMError(f"No notebook (.ipynb) was found in {source}. Is it the right folder?")
    return _mark_older(listed)


def _owner_key(one: Submission) -> str:
    return one.owner.key or one.owner.name


def _says_whose(one: Submission) -> bool:
    """A stray file in a plain folder is nobody's; one below a folder of its own is that one's."""
    return bool(one.owner.key) or "/" in one.label


def _mark_older(submissions: list[Submission]) -> list[Submission]:
    """Of several versions of one file by one owner, only the last one counts."""
    last: dict[tuple, tuple] = {}
    for one in submissions:
        if one.owner.key and one.copy:
            series = (one.owner.key, one.owner.title)
            last[series] = max(last.get(series, ()), (*one.owner.order, one.label))
    return [
        replace(one, problem="superseded")
        if one.owner.key
        and one.copy
        and (*one.owner.order, one.label) != last[one.owner.key, one.owner.title]
        else one
        for one in submissions
    ]


class _Finder:
    """Walks folders and zips; what it unfolds is counted for each owner by themselves."""

    def __init__(self, spool: Path, limits: Limits):
        self.spool, self.limits, self.copies = spool, limits, 0
        self.unfolded: Counter[str] = Counter()
        self.members: Counter[str] = Counter()

    def _too_much(self, owner: str) -> bool:
        return self.members[owner] > MOST_MEMBERS or self.unfolded[owner] > MOST_UNFOLDED

    def search(self, source: Path) -> Iterator[Submission]:
        if source.is_dir():
            yield from self._folder(source)
        else:
            yield from self._file(source, (source.name,))

    def _folder(self, folder: Path) -> Iterator[Submission]:
        closed: list[OSError] = []
        for here, folders, files in os.walk(folder, onerror=closed.append):
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            links = [name for name in folders if Path(here, name).is_symlink()]
            for name in sorted([*files, *links]):
                path = Path(here, name)
                if not _is_hidden(name):
                    yield from self._file(path, path.relative_to(folder).parts)

        for error in closed:
            parts = Path(error.filename).relative_to(folder).parts
            yield submission_of(parts or (folder.name,), f"unreadable: {error.strerror}")

    def _file(self, path: Path, parts: tuple[str, ...]) -> Iterator[Submission]:
        try:
            is_file = stat.S_ISREG(path.lstat().st_mode)
            with path.open("rb") if is_file else contextlib.nullcontext() as stream:
                yield from self._stream(stream, parts, depth=0)
        except OSError as error:
            yield submission_of(parts, f"unreadable: {error.strerror}")

    def _stream(self, stream, parts, depth: int) -> Iterator[Submission]:
        name = parts[-1].lower()
        if stream is None:
            yield submission_of(parts, LINK)
        elif name.endswith(".zip"):
            yield from self._zip(stream, parts, depth)
        elif ".ipynb" in name:
            yield self._copy(stream, parts)
        else:
            yield submission_of(parts, NO_NOTEBOOK)

    def _copy(self, stream, parts) -> Submission:
        """Copy a notebook, but never more of it than the limit."""
        one = submission_of(parts)
        digest, size = hashlib.sha256(), 0
        owner = _whose(parts)
        copy = self.spool / f"{self.copies:06d}.ipynb"
        self.copies += 1
        with copy.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                self.unfolded[owner] += len(chunk)
                if size > self.limits.file * MB or self._too_much(owner):
                    break
                digest.update(chunk)
                file.write(chunk)
            else:
                return replace(one, copy=copy, digest=digest.hexdigest())
        copy.unlink()
        return replace(one, problem=f"too large: over {self.limits.file} MB")

    def _zip(self, stream, parts, depth: int) -> Iterator[Submission]:
        if depth >= DEEPEST_ZIP:
            yield submission_of(parts, "a zip in a zip in a zip")
            return
        try:
            if depth and _directory_size(stream) > LARGEST_DIRECTORY:
                yield submission_of(parts, "a zip of too many files")
                return
            with zipfile.ZipFile(stream) as archive:
                outside = parts if depth or owner_of(parts).key else ()
                is_empty = True
                for one in self._members(archive, outside, depth):
                    is_empty = False
                    yield one
                if outside and is_empty:
                    yield submission_of(parts, NO_NOTEBOOK)
        except BAD_ZIP:
            yield submission_of(parts, "a zip that cannot be read")

    def _members(self, archive, parts, depth: int) -> Iterator[Submission]:
        stopped = set()
        for member in archive.infolist():
            name = PurePosixPath(member.filename.replace("\\", "/"))
            inside = tuple(part for part in name.parts if part not in ("/", ".."))
            if member.is_dir() or not inside or any(map(_is_hidden, inside)):
                continue
            owner = _whose(parts + inside)
            self.members[owner] += 1
            if not self._too_much(owner):
                yield from self._member(archive, member, parts + inside, depth)
            elif owner not in stopped:
                stopped.add(owner)
                yield submission_of(parts or inside, "too many files, or too large: not all read")

    def _member(self, archive, member, parts, depth: int) -> Iterator[Submission]:
        try:
            if stat.S_ISLNK(member.external_attr >> 16):
                yield submission_of(parts, LINK)
                return
            if member.compress_type not in UNPACKED:
                raise zipfile.BadZipFile("packed in a way that systems for courses do not use")
            with archive.open(member) as stream:
                if parts[-1].lower().endswith(".zip"):
                    with _Unfolded(stream, self.limits.file * MB, self.spool) as inner:
                        self.unfolded[_whose(parts)] += inner.seek(0, os.SEEK_END)
                        yield from self._zip(inner, parts, depth + 1)
                else:
                    yield from self._stream(stream, parts, depth)
        except (*BAD_ZIP, OSError):
            yield submission_of(parts, "cannot be unpacked")


def _whose(parts: tuple[str, ...]) -> str:
    """Whose files are counted together: an owner's by name, else all below one folder."""
    return owner_of(parts).key or parts[0]


def _directory_size(stream) -> int:
    """Bytes of a zip's table of contents, as its last record says, before it is read."""
    end = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, end - LONGEST_TAIL))
    tail = stream.read()
    last = len(tail) - LAST_RECORD
    place = last if tail[last:].startswith(b"PK\5\6") else tail.rfind(b"PK\5\6")
    stream.seek(0)
    return int.from_bytes(tail[place + 12 : place + 16], "little") if place >= 0 else 0


class _Unfolded:
    """An inner zip, unpacked to a file of the spool since zips are read from their end."""

    def __init__(self, stream, largest: int, spool: Path):
        self._stream, self._largest = stream, largest
        self._path = spool / "inner.zip.part"

    def __enter__(self):
        number = 0
        while self._path.exists():
            number += 1
            self._path = self._path.with_suffix(f".part{number}")
        size = 0
        with self._path.open("wb") as file:
            while chunk := self._stream.read(CHUNK):
                size += len(chunk)
                if size > self._largest:
                    self._path.unlink()
                    raise zipfile.BadZipFile("larger than any submission may be")
                file.write(chunk)
        self._file = self._path.open("rb")
        return self._file

    def __exit__(self, *_error):
        self._file.close()
        self._path.unlink()


def writable(text: str) -> str:
    """Text that any file can hold: halves of characters, as odd names have them, become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def submission_of(parts, problem: str = "") -> Submission:
    """A submission by its path's parts, not copied yet."""
    parts = tuple(one_line(part)[:LONGEST_NAME] for part in parts)
    return Submission(label="/".join(parts), owner=owner_of(parts), problem=problem)


def one_line(text: str) -> str:
    """A text that somebody may have chosen, in one line that steers no terminal."""
    return " ".join(visible(writable(text)).splitlines())


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "._")) or name in NOT_HANDED_IN
