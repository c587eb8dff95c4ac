"""LikelihoodClimber: move a mean and an sd, and climb to where the data are most likely."""

from dataclasses import dataclass

import numpy as np

from hlmteach.datasets import load
from hlmteach.inference.likelihood import climb, normal_loglik
from hlmteach.views.climb import ClimbView
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

MEANS = np.linspace(3.2, 6.8, 145)
SDS = np.linspace(0.3, 2.2, 153)
ALL = 2681


@dataclass(frozen=True)
class Found:
    """Where we stand, how likely the data are there, and the way to the top."""

    key: tuple
    y: np.ndarray
    mean: float
    sd: float
    loglik: float
    best: float
    path: np.ndarray


class LikelihoodClimber(TeachingWidget):
    """Maximum likelihood picks the curve under which the data are least surprising.

    Maximum likelihood picks the mean and the sd under which the data we have are least
    surprising.

    Model 1 has two parameters, a mean and an sd. Set them, and the log-likelihood tells how well
    that curve suits the data: it is a hill, and its top is what `gls` prints. Play climbs it.

    Parameters
    ----------
    preset : {"far off", "tutorial", "too narrow", "twenty people", "simulated"}
        Where the controls start.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.LikelihoodClimber("tutorial")
    >>> round(widget.results["best"], 3)
    -3269.945
    >>> widget.close()
    """

    title = "Climb the likelihood"
    sentence = (
        "Maximum likelihood picks the mean and the sd under which the data we have are "
        "least surprising."
    )
    presets = {  # noqa: RUF012
        "far off": {},
        "tutorial": {"mean": 5.09, "sd": 0.82},
        "too narrow": {"mean": 5.09, "sd": 0.4},
        "twenty people": {"rows": 20},
        "simulated": {"source": "normal"},
    }

    rests_at = 0  # the climb starts where the sliders stand

    def __init__(self, preset: str = "far off", *, present: bool = False):
        self._drawn = None
        super().__init__(ClimbView(present), _controls(), preset=preset, present=present)

    def compute(self, state) -> Found:
        """Evaluate the log-likelihood where the sliders stand, and climb from there."""
        key = state["source"], state["rows"], state["seed"]
        y = _outcome(*key)
        path = climb(y, state["mean"], state["sd"])
        here, best = (float(normal_loglik(y, *point)) for point in (path[0], path[-1]))
        return Found(key, y, state["mean"], state["sd"], here, best, path)

    def draw(self, found):
        """Show the curve and where it stands on the hill."""
        if found.key != self._drawn:
            self._drawn = found.key
            hill = normal_loglik(found.y, *np.meshgrid(MEANS, SDS))
            self.view.show_data(found.y, MEANS, SDS, hill)
        self.view.update(found.mean, found.sd)

    def shown(self, state):
        """All the tutorial's rows need no seed."""
        whole = state["source"] == "tutorial" and state["rows"] == ALL
        return [name for name in self.controls if name != "seed" or not whole]

    def story(self, found):
        """Climb, step by step."""
        for k, (mean, sd) in enumerate(found.path):
            self.view.update(mean, sd, found.path[: k + 1])
            value = float(normal_loglik(found.y, mean, sd))
            last = k == len(found.path) - 1
            step = "The top" if last else f"Step {k}"
            yield f"{step}: mean {mean:.2f}, sd {sd:.2f}, log-likelihood {signed(value, 1)}"

    def report(self, found) -> Report:
        """Give the log-likelihood here, at the top, and the gap."""
        top_mean, top_sd = found.path[-1]
        numbers = {"loglik": found.loglik, "best": found.best, "gap": found.best - found.loglik}
        numbers |= {"mean": float(top_mean), "sd": float(top_sd)}
        rows = (
            ("log-likelihood here", signed(found.loglik)),
            ("at the top", signed(found.best)),
            ("still to climb", f"{numbers['gap']:.3f}"),
            ("the top: Model 1 by ML", ""),
            ("mean", f"{top_mean:.6f}"),
            ("sd (divided by n)", f"{top_sd:.7f}"),
        )
        status = f"Log-likelihood {signed(found.loglik, 1)}, {numbers['gap']:.1f} below the top."
        alt = (
            f"A normal curve with mean {found.mean:.2f} and sd {found.sd:.2f} over the histogram, "
            f"and its place on the hill of log-likelihood. {status}"
        )
        return Report(numbers, rows, status, alt, "One mean, one sd")

    def code_for(self, state):
        """Write the log-likelihood here, and the fit that stands on the top."""
        mean, sd = state["mean"], state["sd"]
        python, r = _data_code(state)
        python += (
            f'print(hlm.normal_loglik(data["Satisfaction"], mean={mean:g}, sd={sd:g}))\n'
            'model1 = hlm.gls("Satisfaction ~ 1", data=data, method="ML")\nprint(model1.loglik)\n'
        )
        r += (
            f"sum(dnorm(data$Satisfaction, mean = {mean:g}, sd = {sd:g}, log = TRUE))\n"
            'model1 <- gls(Satisfaction ~ 1, data = data, method = "ML")\nlogLik(model1)\n'
        )
        return {"python": python, "r": r}


def _controls() -> dict:
    sources = [("the tutorial's", "tutorial"), ("simulated, normal", "normal")]
    return {
        "mean": make.slider("mean", 4.2, 3.4, 6.6, 0.01),
        "sd": make.slider("sd", 1.5, 0.35, 2.1, 0.01),
        "source": make.choice("data", "tutorial", sources),
        "rows": make.ladder("rows", ALL, [20, 100, 500, ALL]),
        "seed": make.seed(1),
    }


def _outcome(source: str, rows: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if source == "normal":
        return rng.normal(5.088, 0.8193, rows)
    y = load("HLM")["Satisfaction"].to_numpy()
    return y if rows == ALL else rng.choice(y, rows, replace=False)


def _data_code(state) -> tuple[str, str]:
    rows, seed = state["rows"], state["seed"]
    python, r = "import hlmteach as hlm\nimport numpy as np\n\n", "library(nlme)\n"
    rng = f"rng = np.random.default_rng({seed})\n"
    if state["source"] == "normal":
        return (
            f"{python}import pandas as pd\n\n{rng}"
            f'data = pd.DataFrame({{"Satisfaction": rng.normal(5.088, 0.8193, {rows})}})\n',
            f"{r}set.seed({seed})  # R draws other numbers than Python\n"
            f"data <- data.frame(Satisfaction = rnorm({rows}, 5.088, 0.8193))\n",
        )
    python += 'data = hlm.load("HLM")\n'
    if rows < ALL:
        python += rng + f'y = rng.choice(data["Satisfaction"], {rows}, replace=False)\n'
        python += "data = pd.DataFrame({'Satisfaction': y})\n"
        python = python.replace("as np\n", "as np\nimport pandas as pd\n")
        r += f"data <- data[sample(nrow(data), {rows}), ]  # R draws other rows than Python\n"
    return python, r
