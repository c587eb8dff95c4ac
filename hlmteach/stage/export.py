"""A stage as a piece of HTML that plays without kernel, widget manager or network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path

HERE = Path(__file__).parent
# As text: for a path anywidget would watch the file, and keep every widget that was ever made.
SCRIPT = (HERE / "stage.js").read_text(encoding="utf-8")
STYLE = (HERE / "stage.css").read_text(encoding="utf-8")


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
