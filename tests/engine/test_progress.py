"""Bars of long work: when they come, who is silent, and what an interrupt leaves."""

import sys
import threading

import pytest

import hlmteach as hlm
from hlmteach.engine import blocks, progress
from hlmteach.engine.progress import Progress, quiet, tick
from hlmteach.inference.simulation import replicates
from tests.conftest import not_in_a_browser
from tests.engine.test_several import table

CROSSED = "y ~ x + (1 | g) + (1 | h)"


@pytest.fixture
def hasty(monkeypatch):
    """Work is long at once."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


def test_short_work_says_nothing_and_imports_nothing(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "tqdm.auto", raising=False)
    hlm.lmer(CROSSED, table())
    assert capsys.readouterr().err == ""
    assert "tqdm.auto" not in sys.modules


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda **v: hlm.lmer(CROSSED, table(), **v), "Fitting"),
        (lambda **v: hlm.lme("y ~ x", table(), "~1|g", **v), "Fitting"),
        (lambda **v: hlm.fit_chunks("y ~ x + (1 | g)", [table()], **v), "Reading"),
        (lambda **v: hlm.profile(fitted(), "sigma", **v), "Profile"),
        (lambda **v: hlm.confint(fitted(), parm="x", **v), "Intervals"),
        (lambda **v: hlm.confint(fitted(), method="boot", nsim=50, **v), "Intervals"),
        (lambda **v: hlm.refit_many(fitted(), hlm.simulate(fitted(), 3), **v), "Refitting"),
        (lambda **v: hlm.null_lrt(fitted(), n=20, **v), "Ratios"),
        (lambda **v: hlm.coverage(fitted(), "x", n=20, methods="t", **v), "Coverage"),
        (lambda **v: hlm.power(fitted(), "x", n=20, **v), "Power"),
        (lambda **v: hlm.type1(5, 4, icc=0.1, methods="t", n=20, **v), "False positives"),
    ],
)
def test_long_work_speaks_and_verbose_false_silences(hasty, capsys, work, said):
    work()
    assert said in capsys.readouterr().err
    work(verbose=False)
    assert capsys.readouterr().err == ""


def fitted():
    return hlm.lmer("y ~ x + (1 | g)", table(), REML=False, verbose=False)


def test_inner_work_counts_for_the_outer_alone(hasty, capsys):
    with Progress("Outer", "steps", total=4) as outer:
        for _ in range(2):
            with Progress("Inner", "steps"):
                tick("steps")
                tick("evaluations")
    assert outer.count == 2
    said = capsys.readouterr().err
    assert "Outer" in said
    assert "Inner" not in said


@not_in_a_browser
def test_threads_and_quiet_work_are_silent(hasty, capsys):
    with quiet():
        hlm.lmer(CROSSED, table())
    job = threading.Thread(target=hlm.lmer, args=(CROSSED, table()))
    job.start()
    job.join()
    assert capsys.readouterr().err == ""


def test_no_thread_is_started(hasty):
    before = threading.active_count()
    with Progress("Work", "steps") as work:
        work.step()
        assert threading.active_count() == before


@pytest.mark.parametrize(
    ("where", "step", "work", "said"),
    [
        (blocks, "system", lambda fit: fit.refit(fit.y + 1.0), "Fitting: interrupted after 2 eval"),
        (
            replicates,
            "maximise",
            lambda fit: hlm.confint(fit, method="boot", nsim=50, seed=1),
            "Intervals: interrupted after 2 of 50 outcomes. Nothing of it is kept.",
        ),
    ],
)
def test_an_interrupt_says_how_far_it_was_and_ends_the_work_and_its_bar(
    hasty, monkeypatch, capsys, where, step, work, said
):
    fit = hlm.lmer(CROSSED, table())
    before, whole, calls = fit.loglik, getattr(where, step), iter(range(100))

    def interrupted(*args, **kwargs):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    monkeypatch.setattr(where, step, interrupted)
    monkeypatch.setattr(replicates, "BATCH_EFFECTS", 1)  # outcomes one by one
    with pytest.raises(KeyboardInterrupt):
        work(fit)
    monkeypatch.undo()
    assert said in capsys.readouterr().err
    assert fit.loglik == before
    hlm.lmer(CROSSED, table())
    assert "Fitting" not in capsys.readouterr().err
