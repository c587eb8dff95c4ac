"""Who drew what: the study of each voice in a round, drawn together and remembered."""

import hashlib
from collections.abc import Sequence

from hlmteach.classroom.studies import ClassStudy, Drawn

MOST_KNOWN = 2000  # studies that are remembered; a forgotten one is drawn again


class Draws:
    """The studies of one round after the other: a voice's is the same whenever it is asked for."""

    def __init__(self, secret: str):
        self._secret = secret
        self._round: tuple[str, int] = ("", 0)
        self._known: dict[str, Drawn] = {}

    def of(self, study: ClassStudy, state: dict, turn: int, voices: Sequence[str]) -> list[Drawn]:
        """The studies of these voices, those that are not known yet fitted together."""
        if self._round != (study.key, turn):
            self._round, self._known = (study.key, turn), {}
        new = [voice for voice in dict.fromkeys(voices) if voice not in self._known]
        if new and len(self._known) > MOST_KNOWN:
            self._known, new = {}, list(dict.fromkeys(voices))
        if new:
            seeds = [self._seed(study.key, turn, voice) for voice in new]
            self._known |= zip(new, study.draw(state, seeds), strict=True)
        return [self._known[voice] for voice in voices]

    def _seed(self, key: str, turn: int, voice: str) -> int:
        digest = hashlib.sha256(f"{self._secret}{(f'study-{key}', turn, voice)}".encode()).digest()
        return int.from_bytes(digest[:6], "big")
