import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def explorer():
    widget = hlm.widgets.PoolingExplorer()
    yield widget
    widget.close()


def test_the_models_choice_is_the_tutorials_model_2(explorer):
    model = hlm.lmer("Satisfaction ~ 1 + (1 | Time)", hlm.load("HLM"), REML=False)
    assert explorer.results["sd_u"] == pytest.approx(0.06596515, abs=1e-7)
    assert explorer.results["sigma"] == pytest.approx(model.sigma)
    u = [explorer.results[f"u_{j}"] for j in (1, 2, 3)]
    assert u == pytest.approx(model.ranef["Time"]["(Intercept)"].to_list())
    levels = [segment[0, 1] for segment in explorer.view.levels.get_segments()]
    assert levels == pytest.approx(model.coef["Time"]["(Intercept)"].to_list())


def test_the_ends_are_one_mean_and_own_means(explorer):
    data = hlm.load("HLM")
    explorer.set(pooling="complete")
    assert explorer.results["overall"] == pytest.approx(data["Satisfaction"].mean())
    assert explorer.results["u_2"] == 0
    explorer.set(pooling="none")
    own = data.groupby("Time", observed=True)["Satisfaction"].mean()
    levels = [segment[0, 1] for segment in explorer.view.levels.get_segments()]
    assert levels == pytest.approx(own.to_list(), abs=1e-4)


def test_by_hand_no_pooling_fits_as_well_as_the_models(explorer):
    share = explorer.results["kept_model"]
    explorer.set(pooling="by hand", kept=round(100 * share))
    assert explorer.results["kept"] == pytest.approx(round(share, 2))
    assert 0 <= explorer.results["loglik_lost"] < 0.01
    for kept in (10, 50, 99):
        explorer.set(kept=kept)
        assert explorer.results["loglik_lost"] > 0.05


def test_the_slider_shows_only_by_hand(explorer):
    assert explorer.controls["kept"].layout.display == "none"
    explorer.set(pooling="by hand")
    assert explorer.controls["kept"].layout.display != "none"


def test_small_groups_keep_less():
    widget = hlm.widgets.PoolingExplorer("clinics")
    kept, sizes = widget._found.seen.kept, widget._found.seen.sizes
    order = np.argsort(sizes)
    assert (np.diff(kept[order]) >= -1e-12).all()
    widget.close()


def test_two_groups_cannot_show_a_variance():
    two, many = (
        hlm.widgets.PoolingExplorer("two cultures"),
        hlm.widgets.PoolingExplorer("many groups"),
    )
    assert two.results["repeats_zero"] > 0.2
    assert two.results["repeats_high"] > 1.8 * 0.4
    assert many.results["repeats_zero"] < 0.01
    assert many.results["repeats_high"] < 1.5 * 0.4
    two.close()
    many.close()
