"""What student code may read: a copy of the package, Python, and its libraries."""

import atexit
import compileall
import functools
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from hlmteach.exercises.bank import bank_files
from hlmteach.grading.box import remove

LEFT_OUT = {"__pycache__", "_lessons"}  # of the package: what is not code, or made anew


@functools.cache
def package_copy() -> Path:
    """The folder with a copy of hlmteach, made once: its path tells nothing of whoever grades.

    A checkout has more in it than the package, and a teacher may keep a class list there.
    """
    folder = Path(tempfile.mkdtemp(prefix="hlm-lib-"))
    atexit.register(remove, folder)
    for source, inside in package_files():
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    compileall.compile_dir(folder, quiet=2, stripdir=str(folder))
    return folder


def package_files() -> list[tuple[Path, str]]:
    """The package's files, and where each lies when the package is installed."""
    package = Path(__file__).parents[1]
    files = [(p, p.relative_to(package)) for p in sorted(package.rglob("*")) if p.is_file()]
    inside = [(p, f"hlmteach/{q.as_posix()}") for p, q in files if not LEFT_OUT & set(q.parts)]
    banks = [(file, f"hlmteach/_lessons/source/{file.name}") for file in bank_files().values()]
    return inside + banks


def readable_paths(*more) -> tuple[str, ...]:
    """What Python and its libraries need to read; of the rest of the disk, nothing.

    A virtual environment may lie among the teacher's files: of a prefix only its own folders.
    """
    system = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/dev", "/opt", "/sys/devices")
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    folders = ("bin", "lib", "lib64", "share", "etc", "include", "pyvenv.cfg")
    python = [str(Path(prefix, name)) for prefix in sorted(prefixes) for name in folders]
    python += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    real = [os.path.realpath(path) for path in (sys.executable, *python)]
    return tuple(dict.fromkeys((*system, *python, *real, str(package_copy()), *map(str, more))))
