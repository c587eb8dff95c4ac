"""Every snippet of R that the package shows, and what R said when it ran them.

`make r` runs them all (or, with ARGS=changed, those that are not as recorded) and writes
shown_r.json; test_shown_r.py compares. A snippet that draws rows at random runs twice: as it is
shown, and with our rows in place of its own, for R draws other numbers.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import hlmteach as hlm
from hlmteach.course import cheatsheet
from hlmteach.course.source import find_sources, read_lesson
from hlmteach.widgets import HOMES
from hlmteach.widgets.streaming import StreamingWidget
from tests.reference.files import files
from tests.unpainted import without_pictures

HERE = Path(__file__).parent
RECORD = HERE / "shown_r.json"
SHIPPED = Path(hlm.__file__).parent / "datasets" / "data" / "HLM.sav"
LESSONS = HERE.parents[1] / "lessons"

# What a lesson's or the sheet's lines of R stand on, which they do not say each time.
BEFORE = """
library(foreign); library(nlme); library(lme4); library(merTools)
data <- read.spss("HLM.sav", to.data.frame = TRUE)
model1 <- gls(Satisfaction ~ 1, data = data, method = "ML")
model2 <- lme(Satisfaction ~ 1, data = data, random = ~1|Time, method = "ML")
model2.1 <- lmer(Satisfaction ~ 1 + (1|Time), REML = FALSE, data = data)
model3 <- lme(Satisfaction ~ NPD, data = data, random = ~1|Time, method = "ML")
m <- model2.1
"""
WIDE = """
wide <- data.frame(person = 1:3, before = c(5, 4, 6), after_1 = c(4, NA, 5), after_5 = c(3, 4, 4))
long <- reshape(wide, direction = "long", idvar = "person", varying = 2:4, v.names = "Satisfaction",
  timevar = "Time", times = c("before", "after_1", "after_5"))
