"""The course as static pages: they work from a folder, without kernel, server or network."""

import html
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from hlmteach.course.build import notebook_bytes
from hlmteach.course.cells import cell_html, code_style, markdown_writer, plain, with_anchors
from hlmteach.course.handout import CHEATSHEET
from hlmteach.course.run import complaints, execute
from hlmteach.course.source import Cell, Lesson, find_sources, read_lesson
from hlmteach.errors import HLMError

HERE = Path(__file__).parent / "page"
REGISTER = "from hlmteach.widgets.page import register\nregister()"
TITLE = "Hierarchical linear models, step by step"
SECTION = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>')


@dataclass(frozen=True)
class Page:
    """One lesson as a page: its body, and what the search finds in it."""

    lesson: Lesson
    body: str
    passages: tuple[dict, ...]

    @property
    def file(self) -> str:
        """Name of the page's file."""
        return f"{self.lesson.name}.html"

    @property
    def title(self) -> str:
        """Number and title of the lesson."""
        return f"{self.lesson.number} · {self.lesson.title}"


def write_pages(lessons, out, progress=print) -> list[Path]:
    """Run every lesson and write the course to the folder `out`; return the pages' paths.

    Parameters
    ----------
    lessons : path-like
        The folder with source/NN_topic.md.
    out : path-like
        Where the pages go; made where it is missing.

    Raises
    ------
    HLMError
        When a lesson cannot be read, warns, or stops on the way, or a package for pages is missing.
    """
    pages = list(_run_all([read_lesson(path) for path in find_sources(lessons)], progress))
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for sheet in Path(lessons).glob(CHEATSHEET):
            shutil.copy(sheet, out)
        return _write_all(out, pages)
    except OSError as error:
        raise HLMError(
            f"The pages cannot be written to {out}: {error.strerror}. Name a folder of your own."
        ) from error


def _run_all(lessons, progress):
    """Make each lesson's page, as many at a time as there are cores."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for page in pool.map(make_page, lessons):
            progress(f"ran    {page.lesson.name}")
            yield page
    finally:
        pool.shutdown(cancel_futures=True)


def make_page(lesson: Lesson) -> Page:
    """Run one lesson and lay its cells out as HTML."""
    write = markdown_writer()
    first = Cell("code", REGISTER)
    book = notebook_bytes(replace(lesson, cells=(first, *lesson.cells))).decode()
    cells, stopped = execute(book)
    wrong = [what for cell in cells for what in complaints(cell)] or [stopped]
    if any(wrong):
        raise HLMError(
            f"{lesson.name} {wrong[0].rstrip('.')}. "
            "Mend it (hlmteach lessons check), then try again."
        )
    parts = [cell_html(cell, write) for cell in cells if cell.source != REGISTER]
    prose = [cell_html(cell, write) for cell in cells if cell.cell_type == "markdown"]
    passages = _passages(with_anchors("\n".join(prose)))
    return Page(lesson, with_anchors("\n".join(parts)), tuple(passages))


def _passages(prose: str):
    """Yield each heading with the text below it."""
    _, *pieces = SECTION.split(prose)
    for _, anchor, heading, text in zip(*[iter(pieces)] * 4, strict=True):
        words = " ".join(plain(text).split())
        yield {"anchor": html.unescape(anchor), "heading": plain(heading), "text": words}


# -- a whole page ------------------------------------------------------------------------------


def _write_all(out: Path, pages: list[Page]) -> list[Path]:
    for asset in ("page.css", "page.js"):
        shutil.copyfile(HERE / asset, out / asset)
    found = [{"page": p.file, "title": p.title} | passage for p in pages for passage in p.passages]
    (out / "search.js").write_text(f"window.SEARCH = {json.dumps(found)};\n", encoding="utf-8")
    return [_write(out, pages, k) for k in range(-1, len(pages))]


def _write(out: Path, pages: list[Page], k: int) -> Path:
    path = out / ("index.html" if k < 0 else pages[k].file)
    path.write_text(_document(pages, k), encoding="utf-8", newline="\n")
    return path


def _document(pages: list[Page], k: int) -> str:
    template = (HERE / "page.html").read_text(encoding="utf-8")
    values = {
        "title": html.escape(TITLE if k < 0 else pages[k].title),
        "navigation": _navigation(pages, k),
        "body": _contents(pages) if k < 0 else pages[k].body,
        "turn": _turn(pages, k),
        "code_style": code_style(),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def _navigation(pages: list[Page], k: int) -> str:
    items = []
    for i, page in enumerate(pages):
        here = ' aria-current="page"' if i == k else ""
        below = _headings(page) if i == k else ""
        title = html.escape(page.title)
        items.append(f'<li><a href="{page.file}"{here}>{title}</a>{below}</li>')
    return f"<ol>{''.join(items)}</ol>"


def _headings(page: Page) -> str:
    found = [match for match in SECTION.finditer(page.body) if match[1] == "2"]
    places = [quote(html.unescape(match[2])) for match in found]  # a heading may hold a % sign
    inner = "".join(
        f'<li><a href="#{place}">{match[3]}</a></li>'
        for place, match in zip(places, found, strict=True)
    )
    return f"<ul>{inner}</ul>" if inner else ""


def _contents(pages: list[Page]) -> str:
    items = "".join(
        f'<li><a href="{page.file}">{html.escape(page.title)}</a>'
        f"<p>{html.escape(page.lesson.question)} "
        f'<span class="note">{page.lesson.minutes} minutes</span></p></li>'
        for page in pages
    )
    return (
        f"<h1>{TITLE}</h1><p>These pages work without a network. The pictures move; to refit a "
        "model with settings of your own, and to have exercises judged, open the same lesson as a "
        f'notebook: <code>hlmteach lab</code>.</p><ul class="contents">{items}</ul>'
    )


def _turn(pages: list[Page], k: int) -> str:
    before = pages[k - 1] if k > 0 else None
    after = pages[k + 1] if k + 1 < len(pages) else None
    links = [("prev", "Back to", before), ("next", "On to", after)]
    return "".join(
        f'<a rel="{rel}" href="{page.file}">{word} {html.escape(page.title)}</a>'
        for rel, word, page in links
        if page
    )
