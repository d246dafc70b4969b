"""Where rows go: new ones to ``hist_fresh``, and from there in bulk to the tables of their days.

With thousands of tags a commit has a row or two of each, and in a day table every tag has pages of its
own: written there at once, each commit would touch as many pages as it has rows. ``hist_fresh`` has the
slot in front of its key, so rows of a commit lie next to each other, and a slot is short. When enough
rows of each tag have come together they are moved, a page then taking them all at once (``move``).

A row is in one of both tables, never in both. What makes this cheap to keep is ``_newest``: rows later
than all rows of their tag that were ever written to that day cannot meet one. All others go straight to
the table of the day, after a look for rows that have their key already.
"""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from sqlalchemy import Connection, func, select

from engine.storage.batch import to_number
from engine.storage.dialect import insert_new, insert_new_from, insert_new_sql
from engine.storage.partitions import create_partition, partition_days
from engine.storage.schema import DAY_US, FRESH_SLOTS, HOUR_US, day_suffix, hist_fresh, hist_tag, raw_table

DbRow = tuple[int, int, float | None, int]
Texts = dict[tuple[int, int], str]

_RAW_COLUMNS = ("tag_id", "ts_us", "value", "quality")
_FRESH_COLUMNS = ("slot", *_RAW_COLUMNS)
_SLOTS = ", ".join(map(str, FRESH_SLOTS))
_SLOT_ROWS = 12_500
_DIRECT_FROM = 8
"""With this many rows of each tag a batch costs least when it goes straight to the day."""
_DAYS_KNOWN = 4
_LOOK_UP_ROWS = 400
_NEVER_US = 2**63 - 1
_TAG = itemgetter(0)


