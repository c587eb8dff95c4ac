"""The part of a figure that stands still, painted by Agg at twice the screen's resolution."""

from __future__ import annotations

import io
from contextlib import contextmanager

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.spines import Spine
from matplotlib.text import Text
from PIL import Image

SHARPNESS = 2  # picture pixels per screen pixel
WHITE = (1.0, 1.0, 1.0, 1.0)


def paint(figure, moving) -> tuple[bytes, bytes]:
    """Paint what lies behind the moving artists, and what lies before them (empty if nothing does).

    Both are PNG. White paper is left out, so that the picture can lie on a dark page.
    """
    front = _in_front(figure, moving)
    with _sharp_canvas(figure) as canvas, _left_out(figure, front):
        canvas.draw()
        back = _png(canvas)
        if not front:
            return back, b""
        renderer = canvas.get_renderer()
        renderer.clear()
        for artist in front:
            artist.draw(renderer)
        return back, _png(canvas)


def small_png(png: bytes) -> bytes:
    """Fewer colours: a picture for those without the widget, which a notebook keeps forever."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(
            255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        few.save(buffer, "png")
    return buffer.getvalue()


def _in_front(figure, moving) -> list:
    """Still artists that matplotlib paints over the moving ones of their axes, such as a legend."""
    front = []
    for axes in figure.axes:
        children = axes.get_children()
        tops = [artist.get_zorder() for artist in children if artist in moving]
        still = [a for a in children if _can_be_front(a, moving) and not _is_beside(a, axes)]
        front += [artist for artist in still if tops and artist.get_zorder() > max(tops)]
    return sorted(front, key=lambda artist: artist.get_zorder())


def _can_be_front(artist, moving) -> bool:
    return artist.get_visible() and not artist.get_animated() and artist not in moving


def _is_beside(artist, axes) -> bool:
    """Titles and the frame: nothing that is clipped to the axes can lie under them."""
    title = isinstance(artist, Text) and artist not in axes.texts
    return title or isinstance(artist, Spine)


@contextmanager
def _sharp_canvas(figure):
    canvas, dpi = figure.canvas, figure.dpi
    sharp = FigureCanvasAgg(
        figure
    )  # before the change: a canvas takes its figure's dpi for the user's
    figure.dpi = dpi * SHARPNESS
    try:
        yield sharp
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)


@contextmanager
def _left_out(figure, front):
    """Keep what lies in front, and white paper, out of the canvas for a while."""
    papers = [figure.patch, *(axes.patch for axes in figure.axes)]
    white = [p for p in papers if p.get_visible() and tuple(p.get_facecolor()) == WHITE]
    for paper in white:
        paper.set_visible(False)
    for artist in front:
        artist.set_animated(True)
    try:
        yield
    finally:
        for paper in white:
            paper.set_visible(True)
        for artist in front:
            artist.set_animated(False)


def _png(canvas) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).save(buffer, "png", compress_level=6)
    return buffer.getvalue()
