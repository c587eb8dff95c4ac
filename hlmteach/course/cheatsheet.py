"""The course as a PDF of two pages: equations, R beside Python, and numbers from the fits.

Its one source is page/cheatsheet.txt: `@` starts a page, with its title and below it a note; `===`
a column, `#` a block with the kind of its lines and where its cells begin; `¦` parts cells, and
«name» is a number from the fits.
"""

import hashlib
import re
from pathlib import Path

from hlmteach.datasets import load
from hlmteach.errors import HLMError
from hlmteach.inference.coefficients.satterthwaite import satterthwaite
from hlmteach.inference.comparison.compare import lrt
from hlmteach.inference.intervals.confint import confint
from hlmteach.inference.variance.by_factor import icc_table
from hlmteach.inference.variance.icc import design_effect, icc
from hlmteach.inference.variance.shrinkage import shrinkage
from hlmteach.recipes.chosen import course_model
from hlmteach.recipes.rows import Tutorial
from hlmteach.rstyle.verbs import lmer

SOURCE = Path(__file__).parent / "page" / "cheatsheet.txt"
TITLE = "Hierarchical linear models on two pages"
MODELS = {f"Model {k}": course_model(f"model{k}", verb="lmer") for k in "1234"}
MODELS["Interaction"] = course_model("interaction", verb="lmer")
SMALLER = {"Model 2": "Model 1", "Model 3": "Model 2", "Model 4": "Model 3"}
SMALLER |= {"Interaction": "Model 3"}


def write_cheatsheet(path) -> Path:
    """Fit the course's models and write the pages; the same source gives the same bytes.

    Raises
    ------
    HLMError
        When the file cannot be written.
    """
    from hlmteach.views.sheet import save_sheets

    text, path = cheatsheet_text(), Path(path)
    try:
        save_sheets(make_sheets(text), path, Title=TITLE, Author="hlmteach", Keywords=digest(text))
    except OSError as error:
        raise HLMError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    return path


def make_sheets(text: str) -> list:
    """Lay the text out on its pages."""
    from hlmteach.views.sheet import Sheet

    parts = re.split(r"^@ (.+)\n(.+)\n", text, flags=re.MULTILINE)[1:]
    return [
        Sheet(title, note, _columns(body))
        for title, note, body in zip(*[iter(parts)] * 3, strict=True)
    ]


def cheatsheet_text() -> str:
    """Return the source with its numbers filled in."""
    numbers = _numbers()
    return re.sub(r"«(\w+)»", lambda match: numbers[match[1]], SOURCE.read_text(encoding="utf-8"))


