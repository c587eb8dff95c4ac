import pytest

JUPYTER_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


@pytest.fixture(scope="session", autouse=True)
def _own_jupyter(tmp_path_factory):
    """Keep the settings, kernels and start-up files of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in JUPYTER_FOLDERS:
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield
