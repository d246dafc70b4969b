"""Where batches wait on disk while the database cannot be written.

A file of its own, ``spool.db``, with packed and compressed batches in the order they came. Every
append is on the disk before it returns. A batch is removed after the database has it, so a crash in
between replays it once more, which changes nothing (see ``batch``).
"""

import json
import sqlite3
import struct
import zlib
from pathlib import Path

import numpy as np

from engine.errors import StorageError
from engine.events import Event, EventKind, Severity
from engine.storage.batch import Batch, RunMark, TagEntry

_LENGTH = struct.Struct("<I")


class DamagedSpoolError(StorageError):
    """What the spool file holds cannot be read, now or later."""


class Spool:
    """Owned by the recorder's thread; the file is opened when first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self.batches = 0
        self._connection: sqlite3.Connection | None = None

    def open_existing(self) -> None:
        """Pick up what an earlier run left behind."""
        if not self.path.exists():
            return
        try:
            self._open()
        except (sqlite3.DatabaseError, OSError) as error:
            raise self._failed(error) from error

    def append(self, batch: Batch) -> None:
        """Keep a batch; ``StorageError`` when the spool's disk is full or unusable."""
        packed = pack_batch(batch)
        try:
            connection = self._open()
            with connection:
                connection.execute("INSERT INTO spool (rows, batch) VALUES (?, ?)", (len(batch.rows), packed))
        except (sqlite3.DatabaseError, OSError) as error:
            raise self._failed(error) from error
        self.rows += len(batch.rows)
        self.batches += 1

    def first(self) -> tuple[int, Batch] | None:
        """The oldest batch and its number; ``DamagedSpoolError`` when it will never be read."""
        if not self.batches:
            return None
        try:
            row = self._open().execute("SELECT id, batch FROM spool ORDER BY id LIMIT 1").fetchone()
            return None if row is None else (row[0], unpack_batch(row[1]))
        except (sqlite3.DatabaseError, OSError, zlib.error, struct.error, ValueError) as error:
            raise self._failed(error) from error

    def remove(self, number: int) -> None:
        """Forget a batch that the database has."""
        try:
            connection = self._open()
            with connection:
                connection.execute("DELETE FROM spool WHERE id = ?", (number,))
            self._count(connection)
        except (sqlite3.DatabaseError, OSError) as error:
            raise self._failed(error) from error

    def set_aside(self, suffix: str) -> Path:
        """Move a damaged file out of the way, so that recording can go on with a new one."""
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{suffix}")
        for extension in ("", "-wal", "-shm"):
            part = Path(f"{self.path}{extension}")
            if part.exists():
                part.replace(f"{aside}{extension}")
        self.rows = self.batches = 0
        return aside

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=0.25)
            try:
                for pragma in ("journal_mode=WAL", "synchronous=FULL", "journal_size_limit=16777216"):
                    connection.execute(f"PRAGMA {pragma}").close()
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS spool "
                    "(id INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, batch BLOB NOT NULL)"
                )
                self._count(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _count(self, connection: sqlite3.Connection) -> None:
        self.batches, self.rows = connection.execute("SELECT count(*), total(rows) FROM spool").fetchone()
        self.rows = int(self.rows)

    def _failed(self, error: Exception) -> StorageError:
        if not isinstance(error, (sqlite3.OperationalError, OSError)):
            return DamagedSpoolError(f"The spool file {self.path} cannot be used ({error}).")
        return StorageError(f"The spool file {self.path} cannot be used ({error}). Free space on its disk.")


def pack_batch(batch: Batch) -> bytes:
    """A batch as bytes: a JSON head, then the columns, compressed; only the tags that it uses."""
    count = len(batch.rows)
    used, index = np.unique(np.fromiter((row[0] for row in batch.rows), np.int32, count), return_inverse=True)
    place = {int(old): new for new, old in enumerate(used)}
    head = {
        "run": batch.run,
        "rows": count,
        "tags": [batch.tags[i] for i in used],
        "texts": [(place[i], ts_us, text) for i, ts_us, text in batch.texts],
        "events": [(seq, *_from_event(event)) for seq, event in batch.events],
    }
    times = np.fromiter((row[1] for row in batch.rows), np.int64, count)
    values = np.array([row[2] for row in batch.rows], dtype=np.float64)
    quality = np.fromiter((row[3] for row in batch.rows), np.int16, count)
    encoded = json.dumps(head).encode()
    columns = (index.astype(np.int32), np.diff(times, prepend=0), values, quality)
    body = b"".join((_LENGTH.pack(len(encoded)), encoded, *(column.tobytes() for column in columns)))
    return zlib.compress(body, level=1)


def unpack_batch(packed: bytes) -> Batch:
    """The batch that ``pack_batch`` packed; values come back as doubles."""
    body = zlib.decompress(packed)
    (length,) = _LENGTH.unpack_from(body)
    head = json.loads(body[4 : 4 + length])
    count, offset = head["rows"], 4 + length
    columns = []
    for kind in (np.int32, np.int64, np.float64, np.int16):
        columns.append(np.frombuffer(body, kind, count, offset))
        offset += count * np.dtype(kind).itemsize
    index, steps, values, quality = columns
    numbers = [None if value != value else value for value in values.tolist()]
    rows = list(zip(index.tolist(), np.cumsum(steps).tolist(), numbers, quality.tolist(), strict=True))
    return Batch(
        run=RunMark(*head["run"]),
        tags=[TagEntry(*tag) for tag in head["tags"]],
        rows=rows,
        texts=[(i, ts_us, text) for i, ts_us, text in head["texts"]],
        events=[(seq, _to_event(*parts)) for seq, *parts in head["events"]],
    )


def _from_event(event: Event) -> tuple[object, ...]:
    return (event.time_us, event.kind, event.source, event.text, event.severity, event.details)


def _to_event(
    time_us: int, kind: str, source: str, text: str, severity: str, details: list[tuple[str, str]]
) -> Event:
    facts = tuple((name, value) for name, value in details)
    return Event(time_us, EventKind(kind), source, text, Severity(severity), facts)
