import asyncio
import os
import socket
import sys
from contextlib import contextmanager
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


@pytest.fixture(scope="session")
def warm(tmp_path_factory):
    """The folder of kernels that are forked and wait for no import: see tests/warm.py."""
    from tests.warm import warm_kernels

    folder = tmp_path_factory.mktemp("warm")
    with warm_kernels(folder):
        yield folder


BROWSER = Path(__file__).parent / "browser"
WITHOUT_A_LAB = {"test_class.py", "test_pages.py", "test_script.py"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand the tests to the workers by file; those that share a JupyterLab together.

    Those of `make fuzz` share nothing, and go one by one.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if config.option.markexpr == "fuzz":
                return nodeid
            file = nodeid.split("::")[0]
            folder, _, name = file.rpartition("/")
            return "lab" if folder == "tests/browser" and name not in WITHOUT_A_LAB else file

    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest: JupyterLab, the other pages, then files with slow tests."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item):
        in_browser = BROWSER in item.path.parents
        return not in_browser, item.path.name in WITHOUT_A_LAB, item.path not in slow

    items.sort(key=turn)


# -- Playwright leaves its event loop running in this thread, between the browser's tests and after
# them. Other tests, which have loops of their own, do not see it.


@contextmanager
def _no_loop_of_the_browser(item):
    drives_it = BROWSER in item.path.parents or "chromium" in getattr(item, "fixturenames", ())
    loop = None if drives_it else asyncio._get_running_loop()
    if loop is not None:
        asyncio._set_running_loop(None)
    try:
        yield
    finally:
        if loop is not None:
            asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    with _no_loop_of_the_browser(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with _no_loop_of_the_browser(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    if nextitem is None:  # the browser itself is closed
        return (yield)
    with _no_loop_of_the_browser(item):
        return (yield)
