"""Widgets that compute, draw and speak, of which no picture is read: it takes most of the time."""

from contextlib import contextmanager
from types import MappingProxyType

import pytest

from hlmteach.stage import Stage
from hlmteach.widgets.base import TeachingWidget


class NothingRead:
    """In a stage's `Reader`'s place: a figure that shows nothing."""

    scene = MappingProxyType({})

    def __init__(self, figure, moving):
        pass

    def read(self) -> tuple:
        """No artist."""
        return ()

    def close(self) -> None:
        """There is nothing to let go."""


@contextmanager
def without_pictures():
    """Let widgets made here keep their artists' data and their words, but read and record none."""

    def speak(stage, *, alt=None, status=None):
        stage.alt = stage.alt if alt is None else alt
        stage.status = stage.status if status is None else status

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TeachingWidget, "settle", lambda self: None)
        patch.setattr(TeachingWidget, "_record_later", lambda self: None)
        patch.setattr(Stage, "sync", speak)
        patch.setattr("hlmteach.stage.wire.Reader", NothingRead)
        yield
