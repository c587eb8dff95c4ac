"""The process that is forked for each notebook, so that none waits for Python's start.

It is started for one run, as a box's kernel would be: with a clean environment and the copy of the
package. It reads no submission, and runs no student code: those it forks do (see forked.py).
"""

import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock

from hlmteach.grading.box import clean_environment, isolation, resident, scratch_folder
from hlmteach.grading.library import package_copy

READY_IN = 60.0  # seconds that the imports have
ANSWERS_IN = 20.0  # seconds that a fork has
BETWEEN_LOOKS = 0.01  # seconds between two questions whether a process has ended
SERVE = "import sys; from hlmteach.grading.forked import serve; serve(int(sys.argv[1]))"
FORK, ENDED = b"fork", b"ended %d"


class NotForked(OSError):  # noqa: N818 (it is what it says)
    """The template cannot be forked, with the reason."""


class Template:
    """One process that has imported all that a notebook needs. Use as a context.

    `refused` says why it could not be used, "" as long as it can; `started_anew` counts the
    notebooks that had to do without; `shared` is the bytes that its forks have in common.
    """

    def __init__(self):
        self._lock, self._ready = Lock(), False
        self.refused, self.started_anew, self.shared = "", 0, 0

    def __enter__(self):
        library = str(package_copy())
        self._home = scratch_folder()
        home = self._home.__enter__()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=clean_environment(home, library),
                cwd=home,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )
        return self

    def __exit__(self, *_error):
        self._socket.close()
        self._process.kill()
        self._process.wait()
        self._home.__exit__(None, None, None)

    def fork(self, job: Path, report: int) -> "Guard":
        """Fork it for a job, whose report goes to an open file.

        Raises
        ------
        NotForked
            With the reason, at once where it has refused before.
        """
        with self._lock, job.open("rb") as file:
            try:
                self._check_walls()
                self._wait_until_ready()
                return Guard(self, self._ask(FORK, ANSWERS_IN, file.fileno(), report))
            except OSError as error:
                self.refused = str(error) or type(error).__name__
                self.started_anew += 1
                raise NotForked(self.refused) from None

    def has_ended(self, pid: int) -> bool:
        """Whether one that was forked has ended; its number is not given anew before."""
        with self._lock:
            try:
                return self._ask(ENDED % pid, ANSWERS_IN) == pid
            except OSError:
                return True  # with the template all ends that it forked

    def _check_walls(self) -> None:
        if self.refused:
            raise NotForked(self.refused)
        here = isolation()
        if not (here.mounts and here.processes and here.files):
            raise NotForked("this system gives a process too few walls")

    def _wait_until_ready(self) -> None:
        if not self._ready:
            self._hear(READY_IN)
            self._ready, self.shared = True, resident(self._process.pid)

    def _ask(self, words: bytes, seconds: float, *files: int) -> int:
        socket.send_fds(self._socket, [words], files)
        return self._hear(seconds)

    def _hear(self, seconds: float) -> int:
        """Hear a number from the template.

        Raises
        ------
        NotForked
            With what it says instead.
        """
        self._socket.settimeout(seconds)
        try:
            said = self._socket.recv(1000).decode()
        except TimeoutError:
            raise NotForked(f"no answer in {seconds:g} s") from None
        if not said.isdigit():
            raise NotForked(said or "it has ended")
        return int(said)


class Guard:
    """A process that was forked from the template, as `Box` wants one: a child of another."""

    stdin = None

    def __init__(self, template: Template, pid: int):
        self.pid, self.returncode, self._template = pid, None, template

    def wait(self) -> int:
        """Wait for its end."""
        while not self._template.has_ended(self.pid):
            time.sleep(BETWEEN_LOOKS)
        self.returncode = 0
        return 0
