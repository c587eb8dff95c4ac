"""Predict: a guess first, the truth after; what surprises is what stays."""

import html
from collections.abc import Callable, Sequence

import ipywidgets as ipw

from hlmteach.errors import HLMError
from hlmteach.exercises.in_class import hand_on
from hlmteach.stage import outputs
from hlmteach.widgets.controls import button, close_parts
from hlmteach.widgets.parts import Names, NumberLine


class Predict(outputs.Shown, ipw.VBox):
    """Ask for a guess, and answer only then.

    Parameters
    ----------
    question : str
        What to guess.
    answer : number, str, or callable of no arguments
        The truth; a callable is called when the student has guessed.
    unit : str
        After the numbers, as in "points".
    low, high : float
        Ends of the slider on which a number is guessed.
    digits : int
        Decimals of the numbers shown.
    options : sequence of str, optional
        To choose from, instead of a number.
    because : str
        A sentence that comes with the truth.
    present : bool
        Large type, for a projector.

    Attributes
    ----------
    question, unit : str
        As given.
    state : dict
        "guess", and whether it is "committed".
    results : dict of str to float
        "guess" and "truth" once committed; of options, their places in the list.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> ask = hlm.widgets.Predict("How much is 2 + 2?", answer=4, low=0, high=10)
    >>> ask.results
    {}
    >>> ask.guess(5)
    >>> ask.verdict
    'You said 5, it is 4.'
    """

    def __init__(
        self,
        question: str,
        answer: float | str | Callable[[], float | str],
        *,
        unit: str = "",
        low: float = 0.0,
        high: float = 1.0,
        digits: int = 0,
        options: Sequence[str] | None = None,
        because: str = "",
        present: bool = False,
    ):
        self.question, self.unit = question, unit
        self._answer, self._digits, self._because = answer, digits, because
        self.results: dict[str, float] = {}
        self.control = _choice(options) if options else _scale(low, high, digits, unit)
        self.commit = button("This is my guess", self._commit, "Then you will see the answer")
        self.line = NumberLine(span=(float(low), float(high)))
        if options:  # nothing is chosen yet
            self.commit.disabled = True
            self.control.observe(self._on_choice, "value")
            if not callable(answer):
                self._truth()
        ask = f'<div class="hlm-question"><b>Predict first.</b> {html.escape(question)}</div>'
        row = ipw.Box([self.control, self.commit])
        row.add_class("hlm-controls")
        super().__init__([ipw.HTML(ask), row, self.line, Names()])
        for name in ("hlm-widget", "hlm-predict", *(["hlm-present"] if present else [])):
            self.add_class(name)

    @property
    def state(self) -> dict:
        """The guess as it stands, and whether the student has committed to it."""
        return {"guess": self.control.value, "committed": bool(self.results)}

    @property
    def verdict(self) -> str:
        """What is said beside the truth; "" before the guess."""
        return self.line.verdict

    def told(self) -> str:
        """Return the truth and its reason, for a page on which nobody can commit to a guess."""
        return f"It is {self._words(self._truth())}. {self._because}".strip()

    def guess(self, value) -> None:
        """Guess, as the student does by slider and button."""
        if self.results:
            raise HLMError("There is a guess already, and the answer is out. Call reset() first.")
        self.control.value = value
        self._commit()

    def reset(self) -> None:
        """Hide the truth again."""
        self.results = {}
        self.control.disabled = False
        self.commit.disabled = self.control.value is None
        self.line.show("")

    def _repr_mimebundle_(self, **kwargs):
        outputs.note(self)
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Let go of every part."""
        close_parts(self)
        super().close()

    def _on_choice(self, change) -> None:
        self.commit.disabled = change["new"] is None

    def _commit(self) -> None:
        guess, truth = self.control.value, self._truth()
        self.control.disabled = self.commit.disabled = True
        said = self._said(guess, truth)
        verdict = " ".join(filter(None, [said, self._because, hand_on(self.question, guess)]))
        if isinstance(self.control, ipw.ToggleButtons):
            places = [list(self.control.options).index(value) for value in (guess, truth)]
            self.results = {"guess": float(places[0]), "truth": float(places[1])}
            self.line.show(verdict)
        else:
            self.results = {"guess": float(guess), "truth": float(truth)}
            low, high = self.line.span
            self.line.span = (min(low, float(truth)), max(high, float(truth)))
            texts = [f"you: {self._words(guess)}", self._words(truth)]
            self.line.show(verdict, self.results.values(), texts)

    def _truth(self):
        truth = self._answer() if callable(self._answer) else self._answer
        if isinstance(self.control, ipw.ToggleButtons) and truth not in self.control.options:
            known = ", ".join(map(repr, self.control.options))
            raise HLMError(f"answer={truth!r} is not among the options {known}.")
        return truth

    def _said(self, guess, truth) -> str:
        if not isinstance(truth, str):
            return f"You said {self._words(guess)}, it is {self._words(truth)}."
        return f"Right: {truth}." if guess == truth else f"You said: {guess}. It is: {truth}."

    def _words(self, value) -> str:
        if isinstance(value, str):
            return value
        number = f"{value:.{self._digits}f}".replace("-", "−")
        return f"{number} {self.unit}".strip()


def _scale(low, high, digits, unit) -> ipw.FloatSlider:
    label = f"your guess ({unit})" if unit else "your guess"
    return ipw.FloatSlider(
        (low + high) / 2,
        min=low,
        max=high,
        step=10.0**-digits,
        readout_format=f".{digits}f",
        description=label,
        tooltip=label,
        style={"description_width": "initial"},
        layout={"width": "auto", "max_width": "100%"},
    )


def _choice(options) -> ipw.ToggleButtons:
    return ipw.ToggleButtons(
        options=list(options),
        value=None,
        tooltips=list(options),
        description="your guess",
        style={"button_width": "auto", "description_width": "initial"},
        layout={"width": "auto", "max_width": "100%"},
    )
