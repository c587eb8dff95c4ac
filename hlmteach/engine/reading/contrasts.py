"""How categories become columns: R's contrasts, with the names that R gives the columns."""

import numpy as np

from hlmteach.engine.reading.stored import Levels, label_of
from hlmteach.errors import FormulaError


def dummies(levels: Levels) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column of 0 and 1 for each level (K, K)."""
    return np.eye(len(levels.labels)), levels.labels


def contrasts(levels: Levels, whole: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """A matrix (K, K - 1) and its columns' names: polynomials for ordered levels, else treatment.

    Examples
    --------
    >>> levels = Levels(np.array([0, 1, 2]), np.array(["low", "mid", "high"]), "ordered")
    >>> matrix, names = contrasts(levels, "")
    >>> matrix[:, 1].round(3).tolist(), names
    ([0.408, -0.816, 0.408], ('.L', '.Q'))
    """
    default = "poly" if levels.ordered else "treatment"
    name, base, how_many = levels.contrast or (default, None, None)
    name = NICKNAMES.get(str(name), str(name).removeprefix("contr."))
    if name not in CODINGS:
        raise FormulaError(
            f"In {whole!r} {name!r} is no contrast. Known are "
            f"{', '.join(f'contr.{known}' for known in CODINGS)}."
        )
    matrix, names = CODINGS[name](levels, _base(levels, base, whole))
    if isinstance(base, float) or name == "SAS":  # R makes these of the number of levels alone
        names = tuple(str(levels.labels.index(label) + 1) for label in names)
    count = int(how_many) if how_many else matrix.shape[1]
    return matrix[:, :count], names[:count]


def _base(levels: Levels, base, whole: str) -> int | None:
    """The place of the reference, given by number or by name."""
    if base is None:
        return None
    labels = levels.labels
    if isinstance(base, float) and base % 1 == 0 and 1 <= base <= len(labels):
        return int(base) - 1
    if label_of(base) in labels:
        return labels.index(label_of(base))
    raise FormulaError(
        f"In {whole!r} the reference {label_of(base)!r} is none of the levels, which are "
        f"{', '.join(map(repr, labels))}."
    )


def _treatment(levels: Levels, base: int | None):
    kept = [i for i in range(len(levels.labels)) if i != (base or 0)]
    return np.eye(len(levels.labels))[:, kept], tuple(levels.labels[i] for i in kept)


def _sas(levels: Levels, base: int | None):
    return _treatment(levels, len(levels.labels) - 1 if base is None else base)


def _sum(levels: Levels, base: int | None):
    K = len(levels.labels)
    return np.vstack([np.eye(K - 1), -np.ones(K - 1)]), _numbered(K)


def _helmert(levels: Levels, base: int | None):
    K = len(levels.labels)
    matrix = np.triu(-np.ones((K, K - 1)))
    matrix[np.arange(1, K), np.arange(K - 1)] = np.arange(1, K)
    return matrix, _numbered(K)


def _poly(levels: Levels, base: int | None):
    """Orthogonal polynomials of equally spaced scores, each with a sum of squares of 1."""
    K = len(levels.labels)
    powers = np.vander(np.arange(K) - (K - 1) / 2, K, increasing=True)
    q, r = np.linalg.qr(powers)
    names = [".L", ".Q", ".C", *(f"^{k}" for k in range(4, K))]
    return (q * np.sign(np.diag(r)))[:, 1:], tuple(names[: K - 1])


def _numbered(K: int) -> tuple[str, ...]:
    return tuple(str(k) for k in range(1, K))


CODINGS = {
    "treatment": _treatment,
    "sum": _sum,
    "helmert": _helmert,
    "poly": _poly,
    "SAS": _sas,
}
NICKNAMES = {"Treatment": "treatment", "Sum": "sum", "Poly": "poly", "Helmert": "helmert"}
