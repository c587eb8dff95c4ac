"""Several factors, and many groups: every fit in a process of its own, so that memory is seen too.

    python benchmarks/crossed.py             # InstEval, crossed factors, groups at 1e6 rows
    python benchmarks/crossed.py --quick     # without 10,000 x 10,000 and the longest peers
    python benchmarks/crossed.py --only "1,000 x 1,000"

`s` is processor time of the fit, formula and all, on a table already read; other work on the
machine is not in it. `GB` is the most that the process held. `short` is how far below the best
log-likelihood of all one stopped.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np
import pandas as pd
from _peers import MAKERS, Table

TWO, ONE = "y ~ x + (1 | g) + (1 | h)", "y ~ x + (1 | g)"
CROSSED = ["lme4 lmer()", "glmm fit()", "mixedlm lmer()", "lme-python lmer()"]
SINGLE = [*CROSSED, "mixedlm-rs mixedlm()"]
AS_ONE_GROUP = ["nlme lme()", "statsmodels MixedLM"]  # who know crossed factors as one group
R_CODE = """
suppressMessages({{library(lme4); library(nlme)}})
d <- read.csv("{data}"); for (v in c({factors})) d[[v]] <- factor(d[[v]]); d$one <- 1
t <- proc.time()
m <- suppressMessages(suppressWarnings({fit}))
t <- proc.time() - t
held <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
gb <- if (length(held)) as.numeric(gsub("[^0-9]", "", held)) / 1e6 else -1
cat(sprintf('{{"s":%.6g,"gb":%.4g,"loglik":%.12g}}', t[[1]] + t[[2]], gb, as.numeric(logLik(m))))
"""
IN_R = {
    "lme4 lmer()": "lmer({formula}, d, REML = FALSE)",
    "nlme lme()": "lme(y ~ x, d, method = 'ML', random = list(one = pdBlocked(list("
    "pdIdent(~ g - 1), pdIdent(~ h - 1)))))",
}


@dataclass(frozen=True)
class Case:
    """One table and model, and who is asked to fit it beside us."""

    name: str
    formula: str
    levels: tuple[int, ...]
    n: int
    peers: list

    def write(self, path: Path) -> bool:
        """The table as a file; False where it is not to be had."""
        if not self.levels:
            return _insteval(path)
        _sample(self.levels, self.n).to_csv(path, index=False)
        return True


CASES = [
    Case("InstEval, 2,972 x 1,128", "y ~ service + (1 | s) + (1 | d)", (), 73_421, CROSSED),
    Case("and 28 departments", "y ~ service + (1 | s) + (1 | d) + (1 | ds)", (), 73_421, CROSSED),
    Case("100 x 100", TWO, (100, 100), 2_000, CROSSED + AS_ONE_GROUP),
    Case("300 x 300", TWO, (300, 300), 6_000, CROSSED),
    Case("1,000 x 1,000", TWO, (1_000, 1_000), 20_000, CROSSED),
    Case("3,000 x 3,000", TWO, (3_000, 3_000), 60_000, CROSSED),
    Case("10,000 x 10,000", TWO, (10_000, 10_000), 200_000, CROSSED[:2]),
    Case("30,000 x 30,000", TWO, (30_000, 30_000), 600_000, []),
    Case("100 groups", ONE, (100,), 1_000_000, SINGLE),
    Case("1,000 groups", ONE, (1_000,), 1_000_000, SINGLE),
    Case("10,000 groups", ONE, (10_000,), 1_000_000, SINGLE),
    Case("100,000 groups", ONE, (100_000,), 1_000_000, SINGLE),
    Case("1,000,000 groups", ONE, (1_000_000,), 2_000_000, SINGLE),
]
LONG = ("10,000 x 10,000", "3,000 x 3,000", "1,000,000 groups")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", default="", help="cases whose name holds this")
    arguments.add_argument("--patience", type=int, default=300, help="s for one fit of a peer")
    arguments.add_argument("--one", nargs=3, metavar=("WHO", "FORMULA", "FILE"))
    chosen = arguments.parse_args()
    if chosen.one:
        print(json.dumps(_one(*chosen.one, chosen.patience)))
        return
    cases = [c for c in CASES if chosen.only in c.name and not (chosen.quick and c.name in LONG)]
    timing.print_table(
        "Several factors and many groups, ML (each fit in its own process, one BLAS thread)",
        [row for case in cases for row in compare(case, chosen.patience)],
        ["model", "rows", "who", "s", "times ours", "GB", "short"],
    )


def compare(case: Case, patience: int) -> list[dict]:
    """A row for each who fits this case."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        if not case.write(path):
            print(f"{case.name}: the data come with lme4, and there is no Rscript here.")
            return []
        asked = ["hlmteach lmer()", *case.peers]
        found = {}
        for who in asked:
            found[who] = _in_its_own_process(who, case.formula, path, patience)
            print(f"{case.name}, {who}: {found[who]}", file=sys.stderr, flush=True)
    logliks = [answer["loglik"] for answer in found.values() if "loglik" in answer]
    base = found["hlmteach lmer()"].get("s", np.nan)
    return [
        {"model": case.name, "rows": f"{case.n:,}", "who": who}
        | _shown(answer, base, max(logliks, default=0.0))
        for who, answer in found.items()
    ]


