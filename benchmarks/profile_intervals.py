"""All profile-likelihood intervals of a fit, beside lme4's confint() on the same rows.

    python benchmarks/profile_intervals.py

The goals: 5 ms for a random intercept, 15 ms for a random slope, 50 ms where limits lie on a
boundary. `off` is how far the worst of lme4's limits lies from ours, in half widths of the
interval: ours are solved for (tests/inference holds them to 1e-6 of brute force), lme4's are
interpolated, and on singular fits its optimiser may be caught on the way.
"""

import tempfile
from pathlib import Path

import _timing as timing  # first: it sets the thread count
import numpy as np

import hlmteach as hlm

MODELS = {
    "random intercept, 2,681 rows": ("HLM", "Satisfaction ~ 1 + (1 | Time)"),
    "and an interaction": ("HLM", "Satisfaction ~ NPD * BPD + (1 | Time)"),
    "random slope, 180 rows": ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    "uncorrelated": ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    "variance 0": ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    "slope, limits on boundaries": ("Orthodont", "distance ~ age * Sex + (age | Subject)"),
    "crossed factors": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
}
R_CODE = """
suppressMessages(library(lme4))
d <- read.csv("{data}", stringsAsFactors = TRUE)
{factors}
m <- suppressMessages(lmer({formula}, d, REML = FALSE))
t <- sum(proc.time()[1:2])
ci <- suppressMessages(suppressWarnings(confint(m, quiet = TRUE)))
t <- 1000 * (sum(proc.time()[1:2]) - t)
text <- function(x) ifelse(is.na(x), "null", sprintf("%.12g", x))
cat(sprintf('{{"ms":%.6f,"limits":[%s]}}', t, paste(text(t(ci)), collapse = ",")))
"""


def main() -> None:
    rows = [row for name in MODELS for row in compare(name)]
    timing.print_table(
        "All profile intervals (median, one run, one BLAS thread)",
        rows,
        ["model", "limits", "who", "ms", "times ours", "off"],
    )


def compare(name: str) -> list[dict]:
    """One model: a row for each way to its intervals."""
    dataset, formula = MODELS[name]
    data = hlm.load(dataset)
    fit = hlm.lmer(formula, data, REML=False)
    exact = hlm.confint(fit).to_numpy()
    ours = timing.median_ms(lambda: hlm.confint(fit), 25)
    walked = timing.median_ms(lambda: hlm.profile(fit), 5)
    common = {"model": name, "limits": exact.size}
    rows = [
        {"who": "hlmteach confint()", "ms": ours},
        {"who": "hlmteach profile(), all points", "ms": walked, "times ours": walked / ours},
    ]
    if answer := in_r(data, formula, fit):
        limits = np.array(answer["limits"], float).reshape(exact.shape)
        half = np.ptp(exact, axis=1, keepdims=True) / 2
        rows.append(
            {
                "who": "lme4 confint()",
                "ms": answer["ms"],
                "times ours": answer["ms"] / ours,
                "off": f"{np.nanmax(np.abs(limits - exact) / half):.1e}",
            }
        )
    return [common | row for row in rows]


def in_r(data, formula: str, fit) -> dict | None:
    """lme4's time and limits, row by row; None where there is no Rscript."""
    groups = sorted({column for factor in fit.frame.factors for column in factor.columns})
    factors = "\n".join(f"d${column} <- factor(d${column})" for column in groups)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder, "d.csv")
        data.to_csv(where, index=False)
        return timing.run_r(R_CODE.format(data=where, factors=factors, formula=formula))


if __name__ == "__main__":
    main()
