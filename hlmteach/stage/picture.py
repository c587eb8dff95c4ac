"""Pictures of pixels: for those without scripts, and of what no path can say, such as an image."""

from __future__ import annotations

import base64
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from .recorder import Item, record

SHARPNESS = 2  # picture pixels per screen pixel


def record_any(artist) -> tuple[Item, ...]:
    """Record an artist; what paints more than paths, markers and text is painted here by Agg."""
    try:
        return record(artist)
    except NotImplementedError:
        return _painted(artist)


def small_png(png: bytes) -> bytes:
    """Fewer colours: a picture for those without the widget, which a notebook keeps forever."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(
            255, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        few.save(buffer, "png")
    return buffer.getvalue()


def moving_webp(pngs: list[bytes], seconds: float) -> bytes:
    """Pictures one after the other, told once in so many seconds; the last one stays."""
    first, *others = (Image.open(io.BytesIO(png)).convert("RGB") for png in pngs)
    buffer = io.BytesIO()
    beat = round(1000 * seconds / len(pngs))
    options = {"duration": beat, "loop": 1, "quality": 55, "method": 4}
    first.save(buffer, "webp", save_all=True, append_images=others, **options)
    return buffer.getvalue()


def _painted(artist) -> tuple[Item, ...]:
    """Paint an artist alone, at twice the screen's resolution; nothing if it cannot be seen."""
    figure = artist.figure.figure
    canvas, dpi = figure.canvas, figure.dpi
    # before the change, for a canvas takes its figure's dpi for the user's
    sharp = FigureCanvasAgg(figure)
    figure.dpi = dpi * SHARPNESS
    try:
        renderer = sharp.get_renderer()
        artist.draw(renderer)
        image = Image.fromarray(np.asarray(renderer.buffer_rgba()))
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)
    box = image.getbbox()
    return (_as_item(image.crop(box), box),) if box else ()


def _as_item(image, box) -> Item:
    buffer = io.BytesIO()
    image.save(buffer, "png")
    size = [side / SHARPNESS for side in image.size]
    png = base64.b64encode(buffer.getvalue()).decode("ascii")
    x, y = (np.array([side / SHARPNESS], "<f4") for side in box[:2])
    return Item({"k": "image", "png": png, "size": size, "clip": None}, x, y)
