"""What a student may ask of an interval: level, parameters, and how the columns are headed."""

from numbers import Real

import numpy as np

from hlmteach.engine.checks import shown
from hlmteach.errors import ModelError
from hlmteach.inference.profiling.coordinates import Parameter

LEAST_TAIL = 1e-12  # probability that a tail must have
GROUPS = {"theta_": ("sd", "cor", "sigma"), "beta_": ("beta",)}


def tails_of(level, alpha_lower) -> tuple[float, float]:
    """The probabilities of the two limits."""
    if not isinstance(level, Real) or not 0 < level < 1:
        raise ModelError(
            f"level={shown(level)} must be a number between 0 and 1: for 95 % write level=0.95."
        )
    below = (1 - level) / 2 if alpha_lower is None else alpha_lower
    low, high = max(0.0, 0.5 - level), min(0.5, 1 - level)
    if not isinstance(below, Real) or not low + LEAST_TAIL < below < high - LEAST_TAIL:
        raise ModelError(
            f"alpha_lower={shown(alpha_lower)} must be a number between {low:g} and {high:g} at "
            f"level {level:g}: it is the probability that the interval leaves out below."
        )
    return below, below + level


def choose(every: list[Parameter], parm) -> list[Parameter]:
    """The parameters that `parm` names, by lme4's short or long names."""
    if parm is None:
        return every
    wanted = [parm] if isinstance(parm, str) or np.ndim(parm) == 0 else list(parm)
    if not wanted:
        raise ModelError(f"parm={parm!r} names no parameter. Leave it out for all of them.")
    for name in wanted:
        if name not in GROUPS and not any(name in (p.name, p.label) for p in every):
            known = ", ".join(p.name for p in every)
            raise ModelError(f"There is no parameter {name!r}. This model has: {known}.")
    kinds = [kind for name in wanted for kind in GROUPS.get(name, ())]
    return [p for p in every if p.name in wanted or p.label in wanted or p.kind in kinds]


def percents(tails) -> list[str]:
    """Column heads as R writes them: 2.5 % and 97.5 %, 1 % and 96 %."""
    hundred = [round(100 * tail, 10) for tail in tails]
    places = max(0, 2 - int(np.floor(np.log10(hundred[0]))))
    texts = [f"{value:.{places}f}" for value in hundred]
    while "." in texts[0] and all(text.endswith("0") for text in texts):
        texts = [text[:-1] for text in texts]
    return [text.rstrip(".") + " %" for text in texts]
