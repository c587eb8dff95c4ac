"""The server of a room: its addresses. Tornado, which Jupyter brings, is all it needs."""

from collections import Counter
from contextlib import suppress

from tornado import httpserver, netutil, web

from hlmteach.classroom.live import Classroom
from hlmteach.classroom.pages import Code, Loose, Page, Secret
from hlmteach.classroom.sockets import LARGEST, NotebookSocket, PhoneSocket, WallSocket
from hlmteach.errors import HLMError

FILES = ("phone.js", "wall.js", "class.css", "draw.js", "follow.js", "stage.js", "stage.css")
MOST_REQUESTS = 4000  # connections of one address on which pages are asked for, or nothing yet
OPEN_FILES = 8192  # that the system should let us have: some give 256, which are fewer than phones


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


class Server(httpserver.HTTPServer):
    """Takes only so many connections of one address, so that it cannot use up all there are."""

    def initialize(self, *args, **kwargs) -> None:
        """Count from none."""
        super().initialize(*args, **kwargs)
        self._open_from: Counter[str] = Counter()

    def handle_stream(self, stream, address) -> None:
        """Take a connection in; sockets leave this count when they begin."""
        if self._open_from[address[0]] >= MOST_REQUESTS:
            stream.close()
            return
        self._open_from[address[0]] += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn) -> None:
        """Count one less."""
        super().on_close(server_conn)
        self._open_from -= Counter({server_conn.context.remote_ip: 1})


def _open_more_files() -> None:
    """Ask the system for more open files, where there is such a limit."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def listen(app: web.Application, host: str, port: int) -> httpserver.HTTPServer:
    """Bind the address, or say what is in the way."""
    try:
        sockets = netutil.bind_sockets(port, host)
    except OSError as error:
        raise HLMError(
            f"{host}, port {port} cannot be used: {error.strerror}. Name another with --port."
        ) from error
    _open_more_files()
    server = Server(app, max_body_size=LARGEST, idle_connection_timeout=30)
    server.add_sockets(sockets)
    return server
