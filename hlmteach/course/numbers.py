"""Numbers in the prose: each must stand in the lesson's code, where a check asserts it."""

import re

# Code and printouts, links' targets, and the years, chapters and sections of what is cited.
ASIDE = re.compile(
    r"^(?:```|~~~).*?^(?:```|~~~)|`[^`\n]*`|\]\([^)]*\)|\b(?:19|20)\d\d\b"
    r"|\b(?:chapter|section|equation|model)s? \d+(?:\.\d+)*(?: (?:and|to) \d+(?:\.\d+)*)*",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![\w.:])(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w])(?: ?%(?!\w))?")
CITED = "## Further reading"
LEVELS = {"95%", "5%"}
LEAST_COUNT = 100


def unasserted(lesson):
    """Yield (cell's position, number as stated) for what no code cell of the lesson holds.

    Whole numbers below 100 are left out, as they count steps, people and groups everywhere; so are
    95 % and 5 %, which name a level.
    """
    code = " ".join(cell.text for cell in lesson.cells if cell.kind == "code")
    known = set().union(*map(_values, NUMBER.findall(code.replace("_", ""))))
    for position, cell in enumerate(lesson.cells, start=2):
        if cell.kind == "markdown":
            for stated in NUMBER.findall(_claims(cell.text)):
                if _matters(stated) and not _values(stated) & known:
                    yield position, stated


def _claims(text: str) -> str:
    return ASIDE.sub(" ", text.partition(CITED)[0]).replace("{,}", ",").replace("\\%", "%")


def _matters(stated: str) -> bool:
    text = stated.replace(" ", "")
    return text not in LEVELS and ("." in text or "%" in text or max(_values(text)) >= LEAST_COUNT)


def _values(text: str) -> set[float]:
    """Return what a number may be called in code: 87 % is 87 and 0.87."""
    value = float(text.replace(",", "").rstrip("% "))
    return {value, round(value / 100, 12)} if text.endswith("%") else {value}
