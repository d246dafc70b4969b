"""Moves fresh rows to the tables of their days: seldom, and then in steps too short to be noticed."""

from collections.abc import Mapping

from engine.clock import Clock
from engine.storage.connect import storage_errors
from engine.storage.writer import HistoryWriter

MOVE_ROWS = 200_000
_MOVE_EVERY_S = 60.0
_STEP_ROWS = 20_000
_PAUSE_S = 60.0
"""After a move that failed: recording alone needs less of a disk that is nearly full."""

TagRange = tuple[int, int]
"""From one tag's id to another's, both included."""


class Mover:
    """Runs in the writer's thread. A round begins at ``rows`` fresh rows, or after a minute with fewer.

    Each step is one transaction that moves all fresh rows of some tags; a killed program has made the
    whole step or nothing of it.
    """

    def __init__(self, writer: HistoryWriter, clock: Clock, rows: int = MOVE_ROWS) -> None:
        self._writer = writer
        self._clock = clock
        self._rows = rows
        self._ranges: list[TagRange] = []
        self._due_s = clock.monotonic() + _MOVE_EVERY_S
        self._not_before_s = 0.0

    @property
    def is_behind(self) -> bool:
        """So many rows that moving must not wait for an idle moment."""
        return (
            self._writer.rows.fresh_count > 2 * self._rows and self._clock.monotonic() >= self._not_before_s
        )

    def step(self) -> bool:
        """Move some rows if it is time to; whether it was."""
        fresh = self._writer.rows.fresh_count
        if not fresh:
            return False
        now_s = self._clock.monotonic()
        if not self._ranges:
            if now_s < (self._not_before_s if fresh >= self._rows else self._due_s):
                return False
            self._due_s = now_s + _MOVE_EVERY_S
            self._ranges = plan_ranges(self._writer.rows.fresh_by_tag(), _STEP_ROWS)[::-1]
        if not self._ranges:
            return False
        self._move(self._ranges.pop())
        return True

    def finish(self, until_s: float) -> None:
        """Move everything, however little it is, unless that takes longer."""
        self._ranges = plan_ranges(self._writer.rows.fresh_by_tag(), _STEP_ROWS)[::-1]
        while self._ranges and self._clock.monotonic() < until_s:
            self._move(self._ranges.pop())

    def _move(self, tags: TagRange) -> None:
        writer = self._writer
        try:
            with storage_errors(writer.path), writer.engine_or_open().begin() as connection:
                writer.rows.move(connection, *tags)
                if not self._ranges:
                    writer.rows.look_for_oldest(connection)
        except BaseException:
            self._ranges = []
            self._not_before_s = self._due_s = self._clock.monotonic() + _PAUSE_S
            # What we believe to know of fresh rows was rolled back.
            writer.close()
            raise


def plan_ranges(rows_by_tag: Mapping[int, int], most: int) -> list[TagRange]:
    """Neighbouring tags together, as many as have about ``most`` rows. Pure."""
    ranges: list[TagRange] = []
    first_tag, last_tag, rows = 0, 0, 0
    for tag_id in sorted(rows_by_tag):
        if rows and rows + rows_by_tag[tag_id] > most:
            ranges.append((first_tag, last_tag))
            rows = 0
        if not rows:
            first_tag = tag_id
        last_tag, rows = tag_id, rows + rows_by_tag[tag_id]
    if rows:
        ranges.append((first_tag, last_tag))
    return ranges
