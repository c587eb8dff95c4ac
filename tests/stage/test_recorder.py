"""What is read from artists: positions by matplotlib's own transforms, and style."""

import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.path import Path
from PIL import Image

from hlmteach.stage.picture import record_any
from hlmteach.stage.recorder import record
from hlmteach.stage.shapes import runs_of, svg_path


@pytest.fixture
def axes():
    axes = Figure(figsize=(6, 4)).subplots()
    axes.set(xlim=(0, 10), ylim=(0, 5))
    return axes


def places(axes, x, y, transform=None):
    points = (transform or axes.transData).transform(np.column_stack([x, y]))
    return points[:, 0], axes.figure.bbox.height - points[:, 1]


def assert_at(item, expected):
    np.testing.assert_allclose(item.x, expected[0], atol=1e-3)
    np.testing.assert_allclose(item.y, expected[1], atol=1e-3)


def test_a_line_with_markers_is_a_path_and_points(axes):
    (line,) = axes.plot([1, 2, 4], [1, 3, 2], "s--", color="#D55E00", linewidth=3, alpha=0.5)
    path, points = record(line)
    assert_at(path, places(axes, [1, 2, 4], [1, 3, 2]))
    assert_at(points, places(axes, [1, 2, 4], [1, 3, 2]))
    assert path.look["stroke"] == ["#d55e0080"]
    assert path.look["w"] == [pytest.approx(3 * 100 / 72, abs=1e-3)]
    dash = [length * 3 * 100 / 72 for length in (3.7, 1.6)]
    assert path.look["dash"][0][1:] == pytest.approx(dash, abs=0.01)
    assert points.look["k"] == "points"
    assert points.look["fill"] == ["#d55e0080"]


def test_a_hatch_is_a_tile_an_inch_wide(axes):
    bar, plain = axes.bar([1, 2], [3, 3], hatch=["//", None], edgecolor="white")
    (item,) = record(bar)
    hatch = item.look["hatch"]
    assert hatch["size"] == axes.figure.dpi
    assert hatch["color"] == "#ffffff"
    assert hatch["d"].count("M") > 3
    assert "hatch" not in record(plain)[0].look


def test_missing_values_and_log_scales(axes):
    axes.set(xscale="log", xlim=(1, 100))
    (line,) = axes.plot([1, 10, np.nan, 100], [1, 2, 3, 4])
    (path,) = record(line)
    assert_at(path, places(axes, [1, 10, np.nan, 100], [1, 2, 3, 4]))
    assert np.isnan(path.x[2])


def test_scatter_keeps_each_points_size_and_colour(axes):
    cloud = axes.scatter(
        [1, 2, 3], [1, 2, 3], s=[25, 100, 400], c=["#ff0000", "#00ff00", "#0000ff"]
    )
    (points,) = record(cloud)
    assert_at(points, places(axes, [1, 2, 3], [1, 2, 3]))
    assert points.look["s"] == [0.25, 0.5, 1.0]
    assert points.look["fill"] == ["#ff0000", "#00ff00", "#0000ff"]


def test_one_style_for_all_points_is_sent_once(axes):
    (points,) = record(axes.scatter(np.arange(300) / 30, np.ones(300), s=9, color="#009E73"))
    assert [points.look[key] for key in ("s", "fill", "w")] == [
        [1],
        ["#009e73"],
        [pytest.approx(1.389)],
    ]
    assert len(points.look["d"]) == 1


def test_bands_segments_and_bars(axes):
    x = np.linspace(0, 10, 20)
    (band,) = record(axes.fill_between(x, x / 4, x / 3, alpha=0.25, color="#56B4E9"))
    assert band.look["fill"] == ["#56b4e940"]
    assert len(band.x) > 40
    (lines,) = record(axes.vlines([1, 2], 0, [3, 4], colors=["#ff0000", "#0000ff"]))
    assert_at(lines, places(axes, [1, 1, 2, 2], [0, 3, 0, 4]))
    assert lines.look["stroke"] == ["#ff0000", "#0000ff"]
    (bar,) = record(axes.bar([5], [2])[0])
    assert_at(bar, places(axes, [4.6, 5.4, 5.4, 4.6, 4.6], [0, 0, 2, 2, 0]))


def test_lines_across_the_axes(axes):
    (upright,) = record(axes.axvline(4))
    assert_at(upright, places(axes, [4, 4], [0, 1], axes.get_xaxis_transform()))
    (level,) = record(axes.axhline(2))
    assert_at(level, places(axes, [0, 1], [2, 2], axes.get_yaxis_transform()))


