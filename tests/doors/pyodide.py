"""The tests of the numbers in a browser's Python: 32-bit, no threads, no processes.

    python -m tests.doors.pyodide [PYTEST ARGUMENTS]

runs them in Pyodide under Node; `make pyodide` is the same; two folders of tests at a time.
"""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hlmteach.course.wheels import pack
from tests.browser.pyodide_files import pyodide_folder

ROOT = Path(__file__).parents[2]
TESTS = ("tests/engine", "tests/inference", "tests/rstyle")
PACKED = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
PACKED += ("sortedcontainers", "attrs", "tqdm", "openpyxl", "et_xmlfile")
PURE = "hypothesis==6.140.0"  # later ones are compiled, and not for a browser
# Output goes to Node by Python's own streams; what pytest would capture by descriptor is not there.
HOW = ("--capture=sys", "-p", "no:cacheprovider", "-p", "no:xdist")


def main(args: list[str]) -> int:
    """Run the tests; return pytest's exit code."""
    node = shutil.which("node")
    if node is None:
        print("node is needed to run Pyodide here.", file=sys.stderr)
        return 2
    release = pyodide_folder(ROOT / ".pytest_cache" / "d" / "hlmteach")
    with tempfile.TemporaryDirectory() as wheels:
        for name in PACKED:
            pack(name, Path(wheels))
        fetch = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "-d",
            wheels,
            PURE,
        ]
        subprocess.run(fetch, check=True)
        script = Path(__file__).with_suffix(".mjs")
        start = (node, script, release, wheels, ROOT, *HOW)
        with ThreadPoolExecutor(2) as pool:
            calls = [[*start, *args]] if args else [[*start, folder] for folder in TESTS]
            return max(pool.map(run, calls))


def run(call: list) -> int:
    """Run one Python to its end, then print what it said; return its exit code."""
    done = subprocess.run(list(map(str, call)), stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
