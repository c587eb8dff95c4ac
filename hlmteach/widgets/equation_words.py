"""The equations of the EquationExplorer: their symbols, their numbers in words, their code."""

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.views.equation import COLORS
from hlmteach.views.style import signed

SINGLE, COMPONENTS, MIXED, SLOPES = 1, 2, 3, 4
NAMES = {
    SINGLE: ("y", "beta_0", "beta_1", "x", "e"),
    COMPONENTS: ("y", "beta_0", "u", "e"),
    MIXED: ("y", "beta_0", "beta_1", "x", "u", "e"),
    SLOPES: ("y", "beta_0", "beta_1", "x", "u", "u_slope", "e"),
}
TITLES = {
    SINGLE: "Equation (1), a single level",
    COMPONENTS: "Equation (2), variance components",
    MIXED: "Equation (3), a random intercept",
    SLOPES: "Random slopes",
}
RIGHT_SIDES = {SINGLE: "x", COMPONENTS: "1 + (1 | group)", MIXED: "x + (1 | group)"}
RIGHT_SIDES[SLOPES] = "x + (x | group)"
X_MEAN, X_SD = 2.5, 0.9


def truth_of(state) -> dict[str, float]:
    """The true values; 0 for what does not stand in the equation."""
    names = NAMES[state["equation"]]
    needs = {
        "beta_0": "beta_0",
        "beta_1": "beta_1",
        "sd_u": "u",
        "sd_slope": "u_slope",
        "sigma": "e",
    }
    truth = {key: state[key] if part in names else 0.0 for key, part in needs.items()}
    return {**truth, "rho": state["rho"] if "u_slope" in names else 0.0}


def se_of_slope(fit: Fit) -> float:
    """The standard error of the slope; nan where there is none."""
    return float(fit.se.iloc[1]) if len(fit.se) > 1 else float("nan")


SYMBOLS = {  # base, subscript of (1), subscript of the others, what it is
    "y": ("y", "i", "ij", "y, the outcome of one person"),
    "beta_0": ("β", "0", "0", "beta zero, the intercept"),
    "beta_1": ("β", "1", "1", "beta one, the slope"),
    "x": ("x", "i", "ij", "x, the predictor of the person"),
    "u": ("u", "j", "j", "u, how far the group's line lies from the overall line"),
    "u_slope": ("u", "1j", "1j", "u one, how much steeper the group's line is"),
    "e": ("e", "i", "ij", "e, how far the person lies from the line"),
}
PATTERNS = {
    SINGLE: "y = beta_0 + beta_1 x + e",
    COMPONENTS: "y = beta_0 + u + e",
    MIXED: "y = beta_0 + beta_1 x + u + e",
    SLOPES: "y = beta_0 + beta_1 x + u + u_slope x + e",
}


def tokens_of(found) -> list[dict]:
    """The equation, symbol by symbol, for the bar."""
    equation = found.state["equation"]
    return [_token(word, equation, found.parts) for word in PATTERNS[equation].split()]


def _token(word, equation, parts) -> dict:
    if word not in SYMBOLS:
        return {"name": "", "base": word, "sub": "", "value": "", "color": "", "title": ""}
    base, single, grouped, title = SYMBOLS[word]
    sub = single if equation == SINGLE else grouped
    if word == "u" and equation == SLOPES:
        sub = "0j"
    value = signed(parts[word], 2) if word in ("u", "u_slope", "e") else _plain(parts[word])
    return {
        "name": word,
        "base": base,
        "sub": sub,
        "value": value,
        "color": COLORS[word],
        "title": title,
    }


def _plain(value) -> str:
    return f"{value:.2f}".replace("-", "−")


def note_of(found) -> str:
    """Whose numbers stand below the symbols."""
    group = "" if found.state["equation"] == SINGLE else f" of group {found.group + 1}"
    if found.truth:
        return (
            f"The numbers: one person{group}, true values. Broken lines: what the model estimates."
        )
    return f"The numbers: one person{group}, as the model estimates."


def sum_of(found) -> str:
    """The row shown, added up."""
    p = found.parts
    names = NAMES[found.state["equation"]]
    terms = [_plain(p["beta_0"])]
    if "beta_1" in names:
        terms.append(f"{_plain(p['beta_1'])} × {_plain(p['x'])}")
    terms += [_plain(p["u"])] if "u" in names else []
    terms += [f"{_plain(p['u_slope'])} × {_plain(p['x'])}"] if "u_slope" in names else []
    total = " + ".join([*terms, _plain(p["e"])]).replace("+ −", "− ")
    return f"For the person shown: {_plain(p['y'])} = {total}."


