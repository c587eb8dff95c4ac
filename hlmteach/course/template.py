"""Pages from templates: one head for all, and names in double braces that are filled in."""

import re
from pathlib import Path

HEAD = (Path(__file__).parent / "page" / "head.html").read_text(encoding="utf-8")


def page_of(template: str, **values: str) -> str:
    """Write a page: the head with `title` and `style`, then the template, both filled.

    Examples
    --------
    >>> page_of("</head><body>{{text}}</body>", title="A page", style="a.css", text="Hello")[-25:]
    '</head><body>Hello</body>'
    """
    return re.sub(r"\{\{(\w+)\}\}", lambda name: values[name[1]], HEAD + template)
