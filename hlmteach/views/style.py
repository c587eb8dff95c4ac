"""The house style of every picture: Okabe-Ito colours, and never colour alone."""

from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

DPI = 100
PRESENT = 1.5  # a projector's pictures are this much larger, letters and all

INK = "#1a1a1a"
QUIET = "#767676"
FAINT = "#d9d9d9"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#5c5c5c")
MARKERS = ("o", "s", "^", "D", "v")
GLYPHS = "●■▲◆▼"  # the markers as letters
LINES = ("-", (0, (6, 2)), (0, (2, 1.4)), (0, (7, 2, 1.5, 2)), (0, (1, 1)))

RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.grid": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
}

# Behind words that may come to lie over the data.
PLATE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
STEPS = 60  # of an axis: places that names may have
KEY = {"fontsize": 10, "weight": "bold", "va": "bottom", "zorder": 8}


@dataclass(frozen=True)
class GroupStyle:
    """How group j looks everywhere: three marks, so that no one needs to tell colours apart."""

    color: str
    marker: str
    line: object
    glyph: str


def group_style(j: int) -> GroupStyle:
    """Return group j's colour, marker and line style; 35 groups differ from each other.

    Examples
    --------
    >>> group_style(0)
    GroupStyle(color='#0072b2', marker='o', line='-', glyph='●')
    """
    return GroupStyle(
        color=COLORS[j % len(COLORS)],
        marker=MARKERS[j % len(MARKERS)],
        line=LINES[j % len(LINES)],
        glyph=GLYPHS[j % len(GLYPHS)],
    )


def house_style():
    """Return a context in which matplotlib makes pictures in the house style."""
    return matplotlib.rc_context(RC)


def new_figure(width: float, height: float, present: bool = False) -> Figure:
    """Return an empty figure, inches wide and high; larger throughout for a projector."""
    dpi = DPI * (PRESENT if present else 1)
    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.05)
    return figure


def above(axes, points: float):
    """Return the transform for text so many points above an axes, however large it is."""
    shift = ScaledTranslation(0, points / 72, axes.figure.dpi_scale_trans)
    return axes.transAxes + shift


def write_key(axes, entries, x: float = 0.03) -> list:
    """Write names in their colours, (text, colour) each, below each other in the upper corner."""
    return [
        axes.text(x, 1, text, color=color, transform=above(axes, -14.0 * row), bbox=PLATE, **KEY)
        for row, (text, color) in enumerate(entries, start=1)
    ]


def spread_out(heights, least: float, low: float, high: float) -> np.ndarray:
    """Return heights for names, so far apart that they can be read; their order stays.

    Names that would stand too near to each other stand around the middle of their heights.

    Examples
    --------
    >>> spread_out([0.5, 0.52, 0.99], 0.1, 0.0, 1.0).round(2).tolist()
    [0.46, 0.56, 0.99]
    >>> spread_out([1.0, 1.0], 0.1, 0.0, 1.0).round(2).tolist()
    [0.9, 1.0]
    """
    order = np.argsort(heights, kind="stable")
    gaps = least * np.arange(len(order))
    blocks: list[list[float]] = []  # sum and number of heights that stand together, without gaps
    for height in np.asarray(heights, float)[order] - gaps:
        blocks.append([height, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    placed = np.repeat([total / n for total, n in blocks], [n for _, n in blocks])
    room = max(low, high - gaps[-1]) if len(order) else high
    return (np.clip(placed, low, room) + gaps)[np.argsort(order, kind="stable")]


def in_steps(heights, low: float, high: float) -> np.ndarray:
    """Round heights of names to 60ths of an axis: most stay where they are while a slider moves.

    Examples
    --------
    >>> in_steps([0.5012, 0.5089], 0.0, 1.0).round(3).tolist()
    [0.5, 0.517]
    """
    step = (high - low) / STEPS
    return low + step * np.floor((np.asarray(heights) - low) / step + 0.5)


def spread_in_steps(heights, least: float, low: float, high: float) -> np.ndarray:
    """As `spread_out`, in the steps of `in_steps`, which bring no two nearer than `least`.

    Examples
    --------
    >>> spread_in_steps([0.5, 0.52], 0.055, 0.0, 1.0).round(3).tolist()
    [0.483, 0.55]
    """
    step = (high - low) / STEPS
    whole = step * np.ceil(round(least / step, 6))  # so that rounding moves neighbours alike
    return in_steps(spread_out(heights, whole, low, high), low, high)


def ticked(name: str, size: int | None) -> str:
    r"""Write a group's name and size for below an axis, in short lines that stand side by side.

    Examples
    --------
    >>> ticked("before marriage", 992)
    'before\nmarriage\nn = 992'
    """
    first, _, last = name.rpartition(" ")
    return "\n".join(filter(None, [first, last, size and f"n = {size}"]))


def signed(value: float, digits: int = 3) -> str:
    """Write a number with its sign, by a true minus, so that it does not jump about.

    Examples
    --------
    >>> signed(-0.0855), signed(0.0525, 2)
    ('−0.086', '+0.05')
    """
    text = f"{value:+.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−")
