"""Sleepers: one line for all, a line for each, and lines drawn together."""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.recipes.models import Model
from hlmteach.recipes.sleep import Sleep
from hlmteach.views.sleepers import SleepersView, SleepPicture
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, slider, tick, whole

FRAMES = [("my guess", "guess"), ("one line", "one"), ("own lines", "own")]
FRAMES += [("together", "together"), ("play", "play")]
EARLY, LATER, PLAY = ({"frame": f} for f in (("guess", "one"), ("own", "together"), "play"))
PEOPLE = 18
NAMED = ("308", "335")
TWO_MORNINGS = (("308", (5, 6)), ("335", (0, 1)))
ONE = Model(name="everybody", fixed="{x}", effects="", method="ML", verb="gls")
TOGETHER = Model(name="model", fixed="{x}", effects="{x}", method="ML", verb="lmer")
SAID = {
    "guess": "Eighteen people slept too little for ten nights. Each morning they pressed a button "
    "as fast as they could.",
    "one": "One line for everybody: {slope:.1f} ms slower per night. But look at the colours: "
    "whose line is it?",
    "own": "Everybody has a line of their own. Some people slow down fast, one seems to get "
    "faster.",
    "gap": "Two people answered on two mornings only. Would you trust their lines?",
    "together": "A mixed model draws all lines together. Each one is pulled towards everybody's.",
    "pulled": "The two with two mornings move far, the others hardly. A person who told us "
    "little follows everybody.",
    "play": "Person 335 alone: {own_335:.1f} ms per night. Together with everybody: "
    "{line_335:.1f}.",
}
ENDS = {  # of the story: the sentence below the picture says the rest
    "guess": "Dotted: your guess. Pull it until it fits.",
    "one": "Black: one line for everybody.",
    "own": "A line for each, through their own dots.",
    "together": "All lines drawn together. Dashed: two of them alone.",
    "play": "Dashed: person 335 alone.",
}
PARTS = {  # of the code, by frame: each shows one more
    "guess": ["rows"],
    "one": ["rows", "one"],
    "own": ["rows", "own"],
    "together": ["rows", "own", "late"],
    "play": ["rows", "own", "late"],
}
CODE = {
    "python": {
        "rows": "import numpy as np\nimport hlmteach as hlm\n\n{rows}\n"
        'print(data["Subject"].nunique(), len(data))',
        "one": "{everybody}\nprint(everybody.fixef)",
        "own": 'people = data.groupby("Subject", observed=True)\n'
        'own = [np.polyfit(one["Days"], one["Reaction"], 1)[0] for _, one in people]\nprint(own)',
        "late": '{model}\nprint(model.fixef, model.coef["Subject"], sep="\\n\\n")',
    },
    "r": {
        "rows": "library(lme4)\n{rows}\nc(length(unique(data$Subject)), nrow(data))",
        "one": "everybody <- lm(Reaction ~ Days, data)\ncoef(everybody)",
        "own": "people <- split(data, data$Subject)\n"
        "sapply(people, function(one) coef(lm(Reaction ~ Days, one)))",
        "late": "{model}\nfixef(model)\ncoef(model)",
    },
}


@dataclass(frozen=True)
class Found:
    """One settled state: the rows, both models, and each person's own line (J, 2)."""

    state: dict
    rows: Sleep
    one: Fit
    model: Fit
    own: np.ndarray
    together: np.ndarray


