import importlib.metadata
import json
import sys
import webbrowser

import jupyter_client.kernelspec
import jupyter_core.paths
import pytest
from packaging.requirements import Requirement

from hlmteach import cli
from hlmteach.course import doctor, handout


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
    monkeypatch.setattr(cli, "examine", lambda: iter(findings))
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


def test_packages_of_extras_and_of_other_systems_are_not_asked_for(monkeypatch):
    needs = ["numpy>=1", "ruff; extra == 'dev'", "x; sys_platform == 'none'", "y; extra == 'test'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: needs)
    told = [str(finding) for finding in doctor.look_at_packages()]
    assert len(told) == 2
    assert told[1].startswith("ok    numpy")


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
    monkeypatch.setattr(handout, "PACKAGE", tmp_path)
    assert doctor.look_at_lessons().ails


def test_a_folder_that_cannot_be_written_to(tmp_path):
    assert not doctor.look_at_folder(tmp_path).ails
    assert "cannot be written to" in doctor.look_at_folder(tmp_path / "absent").what


def test_no_browser_is_only_a_note(monkeypatch):
    def absent():
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "get", absent)
    finding = doctor.look_at_browser()
    assert not finding.ails
    assert "--no-browser" in finding.remedy