class RawRows:
    """What is known of the rows of an open database; true for as long as its transactions succeed."""

    def __init__(self) -> None:
        self.days: set[int] = set()
        self._newest: dict[int, dict[int, int]] = {}
        self._fresh_by_tag: Counter[int] = Counter()
        self._fresh_by_day: Counter[int] = Counter()
        self._oldest_fresh_us = _NEVER_US
        self._put_in_slots = 0
        self._put_off_to: set[int] = set()

    @property
    def fresh_count(self) -> int:
        return self._fresh_by_day.total()

    def fresh_by_tag(self) -> dict[int, int]:
        """How many fresh rows the tags have."""
        return dict(self._fresh_by_tag)

    def load(self, connection: Connection) -> None:
        """Get to know a database that was just opened."""
        self.days = set(partition_days(connection))
        self._newest = {}
        fresh = hist_fresh.c
        by_tag = select(fresh.tag_id, func.count()).group_by(fresh.tag_id)
        by_day = select(fresh.ts_us // DAY_US, func.count()).group_by(fresh.ts_us // DAY_US)
        self._fresh_by_tag = Counter({row[0]: row[1] for row in connection.execute(by_tag)})
        self._fresh_by_day = Counter({row[0]: row[1] for row in connection.execute(by_day)})
        self._put_in_slots = self.fresh_count
        self.look_for_oldest(connection)

    def forget_day(self, day: int) -> None:
        """The day is being deleted, with its fresh rows."""
        self.days.discard(day)
        self._fresh_by_day.pop(day, None)

    def write(self, connection: Connection, rows: list[DbRow], texts: Texts) -> set[int]:
        """Insert rows, sorted by key, each key once; the hours of those put off to a later time."""
        self._put_off_to = set()
        by_day: dict[int, list[DbRow]] = {}
        first_us, last_us = min(row[1] for row in rows), max(row[1] for row in rows)
        if first_us // DAY_US == last_us // DAY_US:
            by_day[first_us // DAY_US] = rows
        else:
            for row in rows:
                by_day.setdefault(row[1] // DAY_US, []).append(row)
        for day, part in sorted(by_day.items()):
            self._have_day(connection, day)
            if len(by_day) > _DAYS_KNOWN and day not in self._newest:
                self._write_late(connection, day, part, texts)
            else:
                self._write_day(connection, day, part, texts)
        return self._put_off_to

    def move(self, connection: Connection, first_tag: int, last_tag: int) -> None:
        """Move the fresh rows of these tags (both included) to the tables of their days."""
        for day in sorted(self._fresh_by_day):
            where = (
                f"WHERE slot IN ({_SLOTS}) AND tag_id >= {first_tag} AND tag_id <= {last_tag} "
                f"AND ts_us >= {day * DAY_US} AND ts_us < {(day + 1) * DAY_US}"
            )
            rows = f"SELECT {', '.join(_RAW_COLUMNS)} FROM hist_fresh {where} ORDER BY tag_id, ts_us"
            raw = f"hist_raw_{day_suffix(day)}"
            insert_new_from(connection, raw, _RAW_COLUMNS, rows)
            self._fresh_by_day[day] -= connection.exec_driver_sql(f"DELETE FROM hist_fresh {where}").rowcount
            if self._fresh_by_day[day] <= 0:
                del self._fresh_by_day[day]
        for tag_id in [tag_id for tag_id in self._fresh_by_tag if first_tag <= tag_id <= last_tag]:
            del self._fresh_by_tag[tag_id]

    def look_for_oldest(self, connection: Connection) -> None:
        """Learn which times no fresh row can have any more; worth it when most were moved."""
        oldest_us = connection.execute(select(func.min(hist_fresh.c.ts_us))).scalar()
        self._oldest_fresh_us = _NEVER_US if oldest_us is None else oldest_us

    def _write_day(self, connection: Connection, day: int, rows: list[DbRow], texts: Texts) -> None:
        newest = self._newest_of(connection, day)
        late = [row for row in rows if row[1] <= newest.get(row[0], -1)]
        new = [row for row in rows if row[1] > newest.get(row[0], -1)] if late else rows
        if late:
            self._write_late(connection, day, late, texts)
            new = self._write_displaced(connection, new, newest, texts)
        latest = {row[0]: row[1] for row in new}
        if len(new) >= _DIRECT_FROM * len(latest):
            written = self._insert(connection, day, new, texts)
        else:
            written = self._insert_fresh(connection, day, new, texts)
        if written:
            newest.update(latest)
        else:
            self._write_one_by_one(connection, new, texts)

    def _write_displaced(
        self, connection: Connection, rows: list[DbRow], newest: dict[int, int], texts: Texts
    ) -> list[DbRow]:
        """New rows of tags whose late rows took their times: they follow these; gives the other new rows."""
        displaced = {row[0] for row in rows if row[1] <= newest.get(row[0], -1)}
        if displaced:
            those = [row for row in rows if row[0] in displaced]
            self._write_one_by_one(connection, those, texts)
            rows = [row for row in rows if row[0] not in displaced]
        return rows

    def _write_late(self, connection: Connection, day: int, rows: list[DbRow], texts: Texts) -> None:
        """Rows that may meet others of their key: straight to the day, or one by one if any does."""
        if self._any_is_fresh(connection, rows) or not self._insert(connection, day, rows, texts):
            self._write_one_by_one(connection, rows, texts)
        for tag_id, ts_us, *_ in rows if day in self._newest else ():
            self._know(tag_id, ts_us)

    def _insert(self, connection: Connection, day: int, rows: list[DbRow], texts: Texts) -> bool:
        """All rows to the table of their day, or none when one of the keys is taken."""
        savepoint = connection.begin_nested()
        if insert_new(connection, f"hist_raw_{day_suffix(day)}", _RAW_COLUMNS, rows) != len(rows):
            savepoint.rollback()
            return False
        savepoint.commit()
        _write_texts(connection, day, rows, texts)
        return True

    def _insert_fresh(self, connection: Connection, day: int, rows: list[DbRow], texts: Texts) -> bool:
        slot = self._put_in_slots // _SLOT_ROWS % len(FRESH_SLOTS)
        savepoint = connection.begin_nested()
        if insert_new(connection, hist_fresh.name, _FRESH_COLUMNS, rows, (slot,)) != len(rows):
            savepoint.rollback()
            return False
        savepoint.commit()
        _write_texts(connection, day, rows, texts)
        self._put_in_slots += len(rows)
        self._fresh_by_day[day] += len(rows)
        self._fresh_by_tag.update(map(_TAG, rows))
        if rows:
            self._oldest_fresh_us = min(self._oldest_fresh_us, min(row[1] for row in rows))
        return True

    def _write_one_by_one(self, connection: Connection, rows: list[DbRow], texts: Texts) -> None:
        """Some keys exist: leave exact repetitions, move what differs to the next free microsecond."""
        for tag_id, ts_us, value, quality in rows:
            text = texts.get((tag_id, ts_us))
            free_us = ts_us
            while (found := self._find(connection, tag_id, free_us)) is not None:
                if found == (to_number(value), quality, text):
                    break
                free_us += 1
            else:
                day = free_us // DAY_US
                row = (tag_id, free_us, value, quality)
                raw = f"hist_raw_{day_suffix(day)}"
                connection.exec_driver_sql(insert_new_sql(connection.dialect.name, raw, _RAW_COLUMNS), row)
                if text is not None:
                    _write_texts(connection, day, [row], {(tag_id, free_us): text})
                self._know(tag_id, free_us)
                if free_us != ts_us:
                    self._put_off_to.add(free_us // HOUR_US * HOUR_US)

    def _find(
        self, connection: Connection, tag_id: int, ts_us: int
    ) -> tuple[float | None, int, str | None] | None:
        day = ts_us // DAY_US
        self._have_day(connection, day)
        places = [(f"hist_raw_{day_suffix(day)}", "")]
        if ts_us >= self._oldest_fresh_us:
            places.append(("hist_fresh", f"r.slot IN ({_SLOTS}) AND "))
        for table, more in places:
            found = connection.exec_driver_sql(
                f"SELECT r.value, r.quality, x.text FROM {table} r LEFT JOIN hist_text_{day_suffix(day)} x "
                f"ON x.tag_id = r.tag_id AND x.ts_us = r.ts_us WHERE {more}r.tag_id = ? AND r.ts_us = ?",
                (tag_id, ts_us),
            ).first()
            if found is not None:
                return found[0], found[1], found[2]
        return None

    def _any_is_fresh(self, connection: Connection, rows: list[DbRow]) -> bool:
        among = [row[:2] for row in rows if row[1] >= self._oldest_fresh_us]
        for start in range(0, len(among), _LOOK_UP_ROWS):
            keys = among[start : start + _LOOK_UP_ROWS]
            found = connection.exec_driver_sql(
                f"WITH wanted (tag_id, ts_us) AS (VALUES {', '.join(['(?, ?)'] * len(keys))}) "
                f"SELECT 1 FROM wanted CROSS JOIN hist_fresh r WHERE r.slot IN ({_SLOTS}) "
                "AND r.tag_id = wanted.tag_id AND r.ts_us = wanted.ts_us LIMIT 1",
                tuple(part for key in keys for part in key),
            ).first()
            if found is not None:
                return True
        return False

    def _have_day(self, connection: Connection, day: int) -> None:
        if day not in self.days:
            create_partition(connection, day)
            self.days.add(day)

    def _newest_of(self, connection: Connection, day: int) -> dict[int, int]:
        """The latest time of each tag in a day; no row that was ever written there is later."""
        newest = self._newest.pop(day, None)
        if newest is None:
            newest = _load_newest(connection, day)
            while len(self._newest) >= _DAYS_KNOWN:
                del self._newest[next(iter(self._newest))]
        self._newest[day] = newest
        return newest

    def _know(self, tag_id: int, ts_us: int) -> None:
        newest = self._newest.get(ts_us // DAY_US)
        if newest is not None and newest.get(tag_id, -1) < ts_us:
            newest[tag_id] = ts_us


def _load_newest(connection: Connection, day: int) -> dict[int, int]:
    raw, fresh = raw_table(day).c, hist_fresh.c
    of_tag = select(func.max(raw.ts_us)).where(raw.tag_id == hist_tag.c.id).scalar_subquery()
    newest = {
        tag_id: ts_us
        for tag_id, ts_us in connection.execute(select(hist_tag.c.id, of_tag))
        if ts_us is not None
    }
    of_day = (fresh.ts_us >= day * DAY_US, fresh.ts_us < (day + 1) * DAY_US)
    query = select(fresh.tag_id, func.max(fresh.ts_us)).where(*of_day).group_by(fresh.tag_id)
    for tag_id, ts_us in connection.execute(query):
        newest[tag_id] = max(ts_us, newest.get(tag_id, -1))
    return newest


def _write_texts(connection: Connection, day: int, rows: Sequence[DbRow], texts: Texts) -> None:
    if not texts:
        return
    with_text = [(*row[:2], texts[row[:2]]) for row in rows if row[:2] in texts]
    if with_text:
        table = f"hist_text_{day_suffix(day)}"
        columns = ("tag_id", "ts_us", "text")
        connection.exec_driver_sql(insert_new_sql(connection.dialect.name, table, columns), with_text)
