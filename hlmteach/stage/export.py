"""A stage as a piece of HTML that plays without kernel, widget manager or network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path

BROWSER = Path(__file__).parent / "browser"
PARTS = (
    "page",
    "keys",
    "state",
    "colour",
    "tween",
    "path",
    "paint",
    "picture",
    "keep",
    "reel",
    "player",
    "hands",
    "view",
    "saved",
    "host",
    "alone",
)


def _text(name: str) -> str:
    return (BROWSER / name).read_text(encoding="utf-8")


SHARED = "\n".join(map(_text, ("keys.js", "saved.js")))  # of use to other widgets too
# As text: for a path anywidget would watch the file, and keep every widget that was ever made.
SCRIPT = "\n".join(_text(f"{part}.js") for part in PARTS)
STYLE = _text("stage.css")


def to_html(traits: dict, png: bytes) -> str:
    """Write the fragment: the traits inlined, the script that reads them, a PNG without scripts."""
    data = json.dumps(traits, default=_encode, separators=(",", ":")).replace("</", "<\\/")
    key = hashlib.sha256(data.encode()).hexdigest()[:16]
    source = f"data:image/png;base64,{_base64(png)}"
    alt = html.escape(traits["alt"], quote=True)
    return (
        f'<div data-stage="{key}">'
        f'<noscript><img src="{source}" alt="{alt}" style="max-width:100%"></noscript>'
        f'<script type="application/json">{data}</script></div>\n'
        f"<style>{STYLE}</style>\n"
        f'<script type="module">{SCRIPT}\n'
        f'mountAll("{key}");</script>\n'
    )


def _encode(value):
    if isinstance(value, bytes):
        return {"base64": _base64(value)}
    raise TypeError(f"cannot write {type(value).__name__} into a page")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
