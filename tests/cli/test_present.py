import json
import sys

import pytest

from hlmteach import cli
from hlmteach.course import present


def test_the_notebook_holds_the_one_widget():
    book = json.loads(present.present_notebook("CoverageStream", "three groups"))
    assert len(book["cells"]) == 1
    assert "CoverageStream(preset='three groups', present=True)" in book["cells"][0]["source"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Predict"], "no widget 'Predict'"),
        (["CoverageSteam"], "no widget 'CoverageSteam'. Did you mean CoverageStream?"),
        (["CoverageStream", "--preset", "four"], "no preset 'four'. It has: 'three groups'"),
    ],
)
def test_a_wrong_name_is_told_what_there_is(words, message, capsys):
    assert cli.main(["present", *words]) == 2
    assert message in capsys.readouterr().err


def test_the_command_line_of_voila(tmp_path):
    arguments = present.present_arguments(tmp_path / "a.ipynb", browser=False, port=9000)
    assert arguments[0].endswith("a.ipynb")
    assert arguments[-2:] == ["--no-browser", "--port=9000"]
    assert present.present_arguments("a.ipynb", host="0.0.0.0")[-1] == "--Voila.ip=0.0.0.0"


@pytest.mark.parametrize("package", ["voila", "ipykernel"])
def test_without_voila_or_a_kernel_the_error_says_what_to_install(package, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    assert cli.main(["present", "CoverageStream"]) == 2
    assert f"pip install {package}" in capsys.readouterr().err
