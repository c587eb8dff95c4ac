"""From a Fit to searches: the ML optimum, what is profiled, and exact profile limits."""

import warnings
from dataclasses import replace

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.errors import HLMWarning, ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.profiling.coordinates import Parameter
from hlmteach.inference.profiling.crossing import Origin, above, cross
from hlmteach.inference.profiling.joint import OneFactor
from hlmteach.inference.profiling.joint_blocks import ManyFactors
from hlmteach.inference.profiling.search import Search, descend

LEAST_CURVATURE = 1e-4  # of a profile; a flatter one has its first step by this instead


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


def search_for(fit: Fit, parameters: list[Parameter]) -> Search:
    """One search for each of the parameters of an ML fit."""
    kind, slots, relation = zip(*((p.kind, p.slots, p.relation) for p in parameters), strict=True)
    surface = _many(fit, parameters) if fit.design.others else _one(fit, parameters)
    return Search(surface, np.array(kind), np.array(slots), np.array(relation))


def _one(fit: Fit, parameters) -> OneFactor:
    R = fit.design.R
    turned = [R if p.Q is None else np.einsum("acj,cd->adj", R, p.Q) for p in parameters]
    return OneFactor(
        fit.design, fit.response, np.stack(turned), np.stack([p.a for p in parameters])
    )


def _many(fit: Fit, parameters) -> ManyFactors:
    same = [np.eye(g.q) for g in fit.design.groupings]
    turns = [
        tuple(p.Q if i == p.factor and p.Q is not None else one for i, one in enumerate(same))
        for p in parameters
    ]
    a = np.stack([p.a for p in parameters])
    return ManyFactors(fit.design, fit.response, tuple(turns), a)


def origin_of(fit: Fit, search: Search, parameters: list[Parameter]) -> Origin:
    """The optimum as each search sees it, looking upwards."""
    v, x = np.array([p.v for p in parameters]), np.stack([p.x for p in parameters])
    minimum = descend(search, x, v)
    scale = np.sqrt(2 / np.maximum(minimum.bend, 2 * LEAST_CURVATURE))
    domain = np.array([p.domain for p in parameters])
    lowest = np.full(len(v), fit.solution.value[0])
    lowest += np.minimum(above(lowest, minimum.value).min(), 0.0)
    return Origin(
        v=v,
        x=minimum.x,
        lowest=lowest,
        domain=domain,
        scale=scale,
        tangent=minimum.tangent,
        side=np.ones(len(v)),
    )


def _check_found(parameters, reached) -> None:
    if not reached.all():
        names = ", ".join(p.name for p, one in zip(parameters, reached, strict=True) if not one)
        warnings.warn(
            f"The limits of {names} were not settled: the profile is too rough there. Look at "
            "hlm.profile(fit), and think of a simpler model.",
            HLMWarning,
            stacklevel=2,
        )


def limits(fit: Fit, parameters: list[Parameter], z) -> np.ndarray:
    """Where zeta of each parameter is -z[0] and z[1] (P, 2), or the end of the domain.

    `z` is a pair, or a pair (2, P) with heights of each parameter's own. A correlation with an
    effect that does not vary may be anything.
    """
    ends = np.array([p.domain for p in parameters])
    z = np.broadcast_to(np.reshape(z, (2, -1)), (2, len(parameters)))
    real = [i for i, p in enumerate(parameters) if np.isfinite(p.v)]
    if real:
        some = [parameters[i] for i in real]
        search = search_for(fit, some)
        both = origin_of(fit, search, some).both_sides()
        twice = search.take(np.tile(np.arange(len(some)), 2))
        brackets = cross(twice, both, np.square(z[:, real]).ravel())
        _check_found(some, brackets.done.reshape(2, -1).all(axis=0))
        ends[real] = brackets.v.reshape(2, -1).T
    return np.array([p.to_value(end) for p, end in zip(parameters, ends, strict=True)])
