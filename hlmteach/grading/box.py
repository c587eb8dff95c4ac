"""A box for one process tree: started apart, watched, and ended with all that it began."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hlmteach.grading.limits import MB, Limits

LOOK = 0.05  # seconds between two looks at the processes
WEIGH = 1.0  # seconds between two looks at the disk
SWEEPS = 20
HOUSE = str(Path(__file__).parents[2])  # where hlmteach itself is found
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
NAMESPACES = ("--user", "--map-current-user", "--net", "--ipc", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True)
class Walls:
    """What this machine lets us forbid without being root."""

    prefix: tuple[str, ...]
    network: bool
    processes: bool
    files: bool

    def __str__(self):
        forbidden = {"network": self.network, "writing elsewhere": self.files}
        words = [f"{name} {'off' if on else 'NOT off'}" for name, on in forbidden.items()]
        words.append(f"processes {'in a space of their own' if self.processes else 'in a group'}")
        return ", ".join(words)


@functools.cache
def walls() -> Walls:
    """Try what this machine allows, the strongest first."""
    from hlmteach.grading.landlock import version

    files = version() > 0
    if sys.platform == "linux" and shutil.which("unshare"):
        for flags in ((*NAMESPACES, "--mount", "--mount-proc"), NAMESPACES, ("--user", "--net")):
            prefix = ("unshare", *flags, "--")
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
                return Walls(prefix, True, "--pid" in flags, files)
    return Walls((), False, False, files)


@contextlib.contextmanager
def scratch_folder():
    """A folder that is gone afterwards, whatever was done to it. Its path is short, for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="hlm-"))
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder whose files may have been made unwritable, or may still be appearing."""
    for _ in range(5):
        for here, folders, _files in os.walk(folder):
            for name in folders:
                with contextlib.suppress(OSError):
                    os.chmod(Path(here, name), 0o700)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def clean_environment(folder: Path) -> dict[str, str]:
    """An environment that says nothing of whoever grades."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    homes = ("HOME", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
    jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys((*homes, *jupyter), str(folder)),
        "PYTHONPATH": os.pathsep.join(filter(None, (HOUSE, os.environ.get("PYTHONPATH")))),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "MPLBACKEND": "agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def readable_paths(*more) -> tuple[str, ...]:
    """What Python and its libraries need to read; of the rest of the disk, nothing."""
    system = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/dev", "/opt", "/sys/devices")
    python = (HOUSE, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path))
    real = [os.path.realpath(path) for path in (sys.executable, *python)]
    return tuple(dict.fromkeys((*system, *python, *real, *map(str, more))))


class Box:
    """One process tree. Use as a context: nothing of it is left at the end."""

    def __init__(self, command, folder: Path, limits: Limits, pass_fds=()):
        self._limits, self._folder = limits, folder
        self._process = subprocess.Popen(
            [*walls().prefix, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=clean_environment(folder),
            cwd=folder,
            start_new_session=True,
            pass_fds=pass_fds,
        )
        self._end = time.monotonic() + limits.total
        self._weighed = 0.0
        self.problem, self.troubles = "", set()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.end()

    def look(self) -> None:
        """Compare the tree with its limits, and end what goes beyond them."""
        if self._process.returncode is not None:
            return
        held = {pid: bytes for pid in descendants(self._process.pid) if (bytes := resident(pid))}
        if len(held) > self._limits.processes:
            for _ in range(SWEEPS):  # they multiply while they are being ended
                self._cut(descendants(self._process.pid), "processes")
        elif sum(held.values()) > self._limits.memory * MB:
            theirs = held.keys() - self._own()
            self._cut([max(theirs, key=held.get)] if theirs else [], "memory")
        elif time.monotonic() > self._weighed + WEIGH:
            self._weighed = time.monotonic()
            if folder_size(self._folder) > self._limits.disk * MB:
                self.problem = "disk"
                self.end()

    @property
    def time_left(self) -> float:
        """Seconds until the limit."""
        return self._end - time.monotonic()

    def _cut(self, processes, trouble: str) -> None:
        """End what the notebook started, but not the runner, which goes on without that cell."""
        self.troubles.add(trouble)
        keep = self._own()
        for pid in processes:
            if pid not in keep:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def _own(self) -> set[int]:
        """The processes that are ours: unshare, and the runner below it."""
        own = {self._process.pid}
        if walls().processes:
            own.update(children(self._process.pid))
        return own

    def end(self) -> None:
        """End the whole tree, once: afterwards its number may be another's."""
        if self._process.returncode is not None:
            return
        tree = descendants(self._process.pid)
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in tree:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()


# -- processes -------------------------------------------------------------------------------------


def descendants(pid: int) -> list[int]:
    """All that a process started, and all that those started."""
    found, todo = [], [pid]
    while todo:
        below = children(todo.pop())
        found += below
        todo += below
        if len(found) > 5000:
            break
    return found


def children(pid: int) -> list[int]:
    """The processes that one process started."""
    if sys.platform == "linux":
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
            texts = [Path(f"/proc/{pid}/task/{task}/children").read_text() for task in tasks]
            return [int(child) for text in texts for child in text.split()]
        except OSError:
            return []
    import psutil

    with contextlib.suppress(psutil.Error):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    if sys.platform == "linux":
        try:
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except (OSError, IndexError):
            return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).memory_info().rss
    return 0


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for here, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(Path(here, name)).st_size
    return total
