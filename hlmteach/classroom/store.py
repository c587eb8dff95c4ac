"""What a room remembers, in one SQLite file: who answered what, so that a restart loses nothing.

Nothing personal is kept: a voice is the digest of a random token that a phone made, and of the
room's own key.
"""

import json
import os
import secrets
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path

from hlmteach.errors import HLMError

SCHEMA = """
create table if not exists about (name text primary key, value text);
create table if not exists answers (
  activity text, round integer, voice text, value text,
  primary key (activity, round, voice)
);
create table if not exists voices (voice text primary key, number integer);
"""


WHY = {
    "BUSY": "another server has it open",
    "FULL": "the disk is full",
    "READONLY": "it may only be read",
    "READONLY_DIRECTORY": "its folder may only be read",
    "IOERR_WRITE": "the disk cannot be written",
    "CANTOPEN": "it cannot be opened",
    "CORRUPT": "it is damaged",
    "NOTADB": "it is no class's file",
}
TABLES = {"about", "answers", "voices"}
VERSION = 1  # of what the tables hold
# One server alone has the file: two rooms would count each other's rounds.
OPENING = "pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=normal;"


class Store:
    """The file of one room.

    Raises
    ------
    HLMError
        When the file cannot be used, or later cannot be written.
    """

    def __init__(self, path):
        self._name = Path(path).name
        with suppress(OSError):  # the wall's secret is in it: others on this machine do not read it
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._mended("Name another with --file."):
            self._file = sqlite3.connect(
                path, timeout=1, isolation_level=None, check_same_thread=False
            )
        try:
            self._open()
        except HLMError:
            self._file.close()
            raise

    def _open(self) -> None:
        with self._mended("Name another with --file."):
            version = self._file.execute("pragma user_version").fetchone()[0]
            if version > VERSION:
                raise sqlite3.Error("a newer hlmteach wrote it")
            tables = "select name from sqlite_master where type = 'table'"
            if {name for (name,) in self._file.execute(tables)} not in (set(), TABLES):
                raise sqlite3.Error("it is another program's")
            if self._file.execute("pragma quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.Error(WHY["CORRUPT"])
            self._file.executescript(f"{OPENING}{SCHEMA}pragma user_version={VERSION};")

    @contextmanager
    def _mended(self, advice: str):
        """Say in words what SQLite says in codes."""
        try:
            yield
        except sqlite3.Error as error:
            why = WHY.get(getattr(error, "sqlite_errorname", "").partition("_")[2], str(error))
            raise HLMError(
                f"The room's file {self._name} cannot be used: {why}. {advice}"
            ) from error

    def _do(self, sql: str, row=()) -> sqlite3.Cursor:
        with self._mended("The class goes on; what came just now was not kept."):
            return self._file.execute(sql, row)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def get(self, name: str, default=None):
        """What is kept under a name."""
        row = self._do("select value from about where name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def put(self, name: str, value) -> None:
        """Keep something under a name."""
        self._do("replace into about values (?, ?)", (name, json.dumps(value)))

    def secret(self, name: str) -> str:
        """A random word that stays the same as long as the file does."""
        known = self.get(name)
        if known is None:
            self.put(name, known := secrets.token_urlsafe(24))
        return known

    def answer(self, activity: str, turn: int, voice: str, value) -> None:
        """Keep one voice's answer, in place of an earlier one."""
        row = activity, turn, voice, json.dumps(value)
        self._do("replace into answers values (?, ?, ?, ?)", row)

    def answers(self, activity: str, turn: int) -> dict[str, object]:
        """Every voice's answer, in the order in which they came; no clock is asked."""
        rows = self._do(
            "select voice, value from answers where activity = ? and round = ? order by rowid",
            (activity, turn),
        )
        return {voice: json.loads(value) for voice, value in rows}

    def answer_of(self, activity: str, turn: int, voice: str):
        """One voice's answer, or None."""
        where = "activity = ? and round = ? and voice = ?"
        row = self._do(
            f"select value from answers where {where}", (activity, turn, voice)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def all_answers(self) -> list[tuple]:
        """Every answer: activity, round, voice's number, value."""
        return self._do(
            "select activity, round, number, value from answers join voices using (voice) "
            "order by activity, round, number"
        ).fetchall()

    def admit(self, voice: str, most: int) -> bool:
        """Give a voice its number, 1 for the first that answers; False where there are most."""
        row = self._do("select 1 from voices where voice = ?", (voice,)).fetchone()
        count = self._do("select count(*) from voices").fetchone()[0]
        if row is None and count < most:
            self._do("insert into voices values (?, ?)", (voice, count + 1))
        return row is not None or count < most
