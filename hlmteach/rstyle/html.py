"""A fit as a notebook shows it: tables that a screen reader can follow, without own colours."""

from html import escape

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.errors import ModelError
from hlmteach.inference.coefficients.tables import coef_table
from hlmteach.rstyle.parts import formula_text, method_text, random_text
from hlmteach.rstyle.rformat import format_numbers, p_texts, rounded, zapsmall


def html_table(rows, columns, cells, caption: str = "") -> str:
    """A table with headers for its rows and columns; `cells` holds one list of texts a column."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ["", *columns])
    body = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(f"<td>{escape(text.strip())}</td>" for text in texts)
        + "</tr>"
        for label, texts in zip(rows, zip(*cells, strict=True), strict=True)
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def fit_html(fit: Fit) -> str:
    """What the model is, its coefficients, its variances, and how well it fits."""
    parts = [_title(fit), _fixed(fit), _random(fit), _criteria(fit)]
    return f"<div>{''.join(parts)}</div>"


def _title(fit: Fit) -> str:
    kind = "Linear mixed model" if fit.frame.factors else "Linear model"
    groups = "".join(f"; {count} groups of {name}" for name, count in fit.n_groups.items())
    text = f"{formula_text(fit)}{random_text(fit)}"
    return (
        f"<p>{kind} fit by {method_text(fit)}: <code>{escape(text)}</code><br>"
        f"{fit.n_obs} rows{escape(groups)}{_caution(fit)}</p>"
    )


def _caution(fit: Fit) -> str:
    if fit.is_singular:
        return "<br>Singular: a variance is 0, or a correlation is 1 or -1."
    return "" if fit.converged else "<br>The fit did not converge."


def _fixed(fit: Fit) -> str:
    if not len(fit.fixef):
        return "<p>No fixed coefficients.</p>"
    try:
        table = coef_table(fit)
    except ModelError:  # crossed factors have no degrees of freedom by nlme's rule
        table = coef_table(fit, ddf=None)
    cells = [_cell_texts(name, table[name]) for name in table.columns]
    return html_table(list(table.index), list(table.columns), cells, "Fixed effects")


def _cell_texts(name: str, values) -> list[str]:
    if name == "p-value":
        return p_texts(list(values))
    return format_numbers(zapsmall(values), digits=7 if name == "DF" else 5)


def _random(fit: Fit) -> str:
    table = fit.varcorr
    cells = [
        table["name"].tolist(),
        format_numbers(table["variance"], 4),
        format_numbers(table["sd"], 4),
    ]
    names = ["Name", "Variance", "Std.Dev."]
    for k, name in enumerate(column for column in table if column.startswith("corr")):
        if table[name].notna().any():
            names.append("" if k else "Corr")
            cells.append(_or_blank(table[name].tolist()))
    return html_table(table["group"].tolist(), names, cells, "Random effects")


def _or_blank(values) -> list[str]:
    return ["" if np.isnan(value) else f"{rounded([value], 2)[0]:.2f}" for value in values]


def _criteria(fit: Fit) -> str:
    values = [fit.aic, fit.bic, fit.loglik]
    cells = [[text] for text in format_numbers(rounded(values, 3))]
    return html_table([method_text(fit)], ["AIC", "BIC", "logLik"], cells, "Fit")
