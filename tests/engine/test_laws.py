import numpy as np
import pytest
from scipy import stats

from hlmteach.engine import laws

PLACES = np.array([-3.2, -1e-9, 0.0, 0.4, 1.96, 3.84, 40.0])
SHARES = np.array([1e-8, 0.025, 0.5, 0.975, 1 - 1e-6])
DFS = [(1,), (1.5,), (79,), (2678.0,)]
OF = {
    "norm": [(), (2.0, 3.0)],
    "t": [*DFS, (np.inf,)],
    "chi2": DFS,
    "f": [(1, 5), (2.0, 3.7), (4, 2678)],
}


@pytest.mark.parametrize(("name", "args"), [(n, args) for n in OF for args in OF[n]])
def test_each_law_is_that_of_scipy_stats(name, args):
    ours, theirs = getattr(laws, name), getattr(stats, name)
    for tail in ("cdf", "sf"):
        expected = getattr(theirs, tail)(PLACES, *args)
        np.testing.assert_allclose(getattr(ours, tail)(PLACES, *args), expected, rtol=1e-13)
    for inverse in ("ppf", "isf"):
        expected = getattr(theirs, inverse)(SHARES, *args)
        np.testing.assert_allclose(
            getattr(ours, inverse)(SHARES, *args), expected, rtol=1e-9, atol=1e-15
        )


def test_degrees_of_freedom_may_differ_by_row():
    df = np.array([[1.0], [7.0], [np.inf]])
    np.testing.assert_allclose(laws.t.ppf([0.9, 0.975], df), stats.t.ppf([0.9, 0.975], df))


def test_one_number_gives_one_number():
    assert isinstance(laws.chi2.sf(3.84, 1), float)
    assert laws.chi2.sf(-1e-12, 1) == 1.0
