"""What the benchmarks share: medians, one thread, R when it is there, and a table of ratios.

Import it before numpy, so that the thread count is obeyed.
"""
# ruff: noqa: E402

import os

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
for _variable in (*_THREADS, "RAYON_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(_variable, "1")

import json
import platform
import shutil
import statistics
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version


def median_ms(function, repeats: int = 15, warm: int = 1) -> float:
    """The median processor time of a call, in ms: what else runs on the machine is not in it."""
    for _ in range(warm):
        function()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1e3 * statistics.median(times)


def run_r(code: str, timeout: float = 900) -> dict | None:
    """Run R code that prints one JSON object last; None where there is no Rscript."""
    if shutil.which("Rscript") is None:
        return None
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, timeout=timeout
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def machine() -> str:
    """One line on what this ran on."""
    packages = []
    for name in ("numpy", "scipy", "pandas", "statsmodels"):
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(packages)}; "
        f"load of the last 1, 5 and 15 minutes: {load}"
    )


def print_table(title: str, rows: list[dict], columns: list[str]) -> None:
    """A Markdown table, ready for benchmarks/README.md."""
    if title:
        print(f"\n### {title}")
    print(f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for row in rows:
        print("| " + " | ".join(_cell(row.get(c, "")) for c in columns) + " |")
    print(f"\n{machine()}", flush=True)


def _cell(value) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)
