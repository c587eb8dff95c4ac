"""ProfileExplorer: where the six printed limits of confint(model2.1) come from."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.inference.intervals.profiles import limits_at
from hlmteach.recipes.chosen import SOURCES, course_model, rows_of
from hlmteach.views.profiles import TOP_ZETA, ProfilePicture, ProfileView
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider, whole
from hlmteach.widgets.parts import ALL

NAN = float("nan")
HEIGHTS = np.array(
    [0.02, *np.linspace(0.15, TOP_ZETA + 0.15, 21)]
)  # of zeta, where curves are solved
PARAMETERS = [
    ("the mean, β₀", "(Intercept)"),
    ("sd of u, .sig01", ".sig01"),
    ("σ, .sigma", ".sigma"),
    ("slope, β₁", "slope"),
]
LEVELS = [(f"{x:.0%}", x) for x in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)]
Z = {level: float(norm.isf((1 - level) / 2)) for _, level in LEVELS}  # where each level cuts
MODELS = [("Model 2.1", 2), ("Model 3.1", 3)]
SIMULATED = {"source": "simulated"}
WORDS = {".sig01": "sd of u", ".sigma": "sd of e, σ", "(Intercept)": "the mean, β₀", "slope": "β₁"}


@dataclass(frozen=True)
class Curves:
    """A fit, and for each parameter the values (2 m,) at which zeta is what `zeta` says.

    `estimates` and `errors` are each parameter's estimate and standard error. `limits` are by
    level, and then by parameter.
    """

    fit: Fit
    values: dict[str, np.ndarray]
    zeta: np.ndarray
    estimates: dict[str, float]
    errors: dict[str, float]
    limits: dict[float, dict[str, tuple[float, float]]]


@dataclass(frozen=True)
class Found:
    """The curves, the level, and the parameter on show."""

    curves: Curves
    level: float
    picture: ProfilePicture


class ProfileExplorer(TeachingWidget):
    """A profile interval holds the values that the data do not speak against too loudly.

    At the right, how much worse the fit gets when one parameter is held at a value and all others
    are fitted anew. The level sets the height of the cut, and the cut gives the limits. Dashed is
    Wald's parabola, symmetric by construction. At the left the same with its square root, zeta:
    where the curve is straight, Wald is right.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ProfileExplorer()
    >>> [round(widget.results[f"{end} (Intercept)"], 4) for end in ("low", "high")]
    [4.9785, 5.2082]
    >>> widget.close()
    """

    title = "A profile, and where the level cuts it"
    sentence = (
        "A profile interval holds every value that fits nearly as well as the best. It need "
        "not be symmetric."
    )
    presets = {
        "model 2.1": {},
        "sd of u": {"parameter": ".sig01"},
        "model 3.1": {"model": 3, "parameter": "slope"},
        "many groups": {"source": "simulated", "groups": 60, "parameter": ".sig01"},
    }

    inputs = {
        "parameter": ask(choice, "parameter", "(Intercept)", PARAMETERS),
        "level": ask(ladder, "level", 0.95, LEVELS),
        "model": ask(choice, "model", 2, MODELS, when={"source": "tutorial"}),
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "groups": ask(whole, "groups", 12, 3, 100, when=SIMULATED),
        "size": ask(whole, "rows per group", 20, 2, 60, when=never),
        "sd_u": ask(slider, "true sd of u", 0.4, 0, 1, 0.05, when=never),
        "seed": ask(seed, when=SIMULATED),
    }
    picture = ProfileView
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(hlm.confint(model, level={level:g}))
            print(hlm.confint(model, level={level:g}, method="wald"))
        """,
        "r": """
            library(lme4)
            {rows}
            {model}
            confint(model, level = {level:g})
            confint(model, level = {level:g}, method = "Wald")
            library(lattice)
            xyplot(profile(model))
        """,
    }
    _key = _curves = None

    def recipe(self, state):
        """Model 2 or 3 by lmer, as the tutorial's 2.1 and 3.1."""
        name = f"model{state['model']}"
        return rows_of(state), [course_model(name, verb="lmer", called="model", bar="|")]

    def compute(self, state) -> Found:
        """Solve the curves once for each fit; every level's limits are solved with them."""
        rows, (model,) = self.recipe(state)
        if (rows, model) != self._key:
            self._curves, self._key = _curves(model.fit_table(rows)), (rows, model)
        name = _chosen(self._curves.fit, state["parameter"])
        level = state["level"]
        return Found(self._curves, level, _picture(self._curves, name, level))

    def draw(self, found):
        """Show the chosen parameter."""
        self.view.update(found.picture)

    def report(self, found) -> Report:
        """Give the limits of every parameter, and Wald's of the one on show."""
        seen, numbers, more = found.picture, {}, []
        for name, (low, high) in found.curves.limits[found.level].items():
            numbers |= {f"low {name}": low, f"high {name}": high}
            more += [(f"{name}, {_words(name)}", ""), (f"{low:.7f} to", f"{high:.7f}")]
        low, high = seen.wald
        numbers |= {"wald_low": low, "wald_high": high, "cut": seen.z**2}
        numbers["estimate"] = seen.estimate
        rows = (
            ("estimate", f"{seen.estimate:.5f}"),
            ("profile, from", f"{seen.limits[0]:.5f}"),
            ("to", f"{seen.limits[1]:.5f}"),
            ("Wald, from", f"{low:.5f}"),
            ("to", f"{high:.5f}"),
            ("cut at", f"{seen.z**2:.2f}"),
        )
        level = f"{found.level:.0%}"
        ends = f"{seen.limits[0]:.4f} to {seen.limits[1]:.4f}"
        status = f"{level} profile interval of {seen.name}: {ends}."
        alt = (
            f"Zeta and the deviance of {seen.name}, cut at {seen.z**2:.2f}. {status} "
            f"Wald's: {low:.4f} to {high:.4f}."
        )
        return Report(
            numbers=numbers,
            rows=(*rows, (ALL, ""), *more),
            status=status,
            alt=alt,
            caption=f"{level} limits of {_words(seen.name)}",
        )

    def story(self, found):
        """Raise the cut to the level."""
        curves, name = found.curves, found.picture.name
        for level in [x for x in (0.5, 0.7, 0.8, 0.9, 0.95) if x < found.level] + [found.level]:
            picture = _picture(curves, name, level)
            self.view.show_cut(picture)
            low, high = picture.limits
            yield f"{level:.0%}: cut at {picture.z**2:.2f}, from {low:.4f} to {high:.4f}."


