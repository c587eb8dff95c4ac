"""ClusterMaker: false alarms, counted as they happen."""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.alarms import Alarms, alarm_rate, count_alarms, variance_ratio
from hlmteach.inference.coefficients import coef_table
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import gls, lmer
from hlmteach.views.clusters import SIZES, ClusterPicture, ClustersView, Rate
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report
from hlmteach.widgets.streaming import StreamingWidget


@dataclass(frozen=True)
class Found:
    """One study, both tests of it, and the count over many."""

    state: dict
    single: Fit
    mixed: Fit
    alarms: Alarms

    def __len__(self) -> int:
        return self.alarms.n


class ClusterMaker(StreamingWidget):
    """Members of a cluster resemble each other; a test that ignores it cries wolf.

    People in a cluster resemble each other: a test that takes each of them for fresh news
    finds effects that are not there.

    Half of the people get a training that does nothing. Thousands of such studies a second are
    drawn, and each is tested twice: by least squares, which takes all people for separate news, and
    by the mixed model. Every significant result is a false alarm, and is counted.

    Parameters
    ----------
    preset : {"classrooms", "no clustering", "tutorial", "within clusters"}
        Where the controls start. "tutorial" has the sizes and the ICC of the tutorial's data.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ClusterMaker()
    >>> widget.results["rate_single"] > 0.2, widget.results["rate_mixed"] < 0.08
    (True, True)
    >>> widget.set(icc=0.0)
    >>> widget.results["rate_single"] < 0.08
    True
    >>> widget.close()
    """

    title = "False alarms, counted"
    sentence = (
        "People in a cluster resemble each other: a test that takes each of them for fresh news "
        "finds effects that are not there."
    )
    presets = {  # noqa: RUF012
        "classrooms": {},
        "no clustering": {"icc": 0.0},
        "tutorial": {"icc": 0.0065, "size": 894, "clusters": 3},
        "within clusters": {"level": 1, "icc": 0.3},
    }

    most = 20_000
    batch = 500
    first = 500
    one = "One more study"

    def __init__(self, preset: str = "classrooms", *, present: bool = False):
        self._designs = {}
        super().__init__(ClustersView(present), _controls(), preset=preset, present=present)

    def begin(self, state) -> Found:
        """Draw one study and test it; no others are counted yet."""
        return Found(state, *self._fits(state), Alarms())

    def extend(self, run, count) -> Found:
        """Count false alarms in so many studies more."""
        seed = [run.state["seed"], len(run)]
        more = count_alarms(_truth(run), "x", count, np.random.default_rng(seed))
        return replace(run, alarms=run.alarms + more)

    def _fits(self, state) -> tuple[Fit, Fit]:
        """Both tests of one study: formulas are read once a design, then only y changes."""
        design = state["clusters"], state["size"], state["level"]
        data = _study(state)
        if design not in self._designs:
            self._designs = {design: (gls("y ~ x", data), lmer("y ~ x + (1 | cluster)", data))}
        single, mixed = self._designs[design]
        return single.refit(data["y"]), mixed.refit(data["y"])

    def draw(self, found):
        """Show the study and the counts."""
        state, frame = found.state, found.mixed.frame
        ratios = [variance_ratio(state["icc"], size, state["level"]) for size in SIZES]
        self.view.update(
            ClusterPicture(
                found.mixed.y,
                frame.factors[0].codes,
                frame.X[:, 1] == 1,
                state["level"],
                state["size"],
                alarm_rate(ratios),
                _rate(found.alarms, "single", "OLS"),
                _rate(found.alarms, "mixed", "mixed"),
            )
        )

    def report(self, found) -> Report:
        """Give both rates with their Monte Carlo error, and what each test says of the study."""
        state, alarms = found.state, found.alarms
        tables = {"single": coef_table(found.single), "mixed": coef_table(found.mixed)}
        numbers = {
            "studies": float(alarms.n),
            "design_effect": float(variance_ratio(state["icc"], state["size"], 2)),
        }
        for model, table in tables.items():
            numbers |= {
                f"rate_{model}": alarms.rate(model),
                f"margin_{model}": alarms.margin(model),
                f"se_{model}": float(table.loc["x", "Std.Error"]),
                f"p_{model}": float(table.loc["x", "p-value"]),
            }
        numbers["effect"] = float(found.single.fixef["x"])
        words = (
            f"{alarms.n:,} studies without an effect: OLS calls {alarms.rate('single'):.1%} of "
            f"them significant, the mixed model {alarms.rate('mixed'):.1%}."
        )
        return Report(numbers, _rows(numbers), words, _alt(state, words), "Over all studies")

    def code_for(self, state):
        """Write a loop that counts in the same way, slower."""
        return {"python": _python(state), "r": _r(state)}


