"""A cell of a lesson as HTML: prose with MathML, code in colours, what it printed or showed."""

import html
import json
import re

from hlmteach.errors import HLMError

FOLDED = {"curious": "For the curious", "solution": "A worked answer"}
HEADING = re.compile(r"<h([1-3])>(.*?)</h\1>")
TAG = re.compile(r"<[^>]+>")
ASKS = re.compile(
    r"\b(press|pull|drag|choose|set|move|turn|tick|type|click|take|keep|load|open|add|try|"
    r"start from)\b",
    re.IGNORECASE,
)
HANDS = re.compile(r"(pull|drag) the ", re.IGNORECASE)  # what is pulled in the picture itself
KEYS = {"Check", "Shift + Enter", "Run"}  # of the notebook
ELSEWHERE = ' <span class="note">(in the notebook)</span>'


def cell_html(cell, write) -> str:
    """Return a cell that ran as HTML; `write` is what `markdown_writer` returns."""
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
    lines = lines.replace('class="si"', 'class="s2"')  # "5 % of" is no old format string
    return f'<pre class="code"><code>{lines}</code></pre>'


def markdown_writer():
    """Return a function from Markdown with $math$ to HTML with MathML, which needs no script."""
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
    return re.sub(r'href="((?:\d\d|A)_[a-z0-9_]+)\.ipynb', r'href="\1.html', text)


def with_anchors(body: str) -> str:
    """Give every heading the anchor that JupyterLab gives it."""

    def anchored(match):
        words = plain(match[2]).replace(" ", "-")
        return f'<h{match[1]} id="{html.escape(words, quote=True)}">{match[2]}</h{match[1]}>'

    return HEADING.sub(anchored, body)


def in_notebook(body: str) -> str:
    """Where the text asks for a control that no card of the page has, say where there is one."""
    has, lacks = (
        {name for found in re.findall(rf'data-{kind}="([^"]*)"', body) for name in _listed(found)}
        for kind in ("has", "lacks")
    )
    missing = (lacks | KEYS) - has

    def passage(match):
        asks = ASKS.search(plain(match[0]))

        def told(bold):
            words = plain(bold[0])
            is_missing = words in missing and (asks or ": " in words)
            return bold[0] + ELSEWHERE if is_missing or HANDS.match(words) else bold[0]

        return re.sub(r"<strong>[^<]*</strong>", told, match[0])

    return re.sub(r"<(p|li|td|div)>.*?</\1>", passage, body, flags=re.DOTALL)


def _listed(found: str) -> list[str]:
    return json.loads(html.unescape(found))


def plain(text: str) -> str:
    """Return what is read of a piece of HTML."""
    return html.unescape(TAG.sub("", text)).strip()


def code_style() -> str:
    """Return the colours of code, for light pages and dark ones."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
