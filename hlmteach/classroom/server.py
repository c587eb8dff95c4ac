"""The server of a room: its addresses. Tornado, which Jupyter brings, is all it needs."""

from tornado import httpserver, netutil, web

from hlmteach.classroom.live import Classroom
from hlmteach.classroom.pages import Code, Loose, Page, Secret
from hlmteach.classroom.sockets import LARGEST, NotebookSocket, PhoneSocket, WallSocket
from hlmteach.errors import HLMError

FILES = ("phone.js", "wall.js", "class.css", "draw.js", "follow.js", "stage.js", "stage.css")


def application(classroom: Classroom) -> web.Application:
    """Put pages and sockets at their addresses."""
    own = {"classroom": classroom}
    return web.Application(
        [
            (r"/", Page, own | {"name": "phone.html"}),
            *((rf"/{name}", Page, own | {"name": name}) for name in FILES),
            (r"/code\.svg", Code, own),
            (r"/loose", Loose, own),
            (r"/phone", PhoneSocket, own),
            (r"/notebook/(?P<word>[A-Za-z0-9]{1,20})", NotebookSocket, own),
            (r"/wall/(?P<key>[A-Za-z0-9_-]+)", Secret, own | {"name": "wall.html"}),
            (r"/wall/(?P<key>[A-Za-z0-9_-]+)/socket", WallSocket, own),
            (r"/wall/(?P<key>[A-Za-z0-9_-]+)/record\.csv", Secret, own | {"name": "record.csv"}),
            (r"/wall/(?P<key>[A-Za-z0-9_-]+)/record\.html", Secret, own | {"name": "record.html"}),
        ],
        websocket_ping_interval=20,
        websocket_max_message_size=LARGEST,
        log_function=lambda _: None,  # the secret link is in the addresses
    )


def listen(app: web.Application, host: str, port: int) -> httpserver.HTTPServer:
    """Bind the address, or say what is in the way."""
    try:
        sockets = netutil.bind_sockets(port, host)
    except OSError as error:
        raise HLMError(
            f"{host}, port {port} cannot be used: {error.strerror}. Name another with --port."
        ) from error
    server = httpserver.HTTPServer(app, max_body_size=LARGEST, idle_connection_timeout=300)
    server.add_sockets(sockets)
    return server
