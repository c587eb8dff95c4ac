"""How much a lesson asks of a reader: words that are shown, and minutes."""

import re

from hlmteach.course.build import EXERCISE, FOLDED_INPUT, header

MOST_WORDS = 1500
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
UNSEEN = re.compile(r"<[^>\n]+>|\]\([^)]*\)")  # tags, and where links lead
WORD = re.compile(r"\S*\w\S*")

# Minutes, estimated. Technical prose is read at 120 to 150 words per minute.
MOST_MINUTES = 30  # of the core path, without exercises
WORDS_PER_MINUTE = 140
GUESS, PRINTOUT = 0.5, 1
WIDGET, AGAIN = 4, 2  # its story, and a minute for each thing to try; one that is known by then
SHOWN = re.compile(r"hlm\.widgets\.(\w+)\(")
ANSWERS = re.compile(r"^exercise\.(?:answer|check)", re.MULTILINE)  # part of an exercise


def words_shown(lesson) -> int:
    """Count the words of a lesson's core path: not printouts, nor what is folded away."""
    return sum(len(WORD.findall(text)) for text in _shown(lesson))


def minutes_needed(lesson) -> tuple[float, float]:
    """Estimate the minutes of a lesson's core path, and those of its exercises.

    Words at the pace of technical prose; then half a minute for each guess, a minute for each cell
    that prints, four for each widget (two where the lesson shows it once more), and four for each
    exercise. Nobody was timed.
    """
    code = [c.text for c in lesson.cells if c.kind == "code" and not c.tags & {"check", "curious"}]
    asked = [text for text in code if "hlm.exercise(" in text]
    rest = [text for text in code if text not in asked and not ANSWERS.search(text)]
    core = words_shown(lesson) / WORDS_PER_MINUTE + sum(_minutes(rest))
    return core, EXERCISE * len(asked)


def _minutes(cells):
    known = set()
    for cell in cells:
        widgets = SHOWN.findall(cell)
        if "Predict" in widgets:
            yield GUESS
        elif widgets:
            yield AGAIN if known.issuperset(widgets) else WIDGET
            known.update(widgets)
        else:
            yield PRINTOUT


def _shown(lesson):
    for cell in (header(lesson), *lesson.cells):
        if cell.kind == "markdown":
            yield UNSEEN.sub(" ", FOLD.sub(" ", cell.text))
        elif not cell.tags & FOLDED_INPUT:
            yield cell.text
