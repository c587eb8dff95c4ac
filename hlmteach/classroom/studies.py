"""Everybody a study: each phone draws its own data, and the room's results stand on the wall.

A study is declared: what the teacher can set, how one person's data are drawn and fitted, what one
phone tells its holder, and what the wall counts. All fits are the engine's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.engine import laws
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulation.plan import plan
from hlmteach.inference.simulation.replicates import refit_many
from hlmteach.inference.simulation.simulate import simulate
from hlmteach.rstyle.verbs import gls, lmer

MEAN = 5.0  # the truth that studies are after
MOST_DOTS = 300  # of one phone's data, drawn on it


@dataclass(frozen=True)
class Setting:
    """One thing that the teacher can set: its label, and its choices from the first one on."""

    label: str
    choices: tuple[tuple[str, float | str], ...]


@dataclass(frozen=True)
class Drawn:
    """One person's study: the dots (group, value) that the phone shows, and its numbers."""

    dots: list[list[float]]
    numbers: dict[str, float]


@dataclass(frozen=True)
class ClassStudy:
    """A study that a whole room takes part in.

    `draw(state, seeds)` gives one for each person, fitted together; `tell(state, drawn)` says it on
    the phone; `wall(state, all_drawn)` gives the marks of the wall (in the same order) and the
    count in words.
    """

    key: str
    title: str
    sentence: str
    settings: dict[str, Setting]
    draw: Callable[[dict, Sequence[int]], list[Drawn]]
    tell: Callable[[dict, Drawn], str]
    wall: Callable[[dict, list[Drawn]], dict]

    @property
    def start(self) -> dict:
        """The first choice of every setting."""
        return {name: setting.choices[0][1] for name, setting in self.settings.items()}


def share(count: int, n: int) -> dict:
    """Give a share with twice its Monte Carlo error, which is never 0."""
    p = (count + 1) / (n + 2)
    return {"count": count, "n": n, "margin": 2 * float(np.sqrt(p * (1 - p) / n)) if n else 1.0}


# -- intervals: how many catch the truth ---------------------------------------------------------


@lru_cache(maxsize=16)
def _truth(groups: int, size: int, sd_u: float, sigma: float, reml: bool) -> Fit:
    return plan(groups, size, beta=MEAN, sd_u=sd_u, sigma=sigma, reml=reml)


def _outcomes(truth: Fit, seeds: Sequence[int]) -> np.ndarray:
    """A row for each seed (B, n): what one person finds does not depend on who else is there."""
    return np.vstack([simulate(truth, 1, seed) for seed in seeds])


def _draw_intervals(state: dict, seeds: Sequence[int]) -> list[Drawn]:
    by_t = state["method"] == "t"
    truth = _truth(int(state["groups"]), int(state["size"]), 0.3, 0.8, by_t)
    Y = _outcomes(truth, seeds)
    fits = refit_many(truth, Y, verbose=False)
    tail = (1 + state["level"]) / 2
    z = laws.t.ppf(tail, int(state["groups"]) - 1) if by_t else laws.norm.ppf(tail)
    mean, half = fits.fixef[:, 0], z * fits.se[:, 0]
    return _drawn(truth, Y, estimate=mean, low=mean - half, high=mean + half)


