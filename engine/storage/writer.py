"""Writes batches to the database: one transaction each, rows sorted by key, nothing twice."""

import json
import os
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, case, func, insert, select, update

from engine.events import Event
from engine.storage.batch import Batch, RunMark, TagEntry, to_storable
from engine.storage.connect import reader_engine, storage_errors, writer_engine
from engine.storage.dialect import insert_new_sql
from engine.storage.migrate import check_revision, upgrade
from engine.storage.partitions import make_views
from engine.storage.raw_rows import DbRow, RawRows
from engine.storage.schema import HOUR_US, KNOWN_REVISIONS, hist_dirty, hist_recorder, hist_tag

_KEY = itemgetter(0, 1)


class HistoryWriter:
    """An open database; owned by one thread. Every method raises ``StorageError`` when it cannot."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dirty_hours: set[int] = set()
        self.rows = RawRows()
        self.engine: Engine | None = None
        self._file_id: tuple[int, int] | None = None
        self._ids: dict[str, int] = {}
        self._entries: dict[str, TagEntry] = {}
        self._resolved: list[TagEntry] = []
        self._resolved_ids: list[int] = []

    def open(self) -> Engine:
        """Open the file, making or upgrading its schema; a newer one is refused and left untouched."""
        self.close()
        with storage_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            revision = check_existing(self.path)
            engine = self.engine = writer_engine(self.path)
            try:
                with engine.begin() as connection:
                    if revision != KNOWN_REVISIONS[-1]:
                        upgrade(connection)
                        make_views(connection)
                    self._load(connection)
                stat = self.path.stat()
            except BaseException:
                # Half open it would be written to without knowing what is in it.
                self.close()
                raise
            self._file_id = (stat.st_dev, stat.st_ino)
        return engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.dispose()
            self.engine = None

    @property
    def replaced(self) -> bool:
        """Whether the file was moved away or replaced beneath us: writing on would fill a ghost."""
        try:
            stat = os.stat(self.path)
        except OSError:
            return True
        return self._file_id != (stat.st_dev, stat.st_ino)

    @property
    def days(self) -> set[int]:
        """The days that have rows."""
        return self.rows.days

    def engine_or_open(self) -> Engine:
        return self.engine or self.open()

    def write(self, batch: Batch) -> set[int]:
        """One transaction, on the disk when this returns; gives the hours that the rows fell in."""
        hours: set[int] = set()
        try:
            with storage_errors(self.path):
                engine = self.engine_or_open()
                with engine.begin() as connection:
                    _write_run(connection, batch.run)
                    if batch.rows:
                        hours = self._write_rows(connection, batch)
                    _write_events(connection, batch.run.run_id, batch.events)
        except BaseException:
            # What we believe to know of tags, days and hours may have been rolled back.
            self.close()
            raise
        self.dirty_hours |= hours
        return hours

    def _load(self, connection: Connection) -> None:
        tags = connection.execute(select(hist_tag)).all()
        self._ids = {tag.name: tag.id for tag in tags}
        self._entries = {
            tag.name: TagEntry(tag.name, tag.data_type, tag.unit, tag.description) for tag in tags
        }
        self._resolved, self._resolved_ids = [], []
        self.rows.load(connection)
        self.dirty_hours = set(connection.execute(select(hist_dirty.c.hour_us)).scalars())

    def _write_rows(self, connection: Connection, batch: Batch) -> set[int]:
        ids = self._tag_ids(connection, batch.tags)
        rows: list[DbRow] = [
            (ids[index], ts_us, value, quality) for index, ts_us, value, quality in batch.rows
        ]
        rows.sort(key=_KEY)
        texts = {(ids[index], ts_us): text for index, ts_us, text in batch.texts}
        put_off_to = self.rows.write(connection, rows, texts)
        times = [row[1] for row in rows]
        first_us, last_us = min(times), max(times)
        if first_us // HOUR_US == last_us // HOUR_US:
            hours = {first_us // HOUR_US * HOUR_US}
        else:
            hours = {ts_us // HOUR_US * HOUR_US for ts_us in times}
        hours |= put_off_to
        if not hours <= self.dirty_hours:
            mark_dirty(connection, hours - self.dirty_hours)
        return hours

    def _tag_ids(self, connection: Connection, tags: Sequence[TagEntry]) -> list[int]:
        """The ids of a batch's tags; nearly always those of the batch before."""
        if tags != self._resolved:
            self._add_tags(connection, tags)
            self._describe_tags(connection, tags)
            self._resolved_ids = [self._tag_id(connection, entry) for entry in tags]
            self._resolved = list(tags)
        return self._resolved_ids

    def _add_tags(self, connection: Connection, tags: Sequence[TagEntry]) -> None:
        """A new plant brings thousands at once: one by one they would take seconds."""
        new = {entry.name: entry for entry in reversed(tags) if entry.name not in self._entries}
        if not new:
            return
        statement = insert_new_sql(connection.dialect.name, hist_tag.name, TagEntry._fields)
        connection.exec_driver_sql(statement, [tuple(entry) for entry in reversed(new.values())])
        last_id = max(self._ids.values(), default=0)
        added = select(hist_tag.c.id, hist_tag.c.name).where(hist_tag.c.id > last_id)
        self._ids.update({name: tag_id for tag_id, name in connection.execute(added)})
        self._entries.update({name: entry for name, entry in new.items() if name in self._ids})

    def _describe_tags(self, connection: Connection, tags: Sequence[TagEntry]) -> None:
        """A plant file edited at all its tags changes thousands at once, too."""
        changed = []
        for entry in tags:
            if entry.data_type and self._entries.get(entry.name, entry) != entry:
                self._entries[entry.name] = entry
                changed.append({"kept": entry.name, **entry._asdict()})
        if changed:
            statement = update(hist_tag).where(hist_tag.c.name == bindparam("kept"))
            connection.execute(statement, changed)

    def _tag_id(self, connection: Connection, entry: TagEntry) -> int:
        known = self._entries.get(entry.name)
        if known is entry:
            return self._ids[entry.name]
        if known is None:
            result = connection.execute(insert(hist_tag).values(**entry._asdict()))
            (tag_id,) = result.inserted_primary_key or (0,)
            self._ids[entry.name], self._entries[entry.name] = int(tag_id), entry
        return self._ids[entry.name]


