"""Kernels that are forked from one process, which has imported the package: none waits for imports.

What a fork finds imported is what `import hlmteach` and its widgets bring along, and Jupyter's own;
tests/browser/test_lessons.py runs every lesson in a kernel that begins with nothing. The process
ends with the session of tests that began it, a kernel with the program that Jupyter takes for it.
"""

import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

STANDARD = (0, 1, 2)
# They would be missing in a fork.
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


@contextmanager
def warm_kernels(folder: Path):
    """Within, Jupyter finds them with JUPYTER_PATH=folder/NAME by this name: warm, or python3."""
    place = str(folder / "door")
    argv = [sys.executable, "-I", "-S", __file__, "ask", place, "{connection_file}"]
    content = {"argv": argv, "display_name": "Python 3", "language": "python"}
    for name in ("warm", "python3"):
        spec = folder / name / "kernels" / name
        spec.mkdir(parents=True)
        (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(place)
        door.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", "serve", str(door.fileno())],
            cwd=Path(__file__).parents[1],
            env={**os.environ, **NO_THREADS},
            stdin=subprocess.PIPE,
            pass_fds=(door.fileno(),),
        )
    try:
        yield
    finally:
        process.kill()
        process.communicate()


# -- the process that is forked --------------------------------------------------------------------


def serve(place: int) -> None:
    """Import, then fork a kernel for each program that asks, until standard input ends."""
    from hlmteach.grading.forked import READY

    for name in READY:
        import_module(name)
    gc.freeze()
    with socket.socket(fileno=place) as door, selectors.DefaultSelector() as selector:
        selector.register(door, selectors.EVENT_READ)
        selector.register(0, selectors.EVENT_READ)
        while all(key.fileobj is door for key, _ in selector.select()):
            with suppress(ChildProcessError):  # none is there
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            asker, _ = door.accept()
            if os.fork() == 0:
                be_kernel(asker)
            asker.close()


def be_kernel(asker: socket.socket) -> None:
    """Be in the place of who asks: its folder, environment, output and arguments; end with it."""
    os.setsid()
    words, files, _, _ = socket.recv_fds(asker, 1 << 20, len(STANDARD))
    asked = json.loads(words)
    for file, standard in zip(files, STANDARD, strict=True):
        os.dup2(file, standard)
        os.close(file)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    asker.send(b"%d" % os.getpid())
    threading.Thread(target=lambda: asker.recv(1) or os._exit(0), daemon=True).start()
    run_kernel(asked["arguments"])
    os._exit(0)


def run_kernel(arguments: list[str]) -> None:
    """Run cells, as ipykernel does when it is started."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    np.random.seed()
    app = IPKernelApp.instance(parent_handle=1)  # whom it need not watch, and prints nothing for
    app.initialize(["-f", *arguments])
    sys.modules["ipywidgets"].load_ipython_extension(app.shell)  # as its import does in a kernel
    app.start()


# -- the program that Jupyter starts, and takes for the kernel -------------------------------------


def ask(place: str, *arguments: str) -> None:
    """Have a kernel forked, hand interrupts on to it, and end when it does."""
    values = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(place)
        socket.send_fds(door, [json.dumps(values).encode()], STANDARD)
        kernel = int(door.recv(20))
        signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
        door.recv(1)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    serve(int(rest[0])) if what == "serve" else ask(*rest)
