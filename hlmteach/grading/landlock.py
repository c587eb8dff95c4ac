"""Landlock: a Linux process gives up, for itself and its children, what lies outside.

Files from Linux 5.13 on, TCP from 6.7, signals to others from 6.12. Needs no privilege; see the
kernel's userspace-api/landlock.rst.
"""

import contextlib
import ctypes
import os
import struct
import sys

from hlmteach.grading.linux import NO_NEW_PRIVS, libc, prctl

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}  # later ones add devices
BIND_AND_CONNECT_TCP, TCP_SINCE = 3, 4
ABSTRACT_SOCKETS, SIGNALS, SCOPES_SINCE = 1, 2, 6
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14)


def version() -> int:
    """The version of Landlock here; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION))


def confine(readable, writable) -> bool:
    """Allow this process to read below some paths and to write below others; nothing else.

    Nor any TCP, nor a signal to a process that is not as confined, where the system knows how.

    Returns
    -------
    bool
        Whether it could be done. It cannot be undone.
    """
    here = version()
    if not here:
        return False
    rights = RIGHTS_OF_VERSION[min(here, 3)]
    tcp = BIND_AND_CONNECT_TCP if here >= TCP_SINCE else 0
    scopes = ABSTRACT_SOCKETS | SIGNALS if here >= SCOPES_SINCE else 0
    ruleset = _ruleset(rights, tcp, scopes)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path, EXECUTE | READ_FILE | READ_DIR)
    for path in writable:
        _allow(ruleset, path, rights)
    return _obey(ruleset)


def confine_signals() -> bool:
    """Allow this process to send signals to none but itself and its children."""
    return version() >= SCOPES_SINCE and _obey(_ruleset(0, 0, SIGNALS))


def _ruleset(*handled: int) -> int:
    """What to handle of files, of TCP and of scopes; older systems know the first ones alone."""
    while handled and not handled[-1]:
        handled = handled[:-1]
    attributes = struct.pack(f"{len(handled)}Q", *handled)
    return libc().syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)


def _obey(ruleset: int) -> bool:
    prctl(NO_NEW_PRIVS)
    done = libc().syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _allow(ruleset: int, path, rights: int) -> None:
    """Add a rule for a path; one that does not exist needs none."""
    with contextlib.suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            rights &= OF_A_FILE
        rule = struct.pack("=QI", rights, opened)  # packed: no padding behind the descriptor
        libc().syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        os.close(opened)
