import numpy as np
import pytest

from hlmteach.views.clusters import SIZES, TOP, ClusterPicture, ClustersView, Rate


def picture(level=2, J=4, n=10, share=0.3):
    cluster = np.repeat(np.arange(J), n)
    y = np.random.default_rng(1).normal(size=J * n)
    treated = cluster >= 2 if level == 2 else np.arange(J * n) % 2 == 1
    rates = Rate(share, 0.02, "OLS: 30 of 100"), Rate(0.05, 0.01, "mixed: 5 of 100")
    return ClusterPicture(y, cluster, treated, level, n, SIZES * 0 + 0.2, *rates)


@pytest.fixture
def view():
    return ClustersView()


def test_every_row_is_a_dot_in_the_strip_of_its_cluster(view):
    seen = picture()
    view.update(seen)
    for dots, mine in ((view.controls, ~seen.treated), (view.treated, seen.treated)):
        x, y = dots.get_offsets().T
        assert y == pytest.approx(seen.y[mine])
        assert np.array_equal(np.floor(x * 4).astype(int), seen.cluster[mine])


def test_dashes_are_the_means_of_clusters_and_lines_those_of_the_arms(view):
    seen = picture()
    view.update(seen)
    dashes = [segment[0, 1] for segment in view.means.get_segments()]
    assert dashes == pytest.approx([seen.y[seen.cluster == j].mean() for j in range(4)])
    assert view.control_mean.get_ydata() == pytest.approx([seen.y[~seen.treated].mean()] * 2)
    assert view.treated_mean.get_ydata() == pytest.approx([seen.y[seen.treated].mean()] * 2)
    assert list(view.control_mean.get_xdata()) == [0, 0.5]
    assert list(view.treated_mean.get_xdata()) == [0.5, 1]


def test_within_clusters_both_lines_go_all_the_way(view):
    view.update(picture(level=1))
    assert list(view.control_mean.get_xdata()) == list(view.treated_mean.get_xdata()) == [0, 1]
    assert view.alarms.get_ylim()[1] == pytest.approx(1.02 * TOP[1])


def test_rates_stand_at_the_size_with_their_margins(view):
    view.update(picture(share=0.3))
    assert view.single.get_offsets()[0] == pytest.approx((10, 0.3))
    assert view.whiskers.get_segments()[0][:, 1] == pytest.approx((0.28, 0.32))
    assert view.single_text.get_text() == "OLS: 30 of 100"
    assert view.curve.get_ydata() == pytest.approx(0.2)


def test_a_crowd_is_thinned_out(view):
    view.update(picture(J=10, n=500))
    drawn = len(view.controls.get_offsets()) + len(view.treated.get_offsets())
    assert drawn == 600
