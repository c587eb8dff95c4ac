"""Settings of a widget worked out ahead: what its card on a page shows without a kernel."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import ipywidgets as ipw

from hlmteach.errors import HLMError
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.streaming import StreamingWidget

SLIDERS = (ipw.FloatSlider, ipw.IntSlider, ipw.SelectionSlider)
CHOICES = (ipw.ToggleButtons, ipw.Dropdown, ipw.Checkbox)
MOST = 72  # settings worked out for a card
LEAST_STEPS, MOST_STEPS = 5, 13  # of a slider
SAMPLES = 5  # that New sample goes through
STREAMED = 10  # batches after which a page shows a stream
NOT_IN_FITS = {"pace"}  # says how fast, not what
PRESET = "start from"  # the knob that goes to a preset, and what the text says of it
STARTS = re.compile(rf"{PRESET} \*\*([^*]+)\*\*", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])[-\u2212+]?\d*\.?\d+")


@dataclass(frozen=True)
class Knob:
    """A control of a card: of a widget's control, the settings that the page can show.

    `kind` is "slider", "choice", or "button", which goes to the next setting. `told` are the
    settings whose number the text gives.
    """

    name: str
    label: str
    kind: str
    texts: tuple[str, ...]
    values: tuple
    told: tuple = ()

    @property
    def names(self) -> set[str]:
        """What a text may call it, or one of its settings."""
        if self.kind != "choice":
            return {self.label}
        return {self.label, *self.texts, *(f"{self.label}: {text}" for text in self.texts)}


@dataclass(frozen=True)
class Setting:
    """What the knobs say, what was found there, and how it is told."""

    values: dict
    found: object
    report: Report


def knobs_of(widget: TeachingWidget, prose: str) -> list[Knob]:
    """Return the controls that a lesson's text names; the first that matters where it has none."""
    presets, prose = presets_in(widget, prose), STARTS.sub("", prose)
    bold = set(re.findall(r"\*\*([^*]+)\*\*", prose))
    every = [_knob(widget, name, prose) for name in widget.controls if name not in NOT_IN_FITS]
    every = sorted(filter(None, every), key=lambda knob: ("choice", "slider").index(knob.kind))
    named = [knob for knob in every if _is_named(knob, bold, prose)]
    now = set(widget.shown(widget.state))
    matter = [knob for knob in every if knob.name in now and len(knob.values) > 1]
    first = min(matter, key=lambda knob: knob.kind != "slider", default=None)
    found = named or [knob for knob in every if knob is first]
    if presets:
        found = [_with_presets(knob, widget, presets) for knob in found]
        begun = (widget.preset, *(name for name in presets if name != widget.preset))
        found.append(Knob(name=PRESET, label=PRESET, kind="choice", texts=begun, values=begun))
    if "seed" in widget.controls and "New sample" in bold:
        seed = widget.state["seed"]
        seeds = tuple(range(seed, seed + SAMPLES))
        found.append(_button("seed", "New sample", map(str, seeds), seeds))
    if isinstance(widget, StreamingWidget):
        found.append(_button("", "Stream", ("first studies", "more"), (False, True)))
    return found


def presets_in(widget, prose: str) -> list[str]:
    """Return the presets that the text asks to start from."""
    asked = STARTS.findall(prose)
    return [name for name in widget.presets if name in asked]


def _with_presets(knob: Knob, widget, presets: list[str]) -> Knob:
    """A slider that has the places at which presets begin, too."""
    begun = {widget.state_of(preset)[knob.name] for preset in presets}
    more = begun - set(knob.values) if knob.kind == "slider" else ()
    pairs = [*zip(knob.texts, knob.values, strict=True), *((_said(one), one) for one in more)]
    texts, values = zip(*(sorted(pairs, key=lambda pair: pair[1]) if more else pairs), strict=True)
    return replace(knob, texts=texts, values=values)


