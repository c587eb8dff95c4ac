"""Installed packages as wheels again: a site is made from what is here, without a network."""

import base64
import hashlib
import re
from importlib import metadata
from pathlib import Path, PurePosixPath

import hlmteach
from hlmteach.errors import HLMError
from hlmteach.exercises.bank import lessons_folder
from hlmteach.grading.zips import zip_of

WHEEL = "Wheel-Version: 1.0\nGenerator: hlmteach\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
COMPILED = {".so", ".pyd", ".dylib"}


def pack(name: str, folder: Path) -> Path:
    """Write an installed package of pure Python as a wheel; return its path.

    What was compiled for this machine is left out: such a package must have its Python beside it,
    as those that mypyc compiles have.

    Raises
    ------
    HLMError
        When the package is not installed.
    """
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise HLMError(f"{name} is not installed. Mend it with: pip install {name}") from None
    files = _own_files() if name == "hlmteach" else _files_of(found)
    stem = f"{re.sub('[-_.]+', '_', found.name)}-{found.version}"
    about = f"{stem}.dist-info"
    files |= {f"{about}/METADATA": found.read_text("METADATA").encode()}
    files |= {f"{about}/WHEEL": WHEEL.encode()}
    return _write(folder / f"{stem}-py3-none-any.whl", files, f"{about}/RECORD")


def _files_of(found: metadata.Distribution) -> dict[str, bytes]:
    """What a package installed beside its dist-info, by its place."""
    files = {}
    for place in map(PurePosixPath, map(str, found.files or ())):
        inside = ".." not in place.parts and "__pycache__" not in place.parts
        if inside and place.suffix not in COMPILED and ".dist-info" not in place.parts[0]:
            files[str(place)] = Path(found.locate_file(place)).read_bytes()
    return files


def _own_files() -> dict[str, bytes]:
    """Read the package itself and its lessons: of an installed one, or of a checkout."""
    home, lessons = Path(hlmteach.__file__).parent, lessons_folder()
    roots = {"hlmteach": home, "hlmteach/_lessons": lessons}
    return {
        f"{place}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for place, root in roots.items()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _write(path: Path, files: dict[str, bytes], record: str) -> Path:
    lines = [f"{name},{_digest(content)},{len(content)}\n" for name, content in files.items()]
    files = dict(sorted(files.items()))
    path.write_bytes(zip_of(files | {record: "".join([*sorted(lines), f"{record},,\n"]).encode()}))
    return path


def _digest(content: bytes) -> str:
    sha = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(sha).rstrip(b"=").decode()
