"""Fit: a frozen result; `fit_model` makes one, `refit` and `at` make new ones from it."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from hlmteach.engine import covariance as cov
from hlmteach.engine.checks import check_factors_given, check_outcome, floats
from hlmteach.engine.columns import NoRows
from hlmteach.engine.crossprod import Design, Response, design, response
from hlmteach.engine.deviance import Criterion
from hlmteach.engine.frame import ModelFrame, model_frame
from hlmteach.engine.solve import Modes, evaluate, maximise, modes
from hlmteach.errors import ModelError


@dataclass(frozen=True, repr=False)
class Fit:
    """A fitted linear (mixed) model. Nothing in it changes; its verbs make new fits.

    `y` (n,) is the outcome of this fit, `reml` whether it is by REML, `converged` whether the
    maximum was reached. `verb` is the function that made it ("gls", "lme", "lmer"): it settles
    which package's convention `se`, `bic` and the printout follow.

    The other fields are the engine's own: `frame` holds the rows and names, `design` and
    `response` what was computed of X and Z, and of y; `white_theta` and `solution` are the optimum
    in their units. `given_sigma` is set by `at` only.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model3 = hlm.lmer("Satisfaction ~ NPD + (1|Time)", hlm.load("HLM"), REML=False)
    >>> round(model3.aic, 1), round(model3.sigma, 5), model3.n_groups
    (6468.5, 0.80632, {'Time': 3})
    >>> model3.fixef.round(5).to_dict()
    {'(Intercept)': 4.67216, 'NPD': 0.12298}
    """

    frame: ModelFrame
    design: Design
    y: np.ndarray
    response: Response
    reml: bool
    verb: str
    white_theta: np.ndarray
    solution: Criterion
    converged: bool
    given_sigma: float | None = None

    # -- sizes ---------------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """The formula as it was written."""
        return self.frame.formula.text

    @property
    def n_obs(self) -> int:
        """n, the number of rows used."""
        return self.design.n

    @property
    def n_groups(self) -> dict[str, int]:
        """The number of groups of each factor."""
        return {f.name: f.n_levels for f in self.frame.factors}

    @property
    def n_params(self) -> int:
        """k of the AIC: fixed coefficients, variances and covariances, and sigma."""
        return self.design.p + self.design.n_theta + 1

    @property
    def df_resid(self) -> int:
        """Rows less fixed coefficients (gls), less all parameters (lmer, lme)."""
        return self.n_obs - (self.design.p if self.verb == "gls" else self.n_params)

    @property
    def _n_effective(self) -> int:
        return self.n_obs - self.design.p if self.reml else self.n_obs

    # -- likelihood ----------------------------------------------------------------------

    @cached_property
    def _criterion(self) -> float:
        """-2 log-likelihood (or REML's) in the units of y; equations 16 and 17."""
        value, n = self.solution.value[0], self._n_effective
        if self.given_sigma is not None:
            pwrss, s2 = float(self.solution.pwrss[0]), (self.given_sigma / self._scale) ** 2
            value += n * (np.log(s2 * n / pwrss) - 1) + pwrss / s2
        value += 2 * n * np.log(self._scale)
        return float(value - (2 * self.design.log_det_map if self.reml else 0.0))

    @property
    def loglik(self) -> float:
        """The log-likelihood, or under REML the restricted one."""
        return -0.5 * self._criterion

    @property
    def deviance(self) -> float:
        """-2 log-likelihood; for a fit by ML only."""
        if self.reml:
            raise ModelError(
                "A REML fit has a reml_criterion, no deviance. Fit by ML (REML=False, or "
                "method='ML') to compare models by their deviance."
            )
        return self._criterion

    @property
    def reml_criterion(self) -> float:
        """-2 restricted log-likelihood; for a fit by REML only."""
        if not self.reml:
            raise ModelError("A fit by ML has a deviance, no reml_criterion. Fit with REML=True.")
        return self._criterion

    @property
    def aic(self) -> float:
        """2 k - 2 logLik (equation 9)."""
        return 2 * self.n_params - 2 * self.loglik

    @property
    def bic(self) -> float:
        """k log(n) - 2 logLik; nlme's REML takes n - p for n (equation 11)."""
        n = self.n_obs if self.verb == "lmer" else self._n_effective
        return float(self.n_params * np.log(n) - 2 * self.loglik)

    # -- parameters ----------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return float(self.response.scale[0])

    @cached_property
    def sigma(self) -> float:
        """The residual standard deviation, in the units of y."""
        if self.given_sigma is not None:
            return self.given_sigma
        return float(self._scale * np.sqrt(self.solution.pwrss[0] / self._n_effective))

    @cached_property
    def _lambdas(self) -> dict[str, np.ndarray]:
        """Lambda (q, q) of each factor for the data's own Z, relative to sigma."""
        groupings = self.design.groupings
        pieces = cov.split(self.white_theta, groupings)
        return {g.name: cov.to_raw(t, g) for t, g in zip(pieces, groupings, strict=True)}

    @property
    def theta(self) -> np.ndarray:
        """Lambda's free lower triangles, column by column, factor by factor as written."""
        by_name = {g.name: g for g in self.design.groupings}
        parts = [cov.theta_of(self._lambdas[f.name], by_name[f.name]) for f in self.frame.factors]
        return np.concatenate(parts) if parts else np.zeros(0)

    @cached_property
    def covariances(self) -> dict[str, cov.VarCorr]:
        """Each factor's covariance matrix of its effects (equation 7)."""
        return {
            f.name: cov.VarCorr(
                f.names, self.sigma**2 * self._lambdas[f.name] @ self._lambdas[f.name].T, f.blocks
            )
            for f in self.frame.factors
        }

    @cached_property
    def varcorr(self) -> pd.DataFrame:
        """Variances, sds and correlations; `corr` is with the first effect, `corr2` the second."""
        rows = [row for name, vc in self.covariances.items() for row in _varcorr_rows(name, vc)]
        rows.append({"group": "Residual", "name": "", "variance": self.sigma**2, "sd": self.sigma})
        table = pd.DataFrame(rows)
        return table if "corr" in table else table.assign(corr=np.nan)

    @property
    def is_singular(self) -> bool:
        """Whether a variance is exactly 0, or a correlation exactly +-1."""
        return any(np.any(np.diag(Lambda) == 0.0) for Lambda in self._lambdas.values())

    @cached_property
    def _beta(self) -> np.ndarray:
        r = self.response
        return self.design.raw_coefficients(self.solution.beta, r.shift, r.scale)[0]

    @property
    def fixef(self) -> pd.Series:
        """The fixed coefficients beta (p,), by R's names."""
        return pd.Series(self._beta, self._names, name="fixef")

    @property
    def _names(self) -> pd.Index:
        return pd.Index(_strings(self.frame.names))

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of beta, sigma^2 (X' V^-1 X)^-1 (equations 5 and 6), without nlme's factor."""
        F = self.solution.factor[0]
        W = self.sigma * np.linalg.solve(F, self.design.X_map.T).T
        return pd.DataFrame(W @ W.T, self._names, self._names)

    @property
    def se(self) -> pd.Series:
        """Standard errors of beta; nlme's (lme, gls) carry sqrt(n / (n - p)) under ML."""
        return pd.Series(
            self._se_factor * np.sqrt(np.diag(self.vcov.to_numpy())), self._names, name="se"
        )

    @property
    def _se_factor(self) -> float:
        n, p = self.n_obs, self.design.p
        return float(np.sqrt(n / (n - p))) if self.verb != "lmer" and not self.reml else 1.0

    # -- groups and rows -----------------------------------------------------------------

    @cached_property
    def _modes(self) -> dict[str, Modes]:
        r = self.response.take(slice(0, 1))
        return modes(self.design, r, self.white_theta, self.solution.beta[0])

    @property
    def ranef(self) -> dict[str, pd.DataFrame]:
        """Conditional modes b (J, q) of each factor (equation 24); "BLUPs" elsewhere."""
        maps = {g.name: g.map for g in self.design.groupings}
        return {
            f.name: pd.DataFrame(
                (self._scale * maps[f.name] @ self._modes[f.name].b).T,
                f.levels,
                pd.Index(_strings(f.names)),
            )
            for f in self.frame.factors
        }

    @property
    def ranef_variance(self) -> dict[str, np.ndarray]:
        """Conditional covariance (J, q, q) of each group's modes, given the parameters."""
        maps = {g.name: g.map for g in self.design.groupings}
        return {
            name: self.sigma**2
            * np.einsum("ac,cdj,bd->jab", maps[name], self._modes[name].variance, maps[name])
            for name in (f.name for f in self.frame.factors)
        }

    @property
    def coef(self) -> dict[str, pd.DataFrame]:
        """fixef + ranef, a row for each group (J, all coefficients)."""
        return {name: _add_fixed(self.fixef, table) for name, table in self.ranef.items()}

    @cached_property
    def _population(self) -> np.ndarray:
        eta = self.design.X @ self.solution.beta[0]
        return float(self.response.shift[0]) + self._scale * eta

    @cached_property
    def fitted(self) -> np.ndarray:
        """X beta + Z b (n,), in the order of the rows used."""
        total = np.zeros(self.n_obs)
        for g in self.design.groupings:
            total += np.einsum("nq,qn->n", g.Z, self._modes[g.name].b[:, g.codes])
        return self._population + self._scale * total

    @property
    def resid(self) -> np.ndarray:
        """y - fitted (n,)."""
        return self.y - self.fitted

    @property
    def resid_scaled(self) -> np.ndarray:
        """resid / sigma: R's standardised (nlme) or scaled (lme4) residuals."""
        return self.resid / self.sigma

    @property
    def has_rows(self) -> bool:
        """Whether the rows are at hand: not after a fit by chunks."""
        return not isinstance(self.design.columns.values, NoRows)

    # -- new fits ------------------------------------------------------------------------

    def refit(self, y=None) -> "Fit":
        """The same model on a new outcome, or on its own, started at this fit's theta.

        Parameters
        ----------
        y : array (n,), optional
            In the order of the rows used; None fits the model's own outcome again.

        Returns
        -------
        Fit

        Raises
        ------
        DataError
            When y has another length, or holds missing or infinite values.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
        >>> tenfold = model2.refit(10 * model2.y)
        >>> round(model2.sigma, 4), round(tenfold.sigma, 3)
        (0.8166, 8.166)
        """
        y = self.y if y is None else check_outcome(y, self.n_obs)
        r = self.response if y is self.y else response(self.design, y)
        found = maximise(self.design, r, self.reml, start=self.white_theta)
        return replace(
            self,
            y=y,
            response=r,
            white_theta=found.theta[0],
            solution=found.at,
            converged=bool(found.converged[0]),
            given_sigma=None,
        )

    def at(self, sd=None, corr=None, sigma: float | None = None) -> "Fit":
        """The same model evaluated, not optimised, at given sds, correlations and sigma.

        Parameters
        ----------
        sd : float, sequence of floats, or dict by factor, optional
            One number an effect, in the units of the outcome.
        corr : float, array (q, q), or dict by factor, optional
        sigma : float, optional
            The residual standard deviation. What is not given keeps this fit's value.

        Returns
        -------
        Fit
            With beta at its best for these variances.

        Raises
        ------
        ModelError
            For an impossible sd, correlation or sigma.

        Examples
        --------
        The tutorial's Model 4, where nlme stopped; the maximum is higher:

        >>> import hlmteach as hlm
        >>> model4 = hlm.lme("Satisfaction ~ NPD", hlm.load("HLM"), "~NPD|Time", method="ML")
        >>> printed = model4.at(sd=[0.072374062, 0.002428596], corr=0.131, sigma=0.806315723)
        >>> round(printed.loglik, 2), round(model4.loglik - printed.loglik, 3)
        (-3230.23, 0.034)
        """
        sigma = floats(self.sigma if sigma is None else sigma, "sigma")
        if sigma.ndim or not np.isfinite(sigma) or not sigma > 0:
            raise ModelError(f"sigma={sigma.tolist()} must be a positive number.")
        sigma = float(sigma)
        check_factors_given([f.name for f in self.frame.factors], sd=sd, corr=corr)
        pieces = [
            cov.from_raw(self._lambda_at(g, sd, corr, sigma), g) for g in self.design.groupings
        ]
        theta = np.concatenate(pieces) if pieces else np.zeros(0)
        solution = evaluate(self.design, self.response, theta[None], self.reml)
        return replace(self, white_theta=theta, solution=solution, given_sigma=sigma)

    def _lambda_at(self, g, sd, corr, sigma):
        now = self.covariances[g.name]
        sd, corr = (x.get(g.name) if isinstance(x, dict) else x for x in (sd, corr))
        if corr is None and g.q > 1:
            corr = np.nan_to_num(now.corr) * (1 - np.eye(g.q)) + np.eye(g.q)
        return cov.relative_factor(now.sd if sd is None else sd, corr, sigma, g)


@lru_cache(maxsize=256)
def _strings(names: tuple[str, ...]):
    """Names as pandas keeps them: a refit has the same, and pandas is slow to read them."""
    return pd.Index(names).array


def _varcorr_rows(group: str, vc: cov.VarCorr):
    for i, name in enumerate(vc.names):
        row = {"group": group, "name": name, "variance": vc.cov[i, i], "sd": vc.sd[i]}
        for j in range(i):
            row["corr" if j == 0 else f"corr{j + 1}"] = vc.corr[i, j]
        yield row


def _add_fixed(fixef: pd.Series, ranef: pd.DataFrame) -> pd.DataFrame:
    names = [*fixef.index, *(name for name in ranef if name not in fixef.index)]
    base = pd.DataFrame(0.0, ranef.index, names) + fixef.reindex(names, fill_value=0.0)
    return base.add(ranef, fill_value=0.0)[names]


def fit_model(formula, data, random=None, reml=False, na_action="omit", verb="lmer") -> Fit:
    """Read the formula, compute the cross-products, and maximise the (restricted) likelihood."""
    frame = model_frame(formula, data, random, na_action)
    d = design(frame.X, frame.factors)
    r = response(d, frame.y)
    found = maximise(d, r, reml)
    return Fit(frame, d, frame.y, r, reml, verb, found.theta[0], found.at, bool(found.converged[0]))


def fit_method(function):
    """Make a later room's function a method of Fit, so that imports keep pointing one way."""
    setattr(Fit, function.__name__, function)
    return function