def check_existing(path: Path) -> str | None:
    """The schema revision of a file, read without touching it; None when there is nothing yet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    engine = reader_engine(path)
    try:
        with storage_errors(path), engine.connect() as connection:
            return check_revision(connection, path)
    finally:
        engine.dispose()


def mark_dirty(connection: Connection, hours: set[int]) -> None:
    """Their roll-ups no longer tell the truth; readers go to the raw rows until they are made anew."""
    statement = insert_new_sql(connection.dialect.name, "hist_dirty", ("hour_us",))
    connection.exec_driver_sql(statement, [(hour_us,) for hour_us in sorted(hours)])


def _write_run(connection: Connection, run: RunMark) -> None:
    columns = ("run_id", "started_us", "last_alive_us", "ended_us")
    connection.exec_driver_sql(insert_new_sql(connection.dialect.name, "hist_recorder", columns), tuple(run))
    kept = hist_recorder.c
    connection.execute(
        update(hist_recorder)
        .where(kept.run_id == run.run_id)
        .values(
            last_alive_us=case((kept.last_alive_us < run.alive_us, run.alive_us), else_=kept.last_alive_us),
            ended_us=func.coalesce(kept.ended_us, run.ended_us),
        )
    )


def _write_events(connection: Connection, run_id: str, events: list[tuple[int, Event]]) -> None:
    if not events:
        return
    columns = ("run_id", "seq", "time_us", "kind", "source", "severity", "text", "details")
    rows = [
        (
            run_id,
            seq,
            event.time_us,
            event.kind.value,
            to_storable(event.source),
            event.severity.value,
            to_storable(event.text),
            to_storable(json.dumps(event.details, ensure_ascii=False)),
        )
        for seq, event in events
    ]
    connection.exec_driver_sql(insert_new_sql(connection.dialect.name, "journal", columns), rows)
