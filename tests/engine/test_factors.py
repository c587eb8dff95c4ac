"""Lower factors of singular matrices: exact, and of one form only."""

import numpy as np
import pytest

from hlmteach.engine.smallmatrix import lower_factor, lower_factors


@pytest.mark.parametrize(("q", "rank"), [(q, r) for q in (1, 2, 3, 4) for r in range(q + 1)])
def test_a_lower_factor_of_any_rank(q, rank):
    rng = np.random.default_rng(q + 10 * rank)
    M = rng.normal(size=(60, q, rank)) @ rng.normal(size=(60, rank, q))
    M[::3, 0] = 0.0  # an effect that does not vary
    if q > 2:
        M[::5, 1] = 2 * M[::5, 0]  # a correlation of 1
    L = lower_factors(M)
    np.testing.assert_allclose(L @ L.swapaxes(1, 2), M @ M.swapaxes(1, 2), atol=1e-12)
    assert np.all(np.triu(L, 1) == 0)
    diagonal = np.diagonal(L, axis1=1, axis2=2)
    assert np.all(diagonal >= 0)
    assert not np.any(L.swapaxes(1, 2)[diagonal == 0])
    np.testing.assert_array_equal((diagonal > 0).sum(axis=1), np.linalg.matrix_rank(M, tol=1e-10))
    np.testing.assert_allclose(lower_factor(M[7]), L[7], atol=1e-14)