def _shown(answer: dict, base: float, best: float) -> dict:
    if "s" not in answer:
        return {"s": answer["why"]}
    short = f"{best - answer['loglik']:.1e}"
    return {"s": answer["s"], "times ours": answer["s"] / base, "GB": answer["gb"], "short": short}


def _in_its_own_process(who: str, formula: str, path: Path, patience: int) -> dict:
    command = [sys.executable, __file__, "--patience", str(patience)]
    command += ["--one", who, formula, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode < 0 or "CPU" in done.stderr:
        return {"why": f"more than {patience} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return {"why": "not installed" if "ImportError" in last else last[:100]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def _one(who: str, formula: str, path: str, patience: int) -> dict:
    """One fit in this process: processor seconds, the most memory held, log-likelihood."""
    if not who.startswith("hlmteach"):
        _limit(patience)
    if who in IN_R:
        return _in_r(who, formula, path)
    data = pd.read_csv(path)
    small = data.groupby("g", sort=False).head(20).head(2_000) if "g" in data else data.head(2_000)
    fits = [_fitter(who, formula, table) for table in (small, data)]
    try:
        fits[0](small["y"].to_numpy())  # what is loaded at first use is not counted
    except Exception as error:
        print(f"{who} on a small part: {error}", file=sys.stderr)
    start = time.process_time()
    loglik = fits[1](data["y"].to_numpy())
    seconds = time.process_time() - start
    return {"s": seconds, "gb": _held(), "loglik": float(loglik)}


def _fitter(who: str, formula: str, data):
    if who == "hlmteach lmer()":
        import hlmteach as hlm

        return lambda _: hlm.lmer(formula, data, REML=False, verbose=False).loglik
    if who == "statsmodels MixedLM":
        from statsmodels.regression.mixed_linear_model import MixedLM

        parts = {"g": "0 + C(g)", "h": "0 + C(h)"}
        one = np.ones(len(data))
        return lambda _: (
            MixedLM.from_formula("y ~ x", data, groups=one, vc_formula=parts).fit(reml=False).llf
        )
    return MAKERS[who](Table(formula, data))


def _in_r(who: str, formula: str, path: str) -> dict:
    table = pd.read_csv(path, nrows=1)
    factors = ", ".join(f'"{name}"' for name in table if f"| {name})" in formula)
    fit = IN_R[who].format(formula=formula)
    answer = timing.run_r(R_CODE.format(data=path, factors=factors, fit=fit), timeout=1e6)
    if answer is None:
        raise ImportError("no Rscript")
    return answer


def _limit(seconds: int) -> None:
    """End this process, and those it starts, when they have worked for so long."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _held() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _sample(levels, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x, sds = rng.normal(size=n), (1.0, 0.5)
    data, y = {"x": x}, 1.0 + 0.5 * x + rng.normal(size=n)
    for name, J, sd in zip("gh", levels, sds, strict=False):
        data[name] = rng.permutation(np.arange(n) % J)
        y = y + sd * rng.normal(size=J)[data[name]]
    return pd.DataFrame({"y": y, **data})


def _insteval(path: Path) -> bool:
    code = f"""suppressMessages(library(lme4)); d <- InstEval; d$ds <- paste(d$dept, d$service)
    write.csv(d, "{path}", row.names = FALSE); cat("{{}}")"""
    return timing.run_r(code) is not None


if __name__ == "__main__":
    main()
