"""What matplotlib would paint for one artist, as arrays in pixels and plain styles.

An artist draws itself on any renderer; this one keeps what it is asked to paint. So every artist
made of paths, markers and text can move, and the browser needs no scales and no transforms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_hex
from matplotlib.font_manager import findfont, get_font
from matplotlib.transforms import Affine2D

from .shapes import glyphs, joined, known_shape, runs_of, sizes_and_shape, svg_path

POINTS_PER_INCH = 72.0
TICKS = ("xtick", "ytick")  # what matplotlib calls the groups of what a tick paints
HEIGHTS = {  # the tables of a font that say how high its lines are, the first that is there
    "OS/2": ("sTypoAscender", "sTypoDescender", "sTypoLineGap"),
    "hhea": ("ascent", "descent", "lineGap"),
}
FINE = 2  # of letters: pixels that they are fitted to, by each of the figure's own
FAR_AWAY = 1e6  # pixels; keeps float32 exact enough and the browser's path reader calm


@dataclass(frozen=True, eq=False)
class Item:
    """One thing painted: vertices in pixels from the figure's top left, and how they look."""

    look: dict
    x: np.ndarray  # (n,) float32
    y: np.ndarray  # (n,) float32


def record(artist) -> tuple[Item, ...]:
    """Return the items `artist` would paint now; none when it is invisible or empty.

    Raises
    ------
    NotImplementedError
        If the artist paints something that is not a path, a marker or text, such as an image.
    """
    recorder = recorder_of(artist.figure.figure)  # a figure's own figure is the root
    if artist.axes is not None and not artist.axes.get_visible():
        return ()
    artist.draw(recorder)
    return tuple(recorder.items)


