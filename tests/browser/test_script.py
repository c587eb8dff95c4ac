"""The stage's script, function by function, in the browser that runs it."""

import json
import math
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrow, Wedge
from matplotlib.path import Path

from hlmteach.stage import Stage
from hlmteach.stage.export import SCRIPT
from hlmteach.stage.patches import NOTHING, Pool, patch
from hlmteach.stage.recorder import Item
from hlmteach.stage.shapes import runs_of, svg_path

pytestmark = pytest.mark.browser

NAMES = [
    *("patched", "decoded", "encode", "filmStates", "Way", "EASES", "pinned", "partPaths"),
    *(
        "rgba",
        "css",
        "isDark",
        "Film",
        "Table",
        "Player",
        "PlainModel",
        "fromBase64",
        "render",
        "keepKeys",
    ),
]
LOOK = {"k": "path", "d": ["M1L1"], "fill": [None], "stroke": ["#000000"], "w": [1], "dash": [None]}


@pytest.fixture
def script(page):
    """`script(code, argument)`: run a function's body on a page that knows the script's names."""
    page.set_content("<!doctype html><html lang=en><title>t</title><body></body></html>")
    page.add_script_tag(
        content=f"{SCRIPT}\nObject.assign(window, {{{', '.join(NAMES)}}});", type="module"
    )
    page.wait_for_function("() => window.PlainModel")

    def run(code, argument=None):
        return page.evaluate(f"(given) => {{ {TO_PLAIN} {code} }}", argument)

    run.page = page
    return run


# NaN does not come through as JSON does not know it, nor do typed arrays.
TO_PLAIN = """
const plain = (array) => [...array].map((v) => (v === v ? v : null));
const item = (x, y, look = {}) => ({ look, x: Float32Array.from(x), y: Float32Array.from(y) });
const itemTold = ({ look, x, y }) => [look, plain(x), plain(y)];
const told = (state) => state.map((items) => items.map(itemTold));
const view = (bytes) => new DataView(Uint8Array.from(bytes).buffer);
"""


# ---------------------------------------------------------------- states


def as_told(state):
    """A state as `told` writes it."""

    def column(values):
        return [None if math.isnan(v) else v for v in values.tolist()]

    return [[[item.look, column(item.x), column(item.y)] for item in items] for items in state]


def random_state(rng, before):
    """Items come and go, move, or change their look; some coordinates are missing."""

    def coordinates(count):
        values = rng.uniform(0, 600, count).astype("<f4")
        values[rng.random(count) < 0.1] = np.nan
        return values

    def one(old):
        count = int(rng.integers(0, 6))
        if old is None or rng.random() < 0.2:
            look = LOOK | {"w": [int(rng.integers(1, 4))]}
            return Item(look, coordinates(count), coordinates(count))
        x = old.x if rng.random() < 0.5 else coordinates(len(old.x))
        return Item(old.look, x, coordinates(len(x)))

    def items(old):
        if old and rng.random() < 0.4:
            return old
        few = int(rng.integers(0, 4))
        return tuple(one(old[k] if k < len(old) else None) for k in range(few))

    return tuple(items(before[mark] if before else ()) for mark in range(4))


def test_the_browser_gets_every_state_that_python_had(script):
    rng = np.random.default_rng(9)
    states, messages = [], []
    for _ in range(40):
        pool, before = Pool(), states[-1] if states else NOTHING
        states.append(random_state(rng, before))
        change = patch(before, states[-1], pool)
        messages.append({"patch": change, "looks": pool.looks, "values": list(pool.values())})
    seen = script(
        """
        let state = [[], [], [], []];
        return given.map(({ patch, looks, values }) => {
            state = patched(state, patch, looks, new Float32Array(view(values).buffer));
            return told(state);
        });
        """,
        messages,
    )
    assert seen == [as_told(state) for state in states]


def test_a_film_is_unpacked_as_it_was_packed(script):
    rng = np.random.default_rng(3)
    states, pool, steps = [NOTHING], Pool(), []
    for _ in range(6):
        states.append(random_state(rng, states[-1]))
        steps.append(patch(states[-2], states[-1], pool))
    film = {"steps": steps, "looks": pool.looks, "values": list(pool.values())}
    seen = script(
        """
        const states = filmStates({ ...given, values: view(given.values) });
        return states.map((state) => told([0, 1, 2, 3].map((mark) => state[mark] || [])));
        """,
        film,
    )
    assert seen == [as_told(state) for state in states[1:]]


