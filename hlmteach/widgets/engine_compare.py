"""EngineCompare: one fit in three printouts, and what differs between them."""

import html
import re
from dataclasses import dataclass, replace

import ipywidgets as ipw
import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.engines import EngineFit, as_printed, by_statsmodels, likelihood_by_sd
from hlmteach.views.engines import EnginesView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import fit_rows, python_fit, python_rows, r_fit, r_rows, rows_of

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
        "Where it stopped",
        "Only the top of the hill is the maximum likelihood fit. A program that stops on the slope "
        "prints another variance, another standard error and a lower log-likelihood.",
    ),
}


@dataclass(frozen=True)
class Found:
    """The fit, what three programs make of it, and the hill on which they stop."""

    fit: Fit
    engines: tuple[EngineFit, ...]
    curve: tuple[np.ndarray, np.ndarray]
    mark: str


class EngineCompare(TeachingWidget):
    """nlme and lme4 find the same fit; what differs is how they print it.

    nlme and lme4 find the same fit and print it differently; a program that stops short of the
    top finds another one.

    The hill is the log-likelihood by the sd of the random intercept, with a mark where each program
    stopped. Below stand the three printouts of that one model. Choose a difference and it is
    marked in all of them: standard errors, rounding, variances or sds, or where statsmodels
    stopped. statsmodels runs live; hlmteach lays out the other two, to R's digits.

    Parameters
    ----------
    preset : {"model 2.1", "model 3.1", "REML", "at the top", "simulated"}
        Where the controls start.
    present : bool
        Large type, for a projector.

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
        "nlme and lme4 find the same fit and print it differently; "
        "a program that stops short of the top finds another one."
    )
    presets = {  # noqa: RUF012
        "model 2.1": {},
        "model 3.1": {"model": 3},
        "REML": {"method": "REML"},
        "at the top": {"optimiser": "powell"},
        "simulated": {"source": "simulated", "optimiser": "powell"},
    }

    def __init__(self, preset: str = "model 2.1", *, present: bool = False):
        self._key, self._known = None, None
        self.printouts = ipw.HTML()
        super().__init__(EnginesView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Simulated data have a truth to choose."""
        own = {"groups", "size", "sd_u", "seed"}
        return set(self.controls) - (own if state["source"] == "tutorial" else set())

    def compute(self, state) -> Found:
        """Fit once for each set of rows and each optimiser; a new mark only marks."""
        key = {name: value for name, value in state.items() if name != "mark"}
        if key != self._key:
            self._known, self._key = _compare(state), key
        return replace(self._known, mark=state["mark"])

    def draw(self, found):
        """Show hill, intercepts and printouts."""
        self.view.update(found.curve, found.engines, DIGITS)
        self.printouts.value = _printouts(found)

    def report(self, found) -> Report:
        """Say log-likelihood, sd and standard error of each program."""
        numbers, rows = {}, []
        for engine in found.engines:
            name = engine.engine
            numbers |= {f"loglik_{name}": engine.loglik, f"sd_{name}": engine.sd}
            numbers |= {f"se_{name}": float(engine.se.iloc[0]), f"sigma_{name}": engine.sigma}
            rows += [
                (name, ""),
                ("log-likelihood", f"{engine.loglik:.4f}".replace("-", "−")),
                ("sd of u", f"{engine.sd:.5f}"),
                ("SE of the intercept", f"{engine.se.iloc[0]:.6f}"),
            ]
        rows += [("statsmodels says converged", "yes" if found.engines[2].converged else "no")]
        below = numbers["loglik_lme4"] - numbers["loglik_statsmodels"]
        status = _verdict(below)
        alt = f"The log-likelihood by the sd of u. {status} {MARKS[found.mark][0]} are marked."
        return Report(
            numbers, tuple(rows), status, alt, f"Model {_number(found)}, {_method(found)}"
        )

    def code_for(self, state):
        """Write the three calls."""
        rows, k = python_rows(_rows_state(state)), state["model"]
        y, x, group = _columns(state)
        fixed, reml = f"{y} ~ {x if k == 3 else 1}", state["method"] == "REML"
        method = f'"{state["optimiser"]}"' if state["optimiser"] else "None"
        python = (
            "import warnings\n\n"
            "import hlmteach as hlm\nimport statsmodels.formula.api as smf\n\n"
            f"{rows}{python_fit(state, k)}"
            f'model{k}1 = hlm.lmer("{fixed} + (1|{group})", data, REML={reml})\n'
            f'theirs = smf.mixedlm("{fixed}", data, groups=data["{group}"])\n'
            "with warnings.catch_warnings(record=True) as said:\n"
            '    warnings.simplefilter("always")\n'
            f"    theirs = theirs.fit(reml={reml}, method={method})\n"
            "    theirs_text = theirs.summary()\n"
            "print(*(one.message for one in said), sep='\\n')\n"
            f"print(model{k}.summary(), model{k}1.summary(), theirs_text, sep='\\n\\n')\n"
        )
        r = (
            f"library(nlme)\nlibrary(lme4)\n{r_rows(_rows_state(state))}{r_fit(state, k)}"
            f"model{k}.1 <- lmer({fixed} + (1|{group}), REML = {str(reml).upper()}, data = data)\n"
            f"summary(model{k})\nsummary(model{k}.1)\n"
        )
        return {"python": python, "r": r}

    def _layout(self) -> list:
        head, body, controls, *rest = super()._layout()
        return [head, body, controls, self.printouts, *rest]


def _controls() -> dict:
    sources = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
    optimisers = [
        ("its default", ""),
        ("powell", "powell"),
        ("Nelder-Mead", "nm"),
        ("lbfgs", "lbfgs"),
    ]
    marks = [(title, name) for name, (title, _) in MARKS.items()]
    return {
        "mark": make.choice("mark", "se", marks, "What is marked in the printouts"),
        "source": make.choice("data", "tutorial", sources),
        "model": make.choice("model", 2, [("Model 2", 2), ("Model 3", 3)]),
        "method": make.choice("fit by", "ML", ["ML", "REML"]),
        "optimiser": make.menu("statsmodels climbs by", "", optimisers),
        "groups": make.whole("groups", 12, 3, 30),
        "size": make.whole("rows per group", 20, 2, 60),
        "sd_u": make.slider("true sd of u", 0.4, 0, 1, 0.05),
        "seed": make.seed(),
    }


def _rows_state(state) -> dict:
    return {**state, "sd_e": 0.8}


def _columns(state) -> tuple[str, str, str]:
    return ("Satisfaction", "NPD", "Time") if state["source"] == "tutorial" else ("y", "x", "group")


def _compare(state) -> Found:
    rows = rows_of(_rows_state(state))
    fit = fit_rows(rows, state["model"], state["method"])
    engines = (
        as_printed(fit, "nlme"),
        as_printed(fit, "lme4"),
        by_statsmodels(fit, state["optimiser"] or None),
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
        f'<div class="hlm-code hlm-code-both">{"".join(boxes)}</div>'
    )


def _box(engine: EngineFit, mark: str) -> str:
    text = html.escape(engine.text.rstrip(), quote=False)
    for pattern in PATTERNS[engine.engine][mark]:
        text = re.sub(pattern, _marked, text, flags=re.MULTILINE)
    return (
        f'<div class="hlm-code-block" style="flex-basis: 34em">'
        f'<div class="hlm-code-bar">{engine.engine}</div>'
        f'<pre style="white-space: pre" tabindex="0" aria-label="{engine.engine} printout">'
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
