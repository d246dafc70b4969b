"""What a face may ask of the recorded past, and what the recorder says of itself.

Only shapes and protocols live here; ``engine.storage`` keeps the promises with SQLAlchemy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cancel import CancelToken as CancelToken
from engine.events import Event
from engine.model import Sample, TagDef


@dataclass(frozen=True, slots=True)
class Series:
    """One pen between two times, ready to draw; all arrays have the same length n.

    ``time_us`` int64, ascending. ``minimum``, ``maximum``, ``last`` float64: of one bin, or all
    equal where a point is one recorded sample (``binned`` False). A NaN in ``last`` is a gap: from
    that time to the next point the value was not good or nothing was recorded. ``gaps`` lists the
    gaps as (start_us, end_us), clipped to the range asked for.
    """

    tag: str
    start_us: int
    end_us: int
    binned: bool
    time_us: NDArray[np.int64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    last: NDArray[np.float64]
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TagRecord:
    """A tag that has history."""

    tag: str
    data_type: str
    unit: str
    first_us: int | None = None
    last_us: int | None = None


class HistoryReader(Protocol):
    """Reads what was recorded; safe from any thread; each call opens its own read transaction."""

    def series(
        self, tag: str, start_us: int, end_us: int, points: int, cancel: CancelToken | None = None
    ) -> Series:
        """At most about ``points`` bins of min/max/last between the two times.

        The value that held at ``start_us`` is the first point. Raises ``StorageError`` when the
        database cannot be read and ``QueryCancelledError`` after ``cancel``.
        """

    def samples(self, tag: str, start_us: int | None, end_us: int | None) -> Iterator[Sample]:
        """Every recorded sample in order of time; start inclusive, end exclusive; streams."""

    def recorder_ends(self) -> list[int]:
        """When recording ended or was cut off and nobody went on, in order (µs)."""

    def tags(self) -> list[TagRecord]:
        """Every tag that has ever been recorded, by name."""

    def events(self, start_us: int, end_us: int, limit: int = 500) -> list[Event]:
        """Recorded events, newest first."""


class RecorderState(StrEnum):
    """WRITING to the database; SPOOLING to disk while it is away; REPLAYING the spool; OFF (dry run)."""

    WRITING = "writing"
    SPOOLING = "spooling"
    REPLAYING = "replaying"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """The recorder in figures; times in milliseconds, sizes in rows or bytes."""

    state: RecorderState = RecorderState.OFF
    cause: str = ""
    queue_rows: int = 0
    queue_limit: int = 0
    rows_written: int = 0
    rows_per_s: float = 0.0
    write_ms: float | None = None
    write_worst_ms: float | None = None
    spool_rows: int = 0
    rows_lost: int = 0
    last_commit_us: int | None = None
    database: str = ""
    database_bytes: int | None = None
    disk_free_bytes: int | None = None
    oldest_us: int | None = None


class Recorder(Protocol):
    """Takes what has to be kept; both calls only enqueue and are safe from any thread."""

    def record_samples(self, samples: list[Sample]) -> None: ...

    def record_event(self, event: Event) -> None: ...

    def describe_tags(self, definitions: Sequence[TagDef]) -> None:
        """What the plant file says of these tags from now on."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Write everything accepted so far, then end the writer's thread."""

    def status(self) -> RecorderStatus: ...


@dataclass(slots=True)
class NullRecorder:
    """Records nothing (``--dry-run``) and says so."""

    reason: str = "Nothing is recorded: started with --dry-run"
    _status: RecorderStatus = field(default_factory=RecorderStatus)

    def record_samples(self, samples: list[Sample]) -> None:
        return

    def record_event(self, event: Event) -> None:
        return

    def describe_tags(self, definitions: Sequence[TagDef]) -> None:
        return

    def start(self) -> None:
        self._status = RecorderStatus(cause=self.reason)

    def stop(self) -> None:
        return

    def status(self) -> RecorderStatus:
        return self._status