def _drawn(truth: Fit, Y: np.ndarray, **numbers: np.ndarray) -> list[Drawn]:
    """Each person's dots and numbers, of arrays over persons."""
    step = max(1, Y.shape[1] // MOST_DOTS)
    codes, values = truth.frame.factors[0].codes[::step], np.round(Y[:, ::step], 3)
    return [
        Drawn(
            np.column_stack([codes, one]).tolist(),
            {name: float(v[k]) for name, v in numbers.items()},
        )
        for k, one in enumerate(values)
    ]


def _tell_interval(state: dict, drawn: Drawn) -> str:
    n = drawn.numbers
    return (
        f"You asked {state['groups']} groups of {state['size']}: the rows of dots. Your mean is "
        f"{n['estimate']:.2f}. Your {100 * state['level']:.0f}\u00a0% interval goes from "
        f"{n['low']:.2f} to {n['high']:.2f}."
    )


def _wall_intervals(state: dict, everyone: list[Drawn]) -> dict:
    marks = [one.numbers | {"miss": not _catches(one.numbers)} for one in everyone]
    caught = share(sum(not mark["miss"] for mark in marks), len(marks))
    return {
        "marks": marks,
        "truth": MEAN,
        "share": caught,
        "promised": state["level"],
        "words": "of your intervals caught the truth",
    }


def _catches(numbers: dict) -> bool:
    return numbers["low"] <= MEAN <= numbers["high"]


# -- a useless training: how many false alarms ----------------------------------------------------


@lru_cache(maxsize=16)
def _no_effect(groups: int, size: int, icc: float) -> tuple[Fit, Fit]:
    """Both tests of a design in which half the groups are trained, and the truth without effect."""
    truth = plan(groups, size, beta=MEAN, sd_u=icc**0.5, sigma=(1 - icc) ** 0.5)
    codes = truth.frame.factors[0].codes
    data = truth.frame.data.assign(x=(codes >= (groups + 1) // 2).astype(float))
    return gls("y ~ x", data), lmer("y ~ x + (1 | group)", data)


def _draw_alarms(state: dict, seeds: Sequence[int]) -> list[Drawn]:
    groups, size, icc = int(state["groups"]), int(state["size"]), float(state["icc"])
    single, mixed = _no_effect(groups, size, icc)
    Y = _outcomes(_truth(groups, size, icc**0.5, (1 - icc) ** 0.5, True), seeds)
    fits = refit_many(single if state["test"] == "ols" else mixed, Y, verbose=False)
    df = groups * size - 2 if state["test"] == "ols" else groups - 2
    estimate, se = fits.fixef[:, 1], fits.se[:, 1]  # of x
    return _drawn(mixed, Y, estimate=estimate, p=2 * laws.t.sf(abs(estimate / se), df))


def _tell_alarm(state: dict, drawn: Drawn) -> str:
    n = drawn.numbers
    p = "p < .001" if n["p"] < 0.001 else f"p = {n['p']:.3f}".replace("0.", ".")
    difference = f"{n['estimate']:+.2f}".replace("-", "\N{MINUS SIGN}")
    verdict = "The test calls that an effect." if n["p"] < 0.05 else "The test sees no effect."
    return f"Trained groups (the lower rows) differ by {difference}, {p}. {verdict}"


def _wall_alarms(state: dict, everyone: list[Drawn]) -> dict:
    marks = [one.numbers | {"miss": one.numbers["p"] < 0.05} for one in everyone]
    alarms = share(sum(mark["miss"] for mark in marks), len(marks))
    words = "found an effect that is not there"
    return {"marks": marks, "truth": 0.0, "share": alarms, "promised": 0.05, "words": words}


# -- everybody is a group: own mean, pulled mean --------------------------------------------------


def _draw_groups(state: dict, seeds: Sequence[int]) -> list[Drawn]:
    return [_draw_group(state, seed) for seed in seeds]


def _draw_group(state: dict, seed: int) -> Drawn:
    rng = np.random.default_rng([19, seed])
    size = int(state["size"])
    values = MEAN + state["sd_u"] * rng.standard_normal() + rng.standard_normal(size)
    dots = [[0.0, float(value)] for value in np.round(values, 3)]
    numbers = {"own": float(values.mean()), "ss": float(((values - values.mean()) ** 2).sum())}
    return Drawn(dots, numbers | {"size": float(size)})


def _tell_group(state: dict, drawn: Drawn) -> str:
    size, own = drawn.numbers["size"], drawn.numbers["own"]
    return f"You are a group of {size:.0f}. Your own mean is {own:.2f}."


def _wall_groups(state: dict, everyone: list[Drawn]) -> dict:
    own = np.array([one.numbers["own"] for one in everyone])
    grand, kept = (
        _pull(state, everyone) if len(own) > 2 else (own.mean() if len(own) else MEAN, 1.0)
    )
    marks = [{"own": float(m), "pulled": float(grand + kept * (m - grand))} for m in own]
    words = "of the way from the room's mean is what a group keeps"
    return {"marks": marks, "truth": float(grand), "kept": float(kept), "words": words}


def _pull(state: dict, everyone: list[Drawn]) -> tuple[float, float]:
    """The room's mean, and the share of its own deviation that a group keeps (equation 9)."""
    rows = [value for one in everyone for _, value in one.dots]
    names = [str(k) for k, one in enumerate(everyone) for _ in one.dots]
    fit = lmer("y ~ 1 + (1 | group)", pd.DataFrame({"y": rows, "group": names}))
    information = int(state["size"]) * float(fit.theta[0]) ** 2  # theta is relative to sigma
    return float(fit.fixef.iloc[0]), information / (1 + information)


# -- everybody's data choose a model --------------------------------------------------------------


@lru_cache(maxsize=16)
def _with_and_without(groups: int, size: int, sd_u: float) -> tuple[Fit, Fit, Fit]:
    truth = plan(groups, size, beta=MEAN, sd_u=sd_u, sigma=1.0, reml=False)
    data = truth.frame.data
    return truth, gls("y ~ 1", data, method="ML"), lmer("y ~ 1 + (1 | group)", data, REML=False)


def _draw_choices(state: dict, seeds: Sequence[int]) -> list[Drawn]:
    design = int(state["groups"]), int(state["size"]), float(state["sd_u"])
    truth, small, large = _with_and_without(*design)
    Y = _outcomes(truth, seeds)
    rise = [refit_many(fit, Y, verbose=False).loglik for fit in (large, small)]
    gain = 2 * np.maximum(rise[0] - rise[1], 0) - 2  # of AIC, by the intercept's one parameter
    return _drawn(truth, Y, gain=gain)


def _tell_choice(state: dict, drawn: Drawn) -> str:
    gain = drawn.numbers["gain"]
    chosen = "with groups" if gain > 0 else "without groups"
    return f"AIC chooses the model {chosen}: it is lower by {abs(gain):.1f}."


def _wall_choices(state: dict, everyone: list[Drawn]) -> dict:
    marks = [one.numbers | {"miss": one.numbers["gain"] <= 0} for one in everyone]
    chosen = share(sum(not mark["miss"] for mark in marks), len(marks))
    words = "of your data sets want groups"
    return {"marks": marks, "truth": 0.0, "share": chosen, "promised": None, "words": words}


# -- the four, as the teacher chooses from them ---------------------------------------------------


def _steps(label: str, values, text="{:g}".format) -> Setting:
    return Setting(label, tuple((text(value), value) for value in values))


STUDIES = {
    study.key: study
    for study in (
        ClassStudy(
            key="intervals",
            title="Everybody a study, everybody an interval",
            sentence="Each of you asks other people. How many of your intervals catch the truth?",
            settings={
                "groups": _steps("groups per study", (3, 5, 10, 30)),
                "method": Setting("interval by", (("± z SE", "wald"), ("t", "t"))),
                "level": _steps(
                    "promised (%)", (0.95, 0.9, 0.8), lambda level: f"{100 * level:.0f}"
                ),
                "size": _steps("people per group", (20, 5, 60)),
            },
            draw=_draw_intervals,
            tell=_tell_interval,
            wall=_wall_intervals,
        ),
        ClassStudy(
            key="alarms",
            title="Everybody tests a useless training",
            sentence="Whole groups are trained, to no effect. Who finds one?",
            settings={
                "test": Setting("test", (("groups ignored", "ols"), ("mixed model", "mixed"))),
                "icc": _steps("ICC", (0.1, 0.0, 0.3)),
                "groups": _steps("groups per study", (20, 6, 50)),
                "size": _steps("people per group", (20, 5, 60)),
            },
            draw=_draw_alarms,
            tell=_tell_alarm,
            wall=_wall_alarms,
        ),
        ClassStudy(
            key="groups",
            title="Everybody is a group",
            sentence="Each of you is a group with a mean. How far is it pulled to the room's?",
            settings={
                "size": _steps("people per group", (3, 2, 10, 50)),
                "sd_u": _steps("sd of groups", (0.5, 0.0, 1.0, 2.0)),
            },
            draw=_draw_groups,
            tell=_tell_group,
            wall=_wall_groups,
        ),
        ClassStudy(
            key="choices",
            title="Everybody's data choose a model",
            sentence="The same truth for all of you. Does AIC want groups in the model?",
            settings={
                "sd_u": _steps("sd of groups", (0.2, 0.0, 0.5)),
                "groups": _steps("groups per study", (10, 3, 30)),
                "size": _steps("people per group", (10, 3, 30)),
            },
            draw=_draw_choices,
            tell=_tell_choice,
            wall=_wall_choices,
        ),
    )
}