class _Recorder(RendererBase):
    """A renderer that keeps items instead of painting them."""

    def begin(self, figure):
        """Take the figure's present size, and keep nothing yet."""
        self.dpi = figure.dpi
        self.width, self.height = figure.bbox.width, figure.bbox.height
        self.items: list[Item] = []

    def open_group(self, s, gid=None):
        if s in TICKS:
            self._tick_begins = len(self.items)

    def close_group(self, s):
        """Give a tick's marks and letters its name: where limits change, it is the same tick."""
        if s in TICKS:
            parts = self.items[self._tick_begins :]
            looks = [item.look for item in parts]
            names = [look.get("says", look.get("s")) for look in looks if "length" in look]
            for place, look in enumerate(looks):
                look.update({"key": f"{_plain(names[0])} {place}"} if names else {})

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return points * self.dpi / POINTS_PER_INCH

    def flipy(self):
        return False

    def get_text_width_height_descent(self, s, prop, ismath):
        return _measured(s, prop.copy(), ismath, self.dpi)

    def _get_font_height_metrics(self, prop):
        """What matplotlib 3.11 else reads from the font's file for each text, each time."""
        return _heights(prop.copy(), self.dpi)

    def draw_path(self, gc, path, transform, rgbFace=None):  # noqa: N803 (matplotlib's name)
        pen = self._pen(gc) | {"k": "path", "d": [runs_of(path)], "fill": [_face(gc, rgbFace)]}
        self._add(pen, transform.transform(path.vertices))

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):  # noqa: N803 (matplotlib's name)
        pen = self._pen(gc) | {"fill": [_face(gc, rgbFace)]}
        places, shape = trans.transform(path.vertices), marker_trans.transform_path(marker_path)
        if len(places) == 1 and not places.any():  # a collection of one path, such as a band
            self._add(pen | {"k": "path", "d": [runs_of(shape)]}, shape.vertices)
        else:
            self._add(pen | {"k": "points", "d": [known_shape(shape)], "s": [1]}, places)

    def draw_path_collection(
        self, gc, master_transform, paths, all_transforms, offsets, offset_trans, facecolors,
        edgecolors, linewidths, linestyles, antialiaseds, urls, offset_position, **_hatch,
    ):  # fmt: skip
        if not len(paths) or not len(offsets):
            return
        pen = self._collection_pen(gc, facecolors, edgecolors, linewidths, linestyles)
        places = offset_trans.transform(np.asarray(offsets, float))
        if len(paths) == 1 and (len(places) > 1 or places.any()):
            size, shape = sizes_and_shape(paths[0], all_transforms, master_transform)
            self._add(pen | {"k": "points", "d": [shape], "s": _fold(size)}, places)
        else:
            self._add_parts(pen, master_transform, paths, all_transforms, places)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:
            self._add_glyphs(gc, x, y, s, prop, angle)
            return
        look = {
            "k": "text",
            "s": s,
            "family": list(prop.get_family()),
            "weight": str(prop.get_weight()),
            "style": prop.get_style(),
        }
        self._add(look | self._lettering(gc, s, prop, angle, False), [(x, y)])

    def _lettering(self, gc, s, prop, angle, ismath) -> dict:
        """How large and how long letters are, which way they run and in what colour."""
        length, _, _ = self.get_text_width_height_descent(s, prop, ismath)
        return {
            "size": round(float(self.points_to_pixels(prop.get_size_in_points())), 2),
            "angle": round(float(angle), 2),
            "length": round(float(length), 2),
            "fill": [_hex(gc.get_rgb(), gc.get_alpha())],
            "clip": self._clip(gc),
        }

    def _add_glyphs(self, gc, x, y, s, prop, angle):
        """Mathematics goes as outlines: a browser has no mathtext."""
        shape = glyphs(s, prop, self.points_to_pixels(prop.get_size_in_points()), angle)
        look = {"k": "points", "d": [shape], "s": [1], "stroke": [None], "w": [0], "dash": [None]}
        self._add(look | {"says": s} | self._lettering(gc, s, prop, angle, True), [(x, y)])

    def _add_parts(self, pen, master_transform, paths, all_transforms, places):
        """Send every vertex of paths that differ, so that every vertex can move."""
        count = max(len(paths), len(places))
        parts = [paths[i % len(paths)] for i in range(count)]
        corners = [part.vertices for part in parts]
        if len(all_transforms):
            steps = [Affine2D(step) for step in all_transforms]
            corners = [steps[i % len(steps)].transform(part) for i, part in enumerate(corners)]
        shifts = places[np.arange(count) % len(places)]
        shifts = np.repeat(shifts, [len(part) for part in corners], axis=0)
        look = pen | {"k": "path", "d": joined(parts)}
        self._add(look, master_transform.transform(np.concatenate(corners)) + shifts)

    def _add(self, look, vertices):
        self.items.append(item_at(look, vertices, self.height))

    def _pen(self, gc):
        """Stroke and clip of a graphics context, in the browser's words."""
        width = self.points_to_pixels(gc.get_linewidth())
        return {
            "stroke": [_hex(gc.get_rgb(), None) if width else None],
            "w": [round(float(width), 3)],
            "dash": [self._dash(gc.get_dashes())],
            "cap": {"projecting": "square"}.get(gc.get_capstyle(), gc.get_capstyle()),
            "join": gc.get_joinstyle(),
            "clip": self._clip(gc),
            **self._hatch(gc),
        }

    def _hatch(self, gc) -> dict:
        """One tile of a hatch, an inch wide as Agg's is, in the figure's own pixels."""
        if gc.get_hatch() is None:
            return {}
        flip = Affine2D().scale(1, -1).translate(0, 1).scale(self.dpi).scale(1, -1)
        return {
            "hatch": {
                "d": svg_path(flip.transform_path(gc.get_hatch_path())),
                "size": float(self.dpi),
                "color": _hex(gc.get_hatch_color(), gc.get_alpha()),
                "w": round(float(self.points_to_pixels(gc.get_hatch_linewidth())), 3),
            }
        }

    def _collection_pen(self, gc, facecolors, edgecolors, linewidths, linestyles):
        """Stroke, fill and clip of a collection: each a list, repeated over its members."""
        widths = [round(float(self.points_to_pixels(width)), 3) for width in linewidths]
        return self._pen(gc) | {
            "fill": _fold(_hexes(facecolors)),
            "stroke": _fold(_hexes(edgecolors) if any(widths) else []),
            "w": _fold(widths),
            "dash": _fold([self._dash(style) for style in linestyles]),
        }

    def _dash(self, style):
        offset, lengths = style
        if lengths is None:
            return None
        scaled = [round(float(self.points_to_pixels(length)), 2) for length in lengths]
        return [round(float(self.points_to_pixels(offset)), 2), *scaled]

    def _clip(self, gc):
        return clip_of(gc.get_clip_rectangle(), self.height)


