"""The course on one page, as a PDF: equations, R beside Python, and numbers from the fits.

Its one source is page/cheatsheet.txt: `===` starts a column, `#` a block with the kind of its lines
and where its cells begin, `¦` parts cells, and «name» is a number from the fits.
"""

import hashlib
import re
from pathlib import Path

from hlmteach.datasets import load
from hlmteach.errors import HLMError
from hlmteach.inference.compare import lrt
from hlmteach.inference.intervals import confint
from hlmteach.inference.shrinkage import shrinkage
from hlmteach.inference.variance import design_effect, icc
from hlmteach.rstyle.verbs import gls, lmer

SOURCE = Path(__file__).parent / "page" / "cheatsheet.txt"
TITLE = "Hierarchical linear models on one page"
NOTE = (
    "Numbers: the course's data, 2,681 answers on three occasions; synthetic, calibrated to a "
    "published tutorial's printed results. y, x, z: columns; g: the group; d: the table."
)
MODELS = {
    "Model 1": "Satisfaction ~ 1",
    "Model 2": "Satisfaction ~ 1 + (1 | Time)",
    "Model 3": "Satisfaction ~ NPD + (1 | Time)",
    "Model 4": "Satisfaction ~ NPD + (NPD | Time)",
    "Interaction": "Satisfaction ~ NPD * BPD + (1 | Time)",
}
SMALLER = {"Model 2": "Model 1", "Model 3": "Model 2", "Model 4": "Model 3"}
SMALLER |= {"Interaction": "Model 3"}


def write_cheatsheet(path) -> Path:
    """Fit the course's models and write the page; the same source gives the same bytes.

    Raises
    ------
    HLMError
        When the file cannot be written.
    """
    text, path = cheatsheet_text(), Path(path)
    try:
        make_sheet(text).save(path, Title=TITLE, Author="hlmteach", Keywords=digest(text))
    except OSError as error:
        raise HLMError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    return path


def make_sheet(text: str):
    """Lay the text out on its page."""
    from hlmteach.views.sheet import Sheet

    return Sheet(TITLE, NOTE, _columns(text))


def cheatsheet_text() -> str:
    """Return the source with its numbers filled in."""
    numbers = _numbers()
    return re.sub(r"«(\w+)»", lambda found: numbers[found[1]], SOURCE.read_text(encoding="utf-8"))


def digest(text: str) -> str:
    """Return what the PDF carries to say which text it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()


# -- numbers -----------------------------------------------------------------------------------


def _numbers() -> dict[str, str]:
    data = load("HLM")
    fits = {name: _fit(formula, data) for name, formula in MODELS.items()}
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
    for number in "234":
        numbers[f"ratio{number}"] = f"{tests[f'Model {number}'].ratio:.2f}"
    for number in "24":
        test = tests[f"Model {number}"]
        numbers |= {f"p{number}": f"{test.p_naive:.4f}", f"half{number}": f"{test.p_mixture:.4f}"}
    return numbers


def _fit(formula, data):
    if "|" in formula:
        return lmer(formula, data, REML=False)
    return gls(formula, data, method="ML")


def _row(name, fit, test) -> str:
    ratio, p = (f"{test.ratio:.2f} ({test.df})", _p(test.p_mixture)) if test else ("", "")
    loglik = _minus(f"{fit.loglik:.3f}")
    return f"{name} ¦ {MODELS[name]} ¦ {fit.n_params} ¦ {loglik} ¦ {fit.aic:.2f} ¦ {ratio} ¦ {p}"


def _p(p: float) -> str:
    return "< .0001" if p < 0.0001 else f"{p:.4f}"


def _minus(text: str) -> str:
    return text.replace("-", "−")


# -- the page ----------------------------------------------------------------------------------


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
