"""Large data, random slope, codes given: from 7,185 rows to 1e7, the last by chunks from a file.

    python benchmarks/large_data.py              # peers as long as a fit takes under 5 s
    python benchmarks/large_data.py --all-peers  # peers at every size in memory: many minutes

Ours is all new each time: design() + response() + maximise() on arrays, as the peers get them. The
goals: 7,185 rows and 160 groups in at most 3 ms; 1e6 rows and 1e4 groups in at most 60 ms. `short`
is how far below the best log-likelihood each stopped.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np
import pandas as pd
from _peers import python_peers

import hlmteach as hlm
from hlmteach.engine.crossprod import design, response
from hlmteach.engine.fit import fit_model
from hlmteach.engine.solve import maximise

SIZES = [(7_185, 160), (10_000, 100), (100_000, 1_000), (1_000_000, 10_000)]
CHUNKED = (10_000_000, 100_000)
PATIENCE = 5_000  # ms
FORMULA = "y ~ x + (x | group)"
R_CODE = """
suppressMessages(library(lme4))
d <- read.csv("{data}"); d$group <- factor(d$group)
t <- sum(proc.time()[1:2])
m <- suppressMessages(suppressWarnings(lmer(y ~ x + (x | group), d, REML = FALSE)))
ms <- 1000 * (sum(proc.time()[1:2]) - t)
cat(sprintf('{{"loglik":%.12g,"ms":%.6g}}', as.numeric(logLik(m)), ms))
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--all-peers", action="store_true", help="the slow ones at 1e6 rows too")
    timing.print_table(
        "Random slope, ML, all new (one run, one BLAS thread)",
        everything(arguments.parse_args().all_peers),
        ["rows", "groups", "who", "ms", "times ours", "short"],
    )


def everything(all_peers: bool = False) -> list[dict]:
    """All sizes in memory, and more rows than need be there."""
    return in_memory(all_peers) + by_chunks(*CHUNKED)


def in_memory(all_peers: bool = False) -> list[dict]:
    """All sizes; who took longer than PATIENCE for one is not asked for the next."""
    rows, slow = [], set()
    for size in SIZES:
        part = compare(*size, slow)
        slow |= {row["who"] for row in part if row["ms"] > PATIENCE and not all_peers}
        rows += part
    return rows


def sample(n: int, groups: int, seed: int = 1) -> pd.DataFrame:
    """Rows sorted by group, as equal in size as may be."""
    sizes = np.full(groups, n // groups)
    sizes[: n % groups] += 1
    truth = {"beta": (1.0, 0.5), "sd_u": (1.0, 0.4), "rho": 0.2}
    return hlm.simulate_groups(groups, sizes, **truth, seed=seed)


def compare(n: int, groups: int, slow=()) -> list[dict]:
    """One size: a row for each who fits it and is not too slow."""
    data = sample(n, groups)
    frame = fit_model(FORMULA, data).frame
    box = []

    def ours():
        d = design(frame.X, frame.factors)
        r = response(d, frame.y)
        box[:] = [maximise(d, r, reml=False)]

    ms = timing.median_ms(ours)
    found = {
        "hlmteach, arrays given": (ms, None),
        "hlmteach lmer(), formula and all": _timed(lambda: hlm.lmer(FORMULA, data, REML=False)),
    }
    peers = {"statsmodels MixedLM": lambda: _statsmodels(frame), "lme4 lmer()": lambda: _lmer(data)}
    for peer, one in python_peers(FORMULA, data).items():
        peers[peer] = lambda one=one: _timed_once(lambda: one(frame.y))
    found |= {who: run() for who, run in peers.items() if who not in slow}
    return _table(n, groups, {who: answer for who, answer in found.items() if answer}, ms)


def _timed(make) -> tuple[float, float]:
    box = []
    ms = timing.median_ms(lambda: box.append(make().loglik), 3)
    return ms, box[-1]


def _timed_once(make) -> tuple[float, float]:
    box = []
    ms = timing.median_ms(lambda: box.append(make()), 1, warm=0)
    return ms, box[-1]


def _table(n, groups, found, base) -> list[dict]:
    best = max(loglik for _, loglik in found.values() if loglik is not None)
    return [
        {
            "rows": f"{n:,}",
            "groups": f"{groups:,}",
            "who": who,
            "ms": float(ms),
            "times ours": float(ms / base),
            "short": "" if loglik is None else f"{best - loglik:.1e}",
        }
        for who, (ms, loglik) in found.items()
    ]


def by_chunks(n: int, groups: int) -> list[dict]:
    """More rows than need be in memory: a parquet file, written and read piece by piece."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        _write(path, n, groups)
        answer = _timed_once(lambda: hlm.fit_chunks(FORMULA, path, REML=False).loglik)
    return _table(n, groups, {"hlmteach fit_chunks(parquet)": answer}, answer[0])


def _write(path: Path, n: int, groups: int, pieces: int = 10) -> None:
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    writer = None
    for i in range(pieces):
        data = sample(n // pieces, groups // pieces, seed=i + 1)
        data["group"] += i * (groups // pieces)
        table = Table.from_pandas(data, preserve_index=False)
        writer = writer or ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def _statsmodels(frame):
    from statsmodels.regression.mixed_linear_model import MixedLM

    factor, box = frame.factors[0], []

    def fit():
        box.append(MixedLM(frame.y, frame.X, factor.codes, exog_re=factor.Z).fit(reml=False).llf)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timing.median_ms(fit, 1, warm=0), float(box[-1])


def _lmer(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d.csv")
        data.to_csv(path, index=False)
        answer = timing.run_r(R_CODE.format(data=path))
    if answer is None:
        print("No Rscript here: lme4 is left out.")
        return None
    return answer["ms"], answer["loglik"]


if __name__ == "__main__":
    main()
