"""The tables that a Fit shows: names, variance components, coefficients by group."""

from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.engine.covariance import VarCorr


def read_only(values: np.ndarray) -> np.ndarray:
    """An array that is kept, and so may not be written to."""
    values.flags.writeable = False
    return values


def names_index(names: tuple[str, ...]) -> pd.Index:
    """Names as an index of their own, which may be renamed without changing another's."""
    return _known_index(names).view()


@lru_cache(maxsize=256)
def _known_index(names: tuple[str, ...]) -> pd.Index:
    """Names as pandas keeps them: a refit has the same, and pandas is slow to read them."""
    return pd.Index(names)


def varcorr_table(covariances: dict[str, VarCorr], sigma: float) -> pd.DataFrame:
    """A row for each effect of each factor, and one for the residual."""
    rows = [row for name, vc in covariances.items() for row in _varcorr_rows(name, vc)]
    rows.append({"group": "Residual", "name": "", "variance": sigma**2, "sd": sigma})
    table = pd.DataFrame(rows)
    return table if "corr" in table else table.assign(corr=np.nan)


def _varcorr_rows(group: str, vc: VarCorr):
    for i, name in enumerate(vc.names):
        row = {"group": group, "name": name, "variance": vc.cov[i, i], "sd": vc.sd[i]}
        for j in range(i):
            row["corr" if j == 0 else f"corr{j + 1}"] = vc.corr[i, j]
        yield row


def add_fixed(fixef: pd.Series, ranef: pd.DataFrame) -> pd.DataFrame:
    """fixef + ranef by group: an effect that only one of them has counts as 0 in the other."""
    names = [*fixef.index, *(name for name in ranef if name not in fixef.index)]
    base = pd.DataFrame(0.0, ranef.index, names) + fixef.reindex(names, fill_value=0.0)
    return base.add(ranef, fill_value=0.0)[names]
