"""Notebooks to hand in."""

import json

WHO = 'import hlmteach as hlm\nhlm.student("{}")'
K = 'hlm.exercise("08-1").answer = 3'
AIC = (
    'ex = hlm.exercise("08-2")\n'
    'model = hlm.lme("Satisfaction ~ 1", data=ex.data, random="~1|Time", method="ML")\n'
    "ex.answer = model.aic"
)


def book(*cells, metadata=None, ids=None):
    """A notebook of these code cells, as the text of its file."""
    made = [
        {
            "cell_type": "code",
            "id": (ids or {}).get(i, f"cell-{i}"),
            "metadata": {},
            "source": cell,
            "outputs": [],
            "execution_count": None,
        }
        for i, cell in enumerate(cells)
    ]
    values = {"cells": made, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(values)


def honest(who, *more):
    """The notebook of a student who got both exercises right."""
    return book(WHO.format(who), K, AIC, *more)
