"""A box for one process tree: started apart, watched, and ended with all that it began."""

import contextlib
import functools
import itertools
import math
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
from hlmteach.grading.linux import SET_DUMPABLE, prctl

SECONDS_BETWEEN_LOOKS = 0.05  # seconds between two looks at the processes
SECONDS_BETWEEN_WEIGHINGS = 1.0  # seconds between two looks at the disk
MOST_SWEEPS = 20
DEEPEST_FOLDER = 100
LONGEST_PLACE = 75  # characters of a folder for sockets: their names have at most 103
BLOCK = 4096  # bytes that an empty file or folder counts for
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
NAMESPACES = ("--user", "--map-current-user", "--net", "--ipc", "--pid", "--fork", "--kill-child")
OWN_MOUNTS = ("--mount", "--mount-proc", "--keep-caps")


@dataclass(frozen=True)
class Isolation:
    """What this machine lets us forbid without being root."""

    prefix: tuple[str, ...]
    network: bool
    processes: bool
    mounts: bool
    files: bool
    tcp: bool = False

    def __str__(self):
        forbidden = {"network": self.network, "reading and writing elsewhere": self.files}
        words = [f"{name} {'off' if on else 'NOT off'}" for name, on in forbidden.items()]
        if self.tcp and not self.network:
            words[0] = "network off for TCP, NOT for all else"
        words.append(f"processes {'in a space of their own' if self.processes else 'in a group'}")
        return ", ".join(words)


@functools.cache
def isolation() -> Isolation:
    """Try what this machine allows, the strongest first."""
    from hlmteach.grading.landlock import TCP_SINCE, version

    here = version()
    lock = {"files": here > 0, "tcp": here >= TCP_SINCE}
    if sys.platform == "linux" and shutil.which("unshare"):
        for flags in ((*NAMESPACES, *OWN_MOUNTS), NAMESPACES, ("--user", "--net")):
            prefix = ("unshare", *flags, "--")
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
                return Isolation(
                    prefix=prefix,
                    network=True,
                    processes="--pid" in flags,
                    mounts="--mount" in flags,
                    **lock,
                )
    return Isolation(prefix=(), network=False, processes=False, mounts=False, **lock)


@contextlib.contextmanager
def scratch_folder():
    """A folder that is gone afterwards, whatever was done to it. Its path is short, for sockets."""
    long = len(tempfile.gettempdir()) > LONGEST_PLACE
    folder = Path(tempfile.mkdtemp(prefix="hlm-", dir="/tmp" if long else None))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder whose files may have been made unwritable, or may still be appearing."""
    for _ in range(5):
        with contextlib.suppress(OSError):
            _flatten(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _flatten(top: Path) -> None:
    """Bring all folders below one to its top, open: nested too deeply, no path reaches them."""
    names = (top / f"{number}" for number in itertools.count())
    todo = [top]
    while todo:
        place = todo.pop()
        os.chmod(place, 0o700)
        with os.scandir(place) as entries:
            below = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        for name in below:
            target = top / name if place == top else next(n for n in names if not n.exists())
            os.chmod(place / name, 0o700)
            os.rename(place / name, target)
            todo.append(target)


def clean_environment(folder: Path, library: str) -> dict[str, str]:
    """An environment that says nothing of whoever grades.

    Jupyter finds no kernels and no settings in what the notebook itself may write.
    """
    kept = ("LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
    homes = ("HOME", "TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
    nowhere = str(folder.parent / "nothing")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys((*homes, "JUPYTER_RUNTIME_DIR"), str(folder)),
        **dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"), nowhere),
        "PATH": os.pathsep.join((os.path.dirname(sys.executable), os.defpath)),
        "PYTHONPATH": library,
        "PYTHONNOUSERSITE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a thread would be missing in a fork
        "MPLBACKEND": "agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "TQDM_DISABLE": "1",
    }


def started(command, folder: Path, library: str, pass_fds=()) -> subprocess.Popen:
    """Start a program as the first of a box; `library` is the folder that has hlmteach for it."""
    return subprocess.Popen(
        [*isolation().prefix, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(folder, library),
        cwd=folder,
        start_new_session=True,
        pass_fds=pass_fds,
    )


class Box:
    """One process tree. Use as a context: nothing of it is left at the end.

    `process` is its first, started or forked; `shared` the bytes that each of our own processes in
    it holds together with others.
    """

    def __init__(self, process, folder: Path, limits: Limits, shared: int = 0):
        self._process, self._folder, self._limits, self._shared = process, folder, limits, shared
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
        tree = (self._process.pid, *descendants(self._process.pid))
        below = {pid: size for pid in tree if (size := resident(pid))}
        own = self._own()
        ours = sum(max(0, below[pid] - self._shared) for pid in below.keys() & own)
        theirs = {pid: size for pid, size in below.items() if pid not in own}
        if len(below) > self._limits.processes:
            for _ in range(MOST_SWEEPS):  # they multiply while they are being ended
                self._cut(descendants(self._process.pid), "processes")
        elif ours > self._limits.memory * MB:  # by what it was given to read
            self._end_for("memory")
        elif ours + sum(theirs.values()) > self._limits.memory * MB:
            self._cut([max(theirs, key=theirs.get)], "memory")
        elif time.monotonic() > self._weighed + SECONDS_BETWEEN_WEIGHINGS:
            self._weighed = time.monotonic()
            if folder_size(self._folder) > self._limits.disk * MB:
                self._end_for("disk")

    def _end_for(self, problem: str) -> None:
        self.problem = problem
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
        if isolation().processes:
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


def keep_to_ourselves() -> None:
    """Let no process of the same user read this one's memory and environment: a secret is there.

    Needed where the box has no space of processes of its own.
    """
    if sys.platform == "linux":
        prctl(SET_DUMPABLE, 0)


# -- processes -------------------------------------------------------------------------------------


def descendants(pid: int) -> list[int]:
    """All that a process started, and all that those started."""
    tree, todo = [], [pid]
    while todo:
        below = children(todo.pop())
        tree += below
        todo += below
        if len(tree) > 5000:
            break
    return tree


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


def folder_size(folder: Path) -> float:
    """Bytes of all below a folder; an entry counts for a block. Nested too deeply: no number."""
    total, todo = 0, [(folder, 0)]
    while todo:
        place, depth = todo.pop()
        if depth > DEEPEST_FOLDER:
            return math.inf
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                total += BLOCK
                if entry.is_dir(follow_symlinks=False):
                    todo.append((Path(entry.path), depth + 1))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
