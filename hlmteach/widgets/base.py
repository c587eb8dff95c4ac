"""What every widget has: a stage, controls, a table of results, the code, and one lock."""

import html
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import ipywidgets as ipw
import traitlets

from hlmteach.engine.fit import Fit
from hlmteach.engine.progress import quiet
from hlmteach.errors import HLMError
from hlmteach.recipes.code import write
from hlmteach.recipes.models import Model, fit_all
from hlmteach.recipes.rows import Rows
from hlmteach.stage import Stage, outputs
from hlmteach.stage.later import Later
from hlmteach.views.room import Room
from hlmteach.widgets.controls import Asked, close_parts, is_echo, menu
from hlmteach.widgets.frame import Frame
from hlmteach.widgets.parts import CodePanel, Names, Readout
from hlmteach.widgets.words import fill_table, in_words, table_lines

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


@dataclass(frozen=True, kw_only=True)
class Found:
    """A settled state: what the controls said, and the fits of the rows they asked for."""

    state: dict
    rows: Rows
    fits: dict[str, Fit]


class TeachingWidget(Frame):
    """controls -> engine -> view -> stage, with what all widgets share.

    A widget declares what it is: `title`, `sentence` (the one thing it teaches), `presets`,
    `inputs` (its controls), `picture` (its view), and its words and code as templates. Its methods
    say what rows and models the controls ask for (`recipe`), which numbers the fits give
    (`numbers`), and what is drawn (`draw`); if it moves by itself also `story`. What is easier
    written by hand overrides `compute`, `report` or `code_for`. See docs/widgets.md.

    Parameters
    ----------
    preset : str, optional
        One of `presets`: where the controls start. The first, where none is named.
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
    sayings: ClassVar[dict[str, str]] = {}  # sentences of presets that have one of their own
    presets: ClassVar[dict[str, dict]] = {}
    inputs: ClassVar[dict[str, Asked]] = {}
    picture: ClassVar[Any] = None  # a view's class, or a method: called with `present`
    table = status = alt = caption = ""  # templates of what a `Report` says
    templates: ClassVar[Mapping[str, Any]] = {}  # of code: "python" and "r"
    chosen_by = ""  # a control: a template that is a dict has one text for each of its values
    rests_at = -1  # the keyframe of the story that shows the settled state: its end, as a rule
    _open = _untouched = False

    def __init__(self, preset: str | None = None, *, present: bool = False):
        self.view = self.picture(present)
        self.controls = {name: asked.make() for name, asked in self.inputs.items()}
        self.results: dict[str, float] = {}
        self._tickets, self._served, self._quiet = itertools.count(1), 0, 0
        self._later = Later(self.settle)
        self._begin_with(next(iter(self.presets)) if preset is None else preset)
        self.stage = Stage(self.view.figure, self.view.moving, alt=self.title)
        self.lock = self.stage.lock  # one lock for both: neither can wait for the other
        self.readout, self.panel, self.message = Readout(), CodePanel(), ipw.HTML()
        self.names, self._room = Names(), Room(self.view, grows=present)
        ipw.VBox.__init__(self, self._layout())
        self.add_class("hlm-widget")
        if present:
            self.add_class("hlm-present")
        self._connect()
        self._open = True
        self.refresh()
        self._untouched = True
        self.settle()

    # -- what a widget of its own says -----------------------------------------------------

    def recipe(self, state: dict) -> tuple[Rows | None, list[Model]]:
        """Return the rows that the controls ask for, and the models of them; none as it is."""
        return None, []

    def compute(self, state: dict):
        """Return what the view shows and `report` tells: something that has the `state`."""
        rows, models = self.recipe(state)
        return Found(state=state, rows=rows, fits=fit_all(models, rows))

    def numbers(self, found) -> dict[str, float]:
        """Return the numbers of the settled fit: they become `results`."""
        raise NotImplementedError

    def words(self, found) -> dict:
        """Return what else the templates name, beside the state and the numbers."""
        return {}

    def draw(self, found) -> None:
        """Hand what was found to the view."""
        self.view.update(found)

    def report(self, found) -> Report:
        """Put the settled fit into numbers and words."""
        numbers = self.numbers(found)
        values = in_words({**found.state, **numbers, **self.words(found)})
        status, alt, caption = (
            self._template(one, found.state) for one in (self.status, self.alt, self.caption)
        )
        values["status"] = status.format_map(values)
        return Report(
            numbers=numbers,
            rows=self.table_of(found, values),
            status=values["status"],
            alt=alt.format_map(values),
            caption=caption.format_map(values),
        )

    def table_of(self, found, values: dict) -> tuple[tuple[str, str], ...]:
        """Fill the table's template; a line whose number is not there is left out."""
        return fill_table(table_lines(self._template(self.table, found.state)), values)

    def code_for(self, state: dict) -> dict[str, str]:
        """Return the "python" and the "r" that give the same results."""
        rows, models = self.recipe(state)
        words = {**state, **self.code_words(state)}
        return {
            language: write(self._template(template, state), language, rows, models, words)
            for language, template in self.templates.items()
        }

    def _template(self, template: str | dict, state: dict) -> str:
        return template[state[self.chosen_by]] if isinstance(template, dict) else template

    def code_words(self, state: dict) -> dict:
        """Return what else the templates of code name, beside the state."""
        return {}

    def tidy(self, found) -> None:
        """Choose limits anew, now that nobody drags; called before the story is recorded."""
        if hasattr(self.view, "tidy"):
            self.view.tidy()
            self.draw(found)

    def story(self, found) -> Iterable:
        """Yield captions between changes of the view: the keyframes of the animation."""
        return ()

    def unveil(self, found, *steps: tuple[str, str]) -> Iterator[str]:
        """Draw what was found, part by part: ("names, of what moves", caption) for each step."""
        self.draw(found)
        parts = [self._in_sight(names) for names, _ in steps]
        for artist in itertools.chain(*parts):
            artist.set_visible(False)
        for artists, (_, caption) in zip(parts, steps, strict=True):
            for artist in artists:
                artist.set_visible(True)
            yield caption

    def _in_sight(self, names: str) -> list:
        moving = [self.view.moving[name] for name in names.split(", ") if name]
        artists = (part if isinstance(part, Iterable) else [part] for part in moving)
        return [artist for artist in itertools.chain(*artists) if artist.get_visible()]

    def shown(self, state: dict) -> Iterable[str]:
        """Return the names of the controls that matter in this state."""
        asked = self.inputs
        return [name for name in self.controls if name not in asked or asked[name].matters(state)]

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
        self._start = self.state_of(preset)
        self._say_sentence(preset)
        if self._chooser.value == preset:
            self.reset()
        else:
            self._chooser.value = preset  # which comes back here

    @property
    def preset(self) -> str:
        """The preset that the controls began with."""
        return self._chooser.value

    def state_of(self, preset: str) -> dict:
        """Return what the controls say where a preset, given by name, begins."""
        return self._plain | self._preset(preset)

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
                opens = self._opens
                self.tidy(self._found)
                self.stage.sync()
                self.stage.animate(
                    self.story(self._found), seconds=0.9, hold=0.5, rest=self.rests_at
                )
                if opens:  # nothing is told before its time
                    self.stage.rewind()

    def _repr_mimebundle_(self, **kwargs):
        outputs.note(self)
        return self.stage.with_picture(super()._repr_mimebundle_(**kwargs))

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
        with self.lock, quiet():
            if ticket >= self._served:
                self._served = next(self._tickets)
                self._untouched = False
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

    @property
    def _opens(self) -> bool:
        """Whether nobody has moved a control or the story yet."""
        return self._untouched and self.stage.frame == 0

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
        help = "A preset: where the controls start from"
        self._chooser = menu("start from", preset, list(self.presets), help)

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
                if self._opens:
                    self.settle()
                else:
                    self._record_later()

    def _new_sample(self) -> None:
        self.set(seed=self.controls["seed"].value + 1)