"""
SCHOOLS = """
set.seed(1)
d <- data.frame(school = rep(1:40, each = 20), support = rep(0:4, each = 20), ses = rnorm(800))
d$math <- 50 + rnorm(40, sd = 2)[d$school] + 3 * d$ses + rnorm(800, sd = 6)
"""
CLINICS = """
set.seed(1)
clinics <- data.frame(clinic = factor(rep(1:8, c(16, 18, 20, 22, 23, 24, 2, 2))))
clinics$y <- 50 + rnorm(8, sd = 4)[clinics$clinic] + rnorm(nrow(clinics), sd = 8)
"""
MADE = """
set.seed(1)
made <- data.frame(group = factor(rep(1:20, each = 15)), x = rnorm(300))
made$y <- 2 * made$x + rnorm(20)[made$group] + rnorm(300)
"""
TIMES = """
set.seed(1)
d <- data.frame(person = rep(1:50, each = 2), time = 0:1)
d$y <- rnorm(50)[d$person] + d$time + rnorm(100)
d$y[sample(100, 20)] <- NA
"""
MORE = {"02": CLINICS, "03": MADE, "04": WIDE, "16": SCHOOLS, "17": TIMES}
SHEET = """
library(nlme); library(lme4)
d <- foreign::read.spss("HLM.sav", to.data.frame = TRUE)
d <- data.frame(y = d$Satisfaction, x = d$NPD, z = d$BPD, g = d$Time)
"""
CALL = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Snippet:
    """Code as it is shown; `before` stands above it; `results` are ours, `rows` our data."""

    code: str
    before: str = ""
    results: dict | None = None
    rows: pd.DataFrame | None = None
    files: dict[str, bytes] = field(default_factory=dict)  # that the code reads
    studies: bool = False  # whether it counts over studies drawn anew, so that it agrees by chance


def snippets() -> dict[str, Snippet]:
    """Every snippet, by where it is shown."""
    with without_pictures():
        return dict([*of_widgets(), *of_models(), *of_files(), *of_sheet(), *of_lessons()])


def of_widgets() -> Iterator[tuple[str, Snippet]]:
    for name in sorted(set(HOMES) - {"Predict"}):
        kind = getattr(hlm.widgets, name)
        for preset in kind.presets:
            widget = kind(preset)
            yield f"{name}, {preset}", of_widget(widget)
            widget.close()


def of_widget(widget) -> Snippet:
    """What a widget shows now, with its rows where R would draw others."""
    code, results = widget.code("r"), dict(widget.results)
    if isinstance(widget, StreamingWidget):
        return Snippet(code, results=results, studies=True)
    drawn = {}
    if "set.seed" in code:
        with redirect_stdout(StringIO()):
            exec(compile(widget.code("python"), "<widget.code()>", "exec"), drawn)
    return Snippet(code, results=results, rows=drawn.get("data"))


# A table whose names need quotes, in R, in formulas or in both, with a gap.
ODD = pd.DataFrame(
    {
        "my y": [1.0, 2, 4, 3, 5, 7, 4, 6, 2, None, 3, 5],
        "1st x": [1.0, 2, 3, 4] * 3,
        "if": list("aabbccddeeff"),
    }
)
MODELS = {
    "REML": {"method": "REML"},
    "no groups": {"group": "(none)"},
    "a slope": {"slope": "NPD"},
    "a product": {"predictors": ("NPD", "BPD"), "product": True},
    "products and a slope": {
        "predictors": ("NPD", "BPD"),
        "product": True,
        "slope": "NPD",
        "method": "REML",
    },
    "no predictors": {"predictors": ()},
    "times as fixed": {"predictors": ("Time",), "group": "(none)"},
}


def of_models() -> Iterator[tuple[str, Snippet]]:
    """ModelBuilder beyond its presets: each choice, other tables, names that need quotes."""
    for name, values in MODELS.items():
        widget = hlm.widgets.ModelBuilder()
        widget.set(**values)
        yield f"ModelBuilder with {name}", Snippet(widget.code("r"), results=dict(widget.results))
        widget.close()
    widget = hlm.widgets.ModelBuilder()
    widget.use(ODD, "odd rows.csv")
    for group in ("if", "(none)"):
        widget.set(outcome="my y", predictors=("1st x",), group=group)
        snippet = Snippet(widget.code("r"), results=dict(widget.results))
        yield f"ModelBuilder with odd names, groups {group}", snippet
    widget.close()


def of_files() -> Iterator[tuple[str, Snippet]]:
    """ModelBuilder with a file of each kind."""
    widget = hlm.widgets.ModelBuilder()
    for name, content, options in files():
        widget.read(name, content, **options)
        group, *predictors, y = widget.table.columns
        widget.set(outcome=y, predictors=tuple(predictors), group=group, method="REML")
        results = dict(widget.results)
        yield (
            f"ModelBuilder with {name}",
            Snippet(widget.code("r"), results=results, files={name: content}),
        )
    widget.close()


def of_sheet() -> Iterator[tuple[str, Snippet]]:
    """The two columns of R on the cheat sheet."""
    for column, package in ((1, "nlme"), (2, "lme4")):
        yield f"cheat sheet, {package}", Snippet(sheet_code(column), SHEET)


def sheet_code(column: int) -> str:
    text = cheatsheet.SOURCE.read_text(encoding="utf-8")
    block = text.partition("# R beside Python")[2].partition("\n")[2].partition("\n#")[0]
    rows = [[cell.rstrip() for cell in re.split(r" ?¦ ?", line)] for line in block.splitlines()]
    lines = []
    for number, *cells in (row for row in rows if len(row) > column):
        code = cells[column - 1]
        if cells[0] and number.isdigit():
            code = f"m{number} <- {code}"
        lines.append(code.removesuffix(" (default)").removesuffix(" (Wald)"))
    found = [line.removesuffix(" (profile)") for line in lines[1:]]
    plain = [line for line in found if re.search(r"[()=]", line) and "VarCorr(m2)" not in line]
    calls = [line for line in plain if not line.startswith(("method", "REML"))]
    return "\n".join(re.sub(r"^(\w+\(\w+\)), ", r"\1\n", line) for line in calls) + "\n"


def of_lessons() -> Iterator[tuple[str, Snippet]]:
    """What each lesson shows of R: its blocks, and the columns of its tables called R."""
    for path in find_sources(LESSONS):
        lesson = read_lesson(path)
        prose = [cell.text for cell in lesson.cells if cell.kind == "markdown"]
        code = [piece for text in prose for piece in [*of_tables(text), *of_blocks(text)]]
        if code:
            before = BEFORE + MORE.get(lesson.number, "")
            yield f"lesson {lesson.number}", Snippet("\n".join(code) + "\n", before)


def of_blocks(text: str) -> list[str]:
    return re.findall(r"^```r\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)


def of_tables(text: str) -> Iterator[str]:
    """The code in the columns of R; what is cut short by dots is filled in, or is no code."""
    columns: list[int] | None = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("|"):
            columns = None
        elif columns is None:
            columns = [i for i, cell in enumerate(cells) if re.fullmatch(r"R( \(.*\))?", cell)]
        else:
            for i in columns:
                for code in CALL.findall(cells[i].replace("\\|", "|")):
                    if "(...)" not in code:
                        yield code.replace(", ...,", ', data = data, method = "ML",')


# -- running them ----------------------------------------------------------------------------------


def jobs(found: dict[str, Snippet], folder: Path) -> list[dict]:
    """Each snippet as it is shown, and again on our rows where there are any."""
    shutil.copy(SHIPPED, folder)
    (folder / "my folder").mkdir()
    shutil.copy(SHIPPED, folder / "my folder")
    ODD.to_csv(folder / "odd rows.csv", index=False)
    listed = []
    for i, (id, snippet) in enumerate(found.items()):
        for name, content in snippet.files.items():
            (folder / name).write_bytes(content)
        code = snippet.before + snippet.code
        listed.append({"id": id, "code": code})
        if snippet.rows is not None:
            snippet.rows.to_csv(folder / f"rows {i}.csv", index=False, float_format="%.17g")
            listed.append({"id": f"{id} ON OUR ROWS", "code": code, "rows": f"rows {i}.csv"})
    return listed


def run(found: dict[str, Snippet]) -> dict:
    """Run snippets in R; versions, and by id the code, what went wrong, and the numbers."""
    with TemporaryDirectory() as folder:
        listed = jobs(found, Path(folder))
        (Path(folder) / "jobs.json").write_text(json.dumps(listed), encoding="utf-8")
        shutil.copy(HERE / "run_shown.R", folder)  # R reads it bit by bit: nobody must change it
        subprocess.run(["Rscript", str(Path(folder) / "run_shown.R"), folder], check=True)
        out = json.loads((Path(folder) / "out.json").read_text(encoding="utf-8"))
    said = {one.pop("id"): one for one in out["results"]}
    ran = {}
    for id, snippet in found.items():
        ours = said.get(f"{id} ON OUR ROWS", said[id])
        problem = said[id]["problem"] or ours["problem"]
        known = {"problem": problem, "warned": ours["warned"], "numbers": ours["numbers"]}
        ran[id] = {"before": snippet.before, "code": snippet.code, **known}
    return {"R": out["R"], "packages": out["packages"], "snippets": ran}


def record() -> dict:
    """What is on record."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"snippets": {}}


