import os
import socket
import sys
from pathlib import Path

import hypothesis
import pytest

# Each of the workers has a core of its own: BLAS threads that wait for each other on a busy machine
# make a fit take fifty times as long. Workers inherit this before they import numpy.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# `make fuzz` asks for the larger one. Where CI runs the examples are the same each time: a run then
# fails for what was changed, and not by chance.
SAME = bool(os.environ.get("CI"))
hypothesis.settings.register_profile("suite", max_examples=40, deadline=None, derandomize=SAME)
hypothesis.settings.register_profile("fuzz", max_examples=500, deadline=None, derandomize=SAME)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

# For `make pyodide`: neither threads are there, nor packages that nobody built for it.
not_in_a_browser = pytest.mark.skipif(
    sys.platform == "emscripten",
    reason="a browser's Python has no threads, duckdb, dask or statsmodels",
)

JUPYTER_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session", autouse=True)
def _own_jupyter(tmp_path_factory):
    """Keep the settings, kernels and start-up files of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in JUPYTER_FOLDERS:
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand the tests to the workers by file; those of the browser, which share one, together."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]

    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Begin with the browser's tests: they take longest."""
    browser = Path(__file__).parent / "browser"
    items.sort(key=lambda item: browser not in item.path.parents)
