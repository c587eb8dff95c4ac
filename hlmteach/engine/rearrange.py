"""Designs and responses made of others from their cross-products: no row is read again."""

from dataclasses import replace

import numpy as np

from hlmteach.engine.crossprod import Design, Response, gram


def subtract(d: Design, r: Response, c: np.ndarray) -> Response:
    """The responses y - X c, for coefficients c (B, p) or one c (p,)."""
    c = np.broadcast_to(c, (len(r), d.p))
    S = r.S - c @ d.S
    D = r.D - np.tensordot(c, d.D, axes=1)
    Z = r.Z - c @ d.border.ZX.T if d.others else r.Z
    return replace(r, D=D, S=S, Z=Z, SS=r.SS - (c * (r.S + S)).sum(axis=1))


def recombine(d: Design, r: Response, T: np.ndarray) -> tuple[Design, Response]:
    """The model with the columns X T, T (p, p'), in the place of X, and its responses.

    For likelihoods by ML: `X_map` still belongs to the old X.
    """
    border = replace(d.border, ZX=d.border.ZX @ T) if d.others else None
    D = np.tensordot(T.T, d.D, axes=1)
    recombined = replace(d, p=T.shape[1], constant=None, D=D, S=T.T @ d.S @ T, border=border)
    return recombined, replace(r, S=r.S @ T)


def without_groups(d: Design) -> Design:
    """The same rows and X without random effects: the groups' rows put back among the others."""
    none = {"leading": None, "others": (), "R": np.zeros((0, 0, 0)), "D": np.zeros((d.p, 0, 0))}
    return replace(d, S=d.S + gram(d.D, d.D), border=None, **none)


def pooled(d: Design, r: Response) -> Response:
    """The responses for `without_groups(d)`."""
    if not d.groupings:
        return r
    flat = r.D.reshape(len(r), d.R.shape[1] * d.R.shape[2])
    S, Z = r.S + flat @ d.D.reshape(d.p, flat.shape[1]).T, np.zeros((len(r), 0))
    return replace(r, D=np.zeros((len(r), 0, 0)), S=S, Z=Z, SS=r.SS + (flat**2).sum(axis=1))