def _knob(widget, name: str, prose: str) -> Knob | None:
    control = widget.controls[name]
    label = getattr(control, "description", "").rstrip(": ")
    if isinstance(control, ipw.Checkbox):
        return Knob(
            name=name, label=label, kind="choice", texts=("off", "on"), values=(False, True)
        )
    if isinstance(control, CHOICES + SLIDERS):
        pairs, told = _pairs(control, [part for part in prose.split("\n\n") if label in part])
        kind = "choice" if isinstance(control, CHOICES) else "slider"
        texts, values = zip(*pairs, strict=True)
        return Knob(name=name, label=label, kind=kind, texts=texts, values=values, told=told)
    return None


def _button(name: str, label: str, texts, values: tuple) -> Knob:
    return Knob(name=name, label=label, kind="button", texts=tuple(texts), values=values)


def _is_named(knob: Knob, bold: set[str], prose: str) -> bool:
    whole = re.compile(rf"(?<!\w){re.escape(knob.label)}(?!\w)")
    return bool(knob.names & bold) or (knob.kind == "slider" and bool(whole.search(prose)))


def _pairs(control, passages: list[str]) -> tuple[list[tuple[str, object]], tuple]:
    """(Text, value) for a control's settings, thinned where there are many; those told of too."""
    if hasattr(control, "options"):
        pairs = [one if isinstance(one, tuple) else (f"{one}", one) for one in control.options]
        told = {text.replace("\u2212", "-") for part in passages for text in NUMBER.findall(part)}
        return pairs, tuple(value for text, value in pairs if text.replace("\u2212", "-") in told)
    count = round((control.max - control.min) / control.step) + 1
    every, now = -(-count // MOST_STEPS), round((control.value - control.min) / control.step)
    places = set(range(now % every, count, every))  # the present setting is one of them
    told = set()
    for number in (text for part in passages for text in NUMBER.findall(part)):
        place = (float(number.replace("\u2212", "-")) - control.min) / control.step
        if 0 <= place < count and abs(place - round(place)) < 1e-6:
            told.add(round(place))

    def value(place):
        return type(control.value)(round(control.min + place * control.step, 10))

    values = map(value, sorted(places | told))
    return [(_said(one), one) for one in values], tuple(map(value, sorted(told - {now})))


def _said(number: float) -> str:
    return f"{number:g}".replace("-", "\u2212")


# -- which settings ----------------------------------------------------------------------------


def settings_of(widget: TeachingWidget, knobs: list[Knob]) -> list[Setting]:
    """Work the settings out, the present one first; one without a fit is left out."""
    found = []
    start = {knob.name: widget.state.get(knob.name, False) for knob in knobs}
    start |= {PRESET: widget.preset} if any(knob.name == PRESET for knob in knobs) else {}
    for values in [start, *(start | changes for changes in _changes(widget, knobs))]:
        if values not in (one.values for one in found):
            try:
                made = _compute(widget, values)
                found.append(Setting(values, made, widget.report(made)))
            except HLMError:
                continue
        if len(found) == MOST:
            break
    widget.compute(widget.state)
    return found


def _state(widget, values: dict) -> dict:
    """What the controls say in a setting; those that no knob moves, as its preset has them."""
    preset = values.get(PRESET, widget.preset)
    begun = widget.state if preset == widget.preset else widget.state_of(preset)
    return begun | {name: value for name, value in values.items() if name in begun}


def _compute(widget, values: dict):
    found = widget.compute(_state(widget, values))
    return widget.extend(found, STREAMED * widget.batch) if values.get("") else found


def _changes(widget, knobs) -> Iterator[dict]:
    """Each choice; in each, every slider alone; then buttons there, and where the text says."""
    sliders = [knob for knob in knobs if knob.kind == "slider"]
    buttons = [knob for knob in knobs if knob.kind == "button"]
    places = [{}, *_places(widget, knobs)]
    yield from places
    room = MOST // max(1, len(places) * len(sliders))
    for place in places:
        start = _state(widget, place)
        shown = {"", *widget.shown(start)}
        here = [knob for knob in sliders if knob.name in shown]
        for knob in here:
            yield from ({**place, knob.name: value} for value in _thinned(knob, start, room))
        told = [{**place, knob.name: value} for knob in here for value in knob.told]
        for button in buttons:
            spots = [at for at in [place, *told] if _matters(widget, button, _state(widget, at))]
            yield from ({**spot, button.name: value} for spot in spots for value in button.values)


def _places(widget, knobs) -> list[dict]:
    """Each preset, each choice alone, and each that matters only after another of these."""
    start, names = widget.state, {knob.name for knob in knobs}
    presets = [value for knob in knobs if knob.name == PRESET for value in knob.values[1:]]
    choices = [knob for knob in knobs if knob.kind == "choice" and knob.name != PRESET]
    begun = [
        {PRESET: preset} | {k: v for k, v in widget.state_of(preset).items() if k in names}
        for preset in presets
    ]
    alone = [
        {knob.name: value}
        for knob in choices
        for value in knob.values
        if value != start[knob.name] and _matters(widget, knob, start)
    ]
    after = [
        {**place, knob.name: value}
        for place in [*begun, *alone]
        for knob in choices
        for value in knob.values
        if not _matters(widget, knob, start) and _matters(widget, knob, _state(widget, place))
    ]
    return begun + alone + after


def _matters(widget, knob: Knob, state: dict) -> bool:
    return not knob.name or knob.name in widget.shown(state)


def _thinned(knob: Knob, start: dict, room: int) -> list:
    """Fewer of a slider's settings where there are many sliders; those told of all the same."""
    every = -(-len(knob.values) // max(LEAST_STEPS, min(MOST_STEPS, room)))
    now = knob.values.index(start[knob.name])
    keep = {*knob.values[now % every :: every], *knob.told}
    return [value for value in knob.values if value in keep]


# -- pictures ----------------------------------------------------------------------------------


def offered(widget: TeachingWidget, knobs: list[Knob]) -> tuple[list[Knob], list[Setting]]:
    """Return the settings whose pictures can be recorded, and the knobs that differ in them."""
    settings = settings_of(widget, knobs)
    while (failed := record(widget, settings)) is not None:
        first, bad = settings[0].values, settings[failed].values
        name = next(name for name in bad if bad[name] != first[name])
        settings = [one for one in settings if one.values[name] != bad[name]]
    trimmed = [_trimmed(knob, settings) for knob in knobs]
    return [knob for knob in trimmed if len(knob.values) > 1], settings


def _trimmed(knob: Knob, settings: list[Setting]) -> Knob:
    """Leave out of a knob what none of the settings has."""
    shown = [one.values[knob.name] for one in settings]
    pairs = zip(knob.texts, knob.values, strict=True)
    texts, values = zip(*(pair for pair in pairs if pair[1] in shown), strict=True)
    return replace(knob, texts=texts, values=values)


def record(widget: TeachingWidget, settings: list[Setting]) -> int | None:
    """Record the story, at its beginning, and a picture of every setting.

    Returns
    -------
    int or None
        The place of a setting whose picture has other parts than the first one's; none if all is
        well.
    """
    _draw(widget, settings[0])
    widget.settle()
    drawn = []
    try:
        widget.stage.table(_pictures(widget, settings, drawn))
    except ValueError:
        return len(drawn) - 1
    widget.stage.rewind()
    return None


def _pictures(widget, settings, drawn: list) -> Iterator[None]:
    for one in settings:
        _draw(widget, one)
        drawn.append(one)
        yield
    _draw(widget, settings[0])
    widget.tidy(settings[0].found)


def _draw(widget, setting: Setting) -> None:
    """Draw a setting beside its own numbers, which a picture may show."""
    widget.results = setting.report.numbers
    widget.draw(setting.found)
