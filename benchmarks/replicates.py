"""A thousand refits at once (2,681 rows, 3 groups), beside loops of statsmodels and lme4 refit().

    python benchmarks/replicates.py

The goals: at most 25 ms from outcomes that are given, 10 ms by drawn cross-products, drawing
included. The peers fit the first outcomes of the same table; their time is scaled to a thousand.
`short` is how far below the best log-likelihood each stopped, at worst over the outcomes shared;
lme4's own rounding is about 5e-9.
"""

import tempfile
import warnings
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np
from _peers import python_peers

import hlmteach as hlm

COUNT = 1_000
SHARED = {"statsmodels MixedLM": 8, "lme4 refit()": 60}
OF_PEERS = 8
MODELS = {
    "random intercept": ("Satisfaction ~ NPD + (1 | Time)", "~1|Time"),
    "random slope": ("Satisfaction ~ NPD + (NPD | Time)", "~NPD|Time"),
}
R_CODE = """
suppressMessages(library(lme4))
d <- read.csv("{data}"); Y <- as.matrix(read.csv("{outcomes}")); d$Time <- factor(d$Time)
quiet <- function(e) suppressMessages(suppressWarnings(e))
d$y <- Y[, 1]; m <- quiet(lmer(y ~ NPD + ({bar}), d, REML = FALSE))
t <- sum(proc.time()[1:2])
v <- apply(Y, 2, function(y) as.numeric(logLik(quiet(refit(m, y)))))
ms <- 1000 * (sum(proc.time()[1:2]) - t)
cat(sprintf('{{"loglik":[%s],"ms":%.6g}}', paste(sprintf("%.12g", v), collapse = ","), ms))
"""


def main() -> None:
    rows = [row for name in MODELS for row in compare(name)]
    timing.print_table(
        f"{COUNT:,} replicates, 2,681 rows, 3 groups, ML (one run, one BLAS thread)",
        rows,
        ["model", "who", "ms", "times ours", "fitted", "short"],
    )


def compare(name: str) -> list[dict]:
    """One model: a row for each way to fit it a thousand times."""
    formula, bar = MODELS[name]
    fit = hlm.lmer(formula, hlm.load("HLM"), REML=False)
    Y = hlm.simulate(fit, COUNT, seed=1)
    ours = hlm.refit_many(fit, Y).loglik
    ms = timing.median_ms(lambda: hlm.refit_many(fit, Y).loglik)
    drawn = timing.median_ms(lambda: hlm.refit_many(fit, hlm.draw(fit, COUNT, seed=1)).loglik)
    looped = np.array([fit.refit(y).loglik for y in Y[:60]])
    found = {
        "hlmteach refit_many(Y)": (ms, ours),
        "hlmteach refit_many(draw())": (drawn, None),
        "hlmteach refit(), in a loop": (_loop_ms(fit, Y), looped),
        "statsmodels MixedLM": _statsmodels(fit, Y[: SHARED["statsmodels MixedLM"]]),
        "lme4 refit()": _lme4(fit, Y[: SHARED["lme4 refit()"]], bar),
    }
    for peer, one in python_peers(formula, fit.frame.data).items():
        found[peer] = _looped(one, Y[:OF_PEERS])
    found = {who: answer for who, answer in found.items() if answer is not None}
    best = _best(found)
    return [
        {
            "model": name,
            "who": who,
            "ms": float(time),
            "times ours": float(time / ms),
            "fitted": COUNT if loglik is None else len(loglik),
            "short": "" if loglik is None else f"{_short(loglik, best):.1e}",
        }
        for who, (time, loglik) in found.items()
    ]


def _best(found) -> np.ndarray:
    values = np.full((len(found), COUNT), -np.inf)
    for row, (_, loglik) in zip(values, found.values(), strict=True):
        if loglik is not None:
            row[: len(loglik)] = np.where(np.isfinite(loglik), loglik, -np.inf)
    return values.max(axis=0)


def _short(loglik, best) -> float:
    return float(np.max((best[: len(loglik)] - loglik)[np.isfinite(loglik)]))


def _loop_ms(fit, Y) -> float:
    return COUNT / 60 * timing.median_ms(lambda: [fit.refit(y) for y in Y[:60]], 3)


def _statsmodels(fit, Y):
    from statsmodels.regression.mixed_linear_model import MixedLM

    factor = fit.frame.factors[0]

    def one(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return MixedLM(y, fit.frame.X, factor.codes, exog_re=factor.Z).fit(reml=False).llf

    return _looped(one, Y)


def _looped(one, Y) -> tuple[float, np.ndarray]:
    """What a loop over COUNT outcomes would take, of the time of these; their log-likelihoods."""
    one(Y[0])
    logliks = []
    ms = timing.median_ms(lambda: logliks.extend(one(y) for y in Y), 1, warm=0)
    return ms * COUNT / len(Y), np.array(logliks, float)


def _lme4(fit, Y, bar: str):
    with tempfile.TemporaryDirectory() as folder:
        where = {"data": Path(folder, "d.csv"), "outcomes": Path(folder, "y.csv")}
        data = fit.frame.data
        data.assign(Time=data.Time.cat.codes).to_csv(where["data"], index=False)
        names = ",".join(f"y{i}" for i in range(len(Y)))
        np.savetxt(where["outcomes"], Y.T, delimiter=",", header=names, comments="")
        answer = timing.run_r(R_CODE.format(bar=bar[1:], **where))
    if answer is None:
        print("No Rscript here: lme4 is left out.")
        return None
    return answer["ms"] * COUNT / len(Y), np.array(answer["loglik"])


if __name__ == "__main__":
    main()
