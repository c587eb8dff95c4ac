"""A name that was said in an earlier notebook of the folder counts when this one is graded."""

import pytest

from hlmteach.exercises.record import Record
from hlmteach.exercises.students import identify
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from tests.grading.books import AIC, book

pytestmark = pytest.mark.slow


def test_a_name_that_no_cell_says_is_in_the_answers_that_were_saved(tmp_path):
    saved = Record(exercise="08-1", student="anna", mark=identify("anna").mark, answer=3)
    metadata = {"hlmteach": {"answers": {"08-1": saved.as_dict()}}}
    path = tmp_path / "one.ipynb"
    path.write_text(book("import hlmteach as hlm", AIC, metadata=metadata), encoding="utf-8")
    records = collect(path, Limits(cell=300, total=600)).records
    assert records["08-2"].student == "anna"
    assert records["08-2"].mark == saved.mark
