"""ClusterMaker: false alarms, counted as they happen."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import t as t_distribution
from hlmteach.inference.coefficients.inner_outer import denominators_of
from hlmteach.inference.simulation.plan import single_level, to_be_drawn
from hlmteach.inference.simulation.simulate import draw_groups
from hlmteach.inference.studies.alarms import Alarms, alarm_rate, count_alarms, variance_ratio
from hlmteach.views.clusters import SIZES, ClusterPicture, ClustersView, Rate
from hlmteach.widgets.controls import ask, choice, ladder, seed
from hlmteach.widgets.streaming import StreamingWidget

ICCS = (0.0, 0.0065, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
ICCS = [(f"{share:g}", share) for share in ICCS]
SIZE_STEPS = (2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 300, 500, 894)
CLUSTER_STEPS = (3, 4, 6, 8, 10, 14, 20, 30, 40, 60, 80, 100)
LEVELS = [("whole clusters", 2), ("half of each cluster", 1)]


@dataclass(frozen=True)
class Difference:
    """What a model says of the trained: how much more, its standard error and p-value."""

    estimate: float
    se: float
    p: float


@dataclass(frozen=True)
class Found:
    """One study, the difference that each model finds in it, and the count over many."""

    state: dict
    mixed: Fit
    differences: dict[str, Difference]
    alarms: Alarms

    def __len__(self) -> int:
        return self.alarms.n


class ClusterMaker(StreamingWidget):
    """Members of a cluster resemble each other; a test that ignores it cries wolf.

    Half of the people get a training that does nothing. Thousands of such studies a second are
    drawn, and each is tested twice: by least squares, which takes all people for separate news, and
    by the mixed model. Every significant result is a false alarm, and is counted. The preset
    "tutorial" has the sizes and the ICC of the tutorial's data.

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
        "People in one cluster are alike. A test that takes each as new information raises too "
        "many false alarms."
    )
    sayings = {
        "within clusters": (
            "Half of each cluster is trained. Ignoring the clusters then makes the test too "
            "cautious."
        ),
    }
    presets = {
        "classrooms": {},
        "no clustering": {"icc": 0.0},
        "tutorial": {"icc": 0.0065, "size": 894, "clusters": 3},
        "within clusters": {"level": 1, "icc": 0.3},
    }

    most = 20_000
    batch = 500
    first = 500
    one = "One more study"

    inputs = {
        "level": ask(choice, "training for", 2, LEVELS, "Is x the same for a whole cluster?"),
        "icc": ask(ladder, "ICC", 0.1, ICCS, "Share of the variance between clusters"),
        "size": ask(ladder, "people in a cluster", 20, SIZE_STEPS),
        "clusters": ask(ladder, "clusters", 20, CLUSTER_STEPS),
        "seed": ask(seed),
    }
    picture = ClustersView
    table = """
        studies | {studies:,.0f}
        OLS | {rate_single:.1%} ± {margin_single:.1%}
        mixed model | {rate_mixed:.1%} ± {margin_mixed:.1%}
        design effect | {design_effect:.2f}
        all numbers |
        In the study drawn |
        difference | {effect:+.2f}
        p, OLS | {p_single_said}
        p, mixed model | {p_mixed_said}
    """
    status = (
        "{studies:,.0f} studies without an effect: OLS calls {rate_single:.1%} of them "
        "significant, the mixed model {rate_mixed:.1%}."
    )
    alt = (
        "Left: one study of {clusters} clusters of {size} people with an ICC of {icc:g}; {whom} "
        "got a training that does nothing. Right: {status} A grey curve shows what is expected of "
        "OLS by cluster size, a broken line the 5 % wanted."
    )
    caption = "Over all studies"
    templates = {
        "python": """
            import numpy as np
            import hlmteach as hlm

            row = np.arange({people})
            found = []
            for seed in range({seed}, {seed} + 100):
                data = hlm.simulate_groups({clusters}, {size}, beta=0, sd_u={icc:g}**0.5,
                                           sigma={rest:g}**0.5, seed=seed)
                data["x"] = ({python_x}).astype(float)
                single = hlm.gls("y ~ x", data)
                mixed = hlm.lmer("y ~ x + (1 | group)", data)
                found.append([abs(fit.fixef["x"]) > 2 * fit.se["x"] for fit in (single, mixed)])
            print(np.mean(found, axis=0))  # false alarms, near enough: |t| > 2
        """,
        "r": """
            library(nlme)
            set.seed({seed})
            row <- 1:{people}
            cluster <- factor(rep(1:{clusters}, each = {size}))
            x <- {r_x}
            p <- replicate(100, {{
              y <- rnorm({clusters}, sd = sqrt({icc:g}))[cluster] + rnorm({people}, sd = {r_sd})
              single <- summary(gls(y ~ x))$tTable
              mixed <- summary(lme(y ~ x, random = ~1 | cluster))$tTable
              c(single["x", "p-value"], mixed["x", "p-value"])
            }})
            rowMeans(p < .05)  # false alarms
        """,
    }

    def begin(self, state) -> Found:
        """Draw one study and test it; no others are counted yet."""
        mixed = _model(state["clusters"], state["size"], state["level"]).refit(_outcome(state))
        differences = {"single": _difference(single_level(mixed)), "mixed": _difference(mixed)}
        return Found(state, mixed, differences, Alarms())

    def extend(self, run, count) -> Found:
        """Count false alarms in so many studies more."""
        seed = [run.state["seed"], len(run)]
        more = count_alarms(_truth(run), "x", count, np.random.default_rng(seed))
        return replace(run, alarms=run.alarms + more)

    def draw(self, found):
        """Show the study and the counts."""
        state, frame = found.state, found.mixed.frame
        ratios = [variance_ratio(state["icc"], size, state["level"]) for size in SIZES]
        self.view.update(
            ClusterPicture(
                y=found.mixed.y,
                cluster=frame.factors[0].codes,
                treated=frame.X[:, 1] == 1,
                level=state["level"],
                size=state["size"],
                curve=alarm_rate(ratios),
                single=_rate(found.alarms, "single", "OLS"),
                mixed=_rate(found.alarms, "mixed", "mixed"),
            )
        )

    def story(self, found):
        """One study, its difference, and what many such studies come to."""
        return self.unveil(
            found,
            ("controls, treated", "One study: half of the people got a useless training."),
            ("means", "Each cluster has a mean of its own. Members of a cluster lie together."),
            (
                "control_mean, treated_mean, treated_name, control_name",
                "Trained and untrained differ in this study, by chance alone.",
            ),
            (
                "curve, curve_name",
                "How often is such a chance called significant? It depends on the clusters' size.",
            ),
            ("whiskers, single, mixed, single_text, mixed_text", "Counted, for both tests."),
        )

    def numbers(self, found):
        """Give both rates with their Monte Carlo error, and what each test says of the study."""
        state, alarms = found.state, found.alarms
        numbers = {
            "studies": float(alarms.n),
            "design_effect": float(variance_ratio(state["icc"], state["size"], 2)),
            "effect": found.differences["single"].estimate,
        }
        for model, difference in found.differences.items():
            numbers |= {
                f"rate_{model}": alarms.rate(model),
                f"margin_{model}": alarms.margin(model),
                f"se_{model}": difference.se,
                f"p_{model}": difference.p,
            }
        return numbers

    def words(self, found):
        """Who was trained, and the p values as they are printed."""
        said = {f"p_{model}_said": _p(test.p) for model, test in found.differences.items()}
        return {
            "whom": "whole clusters" if found.state["level"] == 2 else "half of each cluster",
            **said,
        }

    def code_words(self, state):
        """Who is trained, and what is left of the variance."""
        J, n, whole = state["clusters"], state["size"], state["level"] == 2
        half = (J + 1) // 2
        return {
            "people": J * n,
            "rest": 1 - state["icc"],
            "r_sd": f"sqrt({1 - state['icc']:g})",
            "python_x": f"row // {n} >= {half}" if whole else "row % 2 == 1",
            "r_x": f"as.numeric(row > {half * n})" if whole else "(row + 1) %% 2",
        }


