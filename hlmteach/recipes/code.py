"""Code in two languages, written from a template as it is read."""

from collections.abc import Sequence
from inspect import cleandoc

from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Rows


def write(
    template: str, language: str, rows: Rows | None, models: Sequence[Model], words: dict
) -> str:
    r"""Fill a template with the code of rows and models, and with values.

    Parameters
    ----------
    template : str
        Code; {rows} stands for the code of the rows, {fits} for that of all models, a model's name
        for its own, {y}, {x}, {group} for the columns, and other names for their `words`. A line
        that is nothing but a name whose text is empty is left out. Braces of the language itself
        are doubled.
    language : {"python", "r"}
    rows : Rows or None
    models : sequence of Model
    words : dict
        What else the template names.

    Examples
    --------
    >>> from hlmteach.recipes.rows import Tutorial
    >>> code, models = "{rows}\n{fits}\n{note}\nprint(model.aic)", [Model("model", verb="lmer")]
    >>> print(write(code, "python", Tutorial(), models, {"note": ""}), end="")
    data = hlm.load("HLM")
    model = hlm.lmer("Satisfaction ~ 1 + (1 | Time)", data, REML=False)
    print(model.aic)
    """
    values = dict(words)
    if rows is not None:
        fits = {model.name: getattr(model, language)(rows).rstrip("\n") for model in models}
        values |= {**rows.names, **fits, "fits": "\n".join(fits.values())}
        values["rows"] = getattr(rows, language).rstrip("\n")
    lines = [(line, line.format_map(values)) for line in cleandoc(template).splitlines()]
    return "\n".join(text for line, text in lines if text or not line) + "\n"
