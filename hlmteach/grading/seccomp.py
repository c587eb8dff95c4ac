"""Seccomp: a Linux process gives up, for itself and its children, some calls of the system.

Those that student code has no use for: memory that no limit counts (memfd, System V), spaces of its
own with rights in them, keys, other processes' memory, and what bypasses the other walls.
"""

import ctypes
import errno
import os
import struct

from hlmteach.grading.linux import NO_NEW_PRIVS, SET_SECCOMP, prctl

FILTER = 2  # of prctl(SET_SECCOMP)
LOAD, AND, IS, IS_AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # of the filter's language
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # places in what a filter is given
NEW_SPACES = 0x7E020000  # flags of clone(2)
OTHER_NUMBERS = 0x40000000  # of x32, on the same architecture

# By architecture: its name to seccomp, clone, and what is refused: add_key, bpf, clone3,
# io_uring_setup, keyctl, memfd_create, memfd_secret, msgget, perf_event_open, ptrace, request_key,
# setns, shmget, unshare, userfaultfd.
CALLS = {
    "x86_64": (
        0xC000003E,
        56,
        (248, 321, 435, 425, 250, 319, 447, 68, 298, 101, 249, 308, 29, 272, 323),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (217, 280, 435, 425, 219, 279, 447, 186, 241, 117, 218, 268, 194, 97, 282),
    ),
}


def refuse_calls() -> bool:
    """Refuse these calls from now on, as a system that does not know them.

    Returns
    -------
    bool
        Whether it could be done. It cannot be undone.
    """
    if os.uname().machine not in CALLS:
        return False
    steps = _filter(*CALLS[os.uname().machine])
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    return prctl(NO_NEW_PRIVS) and prctl(SET_SECCOMP, FILTER, program)


def _filter(architecture: int, clone: int, refused: tuple[int, ...]) -> list[tuple]:
    """Steps of (what, steps to skip if so, if not, value)."""
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (IS, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE),
        (LOAD, 0, 0, NUMBER),
        (IS_AT_LEAST, 0, 1, OTHER_NUMBERS),
        (RETURN, 0, 0, REFUSE),
        *(step for call in refused for step in ((IS, 0, 1, call), (RETURN, 0, 0, REFUSE))),
        (IS, 0, 4, clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (AND, 0, 0, NEW_SPACES),
        (IS, 1, 0, 0),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
