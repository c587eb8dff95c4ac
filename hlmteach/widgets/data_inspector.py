"""DataInspector: look at every variable, in every group, before any model."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.views.inspection import InspectionView
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import ask, choice, never, seed, tick
from hlmteach.widgets.parts import ALL

GROUP = "Time"
EDGES = {
    "Satisfaction": np.linspace(0.875, 6.125, 22),
    "NPD": np.arange(0.5, 7.0),
    "BPD": np.arange(-4.0, 133.0, 8.0),
}
SOURCES = [("the tutorial's", "tutorial"), ("simulated, no ceiling", "normal")]
HOLES = [("none", 0), ("some", 5), ("many", 20)]


def _has_chance(state) -> bool:
    return state["source"] != "tutorial" or state["missing"] > 0


@dataclass(frozen=True)
class Found:
    """One variable of one table, and what is missing in it."""

    data: pd.DataFrame
    variable: str
    summary: pd.DataFrame
    shares: np.ndarray
    mark: bool


class DataInspector(TeachingWidget):
    """The distributions of a variable, group by group.

    Each panel is one occasion. The dashed line is its mean. The outlined orange bar is the end of
    the scale: who sits there may be happier than the scale can say. Missing values can be punched
    in, to see what `na_action="omit"` does to the number of rows.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.DataInspector()
    >>> [widget.results[f"n_{j}"] for j in (1, 2, 3)]
    [992.0, 830.0, 859.0]
    >>> widget.close()
    """

    title = "Look at the data first"
    sentence = "Sizes, shapes, gaps and ceilings decide what a model can say. Look before you fit."
    presets = {
        "tutorial": {},
        "narcissism": {"variable": "NPD"},
        "borderline": {"variable": "BPD"},
        "no ceiling": {"source": "normal"},
        "gaps": {"missing": 20},
    }

    inputs = {
        "variable": ask(choice, "variable", "Satisfaction", list(EDGES)),
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "missing": ask(choice, "missing values", 0, HOLES),
        "mark": ask(tick, "mark the end of the scale", True),
        "seed": ask(seed, 1, when=_has_chance),
    }
    picture = InspectionView

    def compute(self, state) -> Found:
        """Take the table as asked for, and count."""
        data = _table(state["source"], state["missing"], state["seed"])
        variable = state["variable"]
        groups = data.groupby(GROUP, observed=True)[variable]
        summary = groups.agg(["size", "count", "mean", "std", "max"])
        shares = np.array([_shares(values.dropna(), variable) for _, values in groups])
        return Found(
            data=data, variable=variable, summary=summary, shares=shares, mark=state["mark"]
        )

    def draw(self, found):
        """Show the three histograms."""
        s = found.summary
        labels = [
            f"{name}: n = {row['count']:.0f}, mean {row['mean']:.2f}" for name, row in s.iterrows()
        ]
        edges = EDGES[found.variable]
        end = len(edges) - 2 if found.mark and found.variable != "BPD" else None
        self.view.update(
            found.variable, edges, found.shares, s["mean"].to_numpy(), labels, ceiling=end
        )

    def report(self, found) -> Report:
        """Give sizes, means, sds, the share at the end of the scale, and what is missing."""
        s, data = found.summary, found.data
        at_end = float((data[found.variable] >= EDGES[found.variable][-2]).mean())
        complete = len(data.dropna())
        numbers = {"rows": float(len(data)), "complete": float(complete), "at_end": at_end}
        rows, more = [], []
        for j, (name, row) in enumerate(s.iterrows(), start=1):
            numbers |= {f"n_{j}": float(row["count"]), f"mean_{j}": float(row["mean"])}
            numbers |= {f"sd_{j}": float(row["std"])}
            rows.append((f"●{j - 1} {name}", f"{row['count']:.0f}"))
            more.append((f"{name}, mean and sd", f"{row['mean']:.4f}, {row['std']:.4f}"))
        rows += [("in the last bar", f"{at_end:.1%}")]
        rows += [("complete rows", f"{complete} of {len(data)}")]
        status = f"{at_end:.0%} of all rows are in the last bar; {complete} rows are complete."
        alt = (
            f"Histograms of {found.variable} at three occasions, with means "
            f"{', '.join(f'{m:.2f}' for m in s['mean'])}. {status}"
        )
        return Report(
            numbers=numbers,
            rows=(*rows, (ALL, ""), *more),
            status=status,
            alt=alt,
            caption=f"Answers to {found.variable}",
        )

    def story(self, found):
        """Group by group, then the means, then the end of the scale."""
        names = [str(name) for name in found.summary.index]
        return self.unveil(
            found,
            ("labels", f"{found.variable} at {len(names)} occasions. What will it look like?"),
            *(
                (f"bars of group {j}", f"{name}: how many answers of each size.")
                for j, name in enumerate(names, start=1)
            ),
            ("means", "Dashed: each occasion's mean."),
            ("ceilings", "Outlined: the end of the scale. Nobody can answer more."),
        )

    def code_for(self, state):
        """Write the same counts."""
        variable, share, seed = state["variable"], state["missing"], state["seed"]
        python = 'import hlmteach as hlm\nimport numpy as np\n\ndata = hlm.load("HLM")\n'
        r = 'library(foreign)\ndata <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
        if state["source"] == "normal":
            python += f"rng = np.random.default_rng({seed})\n"
            python += 'data["Satisfaction"] = rng.normal(3.6, 0.82, len(data)).round(2)\n'
            r += f"set.seed({seed})  # R draws other numbers than Python\n"
            r += "data$Satisfaction <- round(rnorm(nrow(data), 3.6, 0.82), 2)\n"
        if share:
            python += (
                f"rng = np.random.default_rng({seed + 1})\n"
                f"data = data.mask(rng.random(data.shape) < {share / 100:g} / 4)\n"
                'data["Time"] = hlm.load("HLM")["Time"]\n'
            )
            r += f"set.seed({seed})  # R punches other holes than Python\n"
            r += 'for (v in c("Satisfaction", "NPD", "BPD"))\n'
            r += f"  data[runif(nrow(data)) < {share / 400:g}, v] <- NA\n"
        python += (
            f'print(data.groupby("Time", observed=True)["{variable}"].describe())\n'
            "print(len(data.dropna()))\n"
        )
        r += f"{DESCRIBE}tapply(data${variable}, data$Time, describe)\n"
        r += "nrow(data)\nsum(complete.cases(data))\n"
        return {"python": python, "r": r}


DESCRIBE = """describe <- function(v) {
  v <- v[!is.na(v)]
  c(n = length(v), mean = mean(v), sd = sd(v))
}
"""


@lru_cache(maxsize=8)
def _table(source: str, missing: int, seed: int) -> pd.DataFrame:
    data = load("HLM")
    if source == "normal":
        rng = np.random.default_rng(seed)
        data["Satisfaction"] = rng.normal(3.6, 0.82, len(data)).round(2)
    if missing:
        rng = np.random.default_rng(seed + 1)
        data = data.mask(rng.random(data.shape) < missing / 100 / 4)
        data[GROUP] = load("HLM")[GROUP]
    return data


def _shares(values, variable: str) -> np.ndarray:
    edges = EDGES[variable]
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts / max(len(values), 1)
