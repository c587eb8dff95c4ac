"""What a submission may use of the machine."""

from dataclasses import asdict, dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Seconds and megabytes, for one submission.

    `cell` and `total` are seconds; `memory` holds for all its processes together, `output` for all
    that its cells print, `disk` for what it writes; `file` is the largest notebook that is read.
    """

    cell: float = 30.0
    total: float = 120.0
    memory: int = 2000
    output: int = 20
    disk: int = 300
    file: int = 60
    processes: int = 64

    def as_dict(self) -> dict:
        """The limits as JSON holds them."""
        return asdict(self)


# What the files of one owner may unfold to.
DEEPEST_ZIP = 3
MOST_MEMBERS = 50_000
MOST_UNFOLDED = 300 * MB
LARGEST_DIRECTORY = 10 * MB  # of a zip's table of contents: some hundred thousand names