def test_a_patch_leaves_the_state_before_and_what_did_not_change(script):
    assert script(
        """
        const before = [[item([1, 2], [3, 4])], [item([5], [6])]];
        const patch = { n: [], set: [[1, 0, null, null, [0, 1]]] };
        const after = patched(before, patch, [], Float32Array.of(9));
        const same = [after[0] === before[0], after[1][0].x === before[1][0].x];
        return [told(before), told(after), ...same];
        """
    ) == [
        [[[{}, [1, 2], [3, 4]]], [[{}, [5], [6]]]],
        [[[{}, [1, 2], [3, 4]]], [[{}, [5], [9]]]],
        True,
        True,
    ]


def test_a_scene_keeps_what_is_encoded_into_it(script):
    before, after, version = script(
        """
        const first = item([1, NaN], [3, 4], { k: "path" });
        const state = [[first, item([], [])], [], [item([7], [8], { k: "text" })]];
        const scene = { version: 3, marks: [{}, {}, {}] };
        encode(state, scene);
        return [told(state), told(decoded(scene)), scene.version];
        """
    )
    assert after == before
    assert before[0][0] == [{"k": "path"}, [1, None], [3, 4]]
    assert version == 3


# ---------------------------------------------------------------- tweens

WAY = """
const pen = { k: "path", d: ["M1L1"], fill: [null], stroke: [[0, 0, 0, 1]], w: [1] };
const way = (from, to) => new Way(from, to);
"""


def test_an_item_goes_straight_from_here_to_there(script):
    quarter, end, still = script(
        f"""{WAY}
        const to = item([10, 20], [4, 4], pen), one = way(item([0, 0], [0, 8], pen), to);
        const {{ x, y }} = one.at(0.25);
        return [[plain(x), plain(y)], one.at(1) === to, one.still];
        """
    )
    assert quarter == [[2.5, 5], [1, 7]]
    assert end is True
    assert still is False


def test_a_point_from_nowhere_is_there_at_once(script):
    x = script(
        f"""{WAY}
        const from = item([NaN, 0, 0], [0, 0, 0], pen), to = item([5, NaN, 2], [0, 0, 0], pen);
        return plain(way(from, to).at(0.5).x);
        """
    )
    assert x == [5, None, 1]


def test_colours_and_widths_go_too_and_ink_fades_in(script):
    look = script(
        f"""{WAY}
        const before = {{ ...pen, stroke: [null], w: [1], fill: [[0, 0, 0, 1]] }};
        const after = {{ ...pen, stroke: [[200, 100, 0, 1]], w: [3], fill: [[100, 50, 0, 0.5]] }};
        return way(item([0], [0], before), item([0], [0], after)).at(0.5).look;
        """
    )
    assert look["stroke"] == [[200, 100, 0, 0.5]]
    assert look["fill"] == [[50, 25, 0, 0.75]]
    assert look["w"] == [2]


@pytest.mark.parametrize(
    "other",
    ["item([1], [1], pen)", "item([1, 1], [1, 1], { ...pen, d: ['M2'] })", "null",
     "item([1, 1], [1, 1], { ...pen, k: 'points' })"],
)  # fmt: skip
def test_what_is_built_otherwise_jumps_and_is_painted_whole(script, other):
    assert script(
        f"""{WAY} const to = item([9, 9], [9, 9], pen), one = way({other}, to);
        return one.at(0.1) === to && one.restyle;"""
    )


def test_an_item_that_stays_is_not_painted_again(script):
    stays, other_look = script(
        f"""{WAY}
        const from = item([1, NaN], [2, 3], pen), same = item([1, NaN], [2, 3], pen);
        return [way(from, same).still, way(from, item([1, NaN], [2, 3], {{ ...pen }})).still];
        """
    )
    assert stays is True
    assert other_look is False


def test_every_ease_starts_at_0_and_ends_at_1(script):
    for ease in script(
        "return Object.values(EASES).map((e) => Array.from({ length: 101 }, (_, i) => e(i / 100)));"
    ):
        assert ease[0] == 0
        assert ease[-1] == pytest.approx(1)
        assert (np.diff(ease) >= 0).all()


