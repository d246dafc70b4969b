"""What the writer does in idle moments: roll-ups of hours that are over, then retention."""

from engine.clock import Clock
from engine.storage.connect import storage_errors
from engine.storage.retention import Retention, delete_old_rollups, delete_some_of, expired_days
from engine.storage.rollups import GRACE_US, RollupWork
from engine.storage.schema import HOUR_US
from engine.storage.writer import HistoryWriter

_STEP_S = 0.03
_RETENTION_EVERY_S = 600.0


class Maintenance:
    """Runs in the writer's thread; each step is one transaction of about 30 ms."""

    def __init__(self, writer: HistoryWriter, retention: Retention, clock: Clock) -> None:
        self._writer = writer
        self._retention = retention
        self._clock = clock
        self._work: RollupWork | None = None
        self._expired: list[int] = []
        self._retention_due_s = clock.monotonic()

    def on_hours_written(self, hours: set[int]) -> None:
        """Late data into the hour being rolled up: it has to be made anew from its first tag."""
        if self._work is not None and self._work.hour_us in hours:
            self._work = None

    def step(self) -> bool:
        """Do a little; True when there is more to do."""
        with storage_errors(self._writer.path):
            if self._work is None:
                self._work = self._next_hour()
            if self._work is not None:
                self._roll_up(self._work)
                return True
            return self._retain()

    def _next_hour(self) -> RollupWork | None:
        over_us = self._clock.utc_us() - HOUR_US - GRACE_US
        closed = [hour_us for hour_us in self._writer.dirty_hours if hour_us <= over_us]
        return RollupWork(min(closed)) if closed else None

    def _roll_up(self, work: RollupWork) -> None:
        until_s = self._clock.monotonic() + _STEP_S
        with self._writer.engine_or_open().begin() as connection:
            done = work.step(connection, lambda: self._clock.monotonic() >= until_s)
        if done:
            self._writer.dirty_hours.discard(work.hour_us)
            self._work = None

    def _retain(self) -> bool:
        if not self._expired:
            if self._clock.monotonic() < self._retention_due_s:
                return False
            self._retention_due_s = self._clock.monotonic() + _RETENTION_EVERY_S
            with self._writer.engine_or_open().begin() as connection:
                delete_old_rollups(connection, self._retention, self._clock.utc_us())
                self._expired = expired_days(connection, self._retention, self._clock.utc_us())
            return bool(self._expired)
        day = self._expired[0]
        with self._writer.engine_or_open().begin() as connection:
            gone = delete_some_of(connection, day)
        self._writer.days.discard(day)
        if gone:
            self._expired.pop(0)
        return True
