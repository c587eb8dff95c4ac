"""The rows and models that several widgets let a student choose: the course's own."""

from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import ALL, Rows, Tutorial
from hlmteach.recipes.simulated import Simulated

SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]

# Where the tutorial's Model 4 stopped; its maximum is another lesson's.
PRINTED = {"sd": (0.072374062, 0.002428596), "corr": 0.131, "sigma": 0.806315723}

# The course's models by the numbers that they have there: fixed part, and what varies by group.
PARTS = {
    "model1": ("1", ""),
    "model2": ("1", "1"),
    "model3": ("{x}", "1"),
    "model4": ("{x}", "{x}"),
    "interaction": ("{x} * {m}", "1"),
}

CALL = """
    n_groups={groups}, n_per_group={size}, beta={beta},
    sd_u={sd_u:g}, sigma={sigma:g}, x_mean={x_mean}, seed={seed},
"""
CALL_WITH_SLOPES = CALL.replace("sd_u={sd_u:g}", "sd_u=({sd_u[0]:g}, {sd_u[1]:g}), rho={rho:g}")


def course_model(
    name: str, method: str = "ML", verb: str = "lme", *, called: str = "", **looks
) -> Model:
    """Return one of the course's models: "model1" to "model4", "interaction".

    `called` is what its fit is called, where that is not the model's name.

    Examples
    --------
    >>> print(course_model("model3", verb="lmer").formula(Tutorial()))
    Satisfaction ~ NPD + (1 | Time)
    """
    fixed, effects = PARTS[name]
    name = called or name
    return Model(name=name, fixed=fixed, effects=effects, method=method, verb=verb, **looks)


def rows_of(state: dict) -> Rows:
    """Return the rows that the controls ask for: `source`, and what goes with it.

    The tutorial's by kept, seed, shift_1, tilt_1, spread; simulated ones by groups, size, sd_u,
    sd_e, seed, and with random slopes sd_slope, rho. A control that a widget has not changes
    nothing; without `sd_e` sigma is 0.8.
    """
    return _simulated(state) if state["source"] == "simulated" else _tutorial(state)


def _tutorial(state) -> Tutorial:
    shifts, tilts = (
        tuple(state.get(f"{kind}_{j}", 0.0) for j in (1, 2, 3)) for kind in ("shift", "tilt")
    )
    kept = state.get("kept", ALL)
    return Tutorial(
        kept=kept,
        seed=state["seed"] if kept < ALL else 0,
        shifts=shifts,
        tilts=tilts,
        spread=state.get("spread", 1.0),
    )


def _simulated(state) -> Simulated:
    turns = "sd_slope" in state
    return Simulated(
        groups=state["groups"],
        size=state["size"],
        beta=(5, 0.12),
        sd_u=(state["sd_u"], state["sd_slope"]) if turns else state["sd_u"],
        rho=state.get("rho", 0.0),
        sigma=state.get("sd_e", 0.8),
        x_mean=3.5,
        seed=state["seed"],
        call=CALL_WITH_SLOPES if turns else CALL,
    )