def test_a_hand_holds_one_point_and_leaves_the_item_alone(script):
    held, before, beyond = script(
        f"""{WAY}
        const one = item([1, 2], [3, 4], pen), held = pinned(one, {{ index: 1, x: 8, y: 9 }});
        return [[plain(held.x), plain(held.y)], plain(one.x), pinned(one, {{ index: 2 }}) === one];
        """
    )
    assert held == [[1, 8], [3, 9]]
    assert before == [1, 2]
    assert beyond is True


# ---------------------------------------------------------------- paths


def svg_of(script, runs, x, y):
    """The text of each part of an item, as the browser writes it."""
    places = {"runs": runs, "x": list(x), "y": list(y)}
    return script("return partPaths({ look: { d: given.runs }, ...given });", places)


def steps_of(text):
    """A path's letters with their numbers."""
    return [
        (letter, [float(number) for number in re.findall(r"-?[\d.]+", numbers)])
        for letter, numbers in re.findall(r"([A-Z])([^A-Z]*)", text)
    ]


SHAPES = {
    "line": Path([[0, 0], [1, 2], [3, 1]]),
    "box": Path.unit_rectangle(),
    "circle": Path.unit_circle(),
    "wedge": Wedge((3, 2), 2, 10, 100).get_path(),
    "arrow": FancyArrow(0, 0, 3, 1).get_path(),
    "two boxes": Path.make_compound_path(Path.unit_rectangle(), Path([[3, 3], [4, 5]])),
    "parabola": Path([[0, 0], [1, 1], [2, 0]], [Path.MOVETO, Path.CURVE3, Path.CURVE3]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_path_is_written_as_python_writes_it(script, name):
    path = SHAPES[name]
    path = Path(path.vertices * 20, path.codes)
    (text,) = svg_of(script, [runs_of(path)], path.vertices[:, 0], -path.vertices[:, 1])
    ours, theirs = steps_of(text), steps_of(svg_path(path))
    assert [letter for letter, _ in ours] == [letter for letter, _ in theirs]
    for (_, mine), (_, other) in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, abs=0.011)


def test_a_missing_point_leaves_a_gap(script):
    (text,) = svg_of(script, ["M1L5"], [0, 1, math.nan, 3, 4, 5], [0, 1, 2, 3, math.nan, 5])
    assert steps_of(text) == [("M", [0, 0]), ("L", [1, 1]), ("M", [3, 3]), ("M", [5, 5])]
    (closed,) = svg_of(script, ["M1L2Z1"], [0, 1, math.nan, 0], [0, 1, 2, 0])
    assert "Z" not in closed


def test_parts_share_a_recipe_or_have_their_own(script):
    corners = range(6)
    assert len(svg_of(script, ["M1L1"], corners, corners)) == 3
    texts = svg_of(script, ["M1L1", "M1L3"], corners, corners)
    assert [[letter for letter, _ in steps_of(text)] for text in texts] == [
        ["M", "L"],
        ["M", "L", "L", "L"],
    ]
    assert svg_of(script, [""], corners, corners) == []  # and it ends


# ---------------------------------------------------------------- reels

REEL = """
const shown = [];
const change = (y) => ({ n: [], set: [[1, 0, null, null, [y, 1]]] });
const film = {
    movers: [1], looks: [{ k: "path" }], captions: ["low", "middle", "high"],
    seconds: 0.8, hold: 0.1,
    steps: [{ n: [[0, 0], [1, 1]], set: [[1, 0, 0, [0, 1], [0, 1]]] }, change(1), change(2)],
    values: new DataView(Float32Array.of(0, 50, 100).buffer),
};
const model = new PlainModel({
    _film: film, _table: film, frame: 0, index: 0, speed: 1, playing: false, _source: "scene",
});
const live = [[item([7], [7])], [item([8], [8])]];
const root = document.createElement("div");
const scene = { model, live, root, showing: "scene", show: (...all) => shown.push(all) };
"""


def test_a_reel_lies_over_the_scene_and_a_slider_goes_to_its_states(script):
    first, last, shown, words = script(
        f"""{REEL}
        const reel = new Table(scene);
        reel.load();
        const first = told(reel.state());
        model.on("change:index", () => reel.onPlace());
        reel.range.value = 2;
        reel.range.dispatchEvent(new Event("input"));
        return [first, told(reel.state()), shown, [
            reel.caption.textContent, reel.count.textContent,
            reel.range.getAttribute("aria-valuetext"), model.get("_source"), reel.range.max,
        ]];
        """
    )
    assert first == [[[{}, [7], [7]]], [[{"k": "path"}, [0], [0]]]]
    assert last == [[[{}, [7], [7]]], [[{"k": "path"}, [0], [100]]]]
    assert shown == [["table", 0.15, "out"]]
    assert words == ["high", "3 / 3", "3 of 3: high", "table", "2"]


def test_a_place_beyond_the_reel_is_its_end(script):
    assert script(
        f"""{REEL}
        const reel = new Film(scene);
        reel.load();
        model.set("frame", 99);
        const beyond = reel.place;
        reel.jump(-5);
        return [beyond, model.get("frame"), model.get("_source")];
        """
    ) == [2, 0, "film"]


def test_an_empty_reel_is_hidden(script):
    assert script(
        f"""{REEL}
        model.set("_film", null);
        const reel = new Film(scene);
        reel.load();
        reel.onPlace();
        return [reel.bar.hidden, reel.caption.hidden, shown.length];
        """
    ) == [True, True, 0]


def test_a_film_takes_its_time_while_it_plays(script):
    assert script(
        f"""{REEL}
        const reel = new Film(scene), paces = [];
        reel.load();
        model.set("frame", 2);
        paces.push(reel.pace());
        model.set("playing", true);
        paces.push(reel.pace());
        model.set("speed", 2);
        paces.push(reel.pace());
        model.set("frame", 0);
        paces.push(reel.pace());
        return paces;
        """
    ) == [[0.15, "out"], [0.8, "inOut"], [0.4, "inOut"], [0, "inOut"]]


def test_a_story_says_when_it_tells_of_another_state(script):
    assert script(
        f"""{REEL}
        film.rest = 2;
        model.values.frame = 1;
        const reel = new Film(scene), said = [];
        const look = () => {{
            reel.refresh();
            said.push([reel.caption.textContent, root.classList.contains("stage-telling")]);
        }};
        reel.load();
        said.push(model.get("frame"));
        look();
        reel.outdated = true;
        look();
        scene.showing = "table";
        look();
        scene.showing = "film";
        look();
        model.set("frame", 2);
        look();
        return said;
        """
    ) == [
        0,
        ["▶ tells how this picture comes about.", False],
        ["This story tells of the setting before. A new one is coming.", False],
        ["This story tells of the first setting.", False],
        ["low", True],
        ["high", False],
    ]


PLAY = f"""{REEL}
window.model = model;
window.log = [];
const began = performance.now();
const now = () => Math.round(performance.now() - began);
const note = () => window.log.push([now(), model.get("frame"), model.get("playing")]);
model.on("change:frame", note);
model.on("change:playing", note);
window.player = new Player(model);
"""
# what happens to timers when something else keeps the page busy
BUSY = "const real = performance.now.bind(performance); performance.now = () => real() + 300;"


@pytest.fixture
def playing(script):
    """Play the film of `REEL` on a clock of ours: what was seen, as (ms, frame, playing)."""
    script.page.clock.install()
    script.page.clock.pause_at(script.page.evaluate("Date.now() + 1000"))

    def play(code, milliseconds):
        script(PLAY + code)
        script.page.clock.run_for(milliseconds)
        return [tuple(one) for one in script.page.evaluate("window.log")]

    return play


def test_the_player_keeps_time_and_stops_at_the_end(playing):
    assert playing('model.set("playing", true);', 3000) == [
        (0, 0, True),
        (0, 1, True),
        (900, 2, True),
        (1800, 2, False),
    ]


def test_a_story_that_waits_shows_its_beginning_first(playing):
    assert playing('film.rest = 2; model.set("playing", true);', 3000) == [
        (0, 0, True),
        (900, 1, True),
        (1800, 2, True),
        (2700, 2, False),
    ]


def test_twice_the_speed_takes_half_the_time(playing):
    assert playing('model.set("speed", 2); model.set("playing", true);', 3000) == [
        (0, 0, True),
        (0, 1, True),
        (450, 2, True),
        (900, 2, False),
    ]


def test_at_the_end_it_plays_from_the_start(playing):
    seen = playing('model.values.frame = 2; model.set("playing", true);', 3000)
    assert [frame for _, frame, _ in seen] == [2, 0, 1, 2, 2]
    assert seen[-1][2] is False


def test_a_page_that_slept_a_little_still_ends_on_the_last_frame(playing):
    seen = playing('film.seconds = 0.01; film.hold = 0; model.set("playing", true);' + BUSY, 1000)
    assert seen[-1][1:] == (2, False)


def test_a_pause_stays_and_a_removed_player_is_silent(playing, script):
    playing('model.set("playing", true);', 100)
    assert (
        script(
            "window.model.set('playing', false); window.player.remove();"
            "window.model.set('playing', true); return window.log.length;"
        )
        == 4
    )
    script.page.clock.run_for(5000)
    assert script.page.evaluate("window.log.length") == 4


# ---------------------------------------------------------------- colours and themes


def test_black_ink_turns_light_on_a_dark_page(script):
    light, dark, paper, hue, none = script(
        """return [
            css(rgba("#00000080"), false), css(rgba("#000000"), true), css(rgba("#ffffff"), true),
            css(rgba("#0072b2"), true), css(null, true),
        ];"""
    )
    assert light == "rgba(0,0,0,0.502)"
    red, green, blue, _ = numbers(dark)
    assert red == green == blue > 200
    assert max(numbers(paper)[:3]) < 40
    assert numbers(hue)[2] == max(numbers(hue)[:3])
    assert none == "none"


def numbers(text):
    return [float(number) for number in re.findall(r"[\d.]+", text)]


@pytest.mark.parametrize(
    ("ink", "dark"),
    [
        ("rgb(20, 20, 20)", False),
        ("#eeeeee", True),
        ("hsl(200 20% 90%)", True),
        ("oklch(0.25 0.02 260)", False),
        ("oklch(0.95 0.02 260)", True),
        ("color(srgb 0.9 0.9 0.9)", True),
        ("color-mix(in oklab, black 90%, white)", False),
    ],
)
def test_light_ink_says_that_a_page_is_dark(script, ink, dark):
    assert script("document.body.style.color = given; return isDark(document.body);", ink) is dark


def test_jupyterlab_says_its_theme_itself(script):
    assert script("document.body.dataset.jpThemeLight = 'false'; return isDark(document.body);")


@pytest.mark.parametrize(("ink", "wanted"), [("black", (0, 0, 0)), ("white", (230, 230, 230))])
def test_a_stage_draws_before_the_page_has_it(script, ink, wanted):
    """Some hosts draw first and put the element up afterwards; it has no style of its own then."""
    axes = Figure(figsize=(5, 3)).subplots()
    (line,) = axes.plot([0, 1], [0, 1], color="black")
    stage = Stage(axes.figure, {"line": line}, alt="A rising line.")
    data = re.search(r'application/json">(.*?)</script>', stage.to_html(), re.DOTALL)[1]
    stage.close()
    script(
        """
        document.body.style.color = given.ink;
        const model = new PlainModel(JSON.parse(given.data, fromBase64));
        window.el = document.createElement("div");
        render({ model, el: window.el });
        """,
        {"ink": ink, "data": data},
    )
    script.page.wait_for_function("() => window.el.querySelector('[data-name=line] path')")
    script.page.evaluate("() => { document.body.append(window.el); }")
    stroke = json.dumps(list(wanted))
    script.page.wait_for_function(
        f"""() => {{
            const stroke = document.querySelector("[data-name=line] path").getAttribute("stroke");
            return {stroke}.every((v, i) => Math.abs(v - stroke.match(/[\\d.]+/g)[i]) < 5);
        }}"""
    )


# ---------------------------------------------------------------- keys


def test_plain_keys_stay_where_the_focus_is_and_those_with_ctrl_are_the_pages(script):
    """JupyterLab and Notebook 7 leave alone what bears this mark, on the element itself."""
    mark = "data-lm-suppress-shortcuts"
    page = script.page
    script(
        "document.body.innerHTML = '<input id=out><div class=ours><input id=in></div>';"
        "keepKeys('.ours'); keepKeys('.others');"
    )
    for key, marked in (("a", True), ("Control+s", False), ("ArrowUp", True), ("Meta+s", False)):
        page.locator("#in").press(key)
        page.locator("#out").press(key)
        has = [page.locator(f"{one}[{mark}]").count() == 1 for one in ("#in", "#out")]
        assert has == [marked, False], key
