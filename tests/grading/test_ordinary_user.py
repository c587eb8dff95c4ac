"""The hostile list once more as an ordinary user, where all other tests run as root.

Once with the namespaces that this system gives, once with none, as in many a container.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole_class

PROJECT = Path(__file__).parents[2]
NOBODY, IS_ROOT = 65534, os.geteuid() == 0
NOT_NEEDED = {"test", "tests", "site-packages", "__pycache__", "idlelib", "ensurepip", "tkinter"}
LIST = ["tests/grading/test_hostile.py", "tests/grading/test_template.py"]
RUN = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", *LIST]
# A space of users in which no other may be made; the right to say so is given up at once.
NO_MORE_SPACES = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all "
WITHOUT = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c"]
WITHOUT += [f'{NO_MORE_SPACES} --inh-caps=-all "$@"', "sh"]


def link(source, target):
    """The same file once more where one disk has both and anybody may read it, else a copy."""
    if os.stat(source).st_mode & stat.S_IROTH:
        with contextlib.suppress(OSError):
            return os.link(source, target)
    shutil.copyfile(source, target)
    return os.chmod(target, 0o644)


def linked(source, target, left_out=frozenset()):
    """A folder once more, without what is left out."""
    shutil.copytree(
        source,
        target,
        symlinks=True,
        copy_function=link,
        ignore=lambda _, names: left_out & set(names),
    )


@pytest.fixture(scope="module")
def anybody_s():
    """A folder with Python, its libraries and the project, where anybody may read them."""
    folder = Path(tempfile.mkdtemp(prefix="hlm-any-"))
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base, venv, project, home = (folder / name for name in ("base", "venv", "project", "home"))
    for place in (base / "bin", venv / "bin", project, home):
        place.mkdir(parents=True)
    shutil.copy(os.path.realpath(sys.executable), base / "bin" / minor)
    linked(sysconfig.get_path("stdlib"), base / "lib" / minor, NOT_NEEDED)
    for library in Path(sys.base_prefix, "lib").glob("libpython*"):
        shutil.copy(library, base / "lib")
    linked(sysconfig.get_path("purelib"), venv / "lib" / minor / "site-packages")
    (venv / "bin" / "python").symlink_to(base / "bin" / minor)
    (venv / "pyvenv.cfg").write_text(f"home = {base}/bin\n")
    for name in ("hlmteach", "lessons", "tests"):
        linked(PROJECT / name, project / name, {"__pycache__"})
    shutil.copy(PROJECT / "pyproject.toml", project)
    if IS_ROOT:
        os.chown(home, NOBODY, NOBODY)
    for here, _, _ in os.walk(folder):
        os.chmod(here, 0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(command, **more):
    """Run a command as a user who owns nothing, or as the ordinary user who tests."""
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}
    return subprocess.run(command, capture_output=True, text=True, check=False, **nobody, **more)


@pytest.mark.parametrize("spaces", ["as the system gives them", "none"])
def test_the_hostile_list_as_an_ordinary_user(anybody_s, spaces):
    home, python = anybody_s / "home", anybody_s / "venv" / "bin" / "python"
    paths = {name: str(home) for name in ("HOME", "TMPDIR")}
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    before = WITHOUT if spaces == "none" else []
    if not before and not IS_ROOT:
        pytest.skip("not root: test_hostile.py ran as an ordinary user")
    if as_nobody([*before, "true"]).returncode:
        pytest.skip("this system gives an ordinary user none: the other run was without any")
    done = as_nobody(
        [*before, str(python), *RUN, f"--basetemp={home / 'p'}"],  # short: sockets lie below it
        cwd=anybody_s / "project",
        env=paths | kept | {"PATH": os.defpath, "PYTHONPATH": str(anybody_s / "project")},
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 50
