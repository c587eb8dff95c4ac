from html.parser import HTMLParser

import pytest

import hlmteach as hlm

data = hlm.load("HLM")


class Reader(HTMLParser):
    """Collect captions and rows, and check that every tag is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.captions, self.rows = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)
        if tag == "th":
            assert dict(attrs)["scope"] in ("row", "col")
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if "caption" in self.open:
            self.captions.append(text)
        elif "tr" in self.open:
            self.rows[-1].append(text)


MODELS = {
    "none": lambda: hlm.gls("Satisfaction ~ NPD", data),
    "slope": lambda: hlm.lme("Satisfaction ~ NPD", data, "~NPD|Time", method="ML"),
    "crossed": lambda: hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", hlm.load("Penicillin")),
    "three": lambda: hlm.lmer("Reaction ~ Days + (Days||Subject)", hlm.load("sleepstudy")),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_fit_is_three_tables(name):
    reader = Reader(MODELS[name]()._repr_html_())
    assert reader.captions == ["Fixed effects", "Random effects", "Fit"]
    assert reader.rows[1][0] == "(Intercept)"


def test_what_the_tables_say():
    html = MODELS["slope"]()._repr_html_()
    reader = Reader(html)
    assert ["NPD", "0.12322", "0.015090", "2677", "8.1657", "<.0001"] in reader.rows
    assert ["Time", "NPD", "1.526e-05", "0.003907", "1.00"] in reader.rows
    assert "Satisfaction ~ NPD + (NPD | Time)" in html
    assert "2681 rows; 3 groups of Time<br>Singular" in html
    assert "color" not in html


def test_crossed_factors_have_no_p_value():
    assert "p-value" not in MODELS["crossed"]()._repr_html_()


def test_names_are_escaped():
    rows = data.assign(Time=data["Time"].astype(str)).rename(columns={"NPD": "a<b"})
    assert "<b</th>" not in hlm.gls("Satisfaction ~ `a<b`", rows)._repr_html_()


def test_limits_are_a_table_too():
    limits = hlm.confint(hlm.lmer("Satisfaction ~ 1 + (1|Time)", data, REML=False), method="wald")
    reader = Reader(limits._repr_html_())
    assert reader.rows[0] == ["2.5 %", "97.5 %"]
    assert reader.rows[1:] == [
        [".sig01", "NA", "NA"],
        [".sigma", "NA", "NA"],
        ["(Intercept)", "5.011961", "5.173605"],
    ]
    assert type(limits.loc[["(Intercept)"]]).__name__ == "DataFrame"
