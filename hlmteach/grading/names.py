"""Whose file is it? What Canvas and Moodle write into the names of downloaded submissions.

Canvas:  leeanna_LATE_1234_56789_08_aic-2.ipynb       name, late, user, upload, file, version
Moodle:  Anna Lee_1234_assignsubmission_file_/08.ipynb   name, participant; or in one, without "/"
"""

import hashlib
import re
from dataclasses import dataclass

CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:(?P<late>LATE)_)?(?P<user>\d{1,20})_(?:question_\d+_)?"
    r"(?P<upload>\d{1,20})_(?P<file>.+)"
)
MOODLE = re.compile(  # the first number that stands so: a student chose the rest
    r"(?P<name>.+?)_(?P<user>\d{1,20})_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"
)
LEAST_UPLOAD = 10_000  # Canvas's, in a folder of folders: "hw_08_2024_x.ipynb" is named by nobody
NO_FILES = ("con", "prn", "aux", "nul")  # on Windows
VERSION = re.compile(r"(?:-(\d{1,3})| ?\((\d{1,3})\))$")


@dataclass(frozen=True)
class Owner:
    """Who handed a file in, as far as names tell.

    `system` is "canvas", "moodle" or "" (a plain folder); `user` the number there. `upload` and
    `version` order several files of one owner.
    """

    system: str = ""
    name: str = ""
    user: str = ""
    late: bool = False
    upload: int = 0
    version: int = 0
    title: str = ""

    @property
    def key(self) -> str:
        """Tells one owner from another; "" where only the notebook can tell."""
        return f"{self.system}:{self.user}" if self.system else ""

    @property
    def order(self) -> tuple[int, int]:
        """Later files of the same owner come later."""
        return self.upload, self.version


def safe_name(text: str, tell_apart: str = "") -> str:
    """A name for a file: the text itself where it is safe, else with a mark that tells it apart.

    Examples
    --------
    >>> safe_name("anna.lee"), safe_name("../x") == safe_name("../y")
    ('anna.lee', False)
    """
    slug = re.sub(r"[^\w.@+-]+", "_", text, flags=re.ASCII).strip("._")[:60]
    if slug == text and not tell_apart and slug.lower() not in NO_FILES:
        return slug
    mark = hashlib.sha256(f"{text}\n{tell_apart}".encode("utf-8", "replace")).hexdigest()[:6]
    return f"{slug or 'student'}-{mark}"


def owner_of(parts: tuple[str, ...]) -> Owner:
    """Read a path's parts, those of zips around it included, from the outside in.

    Examples
    --------
    >>> owner = owner_of(("leeanna_LATE_1234_56789_08_aic-2.ipynb",))
    >>> owner.system, owner.name, owner.user, owner.late, owner.version, owner.title
    ('canvas', 'leeanna', '1234', True, 2, '08_aic')
    >>> owner_of(("Anna Lee_77_assignsubmission_file_", "08_aic.ipynb")).name
    'Anna Lee'
    """
    file = parts[-1]
    for depth, part in enumerate(parts):
        for system, pattern in (("moodle", MOODLE), ("canvas", CANVAS)):
            match = pattern.fullmatch(part)
            deep = depth and system == "canvas"
            if match and not (deep and int(match["upload"]) < LEAST_UPLOAD):
                title = match["file"] if part == file and match["file"] else file
                return _owner(system, match.groupdict(), title)
    title, version = _title(file)
    name = parts[0] if len(parts) > 1 else title
    return Owner(name=name, title=title, version=version)


def _owner(system: str, match: dict, file: str) -> Owner:
    title, version = _title(file)
    return Owner(
        system=system,
        name=match["name"].strip(),
        user=match["user"].lstrip("0") or "0",
        late=bool(match.get("late")),
        upload=int(match.get("upload") or 0),
        version=version,
        title=title,
    )


def _title(file: str) -> tuple[str, int]:
    """The name without its ending and its number: "08_aic-2.ipynb" -> "08_aic", 2."""
    stem = file.partition(".ipynb")[0] or file
    numbered = VERSION.search(stem)
    if numbered is None:
        return stem, 0
    return stem[: numbered.start()], int(numbered[1] or numbered[2])
