"""A file of one's own, in ModelBuilder in a JupyterLab: asked by buttons, said by controls."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INCOMES = "school;income\n" + "".join(f"{'abc'[i % 3]};{i}.{i}00\n" for i in range(1, 10))
CODES = "id,x\n" + "".join(f"{code},{i}\n" for code in ("007", "7", "8") for i in range(4))


@pytest.fixture
def builder(lab_page):
    lab = lab_page(
        lab_page.write("mine.ipynb", "import hlmteach as hlm\nhlm.widgets.ModelBuilder()")
    )
    expect.set_options(timeout=PATIENCE)
    widget = lab.page.locator(".jp-OutputArea-output .hlm-widget").first
    widget.get_by_text("More: how it is fitted").click()

    def give(name, text):
        with lab.page.expect_file_chooser() as chooser:
            widget.get_by_role("button", name="Your file").click()
        file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
        chooser.value.set_files(file)

    widget.give = give
    yield widget
    assert lab.errors == []


def test_what_a_file_leaves_open_is_asked_and_said(builder):
    status = builder.locator(".stage-status")
    builder.give("incomes.csv", INCOMES)
    expect(builder.get_by_role("alert")).to_contain_text("or does it mark thousands?")
    builder.get_by_role("button", name="It marks thousands").click()
    expect(status).to_contain_text("income ~ 1 + (1 | school)")
    expect(builder.locator(".hlm-readout")).to_contain_text("+5500.0")
    expect(builder.get_by_role("alert")).to_have_count(0)
    expect(builder.get_by_label("decimal sign")).to_have_value(re.compile(","))

    builder.give("codes.csv", CODES)
    expect(builder.get_by_text("If these are codes, say 'columns of words: id'")).to_be_visible()
    expect(status).to_contain_text("x ~ 1 + (1 | id)")
    builder.get_by_text("Show the code").click()
    expect(builder.locator(".hlm-code")).to_contain_text('read_table("codes.csv")')
    words = builder.get_by_label("columns of words")
    words.fill("id")
    words.press("Enter")
    expect(builder.locator(".hlm-code").first).to_contain_text('"codes.csv", text=["id"]')
