"""The same submissions, collected by two workers of a Dask cluster on this machine."""

import pytest

from hlmteach.errors import HLMError
from hlmteach.grading.cluster import collect_on_cluster
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade
from tests.grading.books import AIC, WHO, K, book, honest

LIMITS = Limits(cell=60, total=240)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_two_workers_give_the_same_grades(tmp_path):
    from distributed import LocalCluster

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_text(honest("anna"))
    broken = book(WHO.format("cy"), K, "import os; os._exit(0)", AIC)
    (tmp_path / "in" / "cy.ipynb").write_text(broken)
    (tmp_path / "in" / "di.ipynb").write_text("{")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        far = run(tmp_path, "far", cluster.scheduler_address)
    assert run(tmp_path, "near", "") == far
    assert far.count(",right,") == 4
    assert "cell 2: died" in far


def run(tmp_path, name, scheduler):
    out = tmp_path / name / "grades.csv"
    options = Options(out, ("08-1", "08-2"), limits=LIMITS, jobs=2, scheduler=scheduler)
    grade(tmp_path / "in", options)
    return out.read_text()


@pytest.mark.filterwarnings("ignore")
def test_no_scheduler_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("hlmteach.grading.cluster.CONNECTED_IN", 0.5)
    with pytest.raises(HLMError, match="No Dask scheduler answers"):
        list(collect_on_cluster({}, Options(tmp_path, scheduler="tcp://127.0.0.1:1")))