def _chosen(fit: Fit, parameter: str) -> str:
    """The parameter's name in this fit; Model 2.1 has no slope, so its mean stands in."""
    return fit.frame.names[-1] if parameter == "slope" else parameter


def _curves(fit: Fit) -> Curves:
    """Limits at many levels are the profile, read sideways."""
    estimates = {".sig01": float(fit.varcorr["sd"].iloc[0]), ".sigma": fit.sigma}
    estimates |= fit.fixef.to_dict()
    errors, values, limits = fit.se.to_dict(), {}, {level: {} for level in Z}
    for name, ends in limits_at(fit, [*HEIGHTS, *Z.values()]).items():
        curve, cuts = np.split(ends, [len(HEIGHTS)])
        for level, pair in zip(Z, cuts.tolist(), strict=True):
            limits[level][name] = tuple(pair)
        low, high = curve[::-1, 0].copy(), curve[:, 1]
        if name.startswith(".sig"):
            low[low == 0] = NAN  # the range ends before zeta gets so low
            # no standard error of its own: the one that the curvature at the top stands for
            errors[name] = float((high[0] - estimates[name]) / HEIGHTS[0])
        values[name] = np.concatenate([low, high])
    return Curves(
        fit=fit,
        values=values,
        zeta=np.concatenate([-HEIGHTS[::-1], HEIGHTS]),
        estimates=estimates,
        errors=errors,
        limits=limits,
    )


def _picture(curves: Curves, name: str, level: float) -> ProfilePicture:
    return ProfilePicture(
        name=name,
        value=curves.values[name],
        zeta=curves.zeta,
        estimate=curves.estimates[name],
        se=curves.errors[name],
        z=Z[level],
        limits=curves.limits[level][name],
        floor=0.0 if name.startswith(".sig") else NAN,
    )


def _words(name: str) -> str:
    return WORDS.get(name, WORDS["slope"])
