"""What a lesson must hold to, read off its text alone; each rule yields `Problem`s."""

import ast
import re
from dataclasses import dataclass

from hlmteach.course.build import header
from hlmteach.course.handout import CHEATSHEET
from hlmteach.course.length import MOST_WORDS, words_shown
from hlmteach.course.numbers import CITED, unasserted
from hlmteach.course.terms import unexplained

LONGEST_CELL = 12
URL = re.compile(r"https?://")
LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
LITERAL = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`|\$[^$]*\$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
LAST_HEADING = "To take away"
FOLD = re.compile(
    r"<details>\n<summary>For the curious: [^\n]+</summary>\n\n.*?\n\n</details>", re.DOTALL
)


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it is and what to do about it."""

    lesson: str
    where: str
    what: str

    def __str__(self):
        return f"{self.lesson}, {self.where}: {self.what}"


def read_problems(lessons):
    """Return the problems that reading finds, lesson by lesson.

    Parameters
    ----------
    lessons : sequence of Lesson
        The whole course, so that links between lessons can be followed.

    Returns
    -------
    list of Problem
    """
    anchors = {f"{lesson.name}.ipynb": _anchors(lesson) for lesson in lessons}
    problems = [problem for lesson in lessons for problem in _lesson_problems(lesson, anchors)]
    return problems + [
        Problem(lesson.name, "its words", complaint)
        for lesson in lessons
        if not lesson.is_appendix
        for complaint in (*_length_rule(lesson), *_term_rules(lesson, lessons))
    ]


def _length_rule(lesson):
    words = words_shown(lesson)
    if words > MOST_WORDS:
        yield (
            f"shows {words:,} words; a lesson has at most {MOST_WORDS:,}. "
            "Cut, or fold what only some want: For the curious."
        )


def _term_rules(lesson, lessons):
    """A word of the glossary stands in no earlier lesson, but where it is explained there."""
    cells = (header(lesson), *lesson.cells)
    prose = "\n\n".join(cell.text for cell in cells if cell.kind == "markdown")
    prose = prose.partition(CITED)[0]
    code = "\n".join(
        cell.text for cell in cells if cell.kind == "code" and not cell.tags & {"check", "solution"}
    )
    for later in lessons:
        for term in later.terms if later.number > lesson.number else ():
            for name in term.names:
                if not term.known and unexplained(name, prose, code):
                    yield (
                        f"uses {name!r}, which lesson {later.number} brings in; explain it at "
                        f'once: <abbr title="what it means">{name}</abbr>.'
                    )


def _lesson_problems(lesson, anchors):
    for position, cell in enumerate(lesson.cells, start=2):
        first_line = (cell.text.splitlines() or ["empty"])[0]
        where = f"cell {position} ({first_line[:40]!r})"
        rules = _code_rules(cell) if cell.kind == "code" else _prose_rules(cell, lesson, anchors)
        for complaint in rules:
            yield Problem(lesson.name, where, complaint)
    for position, stated in unasserted(lesson):
        complaint = f"states {stated.strip()}, which no code cell holds; assert it in a check."
        yield Problem(lesson.name, f"cell {position}", complaint)
    if not _ends_with_bullets(lesson) and not lesson.is_appendix:
        yield Problem(
            lesson.name, "its end", f"ends with '## {LAST_HEADING}' and three bullets below it."
        )


def _ends_with_bullets(lesson):
    last = lesson.cells[-1].text if lesson.cells else ""
    _, heading, bullets = last.rpartition(f"## {LAST_HEADING}\n")
    return bool(heading) and len(re.findall(r"^- ", bullets, re.MULTILINE)) == 3


# ---- code


def _code_rules(cell):
    if len(cell.text.splitlines()) > LONGEST_CELL:
        yield f"has {len(cell.text.splitlines())} lines; a cell has at most {LONGEST_CELL}."
    if URL.search(cell.text):
        yield "has a web address in code; a lesson runs without a network."
    if re.search(r"^\s*[!%]", cell.text, re.MULTILINE):
        yield "has a ! or % line; a lesson is plain Python, and installs nothing."
        return
    try:
        tree = ast.parse(cell.text)
    except SyntaxError as error:
        yield f"is not Python: {error.msg}, line {error.lineno}."
        return
    yield from _tree_rules(tree, cell)


def _tree_rules(tree, cell):
    nodes = list(ast.walk(tree))
    if "check" in cell.tags and not any(isinstance(node, ast.Assert) for node in nodes):
        yield "is tagged check, but asserts nothing."
    for node in nodes:
        yield from _name_rules(node)
        if isinstance(node, ast.Call) and _is_unseeded(node):
            yield "draws random numbers without a seed; give default_rng one."


def _is_unseeded(call):
    bare = not (call.args or call.keywords)
    return bare and ast.unparse(call.func).endswith("default_rng")


def _name_rules(node):
    if isinstance(node, ast.Import):
        inner = [name.name for name in node.names if name.name.startswith("hlmteach.")]
        yield from (
            f"imports {name}; a lesson has `import hlmteach as hlm` only." for name in inner
        )
    elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "hlmteach":
        yield f"imports from {node.module}; a lesson has `import hlmteach as hlm` only."
    elif isinstance(node, ast.Attribute):
        yield from _attribute_rules(node)


def _attribute_rules(node):
    import hlmteach

    if node.attr.startswith("_"):
        yield f"uses the private name {ast.unparse(node)}."
    elif ast.unparse(node.value) in ("hlm", "hlmteach") and node.attr not in hlmteach.__all__:
        yield f"uses {ast.unparse(node)}, which hlmteach does not offer."


# ---- prose


def _prose_rules(cell, lesson, anchors):
    if cell.text.count("<details>") != len(FOLD.findall(cell.text)):
        yield (
            "has a fold that is not <details>, <summary>For the curious: ...</summary>, an empty "
            "line, the text, an empty line and </details>, each on a line of its own."
        )
    for link in LINK.finditer(LITERAL.sub("", cell.text)):
        if link["image"] and not link["text"]:
            yield f"shows {link['target']} without a text for those who cannot see it."
        if not URL.match(link["target"]) and not _resolves(link["target"], lesson, anchors):
            yield f"links to {link['target']}, which is no lesson or heading of the course."


def _resolves(target, lesson, anchors):
    if target == CHEATSHEET:
        return True
    name, _, anchor = target.partition("#")
    headings = anchors.get(name or f"{lesson.name}.ipynb")
    return headings is not None and (not anchor or anchor in headings)


def _anchors(lesson):
    # JupyterLab's own way from a heading to its anchor.
    texts = [cell.text for cell in (header(lesson), *lesson.cells) if cell.kind == "markdown"]
    headings = HEADING.findall(LITERAL.sub("", "\n".join(texts)))
    return {heading.replace(" ", "-") for heading in headings}
