"""The glossary's words: which lesson brings each in, and what it says where it first stands."""

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENTRY = re.compile(r"^- \*\*(?P<names>.+?)\.\*\* (?P<says>.*?)(?=^- \*\*|\Z)", re.M | re.S)
LESSON = re.compile(r"\[(\d\d)\]\([^)]*\)")
ASIDES = re.compile(r"\s*\((?:equations? [\d, and]+|known)\)")
KNOWN = "(known)"  # from a first course: a lesson may use the word before it is told again

# Where a word is no running text: code, mathematics, headings, links, what is in HTML already.
NO_PROSE = re.compile(
    r"^(?:```|~~~).*?^(?:```|~~~)|`[^`\n]*`|\$[^$]*\$|^#+ [^\n]*|^\|[^\n]*|!?\[[^\]]*\]\([^)]*\)"
    r"|<abbr.*?</abbr>|<summary>.*?</summary>|<[^>\n]+>",
    re.M | re.S,
)
CODE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)|`[^`\n]*`|\$[^$]*\$|\]\([^)]*\)", re.M | re.S)
EXPLAINED = re.compile(r"<abbr title=[^>]*>.*?</abbr>", re.S)


@dataclass(frozen=True)
class Term:
    """One entry: its names, what they mean, the number of the lesson that brings them in.

    `known` says that a reader has the word from a first course in statistics.
    """

    names: tuple[str, ...]
    meaning: str
    lesson: str
    known: bool = False


@cache
def read_terms(path: Path) -> tuple[Term, ...]:
    """Read the entries of a glossary; `lesson` is "" where a word is in no lesson.

    Parameters
    ----------
    path : Path
        A Markdown file with entries as docs/glossary.md has them.
    """
    text = path.read_text(encoding="utf-8")
    return tuple(_term(found["names"], found["says"]) for found in ENTRY.finditer(text))


def _term(names: str, says: str) -> Term:
    lesson = LESSON.search(says)
    meaning = ASIDES.sub("", LESSON.sub("", says)).replace("`", "")
    return Term(
        names=tuple(names.split(", ")),
        meaning=" ".join(meaning.split()),
        lesson=lesson[1] if lesson else "",
        known=KNOWN in says,
    )


@cache
def pattern(name: str) -> re.Pattern:
    """The name in a text, in the plural too; what is written in capitals only in capitals."""
    words = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]", name)))
    capitals = any(letter.isupper() for letter in name[1:])
    return re.compile(rf"(?<![\w-]){words}s?(?![\w-])", 0 if capitals else re.IGNORECASE)


def with_meanings(texts: list[str], terms: tuple[Term, ...]) -> list[str]:
    """Return the texts with each term explained where it first stands: at the pointer, and read.

    `<abbr title>` is what JupyterLab, Notebook and a page all let through.
    """
    texts = list(texts)
    for name, meaning in ((name, term.meaning) for term in terms for name in term.names):
        for position, text in enumerate(texts):
            found = pattern(name).search(_blanked(NO_PROSE, text))
            if found:
                start, end = found.span()
                mark = f'<abbr title="{html.escape(meaning)}">{found[0]}</abbr>'
                texts[position] = text[:start] + mark + text[end:]
                break
    return texts


def unexplained(name: str, prose: str, code: str) -> bool:
    """Whether a text uses a name, and does not explain it where it stands first.

    An explanation is `<abbr title="...">name</abbr>`, as the author wrote it. A name in capitals,
    such as REML, is read in code too.
    """
    found = pattern(name).search(_blanked(CODE, prose))
    if found is None:
        return bool(pattern(name).flags & re.IGNORECASE == 0 and pattern(name).search(code))
    marks = EXPLAINED.finditer(prose)
    return not any(mark.start() < found.start() < mark.end() for mark in marks)


def _blanked(what: re.Pattern, text: str) -> str:
    return what.sub(lambda found: " " * len(found[0]), text)
