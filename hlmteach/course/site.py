"""The course as a site: pages to read at once, and beside them every lesson live in the browser.

JupyterLite serves the notebooks and runs them in Pyodide, a Python that the browser runs; nothing
is asked of a server but files. The live page around a notebook is ours (page/live.*).
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from hlmteach.course.build import notebook_bytes
from hlmteach.course.pages import HERE, write_pages
from hlmteach.course.source import find_sources, read_lesson
from hlmteach.course.template import page_of
from hlmteach.course.wheels import pack
from hlmteach.errors import HLMError

PYODIDE = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"  # the release that the tests run with
PYODIDE_FILES = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "pyodide-lock.json")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
FRONT_ENDS = ("anywidget", "@jupyter-widgets/jupyterlab-manager", KERNEL)
# What Pyodide's own release holds of what a lesson needs, and what of it comes from this machine.
THEIRS = ("numpy", "scipy", "pandas", "matplotlib", "ipython", "jedi")
KERNELS = ("micropip", "ssl", "sqlite3", "six")  # what JupyterLite's kernel asks for
ON_DEMAND = ("pyarrow",)  # parquet files
OURS = ("hlmteach", "ipywidgets", "anywidget", "psygnal", "typing_extensions", "comm", "tqdm")
OURS += ("openpyxl", "et_xmlfile")
EPOCH = 1_700_000_000  # one date for all files: the same lessons give the same site
# Cells out of sight stay on the page: a card keeps what is typed, the browser finds every word.
OVERRIDES = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"}}
FROM_WORKER = "../../../../"  # from the script that starts Python to the live folder


def write_site(lessons, out, pyodide=None, progress=print) -> Path:
    """Write the course to the folder `out`, for any server of files; return its first page.

    Parameters
    ----------
    lessons : path-like
        The folder with source/NN_topic.md.
    out : path-like
        Where the site goes; what an earlier call wrote there is written anew.
    pyodide : path-like, optional
        A folder with Pyodide's release, copied into the site, which then fetches nothing from
        anywhere else. Without it, browsers fetch Pyodide from its usual address.

    Raises
    ------
    HLMError
        When a lesson does not run, a package for sites is missing, `out` cannot be written to, or
        `pyodide` does not hold a release.
    """
    _check_tools()
    release = _release(pyodide) if pyodide is not None else None
    out = Path(out)
    first, *_ = write_pages(lessons, out, progress, live=True)
    progress("adding JupyterLite")
    with tempfile.TemporaryDirectory() as made:
        _build_lite(Path(lessons), Path(made))
        live = out / "live"
        shutil.rmtree(live, ignore_errors=True)
        shutil.copytree(Path(made) / "live", live)
    if release is not None:
        _copy_release(release, live / "pyodide")
    _configure(live, "./pyodide/" if release is not None else PYODIDE)
    _write_live_page(Path(lessons), out)
    return first


def _check_tools() -> None:
    missing = [
        name
        for module, name in (
            ("jupyterlite_core", "jupyterlite-core"),
            ("jupyterlite_pyodide_kernel", "jupyterlite-pyodide-kernel"),
        )
        if importlib.util.find_spec(module) is None
    ]
    if missing:
        raise HLMError(
            f'A site needs {" and ".join(missing)}. Mend it with: pip install "hlmteach[site]"'
        )


# -- Pyodide's release --------------------------------------------------------------------------


def _release(folder) -> Path:
    folder = Path(folder)
    missing = [name for name in PYODIDE_FILES if not (folder / name).is_file()]
    if missing:
        raise HLMError(
            f"{folder} holds no release of Pyodide: {', '.join(missing)} missing. Name the folder "
            "that Pyodide's full archive unpacks to."
        )
    return folder


def _copy_release(release: Path, to: Path) -> None:
    """Copy of a release what a lesson can ask for: its core, and what our packages need."""
    to.mkdir()
    lock = json.loads((release / "pyodide-lock.json").read_text(encoding="utf-8"))
    needed = {lock["packages"][name]["file_name"] for name in with_needs(lock["packages"])}
    for name in sorted({*PYODIDE_FILES, "python_stdlib.zip", *needed}):
        if not (release / name).is_file():
            raise HLMError(f"{release} lacks {name}, which its own list of files names.")
        shutil.copyfile(release / name, to / name)


def with_needs(packages: dict) -> set[str]:
    """Name the packages that Pyodide loads for a lesson, and all that they need."""
    known = {_plain(name): name for name in packages}
    waiting, names = [*THEIRS, *KERNELS, *ON_DEMAND], set()
    while waiting:
        name = known[_plain(waiting.pop())]
        if name not in names:
            names.add(name)
            waiting += packages[name]["depends"]
    return names


def _plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


# -- JupyterLite --------------------------------------------------------------------------------


def _build_lite(lessons: Path, folder: Path) -> None:
    """Build JupyterLite with the lessons to folder/live."""
    source, contents = folder / "lite", folder / "contents"
    for path in (source / "pypi", contents):
        path.mkdir(parents=True)
    for path in find_sources(lessons):
        lesson = read_lesson(path)
        (contents / f"{lesson.name}.ipynb").write_bytes(notebook_bytes(lesson))
    for name in OURS:
        pack(name, source / "pypi")
    for path in [*contents.iterdir(), *(source / "pypi").iterdir()]:
        os.utime(path, (EPOCH, EPOCH))
    settings = {
        "lite_dir": str(source),
        "output_dir": str(folder / "live"),
        "cache_dir": str(folder / "cache"),
        "contents": [str(contents)],
        "apps": ["lab", "notebooks"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "source_date_epoch": EPOCH,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(_front_end(name)) for name in FRONT_ENDS],
    }
    (source / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
    config = source / "jupyter_lite_config.json"
    config.write_text(json.dumps({"LiteBuildConfig": settings}), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    run = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if run.returncode:
        raise HLMError(f"JupyterLite could not be built. It said: {run.stderr.strip()[-500:]}")


def _front_end(name: str) -> Path:
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        if (Path(folder) / name).is_dir():
            return Path(folder) / name
    raise HLMError(f'The front end {name} is not installed. Mend it: pip install "hlmteach[site]"')


def _configure(live: Path, pyodide: str) -> None:
    """Say where Python comes from, and what it loads before the first cell."""
    path = live / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    data = config["jupyter-config-data"]
    wheels = [f"{FROM_WORKER}pypi/{wheel.name}" for wheel in sorted((live / "pypi").glob("*.whl"))]
    data["exposeAppInBrowser"] = True  # the page around it asks how far it is, and hands in
    data["appName"] = "hlmteach"
    data.setdefault("litePluginSettings", {}).setdefault(f"{KERNEL}:kernel", {}).update(
        pyodideUrl=f"{pyodide}pyodide.js",
        disablePyPIFallback=True,
        loadPyodideOptions={"packages": [*THEIRS, *wheels]},
    )
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _write_live_page(lessons: Path, out: Path) -> None:
    shutil.copyfile(HERE / "live.js", out / "live.js")
    shutil.copyfile(HERE / "live.css", out / "live.css")
    read = map(read_lesson, find_sources(lessons))
    known = {lesson.name: f"{lesson.number} · {lesson.title}" for lesson in read}
    template = (HERE / "live.html").read_text(encoding="utf-8")
    titles = escape(json.dumps(known, ensure_ascii=False, sort_keys=True))
    page = page_of(template, title="hlmteach, live", style="live.css", lessons=titles)
    (out / "live.html").write_text(page, encoding="utf-8", newline="\n")


def serve(folder: Path, port: int) -> None:
    """Serve a site on this machine alone, until stopped (Control-C)."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise HLMError(
            f"Port {port} cannot be used: {error.strerror}. Name another with --port."
        ) from error
    print(f"The site is at http://localhost:{port}  (Control-C ends it)", flush=True)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
