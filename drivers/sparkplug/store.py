"""Where the edge node's values wait on disk until a broker has certainly taken them.

A file of its own, ``edge-store.db``. *Every* change is written here before it is sent, as *live* where
a session is there to send it and as *history* where there is none. What was sent is removed when the
broker has answered a ping that was written after it (DDATA is QoS 0 by the specification and is never
confirmed itself). When a session ends, everything live that is left becomes history. So a cut cable, a
killed broker and a killed process are one and the same case, and none of them loses a value that is in
here; what was on its way is sent twice at most, the second time as history with the same time.

While values wait for a broker each write is on the disk before it returns. While they are only
passing through it is left to the system when they get there: a killed process loses nothing, a power
failure the last seconds.
"""

import itertools
import json
import sqlite3
import zlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import StorageError
from engine.model import Quality, Sample

_TABLE = (
    "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY AUTOINCREMENT, live INTEGER NOT NULL, "
    "device TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, oldest_us INTEGER NOT NULL, "
    "kept_us INTEGER NOT NULL, samples BLOB NOT NULL)"
)
_INDEX = "CREATE INDEX IF NOT EXISTS entry_order ON entry (live, device, id)"
_INSERT = (
    "INSERT INTO entry (live, device, rows, bytes, oldest_us, kept_us, samples) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_OVERHEAD_BYTES = 64
"""What an entry takes beside its samples."""
_TRIM_TO = 0.95


class Entry(NamedTuple):
    """Values of one device that were kept together, in the order they came."""

    id: int
    device: str
    samples: Sequence[Sample]


class Stored(NamedTuple):
    """What waits as history; ``since_us`` is the source time of the oldest value of all."""

    values: int
    bytes: int
    since_us: int | None


class _Meta(NamedTuple):
    id: int
    device: str
    rows: int
    bytes: int


class Store:
    """Owned by the edge node's thread. Every method may raise StorageError."""

    def __init__(self, path: Path, max_bytes: int, max_age_us: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._max_age_us = max_age_us
        self._connection: sqlite3.Connection | None = None
        self._live: deque[_Meta] = deque()
        self._values: dict[str, int] = {}
        self._bytes = 0
        self._recall_due = True

    def open(self) -> Path | None:
        """Pick up what an earlier run left. A damaged file is set aside; its new name is returned."""
        aside = None
        try:
            self._connect()
        except sqlite3.OperationalError as error:
            raise self._failed(error) from error
        except (sqlite3.DatabaseError, OSError) as error:
            aside = self._set_aside(error)
        self.recall()
        return aside

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def append(self, kept: Mapping[str, Sequence[Sample]], live: bool, now_us: int) -> int:
        """Keep values by device; the number of the last entry."""
        rows = [
            (int(live), device, len(samples), len(packed), _oldest_us(samples), now_us, packed)
            for device, samples in kept.items()
            if (packed := pack_samples(samples))
        ]
        kept_now = []
        self._recall_if_due()
        try:
            connection = self._opened()
            with connection:
                for row in rows:
                    number = connection.execute(_INSERT, row).lastrowid or 0
                    kept_now.append(_Meta(number, row[1], row[2], row[3] + _OVERHEAD_BYTES))
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        for meta in kept_now:
            self._count(meta, live)
        return kept_now[-1].id if kept_now else 0

    def confirm(self, live_up_to: int, history: Sequence[int]) -> None:
        """The broker has taken everything live up to an entry, and these entries of history."""
        self._recall_if_due()
        removed = []
        while self._live and self._live[0].id <= live_up_to:
            removed.append((self._live.popleft().id,))
        try:
            connection = self._opened()
            with connection:
                connection.executemany("DELETE FROM entry WHERE id = ?", removed)
            self._remove(history)
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def recall(self) -> None:
        """The session is over: what was not confirmed becomes history; from now on every write is durable.

        Where the disk refuses, it is made up for before anything is kept or confirmed: what is left of
        one session must not pass for what the next one has said.
        """
        self._recall_due = True
        try:
            connection = self._opened()
            with connection:
                connection.execute("UPDATE entry SET live = 0 WHERE live = 1")
            self._live.clear()
            self._recount(connection)
            connection.execute("PRAGMA synchronous=FULL").close()
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        self._recall_due = False

    def pass_through(self) -> None:
        """A session is there: the system may write when it likes."""
        try:
            self._opened().execute("PRAGMA synchronous=NORMAL").close()
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def next_history(self, after: Mapping[str, int]) -> Entry | None:
        """The oldest entry of these devices behind the entry each of them has reached."""
        found: tuple[int, str, bytes] | None = None
        try:
            for device, number in after.items():
                if not self._values.get(device):
                    continue
                row = (
                    self._opened()
                    .execute(
                        "SELECT id, device, samples FROM entry "
                        "WHERE live = 0 AND device = ? AND id > ? ORDER BY id LIMIT 1",
                        (device, number),
                    )
                    .fetchone()
                )
                if row is not None and (found is None or row[0] < found[0]):
                    found = row
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        return None if found is None else Entry(found[0], found[1], unpack_samples(found[2]))

    def trim(self, now_us: int) -> int:
        """Drop the oldest of what is too old or too much; how many values that were."""
        before = self.values
        try:
            self._remove_older(now_us - self._max_age_us)
            if self._bytes > self._max_bytes:
                self._remove_oldest(self._bytes - round(self._max_bytes * _TRIM_TO))
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        return before - self.values

    @property
    def values(self) -> int:
        """Values that wait as history."""
        return sum(self._values.values())

    def stored(self) -> Stored:
        if not self.values:
            return Stored(0, 0, None)
        try:
            since_us = [
                self._opened()
                .execute(
                    "SELECT oldest_us FROM entry WHERE live = 0 AND device = ? ORDER BY id LIMIT 1", (device,)
                )
                .fetchone()
                for device, values in self._values.items()
                if values
            ]
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        return Stored(self.values, self._bytes, min((row[0] for row in since_us if row), default=None))

    def _recall_if_due(self) -> None:
        if self._recall_due:
            self.recall()

    def _count(self, meta: _Meta, live: bool) -> None:
        if live:
            self._live.append(meta)
        else:
            self._values[meta.device] = self._values.get(meta.device, 0) + meta.rows
            self._bytes += meta.bytes

    def _remove(self, numbers: Iterable[int]) -> None:
        connection = self._opened()
        with connection:
            for number in numbers:
                gone = connection.execute(
                    "DELETE FROM entry WHERE live = 0 AND id = ? RETURNING device, rows, bytes", (number,)
                ).fetchall()
                for device, rows, size in gone:
                    self._values[device] -= rows
                    self._bytes -= size + _OVERHEAD_BYTES

    def _remove_older(self, limit_us: int) -> None:
        kept = self._opened().execute("SELECT id, kept_us FROM entry WHERE live = 0 ORDER BY id")
        old = [number for number, _ in itertools.takewhile(lambda row: row[1] < limit_us, kept)]
        kept.close()
        self._remove(old)

    def _remove_oldest(self, excess_bytes: int) -> None:
        kept = self._opened().execute("SELECT id, bytes FROM entry WHERE live = 0 ORDER BY id")
        numbers, size = [], 0
        for number, packed in kept:
            numbers.append(number)
            size += packed + _OVERHEAD_BYTES
            if size >= excess_bytes:
                break
        kept.close()
        self._remove(numbers)

    def _recount(self, connection: sqlite3.Connection) -> None:
        self._values.clear()
        self._bytes = 0
        counted = connection.execute(
            "SELECT device, sum(rows), sum(bytes), count(*) FROM entry WHERE live = 0 GROUP BY device"
        )
        for device, rows, size, entries in counted:
            self._values[device] = rows
            self._bytes += size + entries * _OVERHEAD_BYTES

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connect()
        if self._connection is None:
            raise OSError("the file is not open")
        return self._connection

    def _connect(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=0.25, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "journal_size_limit=16777216"):
                connection.execute(f"PRAGMA {pragma}").close()
            connection.execute(_TABLE)
            connection.execute(_INDEX)
            self._recount(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _set_aside(self, error: Exception) -> Path:
        aside = self._path.with_name(f"{self._path.name}.damaged")
        try:
            for extension in ("", "-wal", "-shm"):
                part = Path(f"{self._path}{extension}")
                if part.exists():
                    part.replace(f"{aside}{extension}")
            self._connect()
        except (sqlite3.Error, OSError) as again:
            raise self._failed(again) from error
        return aside

    def _failed(self, error: Exception) -> StorageError:
        return StorageError(
            f"Values for the Sparkplug host cannot be kept in {self._path} ({error}): "
            "look at the disk and at the rights of the data folder."
        )


def pack_samples(samples: Sequence[Sample]) -> bytes:
    """Samples as bytes, compressed."""
    rows = [(s.tag, s.value, int(s.quality), s.source_time_us) for s in samples]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)


def unpack_samples(packed: bytes) -> list[Sample]:
    """The samples that ``pack_samples`` packed; none where the bytes are damaged."""
    try:
        rows = json.loads(zlib.decompress(packed))
    except (zlib.error, ValueError):
        return []
    return [
        Sample(tag, tuple(value) if isinstance(value, list) else value, Quality(quality), time_us)
        for tag, value, quality, time_us in rows
    ]


def _oldest_us(samples: Sequence[Sample]) -> int:
    return min((sample.source_time_us for sample in samples), default=0)
