"""Reads the history: series for drawing, samples for export, tags and events."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, func, select
from sqlalchemy.schema import CreateTable

from engine.clock import Clock, SystemClock
from engine.errors import NoHistoryError, QueryCancelledError
from engine.events import Event, EventKind, Severity
from engine.history import CancelToken, Series, TagRecord
from engine.model import Quality, Sample
from engine.storage.assemble import Held, Point, assemble, merge_bins
from engine.storage.connect import database_path, reader_engine, storage_errors
from engine.storage.decode import decoder
from engine.storage.migrate import check_revision
from engine.storage.partitions import partition_days
from engine.storage.query_plan import Piece, Source, choose_bins, plan_pieces
from engine.storage.schema import (
    DAY_US,
    FRESH_SLOTS,
    KNOWN_REVISIONS,
    hist_1h,
    hist_1m,
    hist_dirty,
    hist_fresh,
    hist_recorder,
    hist_tag,
    journal,
    raw_table,
)
from engine.storage.statements import select_bins, select_good, select_newest_before, select_samples

_CHUNK_ROWS = 20_000
_ALIVE_US = 10_000_000
"""A recorder heard of this recently is taken to be running still."""
_CANCEL_EVERY_STEPS = 20_000
_NO_FRESH_ROWS = CreateTable(hist_fresh.to_metadata(MetaData(), schema="temp"))


class SqlHistoryReader:
    """Read-only; safe from any thread; the file is opened at the first question and never created."""

    def __init__(self, url: str, data_dir: Path, clock: Clock | None = None) -> None:
        self.path = database_path(url, data_dir)
        self._clock = clock or SystemClock()
        self._engine: Engine = reader_engine(self.path)
        self._file_id: tuple[int, int] | None = None
        self._checked = False

    def close(self) -> None:
        """Close the files; the reader opens them again when asked again."""
        self._engine.dispose()
        self._checked = False

    def series(
        self, tag: str, start_us: int, end_us: int, points: int, cancel: CancelToken | None = None
    ) -> Series:
        """Bins of min/max/last, or the samples themselves when they are no more than ``points``.

        The time of a bin is that of its first sample; a bin whose last sample is not good has a NaN
        ``last``. Gaps are exact where raw rows are read and as fine as the roll-up elsewhere. Before
        there is a database all of it is a gap.
        """
        if end_us <= start_us:
            return assemble(tag, start_us, start_us, [], None, [], binned=False)
        try:
            return self._series(tag, start_us, end_us, points, cancel)
        except NoHistoryError:
            return assemble(tag, start_us, end_us, [], None, [], binned=False)

    def _series(
        self, tag: str, start_us: int, end_us: int, points: int, cancel: CancelToken | None
    ) -> Series:
        with self._transaction(cancel) as connection:
            tag_id = _tag_id(connection, tag)
            if tag_id is None:
                return assemble(tag, start_us, end_us, [], None, [], binned=False)
            days = partition_days(connection)
            held = _held_before(connection, tag_id, start_us, days)
            ends_us = self._recorder_ends(connection)
            found = self._samples_if_few(connection, tag_id, start_us, end_us, days, points)
            binned = found is None
            if found is None:
                found = _binned(connection, tag_id, start_us, end_us, points, days)
        return assemble(tag, start_us, end_us, found, held, ends_us, binned)

    def samples(self, tag: str, start_us: int | None, end_us: int | None) -> Iterator[Sample]:
        """Every sample in order of time, read in chunks that never hold up the writer. ``NoHistoryError``."""
        with self._transaction() as connection:
            row = connection.execute(select(hist_tag).where(hist_tag.c.name == tag)).first()
            days = partition_days(connection)
        if row is None:
            return
        decode = decoder(row.data_type)
        for day in days:
            first_us = max(day * DAY_US, day * DAY_US if start_us is None else start_us)
            last_us = min((day + 1) * DAY_US, (day + 1) * DAY_US if end_us is None else end_us)
            while first_us < last_us:
                rows = self._chunk(row.id, day, first_us, last_us)
                for ts_us, value, quality, text in rows:
                    yield Sample(tag, decode(value, text), _QUALITIES[quality], ts_us)
                first_us = rows[-1][0] + 1 if len(rows) == _CHUNK_ROWS else last_us

    def recorder_ends(self) -> list[int]:
        """When recording ended or was cut off and nobody went on, in order (µs). ``NoHistoryError``."""
        with self._transaction() as connection:
            return self._recorder_ends(connection)

    def tags(self) -> list[TagRecord]:
        """Every tag with samples or roll-ups, with its first and last time. Raises ``NoHistoryError``."""
        with self._transaction() as connection:
            days = partition_days(connection)
            found = []
            for row in connection.execute(select(hist_tag).order_by(hist_tag.c.name)).all():
                first_us, last_us = _first_and_last(connection, row.id, days)
                if last_us is not None:
                    found.append(TagRecord(row.name, row.data_type, row.unit, first_us, last_us))
            return found

    def events(self, start_us: int, end_us: int, limit: int = 500) -> list[Event]:
        """Recorded events, newest first."""
        query = (
            select(journal)
            .where(journal.c.time_us >= start_us, journal.c.time_us < end_us)
            .order_by(journal.c.time_us.desc(), journal.c.id.desc())
            .limit(limit)
        )
        try:
            with self._transaction() as connection:
                return [_to_event(row) for row in connection.execute(query)]
        except NoHistoryError:
            return []

    @contextmanager
    def _transaction(self, cancel: CancelToken | None = None) -> Iterator[Connection]:
        self._follow_file()
        with storage_errors(self.path), self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            if cancel is not None:
                if cancel.cancelled:
                    raise QueryCancelledError("The query was given up")
                driver.set_progress_handler(lambda: cancel.cancelled, _CANCEL_EVERY_STEPS)
            try:
                self._check(connection)
                yield connection
            finally:
                if cancel is not None:
                    driver.set_progress_handler(None, 0)

    def _follow_file(self) -> None:
        """A file moved away stays open and would be read for ever, while the recorder fills a new one."""
        try:
            stat = os.stat(self.path)
        except OSError:
            raise NoHistoryError(
                f"There is no history at {self.path}: nothing has been recorded yet."
            ) from None
        file_id = (stat.st_dev, stat.st_ino)
        if self._file_id != file_id:
            self.close()
            self._file_id = file_id

    def _check(self, connection: Connection) -> None:
        if not self._checked:
            revision = check_revision(connection, self.path)
            if revision is None:
                raise NoHistoryError(f"There is no history in {self.path}: nothing has been recorded yet.")
            if revision == "0001":
                # No recorder has brought this file up to date yet: it has no fresh rows, which an empty
                # table of this transaction alone stands for.
                connection.execute(_NO_FRESH_ROWS)
            self._checked = revision == KNOWN_REVISIONS[-1]

    def _chunk(self, tag_id: int, day: int, first_us: int, last_us: int) -> list[Any]:
        span = {"tag_id": tag_id, "start_us": first_us, "end_us": last_us, "most": _CHUNK_ROWS}
        with self._transaction() as connection:
            if day not in partition_days(connection):
                return []
            return list(connection.execute(select_samples(day), span).all())

    def _samples_if_few(
        self, connection: Connection, tag_id: int, start_us: int, end_us: int, days: list[int], points: int
    ) -> list[Point] | None:
        """The samples as points; None when they are too many, or partly to be had only as roll-ups."""
        older = not days or start_us < days[0] * DAY_US
        if older and _has_rollups(connection, tag_id, start_us, end_us, days):
            return None
        found: list[Point] = []
        for day in days:
            if (day + 1) * DAY_US <= start_us or day * DAY_US >= end_us:
                continue
            span = {"tag_id": tag_id, "start_us": start_us, "end_us": end_us, "most": points + 1 - len(found)}
            for ts_us, value in connection.execute(select_good(day), span):
                found.append(Point(ts_us, ts_us, ts_us, value, value, value))
            if len(found) > points:
                return None
        return found

    def _recorder_ends(self, connection: Connection) -> list[int]:
        """When the recorder went off (or was killed) and no other run was recording."""
        alive_from_us = self._clock.utc_us() - _ALIVE_US
        runs: list[tuple[int, int]] = []
        for run in connection.execute(select(hist_recorder)):
            end_us = run.ended_us if run.ended_us is not None else run.last_alive_us
            if run.ended_us is None and run.last_alive_us >= alive_from_us:
                end_us = 2**63 - 1
            runs.append((run.started_us, end_us))
        runs.sort()
        ends: list[int] = []
        covered_us = -1
        for started_us, end_us in runs:
            if covered_us >= 0 and started_us > covered_us:
                ends.append(covered_us)
            covered_us = max(covered_us, end_us)
        if 0 <= covered_us < 2**63 - 1:
            ends.append(covered_us)
        return ends


def _tag_id(connection: Connection, tag: str) -> int | None:
    return connection.execute(select(hist_tag.c.id).where(hist_tag.c.name == tag)).scalar()


def _held_before(connection: Connection, tag_id: int, start_us: int, days: list[int]) -> Held | None:
    """The newest sample before the range, from raw rows or else from roll-ups."""
    for day in reversed(days):
        if day * DAY_US >= start_us:
            continue
        row = connection.execute(select_newest_before(day), {"tag_id": tag_id, "start_us": start_us}).first()
        if row is not None:
            return Held(row[0], row[1])
    minute = hist_1m.c
    query = (
        select(minute.last_us, minute.vlast)
        .where(minute.tag_id == tag_id, minute.start_us < start_us)
        .order_by(minute.start_us.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Held(min(row[0], start_us), row[1])


def _has_rollups(connection: Connection, tag_id: int, start_us: int, end_us: int, days: list[int]) -> bool:
    """Whether part of the range is older than all raw rows but still known by the minute."""
    until_us = min(end_us, min(days, default=end_us // DAY_US + 1) * DAY_US)
    minute = hist_1m.c
    query = select(minute.start_us).where(
        minute.tag_id == tag_id, minute.start_us >= start_us, minute.start_us < until_us
    )
    return connection.execute(query.limit(1)).first() is not None


def _binned(
    connection: Connection, tag_id: int, start_us: int, end_us: int, points: int, days: list[int]
) -> list[Point]:
    source, width_us = choose_bins(start_us, end_us, points)
    hour = hist_dirty.c.hour_us
    dirty = connection.execute(select(hour).where(hour < end_us, hour > start_us - DAY_US)).scalars().all()
    found: list[Point] = []
    for piece in plan_pieces(start_us, end_us, source, set(days), dirty):
        found += _bins_of(connection, tag_id, piece, width_us)
    return merge_bins(found)


def _bins_of(connection: Connection, tag_id: int, piece: Piece, width_us: int) -> list[Point]:
    day = piece.start_us // DAY_US if piece.source is Source.RAW else 0
    span = {"tag_id": tag_id, "start_us": piece.start_us, "end_us": piece.end_us, "width_us": width_us}
    return [Point(*row) for row in connection.execute(select_bins(piece.source, day), span)]


def _first_and_last(connection: Connection, tag_id: int, days: list[int]) -> tuple[int | None, int | None]:
    hours = select(func.min(hist_1h.c.first_us), func.max(hist_1h.c.last_us)).where(
        hist_1h.c.tag_id == tag_id
    )
    first_us, last_us = connection.execute(hours).one()
    oldest = next(_extremes(connection, tag_id, days, func.min), None)
    newest = next(_extremes(connection, tag_id, days[::-1], func.max), None)
    fresh_first_us, fresh_last_us = _fresh_times(connection, tag_id)
    return (
        min((at_us for at_us in (first_us, oldest, fresh_first_us) if at_us is not None), default=None),
        max((at_us for at_us in (last_us, newest, fresh_last_us) if at_us is not None), default=None),
    )


def _extremes(
    connection: Connection, tag_id: int, days: list[int], extreme: Callable[[Column[int]], Any]
) -> Iterator[int]:
    """The first (or last) time of a tag in each of the days that has any."""
    for day in days:
        raw = raw_table(day).c
        found = connection.execute(select(extreme(raw.ts_us)).where(raw.tag_id == tag_id)).scalar()
        if found is not None:
            yield found


def _fresh_times(connection: Connection, tag_id: int) -> tuple[int | None, int | None]:
    fresh = hist_fresh.c
    query = select(func.min(fresh.ts_us), func.max(fresh.ts_us))
    first_us, last_us = connection.execute(
        query.where(fresh.slot.in_(FRESH_SLOTS), fresh.tag_id == tag_id)
    ).one()
    return first_us, last_us


class _Qualities(dict[int, Quality]):
    def __missing__(self, number: int) -> Quality:
        return Quality.BAD


_QUALITIES = _Qualities({int(quality): quality for quality in Quality})


def _to_event(row: Any) -> Event:
    details = tuple((str(name), str(value)) for name, value in json.loads(row.details))
    return Event(row.time_us, EventKind(row.kind), row.source, row.text, Severity(row.severity), details)
