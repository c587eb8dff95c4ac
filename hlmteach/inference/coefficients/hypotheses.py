"""The hypothesis of each term of the fixed part, as rows L of L beta = 0: types I, II and III."""

from dataclasses import replace
from math import prod

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.newrows import HOME
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_choice

TYPES = (1, 2, 3)


def hypotheses(fit: Fit, kind: int) -> dict[str, np.ndarray]:
    """For each term but the intercept, the rows L (columns of the term, p) that it tests.

    Type 1 tests a term after those before it, type 2 after all that do not contain it, type 3 at
    the plain average over the categories of the terms that contain it (equation 50). A term
    contains another if it has all its factors and the same numeric ones.
    """
    check_choice(kind, "type", TYPES)
    terms = {name: columns for name, columns in fixed_terms(fit) if name != "(Intercept)"}
    if kind == 1:
        every = list(range(fit.design.p))
        return {name: _after(fit, every, columns) for name, columns in terms.items()}
    inside = _containing(fit)
    if kind == 2:
        return {name: _after_others(fit, name, terms, inside) for name in terms}
    H = _overparametrised(fit) if any(inside.values()) else None
    return {name: _averaged(fit, H, terms, name, inside[name]) for name in terms}


def fixed_terms(fit: Fit) -> list[tuple[str, tuple[int, ...]]]:
    """Each term of the fixed part with the columns of X that it made and that were kept."""
    place = {column: i for i, column in enumerate(fit.frame.kept)}
    terms = []
    for term, columns in _coding(fit).terms:
        kept = tuple(place[c] for c in columns if c in place)
        if kept:
            terms.append((term, kept))
    return terms


def _coding(fit: Fit):
    if fit.frame.coding is None:
        raise ModelError(
            "This model was made from arrays, so the terms of its formula are not known. Fit it by "
            "a formula, or use hlm.coef_table for its coefficients."
        )
    return fit.frame.coding


def _containing(fit: Fit) -> dict[str, list[str]]:
    """For each term, the names of the terms that contain it."""
    coding = _coding(fit)
    side = coding.side
    parts, numeric = {}, {}
    for term, how in zip(side.terms, coding.parts, strict=True):
        name, members = side.label(term), side.members(term)
        parts[name] = set(members)
        numeric[name] = {i for i, one in zip(members, how, strict=True) if one.table is None}
    return {
        name: [b for b in parts if mine < parts[b] and numeric[name] == numeric[b]]
        for name, mine in parts.items()
    }


def _after_others(fit: Fit, name: str, terms, inside) -> np.ndarray:
    """Rows that test a term after all that do not contain it.

    Where none contains it those are its coefficients themselves: the same hypothesis has other
    degrees of freedom by other rows (equation 48), and these are lmerTest's.
    """
    mine = list(terms[name])
    later = [c for other in inside[name] if other in terms for c in terms[other]]
    if not later:
        return np.eye(fit.design.p)[mine]
    before = [c for c in range(fit.design.p) if c not in mine and c not in later]
    return _after(fit, [*before, *mine, *later], mine)


def _after(fit: Fit, order, columns) -> np.ndarray:
    """Rows (k, p) that test columns of X after those before them: Doolittle's, by a QR of X."""
    X = fit.frame.X[:, order]
    constant = [i for i, c in enumerate(order) if c == fit.design.constant]
    if constant == [0]:  # offsets cost digits; where a constant goes before, they are its own
        X = np.column_stack([X[:, 0], X[:, 1:] - X[:, 1:].mean(axis=0)])
    R = np.linalg.qr(X, mode="r")
    L = np.zeros_like(R)
    L[:, order] = R / np.diag(R)[:, None]
    return L[[order.index(c) for c in columns]]


def _overparametrised(fit: Fit) -> np.ndarray:
    """H (p, P): beta as functions of coefficients with one for every category, of every term."""
    coding = _coding(fit)
    parts = tuple(tuple(_in_full(part) for part in how) for how in coding.parts)
    width = coding.side.intercept + sum(prod(len(p.names) for p in how) for how in parts)
    full = replace(coding, parts=parts, names=("",) * width)
    X = fit.frame.X
    size = np.linalg.norm(X, axis=0)
    every = full.matrix(fit.frame.table, HOME)
    return np.linalg.lstsq(X / size, every, rcond=None)[0] / size[:, None]


def _in_full(part):
    """The same variable with a column for each category, none taken as the reference."""
    if part.table is None:
        return part
    count = len(part.table)
    return replace(part, table=np.eye(count), names=("",) * count)


def _averaged(fit: Fit, H, terms, name: str, containing) -> np.ndarray:
    """The term's rows of the identity, less what lies in the rows of the terms that contain it."""
    identity, mine = np.eye(fit.design.p), list(terms[name])
    other = [c for b in containing if b in terms for c in terms[b]]
    if not other:
        return identity[mine]
    share = np.linalg.lstsq(H[other].T, H[mine].T, rcond=None)[0]
    L = identity[mine] - share.T @ identity[other]
    return np.where(np.abs(L) < 1e-10, 0.0, L)
