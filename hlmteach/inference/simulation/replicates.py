"""One model fitted to many outcomes at once: no loop over replicates."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine import covariance as cov
from hlmteach.engine.checks import floats
from hlmteach.engine.crossprod import Design, Response, response
from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.progress import Progress
from hlmteach.engine.solve import maximise
from hlmteach.errors import DataError
from hlmteach.inference.arguments import check_fit

BATCH_EFFECTS = 50_000  # random effects times replicates that are worked on at once


@dataclass(frozen=True, repr=False)
class Refits:
    """B fits of one model, each to an outcome of its own: what `hlm.refit_many` returns.

    `table` has a row for each fit; `fixef`, `se`, `sd`, `sigma` and `loglik` are arrays over them.
    `like` is the fit whose model they share.

    The properties are in the units of the data, and `converged` (B,) says whether each maximum was
    reached. The other fields are in the engine's standardised units: `white_theta` (B, k), `beta`
    (B, p), `factor` (B, p, p), `value` and `pwrss` (B,), and each outcome's `shift` and `scale`.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> refits = hlm.refit_many(model, [model.y, 10 * model.y])
    >>> refits
    2 fits of 'Satisfaction ~ 1 + (1|Time)', 0 of them singular; all in .table
    >>> refits.sigma.round(4).tolist()
    [0.8166, 8.1657]
    """

    like: Fit
    white_theta: np.ndarray
    beta: np.ndarray
    factor: np.ndarray
    value: np.ndarray
    pwrss: np.ndarray
    shift: np.ndarray
    scale: np.ndarray
    converged: np.ndarray

    def __len__(self) -> int:
        return len(self.value)

    def __repr__(self) -> str:
        singular = (
            f"{int(self.is_singular.sum())} of them singular; " if self.like.theta.size else ""
        )
        return f"{len(self)} fits of {self.like.formula!r}, {singular}all in .table"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fixed coefficients, the columns of `fixef` and `se`."""
        return self.like.frame.names

    @cached_property
    def sigma(self) -> np.ndarray:
        """Residual standard deviations (B,)."""
        return self.scale * np.sqrt(self.pwrss / self.like.n_effective)

    @cached_property
    def fixef(self) -> np.ndarray:
        """Fixed coefficients (B, p)."""
        return self.like.design.raw_coefficients(self.beta, self.shift, self.scale)

    @cached_property
    def se(self) -> np.ndarray:
        """Standard errors (B, p), by the convention of the fit's verb."""
        W = np.linalg.solve(self.factor, self.like.design.X_map.T)
        relative = np.sqrt((W**2).sum(axis=1))
        return self.sigma[:, None] * relative * self.like.se_factor

    @cached_property
    def loglik(self) -> np.ndarray:
        """Log-likelihoods (B,), restricted ones under REML."""
        n = self.like.n_effective
        value = self.value + 2 * n * np.log(self.scale)
        return -0.5 * (value - (2 * self.like.design.log_det_map if self.like.reml else 0.0))

    @cached_property
    def relative_factors(self) -> dict[str, np.ndarray]:
        """Lambda (B, q, q) of each factor, relative to sigma."""
        groupings = self.like.design.groupings
        pieces = cov.split(self.white_theta, groupings)
        raw = {g.name: cov.to_raw_many(t, g) for t, g in zip(pieces, groupings, strict=True)}
        return {f.name: raw[f.name] for f in self.like.frame.factors}

    @cached_property
    def theta(self) -> np.ndarray:
        """Free entries of Lambda (B, k), in the order of `Fit.theta`."""
        by_name = {g.name: g for g in self.like.design.groupings}
        parts = [cov.theta_of(L, by_name[name]) for name, L in self.relative_factors.items()]
        return np.hstack(parts) if parts else np.zeros((len(self), 0))

    @cached_property
    def sd(self) -> np.ndarray:
        """Sds of the random effects (B, total q), in the order of `sd_names`."""
        parts = [np.linalg.norm(Lambda, axis=2) for Lambda in self.relative_factors.values()]
        relative = np.hstack(parts) if parts else np.zeros((len(self), 0))
        return self.sigma[:, None] * relative

    @property
    def sd_names(self) -> tuple[str, ...]:
        """`effect | factor` for each column of `sd`."""
        return tuple(f"{name} | {f.name}" for f in self.like.frame.factors for name in f.names)

    @cached_property
    def is_singular(self) -> np.ndarray:
        """Whether a variance is exactly 0, or a correlation exactly +-1 (B,)."""
        diagonals = [np.diagonal(L, axis1=1, axis2=2) for L in self.relative_factors.values()]
        return (np.hstack(diagonals) == 0).any(axis=1) if diagonals else np.zeros(len(self), bool)

    @property
    def table(self) -> pd.DataFrame:
        """A row per replicate: fixed coefficients, `sd effect | factor`, sigma, loglik, flags."""
        fixed = pd.DataFrame(self.fixef, columns=list(self.names))
        sds = pd.DataFrame(self.sd, columns=[f"sd {name}" for name in self.sd_names])
        rest = {
            name: getattr(self, name) for name in ("sigma", "loglik", "is_singular", "converged")
        }
        return pd.concat([fixed, sds, pd.DataFrame(rest)], axis=1)