def item_at(look, vertices, height) -> Item:
    """Put a look where `vertices` (n, 2) are, in pixels from the bottom left of a figure."""
    corners = np.asarray(np.ma.filled(vertices, np.nan), float).reshape(-1, 2)
    corners = np.where(np.isfinite(corners), corners.clip(-FAR_AWAY, FAR_AWAY), np.nan)
    x, y = corners[:, 0], height - corners[:, 1]
    return Item(look, x.astype("<f4"), y.astype("<f4"))


def clip_of(box, height) -> list[float] | None:
    """Write a box as left, top, width and height, in pixels from the top left of a figure."""
    if box is None:
        return None
    x, y, wide, high = box.bounds
    return [round(float(v), 2) for v in (x, height - y - high, wide, high)]


def _plain(words: str) -> str:
    """A tick's number, however many places it is written with; else its words."""
    try:
        return f"{float(words.replace('−', '-')):g}"
    except ValueError:
        return words


_recorders: WeakKeyDictionary = WeakKeyDictionary()


def recorder_of(figure) -> RendererBase:
    """One recorder per figure: matplotlib remembers by renderer how it laid text out."""
    recorder = _recorders.setdefault(figure, _Recorder())
    recorder.begin(figure)
    return recorder


def _fold(values):
    """Shorten a list that only repeats its first value to that one."""
    if not values:
        return [None]
    return values[:1] if all(value == values[0] for value in values) else values


def _face(gc, rgb):
    if rgb is None:
        return None
    opacity = gc.get_alpha() if gc.get_forced_alpha() or len(rgb) == 3 else None
    return _hex(rgb, opacity)


def _hexes(colors):
    """Write colours as text; what was asked for before is kept."""
    rows = np.ascontiguousarray(colors, float)
    return list(_known_hexes(rows.tobytes(), rows.shape))


@lru_cache(maxsize=256)
def _known_hexes(rows: bytes, shape):
    return tuple(_hex(color, None) for color in np.frombuffer(rows).reshape(shape))


def _hex(color, opacity):
    """``#rrggbbaa``, or None when it cannot be seen."""
    if color is None or len(color) == 0:
        return None
    red, green, blue, own = (*color, 1.0) if len(color) == 3 else color
    text = to_hex((red, green, blue, own if opacity is None else opacity), keep_alpha=True)
    return None if text.endswith("00") else text.removesuffix("ff")


@lru_cache(maxsize=512)
def _measured(text, prop, ismath, dpi) -> tuple:
    """Measure text as Agg does where it is sharp: to fit few pixels it makes letters wider."""
    sides = _ruler(FINE * dpi).get_text_width_height_descent(text, prop, ismath)
    return tuple(side / FINE for side in sides)


@lru_cache(maxsize=512)
def _heights(prop, dpi) -> tuple:
    """Ascent, descent and gap of a font's lines, as matplotlib takes them: none without a table."""
    font = get_font(findfont(prop))
    for table, names in HEIGHTS.items():
        if numbers := font.get_sfnt_table(table):
            scale = prop.get_size_in_points() * dpi / POINTS_PER_INCH
            scale /= font.get_sfnt_table("head")["unitsPerEm"]
            ascent, descent, gap = (scale * numbers[name] for name in names)
            return ascent, -descent, gap
    return None, None, None


@lru_cache(maxsize=8)
def _ruler(dpi) -> RendererAgg:
    return RendererAgg(1, 1, dpi)
