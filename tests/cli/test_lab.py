import json
import re
import socket
import subprocess
import sys
import threading
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from hlmteach import cli
from hlmteach.course import lab
from tests.conftest import free_port


@pytest.fixture
def not_root(monkeypatch):
    monkeypatch.setattr(lab, "_is_root", lambda: False)


@pytest.mark.usefixtures("not_root")
def test_the_command_line_of_jupyterlab(tmp_path):
    plain = [
        f"--ServerApp.root_dir={tmp_path}",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
        f"--LabApp.extra_labextensions_path={lab.EXTENSIONS}",
    ]
    assert lab.lab_arguments(tmp_path) == plain
    assert lab.lab_arguments(tmp_path, browser=False, port=9000, extra=["--debug"]) == [
        *plain,
        "--no-browser",
        "--ServerApp.port=9000",
        "--debug",
    ]


def test_root_may_serve_too(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "_is_root", lambda: True)
    assert lab.lab_arguments(tmp_path)[-1] == "--allow-root"


@pytest.mark.usefixtures("not_root")
def test_the_verb_copies_the_lessons_and_hands_everything_on(tmp_path, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(cli, "open_lab", started.append)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lab", "--no-browser", "--port", "9001", "--", "--debug", "--", "x"]) == 0
    folder = tmp_path / "hlmteach-lessons"
    assert (folder / "00_start_here.ipynb").is_file()
    assert "00_start_here.ipynb  copied" in capsys.readouterr().out
    assert started == [lab.lab_arguments(folder, False, 9001, ["--debug", "--", "x"])]


def test_without_jupyterlab_the_error_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    assert cli.main(["lab", str(tmp_path / "mine")]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(tmp_path, capsys):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        assert cli.main(["lab", "--port", port, str(tmp_path / "mine")]) == 2
    said = capsys.readouterr().err
    assert f"Port {port} cannot be used" in said
    assert "Name another with --port" in said
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["lab", str(tmp_path / "file" / "mine")]) == 2
    assert "cannot be copied to" in capsys.readouterr().err


def test_a_home_that_cannot_be_written_to_is_said(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / "file" / name))
    assert cli.main(["lab", str(tmp_path / "mine")]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / "file" / "DATA") in said
    assert "Set HOME, or JUPYTER_CONFIG_DIR and JUPYTER_DATA_DIR" in said


@pytest.fixture
def server(tmp_path):
    """A real `hlmteach lab --no-browser`: its address and its folder."""
    folder = tmp_path / "mine"
    command = [sys.executable, "-m", "hlmteach", "lab", "--no-browser"]
    command += ["--port", str(free_port()), str(folder), "--", "--IdentityProvider.token=key"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    patience = threading.Timer(60, process.kill)
    patience.start()
    log = []
    try:
        for line in process.stderr:
            log.append(line)
            if found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+", line):
                break
        else:
            pytest.fail("JupyterLab did not start:\n" + "".join(log))
        wait_for(found[0], process)
        yield found[0], folder
    finally:
        patience.cancel()
        process.terminate()
        process.communicate(timeout=30)


def get(address):
    with urlopen(Request(address, headers={"Authorization": "token key"}), timeout=30) as answer:
        return answer.status, answer.read()


def wait_for(address, process):
    """Return when the server answers; its address is printed a moment before it does."""
    pause = threading.Event()
    while process.poll() is None:
        try:
            return get(f"{address}/api")
        except URLError:
            pause.wait(0.1)
    return pytest.fail("JupyterLab stopped before it answered.")


@pytest.mark.slow
def test_a_real_server_serves_the_lessons(server):
    address, folder = server
    assert get(f"{address}/api")[0] == 200
    status, page = get(f"{address}/lab/tree/00_start_here.ipynb")
    assert status == 200
    assert b"@jupyterlab/apputils-extension:announcements" in page  # told to be left out
    assert b'"hlmteach-lab"' in page
    script = lab.EXTENSIONS / "hlmteach-lab" / "static" / "remoteEntry.js"
    served = get(f"{address}/lab/extensions/hlmteach-lab/static/remoteEntry.js")
    assert served == (200, script.read_bytes())
    _, settings = get(f"{address}/lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin")
    assert json.loads(settings)["schema"]["properties"]["saveState"]["default"] is True
    status, body = get(f"{address}/api/contents/00_start_here.ipynb")
    assert status == 200
    served = json.loads(body)["content"]["cells"]
    assert len(served) == len(json.loads((folder / "00_start_here.ipynb").read_bytes())["cells"])
