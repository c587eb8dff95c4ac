"""The ledger's picture, by artist data."""

import pytest

from hlmteach.views.ledger import Ledger, LedgerView, Line


def line(name, misfit, counted=(True, True), shown=True):
    kinds = ("fixed", "residual")
    return Line(name, shown, ("$b$", "$s$"), kinds, counted, misfit)


def test_the_best_has_the_star():
    view = LedgerView(["A", "B"])
    seen = Ledger((line("A", 10.0), line("B", 7.5)))
    view.update(seen)
    assert seen.best.name == "B"
    assert view.sums[1].get_text().endswith("best")
    assert view.best.get_offsets()[0][1] == view.rows[1]
    assert view.sums[0].get_text() == "14.00  Δ 2.50"


def test_a_line_counts_what_counts():
    assert line("A", 10.0, (True, False)).aic == 12.0
    assert line("A", 10.0).k == 2


@pytest.mark.parametrize(("gap", "span"), [(3.0, 10), (30.0, 40), (300.0, 320)])
def test_the_scale_is_the_narrowest_that_holds_all(gap, span):
    view = LedgerView(["A", "B"])
    view.update(Ledger((line("A", 100.0), line("B", 100.0 + gap))))
    assert view.costs.get_xlim()[1] == pytest.approx(1.95 * span)


def test_no_line_shown():
    view = LedgerView(["A", "B"])
    view.update(Ledger((line("A", 1.0, shown=False), line("B", 2.0, shown=False))))
    assert len(view.misfits.get_segments()) == 0
    assert [text.get_text() for text in view.sums] == ["", ""]
