"""Follow me: a widget that the teacher moves, its picture on the wall and on every phone.

The widget never stands on a page. Its controls become plain dicts, and what its stage would say to
a notebook's browser goes to the wall and to all phones: a whole picture once, then what changes.
"""

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any

from hlmteach.engine.progress import quiet
from hlmteach.errors import HLMError
from hlmteach.exercises.numbers import is_number

WALL, PHONE = (900.0, 560.0), (314.0, 0.0)  # pixels that the picture has; 0: as high as it wants
AT_REST = {"_film": None, "_drags": [], "frame": 0, "playing": False, "speed": 1.0}
SHOWN = ("_scene", "_table", "_source", "index", "alt", "status")  # of a whole picture
SAID = {"_change", *SHOWN}


@dataclass(frozen=True)
class Followed:
    """Which widget of a lesson, as the lesson makes it, and the lesson's text around it."""

    name: str
    preset: str | None = None
    prose: str = ""

    def make(self, present: bool = False):
        """Make the widget; matplotlib and ipywidgets are loaded for the first one."""
        from hlmteach import widgets

        return getattr(widgets, self.name)(self.preset, present=present)


class Picture:
    """A widget and what its stage says, for one size of picture."""

    def __init__(self, followed: Followed, room: tuple[float, float], present: bool = False):
        self.widget = followed.make(present)
        self.widget.names.room = room
        self.widget.stage.animate([])  # nobody is told a story here
        self.values = {name: self.widget.state[name] for name in self.widget.controls}
        self._said: list[dict] = []
        self._listen()

    def _listen(self) -> None:
        """Stand where a notebook's browser would, and say hello as it does."""
        channel = self.widget.stage.comm
        channel.send = self._hear
        hello = {
            "type": "hello",
            "version": self.widget.stage.get_state("_scene")["_scene"]["version"],
        }
        message = {"data": {"method": "custom", "content": hello}}
        channel.handle_msg({"content": message, "buffers": []})

    def _hear(self, data=None, metadata=None, buffers=None) -> None:
        if data["method"] == "update" and (names := SAID & set(data["state"])):
            self._said.append(self.widget.stage.get_state(names))

    def whole(self) -> str:
        """The picture as it stands, for who comes in now."""
        with self.widget.lock:
            state = AT_REST | self.widget.stage.get_state(SHOWN)
        return _text({"picture": [state]})

    def move(self, values: dict) -> str:
        """Show other settings; what is said for that, which is nothing where they show the same.

        Raises
        ------
        HLMError
            When there is no picture of these settings; the one before stays.
        """
        with self.widget.lock, quiet():
            found = self.widget.compute(values)
            report = self.widget.report(found)
            self.widget.results = report.numbers  # a picture may show them
            self.widget.draw(found)
            self.widget.stage.sync(alt=report.alt, status=report.status)
            said, self._said = self._said, []
        self.values = values
        return _text({"picture": said}) if said else ""

    def close(self) -> None:
        """Let go of the widget."""
        self.widget.close()


