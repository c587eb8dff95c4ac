"""What every widget has: a stage, controls, a table of results, the code, and one lock."""

import html
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import ipywidgets as ipw
import traitlets

from hlmteach.errors import HLMError
from hlmteach.stage import Stage
from hlmteach.views.room import Room
from hlmteach.widgets.controls import button, close_parts, is_echo, menu
from hlmteach.widgets.later import Later
from hlmteach.widgets.parts import CodePanel, Names, Readout

PAUSE = 0.4  # seconds without a change before the animation is recorded anew


@dataclass(frozen=True)
class Report:
    """What a settled fit has to say.

    `numbers` become `widget.results`; `rows` are (label, text), "" making a heading; `status` is
    one sentence for the eye and for a screen reader; `alt` says what the picture shows.
    """

    numbers: dict[str, float]
    rows: tuple[tuple[str, str], ...]
    status: str
    alt: str
    caption: str = ""


class TeachingWidget(ipw.VBox):
    """controls -> engine -> view -> stage, with what all widgets share.

    A widget says `title`, `sentence` (the one thing it teaches) and `presets`, hands its view and
    controls to this constructor, and has three methods: `compute`, `report` and `code_for`; if it
    moves by itself also `story`. See docs/widgets.md.

    Parameters
    ----------
    view : object
        From hlmteach.views: `figure`, `moving`, `update(found)`.
    controls : dict of str to ipywidgets control
        In the order in which they are shown.
    preset : str
        One of `presets`.
    present : bool
        Large type, for a projector.

    Attributes
    ----------
    state : dict
        What the controls say now.
    results : dict of str to float
        The numbers of the settled fit; empty while there is none.
    """

    title = ""
    sentence = ""
    presets: dict[str, dict] = {}  # noqa: RUF012 (read only; each widget has its own)
    rests_at = -1  # the keyframe of the story that shows the settled state: its end, as a rule
    _open = False

    def __init__(self, view, controls: dict, *, preset: str, present: bool = False):
        self.view, self.controls = view, controls
        self.results: dict[str, float] = {}
        self._tickets, self._served, self._quiet = itertools.count(1), 0, 0
        self._later = Later(self.settle)
        self._begin_with(preset)
        self.stage = Stage(view.figure, view.moving, alt=self.title)
        self.lock = self.stage.lock  # one lock for both: neither can wait for the other
        self.readout, self.panel, self.message = Readout(), CodePanel(), ipw.HTML()
        self.names, self._room = Names(), Room(view)
        super().__init__(self._layout())
        self.add_class("hlm-widget")
        if present:
            self.add_class("hlm-present")
        self._connect()
        self._open = True
        self.refresh()
        self.settle()

    # -- what a widget of its own says -----------------------------------------------------

    def compute(self, state: dict):
        """Return what the view shows and `report` tells: fits, by the engine and inference."""
        raise NotImplementedError

    def draw(self, found) -> None:
        """Hand what was found to the view."""
        self.view.update(found)

    def report(self, found) -> Report:
        """Put the settled fit into numbers and words."""
        raise NotImplementedError

    def code_for(self, state: dict) -> dict[str, str]:
        """Return the "python" and the "r" that give the same results."""
        raise NotImplementedError

    def tidy(self, found) -> None:
        """Choose limits anew, now that nobody drags; called before the story is recorded."""

    def story(self, found) -> Iterable:
        """Yield captions between changes of the view: the keyframes of the animation."""
        return ()

    def shown(self, state: dict) -> Iterable[str]:
        """Return the names of the controls that matter in this state."""
        return self.controls

    # -- what a lesson, an exercise or a test uses -------------------------------------------

    @property
    def state(self) -> dict:
        """What the controls say now."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values) -> None:
        """Set controls by name, then show the result once."""
        with self.lock:
            with self._held():
                for name, value in values.items():
                    self._set_one(name, value)
            self.refresh()

    def reset(self) -> None:
        """Go back to the preset."""
        self.set(**self._start)

    def start_from(self, preset: str) -> None:
        """Set every control as a preset, given by name, has it."""
        self._start = self._plain | self._preset(preset)
        if self._chooser.value == preset:
            self.reset()
        else:
            self._chooser.value = preset  # which comes back here

    def code(self, language: str = "python") -> str:
        """Return the code for the present state, "python" or "r"."""
        texts = self.code_for(self.state)
        if language not in texts:
            raise HLMError(f"language={language!r} is not known. Use 'python' or 'r'.")
        return texts[language]

    def settle(self) -> None:
        """Record the animation of the present state now, not after a pause."""
        with self.lock:
            self._later.cancel()
            if self._open and self.results and self._tells_a_story:
                self.tidy(self._found)
                self.stage.sync()
                self.stage.animate(
                    self.story(self._found), seconds=0.9, hold=0.5, frame=self.rests_at
                )

    def close(self) -> None:
        """Let go of everything: stage, controls, timers and observers."""
        if self._open:
            with self.lock:
                self._open = False
                self._later.cancel()
                self.panel.unobserve_all()
                self.names.unobserve_all()
                close_parts(self)
        super().close()

    # -- one change ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Compute and show what the controls say now.

        Changes that wait while one is computed are served together: the last value wins.
        """
        ticket = next(self._tickets)
        with self.lock:
            if ticket >= self._served:
                self._served = next(self._tickets)
                self._show(self.state)

    def _show(self, state) -> None:
        self._show_controls(state)
        try:
            found = self.compute(state)
            report = self.report(found)
        except HLMError as error:
            self.complain(error)
            return
        self._found, self.results = found, report.numbers
        self.draw(found)
        self.stage.sync(alt=report.alt, status=report.status)
        self.readout.show(report.caption, report.rows)
        self._say("")
        self._write_code()
        self._record_later()

    def complain(self, error: HLMError) -> None:
        """Show what is wrong in words; numbers of an earlier state do not stay beside it."""
        self.results = {}
        self.readout.show("No fit", ())
        self._say(str(error))

    def _say(self, text: str) -> None:
        box = f'<div class="hlm-message" role="alert">{html.escape(text)}</div>' if text else ""
        self.message.value = box
        self.message.layout.display = "" if text else "none"

    def _write_code(self) -> None:
        if self.panel.opened:
            texts = self.code_for(self.state)
            with self.panel.hold_sync():
                self.panel.python, self.panel.r = texts["python"], texts["r"]

    # -- the animation -----------------------------------------------------------------------

    @property
    def _tells_a_story(self) -> bool:
        return type(self).story is not TeachingWidget.story

    def _record_later(self) -> None:
        """Record when nobody has changed anything for a while: a drag must not wait for it."""
        if self._tells_a_story:
            self._later.ask(PAUSE)

    # -- controls ----------------------------------------------------------------------------

    def _begin_with(self, preset: str) -> None:
        self._plain = self.state
        for name, value in self._preset(preset).items():
            self._set_one(name, value)
        self._start = self.state
        self._chooser = menu("preset", preset, list(self.presets), "Where to start from")

    def _preset(self, name: str) -> dict:
        if name not in self.presets:
            known = ", ".join(map(repr, self.presets))
            raise HLMError(f"preset={name!r} is not known. {type(self).__name__} has {known}.")
        return self.presets[name]

    def _set_one(self, name, value) -> None:
        if name not in self.controls:
            known = ", ".join(self.controls)
            raise HLMError(f"There is no control {name!r}. There are: {known}.")
        try:
            self.controls[name].value = value
        except (traitlets.TraitError, TypeError) as error:
            raise HLMError(f"{name} cannot be {value!r}: {error}") from None

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def _connect(self) -> None:
        for control in self.controls.values():
            control.observe(self._on_change, "value")
        self.panel.observe(lambda _change: self._write_code(), "opened")
        self.names.observe(self._on_room, "room")
        self._chooser.observe(lambda change: self.start_from(change["new"]), "value")

    def _on_change(self, change) -> None:
        if not self._quiet and not is_echo(change):
            self.refresh()

    def _on_room(self, change) -> None:
        """Lay the picture out for the room that the page has for it."""
        width, height = change["new"]
        with self.lock:
            if self._open and width > 0 and self._room.fit(width, height or None):
                if self.results:
                    self.draw(self._found)
                self.stage.sync()
                self._record_later()

    def _new_sample(self) -> None:
        self.set(seed=self.controls["seed"].value + 1)

    # -- how it is laid out --------------------------------------------------------------------

    def _layout(self) -> list:
        title, sentence = html.escape(self.title), html.escape(self.sentence)
        head = ipw.HTML(
            f'<div class="hlm-title" role="heading" aria-level="3">{title}</div>'
            f'<div class="hlm-sentence">{sentence}</div>'
        )
        help = "Draw new data: the next seed"
        self._sampler = button("New sample", self._new_sample, help, "refresh")
        resetter = button("Reset", self.reset, "Put every control back to where it was", "undo")
        choices = [c for c in self.controls.values() if isinstance(c, ipw.ToggleButtons)]
        others = [c for c in self.controls.values() if c not in choices]
        body = _box("hlm-body", [self.stage, self.readout])
        first = _box("hlm-controls", choices)
        second = _box("hlm-controls", [self._chooser, *others, self._sampler, resetter])
        return [head, body, first, second, self.message, self.panel, self.names]

    def _show_controls(self, state) -> None:
        wanted = set(self.shown(state))
        for name, control in self.controls.items():
            _show(control, name in wanted)
        _show(self._sampler, "seed" in wanted and "seed" in self.controls)


def _box(name: str, children) -> ipw.Box:
    box = ipw.Box(children)
    box.add_class(name)
    return box


def _show(control, visible: bool) -> None:
    display = None if visible else "none"
    if control.layout.display != display:
        control.layout.display = display
