"""Deletes what is older than the plant file wants to keep, in steps too short to be noticed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, delete, select

from engine.storage.partitions import drop_partition, retire_partition
from engine.storage.schema import (
    DAY_US,
    HOUR_US,
    day_suffix,
    hist_1h,
    hist_1m,
    hist_dirty,
    hist_partition,
    hist_recorder,
    hist_tag,
    journal,
)

_CHUNK_ROWS = 5000
_TAGS_AT_ONCE = 200
_HOLE_DAYS = 10
_TRUSTED_FROM_DAYS = 3


@dataclass(frozen=True, slots=True)
class Retention:
    """Whole days to keep; the current day does not count."""

    raw_days: int = 90
    rollup_days: int = 1825

    def oldest_raw_day(self, now_us: int) -> int:
        return now_us // DAY_US - self.raw_days

    def oldest_rollup_us(self, now_us: int) -> int:
        return (now_us // DAY_US - self.rollup_days) * DAY_US


def trusted_day(recorded: Iterable[int], today: int) -> int:
    """The day that retention counts from: today, unless the clock may have been set far ahead. Pure.

    Days after more than ten without a record count only once there are three of them; until then the
    last day before is taken for today. So a wrong clock deletes nothing before a whole day went by with
    it, and a plant that stood still keeps its rows a little longer.
    """
    days = sorted({today, *(day for day in recorded if day < today)}, reverse=True)
    newest, count = today, 1
    for later, earlier in pairwise(days):
        if later - earlier > _HOLE_DAYS:
            if count >= _TRUSTED_FROM_DAYS:
                break
            newest, count = earlier, 0
        count += 1
    return newest


def expired_days(connection: Connection, retention: Retention, now_us: int) -> list[int]:
    """Days to be deleted, oldest first: those retired already and those too old with clean roll-ups."""
    oldest = retention.oldest_raw_day(now_us)
    rows = connection.execute(select(hist_partition).order_by(hist_partition.c.day)).all()
    dirty_days = {hour_us // DAY_US for hour_us in connection.execute(select(hist_dirty.c.hour_us)).scalars()}
    return [row.day for row in rows if row.retired or (row.day < oldest and row.day not in dirty_days)]


def delete_some_of(connection: Connection, day: int) -> bool:
    """One short step towards the end of a day; True when nothing of it is left."""
    retired = connection.execute(select(hist_partition.c.retired).where(hist_partition.c.day == day)).scalar()
    if retired is None:
        # The file is another one than that in which the day was found.
        return True
    if not retired:
        retire_partition(connection, day)
        return False
    for table in (f"hist_raw_{day_suffix(day)}", f"hist_text_{day_suffix(day)}"):
        # A day table is ordered by tag, so taking its first rows walks along one key range.
        deleted = connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE (tag_id, ts_us) IN "
            f"(SELECT tag_id, ts_us FROM {table} ORDER BY tag_id, ts_us LIMIT {_CHUNK_ROWS})"
        ).rowcount
        if deleted:
            return False
    drop_partition(connection, day)
    return True


class OldRollups:
    """Deletes the roll-ups beyond their time, a few rows of each tag; ``step`` until it returns True."""

    def __init__(self, connection: Connection, oldest_us: int) -> None:
        self._oldest_us = oldest_us
        self._tags = list(connection.execute(select(hist_tag.c.id)).scalars())

    def step(self, connection: Connection, out_of_time: Callable[[], bool]) -> bool:
        """Go on with the next tags until the time is over; True when all are done."""
        while self._tags and not out_of_time():
            some = [(tag_id, self._oldest_us) for tag_id in self._tags[:_TAGS_AT_ONCE]]
            for table in (hist_1m.name, hist_1h.name):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE tag_id = ? AND start_us < ?", some)
            del self._tags[:_TAGS_AT_ONCE]
        return not self._tags


def delete_old_events(connection: Connection, oldest_us: int) -> None:
    """Events and recorder runs beyond their time."""
    connection.execute(delete(journal).where(journal.c.time_us < oldest_us))
    connection.execute(delete(hist_recorder).where(hist_recorder.c.last_alive_us < oldest_us - HOUR_US))
