"""Whose file is it? What Canvas and Moodle write into the names of downloaded submissions.

Canvas:  leeanna_LATE_1234_56789_08_aic-2.ipynb       name, late, user, upload, file, version
Moodle:  Anna Lee_1234_assignsubmission_file_/08.ipynb   name, participant; or in one, without "/"
"""

import re
from dataclasses import dataclass

CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?:question_\d+_)?"
    r"(?P<upload>\d+)_(?P<file>.+)"
)
MOODLE = re.compile(
    r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"
)
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
    for part in parts:
        for system, pattern in (("moodle", MOODLE), ("canvas", CANVAS)):
            found = pattern.fullmatch(part)
            if found:
                title = found["file"] if part == file and found["file"] else file
                return _owner(system, found.groupdict(), title)
    title, version = _title(file)
    name = parts[0] if len(parts) > 1 else title
    return Owner(name=name, title=title, version=version)


def _owner(system: str, found: dict, file: str) -> Owner:
    title, version = _title(file)
    return Owner(
        system,
        found["name"].strip(),
        found["user"].lstrip("0") or "0",
        bool(found.get("late")),
        int(found.get("upload") or 0),
        version,
        title,
    )


def _title(file: str) -> tuple[str, int]:
    """The name without its ending and its number: "08_aic-2.ipynb" -> "08_aic", 2."""
    stem = file.partition(".ipynb")[0] or file
    numbered = VERSION.search(stem)
    if numbered is None:
        return stem, 0
    return stem[: numbered.start()], int(numbered[1] or numbered[2])
