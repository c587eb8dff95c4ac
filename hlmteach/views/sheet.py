"""A printed page of text: columns of blocks, each a heading with lines of cells."""

from dataclasses import dataclass

import matplotlib
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hlmteach.views.style import COLORS, INK, QUIET

A4_ACROSS = (11.69, 8.27)  # inches
POINTS = 72  # an inch
MARGIN, GAP = 28, 7  # points: round the page, and above a heading
SIZES = {"title": 16, "note": 7.6, "heading": 10, "words": 8.4, "terms": 8.4, "code": 7, "cells": 8}
STEPS = {"title": 22, "heading": 13, "words": 12.4, "terms": 12.4, "code": 10.2, "cells": 11.6}
RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavuserif",
    "pdf.fonttype": 42,  # letters stay letters, to be searched and copied
    "text.color": INK,
}


@dataclass(frozen=True)
class Block:
    """A heading, and lines of cells that begin at `stops`, shares of the column's width.

    `kind` is "words", "terms" (the first cell bold), "code" or "cells" (the first line bold).
    """

    heading: str
    kind: str
    lines: tuple[tuple[str, ...], ...]
    stops: tuple[float, ...]


@dataclass(frozen=True)
class Column:
    """Blocks one below the other, between two shares of the page's width."""

    left: float
    right: float
    blocks: tuple[Block, ...]


class Sheet:
    """A page: its title, a note, and columns.

    Parameters
    ----------
    title, note : str
    columns : sequence of Column
    """

    def __init__(self, title: str, note: str, columns):
        self._width, self._height = (side * POINTS for side in A4_ACROSS)
        self._limits = []  # each text, and how far right it may reach
        with matplotlib.rc_context(RC):
            self.figure = Figure(A4_ACROSS)
            end, y = self._width - MARGIN, self._height - MARGIN - SIZES["title"] / 2
            self._write(MARGIN, y, title, "title", end, weight="bold")
            self._write(MARGIN, y - 14, note, "note", end, color=QUIET)
            for column in columns:
                self._column(column, y - 16)

    def overflows(self) -> list[str]:
        """Return the texts that reach into the next cell, the next column, or off the page."""
        scale = POINTS / self.figure.dpi
        with matplotlib.rc_context(RC):
            boxes = [(text, text.get_window_extent(), limit) for text, limit in self._limits]
        return [
            text.get_text()
            for text, box, limit in boxes
            if box.x1 * scale > limit or box.y0 * scale < MARGIN / 2
        ]

    def _column(self, column: Column, y: float) -> None:
        inner = self._width - 2 * MARGIN
        left, right = (MARGIN + share * inner for share in (column.left, column.right))
        for block in column.blocks:
            y -= GAP + STEPS["heading"]
            self._write(left, y, block.heading, "heading", right, weight="bold", color=COLORS[0])
            y -= 4
            self._rule(left, right, y)
            for number, cells in enumerate(block.lines):
                y -= STEPS[block.kind]
                self._line(block, number, cells, left, right, y)

    def _line(self, block, number, cells, left, right, y) -> None:
        starts = [left + stop * (right - left) for stop in block.stops]
        filled = [(start, text) for start, text in zip(starts, cells, strict=False) if text]
        ends = [start for start, _ in filled[1:]] + [right]
        for (start, text), end in zip(filled, ends, strict=True):
            head = block.kind in ("code", "cells") and number == 0
            first = block.kind == "terms" and start == left
            weight = "bold" if head or first else "normal"
            self._write(start, y, text, block.kind, end, weight=weight)

    def _write(self, x, y, text, kind, end, **looks) -> None:
        family = {"family": "DejaVu Sans Mono"} if kind == "code" else {}
        place = x / self._width, y / self._height
        made = self.figure.text(*place, text, size=SIZES[kind], **family, **looks)
        self._limits.append((made, end))

    def _rule(self, left, right, y) -> None:
        across, up = [left / self._width, right / self._width], [y / self._height] * 2
        self.figure.add_artist(Line2D(across, up, color=COLORS[0], lw=0.7))


def save_sheets(sheets, path, **metadata) -> None:
    """Write pages as one PDF; the same pages give the same bytes."""
    known = {"CreationDate": None, "Producer": None, "Creator": None}
    with (
        matplotlib.rc_context(RC),
        open(path, "wb") as file,
        PdfPages(file, metadata=known | metadata) as pdf,
    ):
        for sheet in sheets:
            pdf.savefig(sheet.figure)
