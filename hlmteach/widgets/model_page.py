"""The pages of the ModelBuilder: kept models in one table, and a report of the present one."""

import html
from base64 import b64encode

import pandas as pd

from hlmteach.errors import HLMError
from hlmteach.inference.comparison.compare import compare
from hlmteach.rstyle.html import fit_html, html_table

NEVER_KEPT = "Nothing kept yet: press Keep this model, change it, and compare."
STYLE = (
    "body{font-family:sans-serif;max-width:52em;margin:2em auto}td,th{padding:3px "
    "10px;text-align:right}pre{background:#f4f4f4;padding:8px;overflow:auto}"
)


def models_html(kept, now) -> str:
    """Write the kept models in one table, each tested against the one before it.

    Kept models that cannot be compared are said to be so, and the present one stands alone.
    """
    fits, note = kept, ""
    if not fits:
        return f"<p>{NEVER_KEPT}</p>"
    try:
        table = compare([found.fit for found in fits], [found.formula for found in fits])
    except HLMError as error:
        fits = [now]
        table = compare([now.fit], [now.formula])
        note = f"<p>The kept models cannot be compared: {html.escape(str(error))}</p>"
    cells = [[_cell(name, value) for value in table[name]] for name in table][1:]
    names = [found.formula for found in fits]
    return note + html_table(names, list(table)[1:], cells, "Models, each against the one before")


def report_page(found, picture: bytes, alt: str, models: str, code: dict[str, str]) -> str:
    """Write a page: the printout, the picture (PNG) with its words, the table of models, code."""
    encoded = b64encode(picture).decode("ascii")
    blocks = "".join(
        f"<h2>{name}</h2><pre>{html.escape(code[key])}</pre>"
        for name, key in (("Python", "python"), ("R", "r"))
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Model report</title>'
        f"<style>{STYLE}</style></head>"
        f"<body><h1>{html.escape(found.formula)}</h1>{fit_html(found.fit)}"
        f'<img alt="{html.escape(alt, quote=True)}" style="max-width:100%" '
        f'src="data:image/png;base64,{encoded}"><h2>Models kept</h2>{models}'
        f"{blocks}</body></html>"
    )


def _cell(column: str, value) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if column.startswith("p-"):
        return "< .001" if value < 0.001 else f"{value:.3f}"
    return f"{value:.0f}" if column == "df" else f"{value:.3f}"
