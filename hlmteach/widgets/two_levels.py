"""TwoLevels: one equation per level, and what each says in the picture."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Rows
from hlmteach.recipes.schools import Schools
from hlmteach.views.style import signed
from hlmteach.views.two_levels import TwoLevelsPicture, TwoLevelsView
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, never, seed, slider, whole

SCHOOLS, PUPILS = 40, 20
PREDICTORS = [("ses", "raw"), ("within and mean", "within"), ("ses and mean", "both")]
MODELS = {
    "raw": Model(name="model", fixed="ses * support", effects="ses", method="REML", verb="lmer"),
    "within": Model(
        name="model", fixed="within * support + mean", effects="within", method="REML", verb="lmer"
    ),
    "both": Model(
        name="model",
        fixed="ses + support + within:support + mean",
        effects="within",
        method="REML",
        verb="lmer",
    ),
}
SLOPE = {"raw": "ses", "within": "within", "both": "ses"}
CROSS = {"raw": "ses:support", "within": "within:support", "both": "support:within"}


@dataclass(frozen=True)
class Found:
    """The rows, the fit, and each school's place at level 2."""

    state: dict
    rows: Rows
    fit: Fit
    picture: TwoLevelsPicture


class TwoLevels(TeachingWidget):
    """One equation for pupils, one for the schools' heights, one for their slopes.

    Each school's line at the left is a point in both pictures at the right: its height against
    the school's mean, its slope against the school's support. Colours stand for support. Choose
    how ses enters: as it is, or taken apart into the school's mean and what is left within.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.TwoLevels()
    >>> round(widget.results["slope"], 2), round(widget.results["between"], 2)
    (3.05, 6.88)
    >>> widget.set(predictors="raw")
    >>> round(widget.results["slope"], 2)
    3.39
    >>> widget.close()
    """

    title = "Two levels of equations"
    sentence = (
        "Level 1 tells pupils of one school apart. Level 2 tells schools apart, by height and by "
        "slope."
    )
    presets = {
        "two levels": {},
        "one slope for both": {"predictors": "raw"},
        "contextual effect": {"predictors": "both", "cross": 0.0},
        "nothing between": {"between": 3.0, "cross": 0.0, "sd_slope": 0.0},
    }
    inputs = {
        "predictors": ask(choice, "ses enters as", "within", PREDICTORS),
        "school": ask(whole, "school shown", 1, 1, SCHOOLS),
        "between": ask(slider, "true slope between schools", 7, 0, 12, 0.5),
        "cross": ask(slider, "true effect of support on slopes", -0.8, -1.5, 1.5, 0.1, signed=True),
        "sd_slope": ask(slider, "true sd of slopes", 0.8, 0, 2, 0.1, when=never),
        "seed": ask(seed, 35),
    }
    picture = TwoLevelsView
    table = """
        {slope_said} | {slope:.2f}
        {mean_said} | {mean:.2f}
        between schools | {between_said}
        slope, per unit of support | {cross_found:.2f}
        sd of heights | {sd_height:.2f}
        sd of slopes | {sd_slopes:.2f}
        all numbers |
        height, per unit of support | {support:.2f}
        sd of e | {sigma:.2f}
        log-likelihood (REML) | {loglik:+.2f}
    """
    status = "{status_said} Slope of school {school}: {slope_here:.2f}."
    alt = (
        "Lines of {J} schools, school {school} thick with its pupils. Right, above: the lines' "
        "heights against mean ses, {first}. Below: their slopes against support, {second}."
    )
    caption = "Fitted by REML"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(model.fixef, model.varcorr, model.loglik, sep="\\n\\n")
            {python_between}
        """,
        "r": """
            library(lme4)
            {rows}
            {model}
            summary(model)
            as.data.frame(VarCorr(model))
            {r_between}
        """,
    }

    _asked = _rows = _fit = None

    def recipe(self, state):
        """Forty schools of twenty pupils; ses enters as it is chosen."""
        rows = Schools(
            schools=SCHOOLS,
            pupils=PUPILS,
            **{name: state[name] for name in ("between", "cross", "sd_slope", "seed")},
        )
        return rows, [MODELS[state["predictors"]]]

    def compute(self, state) -> Found:
        """Fit the model, once for all schools shown; read each one's height and slope off it."""
        rows, (model,) = asked = self.recipe(state)
        if asked != self._asked:
            self._asked, self._rows, self._fit = asked, rows, model.fit(rows)
        return Found(state, self._rows, self._fit, _picture(self._rows, self._fit, state))

    def draw(self, found):
        """Show lines and points."""
        self.view.update(found.picture)

    def story(self, found):
        """One school, all schools, their heights, their slopes, and the lines of level 2."""
        view, picture = self.view, found.picture
        view.clear()
        view.show_school(picture)
        yield "Level 1, one school: its pupils and its line."
        view.show_lines(picture)
        yield "Every school has a line. The dashed line goes through their middles."
        view.show_heights(picture)
        yield "Level 2: each line's height is a point. Schools with a higher mean lie higher."
        view.show_slopes(picture)
        yield "Level 2: each line's slope is a point. Support may change it."
        view.show_level_2(picture)
        yield "The equations of level 2 are lines through these points; u is what they leave."

    def numbers(self, found):
        """Name the coefficients of both levels."""
        fit, by = found.fit, found.state["predictors"]
        beta, sds = _named(fit), fit.covariances["school"].sd
        return {
            "slope": beta[SLOPE[by]],
            **({} if by == "raw" else {"mean": beta["mean"]}),
            "between": float(found.picture.between[1]),
            "cross_found": beta[CROSS[by]],
            "support": beta["support"],
            "sd_height": float(sds[0]),
            "sd_slopes": float(sds[1]),
            "sigma": float(fit.sigma),
            "loglik": float(fit.loglik),
        }

    def words(self, found):
        """What each coefficient is called, and what the two slopes are."""
        by, picture = found.state["predictors"], found.picture
        slope, between = picture.cross[0], picture.between[1]
        said = (
            f"One slope for both levels: {slope:.2f}."
            if by == "raw"
            else f"Within a school {slope:.2f} per unit of ses, between schools {between:.2f}."
        )
        names = {"raw": "ses, a blend", "within": "within a school", "both": "ses: within a school"}
        first, second = picture.equations
        return {
            "slope_said": names[by],
            "mean_said": "mean: contextual effect" if by == "both" else "mean: between schools",
            **({"between_said": f"{between:.2f}"} if by == "both" else {}),
            "status_said": said.replace("-", "−"),
            "slope_here": float(picture.slopes[picture.shown]),
            "J": SCHOOLS,
            "first": first,
            "second": second,
        }

    def code_words(self, state):
        """Where the slope between schools has to be added up."""
        both = state["predictors"] == "both"
        return {
            "python_between": 'print("between", model.fixef["ses"] + model.fixef["mean"])'
            if both
            else "",
            "r_between": 'sum(fixef(model)[c("ses", "mean")])  # between schools' if both else "",
        }


