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


@pytest.fixture
def not_root(monkeypatch):
    monkeypatch.setattr(lab, "_is_root", lambda: False)


@pytest.mark.usefixtures("not_root")
def test_the_command_line_of_jupyterlab(tmp_path):
    plain = [
        f"--ServerApp.root_dir={tmp_path}",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
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
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert cli.main(["lab", str(tmp_path / "mine")]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


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
    assert get(f"{address}/lab/tree/00_start_here.ipynb")[0] == 200
    status, body = get(f"{address}/api/contents/00_start_here.ipynb")
    assert status == 200
    served = json.loads(body)["content"]["cells"]
    assert len(served) == len(json.loads((folder / "00_start_here.ipynb").read_bytes())["cells"])
