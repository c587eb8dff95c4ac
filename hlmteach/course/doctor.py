"""Look at the machine: what is there, what is missing, and how to mend it.

It starts with nothing but Python itself; whatever fails on the way is a finding.
"""

import json
import shutil
import sys
import webbrowser
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from hlmteach.course.lab import unwritable_folders, why_not_writable

OLDEST_PYTHON = (3, 11)
INSTALL = 'In hlmteach\'s folder: python -m pip install --upgrade --force-reinstall ".[lab]"'
OPTIONAL = ("lab", "sav")
# What these extras bring: each serves one thing, and all else goes without it.
SERVES = {
    "jupyterlab": "hlmteach lab opens the lessons in it; any other Jupyter does as well",
    "pyreadstat": "it reads .sav and .dta files",
    "segno": "hlmteach class draws the square code for phones by it",
    "statsmodels": "lesson 09 compares it",
    "voila": "hlmteach present shows a widget by it",
}
LAB_EXTENSIONS = {
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab-widgets",
    "anywidget": "anywidget",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` is what to do; without one, all is well."""

    what: str
    remedy: str = ""
    must: bool = True

    @property
    def ails(self):
        """Whether the lessons cannot be used before this is mended."""
        return bool(self.remedy) and self.must

    def __str__(self):
        verdict = "mend" if self.ails else "note" if self.remedy else "ok  "
        return f"{verdict}  {self.what}" + (f"\n      {self.remedy}" if self.remedy else "")


def examine():
    """Look at everything the lessons need, and yield a `Finding` for each."""
    yield look_at_python(sys.version_info)
    looks = (look_at_packages, look_at_widgets, look_at_kernel, look_at_fit, look_at_lessons)
    for look in (*looks, look_at_folder, look_at_home, look_at_browser):
        yield from _survive(look)


def report():
    """Say what was found; return the exit code: 1 where something is to be mended."""
    ailing = 0
    for finding in examine():
        print(finding, flush=True)
        ailing += finding.ails
    print("All is well." if not ailing else f"To mend: {ailing}.")
    return int(ailing > 0)


def _survive(look):
    # On a broken machine anything may fail, and the doctor's answer is still a finding.
    try:
        yield from look()
    except Exception as error:
        what = f"{look.__name__.removeprefix('look_at_')}: {type(error).__name__}: {error}"
        yield Finding(what, INSTALL)


def look_at_python(version):
    """Look at Python itself; `version` is like `sys.version_info`."""
    what = f"Python {'.'.join(map(str, version[:3]))} at {sys.executable}"
    if version[:2] >= OLDEST_PYTHON:
        return Finding(what)
    return Finding(what, "hlmteach needs Python 3.11 or later: install one, and hlmteach with it.")


def look_at_packages():
    """Look at each package that hlmteach needs here, and at those that serve one thing."""
    from packaging.requirements import Requirement

    try:
        declared = metadata.requires("hlmteach") or []
    except metadata.PackageNotFoundError:
        yield Finding("hlmteach is not installed", INSTALL)
        return
    yield Finding(f"hlmteach {metadata.version('hlmteach')}")
    for need in map(Requirement, declared):
        if need.marker is None or need.marker.evaluate({"extra": ""}):
            yield look_at_package(need)
        elif need.name in SERVES and any(need.marker.evaluate({"extra": e}) for e in OPTIONAL):
            yield look_at_package(need, SERVES[need.name])


def look_at_package(need, serves=""):
    """Look at one package; `serves` says what an optional one is for.

    `need` is a `packaging` Requirement.
    """
    remedy = f'python -m pip install --upgrade "{need.name}{need.specifier}"'
    aside = f" (optional: {serves})" if serves else ""
    try:
        version = metadata.version(need.name)
    except metadata.PackageNotFoundError:
        return Finding(f"{need.name} is missing{aside}", remedy, must=not serves)
    if need.specifier.contains(version, prereleases=True):
        return Finding(f"{need.name} {version}")
    return Finding(f"{need.name} {version} is not {need.specifier}{aside}", remedy, not serves)


def look_at_widgets():
    """Look for the parts of JupyterLab that draw widgets, where JupyterLab is."""
    if find_spec("jupyterlab") is None:
        return
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    for extension, package in LAB_EXTENSIONS.items():
        yield _look_at_extension(folders, extension, package)


def _look_at_extension(folders, extension, package):
    for folder in folders:
        description = folder / extension / "package.json"
        if description.is_file():
            version = json.loads(description.read_text(encoding="utf-8"))["version"]
            return Finding(f"JupyterLab extension {extension} {version}")
    return Finding(
        f"JupyterLab extension {extension} is missing",
        f"python -m pip install --force-reinstall {package}",
    )


def look_at_kernel():
    """Look at the kernel named python3, which every lesson asks for, where JupyterLab is."""
    if find_spec("jupyterlab") is None:
        return
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    remedy = "python -m ipykernel install --sys-prefix"
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Finding("there is no Jupyter kernel python3", remedy)
        return
    # A bare "python" is started as the Python that runs JupyterLab.
    if Path(command).name == command or _same_python(command):
        yield Finding("Jupyter kernel python3 runs this Python")
    else:
        yield Finding(f"Jupyter kernel python3 runs another Python: {command}", remedy)


def _same_python(command):
    program = shutil.which(command)
    # Not resolved: a virtual environment's python is a link to the one it was made from.
    return program is not None and Path(program).parent == Path(sys.executable).parent


def look_at_lessons():
    """Look for the lessons that `hlmteach lab` hands out."""
    from hlmteach.course.handout import shipped_lessons
    from hlmteach.errors import HLMError

    try:
        yield Finding(f"lessons: {len(shipped_lessons())}")
    except HLMError as error:
        yield Finding("no lessons", str(error))


def look_at_fit():
    """Fit the tutorial's Model 2, here and now."""
    import hlmteach as hlm

    data = hlm.load("HLM")
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=data, REML=False)
    yield Finding(f"the tutorial's Model 2 fits: log-likelihood {fit.loglik:.2f}")


def look_at_folder():
    """Look whether lessons can be written here."""
    try:
        here = Path.cwd()
    except OSError:  # it was deleted while somebody stood in it
        here = Path()
    if why := why_not_writable(here):
        remedy = "Change to a folder of your own before you run hlmteach lab, or name one."
        yield Finding(f"{here} cannot be written to: {why}", remedy)
    else:
        yield Finding(f"{here} can be written to")


def look_at_home():
    """Look whether JupyterLab can write what it must write, where JupyterLab is."""
    if find_spec("jupyter_core") is None:
        return
    if cannot := unwritable_folders():
        yield Finding(*cannot)
    else:
        yield Finding("JupyterLab's own folders can be written to")


def look_at_browser():
    """Look for a browser; one on another machine does as well."""
    try:
        webbrowser.get()
        yield Finding("a browser")
    except webbrowser.Error:
        remedy = "hlmteach lab --no-browser prints an address to open by hand."
        yield Finding("no browser was found", remedy, must=False)