class Sleepers(TeachingWidget):
    """What a mixed model does, in five frames and without a formula.

    Eighteen people's reaction times over ten nights of too little sleep (Belenky and others 2003).
    First a guess, then one line for all, then a line for each; then the lines of a mixed model. Two
    people can be left with two mornings. In the last frame sliders say how many mornings person 335
    answered, how far a morning is off, and how far people differ.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.Sleepers("together")
    >>> round(widget.results["slope"], 1), round(widget.results["line_335"], 1)
    (11.0, 11.3)
    >>> widget.close()
    """

    title = "Eighteen people who slept too little"
    sentence = "A person's line can be drawn from their own answers and from everybody's."
    presets = {
        "guess": {},
        "one line": {"frame": "one"},
        "own lines": {"frame": "own"},
        "two mornings": {"frame": "own", "gap": True},
        "together": {"frame": "together", "gap": True},
        "play": {"frame": "play"},
    }
    inputs = {
        "frame": ask(choice, "show", "guess", FRAMES),
        "guess": ask(slider, "my guess: ms slower per night", 0, -10, 40, 0.5, "", 1, when=EARLY),
        "gap": ask(tick, "308 and 335 answered on two mornings only", False, when=LATER),
        "mornings": ask(whole, "mornings of person 335", 2, 2, 10, when=PLAY),
        "noise": ask(slider, "how noisy a morning is", 1, 0.25, 2, 0.25, when=PLAY),
        "people": ask(slider, "how different people are", 1, 0, 2, 0.25, when=PLAY),
    }
    table = """
        people | {people:.0f}
        answers | {answers:.0f}
        ms slower per night |
        your guess | {guess:.1f}
        everybody | {slope:.1f}
        all numbers |
        308, own line | {own_308:.1f}
        308, together | {line_308:.1f}
        335, own line | {own_335:.1f}
        335, together | {line_335:.1f}
    """
    status = "{said}"
    alt = (
        "Reaction times of {people:.0f} people over ten nights, {answers:.0f} answers, {shown}. "
        "{said}"
    )
    caption = "sleepstudy"
    chosen_by = "frame"
    templates = {
        language: {frame: "\n".join(map(code.get, parts)) for frame, parts in PARTS.items()}
        for language, code in CODE.items()
    }

    def picture(self, present):
        """A line for each of the eighteen."""
        return SleepersView(PEOPLE, present)

    def recipe(self, state):
        """The rows that the frame speaks of, and the model that it shows."""
        if state["frame"] in ("guess", "one"):
            return Sleep(), [ONE]
        if state["frame"] == "play":
            kept = (("335", tuple(range(state["mornings"]))),)
            return Sleep(kept=kept, people=state["people"], noise=state["noise"]), [TOGETHER]
        return Sleep(kept=TWO_MORNINGS if state["gap"] else ()), [TOGETHER]

    def compute(self, state) -> Found:
        """Fit one line to all, one to each, and all together."""
        return _found(state, self.recipe(state)[0])

    def numbers(self, found):
        """How many people and answers; how much slower per night, as far as the frame tells."""
        frame = found.state["frame"]
        counts = {"people": float(PEOPLE), "answers": float(found.rows.is_kept.sum())}
        if frame == "guess":
            return counts
        if frame == "one":
            return counts | {"slope": float(found.one.beta[1])}
        own = {f"own_{name}": _slope_of(found, found.own, name) for name in NAMED}
        if frame == "own":
            return counts | own
        lines = {f"line_{name}": _slope_of(found, found.together, name) for name in NAMED}
        return counts | own | {"slope": float(found.model.beta[1])} | lines

    def words(self, found):
        """The frame's sentence, and what the picture shows."""
        frame, gap = found.state["frame"], found.state["gap"]
        which = {"own": "gap", "together": "pulled"}.get(frame, frame) if gap else frame
        shown = {"guess": "no line but your guess", "one": "one line", "own": "a line for each"}
        return {
            "said": SAID[which].format_map(found.state | self.numbers(found)),
            "shown": shown.get(frame, "the lines of a mixed model"),
        }

    def draw(self, found):
        """Show the frame."""
        self.view.update(_picture(found))

    def story(self, found):
        """Every frame up to this one."""
        state, frames = found.state, [value for _, value in FRAMES]
        dots = _picture(_found(state | {"frame": "guess"}, Sleep()))
        self.view.update(replace(dots, guess=None))
        yield "Each dot is one person on one morning. Each person has a colour."
        for frame in frames[: frames.index(state["frame"])]:
            before = _found(state | {"frame": frame, "gap": False}, Sleep())
            self.view.update(_picture(before))
            yield self.words(before)["said"]
        if state["gap"] and state["frame"] == "together":
            self.view.update(_picture(replace(found, state=state | {"frame": "own"})))
            yield SAID["gap"]
        self.view.update(_picture(found))
        yield ENDS[state["frame"]]


def _found(state: dict, rows: Sleep) -> Found:
    model = TOGETHER.fit(rows)
    own = [
        np.polyfit(rows.predictor[mine], rows.outcome[mine], 1)[::-1]
        for mine in (rows.codes == j for j in range(PEOPLE))
    ]
    return Found(
        state=state,
        rows=rows,
        one=ONE.fit(rows),
        model=model,
        own=np.array(own),
        together=model.coef["Subject"].to_numpy(),
    )


def _slope_of(found: Found, lines: np.ndarray, name: str) -> float:
    return float(lines[found.rows.levels.index(name), 1])


def _picture(found: Found) -> SleepPicture:
    frame, rows, state = found.state["frame"], found.rows, found.state
    one, together = (fit.beta for fit in (found.one, found.model))
    named = {name: rows.levels.index(name) for name in NAMED}
    late = frame in ("together", "play")
    lines = {"guess": np.empty((0, 2)), "one": np.tile(one, (PEOPLE, 1)), "own": found.own}
    beside = {"together": NAMED, "play": ("335",)}.get(frame, ())
    return SleepPicture(
        x=rows.every["Days"].to_numpy(float),
        y=rows.every["Reaction"].to_numpy(),
        codes=rows.every["Subject"].cat.codes.to_numpy(),
        given=rows.is_kept.to_numpy(),
        named=named,
        lines=lines.get(frame, found.together),
        alone={name: found.own[named[name]] for name in beside},
        overall=None if frame in ("guess", "own") else together if late else one,
        guess=np.array([one[0], state["guess"]]) if frame in ("guess", "one") else None,
    )
