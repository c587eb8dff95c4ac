"""LiveRefit in JupyterLab: a group's mean pulled by the arrow keys refits the models."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOW = "import hlmteach as hlm\nwidget = hlm.widgets.LiveRefit('opposite')\nwidget"
READ = "print('moved:', widget.state['pulled'], widget.results['within'])"


def test_a_group_mean_is_pulled_by_keys(show_cells):
    lab = show_cells(SHOW)
    knob = lab.page.locator(".stage-knob[aria-label^='group means']")
    knob.focus()
    before = lab.page.locator(".stage-status").inner_text()
    for _ in range(5):
        lab.page.keyboard.press("ArrowUp")
    status = lab.page.locator(".stage-status")
    lab.page.wait_for_function(
        "before => document.querySelector('.stage-status').innerText !== before", arg=before
    )
    lab.add_cell(READ)
    output = lab.page.locator(".jp-OutputArea-output", has_text="moved: ")
    output.wait_for()
    assert "0.3141" in output.inner_text()  # the slope within groups has not changed
    assert status.inner_text() != before
    assert lab.errors == []
