"""Paths as text: how vertices are joined, and the shapes of markers and mathematics."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D

_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


def runs_of(path) -> str:
    """Say how to join a path's vertices, run by run.

    ``M1L9`` starts at one and draws lines to nine more; Q and C take two and three vertices a
    curve; Z closes, and passes over the one vertex that matplotlib keeps there. A path without
    vertices, such as a contour's level that is nowhere reached, has no runs.
    """
    if path.codes is None:
        return f"M1L{len(path.vertices) - 1}" if len(path.vertices) else ""
    return _runs(path.codes.tobytes())


def joined(paths) -> list[str]:
    """`runs_of` each path; once, where all are joined alike."""
    runs = [runs_of(path) for path in paths]
    return runs[:1] if len(set(runs)) == 1 else runs


@lru_cache(maxsize=256)
def _runs(codes: bytes) -> str:
    kinds = np.frombuffer(codes, Path.code_type)
    letters = ["Z" if code == Path.CLOSEPOLY else _LETTERS.get(code, "M") for code in kinds]
    runs: list[list] = []
    for letter in letters:
        if runs and runs[-1][0] == letter:
            runs[-1][1] += 1
        else:
            runs.append([letter, 1])
    return "".join(f"{letter}{count}" for letter, count in runs)


def svg_path(path) -> str:
    """Write a path in pixels (y upwards) as the text of an SVG path (y downwards)."""
    words = []
    for vertices, code in path.iter_segments(simplify=False, curves=True):
        if code == Path.CLOSEPOLY:
            words.append("Z")
        else:
            numbers = (np.asarray(vertices).reshape(-1, 2) * (1, -1)).ravel()
            words.append(_LETTERS[code] + " ".join(_short(number) for number in numbers))
    return "".join(words)


def known_shape(path) -> str:
    """`svg_path` of a marker, which was most likely written before."""
    codes = None if path.codes is None else path.codes.tobytes()
    return _written_shape(np.asarray(path.vertices, float).tobytes(), codes)


@lru_cache(maxsize=256)
def _written_shape(vertices: bytes, codes: bytes | None) -> str:
    kinds = None if codes is None else np.frombuffer(codes, Path.code_type)
    return svg_path(Path(np.frombuffer(vertices).reshape(-1, 2), kinds))


def _short(number) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def sizes_and_shape(path, all_transforms, master_transform):
    """One shape, and by how much each of its copies is scaled."""
    if not len(all_transforms):
        return [1], known_shape(master_transform.transform_path(path))
    scales = np.sqrt(np.abs(np.linalg.det(np.asarray(all_transforms)[:, :2, :2])))
    largest = scales.max() or 1.0
    unit = (Affine2D().scale(largest) + master_transform).transform_path(path)
    return [round(float(scale / largest), 4) for scale in scales], known_shape(unit)


@lru_cache(maxsize=512)
def glyphs(text, prop, size, angle) -> str:
    """Write mathematics, which no browser lays out, as the text of an SVG path."""
    vertices, codes = TextToPath().get_text_path(prop, text, ismath=True)
    turn = Affine2D().scale(size / TextToPath.FONT_SCALE).rotate_deg(angle)
    return svg_path(turn.transform_path(Path(vertices, codes)))
