"""The engine beside its peers: one run, one Markdown table, with the load of the machine.

    python benchmarks/engine.py              # a slow peer is left out of the largest sizes
    python benchmarks/engine.py --all-peers  # not even then: half an hour more
    python benchmarks/engine.py --quick      # 100,000 rows at most, no file of 1e7 rows

`short` is how far below the best log-likelihood of all one stopped, at worst; `off`, for intervals,
how far lme4's worst limit lies from ours, in half widths. README.md says how to install the peers.
"""

import argparse

import _timing as timing  # first: it sets the thread count
import large_data
import profile_intervals
import refit
import replicates


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--all-peers", action="store_true")
    arguments.add_argument("--quick", action="store_true")
    chosen = arguments.parse_args()
    before = timing.machine()
    rows = [_row("one fit, 2,681 rows", row) for m in refit.MODELS for row in refit.compare(m)]
    rows += [
        _row("1,000 fits, 2,681 rows", row)
        for m in replicates.MODELS
        for row in replicates.compare(m)
    ]
    rows += [_row("profile intervals", row) for row in _intervals()]
    if chosen.quick:
        large_data.SIZES[:] = large_data.SIZES[:3]
        rows += [_row("all new", row) for row in large_data.in_memory()]
    else:
        rows += [_row("all new", row) for row in large_data.everything(chosen.all_peers)]
    print(f"\nBefore: {before}")
    timing.print_table("", rows, ["work", "model", "who", "ms", "times ours", "short or off"])


def _intervals():
    return [row for m in profile_intervals.MODELS for row in profile_intervals.compare(m)]


def _row(work: str, row: dict) -> dict:
    size = f"{row['rows']} rows, {row['groups']} groups" if "rows" in row else ""
    off = f"off {row['off']}" if row.get("off") else ""
    failed = f", failed {row['failed']}" if row.get("failed") else ""
    return {
        "work": work,
        "model": row.get("model", f"slope, {size}"),
        "who": row["who"],
        "ms": row["ms"],
        "times ours": row.get("times ours", 1.0),
        "short or off": row.get("short", off) + failed,
    }


if __name__ == "__main__":
    main()
