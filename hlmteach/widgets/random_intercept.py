"""RandomInterceptAnimator: every group gets a line of its own, shrunk towards the rest."""

from dataclasses import dataclass

from hlmteach.engine.fit import Fit
from hlmteach.recipes.chosen import SOURCES, course_model, rows_of
from hlmteach.recipes.rows import ALL, Rows
from hlmteach.views.grouplines import GroupLines, read_lines
from hlmteach.views.intercepts import InterceptsView
from hlmteach.views.shrinkage import Shrinkage, read_shrinkage
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider, whole

FEW = 3  # groups that the table has room for
TUTORIAL, SIMULATED = {"source": "tutorial"}, {"source": "simulated"}
MODELS = [("Model 1", 1), ("Model 2", 2), ("Model 3", 3)]
KEPT = [(str(k), k) for k in (5, 10, 20, 50, 100, 200, 400)] + [("all", ALL)]


def _shift(label, group, when):
    help = "Added to every row of this group"
    return ask(
        slider, f"{label}, moved by", 0, -0.4, 0.4, 0.02, help, signed=True, group=group, when=when
    )


def _all_rows(state) -> bool:
    return state["source"] == "tutorial" and state["kept"] == ALL


@dataclass(frozen=True)
class Found:
    """One settled state: the rows, and Models 1 and 2 or 3 fitted to them."""

    state: dict
    rows: Rows
    seen: Shrinkage
    lines: GroupLines | None
    smaller: Fit | None

    @property
    def number(self) -> int:
        """The number of the model shown."""
        return self.state["model"]


class RandomInterceptAnimator(TeachingWidget):
    """A random intercept gives every group its own line, and shrinks it towards the overall line.

    The black line is the overall intercept. Circles are the groups' own means, arrows the u_j that
    the model estimates; a dotted gap is what shrinkage took. Move a group, or change how noisy or
    how many its rows are, and the model refits. The preset "tutorial" shows the tutorial's Model 2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.RandomInterceptAnimator()
    >>> round(widget.results["sd_u"], 5), round(widget.results["aic"], 3)
    (0.06597, 6533.549)
    >>> widget.set(shift_1=0.2)
    >>> widget.results["sd_u"] < 0.066
    True
    >>> widget.close()
    """

    title = "A random intercept, group by group"
    sentence = "Each group gets a line of its own. The model pulls it towards the overall line."
    presets = {
        "tutorial": {},
        "few rows": {"kept": 10},
        "no differences": {"shift_1": 0.14},
        "simulated": {"source": "simulated"},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "model": ask(choice, "model", 2, MODELS),
        "method": ask(choice, "fit by", "ML", ["ML", "REML"], when=_all_rows),
        "shift_1": _shift("before marriage", 0, TUTORIAL),
        "shift_2": _shift("1 year after", 1, never),
        "shift_3": _shift("5 years after", 2, never),
        "spread": ask(
            slider, "spread within ×", 1, 0.1, 2, 0.05, "1 leaves the rows alone", when=TUTORIAL
        ),
        "kept": ask(ladder, "rows kept per group", ALL, KEPT, when=TUTORIAL),
        "groups": ask(whole, "groups", 8, 3, 30, when=SIMULATED),
        "size": ask(whole, "rows per group", 20, 2, 100, when=never),
        "sd_u": ask(slider, "true sd of u", 0.4, 0, 1, 0.05, when=SIMULATED),
        "sd_e": ask(slider, "true sd of e", 0.8, 0.1, 2, 0.05, when=SIMULATED),
        "seed": ask(seed, when=lambda s: s["source"] == "simulated" or s["kept"] < ALL),
    }
    picture = InterceptsView
    table = """
        intercept | {intercept:.5f}
        sd of u | {sd:.5f}
        sigma | {sigma:.5f}
        ●0 {name_1} keeps | {kept_1:.0%}
        ●1 {name_2} keeps | {kept_2:.0%}
        ●2 {name_3} keeps | {kept_3:.0%}
        all numbers |
        AIC | {aic:.3f}
        log-likelihood | {loglik:.3f}
        L.Ratio to Model {before} | {ratio:.3f}
        u, {name_1} | {u_1:+.3f}
        u, {name_2} | {u_2:+.3f}
        u, {name_3} | {u_3:+.3f}
    """
    status = "Model {model}: {what}, AIC {aic:.1f}."
    alt = (
        "Rows of {J} groups. The overall line lies at {intercept:.3f}. "
        "The groups' {kind} lie from it by: {listed}."
    )
    caption = "Model {model}, fitted by {method}"
    templates = {
        "python": """
            import hlmteach as hlm
            {rows}
            {fits}
            print(model{model})
            {python_test}
        """,
        "r": """
            library(nlme)
            {rows}
            {fits}
            summary(model{model})
            {test}
        """,
    }

    def recipe(self, state):
        """The model chosen after the smaller one, if both can be compared.

        By REML only models with the same predictors can.
        """
        number, method = state["model"], state["method"]
        alone = number == 1 or (number == 3 and method == "REML")
        numbers = [number] if alone else [number - 1, number]
        return rows_of(state), [course_model(f"model{k}", method, wrapped=True) for k in numbers]

    def compute(self, state) -> Found:
        """Read the lines off the fits."""
        found = super().compute(state)
        *smaller, fit = found.fits.values()
        rows = found.rows
        seen = read_shrinkage(fit, rows.codes, rows.levels)
        lines = None
        if state["model"] == 3:
            lines = read_lines(fit, rows.predictor, rows.codes, rows.levels)
        return Found(
            state=state, rows=rows, seen=seen, lines=lines, smaller=smaller[0] if smaller else None
        )

    def draw(self, found):
        """Show the fit and the rows behind it."""
        self.view.update(found.rows.y, found.seen, found.lines, found.rows.x)

    def story(self, found):
        """Tell how the groups' lines come about."""
        self.view.clear()
        yield f"{len(found.rows.codes):,} rows in {len(found.seen.names)} groups."
        yield from _lines_story(found, self.view) if found.lines else _lens_story(found, self.view)

    def numbers(self, found):
        """Name the estimates as the tutorial's printouts do."""
        seen, fit, smaller = found.seen, found.seen.fit, found.smaller
        numbers = {
            "intercept": seen.overall,
            "sd_u": seen.sd,
            "sigma": fit.sigma,
            "aic": fit.aic,
            "loglik": fit.loglik,
            **({"ratio": 2 * (fit.loglik - smaller.loglik)} if smaller else {}),
        }
        for j in range(len(seen.names)):
            numbers |= {f"u_{j + 1}": float(seen.u[j]), f"kept_{j + 1}": float(seen.kept[j])}
        return numbers

    def words(self, found):
        """Model 1 has one line, and so no sd of lines; groups are named where they are few."""
        seen, varies = found.seen, found.number > 1
        named = seen.names if varies and len(seen.names) <= FEW else ()
        by = zip(seen.names[:FEW], seen.u if varies else seen.own, strict=False)
        return {
            **({"sd": seen.sd} if varies else {}),
            **{f"name_{j}": name for j, name in enumerate(named, start=1)},
            "before": found.number - 1,
            "what": f"sd of u {seen.sd:.3f}" if varies else "one line for all",
            "J": len(seen.names),
            "kind": "lines" if varies else "own means",
            "listed": "; ".join(f"{name} {signed(value)}" for name, value in by),
        }

    def code_words(self, state):
        """The test against the smaller model."""
        names = [model.name for model in self.recipe(state)[1]]
        test = f"anova({', '.join(names)})" if len(names) == 2 else ""
        return {"test": test, "python_test": test and f"print(hlm.{test})"}


