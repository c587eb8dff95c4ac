"""hlm.join: a notebook answers in a class, by its own cards."""

import hashlib
import os
import re
import secrets
import sys
from pathlib import Path

from hlmteach.errors import HLMError, check_installed
from hlmteach.exercises.in_class import be_in, the_class

ADDRESS = re.compile(r"(?:(http|ws)(s?)://)?([\w.-]+|\[[\da-fA-F:]+\])(:\d{1,5})?(?:/(\w+))?/?")
PORT = 8080
SECRET = ".hlmteach-class"
FIRST_WAIT = 2.0  # seconds that the call waits for the class; the cards never do
WHAT_IS_SENT = (
    "Your guesses go there, and of each exercise that you check whether it was right, or which "
    "usual mistake it was. A random number goes with them, no name. To leave: hlm.join(None)."
)


class Answers:
    """What was answered here, and what of it the room has."""

    def __init__(self):
        self._waiting: dict[str, object] = {}
        self._view: dict = {}
        self._sent: tuple = ()

    @property
    def is_connected(self) -> bool:
        """Whether the room has said what it asks now."""
        return bool(self._view)

    def give(self, question: str, value) -> str:
        """Keep an answer for the room; what becomes of it, in words."""
        if question in _names(self._view) and "truth" in self._view:
            return "The class has seen the answer; yours is not sent."
        self._waiting[question] = value
        if not self.is_connected:
            return "The class is not reached now. It gets your answer when it is back."
        if question in _names(self._view):
            return "Sent to the class."
        return "The class has not asked this yet. It gets your answer when it does."

    def hear(self, view: dict) -> None:
        """Note what the room asks, and what it has of this notebook."""
        if "refused" in view:
            self._sent = ()  # it is sent again when the room next says what it asks
        elif "key" in view:
            self._view = view
            for name in _names(view):
                if name in self._waiting and view.get("mine") == self._waiting[name]:
                    del self._waiting[name]

    def due(self) -> dict | None:
        """The message that answers what the room asks now, once."""
        name = next((one for one in _names(self._view) if one in self._waiting), None)
        if name is None or "truth" in self._view:
            return None
        message = {"key": self._view["key"], "round": self._view["round"]}
        message["value"] = self._waiting[name]
        if self._sent == (message["key"], message["round"], str(message["value"])):
            return None
        self._sent = (message["key"], message["round"], str(message["value"]))
        return message

    def lose(self) -> None:
        """The room is away: what it has not confirmed is sent once more."""
        self._view, self._sent = {}, ()


def _names(view: dict) -> list:
    """What a card calls the question that is open: a guess by its text, an exercise by its key."""
    return [view["title"] if view["kind"] in ("guess", "choice") else view["key"]] if view else []


class Membership:
    """A notebook in a class; it shows where it stands.

    Attributes
    ----------
    address : str
    """

    def __init__(self, address: str, link):
        self.address, self._link = address, link

    def give(self, question: str, value) -> str:
        """Hand an answer on, without waiting for the network.

        Parameters
        ----------
        question : str
            The text of a guess, or the key of an exercise.
        value : number, str or dict

        Returns
        -------
        str
            What to say of it.
        """
        words = self._link.answers.give(question, value)
        self._link.wake()
        return words

    def leave(self) -> None:
        """Leave the class: nothing is sent any more."""
        self._link.stop()
        be_in(None)

    def __repr__(self):
        if self._link.problem:
            return f"Not in the class at {self.address}: {self._link.problem}"
        if not self._link.answers.is_connected:
            return (
                f"The class at {self.address} has not answered yet; this goes on trying by itself. "
                f"{WHAT_IS_SENT}"
            )
        return f"In the class at {self.address}. {WHAT_IS_SENT}"


def join(address: str | None) -> Membership | None:
    """Answer in a class from this notebook, by its own guesses and exercises.

    Whoever teaches runs `hlmteach class 10`; the wall shows the address. From then on each guess
    of a `Predict` goes to the wall, and each exercise that is checked. Nothing waits for the
    network: when the class is away the cards work as before, and answers follow when it is back.
    A notebook has one voice, also after a restart of its kernel.

    Parameters
    ----------
    address : str or None
        As the wall shows it: "192.168.1.5:8080/kxqfa". None leaves the class.

    Returns
    -------
    Membership or None
        Shows whether the class is reached, and what is sent.

    Raises
    ------
    HLMError
        When the address is none.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.join(None)
    >>> hlm.join("the class")
    Traceback (most recent call last):
    hlmteach.errors.HLMError: 'the class' is no address of a class. Write it as the wall shows it...
    """
    url, shown = (None, "") if address is None else _url(address)
    now = the_class()
    if now is not None:
        if now.address == shown:
            return now
        now.leave()
    if url is None:
        return None
    be_in(member := Membership(shown, _link(url, token())))
    return member


def _url(address) -> tuple[str, str]:
    """The socket's address, and the one to show."""
    match = ADDRESS.fullmatch(address.strip()) if isinstance(address, str) else None
    if match is None:
        raise HLMError(
            f"{address!r:.60} is no address of a class. Write it as the wall shows it: "
            'hlm.join("192.168.1.5:8080/kxqfa").'
        )
    _, secure, host, port, word = match.groups()
    place = host + (port or f":{PORT}")
    return f"ws{secure or ''}://{place}/{f'notebook/{word}' if word else 'phone'}", place


def _link(url: str, token: str):
    if sys.platform == "emscripten":
        from hlmteach.classroom.link import BrowserLink

        return BrowserLink(url, token, Answers())
    from hlmteach.classroom.link import ThreadLink

    check_installed("tornado", "hlm.join")
    link = ThreadLink(url, token, Answers())
    link.wait(FIRST_WAIT)
    return link


def token() -> str:
    """A random word that is the same for this notebook, and for no other; it tells nothing of it.

    A secret in the notebook's folder makes it; where nothing can be kept it lasts for this kernel.
    """
    path = Path(SECRET)
    try:
        if not path.exists():
            path.write_text(secrets.token_hex(16), encoding="utf-8")
        secret = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        secret = secrets.token_hex(16)
    name = os.environ.get("JPY_SESSION_NAME", "")
    return hashlib.sha256(f"{secret}\0{name}".encode()).hexdigest()[:48]