ICCS = (0.0, 0.0065, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
SIZE_STEPS = (2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 300, 500, 894)
CLUSTER_STEPS = (3, 4, 6, 8, 10, 14, 20, 30, 40, 60, 80, 100)
LEVELS = [("whole clusters", 2), ("half of each cluster", 1)]


def _controls() -> dict:
    return {
        "level": make.choice("training for", 2, LEVELS, "Is x the same for a whole cluster?"),
        "icc": make.ladder(
            "ICC", 0.1, [(f"{v:g}", v) for v in ICCS], "Share of the variance between clusters"
        ),
        "size": make.ladder("people in a cluster", 20, SIZE_STEPS),
        "clusters": make.ladder("clusters", 20, CLUSTER_STEPS),
        "seed": make.seed(),
    }


def _study(state):
    """One study without an effect; x is 1 for those who got the training."""
    J, n = state["clusters"], state["size"]
    data = simulate_groups(
        J,
        n,
        beta=0,
        sd_u=np.sqrt(state["icc"]),
        sigma=np.sqrt(1 - state["icc"]),
        seed=state["seed"],
        names=("y", "x", "cluster"),
    )
    row = np.arange(J * n)
    treated = row // n >= (J + 1) // 2 if state["level"] == 2 else row % 2 == 1
    return data.assign(x=treated.astype(float))


def _truth(run: Found) -> Fit:
    """The model that studies are drawn from: variances that add up to 1."""
    icc = run.state["icc"]
    return run.mixed.at(sd=np.sqrt(icc), sigma=np.sqrt(1 - icc))


def _rate(alarms, model, name) -> Rate:
    share, count = alarms.rate(model), getattr(alarms, model)
    return Rate(share, alarms.margin(model), f"{name}: {count:,} of {alarms.n:,} = {share:.1%}")


def _rows(numbers) -> tuple:
    share = "{:.1%} ± {:.1%}"
    rows = [("studies", f"{numbers['studies']:,.0f}")]
    for model, name in (("single", "OLS"), ("mixed", "mixed model")):
        rows.append((name, share.format(numbers[f"rate_{model}"], numbers[f"margin_{model}"])))
    rows.append(("design effect", f"{numbers['design_effect']:.2f}"))
    rows.append(("In the study at the left", ""))
    rows.append(("difference", f"{numbers['effect']:+.2f}".replace("-", "−")))
    for model, name in (("single", "OLS"), ("mixed", "mixed model")):
        p = numbers[f"p_{model}"]
        text = "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
        rows.append((f"p, {name}", text))
    return tuple(rows)


def _alt(state, words) -> str:
    whom = "whole clusters" if state["level"] == 2 else "half of each cluster"
    return (
        f"Left: one study of {state['clusters']} clusters of {state['size']} people with an ICC of "
        f"{state['icc']:g}; {whom} got a training that does nothing. Right: {words} "
        "A grey curve shows what is expected of OLS by cluster size, a broken line the 5 % wanted."
    )


def _python(state) -> str:
    J, n, icc, seed = state["clusters"], state["size"], state["icc"], state["seed"]
    x = f"row // {n} >= {(J + 1) // 2}" if state["level"] == 2 else "row % 2 == 1"
    return (
        "import numpy as np\nimport hlmteach as hlm\n\n"
        f"row = np.arange({J * n})\n"
        "found = []\n"
        f"for seed in range({seed}, {seed} + 100):\n"
        f"    data = hlm.simulate_groups({J}, {n}, beta=0, sd_u={icc:g}**0.5,\n"
        f"                               sigma={1 - icc:g}**0.5, seed=seed)\n"
        f'    data["x"] = ({x}).astype(float)\n'
        '    single = hlm.gls("y ~ x", data)\n'
        '    mixed = hlm.lmer("y ~ x + (1 | group)", data)\n'
        '    found.append([abs(fit.fixef["x"]) > 2 * fit.se["x"] for fit in (single, mixed)])\n'
        "print(np.mean(found, axis=0))  # false alarms, near enough: |t| > 2\n"
    )


def _r(state) -> str:
    J, n, icc, seed = state["clusters"], state["size"], state["icc"], state["seed"]
    x = f"as.numeric(row > {(J + 1) // 2 * n})" if state["level"] == 2 else "(row + 1) %% 2"
    return (
        "library(nlme)\n"
        f"set.seed({seed})\n"
        f"row <- 1:{J * n}\n"
        f"cluster <- factor(rep(1:{J}, each = {n}))\n"
        f"x <- {x}\n"
        "p <- replicate(100, {\n"
        f"  y <- rnorm({J}, sd = sqrt({icc:g}))[cluster] + rnorm({J * n}, sd = sqrt({1 - icc:g}))\n"
        "  single <- summary(gls(y ~ x))$tTable\n"
        "  mixed <- summary(lme(y ~ x, random = ~1 | cluster))$tTable\n"
        '  c(single["x", "p-value"], mixed["x", "p-value"])\n'
        "})\n"
        "rowMeans(p < .05)  # false alarms\n"
    )
