"""EngineCompare: one fit in three printouts, and what differs between them."""

import html
import re
from dataclasses import dataclass, replace

import ipywidgets as ipw
import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.other_programs.engines import (
    EngineFit,
    as_printed,
    by_statsmodels,
    likelihood_by_sd,
)
from hlmteach.recipes.chosen import SOURCES, course_model, rows_of
from hlmteach.views.engines import EnginesView
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import ask, choice, menu, never, seed, slider, whole
from hlmteach.widgets.parts import ALL

DIGITS = {"nlme": 8, "lme4": 5, "statsmodels": 3}
NUMBER = r"[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)"
MARKS = {
    "se": (
        "Standard errors",
        "By ML, nlme multiplies every standard error by √(n / (n − p)); lme4 and statsmodels do "
        "not. Under REML nobody does, and they agree.",
    ),
    "rounding": (
        "Rounding",
        "The same fit, written with more digits or fewer. It is no disagreement.",
    ),
    "scale": (
        "Variance or sd",
        "nlme prints standard deviations, lme4 variances and their roots, statsmodels variances. "
        "What statsmodels keeps in `params` is the variance divided by the residual variance.",
    ),
    "stop": (
        "Where it ends",
        "Only the top of the hill is the maximum likelihood fit. A program that stops on the slope "
        "prints another variance, another standard error and a lower log-likelihood.",
    ),
}
CHOSEN = [(title, name) for name, (title, _) in MARKS.items()]
MODELS = [("Model 2", 2), ("Model 3", 3)]
SIMULATED = {"source": "simulated"}
OPTIMISERS = [("its default", ""), ("powell", "powell"), ("Nelder-Mead", "nm"), ("lbfgs", "lbfgs")]


@dataclass(frozen=True)
class Found:
    """The fit, what three programs make of it, and the hill on which they stop."""

    fit: Fit
    engines: tuple[EngineFit, ...]
    curve: tuple[np.ndarray, np.ndarray]
    mark: str


class EngineCompare(TeachingWidget):
    """nlme and lme4 find the same fit; what differs is how they print it.

    The hill is the log-likelihood by the sd of the random intercept, with a mark where each program
    stopped. Below stand the three printouts of that one model. Choose a difference and it is
    marked in all of them: standard errors, rounding, variances or sds, or where statsmodels
    stopped. statsmodels runs live; hlmteach lays out the other two, to R's digits.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.EngineCompare("at the top")
    >>> [round(widget.results[f"loglik_{e}"], 2) for e in ("nlme", "lme4", "statsmodels")]
    [-3263.77, -3263.77, -3263.77]
    >>> widget.close()
    """

    title = "One model, three printouts"
    sentence = (
        "Two packages can print one fit differently. A program that stops below the top finds "
        "another fit."
    )
    presets = {
        "model 2.1": {},
        "model 3.1": {"model": 3},
        "REML": {"method": "REML"},
        "at the top": {"optimiser": "powell"},
        "simulated": {"source": "simulated", "optimiser": "powell"},
    }

    inputs = {
        "mark": ask(choice, "mark", "se", CHOSEN, "What is marked in the printouts"),
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "model": ask(choice, "model", 2, MODELS, when={"source": "tutorial"}),
        "method": ask(choice, "fit by", "ML", ["ML", "REML"]),
        "optimiser": ask(menu, "statsmodels climbs by", "", OPTIMISERS),
        "groups": ask(whole, "groups", 12, 3, 30, when=never),
        "size": ask(whole, "rows per group", 20, 2, 60, when=never),
        "sd_u": ask(slider, "true sd of u", 0.4, 0, 1, 0.05, when=never),
        "seed": ask(seed, when=SIMULATED),
    }
    picture = EnginesView
    templates = {
        "python": """
            import warnings

            import hlmteach as hlm
            import statsmodels.formula.api as smf

            {rows}
            {fits}
            theirs = smf.mixedlm("{fixed}", data, groups=data["{group}"])
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                theirs = theirs.fit(reml={reml}, method={climbs})
                theirs_text = theirs.summary()
            print(*(one.message for one in said), sep='\\n')
            print(model{model}.summary(), model{model}1.summary(), theirs_text, sep='\\n\\n')
        """,
        "r": """
            library(nlme)
            library(lme4)
            {rows}
            {fits}
            summary(model{model})
            summary(model{model}1)
        """,
    }

    def __init__(self, preset: str | None = None, *, present: bool = False):
        self._key, self._known = None, None
        self.printouts = ipw.HTML()
        super().__init__(preset, present=present)

    def recipe(self, state):
        """Model 2 or 3 by lme, and by lmer as the tutorial's 2.1 and 3.1."""
        name, method = f"model{state['model']}", state["method"]
        theirs = course_model(name, method, "lmer", called=f"{name}1", bar="|")
        return rows_of(state), [course_model(name, method, wrapped=True), theirs]

    def code_words(self, state):
        """What statsmodels says in ways of its own."""
        rows, (_, theirs) = self.recipe(state)
        return {
            "fixed": theirs.formula(rows).rpartition(" + ")[0],
            "reml": state["method"] == "REML",
            "climbs": f'"{state["optimiser"]}"' if state["optimiser"] else "None",
        }

    def compute(self, state) -> Found:
        """Fit once for each set of rows and each optimiser; a new mark only marks."""
        key = {name: value for name, value in state.items() if name != "mark"}
        if key != self._key:
            rows, (model, _) = self.recipe(state)
            self._known, self._key = _compare(model.fit(rows), state["optimiser"]), key
        return replace(self._known, mark=state["mark"])

    def draw(self, found):
        """Show hill, intercepts and printouts."""
        self.view.update(found.curve, found.engines, DIGITS)
        self.printouts.value = _printouts(found)

    def report(self, found) -> Report:
        """Say log-likelihood, sd and standard error of each program."""
        numbers, tops, errors, more = {}, [], [], []
        for engine in found.engines:
            name = engine.engine
            numbers |= {f"loglik_{name}": engine.loglik, f"sd_{name}": engine.sd}
            numbers |= {f"se_{name}": float(engine.se.iloc[0]), f"sigma_{name}": engine.sigma}
            tops.append((name, f"{engine.loglik:.4f}".replace("-", "−")))
            errors.append((f"SE, {name}", f"{engine.se.iloc[0]:.6f}"))
            more.append((f"sd of u, {name}", f"{engine.sd:.5f}"))
        more += [("statsmodels says converged", "yes" if found.engines[2].converged else "no")]
        below = numbers["loglik_lme4"] - numbers["loglik_statsmodels"]
        status = _verdict(below)
        alt = f"The log-likelihood by the sd of u. {status} {MARKS[found.mark][0]} are marked."
        return Report(
            numbers=numbers,
            rows=(*tops, ("SE of the intercept", ""), *errors, (ALL, ""), *more),
            status=status,
            alt=alt,
            caption=f"Log-likelihood, Model {_number(found)}, {_method(found)}",
        )

    def story(self, found):
        """The hill, who stands where on it, and what each prints."""
        return self.unveil(
            found,
            ("curve", "How well does each sd of u suit the data? A hill, seen from the side."),
            ("stops, stop_labels", "Here each program stopped. Only the top is the best fit."),
            ("dots, spans, errors", "And so they print their intercept, with its standard error."),
        )

    def _layout(self) -> list:
        head, body, *rest = super()._layout()
        return [head, body, self.printouts, *rest]


