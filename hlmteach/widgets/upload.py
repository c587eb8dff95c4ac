"""A file of one's own: what it leaves open is asked by buttons, and controls hold what was said."""

import ast
import html
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import ipywidgets as ipw
import pandas as pd

from hlmteach.datasets import read_table
from hlmteach.datasets.options import FOR_ALL, FOR_KIND, merged
from hlmteach.datasets.questions import OpenQuestionError
from hlmteach.datasets.tables import KINDS
from hlmteach.errors import HLMError
from hlmteach.widgets import controls as make

FILES = ",".join(KINDS)
FOUND = "as found"


def read_bytes(name: str, content: bytes, options: dict) -> pd.DataFrame:
    """Read a file by its name and content; what was odd is in its `attrs["notes"]`."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        return read_table(path, **options)


# -- what can be said --------------------------------------------------------------------------


@dataclass(frozen=True)
class Control:
    """An option of `read_table` as a control: a menu of `offered`, or else a line of text.

    `read` makes the option of what the control shows, None where nothing is said; `written` makes
    the text of an option.
    """

    label: str
    read: Callable
    written: Callable
    offered: tuple[str, ...] = ()
    example: str = ""

    def make(self) -> ipw.Widget:
        """Make the ipywidget."""
        if self.offered:
            return make.menu(self.label, FOUND, [FOUND, *self.offered])
        return ipw.Text(
            description=self.label,
            placeholder=self.example,
            continuous_update=False,
            style=make.LABEL,
        )


def _read_rows(text: str):
    """Rows of a file: '3', '3, 7', or '1 to 4', which are counted as 4 where they are the first."""
    first, last = re.fullmatch(r"\s*(\d+)\s*to\s*(\d+)\s*|.*", text).groups()
    if first:
        return int(last) if int(first) == 1 else [*range(int(first), int(last) + 1)]
    return [int(word) for word in re.findall(r"\d+", text)] or None


def _write_rows(rows) -> str:
    return f"1 to {rows}" if isinstance(rows, int) else ", ".join(map(str, rows))


def _read_header(text: str):
    if text.strip().lower() == "none":
        return False
    rows = _read_rows(text)
    return rows[0] if isinstance(rows, list) and len(rows) == 1 else rows


def _write_header(rows) -> str:
    if rows is False:
        return "none"
    return str(rows) if isinstance(rows, int) else _write_rows(rows)


def _read_list(text: str):
    return [word.strip() for word in text.split(";") if word.strip()] or None


def _write_list(words) -> str:
    return "; ".join(map(str, words))


def _read_count(text: str):
    return int(text) if text.strip().isdecimal() else None


def _menu(label: str, offered: tuple[str, ...], said=str) -> Control:
    return Control(
        label=label,
        read=lambda value: None if value == FOUND else said(value),
        written=lambda option: str(option) if option is not False else "none",
        offered=offered,
    )


def _line(label: str, read: Callable, written: Callable, example: str) -> Control:
    return Control(label=label, read=read, written=written, example=example)


CONTROLS = {
    "decimal": _menu("decimal sign", (".", ",")),
    "sep": _line("separator", lambda text: text or None, str, FOUND),
    "sheet": _menu("sheet", ("",)),
    "value_labels": _menu("labels", ("none",), lambda value: False),
    "header": _line("row of the names", _read_header, _write_header, "3, or none"),
    "skip": _line("rows left out", _read_rows, _write_rows, "3, 7"),
    "foot": _line("rows at the end left out", _read_count, str, FOUND),
    "missing": _line("gaps too", _read_list, _write_list, "n.a.; -99"),
    "text": _line("columns of words", _read_list, _write_list, "id; code"),
    "fill": _line("columns filled down", _read_list, _write_list, "school"),
}
_OPTION = re.compile(r'\b(\w+)=(\[[^\]]*\]|"[^"]*"|-?\d+|:)')


def in_controls(note: str) -> str:
    """A note that names options of `read_table`, in the words of the controls.

    Examples
    --------
    >>> in_controls('If these are codes, say text=["id"].')
    "If these are codes, say 'columns of words: id'."
    """

    def spoken(match) -> str:
        name, value = match.groups()
        if name not in CONTROLS:
            return match[0]
        control = CONTROLS[name]
        if value == ":":
            return f"{control.label!r}:"
        return repr(f"{control.label}: {control.written(ast.literal_eval(value))}")

    return _OPTION.sub(spoken, note)


def as_answer(meaning: str) -> str:
    """What an answer means, as the words on a button.

    Examples
    --------
    >>> as_answer("if it marks thousands"), as_answer("to leave such rows out")
    ('It marks thousands', 'Leave such rows out')
    """
    words = re.sub(r"^(if|to|for) ", "", meaning)
    return words[0].upper() + words[1:]


# -- the parts ---------------------------------------------------------------------------------


class Upload:
    """A button for a file, the questions that it leaves open, and controls to read it otherwise.

    Parameters
    ----------
    take : function
        Called with the table, the file's name and the options it was read with.
    complain : function
        Called with an HLMError that no button here can answer.
    """

    def __init__(self, take: Callable, complain: Callable[[HLMError], None]):
        self._take, self._complain = take, complain
        self.name, self.content, self.options = "", b"", {}
        self.button = ipw.FileUpload(accept=FILES, multiple=False, description="Your file")
        self.button.observe(self._on_upload, "value")
        self.question, self.notes = ipw.HTML(), ipw.HTML()
        self.answers = ipw.Box()
        self.controls = {name: control.make() for name, control in CONTROLS.items()}
        for name, control in self.controls.items():
            control.observe(
                lambda change, name=name: self._on_control(name, change["new"]), "value"
            )
        self.said = make.box("hlm-controls", list(self.controls.values()))
        self.said.add_class("hlm-columns-4")
        self.answers.add_class("hlm-row")
        self.parts = [self.question, self.answers, self.notes, self.said]
        self._show("", {}, [])
        make.show(self.said, False)
        self._settling = False

    def offer(self, name: str, content: bytes) -> None:
        """Read a new file, nothing said of it yet."""
        self.name, self.content, self.options = Path(name).name, content, {}
        self._settling = True
        self.controls["sheet"].options = [FOUND]
        self._settling = False
        self._read()

    def answer(self, options: dict) -> None:
        """Read the file again, with the options of an answer beside those said before."""
        self.options = merged(self.options, options)
        self._read()

    def _on_upload(self, change) -> None:
        for file in change["new"]:
            self.offer(file["name"], bytes(file["content"]))

    def _on_control(self, name: str, value) -> None:
        if self._settling or not self.name:
            return
        said = CONTROLS[name].read(value)
        self.options.pop(name, None)
        if said is not None:
            self.options[name] = said
        self._read()

    def _read(self) -> None:
        try:
            data = read_bytes(self.name, self.content, self.options)
            self._show("", {}, data.attrs["notes"], data.attrs.get("read", {}).get("sheets", ()))
            self._take(data, self.name, dict(self.options))
        except OpenQuestionError as question:
            self._show(question.text, question.answers, [])
        except HLMError as error:
            self._show("", {}, [])
            self._complain(error)

    def _show(self, question: str, answers: dict, notes: list[str], sheets=()) -> None:
        """Show a question with a button for each answer, or what was odd."""
        self.question.value = _box(question, "alert") if question else ""
        self.answers.children = [
            make.button(as_answer(meaning), lambda options=options: self.answer(options))
            for meaning, options in answers.items()
        ]
        listed = "".join(f"<li>{html.escape(in_controls(note))}</li>" for note in notes)
        self.notes.value = f"<p>Read, with these changes:</p><ul>{listed}</ul>" if notes else ""
        make.show(self.said, True)
        for part, content in (
            (self.question, question),
            (self.answers, answers),
            (self.notes, notes),
        ):
            make.show(part, bool(content))
        self._settle_controls(list(sheets))

    def _settle_controls(self, sheets: list[str]) -> None:
        """Let the controls show what was said, without reading the file again."""
        self._settling = True
        if sheets:
            self.controls["sheet"].options = [FOUND, *sheets]
        kind = KINDS.get(Path(self.name).suffix.lower(), "parquet")
        for name, control in self.controls.items():
            self._settle_one(name, control, (*FOR_KIND[kind], *FOR_ALL))
        self._settling = False

    def _settle_one(self, name: str, control, offered) -> None:
        is_menu, said = bool(CONTROLS[name].offered), self.options.get(name)
        value = CONTROLS[name].written(said) if said is not None else ""
        if is_menu:
            value = value if value in control.options else FOUND
        control.value = value
        chosen_by_itself = name == "sheet" and len(control.options) < 3
        make.show(control, name in offered and not chosen_by_itself)


def _box(text: str, role: str) -> str:
    return f'<div class="hlm-message" role="{role}">{html.escape(text)}</div>'
