"""Deletes what is older than the plant file wants to keep, in steps too short to be noticed."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Retention:
    """Whole days to keep; the current day does not count."""

    raw_days: int = 90
    rollup_days: int = 1825

    def oldest_raw_day(self, now_us: int) -> int:
        return now_us // DAY_US - self.raw_days

    def oldest_rollup_us(self, now_us: int) -> int:
        return (now_us // DAY_US - self.rollup_days) * DAY_US


def expired_days(connection: Connection, retention: Retention, now_us: int) -> list[int]:
    """Days to be deleted, oldest first: those retired already and those too old with clean roll-ups."""
    oldest = retention.oldest_raw_day(now_us)
    rows = connection.execute(select(hist_partition).order_by(hist_partition.c.day)).all()
    dirty_days = {hour_us // DAY_US for hour_us in connection.execute(select(hist_dirty.c.hour_us)).scalars()}
    return [row.day for row in rows if row.retired or (row.day < oldest and row.day not in dirty_days)]


def delete_some_of(connection: Connection, day: int) -> bool:
    """One short step towards the end of a day; True when nothing of it is left."""
    retired = connection.execute(select(hist_partition.c.retired).where(hist_partition.c.day == day)).scalar()
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


def delete_old_rollups(connection: Connection, retention: Retention, now_us: int) -> None:
    """Roll-ups, events and recorder runs beyond their time; a few rows per tag, once an hour."""
    oldest_us = retention.oldest_rollup_us(now_us)
    for tag_id in connection.execute(select(hist_tag.c.id)).scalars().all():
        for table in (hist_1m, hist_1h):
            kept = table.c
            connection.execute(delete(table).where(kept.tag_id == tag_id, kept.start_us < oldest_us))
    connection.execute(delete(journal).where(journal.c.time_us < oldest_us))
    connection.execute(delete(hist_recorder).where(hist_recorder.c.last_alive_us < oldest_us - HOUR_US))
