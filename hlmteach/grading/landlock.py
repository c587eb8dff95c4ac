"""Landlock: a Linux process gives up, for itself and its children, the right to touch other files.

Needs no privilege (Linux 5.13). See the kernel's userspace-api/landlock.rst.
"""

import contextlib
import ctypes
import os
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH, NO_NEW_PRIVS = 1, 1, 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}  # later ones add devices
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14)


def version() -> int:
    """The version of Landlock here; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION))


def confine(readable, writable) -> bool:
    """Allow this process to read below some paths and to write below others; nothing else.

    Returns
    -------
    bool
        Whether it could be done. It cannot be undone.
    """
    here = version()
    if not here:
        return False
    rights = RIGHTS_OF_VERSION[min(here, 3)]
    libc = _libc()
    attributes = struct.pack("Q", rights)
    ruleset = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(libc, ruleset, path, EXECUTE | READ_FILE | READ_DIR)
    for path in writable:
        _allow(libc, ruleset, path, rights)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    done = libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _allow(libc, ruleset: int, path, rights: int) -> None:
    """Add a rule for a path; one that does not exist needs none."""
    with contextlib.suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            rights &= OF_A_FILE
        rule = struct.pack("=QI", rights, opened)  # packed: no padding behind the descriptor
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        os.close(opened)


def _libc():
    return ctypes.CDLL(None, use_errno=True)