def _outcome(state) -> np.ndarray:
    """One study without an effect, cluster by cluster, as `hlm.simulate_groups` draws it."""
    drawn = draw_groups(
        state["clusters"],
        state["size"],
        beta=0,
        sd_u=np.sqrt(state["icc"]),
        rho=0,
        sigma=np.sqrt(1 - state["icc"]),
        x_mean=0,
        x_sd=(0, 1),
        slope_between=None,
        seed=state["seed"],
    )
    return drawn.y


@lru_cache(maxsize=4)
def _model(J: int, n: int, level: int) -> Fit:
    """The mixed model of studies of one design; x is 1 for those who got the training."""
    row = np.arange(J * n)
    treated = row // n >= (J + 1) // 2 if level == 2 else row % 2 == 1
    columns = {"x": treated.astype(float), "cluster": row // n + 1}
    return to_be_drawn("y ~ x + (1 | cluster)", columns, reml=True)


def _difference(fit: Fit) -> Difference:
    """What a model says of x, with nlme's degrees of freedom."""
    (_, estimate), (_, se) = fit.beta.tolist(), fit.beta_se.tolist()
    _, df = denominators_of(fit, [(0,), (1,)])
    return Difference(estimate, se, float(2 * t_distribution.sf(abs(estimate / se), df)))


def _truth(run: Found) -> Fit:
    """The model that studies are drawn from: variances that add up to 1."""
    icc = run.state["icc"]
    return run.mixed.at(sd=np.sqrt(icc), sigma=np.sqrt(1 - icc))


def _rate(alarms, model, name) -> Rate:
    share, count = alarms.rate(model), getattr(alarms, model)
    return Rate(share, alarms.margin(model), f"{name}: {count:,} of {alarms.n:,} = {share:.1%}")


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