def as_recorded(id: str, snippet: Snippet, kept: dict) -> bool:
    """Whether R has run this code."""
    ran = kept["snippets"].get(id, {})
    return (ran.get("before"), ran.get("code")) == (snippet.before, snippet.code)


def main(which: list[str]) -> None:
    """Run all snippets, those that changed, or those whose place has one of the words in it."""
    found, kept = snippets(), record()
    wanted = {
        id: snippet
        for id, snippet in found.items()
        if not which
        or any(word in id for word in which)
        or ("changed" in which and not as_recorded(id, snippet, kept))
    }
    for some in batched(wanted, 8):  # each on record before the next, for all take minutes
        keep(run({id: wanted[id] for id in some}), found)


def batched(items, size: int) -> Iterator[list]:
    """The items, so many at a time."""
    items = list(items)
    return (items[i : i + size] for i in range(0, len(items), size))


def keep(out: dict, found: dict[str, Snippet]) -> None:
    """Put what R said on record, and forget what is shown no more."""
    ran = {**record()["snippets"], **out["snippets"]}
    out["snippets"] = {id: ran[id] for id in found if id in ran}
    lines = json.dumps(out, ensure_ascii=False, indent=1)
    lines = re.sub(r"\n\s+(-?[0-9.e+-]+,?)(?=\n)", r" \1", lines)  # numbers beside each other
    RECORD.write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
