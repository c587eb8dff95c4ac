"""What each widget costs its kernel: to make, for a change of a control, for a thousand changes.

Messages from the browser are handed to the controls as a kernel would; what a widget answers is
serialised as for the wire, and counted. No browser runs.

    python benchmarks/widgets.py [--changes 30] [--only "LiveRefit;SimpleSlopes"] [--all-controls]

All times are processor time, so that other work on the machine counts little. Columns: seconds to
make the widget, imports done; ms from a control's message to the last answer (median and p95) and
KiB, for the slider that takes longest; the median ms of the other controls, least to most; ms and
KiB of the animation, recorded when nobody has changed anything for a while.
"""
# ruff: noqa: E402

import argparse
import itertools
import resource
import statistics
import subprocess
import sys
import time

import _timing  # noqa: F401 (sets the thread count before numpy comes)
import comm
from jupyter_client.session import Session

MADE = 3  # times each widget is made; the median counts


class Wire(comm.base_comm.BaseComm):
    """A comm whose messages are serialised and counted, and go nowhere."""

    session = Session(key=b"benchmark")
    sent = 0
    messages = 0

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        """Serialise as ipykernel does."""
        content = {"data": data or {}, "comm_id": self.comm_id, **keys}
        message = self.session.msg(msg_type, content=content, metadata=metadata)
        parts = self.session.serialize(message)
        Wire.sent += sum(map(len, parts)) + sum(memoryview(b).nbytes for b in buffers or ())
        Wire.messages += 1


comm.create_comm = Wire

import ipywidgets as ipw

import hlmteach as hlm
from hlmteach.widgets import HOMES, base

base.PAUSE = 600  # the animation is timed by itself

DRAGGED = (ipw.FloatSlider, ipw.IntSlider, ipw.SelectionSlider)
STREAMS = ("CoverageStream", "ClusterMaker", "BoundaryTest")
PICTURES = [name for name in HOMES if name != "Predict"]


def main():
    options = read_options()
    if options.imports:
        print_imports()
    kinds = [getattr(hlm.widgets, name) for name in options.only]
    print_head()
    for kind in kinds:
        print_row(measure(kind, options), options)
    print_streams([name for name in options.only if name in STREAMS])


def measure(kind, options) -> dict:
    """One widget: made, moved by each control that matters, and told its story."""
    made = [seconds(lambda: kind().close()) for _ in range(MADE)]
    controls, story = {}, None
    for preset in kind.presets:
        widget = look_at(kind(preset))
        try:
            for control in sorted(set(widget.shown(widget.state)) - set(controls)):
                values = values_of(widget.controls[control])
                if len(values) > 1:
                    controls[control] = drive(widget, control, values, options.changes)
            story = story or tell(widget)
        finally:
            widget.close()
    return {
        "name": kind.__name__,
        "made": statistics.median(made),
        "controls": controls,
        "story": story,
    }


def look_at(widget):
    """Open the widget in a page: its stage says hello."""
    hello = {"type": "hello", "version": widget.stage._version}
    message = {"content": {"data": {"method": "custom", "content": hello}}, "buffers": []}
    widget.stage._handle_msg(message)
    return widget


def drive(widget, name, values, changes) -> dict:
    """Walk a control over its values, as the browser would; ms and KiB of each change."""
    control, start = widget.controls[name], widget.controls[name].value
    walk = itertools.cycle([*values, *values[-2:0:-1]])
    times, sent = [], []
    for _ in range(changes + 3):
        before = Wire.sent
        times.append(1e3 * seconds(lambda: hear(control, next(walk))))
        sent.append((Wire.sent - before) / 1024)
    widget.set(**{name: start})
    return {
        "dragged": isinstance(control, DRAGGED),
        "ms": statistics.median(times[3:]),
        "p95": sorted(times[3:])[int(0.95 * (changes - 1))],
        "kib": statistics.median(sent[3:]),
    }


def hear(control, state) -> None:
    """Hand a control the message that the browser sends when somebody moves it."""
    content = {"data": {"method": "update", "state": state, "buffer_paths": []}}
    control._handle_msg({"content": content, "buffers": []})


