"""In a real kernel: a cell that is run again leaves one widget, and Interrupt stops a stream."""

import json

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.slow

WEIGH = """
import gc, json, re
from tests.open_widgets import open_widgets
gc.collect()
with open("/proc/self/status") as file:
    kib = int(re.search(r"VmRSS:\\s+(\\d+)", file.read())[1])
print(json.dumps([len(open_widgets()), kib / 1024]))
"""


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    yield Kernel(client, manager)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


class Kernel:
    """Runs code as a notebook's cell does, and returns what it prints."""

    def __init__(self, client, manager):
        self._client, self._manager = client, manager

    def interrupt(self) -> None:
        """What a notebook's button Interrupt does."""
        self._manager.interrupt_kernel()

    def run(self, code: str, cell: str) -> str:
        """Run a cell; the front end names it in the message's metadata."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        message = self._client.session.msg("execute_request", content, metadata={"cellId": cell})
        self._client.shell_channel.send(message)
        printed = []
        while True:
            answer = self._client.get_iopub_msg(timeout=120)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, said = answer["msg_type"], answer["content"]
            assert kind != "error", "\n".join(said["traceback"])
            if kind == "stream":
                printed.append(said["text"])
            if kind == "status" and said["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=60)
                return "".join(printed)

    def weigh(self) -> tuple[int, float]:
        """How many ipywidgets there are, and MiB of memory."""
        return tuple(json.loads(self.run(WEIGH, "scales")))


@pytest.mark.parametrize(
    "code",
    [
        "hlm.widgets.RandomSlopeAnimator()",
        "shown = hlm.widgets.LiveRefit(); display(shown)",
        'display(hlm.widgets.Predict("How many?", 3, high=9))',
        'hlm.exercise("01-1")',
    ],
)
def test_thirty_runs_leave_one_widget(kernel, code):
    kernel.run("import hlmteach as hlm", "top")
    for _ in range(10):
        kernel.run(code, "cell")
    widgets, mib = kernel.weigh()
    for _ in range(20):
        kernel.run(code, "cell")
    now, then = kernel.weigh()
    assert now == widgets
    assert then - mib < 20  # each widget takes some 12
    kernel.run("pass", "cell")


def test_a_widget_that_somebody_still_has_is_not_closed(kernel):
    kernel.run("import hlmteach as hlm", "top")
    kernel.run("mine = hlm.widgets.ICCDial(); mine", "first")
    kernel.run("mine", "second")
    kernel.run("hlm.widgets.ICCDial()", "first")
    assert kernel.run("print(mine.comm is not None)", "third") == "True\n"
    before, _ = kernel.weigh()
    kernel.run("mine = None", "third")
    kernel.run("pass", "second")
    after, _ = kernel.weigh()
    assert after < before - 20  # shown nowhere now, and held by no name
    kernel.run("pass", "first")


STREAM = "widget = hlm.widgets.CoverageStream(); widget.stream(10**6); widget"
WAIT = "widget.work.wait(60); print(widget.streaming, 0 < len(widget._run) < 10**6)"


def test_the_notebooks_interrupt_stops_a_stream(kernel):
    kernel.run("import hlmteach as hlm", "top")
    for _ in range(2):
        kernel.run(STREAM, "stream")
        kernel.run("pass", "idle")
        kernel.interrupt()
        assert kernel.run(WAIT, "wait") == "False True\n"
    kernel.run("widget = None", "stream")
