"""Rows and models: what they compute, and that their Python computes the same."""

import threading

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.recipes.chosen import rows_of
from hlmteach.recipes.code import write
from hlmteach.recipes.kept import Kept
from hlmteach.recipes.models import FITS, Model
from hlmteach.recipes.names import (
    Root,
    formula_name,
    python_string,
    r_name,
    r_number,
    statsmodels_name,
)
from hlmteach.recipes.rows import Tutorial
from hlmteach.recipes.simulated import Simulated

ROWS = {
    "tutorial": Tutorial(),
    "moved": Tutorial(shifts=(0.2, 0.0, -0.1), spread=0.5),
    "turned": Tutorial(tilts=(0.0, 0.1, -0.1)),
    "few": Tutorial(kept=10, seed=3, shifts=(0.0, 0.5, 0.0)),
    "simulated": Simulated(groups=4, size=5, beta=(5.0, 0.5), sd_u=0.3, seed=2),
    "without x": Simulated(groups=4, size=5, beta=2.0, sd_u=Root(0.3), sigma=Root(0.7), seed=2),
    "unequal": Simulated(
        groups=3,
        size=(2, 5, 4),
        beta=(1.0, 2.0),
        seed=2,
        call="{groups}, {size}, beta={beta}, seed={seed}",
    ),
    "slopes": Simulated(
        groups=4,
        size=5,
        beta=(1.0, 2.0),
        sd_u=(0.4, 0.2),
        rho=0.5,
        x_mean=3.0,
        x_sd=(1.0, 0.5),
        slope_between=-1.0,
        call="{groups}, {size}, beta={beta}, sd_u={sd_u}, rho={rho}, x_mean={x_mean}, "
        "x_sd={x_sd}, slope_between={slope_between}, seed={seed}",
    ),
}
each_rows = pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
MODELS = {
    "gls": Model("model", "{x}", ""),
    "intercepts": Model("model"),
    "slopes": Model("model", "{x}", "{x}", "REML"),
    "lmer": Model("model", "{x}", "1", "ML", "lmer"),
    "wrapped": Model("model", "{x}", "1", wrapped=True),
}


def run(code: str) -> dict:
    names = {"hlm": hlm}
    exec(compile(code, "<recipe>", "exec"), names)
    return names


@each_rows
def test_the_python_of_rows_makes_them(rows):
    data = run(rows.python)["data"]
    assert data[rows.y].to_numpy() == pytest.approx(rows.outcome, abs=1e-12)
    assert data[rows.y].to_numpy() == pytest.approx(rows.table[rows.y].to_numpy(), abs=1e-12)
    if rows.x in rows.table:
        assert data[rows.x].to_numpy() == pytest.approx(rows.predictor)
    factor = data[rows.group].astype("category").cat
    assert factor.codes.tolist() == rows.codes.tolist()
    assert tuple(map(str, factor.categories)) == rows.levels


@each_rows
def test_a_design_differs_in_its_outcome_alone(rows):
    design = rows.design
    assert design.design == design
    assert hash(design) == hash(rows.design)
    assert design.codes.tolist() == rows.codes.tolist()
    if rows.python != design.python and getattr(rows, "has_x", True):
        assert design.predictor == pytest.approx(rows.predictor)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("name", ["moved", "slopes"])
def test_the_python_of_a_model_fits_it(model, name):
    rows = ROWS[name]
    theirs = run(rows.python + model.python(rows))["model"]
    ours = model.fit(rows)
    assert ours.loglik == pytest.approx(theirs.loglik, abs=1e-8)
    assert ours.fixef.to_numpy() == pytest.approx(theirs.fixef.to_numpy(), rel=1e-6)
    assert (ours.verb, ours.reml) == (theirs.verb, theirs.reml)


def test_a_design_is_fitted_once_and_refitted(monkeypatch):
    model = Model("model", "{x}")
    model.fit(Tutorial())
    monkeypatch.setattr("hlmteach.recipes.models.fit_model", None)
    moved = Model("another name", "{x}").fit(Tutorial(shifts=(0.1, 0.0, 0.0)))
    table = Tutorial(shifts=(0.1, 0.0, 0.0)).table
    again = hlm.lme("Satisfaction ~ NPD", table, random="~1|Time", method="ML")
    assert moved.loglik == pytest.approx(again.loglik, abs=1e-9)


def test_fits_do_not_depend_on_what_was_fitted_before():
    first, second = (
        Simulated(groups=5, size=6, beta=(1.0, 0.5), sd_u=sd, seed=9) for sd in (0.0, 0.9)
    )
    model = Model("model", "{x}")
    alone = model.fit(second)
    FITS.once("room for others", lambda: alone)
    model.fit(first)
    assert model.fit(second).loglik == alone.loglik