def values_of(control) -> list[dict]:
    """The states that somebody may put a control into, one after the other."""
    if isinstance(control, ipw.FloatSlider | ipw.IntSlider):
        count = round((control.max - control.min) / control.step) + 1
        first = round((control.value - control.min) / control.step)
        places = [(first + k) % count for k in range(min(count, 16))]
        return [{"value": round(control.min + control.step * p, 10)} for p in places]
    if isinstance(control, ipw.SelectMultiple):
        return [{"index": [k]} for k in range(len(control.options))]
    if hasattr(control, "options"):
        return [{"index": k} for k in range(len(control.options))]
    if isinstance(control, ipw.Checkbox):
        return [{"value": not control.value}, {"value": control.value}]
    if isinstance(control, ipw.BoundedIntText):
        return [{"value": k} for k in range(16)]
    return []


def tell(widget) -> tuple[float, float]:
    """Ms and KiB of the recorded animation."""
    times, sent = [], []
    for _ in range(3):
        before = Wire.sent
        times.append(1e3 * seconds(widget.settle))
        sent.append((Wire.sent - before) / 1024)
    return statistics.median(times), statistics.median(sent)


def seconds(function) -> float:
    """Processor time that a call takes on its thread."""
    start = time.thread_time()
    function()
    return time.thread_time() - start


def print_imports() -> None:
    """Seconds until `import hlmteach` and a widget are there, each in a fresh Python."""
    print("| import | processor, s | by the clock, s |\n| --- | --- | --- |")
    for code in ("import hlmteach", "import hlmteach as hlm; hlm.widgets.LiveRefit"):
        began, started = children_seconds(), time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        took = children_seconds() - began, time.perf_counter() - started
        print(f"| `{code}` | {took[0]:.2f} | {took[1]:.2f} |", flush=True)
    print()


def children_seconds() -> float:
    """Processor time of the processes that this one has started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def print_streams(names) -> None:
    """Replicates a second shown live, and how long Stop and a control take meanwhile."""
    print("\n| streams | replicates a second | Stop, ms | a control meanwhile, ms |")
    print("| --- | --- | --- | --- |")
    for name in names:
        widget = look_at(getattr(hlm.widgets, name)())
        try:
            print(stream(widget), flush=True)
        finally:
            widget.close()


def stream(widget) -> str:
    widget.stream(upto=10**6)
    time.sleep(0.5)
    before, started = len(widget._run), time.perf_counter()
    time.sleep(2.0)
    rate = (len(widget._run) - before) / (time.perf_counter() - started)
    started = time.perf_counter()
    hear(widget.controls["seed"], {"value": 7})
    control = time.perf_counter() - started
    started = time.perf_counter()
    widget.stop()
    stopped = time.perf_counter() - started
    cells = f"{rate:,.0f} | {1e3 * stopped:.0f} | {1e3 * control:.0f}"
    return f"| {type(widget).__name__} | {cells} |"


def print_head() -> None:
    print("| widget | made, s | slowest slider | ms | p95 | KiB | others, ms | story, ms | KiB |")
    print("| --- " * 9 + "|", flush=True)


def print_row(row, options) -> None:
    dragged = {k: v for k, v in row["controls"].items() if v["dragged"]}
    others = [v["ms"] for v in row["controls"].values() if not v["dragged"]]
    slowest = max(dragged, key=lambda k: dragged[k]["ms"], default=None)
    cells = ["–"] * 4
    if slowest:
        one = dragged[slowest]
        cells = [slowest, f"{one['ms']:.1f}", f"{one['p95']:.1f}", f"{one['kib']:.1f}"]
    ends = f"{min(others):.0f}–{max(others):.0f}" if others else "–"
    story = f"{row['story'][0]:.0f} | {row['story'][1]:.0f}"
    print(f"| {row['name']} | {row['made']:.2f} | {' | '.join(cells)} | {ends} | {story} |")
    if options.all_controls:
        for name, one in row["controls"].items():
            mark = "*" if one["dragged"] else " "
            print(f"  {mark} {name:14} {one['ms']:6.1f} {one['p95']:6.1f} {one['kib']:7.1f}")
    sys.stdout.flush()


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=30, help="changes of each control")
    parser.add_argument("--only", type=lambda text: text.split(";"), default=PICTURES)
    parser.add_argument("--all-controls", action="store_true", help="a line for every control")
    parser.add_argument("--imports", action="store_true", help="time the imports too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
