"""The slow, textbook form of the likelihood, and brute force on it."""

import numpy as np
from scipy.optimize import minimize

import hlmteach as hlm


def textbook_deviance(fit: hlm.Fit, theta: np.ndarray) -> float:
    """-2 log-likelihood (or REML's) at theta, by the n x n covariance matrix."""
    X, y, n = fit.frame.X, fit.y, fit.n_obs
    V, at = np.eye(n), 0
    for factor in fit.frame.factors:
        Lambda = np.zeros((factor.q, factor.q))
        for a, b in factor.blocks:
            for j in range(a, b):
                Lambda[j:b, j] = theta[at : at + b - j]
                at += b - j
        ZL = factor.Z @ Lambda
        V += np.where(factor.codes[:, None] == factor.codes, ZL @ ZL.T, 0.0)
    root = np.linalg.cholesky(V)
    Xs, ys = np.linalg.solve(root, X), np.linalg.solve(root, y)
    r = ys - Xs @ np.linalg.lstsq(Xs, ys)[0]
    N = n - X.shape[1] if fit.reml else n
    value = 2 * np.log(np.diag(root)).sum() + N * (1 + np.log(2 * np.pi * (r @ r) / N))
    return value + (np.linalg.slogdet(Xs.T @ Xs)[1] if fit.reml else 0.0)


def best_by_brute_force(fit: hlm.Fit, seed: int) -> float:
    """The lowest deviance that BFGS finds on the textbook form from five starts, or from two."""
    rng, k = np.random.default_rng(seed), len(fit.theta)
    starts = [fit.theta + 0.01, *(rng.normal(size=(4, k)) * [[0.1], [0.5], [1], [3]])]
    starts = starts if k <= 3 else starts[::4]  # three correlated effects take long
    runs = [minimize(lambda t: textbook_deviance(fit, t), s, method="BFGS") for s in starts]
    return min(run.fun for run in runs)
