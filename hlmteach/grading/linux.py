"""What several modules ask of Linux's C library: its calls, and the numbers of its headers."""

import ctypes
import functools

# of prctl(2)
DIE_WITH_PARENT, SET_DUMPABLE, SET_SECCOMP, DROP_FROM_BOUNDING_SET = 1, 4, 22, 24
SET_CHILD_SUBREAPER, NO_NEW_PRIVS, AMBIENT, CLEAR_ALL_AMBIENT = 36, 38, 47, 4
# of mount(2); private with all below
NO_SETUID, NO_DEVICES, NO_PROGRAMS, PRIVATE = 2, 4, 8, 0x4000 | 0x40000


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library; ctypes.get_errno() says why a call of it failed."""
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value=1, more=0) -> bool:
    """Change this process by prctl(2); whether it could be."""
    return libc().prctl(option, value, more, 0, 0) == 0


def mount(kind: str, place: str, flags: int, options: str = "") -> bool:
    """Mount a file system of a kind over a place; whether it could be."""
    words = (kind.encode(), place.encode(), kind.encode())
    return libc().mount(*words, flags, options.encode() or None) == 0
