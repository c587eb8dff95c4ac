"""The course as static pages: they work from a folder, without kernel, server or network."""

import html
import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from hlmteach.course.build import notebook_bytes
from hlmteach.course.run import execute
from hlmteach.course.source import Cell, Lesson, find_sources, read_lesson
from hlmteach.errors import HLMError

HERE = Path(__file__).parent / "page"
REGISTER = "from hlmteach.widgets.page import register\nregister()"
FOLDED = {"check": "A check of the numbers above", "solution": "A worked answer"}
TITLE = "Hierarchical linear models, step by step"


@dataclass(frozen=True)
class Page:
    """One lesson as a page: its body, and its plain text for the search."""

    name: str
    title: str
    body: str
    headings: tuple[tuple[str, str], ...]
    text: str


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
        When a lesson cannot be read or stops on the way, or a package for pages is missing.
    """
    sources = [read_lesson(path) for path in find_sources(lessons)]
    pages = []
    for lesson in sources:
        pages.append(make_page(lesson))
        progress(f"ran    {lesson.name}")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for asset in ("page.css", "page.js"):
        shutil.copyfile(HERE / asset, out / asset)
    index = json.dumps([{"page": p.name, "title": p.title, "text": p.text} for p in pages])
    (out / "search.js").write_text(f"window.SEARCH = {index};\n", encoding="utf-8")
    return [_write(out, pages, k) for k in range(-1, len(pages))]


def make_page(lesson: Lesson) -> Page:
    """Run one lesson and lay its cells out as HTML."""
    first = Cell("code", REGISTER)
    cells, stopped = execute(notebook_bytes(_with(lesson, first)).decode())
    if stopped:
        raise HLMError(
            f"{lesson.name} {stopped}. Mend it (hlmteach lessons check), then try again."
        )
    write = _markdown()
    parts = [_cell_html(cell, write) for cell in cells if cell.source != REGISTER]
    body = _number_headings("\n".join(parts))
    headings = re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', body)
    prose = " ".join(c.source for c in cells if c.cell_type == "markdown")
    return Page(lesson.name, f"{lesson.number} · {lesson.title}", body, tuple(headings), prose)


def _with(lesson: Lesson, first: Cell) -> Lesson:
    return replace(lesson, cells=(first, *lesson.cells))


# -- cells -------------------------------------------------------------------------------------


def _cell_html(cell, write) -> str:
    if cell.cell_type == "markdown":
        return _page_links(write(cell.source))
    tags = set(cell.metadata.get("tags", ()))
    code = "" if "remove-input" in tags else _code_html(cell.source)
    inner = code + "".join(_output_html(output, write) for output in cell.outputs)
    for tag, label in FOLDED.items():
        if tag in tags:
            return f"<details><summary>{label}</summary>{inner}</details>"
    return f'<div class="cell">{inner}</div>'


def _output_html(output, write) -> str:
    if output.output_type == "stream":
        return f"<pre class='out'>{html.escape(output.text)}</pre>"
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="out">{data["text/html"]}</div>'
    if "text/markdown" in data:
        return f'<div class="out">{write(data["text/markdown"])}</div>'
    if "image/png" in data:
        alt = html.escape(data.get("text/plain", ""), quote=True)
        return f'<img class="out" alt="{alt}" src="data:image/png;base64,{data["image/png"]}">'
    return f"<pre class='out'>{html.escape(data.get('text/plain', ''))}</pre>"


def _code_html(source: str, language: str = "python") -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    lines = highlight(source, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code>{lines}</code></pre>'


def _markdown():
    """A function from Markdown with $math$ to HTML with MathML, which needs no script."""
    try:
        from latex2mathml.converter import convert
        from markdown_it import MarkdownIt
        from mdit_py_plugins.dollarmath import dollarmath_plugin
    except ImportError as error:
        raise HLMError(
            f"Writing pages needs {error.name}, which is not installed. "
            "Mend it with: pip install 'hlmteach[pages]'"
        ) from None

    def math(text, options):
        return convert(text, display="block" if options.get("display_mode") else "inline")

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.options["highlight"] = lambda text, language, _attrs: _code_html(text, language)
    reader.use(dollarmath_plugin, renderer=math, double_inline=True)
    return reader.render


def _page_links(text: str) -> str:
    """Lessons link to notebooks; here to pages, whose anchors are made from the same words."""
    return re.sub(r'href="(\d\d_[a-z0-9_]+)\.ipynb', r'href="\1.html', text)


def _number_headings(body: str) -> str:
    def anchored(match):
        words = re.sub(r"<[^>]+>", "", html.unescape(match[2])).strip().replace(" ", "-")
        return f'<h{match[1]} id="{html.escape(words, quote=True)}">{match[2]}</h{match[1]}>'

    return re.sub(r"<h([1-3])>(.*?)</h\1>", anchored, body)


# -- a whole page ------------------------------------------------------------------------------


def _write(out: Path, pages: list[Page], k: int) -> Path:
    path = out / ("index.html" if k < 0 else f"{pages[k].name}.html")
    path.write_text(_document(pages, k), encoding="utf-8", newline="\n")
    return path


def _document(pages: list[Page], k: int) -> str:
    title = TITLE if k < 0 else pages[k].title
    body = _contents(pages) if k < 0 else pages[k].body
    template = (HERE / "page.html").read_text(encoding="utf-8")
    values = {
        "title": html.escape(title),
        "navigation": _navigation(pages, k),
        "body": body,
        "turn": _turn(pages, k),
        "code_style": _code_style(),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def _navigation(pages: list[Page], k: int) -> str:
    items = []
    for i, page in enumerate(pages):
        here = ' aria-current="page"' if i == k else ""
        inner = "".join(
            f'<li><a href="#{anchor}">{name}</a></li>' for anchor, name in page.headings
        )
        below = f"<ul>{inner}</ul>" if i == k and inner else ""
        title = html.escape(page.title)
        items.append(f'<li><a href="{page.name}.html"{here}>{title}</a>{below}</li>')
    return f"<ol>{''.join(items)}</ol>"


def _contents(pages: list[Page]) -> str:
    items = "".join(
        f'<li><a href="{page.name}.html">{html.escape(page.title)}</a></li>' for page in pages
    )
    return (
        f"<h1>{TITLE}</h1><p>These pages work without a network. The pictures move; to refit a "
        "model with settings of your own, open the same lesson as a notebook.</p>"
        f'<ul class="contents">{items}</ul>'
    )


def _turn(pages: list[Page], k: int) -> str:
    before = pages[k - 1] if k > 0 else None
    after = pages[k + 1] if k + 1 < len(pages) else None
    links = [("prev", "Back to", before), ("next", "On to", after)]
    return "".join(
        f'<a rel="{rel}" href="{page.name}.html">{word} {html.escape(page.title)}</a>'
        for rel, word, page in links
        if page
    )


def _code_style() -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