def _lens_story(found, view):
    seen, lens = found.seen, view.lens

    def level(height):
        lens.show_overall(height)
        view.strip.show_overall(height)

    alone = found.smaller or seen.fit  # Model 1 is its own smaller one
    level(float(alone.beta[0]))
    yield f"Model 1 has one line for everybody: {alone.beta[0]:.3f}."
    lens.show_own(seen)
    yield "Circles: each group's own mean. They differ, by chance or not."
    if found.number == 1:
        return
    level(seen.overall)
    yield f"Model 2: a line for each group, about an overall line at {seen.overall:.3f}."
    for j, name in enumerate(seen.names[:FEW]):
        lens.show_u(seen, j + 1)
        yield f"{name}: its line lies {signed(seen.u[j])} from the overall line."
    lens.show_u(seen, len(seen.names))
    yield "No line reaches its circle: each is pulled towards the overall line."
    lens.show_bell(seen)
    yield f"The model takes all u from one bell curve. Its sd is {seen.sd:.3f}."


def _lines_story(found, view):
    seen, lines = found.lines, view.lines
    lines.show_cells(seen)
    yield f"Each group's mean at each {found.rows.x}: the larger, the more rows."
    lines.show_overall(seen.overall)
    yield f"Overall, one point of {found.rows.x} goes with {signed(seen.overall[1])}."
    lines.show_lines(seen.lines * 0 + seen.overall)
    yield "Model 3 gives each group a line with this slope ..."
    lines.show_lines(seen.lines)
    yield "... and lets it move up or down. The lines stay parallel."
    lines.show_u(seen, len(seen.names))
    yield f"The arrows are the groups' u. Their sd is {found.seen.sd:.3f}."
