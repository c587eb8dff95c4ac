"""Widgets compute, and exercises ask, what they did when they were recorded."""

import math

import pytest

from tests.golden import record

DIGITS = 1e-8  # what other processors and libraries may change lies below
NAMES = record.names()


def differences(was, now, where=()):
    """Yield what differs between two records, each with its place."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in [*was, *(key for key in now if key not in was)]:
            absent = "(nothing)"
            yield from differences(was.get(key, absent), now.get(key, absent), (*where, key))
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple):
        for i in range(max(len(was), len(now))):
            one = was[i] if i < len(was) else "(nothing)"
            other = now[i] if i < len(now) else "(nothing)"
            yield from differences(one, other, (*where, str(i)))
    elif not same(was, now):
        yield f"{' / '.join(where)}:\n  was {was!r}\n  is  {now!r}"


def same(was, now) -> bool:
    if isinstance(was, float | int) and isinstance(now, float | int):
        return math.isclose(was, now, rel_tol=DIGITS, abs_tol=DIGITS)
    return was == now


@pytest.mark.parametrize("name", NAMES)
def test_the_record_holds(name):
    was = record.unpack(record.path(name).read_text(encoding="utf-8"))
    now = record.unpack(record.pack(record.make(name)))
    found = list(differences(was, now))
    more = f"\n... and {len(found) - 30} more" if len(found) > 30 else ""
    assert not found, f"{name} differs:\n" + "\n".join(found[:30]) + more


def test_no_record_is_left_over():
    kept = {f"{file.parent.name}/{file.stem}" for file in record.HERE.glob("*/*.json")}
    assert kept == set(NAMES)
