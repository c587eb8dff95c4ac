"""Refit on a new y (2,681 rows, 3 groups), cold fit, and accuracy, beside statsmodels, lme4, nlme.

    python benchmarks/refit.py

Every peer fits the same simulated outcomes. The goal: a warm refit in at most 1/20 of statsmodels'
time and 1/15 of lme4's refit(). `short` is how far below the best log-likelihood of all a peer
stopped, at worst over the outcomes.
"""

import tempfile
import warnings
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np
import statsmodels.api as sm
from _peers import python_peers

import hlmteach as hlm

OUTCOMES = 15
MODELS = {
    "random intercept": ("Satisfaction ~ 1 + (1 | Time)", "y ~ 1", "~1|Time"),
    "random slope": ("Satisfaction ~ NPD + (NPD | Time)", "y ~ NPD", "~NPD|Time"),
}
R_CODE = """
suppressMessages({{library(lme4); library(nlme)}})
d <- read.csv("{data}"); Y <- as.matrix(read.csv("{outcomes}")); d$Time <- factor(d$Time)
now <- function() sum(proc.time()[1:2])
time_of <- function(f) {{ t <- now(); v <- f(); c(v, 1000 * (now() - t)) }}
quiet <- function(e) suppressMessages(suppressWarnings(e))
d$y <- Y[, 1]; m <- quiet(lmer({fixed} + ({bar}), d, REML = FALSE))
re <- sapply(2:ncol(Y), function(i) time_of(function() as.numeric(logLik(quiet(refit(m, Y[, i]))))))
co <- sapply(2:ncol(Y), function(i) {{ d$y <- Y[, i]
  time_of(function() as.numeric(logLik(quiet(lmer({fixed} + ({bar}), d, REML = FALSE))))) }})
nl <- sapply(2:ncol(Y), function(i) {{ d$y <- Y[, i]
  time_of(function() tryCatch(
    as.numeric(logLik(lme({fixed}, d, random = {random}, method = "ML"))),
    error = function(e) NA)) }})
text <- function(x) ifelse(is.na(x), "null", sprintf("%.12g", x))
show <- function(x) paste0("[", paste(text(x), collapse = ","), "]")
cat(sprintf('{{"refit":[%s,%s],"lmer":[%s,%s],"lme":[%s,%s]}}', show(re[1,]), show(re[2,]),
  show(co[1,]), show(co[2,]), show(nl[1,]), show(nl[2,])))
"""


def main() -> None:
    rows = [row for name in MODELS for row in compare(name)]
    timing.print_table(
        "Refit, new y, 2,681 rows, 3 groups, ML (medians of "
        f"{OUTCOMES - 1} outcomes, one run, one BLAS thread)",
        rows,
        ["model", "who", "ms", "times ours", "short", "failed"],
    )


def compare(name: str) -> list[dict]:
    """One model: a row for each way to fit it."""
    formula, fixed, random = MODELS[name]
    data = hlm.load("HLM")
    fit = hlm.lmer(formula, data, REML=False)
    Y = hlm.simulate(hlm.lmer("Satisfaction ~ NPD + (1 | Time)", data), OUTCOMES, seed=1)
    found = {
        "hlmteach refit (warm)": ours(fit, Y),
        "hlmteach lmer(), formula and all": ours_cold(formula, data, Y),
        "statsmodels MixedLM": statsmodels(fit, Y),
    }
    for peer, one in python_peers(formula, data).items():
        found[peer] = _each(one, Y)
    found |= peers_in_r(data, Y, fixed, random)
    best = np.nanmax([np.where(np.isfinite(ll), ll, np.nan) for ll, _ in found.values()], axis=0)
    base = np.median(found["hlmteach refit (warm)"][1])
    return [
        {
            "model": name,
            "who": who,
            "ms": float(np.median(ms)),
            "times ours": float(np.median(ms) / base),
            "short": f"{np.nanmax(np.where(np.isfinite(ll), best - ll, np.nan)):.1e}",
            "failed": int(np.sum(~np.isfinite(ll))),
        }
        for who, (ll, ms) in found.items()
    ]


def ours(fit, Y):
    return _each(lambda y: fit.refit(y).loglik, Y)


def ours_cold(formula, data, Y):
    return _each(lambda y: hlm.lmer(formula, data.assign(Satisfaction=y), REML=False).loglik, Y)


def statsmodels(fit, Y):
    X, factor = fit.frame.X, fit.frame.factors[0]

    def one(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = sm.MixedLM(y, X, factor.codes, exog_re=factor.Z)
            return model.fit(reml=False).llf

    return _each(one, Y)


def _each(function, Y):
    """Log-likelihoods and times of all outcomes but the first, which warms up."""
    values, times = [], []
    for y in Y:
        box = []
        times.append(timing.median_ms(lambda y=y, box=box: box.append(function(y)), 1, warm=0))
        values.append(box[0])
    return np.array(values[1:], float), np.array(times[1:])


def peers_in_r(data, Y, fixed, random):
    with tempfile.TemporaryDirectory() as folder:
        where = {"data": Path(folder, "d.csv"), "outcomes": Path(folder, "y.csv")}
        data.assign(Time=data.Time.cat.codes).to_csv(where["data"], index=False)
        np.savetxt(where["outcomes"], Y.T, delimiter=",", header=_header(len(Y)), comments="")
        answer = timing.run_r(R_CODE.format(fixed=fixed, bar=random[1:], random=random, **where))
    names = {"refit": "lme4 refit()", "lmer": "lme4 lmer()", "lme": "nlme lme()"}
    if answer is None:
        print("No Rscript here: lme4 and nlme are left out.")
        return {}
    return {names[k]: tuple(np.array(part, float) for part in v) for k, v in answer.items()}


def _header(count: int) -> str:
    return ",".join(f"y{i}" for i in range(count))


if __name__ == "__main__":
    main()
