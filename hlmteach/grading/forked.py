"""The template, from inside: it imports, and is forked once for each notebook.

A fork becomes a guard with namespaces of its own, that one's child the runner, and that one's the
kernel. Nothing that a student ran is ever forked for another; what must not be the same in two
kernels (random numbers, keys, sockets) is made after the fork.
"""

import ctypes
import gc
import os
import random
import signal
import socket
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from hlmteach.grading.box import clean_environment
from hlmteach.grading.landlock import confine_signals
from hlmteach.grading.linux import (
    DIE_WITH_PARENT,
    NO_DEVICES,
    NO_PROGRAMS,
    NO_SETUID,
    PRIVATE,
    SET_DUMPABLE,
    libc,
    mount,
    prctl,
)
from hlmteach.grading.runner import Job, run_job

USER, NETWORK, IPC, PROCESSES, MOUNTS = 0x10000000, 0x40000000, 0x08000000, 0x20000000, 0x00020000
MOST_OPEN = 4096

# What runners and kernels import; ipykernel comes before ipywidgets, which asks it for its comms.
# Not pyplot: it looks for the shell when it is imported.
READY = (
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "jupyter_client.asynchronous",
    "nbclient",
    "nbformat.v4",
    "matplotlib.figure",
    "matplotlib.font_manager",
    "ipywidgets",
    "hlmteach.widgets.exercise",
)


def serve(place: int) -> None:
    """Import, say so, and fork when asked to, until the other side is gone."""
    with socket.socket(fileno=place) as grader:
        try:
            import_all()
            try_walls()
        except (OSError, ImportError) as error:
            grader.send(str(error).encode() or b"?")
            return
        grader.send(b"0")
        while True:
            words, files, _, _ = socket.recv_fds(grader, 100, 2)
            if not words:
                return
            if files:
                pid = fork_guard(grader, *files)
            else:
                pid = os.waitpid(int(words.split()[1]), os.WNOHANG)[0]
            grader.send(b"%d" % pid)


def import_all() -> None:
    """Import what a runner and a kernel need; nothing of it may start a thread.

    Raises
    ------
    OSError
        Where a thread runs: it would be missing in a fork.
    """
    sys.path[:] = [path for path in sys.path if path]
    for name in READY:
        import_module(name)
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise OSError(f"{threads} threads run in it")
    gc.freeze()


# -- the guard -------------------------------------------------------------------------------------


def try_walls() -> None:
    """Make the namespaces once for nobody.

    Raises
    ------
    OSError
        Where they are refused.
    """
    pid = os.fork()
    if pid == 0:
        _ends(lambda: _in_namespaces(lambda: None))
    if os.waitpid(pid, 0)[1]:
        raise OSError("the system refuses it namespaces")


def fork_guard(grader, job: int, report: int) -> int:
    """Fork a guard for a job; return its number."""
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        grader.close()
        _ends(lambda: _in_namespaces(lambda: _run(job, report), parent))
    os.close(job)
    os.close(report)
    return pid


def _ends(work) -> None:
    """Do the work of a fork, and never return from it."""
    status = 1
    try:
        status = work() or 0
    finally:
        os._exit(status)


def _in_namespaces(work, parent: int | None = None) -> int:
    """Do a work as the first process of namespaces that are made for it; return how it ended.

    What is open stays open until then: a report ends when all has ended.
    """
    os.setsid()
    user, group = os.geteuid(), os.getegid()
    _must(libc().unshare(USER | NETWORK | IPC | PROCESSES | MOUNTS) == 0)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _die_with(parent)
    first = os.fork()
    if first == 0:
        _die_with(None)
        _ends(lambda: _mount_proc() or work())
    return os.waitpid(first, 0)[1] and 1


def _die_with(parent: int | None) -> None:
    """End when the parent does, were it at once."""
    _must(prctl(DIE_WITH_PARENT, signal.SIGKILL))
    if parent is not None and os.getppid() != parent:
        raise SystemExit(1)


def _mount_proc() -> None:
    _must(mount("none", "/", PRIVATE))
    _must(mount("proc", "/proc", NO_SETUID | NO_DEVICES | NO_PROGRAMS))


def _must(done: bool) -> None:
    if not done:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


# -- the runner and the kernel ---------------------------------------------------------------------


def _run(job: int, report: int) -> None:
    """Be the runner."""
    with os.fdopen(job, encoding="utf-8") as file:
        work = Job.read(file.read())
    values = clean_environment(Path(work.scratch), os.environ["PYTHONPATH"])
    os.environ.clear()
    os.environ.update(values)
    tempfile.tempdir = None
    run_job(work, report, lambda: ForkedKernel().manager)


class ForkedKernel:
    """A kernel that is forked now, and told later which sockets are its own.

    It is what jupyter_client wants of a `subprocess.Popen`. Forked before anything of Jupyter runs
    here: then no lock, loop or thread is half in it.
    """

    stdin = stdout = stderr = None

    def __init__(self):
        theirs, self._order = os.pipe()
        self.returncode = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._order)
            _ends(lambda: be_kernel(theirs))
        os.close(theirs)

    def manager(self, **traits):
        """The kernel's manager."""
        from jupyter_client import AsyncKernelManager
        from jupyter_client.provisioning import LocalProvisioner

        kernel = self

        class Provisioner(LocalProvisioner):
            async def launch_kernel(self, cmd, **kwargs):
                kernel.start(self.parent.connection_file)
                self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
                return self.connection_info

        manager = AsyncKernelManager(kernel_name="python3", **traits)
        manager.provisioner = Provisioner(
            parent=manager, kernel_id="forked", kernel_spec=manager.kernel_spec
        )
        return manager

    def start(self, connection_file: str) -> None:
        """Tell it its sockets."""
        os.write(self._order, connection_file.encode())
        os.close(self._order)

    def poll(self) -> int | None:
        """How it ended; None while it has not."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # ended with all others
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        if self.returncode is None:
            os.waitpid(self.pid, 0)
            self.returncode = 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)


def be_kernel(order: int) -> None:
    """Keep nothing of the runner, make anew what is each kernel's own, and run cells."""
    os.setsid()
    connection_file = os.read(order, MOST_OPEN).decode()
    if not connection_file:
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, MOST_OPEN)
    prctl(SET_DUMPABLE)  # the runner's memory stays closed to it
    confine_signals()
    random.seed()
    _run_kernel(connection_file)


def _run_kernel(connection_file: str) -> None:
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    np.random.seed()
    app = IPKernelApp.instance()
    app.initialize(["-f", connection_file, "--log-level=CRITICAL"])
    # as its import does in a kernel
    import_module("ipywidgets").load_ipython_extension(app.shell)
    app.start()