def test_arrows_have_a_shaft_and_a_head(axes):
    note = axes.annotate("here", (2, 2), (6, 4), arrowprops={"arrowstyle": "-|>"})
    items = record(note)
    assert [item.look["k"] for item in items] == ["path", "path", "text"]
    tip = np.column_stack([items[1].x, items[1].y])
    target = np.column_stack(places(axes, [2], [2]))
    assert np.hypot(*(tip - target).T).min() < 5
    (arrows,) = record(axes.quiver([1, 2], [1, 2], [1, 0], [0, 1]))
    assert len(arrows.x) == 2 * len(arrows.x[: len(arrows.x) // 2])
    assert arrows.look["k"] == "path"


def test_text_is_placed_by_matplotlib_and_measured(axes):
    note = axes.text(0.5, 0.5, "two\nlines", transform=axes.transAxes, ha="right", color="#CC79A7")
    first, second = record(note)
    assert [first.look["s"], second.look["s"]] == ["two", "lines"]
    right = places(axes, [0.5], [0.5], axes.transAxes)[0][0]
    assert first.x[0] + first.look["length"] == pytest.approx(right, abs=1)
    assert second.y[0] > first.y[0]
    assert first.look["fill"] == ["#cc79a7"]


def test_a_font_asked_once_places_text_where_matplotlib_does(axes, monkeypatch):
    look = {"va": "center", "rotation": 30, "fontsize": 13, "weight": "bold", "linespacing": 1.6}
    texts = [axes.text(3, 2, "one\ntwog\nthree", **look), axes.text(5, 2, "gap", va="top")]
    asked = [record(text) for text in texts]
    monkeypatch.delattr("hlmteach.stage.recorder._Recorder._get_font_height_metrics")
    for text, items in zip(texts, asked, strict=True):
        places = [(item.x.tolist(), item.y.tolist()) for item in record(text)]
        assert places == [(item.x.tolist(), item.y.tolist()) for item in items]


def test_mathematics_goes_as_outlines(axes):
    (glyphs,) = record(axes.text(5, 2, r"$\hat\beta_1$"))
    assert glyphs.look["k"] == "points"
    assert glyphs.look["d"][0].startswith("M")


def test_everything_is_clipped_to_its_axes(axes):
    (line,) = axes.plot([0, 100], [0, 100])
    left, bottom, width, height = axes.bbox.bounds
    clip = record(line)[0].look["clip"]
    assert clip == pytest.approx([left, 400 - bottom - height, width, height], abs=0.01)
    line.set_clip_on(False)
    assert record(line)[0].look["clip"] is None


def test_what_cannot_be_seen_is_not_there(axes):
    (line,) = axes.plot([0, 1], [0, 1])
    line.set_visible(False)
    assert record(line) == ()
    line.set_visible(True)
    axes.set_visible(False)
    assert record(line) == ()


def test_an_image_is_more_than_paths_and_is_painted(axes):
    image = axes.imshow([[0, 1], [1, 0]], extent=(2, 4, 1, 2), cmap="gray")
    with pytest.raises(NotImplementedError):
        record(image)
    (item,) = record_any(image)
    corner = np.ravel(places(axes, [2], [2]))
    assert [*item.x, *item.y] == pytest.approx(corner, abs=0.5)  # Agg paints whole pixels
    (x0, y0), (x1, y1) = axes.transData.transform([(2, 1), (4, 2)])
    assert item.look["size"] == pytest.approx([x1 - x0, y1 - y0], abs=1)
    with Image.open(io.BytesIO(base64.b64decode(item.look["png"]))) as painted:
        assert painted.convert("L").getpixel((5, 5)) == 0
    image.set_visible(False)
    assert record_any(image) == ()


def test_a_ticks_marks_and_letters_bear_its_name(axes):
    items = {item.look["key"]: item for item in record(axes.xaxis) if "key" in item.look}
    assert_at(items["4 0"], places(axes, [4], [0]))
    assert items["4 1"].look["s"] == "4"
    axes.set_xlim(2, 12)
    again = {item.look["key"]: item for item in record(axes.xaxis) if "key" in item.look}
    assert_at(again["4 0"], places(axes, [4], [0]))
    assert "0 0" not in again
    axes.set_xlim(-4, 4.5)
    few = {item.look["key"]: item.look.get("s") for item in record(axes.xaxis)[:-1]}
    axes.set_xlim(-0.4, 0.4)
    assert few["-4 1"] == "−4"
    assert "0.2 1" in {item.look.get("key") for item in record(axes.xaxis)}


def test_runs_and_svg_paths():
    assert runs_of(Path([[0, 0], [1, 1], [2, 0]])) == "M1L2"
    box = Path.unit_rectangle()
    assert runs_of(box) == "M1L3Z1"
    assert svg_path(box) == "M0 -0L1 -0L1 -1L0 -1Z"
    curve = Path([[0, 0], [1, 1], [2, 0]], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    assert runs_of(curve) == "M1Q2"
    assert runs_of(Path(np.empty((0, 2)))) == ""
