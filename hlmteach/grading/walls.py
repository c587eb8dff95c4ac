"""The box, from inside: a process gives up what a submission may not have."""

import contextlib
import os
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hlmteach.grading.box import keep_to_ourselves
from hlmteach.grading.landlock import confine
from hlmteach.grading.limits import MB, Limits
from hlmteach.grading.linux import (
    AMBIENT,
    CLEAR_ALL_AMBIENT,
    DROP_FROM_BOUNDING_SET,
    NO_DEVICES,
    NO_PROGRAMS,
    NO_SETUID,
    SET_CHILD_SUBREAPER,
    libc,
    mount,
    prctl,
)
from hlmteach.grading.seccomp import refuse_calls

if TYPE_CHECKING:
    from hlmteach.grading.runner import Job

CAPABILITIES, CAPABILITIES_VERSION = 41, 0x20080522
MOST_FILES = 20_000  # that a notebook may have at a time
SPARE_PROCESSES = 150  # threads of the runner and the kernel are counted too
LEAST_PID_MAX = 301


def restrict(job: "Job") -> None:
    """Give up what a submission may not have; all its processes inherit that."""
    os.chdir(job.scratch)
    with contextlib.suppress(ImportError):  # not on Windows
        _limit_resources(job.limits)
    if sys.platform == "linux":
        keep_to_ourselves()  # the kernel cannot open our report by /proc
        prctl(SET_CHILD_SUBREAPER)  # whatever it leaves behind stays below us
        others = 0 if job.apart else _threads_of_user()
        _limit_processes(job.limits.processes + SPARE_PROCESSES + others)
        own = _mount_own(job) if job.mounts else ()
        prctl(AMBIENT, CLEAR_ALL_AMBIENT)
        for capability in range(CAPABILITIES):
            prctl(DROP_FROM_BOUNDING_SET, capability)
        libc().capset(struct.pack("Ii", CAPABILITIES_VERSION, 0), bytes(24))
        confine(job.readable, (job.scratch, "/dev/null", *own))
        refuse_calls()


def _mount_own(job: "Job") -> tuple[str, ...]:
    """A disk, shared memory and terminals of our own: limited, seen by nobody else, gone with us.

    Where memory or terminals cannot be had they stay closed: those of the machine would be shared.
    """
    size = f"size={job.limits.disk}m,nr_inodes={MOST_FILES},mode=1777"

    def memory(place: str) -> bool:
        return mount("tmpfs", place, NO_SETUID | NO_DEVICES, size)

    _mount_over(job.scratch, memory)
    shared = memory("/dev/shm")
    kind = "newinstance,ptmxmode=0666,mode=0600"
    terminals = mount("devpts", "/dev/pts", NO_SETUID | NO_PROGRAMS, kind)
    opened = ("/dev/ptmx", "/dev/pts", "/dev/tty") if terminals else ()
    return (*(("/dev/shm",) if shared else ()), *opened)


def _mount_over(folder: str, memory: Callable[[str], bool]) -> None:
    """Mount over a folder what has in it what the folder had, and go there."""
    before = os.open(folder, os.O_RDONLY)
    if memory(folder):
        shutil.copytree(f"/proc/self/fd/{before}", folder, dirs_exist_ok=True)
        os.chdir(folder)
    os.close(before)


def _limit_processes(most: int) -> None:
    """Limit processes and threads; in a space of our own, where no others are counted.

    The limit of a user does not hold for root. Then the space itself gets one (Linux 6.14).
    """
    import resource

    _limit(resource.RLIMIT_NPROC, most)
    if os.getpid() == 1:
        with contextlib.suppress(OSError):
            Path("/proc/sys/kernel/pid_max").write_text(str(max(most, LEAST_PID_MAX)))


def _threads_of_user() -> int:
    """How many threads the user who grades has already: the limit counts them too."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == os.getuid():
                count += len(os.listdir(process / "task"))
    return count


def _limit_resources(limits: Limits) -> None:
    import resource as r

    space = (limits.memory + 2500) * MB  # libraries reserve far more than they use
    for what, most in (
        (r.RLIMIT_AS, space),
        (r.RLIMIT_FSIZE, limits.disk * MB),
        (r.RLIMIT_CPU, int(4 * limits.total)),
        (r.RLIMIT_CORE, 0),
        (r.RLIMIT_NOFILE, 512),
    ):
        _limit(what, most)


def _limit(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of memory
        resource.setrlimit(what, (most, most))
