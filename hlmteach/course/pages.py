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
from hlmteach.course.cells import (
    cell_html,
    code_style,
    in_notebook,
    markdown_writer,
    plain,
    with_anchors,
)
from hlmteach.course.handout import CHEATSHEET
from hlmteach.course.run import complaints, execute
from hlmteach.course.source import Cell, Lesson, find_sources, read_lesson
from hlmteach.course.template import page_of
from hlmteach.errors import HLMError

HERE = Path(__file__).parent / "page"
REGISTER = "from hlmteach.widgets.page import register\nregister({})"
TITLE = "Hierarchical linear models, step by step"
PICTURE = re.compile(r'<noscript><img src="(data:image/png;base64,[^"]+)"')
INVITATION = re.compile(r'<template class="invitation">([^<]+)</template>')
SECTION = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>')


@dataclass(frozen=True)
class Page:
    """One lesson as a page: its body, and what the search finds in it."""

    lesson: Lesson
    body: str
    passages: tuple[dict, ...]
    invitation: str = ""  # its first story as a moving picture

    @property
    def file(self) -> str:
        """Name of the page's file."""
        return f"{self.lesson.name}.html"

    @property
    def title(self) -> str:
        """Number and title of the lesson."""
        return f"{self.lesson.number} · {self.lesson.title}"


def write_pages(lessons, out, progress=print, live=False) -> list[Path]:
    """Run every lesson and write the course to the folder `out`; return the pages' paths.

    Parameters
    ----------
    lessons : path-like
        The folder with source/NN_topic.md.
    out : path-like
        Where the pages go; made where it is missing.
    live : bool
        Whether live.html stands beside them, so that each page can open its lesson there.

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
        return _write_all(out, pages, live)
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
    """Run one lesson, its checks too, and lay the cells that students see out as HTML."""
    write = markdown_writer()
    prose = "\n\n".join(cell.text for cell in lesson.cells if cell.kind == "markdown")
    first = Cell("code", REGISTER.format(repr(prose)))
    book = notebook_bytes(replace(lesson, cells=(first, *lesson.cells))).decode()
    cells, stopped = execute(book)
    wrong = [complaint for cell in cells for complaint in complaints(cell)] or [stopped]
    if any(wrong):
        raise HLMError(
            f"{lesson.name} {wrong[0].rstrip('.')}. "
            "Mend it (hlmteach lessons check), then try again."
        )
    shown = [cell for cell in cells if "check" not in cell.metadata.get("tags", ())]
    parts = [cell_html(cell, write) for cell in shown if cell.source != first.text]
    prose = [cell_html(cell, write) for cell in cells if cell.cell_type == "markdown"]
    passages = _passages(with_anchors("\n".join(prose)))
    body = in_notebook(with_anchors("\n".join(parts)))
    invitation = INVITATION.search(body)
    return Page(
        lesson, INVITATION.sub("", body), tuple(passages), invitation[1] if invitation else ""
    )


def _passages(prose: str):
    """Yield each heading with the text below it."""
    _, *pieces = SECTION.split(prose)
    for _, anchor, heading, text in zip(*[iter(pieces)] * 4, strict=True):
        words = " ".join(plain(text).split())
        yield {"anchor": html.unescape(anchor), "heading": plain(heading), "text": words}


# -- a whole page ------------------------------------------------------------------------------


def _write_all(out: Path, pages: list[Page], live: bool) -> list[Path]:
    for asset in ("page.css", "page.js"):
        shutil.copyfile(HERE / asset, out / asset)
    passages = [
        {"page": p.file, "title": p.title} | passage for p in pages for passage in p.passages
    ]
    (out / "search.js").write_text(f"window.SEARCH = {json.dumps(passages)};\n", encoding="utf-8")
    return [_write(out, pages, k, live) for k in range(-1, len(pages))]


def _write(out: Path, pages: list[Page], k: int, live: bool) -> Path:
    path = out / ("index.html" if k < 0 else pages[k].file)
    path.write_text(_document(pages, k, live), encoding="utf-8", newline="\n")
    return path


def _document(pages: list[Page], k: int, live: bool) -> str:
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return page_of(
        template,
        title=html.escape(TITLE if k < 0 else pages[k].title),
        style="page.css",
        navigation=_navigation(pages, k),
        body=_contents(pages, live) if k < 0 else _lesson_body(pages[k], live),
        turn=_turn(pages, k),
        code_style=code_style(),
    )


def _navigation(pages: list[Page], k: int) -> str:
    items = []
    for i, page in enumerate(pages):
        current = ' aria-current="page"' if i == k else ""
        below = _headings(page) if i == k else ""
        title = html.escape(page.title)
        items.append(f'<li><a href="{page.file}"{current}>{title}</a>{below}</li>')
    return f"<ol>{''.join(items)}</ol>"


def _headings(page: Page) -> str:
    matches = [match for match in SECTION.finditer(page.body) if match[1] == "2"]
    places = [quote(html.unescape(match[2])) for match in matches]  # a heading may hold a % sign
    inner = "".join(
        f'<li><a href="#{place}">{match[3]}</a></li>'
        for place, match in zip(places, matches, strict=True)
    )
    return f"<ul>{inner}</ul>" if inner else ""


LIVE = '<a class="live" href="live.html?lesson={}">Make it live</a>'
CARD = re.compile(r"(?<=\n)(?=</section>)")  # the end of a widget's card


def _lesson_body(page: Page, live: bool) -> str:
    """A lesson's text; where it can be live, with the way there on top and in every card."""
    if not live:
        return page.body
    link = LIVE.format(page.lesson.name)
    note = '<span class="note">It runs in your browser; there is nothing to install.</span>'
    return f"<p>{link} {note}</p>{CARD.sub(f'<p>{link}</p>', page.body)}"


def _contents(pages: list[Page], live: bool) -> str:
    items = "".join(
        f'<li>{_invitation(page)}<a href="{page.file}">{html.escape(page.title)}</a>'
        f"<p>{html.escape(page.lesson.question)} "
        f'<span class="note">{page.lesson.minutes} minutes</span>'
        f"{' · ' + LIVE.format(page.lesson.name) if live else ''}</p></li>"
        for page in pages
    )
    more = (
        "To refit a model with settings of your own, and to have exercises judged, make the lesson "
        "live: it then runs in your browser."
        if live
        else "To refit a model with settings of your own, and to have exercises judged, open the "
        "same lesson as a notebook: <code>hlmteach lab</code>. These pages need no network."
    )
    return f'<h1>{TITLE}</h1><p>The pictures move. {more}</p><ul class="contents">{items}</ul>'


def _invitation(page: Page) -> str:
    """The lesson's first picture, as a way to the lesson; its story is told once, in motion."""
    image = PICTURE.search(page.body)
    if not image:
        return ""
    asked = "prefers-reduced-motion: no-preference"
    moving = f'<source media="({asked})" type="image/webp" srcset="{page.invitation}">'
    picture = f'<picture>{moving if page.invitation else ""}<img alt="" src="{image[1]}"></picture>'
    return f'<a href="{page.file}" tabindex="-1" aria-hidden="true">{picture}</a>'


def _turn(pages: list[Page], k: int) -> str:
    before = pages[k - 1] if k > 0 else None
    after = pages[k + 1] if k + 1 < len(pages) else None
    links = [("prev", "Back to", before), ("next", "On to", after)]
    return "".join(
        f'<a rel="{rel}" href="{page.file}">{word} {html.escape(page.title)}</a>'
        for rel, word, page in links
        if page
    )
