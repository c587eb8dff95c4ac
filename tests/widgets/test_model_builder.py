"""ModelBuilder: columns chosen, models compared, files read, code and report written."""

import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.errors import DataError, HLMError

SCORES = b"score;hours;class\n3,5;2;a\n4;3;a\n2;2;b\n3;1;b\n5;4;c\n4;3;c\n"


@pytest.fixture
def widget():
    widget = hlm.widgets.ModelBuilder()
    yield widget
    widget.close()


def test_begins_with_the_tutorials_model_3(widget):
    assert f"{widget.results['aic']:.2f}" == "6468.46"
    assert f"{widget.results['b NPD']:.6f}" == "0.122980"
    assert f"{widget.results['sd Time, (Intercept)']:.5f}" == "0.07412"


def test_a_random_slope_is_the_engines(widget):
    widget.set(**widget.presets["sleep"])
    fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"), REML=False)
    assert widget.results["aic"] == pytest.approx(fit.aic, abs=1e-6)
    assert len(widget.view.u.get_offsets()) == 18
    per_sd = fit.fixef["Days"] * hlm.load("sleepstudy")["Days"].std(ddof=0)
    assert widget.view.slopes.get_offsets()[0, 0] == pytest.approx(per_sd, abs=1e-6)


def test_kept_models_are_tested_against_the_one_before(widget):
    for predictors in ((), ("NPD",), ("NPD", "BPD")):
        widget.set(predictors=predictors, product=len(predictors) > 1)
        widget.keep()
        widget.keep()  # the same again is not kept twice
    assert len(widget.kept) == 3
    for printed in ("6533.549", "6468.460", "6425.735", "67.089", "46.726", "&lt; .001"):
        assert printed in widget.models.value
    widget.forget()
    assert "Nothing kept" in widget.models.value


def test_models_of_other_rows_are_not_compared(widget):
    widget.keep()
    widget.set(data="sleepstudy", predictors=("Days",), group="Subject")
    widget.keep()
    assert "cannot be compared" in widget.models.value


def test_no_group_is_an_ordinary_regression(widget):
    widget.set(group="(none)")
    fit = hlm.gls("Satisfaction ~ NPD", hlm.load("HLM"), method="ML")
    assert widget.results["b NPD"] == pytest.approx(fit.fixef["NPD"])
    assert widget.view.note.get_text() == "no groups in this model"


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"predictors": ("Satisfaction",)}, "explain itself"),
        ({"predictors": ("Time",)}, "not both"),
    ],
)
def test_a_choice_that_makes_no_sense_is_named(widget, choice, words):
    widget.set(**choice)
    assert words in widget.message.value
    assert widget.results == {}
    with pytest.raises(HLMError, match="no fitted model"):
        widget.report_html()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "dta", "sav"])
def test_files_of_every_kind(widget, kind, tmp_path):
    data = pd.DataFrame({"score": [3.5, 4, 2, 3, 5, 4], "room": list("aabbcc")})
    path = tmp_path / f"mine.{kind}"
    if kind == "sav":
        import pyreadstat

        pyreadstat.write_sav(data, path)
    else:
        write = {"csv": data.to_csv, "xlsx": data.to_excel}.get(kind)
        if write:
            write(path, index=False)
        else:
            data.to_stata(path, write_index=False)
    widget.read(path.name, path.read_bytes())
    assert widget.state["outcome"] == "score"
    assert "room" in widget.controls["group"].options
    widget.set(group="room")
    assert widget.results["n"] == 6
    assert f'hlm.read_table("mine.{kind}")' in widget.code()


def test_a_european_csv(widget):
    widget.read("mine.csv", SCORES)
    widget.set(predictors=("hours",), group="class")
    assert widget.results["b hours"] > 0


def test_a_bad_file_is_explained_on_the_widget(widget):
    widget.upload._on_upload({"new": [{"name": "x.csv", "content": memoryview(b"")}]})
    assert "role=" in widget.message.value


def test_a_table_without_numbers_is_refused(widget):
    with pytest.raises(DataError, match="No column of this table holds numbers"):
        widget.use(pd.DataFrame({"a": ["x", "y"]}))


def test_a_dataframe_of_ones_own():
    data = hlm.simulate_groups(6, 5, seed=1)
    widget = hlm.widgets.ModelBuilder(data=data)
    widget.set(outcome="y", predictors=("x",), group="group")
    fit = hlm.lmer("y ~ x + (1 | group)", data, REML=False)
    assert widget.results["b x"] == pytest.approx(fit.fixef["x"], abs=1e-6)
    widget.close()


def test_the_code_is_for_four_packages(widget):
    widget.set(**widget.presets["sleep"])
    assert 'smf.mixedlm("Reaction ~ Days", data, groups="Subject"' in widget.code("statsmodels")
    r = widget.code("r")
    assert "random = ~Days|Subject" in r
    assert "lmer(Reaction ~ Days + (Days | Subject), data = data, REML = FALSE)" in r


def test_the_report_is_a_page_of_its_own(widget, tmp_path):
    widget.keep()
    page = widget.save_report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Satisfaction ~ NPD + (1 | Time)" in page
    assert "data:image/png;base64," in page
    assert "lmer(" in page
    assert "http" not in page
    assert "<table>" in page
