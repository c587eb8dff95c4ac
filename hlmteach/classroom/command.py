"""The command `hlmteach class`: serve a room until it is stopped."""

import asyncio
import json
import socket
import time
from pathlib import Path

from hlmteach.course.handout import shipped_lessons
from hlmteach.course.source import Cell, Lesson
from hlmteach.errors import HLMError, check_installed
from hlmteach.widgets import HOMES

THIS_MACHINE = "127.0.0.1"
PORT = 8080
WIDGETS = [name for name in HOMES if name != "Predict"]
# Widgets that show one person what a room can do together.
STUDY_OF = {
    "CoverageStream": "study-intervals",
    "ClusterMaker": "study-alarms",
    "PoolingExplorer": "study-groups",
    "AICLedger": "study-choices",
}


def add_class(verbs) -> None:
    """Declare `hlmteach class`."""
    verb = verbs.add_parser("class", help="poll a room: everybody's guess, everybody's own study")
    verb.add_argument(
        "lesson", metavar="LESSON", nargs="?", help="such as 10, or a widget's name such as ICCDial"
    )
    verb.add_argument("--lan", action="store_true", help="let phones in this room's network in")
    verb.add_argument("--host", metavar="ADDRESS", help="the address of this machine to serve at")
    verb.add_argument("--port", type=int, metavar="N", default=PORT)
    verb.add_argument("--file", metavar="FILE", help="where the answers are kept")
    verb.add_argument("--no-browser", action="store_true", help="print the addresses only")
    verb.set_defaults(run=run_class)


def run_class(args) -> int:
    """Serve the room."""
    for package in ("tornado", "segno"):
        check_installed(package, "hlmteach class")
    widget = args.lesson if args.lesson in WIDGETS else None
    lesson = None if widget else find_lesson(args.lesson)
    host = args.host or (lan_address() if args.lan else THIS_MACHINE)
    name = f"class-{args.lesson or 'studies'}-{time.strftime('%Y-%m-%d')}.sqlite"
    file = Path(args.file or name)
    try:
        asyncio.run(_serve(lesson, widget, host, args.port, file, not args.no_browser))
    except KeyboardInterrupt:
        print("\nThe room is closed. Its answers are kept in", file)
    return 0


def find_lesson(number: str | None):
    """Read the notebook of a lesson's number, as it is handed out; None without a number.

    Raises
    ------
    HLMError
        When there is no such lesson.
    """
    if number is None:
        return None
    books = {path.name.partition("_")[0]: path for path in shipped_lessons()}
    if number not in books:
        raise HLMError(
            f"There is no lesson {number!r}. There are: {', '.join([*books, *WIDGETS])}."
        )
    cells = json.loads(books[number].read_text(encoding="utf-8"))["cells"]
    title = "".join(cells[0]["source"]).partition("\n")[0].lstrip("# ").partition(" · ")[2]
    parts = tuple(
        Cell(
            cell["cell_type"],
            "".join(cell["source"]),
            frozenset(cell["metadata"].get("tags", ())),
        )
        for cell in cells
    )
    return Lesson(
        name=books[number].stem, title=title, minutes=0, goals=(), question="", cells=parts
    )


def lan_address() -> str:
    """Find this machine's address in the network around it; nothing is sent for that.

    Raises
    ------
    HLMError
        When there is no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return probe.getsockname()[0]
        except OSError:
            raise HLMError(
                "This machine is in no network. Join the room's network, or name an address with "
                "--host."
            ) from None


def _reach(host: str) -> str:
    if host == THIS_MACHINE:
        return "this machine alone; --lan lets phones in"
    return f"everybody in the network of {host}: these two addresses, no file and no notebook"


def open_room(lesson, widget: str | None, file: Path):
    """Open the room of a file, at the study of a widget that has one."""
    from hlmteach.classroom.room import Room
    from hlmteach.classroom.store import Store

    room = Room(Store(file), lesson, widget)
    if widget in STUDY_OF:
        room.teach({"do": "open", "key": STUDY_OF[widget]})
    return room


async def _serve(lesson, widget, host: str, port: int, file: Path, browser: bool) -> None:
    from hlmteach.classroom.live import Classroom
    from hlmteach.classroom.pages import file_of
    from hlmteach.classroom.server import application, listen

    room = open_room(lesson, widget, file)
    classroom = Classroom(room, f"http://{host}:{port}")
    server = listen(application(classroom), host, port)
    wall = f"http://{host}:{port}/wall/{classroom.wall_key}"
    print(f"Phones    http://{host}:{port}   ({_reach(host)})")
    print(f"Projector {wall}   (secret: it is the teacher's)")
    print("Control-C ends it; the same command goes on where it was.", flush=True)
    room.run_lesson()  # the link stands meanwhile
    if browser:
        import webbrowser

        webbrowser.open(wall)
    try:
        await classroom.on_painter(file_of, "stage.js")  # before a phone asks for it
        await asyncio.Event().wait()
    finally:
        server.stop()
        classroom.close()