LABELS = {
    "beta_0": "β₀, the intercept",
    "beta_1": "β₁, the slope",
    "sd_u": "sd of u",
    "sd_slope": "sd of the slopes",
    "rho": "ρ",
    "sigma": "sd of e",
}
PART_OF = {"beta_1": "beta_1", "sd_u": "u", "sd_slope": "u_slope", "rho": "u_slope"}


def rows_of(found) -> tuple:
    """The table: true values beside estimates."""
    names = NAMES[found.state["equation"]]
    rows = []
    for key, label in LABELS.items():
        if PART_OF.get(key, "e") in names:
            estimate = _plain(found.estimates[key])
            rows.append(
                (label, f"{_plain(found.truth[key])} → {estimate}" if found.truth else estimate)
            )
    if "beta_1" in names:
        rows.append(("se of β₁", f"{se_of_slope(found.fit):.3f}"))
    return tuple(rows)


def alt_of(found) -> str:
    """What the picture shows now."""
    equation = found.state["equation"]
    lines = "" if equation == SINGLE else f", {len(found.lines)} groups' lines"
    lit = found.state["symbol"]
    words = f" Lit up: {SYMBOLS[lit][3]}." if lit in NAMES[equation] else ""
    return f"{len(found.data)} rows, an overall line{lines}. {sum_of(found)}{words}"


# -- the same as code -----------------------------------------------------------------------------


def python_code(state) -> str:
    """Python that draws such rows and fits the equation."""
    y, x, group, data = "Satisfaction", "NPD", "Time", 'data = hlm.load("HLM")\n'
    if state["source"] == "simulated":
        y, x, group, t = "y", "x", "group", truth_of(state)
        data = (
            f"data = hlm.simulate_groups(\n    {state['groups']}, {state['size']},\n"
            f"    beta=({t['beta_0']:g}, {t['beta_1']:g}),\n"
            f"    sd_u=({t['sd_u']:g}, {t['sd_slope']:g}),\n"
            f"    rho={t['rho']:g}, sigma={t['sigma']:g}, x_mean={X_MEAN}, x_sd=(0, {X_SD}),\n"
            f"    seed={state['seed']}, effects=True,\n)\n"
        )
        data += _python_shown(state)
    right = RIGHT_SIDES[state["equation"]].replace("x", x).replace("group", group)
    verb, how = ("gls", 'method="ML"') if state["equation"] == SINGLE else ("lmer", "REML=False")
    return (
        f"import hlmteach as hlm\n\n{data}"
        f'model = hlm.{verb}("{y} ~ {right}", data, {how})\n'
        "print(model.fixef, model.varcorr, sep='\\n\\n')\n"
    )


def _python_shown(state) -> str:
    """The group shown has the u that was set."""
    if state["equation"] == SINGLE:
        return ""
    return (
        'shown = data["group"] == 1\n'
        f'data.loc[shown, "y"] += {state["u_j"]:g} - data.loc[shown, "u_intercept"]\n'
    )


def r_code(state) -> str:
    """R that does the same; its random numbers are others."""
    y, x, group = "Satisfaction", "NPD", "Time"
    data = 'library(foreign)\ndata <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
    if state["source"] == "simulated":
        y, x, group, t = "y", "x", "group", truth_of(state)
        J, slope = state["groups"], np.sqrt(1 - t["rho"] ** 2)
        shown = "" if state["equation"] == SINGLE else f"u0[1] <- {state['u_j']:g}\n"
        data = (
            f"set.seed({state['seed']})  # R draws other numbers than Python\n"
            f"group <- factor(rep(1:{J}, each = {state['size']}))\n"
            f"z <- matrix(rnorm(2 * {J}), {J})\n"
            f"u0 <- {t['sd_u']:g} * z[, 1]\n"
            f"u1 <- {t['sd_slope']:g} * ({t['rho']:g} * z[, 1] + {slope:.4g} * z[, 2])\n"
            f"{shown}x <- rnorm(length(group), {X_MEAN}, {X_SD})\n"
            f"e <- rnorm(length(group), sd = {t['sigma']:g})\n"
            f"y <- {t['beta_0']:g} + u0[group] + ({t['beta_1']:g} + u1[group]) * x + e\n"
            "data <- data.frame(y, x, group)\n"
        )
    right = RIGHT_SIDES[state["equation"]].replace("x", x).replace("group", group)
    verb = "lm" if state["equation"] == SINGLE else "lmer"
    how = "" if state["equation"] == SINGLE else ", REML = FALSE"
    return (
        f"library(lme4)\n{data}model <- {verb}({y} ~ {right}, data = data{how})\nsummary(model)\n"
    )
