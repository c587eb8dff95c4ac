"""Every way to install, into Pythons of their own, from the wheel that is built here."""

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from tests.doors.conftest import ROOT, Venv, run

pytestmark = pytest.mark.doors

HEAVY = {"jupyterlab", "voila", "statsmodels", "pyreadstat", "segno", "notebook", "ipykernel"}
FIT = """
import hlmteach as hlm
fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
widget = hlm.widgets.LiveRefit()
print(f"{fit.loglik:.2f}", type(widget).__name__)
"""
SEVENTH = "07_random_intercept.ipynb"
# Elsewhere than here: a verb, and what it asks for.
WITHOUT_LAB = [
    (("lab",), "pip install jupyterlab"),
    (("present", "LiveRefit"), "pip install voila"),
    (("class",), "pip install"),
    (("grade", "lessons"), "pip install jupyter_client"),
    (("site", "site"), 'pip install "hlmteach[site]"'),
    (("lessons", "html", "pages"), 'pip install "hlmteach[pages]"'),
]


def test_a_lean_install_brings_what_a_kernel_needs_and_no_more(lean):
    assert "hlmteach" in lean.packages()
    assert not lean.packages() & HEAVY
    assert "-3263.77 LiveRefit" in run(lean.python, "-W", "error", "-c", FIT)


def test_the_lowest_versions_that_are_allowed(wheel, tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lowest = [need.replace(">=", "==") for need in project["dependencies"]]
    assert all("==" in need for need in lowest)
    venv = Venv(tmp_path / "venv")
    venv.install(wheel, *lowest)
    assert "-3263.77 LiveRefit" in run(venv.python, "-c", FIT)


@pytest.mark.parametrize("name", ["python3.12", "python3.13", "python3.14"])
def test_the_newest_versions_on_another_python(name, wheel, tmp_path):
    try:
        run(name, "-c", "import venv")
    except (AssertionError, OSError):
        pytest.skip(f"{name} does not run here")
    venv = Venv(tmp_path / "venv", name)
    venv.install(wheel)
    assert "-3263.77 LiveRefit" in run(venv.python, "-W", "error", "-c", FIT)


def test_a_lean_install_is_well_and_hands_out_lessons(lean, tmp_path):
    said = run(lean.program("hlmteach"), "doctor", cwd=tmp_path)
    assert "note  jupyterlab is missing (optional:" in said
    assert said.endswith("All is well.\n")
    assert "copied" in run(lean.program("hlmteach"), "lessons", "copy", "mine", cwd=tmp_path)
    book = json.loads((tmp_path / "mine" / SEVENTH).read_text("utf-8"))
    assert book["metadata"]["hlmteach"]["edition"]


@pytest.mark.parametrize(("words", "remedy"), WITHOUT_LAB)
def test_what_a_lean_install_lacks_is_said_in_a_sentence(words, remedy, lean, tmp_path):
    (tmp_path / "lessons").mkdir()
    said = run(lean.program("hlmteach"), *words, cwd=tmp_path, code=2)
    assert remedy in said
    assert "Traceback" not in said


def test_methods_that_need_another_package_say_which(lean):
    ask = FIT + "\nfit.to_statsmodels()"
    assert "pip install statsmodels" in run(lean.python, "-c", ask, code=1)
    ask = "import hlmteach as hlm; hlm.read_table('a.sav')"
    folder = Path(lean.folder)
    (folder / "a.sav").write_bytes(b"$FL2")
    assert "pip install pyreadstat" in run(lean.python, "-c", ask, cwd=folder, code=1)


def by_pip(wheel, folder):
    venv = Venv(folder / "venv")
    venv.install(f"{wheel}[lab]")
    return venv.program("hlmteach")


def by_uv(wheel, folder):
    tools = Venv(folder / "tools")
    tools.install("uv")
    uv = tools.program("uv")
    run(uv, "venv", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, f"{wheel}[lab]")
    return folder / "venv" / "bin" / "hlmteach"


def by_uv_tool(wheel, folder):
    tools = Venv(folder / "tools")
    tools.install("uv")
    env = {"UV_TOOL_DIR": str(folder / "uv"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    word = f"hlmteach[lab] @ {wheel.as_uri()}"
    run(tools.program("uv"), "tool", "install", "--python", sys.executable, word, env=env)
    return folder / "bin" / "hlmteach"


def by_pipx(wheel, folder):
    tools = Venv(folder / "tools")
    tools.install("pipx")
    env = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin")}
    word = f"hlmteach[lab] @ {wheel.as_uri()}"
    run(tools.program("pipx"), "install", "--python", sys.executable, word, env=env)
    return folder / "bin" / "hlmteach"


@pytest.mark.parametrize("way", [by_pip, by_uv, by_uv_tool, by_pipx])
def test_a_way_to_install(way, wheel, tmp_path):
    hlmteach = way(wheel, tmp_path)
    said = run(hlmteach, "doctor", cwd=tmp_path)
    assert "ok    jupyterlab" in said
    assert "ok    JupyterLab extension anywidget" in said
    assert "ok    Jupyter kernel python3 runs this Python" in said
    assert said.endswith("All is well.\n")
    shutil.rmtree(tmp_path)  # hundreds of megabytes


def test_what_binder_installs(tmp_path):
    venv = Venv(tmp_path / "venv")
    venv.install("jupyterlab")  # Binder's own comes first
    run(venv.python, "-m", "pip", "install", "-q", "-r", ".binder/requirements.txt", cwd=ROOT)
    said = run(venv.program("hlmteach"), "doctor", cwd=tmp_path)
    assert "ok    JupyterLab extension anywidget" in said
    assert said.endswith("All is well.\n")
    shutil.rmtree(tmp_path)


def test_the_workflow_s_commands_write_the_site(tmp_path):
    workflow = (ROOT / ".github" / "workflows" / "site.yml").read_text("utf-8")
    install, write = re.findall(r"^ +- run: (.+)$", workflow, re.MULTILINE)
    venv = Venv(tmp_path / "venv")
    run("sh", "-c", install.replace("python", str(venv.python), 1), cwd=ROOT)
    run("sh", "-c", write.replace("hlmteach", str(venv.program("hlmteach")), 1), cwd=tmp_path)
    lessons = [path.stem for path in (ROOT / "lessons").glob("*.ipynb")]
    for name in lessons:
        assert "Make it live" in (tmp_path / "site" / f"{name}.html").read_text("utf-8")
        assert (tmp_path / "site" / "live" / "files" / f"{name}.ipynb").is_file()
    shutil.rmtree(tmp_path)
