"""A folder or a zip of submissions -> one `Submission` for each file, copied to a spool of our own.

Names inside a zip are labels, never paths: nothing is written where a name says.
"""

import contextlib
import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from hlmteach.errors import HLMError
from hlmteach.grading.limits import DEEPEST_ZIP, MB, MOST_MEMBERS, MOST_UNFOLDED, Limits
from hlmteach.grading.names import Owner, owner_of

CHUNK = 1 << 20
NOT_HANDED_IN = ("__MACOSX", ".ipynb_checkpoints")
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
    found = sorted(_Finder(spool, limits).search(source), key=lambda one: one.label)
    notebooks = [one for one in found if one.problem != "no notebook"]
    have = {_somebody(one) for one in notebooks}
    strangers = [
        one for one in found if one.problem == "no notebook" and _somebody(one) not in have
    ]
    kept = sorted(notebooks + strangers, key=lambda one: one.label)
    if not kept:
        raise HLMError(f"No notebook (.ipynb) was found in {source}. Is it the right folder?")
    return _mark_older(kept)


def _somebody(one: Submission) -> str:
    return one.owner.key or one.owner.name


def _mark_older(found: list[Submission]) -> list[Submission]:
    """Of several versions of one file by one owner, only the last one counts."""
    last: dict[tuple, tuple] = {}
    for one in found:
        if one.owner.key and one.copy:
            series = (one.owner.key, one.owner.title)
            last[series] = max(last.get(series, ()), (*one.owner.order, one.label))
    return [
        replace(one, problem="superseded")
        if one.owner.key
        and one.copy
        and (*one.owner.order, one.label) != last[one.owner.key, one.owner.title]
        else one
        for one in found
    ]


class _Finder:
    """Walks folders and zips; counts what it unfolds."""

    def __init__(self, spool: Path, limits: Limits):
        self.spool, self.limits = spool, limits
        self.unfolded = self.members = 0

    def search(self, source: Path) -> Iterator[Submission]:
        if source.is_dir():
            yield from self._folder(source)
        else:
            yield from self._file(source, (source.name,))

    def _folder(self, folder: Path) -> Iterator[Submission]:
        for here, folders, files in os.walk(folder, followlinks=False):
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            for name in sorted(files):
                path = Path(here, name)
                if not _is_hidden(name):
                    yield from self._file(path, path.relative_to(folder).parts)

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
            yield submission_of(parts, "a link, not followed")
        elif name.endswith(".zip"):
            yield from self._zip(stream, parts, depth)
        elif ".ipynb" in name:
            yield self._copy(stream, parts)
        else:
            yield submission_of(parts, "no notebook")

    def _copy(self, stream, parts) -> Submission:
        """Copy a notebook, but never more of it than the limit."""
        found = submission_of(parts)
        digest, size = hashlib.sha256(), 0
        copy = self.spool / f"{self.members:06d}.ipynb"
        self.members += 1
        with copy.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                self.unfolded += len(chunk)
                if size > self.limits.file * MB or self.unfolded > MOST_UNFOLDED:
                    break
                digest.update(chunk)
                file.write(chunk)
            else:
                return replace(found, copy=copy, digest=digest.hexdigest())
        copy.unlink()
        return replace(found, problem=f"too large: over {self.limits.file} MB")

    def _zip(self, stream, parts, depth: int) -> Iterator[Submission]:
        if depth >= DEEPEST_ZIP:
            yield submission_of(parts, "a zip in a zip in a zip")
            return
        try:
            with zipfile.ZipFile(stream) as archive:
                outside = parts if depth or owner_of(parts).key else ()
                yield from self._members(archive, outside, depth)
        except BAD_ZIP:
            yield submission_of(parts, "a zip that cannot be read")

    def _members(self, archive, parts, depth: int) -> Iterator[Submission]:
        for member in archive.infolist():
            name = PurePosixPath(member.filename.replace("\\", "/"))
            inside = tuple(part for part in name.parts if part not in ("/", ".."))
            if member.is_dir() or not inside or any(map(_is_hidden, inside)):
                continue
            self.members += 1
            if self.members > MOST_MEMBERS or self.unfolded > MOST_UNFOLDED:
                yield submission_of(parts or inside, "a zip too large")
                return
            yield from self._member(archive, member, parts + inside, depth)

    def _member(self, archive, member, parts, depth: int) -> Iterator[Submission]:
        try:
            with archive.open(member) as stream:
                if parts[-1].lower().endswith(".zip"):
                    with _Unfolded(stream, self.limits.file * MB, self.spool) as inner:
                        yield from self._zip(inner, parts, depth + 1)
                else:
                    yield from self._stream(stream, parts, depth)
        except (*BAD_ZIP, OSError):
            yield submission_of(parts, "cannot be unpacked")


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
    parts = tuple(map(writable, parts))
    return Submission("/".join(parts), owner_of(parts), problem=problem)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "._")) or name in NOT_HANDED_IN