def _compare(fit: Fit, optimiser: str) -> Found:
    engines = (
        as_printed(fit, "nlme"),
        as_printed(fit, "lme4"),
        by_statsmodels(fit, optimiser or None),
    )
    far = max(0.2, 2.2 * engines[1].sd, 1.25 * engines[2].sd)
    return Found(fit, engines, likelihood_by_sd(fit, far), "se")


def _number(found: Found) -> int:
    return 2 if found.fit.design.p == 1 else 3


def _method(found: Found) -> str:
    return "REML" if found.fit.reml else "ML"


def _verdict(below: float) -> str:
    if not np.isfinite(below):
        return "statsmodels ran off the hill: its log-likelihood is infinite."
    if below > 1e-3:
        return f"statsmodels stops {below:.2f} below the top; nlme and lme4 reach it."
    return "All three reach the top."


# -- printouts, with marks ---------------------------------------------------------------------


def _printouts(found: Found) -> str:
    title, words = MARKS[found.mark]
    boxes = [_box(engine, found.mark) for engine in found.engines]
    notes = found.engines[2].notes if found.mark == "stop" else ()
    said = "".join(f"<li>{html.escape(note.splitlines()[0])}</li>" for note in notes[:4])
    warned = f"<div>statsmodels warned:<ul>{said}</ul></div>" if said else ""
    return (
        f'<div class="hlm-sentence"><b>{title}.</b> {html.escape(words)}</div>{warned}'
        f'<div class="hlm-code hlm-printouts">{"".join(boxes)}</div>'
    )


def _box(engine: EngineFit, mark: str) -> str:
    text = html.escape(engine.text.rstrip(), quote=False)
    for pattern in PATTERNS[engine.engine][mark]:
        text = re.sub(pattern, _marked, text, flags=re.MULTILINE)
    return (
        f'<div class="hlm-code-block">'
        f'<div class="hlm-code-bar">{engine.engine}</div>'
        f'<pre tabindex="0" aria-label="{engine.engine} printout">'
        f"{text}</pre></div>"
    )


def _marked(match: re.Match) -> str:
    """Mark the pattern's last group, in what it matched."""
    whole, last = match.group(0), match.group(match.lastindex)
    head = whole[: len(whole) - len(last)]
    return f"{head}<mark><b><u>{last}</u></b></mark>"


COEFFICIENT = rf"^(\s*(?:\(?Intercept\)?|NPD|x) +{NUMBER} +)({NUMBER})"  # its second number
HEAD = r"^( *AIC +BIC +logLik.*\n)(.+)"
PATTERNS = {
    "nlme": {
        "se": [COEFFICIENT],
        "rounding": [HEAD, COEFFICIENT],
        "scale": [r"^(StdDev: +)(.+)"],
        "stop": [r"^(StdDev: +)(\S+)", HEAD],
    },
    "lme4": {
        "se": [COEFFICIENT],
        "rounding": [HEAD, COEFFICIENT],
        "scale": [r"^( *\w+ +\(Intercept\) +)(\S+ +\S+)", r"^( *Residual +)(\S+ +\S+)"],
        "stop": [r"^( *\w+ +\(Intercept\) +)(\S+ +\S+)", HEAD],
    },
    "statsmodels": {
        "se": [COEFFICIENT],
        "rounding": [COEFFICIENT, rf"(Log-Likelihood: +)({NUMBER})"],
        "scale": [rf"^(Group Var +)({NUMBER})", rf"(Scale: +)({NUMBER})"],
        "stop": [
            rf"^(Group Var +)({NUMBER})",
            rf"(Log-Likelihood: +)({NUMBER})",
            r"(Converged: +)(\w+)",
        ],
    },
}
