"""The pages of a room, and the files that they need: each read once, sent small."""

import gzip
from functools import cache
from pathlib import Path

from tornado import web

from hlmteach.classroom.live import Classroom
from hlmteach.classroom.record import record_csv, record_html
from hlmteach.classroom.sockets import Keyed, is_ours
from hlmteach.course.template import page_of

HERE = Path(__file__).parent / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
TO_PAGES = "export { PlainModel, fromBase64, initialize, render };"  # of the stage's script
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def file_of(name: str) -> bytes:
    """A page with its head, a script or a style sheet, compressed."""
    if name.startswith("stage."):
        from hlmteach.stage.export import SCRIPT, STYLE

        text = STYLE if name == "stage.css" else f"{SCRIPT}\n{TO_PAGES}"
    else:
        text = (HERE / name).read_text(encoding="utf-8")
    if name.endswith(".html"):
        text = page_of(text, title="In class", style="/class.css")
    return gzip.compress(text.encode())


class Page(web.RequestHandler):
    """A page or a file of ours, with headers that let nothing else in."""

    def initialize(self, classroom: Classroom, name: str = ""):
        """Know which file it is."""
        self.classroom, self.name = classroom, name

    def set_default_headers(self) -> None:
        """Keep the page to itself, and the secret link out of other servers' logs."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse who came by another machine's name."""
        if not is_ours(self.request.host, self.classroom.join):
            raise web.HTTPError(421)

    def get(self, **_) -> None:
        """Send it."""
        self.send(KINDS[Path(self.name).suffix], file_of(self.name))

    def send(self, kind: str, compressed: bytes) -> None:
        """Send what every browser unpacks."""
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Content-Encoding", "gzip")
        self.finish(compressed)


class Secret(Keyed, Page):
    """What only the teacher may see: the wall, and the record of the lesson."""

    def get(self, key: str) -> None:
        """Send the page, or the record as a page or a table."""
        room = self.classroom.room
        if self.name == "record.csv":
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", 'attachment; filename="class.csv"')
            self.finish(record_csv(room))
        elif self.name == "record.html":
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(record_html(room))
        else:
            super().get()


@cache
def code_of(address: str) -> bytes:
    """The QR code of an address."""
    import segno

    code = segno.make(address, error="m")
    svg = code.svg_inline(scale=8, border=4, dark="#000", light="#fff")
    name = '<svg xmlns="http://www.w3.org/2000/svg" '
    return gzip.compress(svg.replace("<svg ", name, 1).encode())


class Code(Page):
    """The QR code of the phones' address."""

    def get(self) -> None:
        """Send it."""
        self.send("image/svg+xml", code_of(self.classroom.join))


class Loose(Page):
    """The states of the widget that phones can go through by themselves."""

    async def get(self) -> None:
        """Send them, worked out once."""
        states = await self.classroom.on_painter(self.classroom.room.loose)
        if not states:
            raise web.HTTPError(404)
        self.send("application/json", states)
