"""ICCDial: one dial shares the variance out, between groups and within them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulate import simulate_groups
from hlmteach.inference.variance import design_effect, icc
from hlmteach.rstyle.verbs import lmer
from hlmteach.views.dial import DialPicture, DialView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import Rows, dots_of, rows_of

NAN = float("nan")


@dataclass(frozen=True)
class Found:
    """The rows, their model by ML and by REML, and what the dial said."""

    rows: Rows
    ml: Fit
    reml: Fit
    method: str
    truth: float
    trap: str

    @property
    def fit(self) -> Fit:
        """The fit by the method asked for."""
        return self.ml if self.method == "ML" else self.reml


class ICCDial(TeachingWidget):
    """How alike the members of a group are, on a dial.

    The ICC is the share of the variance that lies between groups: how much two members of one
    group resemble each other.

    Turn the dial: the groups move apart and their members together, while the whole variance stays
    the same. Below the points lies that variance as one bar, cut where the fitted ICC is; a black
    triangle is the dial. The lens marks what the tutorial's data give, by ML and by REML. Traps
    show where two mistaken formulas would cut.

    Parameters
    ----------
    preset : {"dial", "tutorial", "alike", "no groups"}
        Where the controls start.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ICCDial("tutorial")
    >>> round(widget.results["icc_reml"], 8), round(widget.results["icc_ml"], 4)
    (0.01019326, 0.0065)
    >>> widget.close()
    """

    title = "The ICC, on a dial"
    sentence = (
        "The ICC is the share of the variance that lies between groups: "
        "how much two members of one group resemble each other."
    )
    presets = {  # noqa: RUF012
        "dial": {},
        "tutorial": {"source": "tutorial"},
        "alike": {"icc": 0.9},
        "no groups": {"icc": 0.0},
    }

    def __init__(self, preset: str = "dial", *, present: bool = False):
        self._key, self._fits = None, ()
        view = DialView(tutorial_iccs(), present)
        super().__init__(view, _controls(), preset=preset, present=present)

    def shown(self, state):
        """The tutorial's data have no dial."""
        if state["source"] == "tutorial":
            return {"source", "method", "trap"}
        return set(self.controls)

    def compute(self, state) -> Found:
        """Spread the same draws by the dial, and refit by both methods."""
        rows = _rows(state)
        if rows.key != self._key:
            formula = f"{rows.outcome} ~ 1 + (1 | {rows.group})"
            self._fits = tuple(lmer(formula, rows.data, REML=reml) for reml in (False, True))
            self._key = rows.key
        ml, reml = (fit.refit(rows.y) for fit in self._fits)
        truth = NAN if state["source"] == "tutorial" else state["icc"]
        return Found(rows, ml, reml, state["method"], truth, state["trap"])

    def draw(self, found):
        """Show the points and the bar."""
        rows = found.rows
        counts = np.bincount(rows.codes)
        own = np.bincount(rows.codes, rows.y) / counts
        wrong = _traps(found.fit)
        chosen = {text: wrong[name] for name, text in TRAPS.items() if name == found.trap}
        known = np.isfinite(found.truth)
        centre, scale = (0.0, 1.0) if known else (4.3, 0.95)
        names = tuple(str(j + 1) for j in range(len(rows.names))) if known else rows.names
        value = icc(found.fit)
        self.view.update(
            DialPicture(
                *(dots_of(rows), own, names, centre, scale, value, found.truth, chosen),
                note=f"one row in {rows.one_in} is drawn" if rows.one_in > 1 else "",
            )
        )

    def report(self, found) -> Report:
        """Give both ICCs, their pieces, and what the mistaken formulas would say."""
        fit = found.fit
        tau2 = float(fit.varcorr["variance"].iloc[0])
        sizes = np.bincount(found.rows.codes)
        effect = design_effect(fit)
        numbers = {"icc": icc(fit), "icc_ml": icc(found.ml), "icc_reml": icc(found.reml)}
        numbers |= {"between": tau2, "within": fit.sigma**2, "design_effect": effect}
        numbers |= _traps(fit)
        rows = (
            ("τ², between", f"{tau2:.6f}"),
            ("σ², within", f"{fit.sigma**2:.6f}"),
            ("ICC = τ² / (τ² + σ²)", f"{numbers['icc']:.5f}"),
            ("ICC by ML", f"{numbers['icc_ml']:.5f}"),
            ("ICC by REML", f"{numbers['icc_reml']:.5f}"),
            ("what it does to a mean", ""),
            (f"design effect, {sizes.mean():.0f} a group", f"{effect:.2f}"),
            ("not the ICC", ""),
            ("with sds: τ / (τ + σ)", f"{numbers['with_sds']:.4f}"),
            ("a ratio: τ² / σ²", f"{numbers['as_ratio']:.4f}"),
        )
        status = f"{numbers['icc']:.2%} of the variance lies between groups, by {found.method}."
        alt = f"{len(sizes)} groups of points over a bar of their variance. {status}"
        return Report(numbers, rows, status, alt, f"Fitted by {found.method}")

    def code_for(self, state):
        """Write the data, the fit and the ICC."""
        if state["source"] == "tutorial":
            return _tutorial_code(state["method"])
        return _simulated_code(state)


