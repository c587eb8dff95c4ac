"""A widget whose counts go on growing while one watches."""

from collections.abc import Iterator

from hlmteach.errors import HLMError
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import box, button, show
from hlmteach.widgets.work import Work

BEAT = 0.08  # seconds from one batch to the next, so that the eye can follow


class StreamingWidget(TeachingWidget):
    """A `TeachingWidget` that draws batch after batch: Stream, Stop, and one study at a time.

    A widget says `most`, `batch` and `first` (how many replicates in all, in a beat, at once in
    the beginning) and has two methods instead of `compute`: `begin` and `extend`. What `begin`
    returns has a length, the replicates so far. Batches are numbered, so that the same seed gives
    the same stream.
    """

    most = 20_000
    batch = 200
    first = 200
    one = "One more"

    def __init__(self, preset: str | None = None, *, present: bool = False):
        self._run, self._run_of = None, None
        self.work = Work(self.complain)
        super().__init__(preset, present=present)

    # -- what a widget of its own says ---------------------------------------------------------

    def begin(self, state: dict):
        """Return a run of this state with nothing drawn yet."""
        raise NotImplementedError

    def extend(self, run, count: int):
        """Return the run with `count` replicates more."""
        raise NotImplementedError

    # -- what a lesson or a test uses ----------------------------------------------------------

    @property
    def streaming(self) -> bool:
        """Whether batches come by themselves now."""
        return self.work.running

    def stream(self, upto: int | None = None) -> None:
        """Let batches come by themselves, up to so many replicates; the counts are kept."""
        self.work.start(self._beats(self.most if upto is None else upto), "studies", BEAT)

    def stop(self) -> None:
        """Stop after the present batch."""
        self.work.stop()

    def add(self, count: int = 1) -> None:
        """Draw so many replicates more, now."""
        with self.lock:
            try:
                self._run = self.extend(self._run, count)
            except HLMError as error:
                self.complain(error)
                return
            self.refresh()

    def reset(self) -> None:
        """Stop, and go back to the preset and to the first batch."""
        self.stop()
        self._run_of = None
        super().reset()

    def close(self) -> None:
        """Stop, then let go of everything."""
        self.stop()
        super().close()

    # -- how it works --------------------------------------------------------------------------

    def compute(self, state):
        """Go on with the run of this state; a new state begins a new one."""
        if self._run_of != state:
            self._run = self.extend(self.begin(state), self.first)
            self._run_of = state
        return self._run

    def _beats(self, upto: int) -> Iterator[float]:
        while len(self._run) < upto:
            self.add(min(self.batch, upto - len(self._run)))
            if not self.results:  # what is wrong is being said
                return
            yield len(self._run) / upto

    def _pictured(self) -> list:
        """Buttons below the picture let it go on."""
        self._streamer = button("Stream", self.stream, "Let studies come by themselves", "play")
        self._single = button(self.one, self.add, "Draw a single study", "step-forward")
        return [self.stage, box("hlm-stream", [self._streamer, self._single, self.work])]

    def _show_controls(self, state) -> None:
        super()._show_controls(state)
        show(self._sampler, False)  # a stream brings samples enough
