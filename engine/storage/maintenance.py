"""What the writer does in idle moments: fresh rows to their days, roll-ups of hours over, retention."""

from engine.clock import Clock
from engine.storage.connect import storage_errors
from engine.storage.mover import MOVE_ROWS, Mover
from engine.storage.retention import (
    OldRollups,
    Retention,
    delete_old_events,
    delete_some_of,
    expired_days,
    trusted_day,
)
from engine.storage.rollups import GRACE_US, RollupWork
from engine.storage.schema import DAY_US, HOUR_US
from engine.storage.writer import HistoryWriter

_STEP_S = 0.03
_RETENTION_EVERY_S = 600.0


class Maintenance:
    """Runs in the writer's thread; each step is one transaction of about 30 ms."""

    def __init__(
        self, writer: HistoryWriter, retention: Retention, clock: Clock, move_rows: int = MOVE_ROWS
    ) -> None:
        self._writer = writer
        self._mover = Mover(writer, clock, move_rows)
        self._retention = retention
        self._clock = clock
        self._work: RollupWork | None = None
        self._old_rollups: OldRollups | None = None
        self._expired: list[int] = []
        self._retention_due_s = clock.monotonic()

    def on_hours_written(self, hours: set[int]) -> None:
        """Late data into the hour being rolled up: it has to be made anew from its first tag.

        With no idle moment for long, fresh rows are moved here, between two writes.
        """
        if self._work is not None and self._work.hour_us in hours:
            self._work = None
        if self._mover.is_behind:
            self._mover.step()

    def finish(self, until_s: float) -> None:
        """Before the file is put away: its rows where they stay, as far as the time lasts."""
        self._mover.finish(until_s)

    def step(self) -> bool:
        """Do a little; True when there is more to do."""
        if self._mover.step():
            return True
        until_s = self._clock.monotonic() + _STEP_S
        with storage_errors(self._writer.path):
            if self._work is not None or self._closed_hours():
                self._roll_up(until_s)
                return True
            if self._old_rollups is not None:
                self._delete_rollups(self._old_rollups, until_s)
                return True
            if not self._expired:
                return self._look_for_expired()
            self._delete(until_s)
            return True

    def _closed_hours(self) -> list[int]:
        over_us = self._clock.utc_us() - HOUR_US - GRACE_US
        return sorted(hour_us for hour_us in self._writer.dirty_hours if hour_us <= over_us)

    def _roll_up(self, until_s: float) -> None:
        done: set[int] = set()
        closed = self._closed_hours()
        with self._writer.engine_or_open().begin() as connection:
            while self._clock.monotonic() <= until_s:
                if self._work is None:
                    if not closed:
                        break
                    self._work = self._work_on(closed.pop(0))
                if self._work.step(connection, lambda: self._clock.monotonic() > until_s):
                    done.add(self._work.hour_us)
                    self._work = None
        self._writer.dirty_hours -= done

    def _work_on(self, hour_us: int) -> RollupWork:
        oldest_day = self._retention.oldest_raw_day(self._clock.utc_us())
        return RollupWork(hour_us, rows_may_be_gone=hour_us // DAY_US < oldest_day)

    def _trusted_us(self) -> int:
        """Now, or the end of the last day before a clock that is not yet believed was set ahead."""
        now_us = self._clock.utc_us()
        return min(now_us, (trusted_day(self._writer.days, now_us // DAY_US) + 1) * DAY_US - 1)

    def _look_for_expired(self) -> bool:
        if self._clock.monotonic() < self._retention_due_s:
            return False
        self._retention_due_s = self._clock.monotonic() + _RETENTION_EVERY_S
        with self._writer.engine_or_open().begin() as connection:
            oldest_us = self._retention.oldest_rollup_us(self._trusted_us())
            delete_old_events(connection, oldest_us)
            self._old_rollups = OldRollups(connection, oldest_us)
            self._expired = expired_days(connection, self._retention, self._trusted_us())
        return True

    def _delete_rollups(self, work: OldRollups, until_s: float) -> None:
        with self._writer.engine_or_open().begin() as connection:
            if work.step(connection, lambda: self._clock.monotonic() > until_s):
                self._old_rollups = None

    def _delete(self, until_s: float) -> None:
        """Away with the expired days, oldest first; a day is hidden from readers before its rows go.

        Only those that still are expired: the clock may have been wrong when they were found.
        """
        with self._writer.engine_or_open().begin() as connection:
            now_expired = set(expired_days(connection, self._retention, self._trusted_us()))
            remaining = [day for day in self._expired if day in now_expired]
            while remaining and self._clock.monotonic() <= until_s:
                self._writer.rows.forget_day(remaining[0])
                if delete_some_of(connection, remaining[0]):
                    remaining.pop(0)
        self._expired = remaining