class Follow:
    """A widget in two sizes that move together, and its states worked out ahead for phones."""

    def __init__(self, followed: Followed):
        self.followed = followed
        self.wall = Picture(followed, WALL, present=True)
        self.phone = Picture(followed, PHONE)
        self._loose = b""

    @property
    def values(self) -> dict:
        """What its controls say now."""
        return self.wall.values

    @property
    def words(self) -> dict:
        """The widget's own title and sentence."""
        widget = self.wall.widget
        return {"title": widget.title, "about": {"sentence": widget.sentence}}

    def controls(self) -> list[dict]:
        """What the teacher can set now: each control with its label, kind and choices."""
        widget, values = self.wall.widget, self.values
        shown = [name for name in widget.shown(values) if name in widget.controls]
        specs = ((name, described(widget.controls[name], values[name])) for name in shown)
        return [{"name": name} | spec for name, spec in specs if spec]

    def taken(self, name: str, value, values: dict) -> dict:
        """Those settings with one of them changed, as its control would take it.

        Raises
        ------
        HLMError
            When there is no such control, or it cannot say that.
        """
        controls = self.wall.widget.controls
        if name == "seed" and name in controls:
            return values | {"seed": new_seed(controls["seed"], value, values["seed"])}
        spec = described(controls[name], values[name]) if name in controls else None
        if spec is None or not is_number(value):
            raise HLMError("There is nothing of that name to set.")
        return values | {name: understood(controls[name], spec, value)}

    def move(self, values: dict) -> tuple[str, str]:
        """Show other settings: what is said to the wall, and what to phones."""
        return self.wall.move(values), self.phone.move(values)

    def loose(self) -> bytes:
        """Every state that phones can go through by themselves, worked out once, compressed."""
        if not self._loose:
            self._loose = gzip.compress(worked_out(self.followed).encode())
        return self._loose

    def close(self) -> None:
        """Let go of both pictures."""
        self.wall.close()
        self.phone.close()


# -- controls as plain values ------------------------------------------------------------------


def described(control, value) -> dict | None:
    """A control as a page shows it; None of one that a page has no form for."""
    label = getattr(control, "description", "").rstrip(": ")
    if hasattr(control, "options") and not hasattr(control, "row"):
        texts, options = zip(*map(_pair, control.options), strict=True)
        kind = "range" if "Slider" in type(control).__name__ else "choice"
        return {"label": label, "kind": kind, "texts": texts, "value": options.index(value)}
    if hasattr(control, "step") and hasattr(control, "readout_format"):
        ends = {"low": control.min, "high": control.max, "step": control.step}
        return {"label": label, "kind": "number", "value": value} | ends
    if isinstance(value, bool):
        return {"label": label, "kind": "choice", "texts": ("off", "on"), "value": int(value)}
    if hasattr(control, "max"):  # the next one is all that a page asks for
        return {"label": label, "kind": "seed", "value": value}
    return None


def _pair(option) -> tuple[str, Any]:
    return option if isinstance(option, tuple) else (str(option), option)


def new_seed(control, value, now: int) -> int:
    """The seed that is asked for, or the next one where none is."""
    asked = value if isinstance(value, int) else now + 1
    return min(max(asked, 0), control.max)


def understood(control, spec: dict, value: float):
    """The value that a control takes from a page's number: a place in a list, or the number."""
    if spec["kind"] == "number":
        steps = round((min(max(value, control.min), control.max) - control.min) / control.step)
        return type(control.value)(round(control.min + steps * control.step, 10))
    place = min(max(int(value), 0), len(spec["texts"]) - 1)
    return _pair(control.options[place])[1] if hasattr(control, "options") else bool(place)


# -- worked out ahead --------------------------------------------------------------------------


def worked_out(followed: Followed) -> str:
    """A phone's own controls, and the picture of each setting, as the static pages have them."""
    from hlmteach.widgets.ahead import knobs_of, offered

    widget = followed.make()
    try:
        widget.names.room = PHONE
        with widget.lock, quiet():
            knobs, settings = offered(widget, knobs_of(widget, followed.prose))
            widget.stage.animate([])
            state = AT_REST | widget.stage.get_state(SHOWN) | {"_source": "table"}
    finally:
        widget.close()
    states = [
        {"at": [knob.values.index(one.values[knob.name]) for knob in knobs]}
        | {"alt": one.report.alt, "status": one.report.status}
        for one in settings
    ]
    knobs = [{"label": knob.label, "kind": knob.kind, "texts": knob.texts} for knob in knobs]
    return _text({"state": state, "knobs": knobs, "settings": states})


def _text(message) -> str:
    return json.dumps(message, default=_encoded, separators=(",", ":"))


def _encoded(value):
    """Bytes as the stage's own script reads them; numpy's numbers as numbers."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode("ascii")}
    return value.item()