def _named(fit: Fit) -> dict[str, float]:
    return dict(zip(fit.frame.names, fit.beta.tolist(), strict=True))


def _picture(rows: Schools, fit: Fit, state: dict) -> TwoLevelsPicture:
    by, beta, u = state["predictors"], _named(fit), fit.b["school"]
    means, support, shown = rows.mean, rows.support, state["school"] - 1
    x, y = (values.reshape(SCHOOLS, PUPILS) for values in (rows.predictor, rows.outcome))
    slope = beta[SLOPE[by]]
    cross = np.array([slope, beta[CROSS[by]]])
    slopes = slope + cross[1] * support + u[:, 1]
    rise = {"raw": slope, "within": beta.get("mean"), "both": slope + beta.get("mean", 0)}
    between = np.array([beta["(Intercept)"], rise[by]])
    heights = between[0] + between[1] * means + u[:, 0]
    if by == "raw":  # measured at ses = 0: taken from there to the school's own mean
        heights = between[0] + slopes * means + u[:, 0]
    return TwoLevelsPicture(
        spans=np.column_stack([x.min(axis=1), x.max(axis=1)]),
        means=means,
        heights=heights,
        lifts=beta["support"] * support,
        support=support,
        slopes=slopes,
        shown=shown,
        x=x[shown],
        y=y[shown],
        between=between,
        cross=cross,
        equations=_equations(between, cross, beta["mean"] if by == "both" else None),
    )


def _equations(between, cross, context: float | None) -> tuple[str, str]:
    """Write level 2 with its numbers."""
    rise = f"{between[1]:.2f}"
    if context is not None:
        rise = f"({between[1] - context:.2f} {_term(context)})"
    height = f"height = {between[0]:.1f} + {rise} mean + u₀"
    slope = f"slope = {cross[0]:.2f} {_term(cross[1])} support + u₁"
    return height.replace("-", "−"), slope.replace("-", "−")


def _term(value: float) -> str:
    """Write a number that is added, its sign apart."""
    text = signed(value, 2)
    return f"{text[0]} {text[1:]}" if text[0] in "+−" else f"+ {text}"
