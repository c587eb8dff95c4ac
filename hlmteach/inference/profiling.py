"""From a Fit to searches: the ML optimum, what is profiled, and exact profile limits."""

import warnings
from dataclasses import replace

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.errors import HLMWarning, ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.coordinates import Parameter
from hlmteach.inference.crossing import Origin, above, cross
from hlmteach.inference.joint import OneFactor
from hlmteach.inference.joint_blocks import ManyFactors, rotate
from hlmteach.inference.search import Search, descend

FLATTEST = 1e-4  # curvature of a profile below which a first step of this much is tried instead


def check_optimum(fit: Fit, verb: str) -> None:
    """Refuse a fit that was evaluated by `.at`: it has no likelihood to come down from."""
    check_fit(fit, verb)
    if fit.given_sigma is not None:
        raise ModelError(
            "This fit was evaluated with .at(...) at values you chose, not fitted, so there is no "
            "optimum to measure from. Use the fit that .at() was called on."
        )


def by_ml(fit: Fit) -> Fit:
    """The fit itself, or for one by REML the ML fit of the same model."""
    return replace(fit, reml=False).refit() if fit.reml else fit


def search_for(fit: Fit, chosen: list[Parameter]) -> Search:
    """One search for each of the parameters of an ML fit."""
    kind, slots, relation = zip(*((p.kind, p.slots, p.relation) for p in chosen), strict=True)
    surface = _many(fit, chosen) if fit.design.others else _one(fit, chosen)
    return Search(surface, np.array(kind), np.array(slots), np.array(relation))


def _one(fit: Fit, chosen) -> OneFactor:
    R = fit.design.R
    turned = [R if p.Q is None else np.einsum("acj,cd->adj", R, p.Q) for p in chosen]
    return OneFactor(fit.design, fit.response, np.stack(turned), np.stack([p.a for p in chosen]))


def _many(fit: Fit, chosen) -> ManyFactors:
    pairs = [_turned(fit, p) for p in chosen]
    designs, responses = zip(*pairs, strict=True)
    return ManyFactors(designs, responses, np.stack([p.a for p in chosen]))


def _turned(fit: Fit, p: Parameter):
    if p.Q is None or len(p.Q) == 1:
        return fit.design, fit.response
    return rotate(fit.design, fit.response, p.factor, p.Q)


def origin_of(fit: Fit, search: Search, chosen: list[Parameter]) -> Origin:
    """The optimum as each search sees it, looking upwards."""
    v, x = np.array([p.v for p in chosen]), np.stack([p.x for p in chosen])
    held = descend(search, x, v)
    scale = np.sqrt(2 / np.maximum(held.bend, 2 * FLATTEST))
    domain = np.array([p.domain for p in chosen])
    lowest = np.full(len(v), fit.solution.value[0])
    lowest += np.minimum(above(lowest, held.value).min(), 0.0)
    return Origin(v, held.x, lowest, domain, scale, held.tangent, np.ones(len(v)))


def _check_found(chosen, done) -> None:
    if not done.all():
        names = ", ".join(p.name for p, one in zip(chosen, done, strict=True) if not one)
        warnings.warn(
            f"The limits of {names} were not settled: the profile is too rough there. Look at "
            "hlm.profile(fit), and think of a simpler model.",
            HLMWarning,
            stacklevel=2,
        )


def limits(fit: Fit, chosen: list[Parameter], z: tuple[float, float]) -> np.ndarray:
    """Where zeta of each parameter is -z[0] and z[1] (P, 2), or the end of the domain.

    A correlation with an effect that does not vary may be anything.
    """
    ends = np.array([p.domain for p in chosen])
    real = [i for i, p in enumerate(chosen) if np.isfinite(p.v)]
    if real:
        some = [chosen[i] for i in real]
        search = search_for(fit, some)
        both = origin_of(fit, search, some).both_sides()
        twice = search.take(np.tile(np.arange(len(some)), 2))
        found = cross(twice, both, np.repeat(np.square(z), len(some)))
        _check_found(some, found.done.reshape(2, -1).all(axis=0))
        ends[real] = found.v.reshape(2, -1).T
    return np.array([p.to_value(end) for p, end in zip(chosen, ends, strict=True)])
