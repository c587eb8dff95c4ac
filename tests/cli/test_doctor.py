import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
import webbrowser
from pathlib import Path

import jupyter_client.kernelspec
import jupyter_core.paths
import pytest
from packaging.requirements import Requirement

from hlmteach import cli
from hlmteach.course import doctor
from hlmteach.exercises import bank


def test_a_healthy_machine(capsys):
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert told.endswith("All is well.\n")
    for line in (
        f"ok    Python {sys.version.split()[0]}",
        f"ok    hlmteach {importlib.metadata.version('hlmteach')}",
        f"ok    numpy {importlib.metadata.version('numpy')}",
        f"ok    jupyterlab {importlib.metadata.version('jupyterlab')}",
        "ok    JupyterLab extension @jupyter-widgets/jupyterlab-manager",
        "ok    JupyterLab extension anywidget",
        "ok    Jupyter kernel python3 runs this Python",
        "ok    the tutorial's Model 2 fits: log-likelihood -3263.77",
    ):
        assert line in told


def test_one_finding_to_mend_is_exit_code_1(monkeypatch, capsys):
    findings = [
        doctor.Finding("fine"),
        doctor.Finding("ill", "take this"),
        doctor.Finding("eh", "-", False),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: iter(findings))
    assert cli.main(["doctor"]) == 1
    assert (
        capsys.readouterr().out
        == "ok    fine\nmend  ill\n      take this\nnote  eh\n      -\nTo mend: 1.\n"
    )


def test_an_old_python():
    assert not doctor.look_at_python((3, 11, 0)).ails
    assert "3.11 or later" in doctor.look_at_python((3, 10, 13)).remedy


@pytest.mark.parametrize(
    ("need", "what", "remedy"),
    [
        ("numpy>=1", "numpy ", ""),
        ("numpy>=99", "is not >=99", 'pip install --upgrade "numpy>=99"'),
        ("no-such-package>=1", "no-such-package is missing", '"no-such-package>=1"'),
    ],
)
def test_a_package(need, what, remedy):
    finding = doctor.look_at_package(Requirement(need))
    assert what in finding.what
    assert remedy in finding.remedy
    assert finding.ails == bool(remedy)


def test_packages_of_other_extras_and_of_other_systems_are_not_asked_for(monkeypatch):
    needs = ["numpy>=1", "ruff; extra == 'dev'", "x; sys_platform == 'none'", "y; extra == 'test'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: needs)
    told = [str(finding) for finding in doctor.look_at_packages()]
    assert len(told) == 2
    assert told[1].startswith("ok    numpy")


def test_what_serves_one_thing_is_a_note_that_says_which():
    finding = doctor.look_at_package(Requirement("no-such-package>=1"), "it makes tea")
    assert not finding.ails
    assert "no-such-package is missing (optional: it makes tea)" in str(finding)
    assert str(finding).startswith("note")


def test_each_package_of_the_extra_lab_says_what_it_serves():
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    extras = tomllib.loads(pyproject)["project"]["optional-dependencies"]
    names = {Requirement(need).name for need in [*extras["lab"], *extras["sav"]]}
    assert names - {"ipywidgets"} == set(doctor.SERVES)


def test_an_uninstalled_hlmteach(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "requires", absent)
    (finding,) = doctor.look_at_packages()
    assert finding.ails
    assert finding.remedy == doctor.INSTALL


def test_missing_widget_extensions(tmp_path, monkeypatch):
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *parts: [str(tmp_path)])
    manager, anywidget = doctor.look_at_widgets()
    assert "force-reinstall jupyterlab-widgets" in manager.remedy
    assert "force-reinstall anywidget" in anywidget.remedy

    (tmp_path / "anywidget").mkdir()
    (tmp_path / "anywidget" / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    assert str(list(doctor.look_at_widgets())[1]) == "ok    JupyterLab extension anywidget 1.2.3"


class Spec:
    def __init__(self, *argv):
        self.argv = argv


@pytest.mark.parametrize(
    ("command", "ails"), [("python", False), (sys.executable, False), ("/opt/other/python", True)]
)
def test_a_kernel_of_another_python(command, ails, monkeypatch):
    manager = jupyter_client.kernelspec.KernelSpecManager
    monkeypatch.setattr(manager, "get_kernel_spec", lambda self, name: Spec(command, "-m", "x"))
    (finding,) = doctor.look_at_kernel()
    assert finding.ails == ails


def test_no_kernel(monkeypatch):
    def absent(self, name):
        raise jupyter_client.kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(jupyter_client.kernelspec.KernelSpecManager, "get_kernel_spec", absent)
    (finding,) = doctor.look_at_kernel()
    assert "ipykernel install" in finding.remedy


def test_whatever_breaks_becomes_a_finding(monkeypatch):
    def look_at_fit():
        raise OSError("no space left")
        yield

    monkeypatch.setattr(doctor, "look_at_fit", look_at_fit)
    broken = [finding for finding in doctor.examine() if finding.ails]
    assert [finding.what for finding in broken] == ["fit: OSError: no space left"]


def test_no_lessons(tmp_path, monkeypatch):
    monkeypatch.setattr(bank, "PACKAGE", tmp_path)
    (finding,) = doctor.look_at_lessons()
    assert finding.ails


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (finding,) = doctor.look_at_folder()
    assert not finding.ails
    monkeypatch.setattr(doctor, "why_not_writable", lambda folder: "Read-only file system")
    (finding,) = doctor.look_at_folder()
    assert finding.what == f"{tmp_path} cannot be written to: Read-only file system"
    assert finding.ails


def test_a_folder_that_is_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    (finding,) = doctor.look_at_folder()
    assert finding.what.startswith(". cannot be written to: No such file")


def test_a_home_that_cannot_be_written_to(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file" / "runtime"))
    (finding,) = doctor.look_at_home()
    assert finding.ails
    assert "JUPYTER_RUNTIME_DIR" in finding.remedy


@pytest.mark.parametrize("words", [["doctor"], ["lab"]])
def test_without_numpy_the_doctor_answers_and_nothing_else(words, tmp_path):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError('No module named numpy')")
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "hlmteach", *words]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
    if words == ["doctor"]:
        assert run.returncode == 1
        assert "mend  fit: ImportError: hlmteach cannot be used here" in run.stdout
    else:
        assert run.returncode == 2
        assert "`hlmteach doctor` says how to mend it" in run.stderr


def test_no_browser_is_only_a_note(monkeypatch):
    def absent():
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "get", absent)
    (finding,) = doctor.look_at_browser()
    assert not finding.ails
    assert "--no-browser" in finding.remedy
