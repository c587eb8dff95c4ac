"""DataInspector: its bars, means and counts are the table's."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    made = hlm.widgets.DataInspector()
    yield made
    made.close()


def test_the_means_are_the_printed_data_sets(widget):
    wanted = (4.99392761, 5.15329891, 5.13348855)
    for j, mean in enumerate(wanted, start=1):
        assert widget.results[f"mean_{j}"] == pytest.approx(mean, abs=5e-9)
        assert widget.view.means[j - 1].get_xdata()[0] == widget.results[f"mean_{j}"]


@pytest.mark.parametrize("variable", ["Satisfaction", "NPD", "BPD"])
def test_the_bars_are_shares_of_each_groups_rows(widget, variable):
    widget.set(variable=variable)
    for bars in widget.view.bars:
        assert sum(bar.get_height() for bar in bars) == pytest.approx(1)


def test_the_end_of_the_scale_is_marked_with_its_share(widget):
    data = hlm.load("HLM")
    shares = (data.Satisfaction > 5.875).groupby(data.Time, observed=True).mean()
    texts = [text.get_text() for text in widget.view.ends]
    assert texts == [f"{share:.0%}" for share in shares]
    widget.set(mark=False)
    assert [text.get_text() for text in widget.view.ends] == ["", "", ""]


def test_gaps_cost_rows(widget):
    assert widget.results["complete"] == 2681
    widget.set(missing=20)
    complete = widget.results["complete"]
    assert 2200 < complete < 2450
    assert widget.results["n_1"] < 992
    widget.set(missing=5)
    assert complete < widget.results["complete"] < 2681


def test_without_a_ceiling_nobody_sits_at_the_end(widget):
    widget.set(source="normal")
    assert widget.results["at_end"] < 0.01
    assert np.isfinite(list(widget.results.values())).all()
