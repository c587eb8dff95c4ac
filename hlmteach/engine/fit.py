"""Fit: a frozen result; `fit_model` makes one, `refit` and `at` make new ones from it."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine import covariance as cov
from hlmteach.engine.checks import check_factors_given, check_outcome, floats
from hlmteach.engine.columns import NoRows
from hlmteach.engine.crossprod import Design, Response, design, response
from hlmteach.engine.deviance import Criterion
from hlmteach.engine.frame import ModelFrame, model_frame
from hlmteach.engine.optimise import Optimum
from hlmteach.engine.solve import Modes, evaluate, maximise_with_bar, modes
from hlmteach.engine.tables import add_fixed, names_index, read_only, varcorr_table
from hlmteach.errors import ModelError


@dataclass(frozen=True, repr=False)
class Fit:
    """A fitted model: what `hlm.gls`, `hlm.lme` and `hlm.lmer` return.

    Print it for R's printout. Its estimates are `fixef`, `se`, `varcorr`, `sigma` and `ranef`, by
    group `coef`; `beta`, `beta_se` and `b` are arrays of them without names. `loglik`, `aic` and
    `bic` judge the fit; `fitted` and `resid` have a value for each row. Nothing in a fit changes:
    `refit` and `at` make new ones.

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
    def n_effective(self) -> int:
        """n, under REML n - p: sigma^2 is the residual sum of squares divided by it."""
        return self.design.n_effective(self.reml)

    # -- likelihood ----------------------------------------------------------------------

    @cached_property
    def _criterion(self) -> float:
        """-2 log-likelihood (or REML's) in the units of y; equations 16 and 17."""
        value, n = self.solution.value[0], self.n_effective
        if self.given_sigma is not None:
            pwrss, s2 = float(self.solution.pwrss[0]), (self.given_sigma / self.y_scale) ** 2
            value += n * (np.log(s2 * n / pwrss) - 1) + pwrss / s2
        value += 2 * n * np.log(self.y_scale)
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
        n = self.n_obs if self.verb == "lmer" else self.n_effective
        return float(self.n_params * np.log(n) - 2 * self.loglik)

    # -- parameters ----------------------------------------------------------------------

    @property
    def y_scale(self) -> float:
        """The engine's unit of y: the root mean square of y less its mean."""
        return float(self.response.scale[0])

    @cached_property
    def sigma(self) -> float:
        """The residual standard deviation, in the units of y."""
        if self.given_sigma is not None:
            return self.given_sigma
        return float(self.y_scale * np.sqrt(self.solution.pwrss[0] / self.n_effective))

    @cached_property
    def relative_factors(self) -> dict[str, np.ndarray]:
        """Lambda (q, q) of each factor: its effects have covariance sigma^2 Lambda Lambda'."""
        groupings = self.design.groupings
        pieces = cov.split(self.white_theta, groupings)
        return {g.name: cov.to_raw(t, g) for t, g in zip(pieces, groupings, strict=True)}

    @property
    def theta(self) -> np.ndarray:
        """The variance parameters relative to sigma; for one random intercept, its sd / sigma.

        In general the lower triangles of Lambda (`relative_factors`), column by column, factor
        after factor as written: what lme4 calls theta.
        """
        by_name, Lambdas = {g.name: g for g in self.design.groupings}, self.relative_factors
        parts = [cov.theta_of(Lambdas[f.name], by_name[f.name]) for f in self.frame.factors]
        return np.concatenate(parts) if parts else np.zeros(0)

    @cached_property
    def covariances(self) -> dict[str, cov.VarCorr]:
        """By factor, the effects' covariance: `.cov` (q, q), `.sd` and `.corr` (equation 7)."""
        whole = {name: self.sigma**2 * L @ L.T for name, L in self.relative_factors.items()}
        return {f.name: cov.VarCorr(f.names, whole[f.name], f.blocks) for f in self.frame.factors}

    @cached_property
    def varcorr(self) -> pd.DataFrame:
        """Variances, sds and correlations; `corr` is with the first effect, `corr2` the second."""
        return varcorr_table(self.covariances, self.sigma)

    @property
    def is_singular(self) -> bool:
        """Whether a variance is exactly 0, or a correlation exactly +-1."""
        return any(np.any(np.diag(Lambda) == 0.0) for Lambda in self.relative_factors.values())

    @cached_property
    def beta(self) -> np.ndarray:
        """The fixed coefficients (p,), in the formula's order: `fixef` without names."""
        r = self.response
        return read_only(self.design.raw_coefficients(self.solution.beta, r.shift, r.scale)[0])

    @property
    def fixef(self) -> pd.Series:
        """The fixed coefficients beta (p,), by R's names."""
        return pd.Series(self.beta, names_index(self.frame.names), name="fixef", copy=True)

    @cached_property
    def _vcov(self) -> np.ndarray:
        W = self.sigma * np.linalg.solve(self.solution.factor[0], self.design.X_map.T).T
        return W @ W.T

    @cached_property
    def vcov(self) -> pd.DataFrame:
        """Covariance of beta, sigma^2 (X' V^-1 X)^-1 (equations 5 and 6), without nlme's factor."""
        names = names_index(self.frame.names)
        return pd.DataFrame(self._vcov, names, names, copy=True)

    @cached_property
    def beta_se(self) -> np.ndarray:
        """Standard errors of beta (p,): `se` without names."""
        return read_only(self.se_factor * np.sqrt(np.diag(self._vcov)))

    @property
    def se(self) -> pd.Series:
        """Standard errors of beta; nlme's (lme, gls) carry sqrt(n / (n - p)) under ML."""
        return pd.Series(self.beta_se, names_index(self.frame.names), name="se", copy=True)

    @property
    def se_factor(self) -> float:
        """What `se` has beside `vcov`: nlme's sqrt(n / (n - p)) under ML, elsewhere 1."""
        n, p = self.n_obs, self.design.p
        return float(np.sqrt(n / (n - p))) if self.verb != "lmer" and not self.reml else 1.0

    # -- groups and rows -----------------------------------------------------------------

    @cached_property
    def _modes(self) -> dict[str, Modes]:
        r = self.response.take(slice(0, 1))
        return modes(self.design, r, self.white_theta, self.solution.beta[0])

    @cached_property
    def b(self) -> dict[str, np.ndarray]:
        """What each group adds to beta (J, q), by factor: `ranef` without names."""
        maps, modes = {g.name: g.map for g in self.design.groupings}, self._modes
        names = [f.name for f in self.frame.factors]
        return {name: read_only((self.y_scale * maps[name] @ modes[name].b).T) for name in names}

    @property
    def ranef(self) -> dict[str, pd.DataFrame]:
        """What each group adds to `fixef`: conditional modes (BLUPs) by factor (equation 24)."""
        return {
            f.name: pd.DataFrame(self.b[f.name], f.levels, names_index(f.names), copy=True)
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
        """Each group's own coefficients, fixef + ranef: by factor, a row for each group."""
        return {name: add_fixed(self.fixef, table) for name, table in self.ranef.items()}

    @cached_property
    def fitted_population(self) -> np.ndarray:
        """X beta (n,), all random effects at 0: nlme's fitted values at level 0."""
        eta = self.design.X @ self.solution.beta[0]
        return float(self.response.shift[0]) + self.y_scale * eta

    @cached_property
    def fitted(self) -> np.ndarray:
        """What the model expects of each row, with its group's effects: X beta + Z b (n,)."""
        total = np.zeros(self.n_obs)
        for g in self.design.groupings:
            total += np.einsum("nq,qn->n", g.Z, self._modes[g.name].b[:, g.codes])
        return self.fitted_population + self.y_scale * total

    @property
    def resid(self) -> np.ndarray:
        """What the model leaves of each row: y - fitted (n,)."""
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

    def refit(self, y=None, verbose: bool = True) -> "Fit":
        """Fit the same model to another outcome of the same rows.

        Parameters
        ----------
        y : array (n,), optional
            A value for each row that was used, in their order; None fits the model's own outcome
            again.
        verbose : bool
            Whether a fit that takes more than two seconds shows how far it is.

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
        optimum = maximise_with_bar(self.design, r, self.reml, verbose, start=self.white_theta)
        return replace(self, y=y, response=r, given_sigma=None, **_at(optimum))

    def at(self, sd=None, corr=None, sigma: float | None = None) -> "Fit":
        """The same model at variances that you choose: evaluated there, not fitted.

        Parameters
        ----------
        sd : float, sequence of floats, or dict by factor, optional
            Of the random effects: one number per effect, in the units of the outcome.
        corr : float, array (q, q), or dict by factor, optional
            Their correlation, where a factor has several effects.
        sigma : float, optional
            The residual standard deviation. What you leave out keeps this fit's value.

        Returns
        -------
        Fit
            With the fixed coefficients that fit best at these variances.

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


def fit_model(
    formula, data, random=None, reml=False, na_action="omit", verb="lmer", verbose=True
) -> Fit:
    """Read the formula, compute the cross-products, and maximise the (restricted) likelihood."""
    return fit_frame(model_frame(formula, data, random, na_action), reml, verb, verbose)


def fit_frame(frame: ModelFrame, reml: bool, verb: str = "lmer", verbose: bool = True) -> Fit:
    """The fit of a frame whose rows and columns are settled."""
    d = design(frame.X, frame.factors)
    r = response(d, frame.y)
    best = _at(maximise_with_bar(d, r, reml, verbose))
    return Fit(frame=frame, design=d, y=frame.y, response=r, reml=reml, verb=verb, **best)


def _at(best: Optimum) -> dict:
    """What a fit keeps of its optimum."""
    converged = bool(best.converged[0])
    return {"white_theta": best.theta[0], "solution": best.at, "converged": converged}


def fit_method(function):
    """Make a later room's function a method of Fit, so that imports keep pointing one way."""
    setattr(Fit, function.__name__, function)
    return function
