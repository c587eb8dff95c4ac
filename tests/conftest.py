from pathlib import Path

import pytest

JUPYTER_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


@pytest.fixture(scope="session", autouse=True)
def _own_jupyter(tmp_path_factory):
    """Keep the settings, kernels and start-up files of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in JUPYTER_FOLDERS:
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.hookimpl(tryfirst=True)  # the workers' plugin reads the groups in its own
def pytest_collection_modifyitems(items):
    """Share the tests out by file; those of the browser, which share one, go first and together."""
    browser = Path(__file__).parent / "browser"
    items.sort(key=lambda item: browser not in item.path.parents)
    for item in items:
        name = "browser" if browser in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))
