"""Day tables and the views over them that report writers use.

``history`` shows every sample in plain rows: tag, time_utc (ISO 8601), value (number or exact text),
quality (name), unit. It is a union of one view per day, ``history_YYYYMMDD``, and is made anew in the
transaction in which a day comes or goes. Both show fresh rows, too. SQLite joins at most 500 selects in
a union, so ``history`` reaches back the newest days only; older ones that are still kept have their own
view.
"""

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.schema import CreateTable, DropTable

from engine.storage.schema import (
    DAY_US,
    FRESH_SLOTS,
    day_suffix,
    hist_fresh,
    hist_partition,
    raw_table,
    text_table,
)

_DAYS_IN_VIEW = 400


def partition_days(connection: Connection) -> list[int]:
    """The days that have tables, oldest first, without those being deleted."""
    query = select(hist_partition.c.day).where(hist_partition.c.retired == 0).order_by(hist_partition.c.day)
    return list(connection.execute(query).scalars())


def create_partition(connection: Connection, day: int) -> None:
    """Make the tables of a day if they are not there yet; a day half deleted comes back to life."""
    known = connection.execute(select(hist_partition.c.retired).where(hist_partition.c.day == day)).scalar()
    if known is None:
        connection.execute(CreateTable(raw_table(day)))
        connection.execute(CreateTable(text_table(day)))
        connection.execute(insert(hist_partition).values(day=day, retired=0))
    else:
        connection.execute(update(hist_partition).where(hist_partition.c.day == day).values(retired=0))
        _delete_texts_without_rows(connection, day)
    _make_day_view(connection, day)
    _make_history_view(connection)


def make_views(connection: Connection) -> None:
    """Make all views anew, as after the schema was changed."""
    connection.exec_driver_sql("DROP VIEW IF EXISTS history")
    for day in partition_days(connection):
        _make_day_view(connection, day)
    _make_history_view(connection)


def retire_partition(connection: Connection, day: int) -> None:
    """Hide a day from every reader, before its rows are deleted bit by bit."""
    connection.execute(update(hist_partition).where(hist_partition.c.day == day).values(retired=1))
    fresh_us = hist_fresh.c.ts_us
    connection.execute(delete(hist_fresh).where(fresh_us >= day * DAY_US, fresh_us < (day + 1) * DAY_US))
    _make_history_view(connection)
    connection.exec_driver_sql(f"DROP VIEW IF EXISTS history_{day_suffix(day)}")


def drop_partition(connection: Connection, day: int) -> None:
    """Remove the emptied tables of a retired day."""
    connection.execute(DropTable(raw_table(day), if_exists=True))
    connection.execute(DropTable(text_table(day), if_exists=True))
    connection.execute(delete(hist_partition).where(hist_partition.c.day == day))


def _delete_texts_without_rows(connection: Connection, day: int) -> None:
    """Left by a deletion that takes rows first; they would be read with new rows of the same time."""
    raw, text = raw_table(day).c, text_table(day)
    has_row = exists().where(raw.tag_id == text.c.tag_id, raw.ts_us == text.c.ts_us)
    connection.execute(delete(text).where(~has_row))


def _make_history_view(connection: Connection) -> None:
    connection.exec_driver_sql("DROP VIEW IF EXISTS history")
    days = partition_days(connection)[-_DAYS_IN_VIEW:]
    if days:
        arms = " UNION ALL ".join(f"SELECT * FROM history_{day_suffix(day)}" for day in days)
        connection.exec_driver_sql(f"CREATE VIEW history AS {arms}")


def _make_day_view(connection: Connection, day: int) -> None:
    suffix = day_suffix(day)
    connection.exec_driver_sql(f"DROP VIEW IF EXISTS history_{suffix}")
    slots = ", ".join(map(str, FRESH_SLOTS))
    is_of_day = f"r.ts_us >= {day * DAY_US} AND r.ts_us < {(day + 1) * DAY_US}"
    connection.exec_driver_sql(
        f"CREATE VIEW history_{suffix} AS {_plain_rows(f'hist_raw_{suffix}', suffix)} "
        f"UNION ALL {_plain_rows('hist_fresh', suffix)} WHERE r.slot IN ({slots}) AND {is_of_day}"
    )


def _plain_rows(table: str, suffix: str) -> str:
    return (
        "SELECT t.name AS tag, "
        "strftime('%Y-%m-%dT%H:%M:%S', r.ts_us / 1000000, 'unixepoch') "
        "|| printf('.%06dZ', r.ts_us % 1000000) AS time_utc, "
        "coalesce(x.text, r.value) AS value, "
        "CASE r.quality WHEN 192 THEN 'GOOD' WHEN 64 THEN 'UNCERTAIN' WHEN 0 THEN 'BAD' "
        "WHEN 500 THEN 'STALE' ELSE CAST(r.quality AS TEXT) END AS quality, t.unit AS unit "
        f"FROM {table} r JOIN hist_tag t ON t.id = r.tag_id "
        f"LEFT JOIN hist_text_{suffix} x ON x.tag_id = r.tag_id AND x.ts_us = r.ts_us"
    )