def test_the_controls_of_the_tutorials_rows():
    state = {"source": "tutorial", "seed": 4, "shift_2": 0.2, "tilt_3": 0.1, "kept": 5}
    wanted = Tutorial(kept=5, seed=4, shifts=(0.0, 0.2, 0.0), tilts=(0.0, 0.0, 0.1))
    assert rows_of(state) == wanted
    assert rows_of({"source": "tutorial", "seed": 4}) == Tutorial()


# -- what is kept --------------------------------------------------------------------------------


def test_what_is_kept_is_bounded_and_the_oldest_goes():
    kept = Kept(many=2)
    kept.once("a", lambda: "A")
    kept.once("b", lambda: "B")
    kept.once("a", lambda: 1 / 0)
    kept.once("c", lambda: "C")
    assert len(kept) == 2
    assert kept.once("b", lambda: "B again") == "B again"


def test_large_things_leave_little_room():
    kept = Kept(many=9, room=10, size=len)
    kept.once("a", lambda: "x" * 6)
    kept.once("b", lambda: "x" * 6)
    assert len(kept) == 1
    kept.once("c", lambda: "x" * 60)
    assert len(kept) == 1
    assert kept.once("c", lambda: "") == "x" * 60


def test_many_threads_get_the_same_thing():
    kept, found, started = Kept(many=4), [], threading.Barrier(8)

    def ask():
        started.wait()
        for key in range(40):
            found.append((key % 6, kept.once(key % 6, lambda key=key: [key % 6])[0]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 320
    assert all(key == value for key, value in found)
    assert len(kept) <= 4


# -- names ---------------------------------------------------------------------------------------

ODD = ["a b", "a.b", "class", "it's", 'so "so"', "_a", "1st", "NA", "é", "a\\b", "x:y", "x + y"]


@pytest.mark.parametrize("name", [*ODD, "NPD"])
def test_any_column_can_stand_in_a_formula_and_in_python(name):
    data = hlm.simulate_groups(4, 6, beta=(1.0, 2.0), seed=1).rename(columns={"x": name})
    fit = hlm.gls(f"y ~ {formula_name(name)}", data)
    assert fit.fixef.index[1] == name
    code = f"column = data[{python_string(name)}]"
    assert run_with(code, data)["column"].equals(data[name])


def run_with(code, data):
    names = {"data": data}
    exec(code, names)
    return names


@pytest.mark.parametrize("name", [*ODD, "NPD"])
def test_any_column_can_stand_in_a_formula_of_statsmodels(name):
    smf = pytest.importorskip("statsmodels.formula.api")
    data = hlm.simulate_groups(4, 6, beta=(1.0, 2.0), seed=1)
    wanted = smf.ols("y ~ x", data).fit().params.iloc[1]
    odd = smf.ols(f"y ~ {statsmodels_name(name)}", data.rename(columns={"x": name})).fit()
    assert odd.params.iloc[1] == pytest.approx(wanted)


def test_names_and_numbers_of_r():
    assert [r_name(n) for n in ("NPD", "a.b", ".a", ".1a", "_a", "TRUE", "a`b", "é")] == [
        "NPD",
        "a.b",
        ".a",
        "`.1a`",
        "`_a`",
        "`TRUE`",
        r"`a\`b`",
        "`é`",
    ]
    assert [r_number(x) for x in (0.1 + 0.2, 7.0, Root(0.25))] == ["0.3", "7", "sqrt(0.25)"]


def test_a_root_is_the_root():
    assert Root(0.3) == 0.3**0.5
    assert run(f"x = {Root(0.3)}")["x"] == Root(0.3)
    assert np.float64(Root(0.3)) * 2 == 2 * 0.3**0.5


# -- code ----------------------------------------------------------------------------------------


def test_a_template_is_filled_and_empty_lines_are_left_out():
    template = """
        {note}
        {rows}

        {fits}
        {{AIC}}({at:g})
    """
    models = [Model("small", effects=""), Model("large")]
    text = write(template, "r", Tutorial(), models, {"note": "", "at": 0.5})
    assert text.splitlines() == [
        'data <- foreign::read.spss("HLM.sav", to.data.frame = TRUE)',
        "",
        'small <- gls(Satisfaction ~ 1, data = data, method = "ML")',
        'large <- lme(Satisfaction ~ 1, data = data, random = ~1|Time, method = "ML")',
        "{AIC}(0.5)",
    ]


def test_a_word_that_a_template_lacks_is_an_error():
    with pytest.raises(KeyError, match="seeed"):
        write("{seeed}", "r", Tutorial(), [], {"seed": 1})