def digest(text: str) -> str:
    """Return what the PDF carries to say which text it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()


# -- numbers -----------------------------------------------------------------------------------


def _numbers() -> dict[str, str]:
    data = load("HLM")
    fits = {name: model.fit(Tutorial()) for name, model in MODELS.items()}
    tests = {name: lrt(fits[small], fits[name]) for name, small in SMALLER.items()}
    two, three = fits["Model 2"], fits["Model 3"]
    wald, profile = confint(three, method="wald"), confint(three)
    numbers = {
        "k2": f"{two.n_params}",
        "loglik2": _minus(f"{two.loglik:.3f}"),
        "aic2": f"{two.aic:.2f}",
        "tau2": f"{two.varcorr['variance'].iloc[0]:.5f}",
        "sigma2": f"{two.sigma**2:.4f}",
        "icc": f"{icc(two):.4f}",
        "deff": f"{design_effect(0.05, 20):.2f}",
        "b3": f"{three.fixef['NPD']:.3f}",
        "se3": f"{three.se['NPD']:.3f}",
        "low3": f"{wald.loc['NPD'].iloc[0]:.3f}",
        "high3": f"{wald.loc['NPD'].iloc[1]:.3f}",
        "sdlow": f"{profile.loc['.sig01'].iloc[0]:.3f}",
        "sdhigh": f"{profile.loc['.sig01'].iloc[1]:.3f}",
        "sdu3": f"{three.varcorr['sd'].iloc[0]:.3f}",
        "sde3": f"{three.sigma:.3f}",
        "groups": f"{data['Time'].nunique()}",
        "rows": f"{len(data):,}",
        "kept": f"{shrinkage(two)['Time'].iloc[0, 0]:.0%}",
        "p3": _p(tests["Model 3"].p_naive),
        "table": "\n".join(_row(name, fits[name], tests.get(name)) for name in MODELS),
    }
    numbers |= _numbers_beyond()
    for number in "234":
        numbers[f"ratio{number}"] = f"{tests[f'Model {number}'].ratio:.2f}"
    for number in "24":
        test = tests[f"Model {number}"]
        numbers |= {f"p{number}": f"{test.p_naive:.4f}", f"half{number}": f"{test.p_mixture:.4f}"}
    return numbers


def _numbers_beyond() -> dict[str, str]:
    """The numbers of the second page: few groups, the twin, the sleepers, the paste."""
    from scipy.stats import t

    few = course_model("model2", verb="lmer", method="REML").fit(Tutorial())
    df, limits = satterthwaite(few).iloc[0], confint(few, method="t").loc["(Intercept)"]
    twin = load("twin")
    twin["mean"] = twin.groupby("Person")["NPD"].transform("mean")
    twin["within"] = twin["NPD"] - twin["mean"]
    blend = lmer("Satisfaction ~ NPD + (1 | Person)", twin)
    apart = lmer("Satisfaction ~ within + mean + (1 | Person)", twin)
    sleep = load("sleepstudy")
    parallel = lmer("Reaction ~ Days + (1 | Subject)", sleep)
    turning = lmer("Reaction ~ Days + (Days | Subject)", sleep)
    paste = icc_table(lmer("strength ~ 1 + (1 | batch/cask)", load("Pastes")))
    return {
        "df2": f"{df:.1f}",
        "t2": f"{t.ppf(0.975, df):.2f}",
        "low2": f"{limits.iloc[0]:.2f}",
        "high2": f"{limits.iloc[1]:.2f}",
        "blend": f"{blend.fixef['NPD']:.2f}",
        "within": f"{apart.fixef['within']:.2f}",
        "between": f"{apart.fixef['mean']:.2f}",
        "speed": f"{turning.fixef['Days']:.2f}",
        "tau1": f"{turning.varcorr['sd'].iloc[1]:.2f}",
        "separal": f"{parallel.se['Days']:.2f}",
        "seturn": f"{turning.se['Days']:.2f}",
        "share": f"{paste['share'].iloc[0]:.2f}",
        "alike": f"{paste['correlation'].iloc[0]:.2f}",
        "se": f"{(4 / 20 * (0.1 + 0.9 / 20)) ** 0.5:.2f}",
        "least": f"{2.8 * (4 / 20 * (0.1 + 0.9 / 20)) ** 0.5:.2f}",
    }


def _row(name, fit, test) -> str:
    ratio, p = (f"{test.ratio:.2f} ({test.df})", _p(test.p_mixture)) if test else ("", "")
    formula, loglik = MODELS[name].formula(Tutorial()), _minus(f"{fit.loglik:.3f}")
    return f"{name} ¦ {formula} ¦ {fit.n_params} ¦ {loglik} ¦ {fit.aic:.2f} ¦ {ratio} ¦ {p}"


def _p(p: float) -> str:
    return "< .0001" if p < 0.0001 else f"{p:.4f}"


def _minus(text: str) -> str:
    return text.replace("-", "−")


# -- the pages ---------------------------------------------------------------------------------


def _columns(text: str) -> list:
    from hlmteach.views.sheet import Column

    parts = re.split(r"^=== (\S+) (\S+)\n", text, flags=re.MULTILINE)[1:]
    return [
        Column(float(left), float(right), tuple(_blocks(body)))
        for left, right, body in zip(*[iter(parts)] * 3, strict=True)
    ]


def _blocks(text: str):
    from hlmteach.views.sheet import Block

    parts = re.split(r"^# (.+?) \| (\w+) \| (.+)\n", text, flags=re.MULTILINE)[1:]
    for heading, kind, stops, body in zip(*[iter(parts)] * 4, strict=True):
        lines = tuple(tuple(re.split(r" ?¦ ?", line)) for line in body.rstrip().splitlines())
        yield Block(heading, kind, lines, tuple(float(stop) for stop in stops.split()))
