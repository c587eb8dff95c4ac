"""The part of a figure that stands still, painted by Agg at twice the screen's resolution."""

from __future__ import annotations

import io
from contextlib import contextmanager

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.spines import Spine
from PIL import Image

SHARPNESS = 2  # picture pixels per screen pixel


def paint(figure, moving) -> tuple[bytes, bytes]:
    """PNG of what lies behind the moving artists, and of what lies before them (empty if nothing does).

    White paper is left out, so that the picture can lie on a dark page.
    """
    front = _in_front(figure, moving)
    canvas = FigureCanvasAgg(figure)
    with _sharper(figure), _left_out(figure, front):
        canvas.draw()
        back = _png(canvas)
        if not front:
            return back, b""
        renderer = canvas.get_renderer()
        renderer.clear()
        for artist in front:
            artist.draw(renderer)
        return back, _png(canvas)


def _in_front(figure, moving) -> list:
    """Still artists that matplotlib paints over the moving ones of their axes, such as a legend."""
    front = []
    for axes in figure.axes:
        movers = [artist for artist in axes.get_children() if artist in moving]
        top = max((artist.get_zorder() for artist in movers), default=np.inf)
        front += [
            a for a in axes.get_children() if a.get_zorder() > top and _can_be_front(a, moving)
        ]
    return sorted(front, key=lambda artist: artist.get_zorder())


def _can_be_front(artist, moving) -> bool:
    return artist.get_visible() and artist not in moving and not isinstance(artist, Spine)


@contextmanager
def _sharper(figure):
    dpi = figure.dpi
    figure.dpi = dpi * SHARPNESS
    try:
        yield
    finally:
        figure.dpi = dpi


@contextmanager
def _left_out(figure, front):
    """Keep what lies in front, and white paper, out of the canvas for a while."""
    papers = [paper for paper in _papers(figure) if paper.get_visible() and _is_white(paper)]
    for paper in papers:
        paper.set_visible(False)
    for artist in front:
        artist.set_animated(True)
    try:
        yield
    finally:
        for paper in papers:
            paper.set_visible(True)
        for artist in front:
            artist.set_animated(False)


def _papers(figure):
    return [figure.patch, *(axes.patch for axes in figure.axes)]


def _is_white(paper) -> bool:
    return tuple(paper.get_facecolor()) == (1.0, 1.0, 1.0, 1.0)


def _png(canvas) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).save(buffer, "png", compress_level=6)
    return buffer.getvalue()