TRAPS = {"with_sds": "sds in place of variances", "as_ratio": "between : within"}


def _controls() -> dict:
    sources = [("simulated", "simulated"), ("the tutorial's", "tutorial")]
    traps = [("none", "none"), ("sds", "with_sds"), ("ratio", "as_ratio")]
    return {
        "source": make.choice("data", "simulated", sources),
        "icc": make.slider("the dial: true ICC", 0.3, 0, 0.95, 0.01),
        "groups": make.whole("groups", 8, 3, 12),
        "size": make.ladder("members per group", 12, [3, 6, 12, 25, 50]),
        "method": make.choice("fit by", "REML", ["REML", "ML"]),
        "trap": make.choice("trap", "none", traps, "Where a mistaken formula would cut"),
        "seed": make.seed(12),
    }


def _rows(state) -> Rows:
    if state["source"] == "tutorial":
        return rows_of({"source": "tutorial", "seed": 0})
    data = simulate_groups(
        state["groups"],
        state["size"],
        beta=0.0,
        sd_u=state["icc"] ** 0.5,
        sigma=(1 - state["icc"]) ** 0.5,
        seed=state["seed"],
    )
    codes = data["group"].to_numpy() - 1
    names = tuple(map(str, range(1, state["groups"] + 1)))
    key = ("dial", state["groups"], state["size"])
    return Rows(key, data, "y", "x", "group", names, codes, data["y"].to_numpy())


@lru_cache(maxsize=1)
def tutorial_iccs() -> dict[str, float]:
    """The ICC of the tutorial's data, by both methods."""
    data = load("HLM")
    both = {"ML": "ML", "REML": "REML"}
    return {m: icc(outcome="Satisfaction", group="Time", data=data, method=m) for m in both}


def _traps(fit: Fit) -> dict[str, float]:
    """What two mistaken formulas give."""
    tau, sigma = float(fit.varcorr["sd"].iloc[0]), fit.sigma
    return {"with_sds": tau / (tau + sigma), "as_ratio": tau**2 / sigma**2}


def _python_icc(y: str, group: str, method: str) -> str:
    return (
        f'model = hlm.lmer("{y} ~ 1 + (1 | {group})", data, REML={method == "REML"})\n'
        "print(model.varcorr)\n"
        'for method in ("ML", "REML"):\n'
        f'    print(method, hlm.icc(outcome="{y}", group="{group}", data=data, method=method))\n'
    )


def _tutorial_code(method: str) -> dict[str, str]:
    python = 'import hlmteach as hlm\n\ndata = hlm.load("HLM")\n' + _python_icc(
        "Satisfaction", "Time", method
    )
    r = (
        "library(foreign)\nlibrary(lme4)\nlibrary(merTools)\n"
        'data <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
    )
    if method == "REML":
        r += 'ICC(outcome = "Satisfaction", group = "Time", data = data)\n'
    else:
        r += (
            "model2.1 <- lmer(Satisfaction ~ 1 + (1|Time), REML = FALSE, data = data)\n"
            "v <- as.data.frame(VarCorr(model2.1))$vcov\nv[1] / sum(v)\n"
        )
    return {"python": python, "r": r}


def _simulated_code(state) -> dict[str, str]:
    J, size, share, seed = (state[name] for name in ("groups", "size", "icc", "seed"))
    python = (
        "import hlmteach as hlm\n\n"
        "data = hlm.simulate_groups(\n"
        f"    {J}, {size}, beta=0.0, sd_u={share:g}**0.5, sigma=(1 - {share:g})**0.5, seed={seed}\n"
        ")\n" + _python_icc("y", "group", state["method"])
    )
    r = (
        f"library(lme4)\nset.seed({seed})  # R draws other numbers than Python\n"
        f"group <- factor(rep(1:{J}, each = {size}))\n"
        f"y <- rnorm({J}, sd = sqrt({share:g}))[group] + "
        f"rnorm(length(group), sd = sqrt({1 - share:g}))\n"
        f"model <- lmer(y ~ 1 + (1|group), REML = {str(state['method'] == 'REML').upper()})\n"
        "v <- as.data.frame(VarCorr(model))$vcov\nv[1] / sum(v)\n"
    )
    return {"python": python, "r": r}