@fit_method
def refit_many(fit: Fit, Y=None, verbose: bool = True) -> Refits:
    """Fit one model to many outcomes at once, each as `fit.refit` would (equations 16 and 17).

    Parameters
    ----------
    fit : Fit
        Whose design, method (ML or REML) and starting values are used.
    Y : array (B, n_obs), or Response
        Outcomes, a row each, as `hlm.simulate` makes them; or the cross-products that `hlm.draw`
        makes, which is faster still.
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    Refits
        With arrays over the B outcomes: `theta`, `sd`, `sigma`, `fixef`, `se`, `loglik`,
        `is_singular`, `converged`; and `table`, all of them in a DataFrame.

    Raises
    ------
    DataError
        When Y has another number of columns than the fit has rows, or holds missing values.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> refits = hlm.refit_many(model, hlm.simulate(model, n=100, seed=1))
    >>> refits.theta.shape, bool(refits.converged.all())
    ((100, 1), True)
    >>> round(float(hlm.refit_many(model, [model.y]).loglik[0]), 3)
    -3263.775
    """
    check_fit(fit, "refit_many")
    Y = _check_drawn(fit, Y) if isinstance(Y, Response) else _check_outcomes(fit, Y)
    parts = []
    with Progress("Refitting", "outcomes", total=len(Y), verbose=verbose) as progress:
        for rows in _batches(fit.design, len(Y)):
            parts.append(_refit_batch(fit, Y, rows))
            progress.step(len(parts[-1]["value"]))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Refits(like=fit, **joined)


def _check_drawn(fit: Fit, Y: Response) -> Response:
    d = fit.design
    z = d.border.z if d.others else 0
    if (Y.D.shape[1:], Y.S.shape[1], Y.Z.shape[1]) != (d.D.shape[1:], d.p, z):
        raise DataError(
            "These outcomes were drawn for another model: their groups or predictors are not this "
            "one's. Draw them by hlm.draw(fit, n) of the fit itself."
        )
    return Y


def _check_outcomes(fit: Fit, Y) -> np.ndarray:
    Y = floats(Y, "Y")
    if Y.ndim != 2 or Y.shape[1] != fit.n_obs or not len(Y):
        raise DataError(
            f"The outcomes have shape {Y.shape}; one row per outcome and {fit.n_obs} columns are "
            "needed, one for each row that the model was fitted to."
        )
    if not np.isfinite(Y).all():
        raise DataError("The outcomes hold missing or infinite values. Remove those rows first.")
    return Y


def _batches(d: Design, count: int):
    """Slices of replicates, so that replicates times groups stays small; one by one for blocks."""
    step = 1 if d.others else batch_size(d)
    return (slice(i, i + step) for i in range(0, count, step))


def batch_size(d: Design) -> int:
    """How many replicates are worked on at once."""
    return max(1, BATCH_EFFECTS // (sum(g.q * g.n_levels for g in d.groupings) or 1))


def _refit_batch(fit: Fit, Y, rows: slice) -> dict[str, np.ndarray]:
    """The fields of Refits for some of the outcomes."""
    r = Y.take(rows) if isinstance(Y, Response) else response(fit.design, Y[rows])
    maximum = maximise(fit.design, r, fit.reml, start=fit.white_theta)
    return {
        "white_theta": maximum.theta,
        "beta": maximum.at.beta,
        "factor": maximum.at.factor,
        "value": maximum.at.value,
        "pwrss": maximum.at.pwrss,
        "shift": r.shift,
        "scale": r.scale,
        "converged": maximum.converged,
    }
