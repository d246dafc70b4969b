"""The historian's one writing thread, between the bounded queue, the database and the spool."""

import logging
import shutil
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.clock import Clock
from engine.errors import StorageError
from engine.events import Event, EventKind, Severity
from engine.history import RecorderState, RecorderStatus
from engine.model import Sample, TagDef
from engine.storage.batch import Batch, RowBuilder, RunMark
from engine.storage.connect import database_path
from engine.storage.intake import Intake
from engine.storage.maintenance import Maintenance
from engine.storage.mover import MOVE_ROWS
from engine.storage.retention import Retention
from engine.storage.schema import DAY_US
from engine.storage.spool import DamagedSpoolError, Spool
from engine.storage.throughput import Throughput
from engine.storage.writer import HistoryWriter, check_existing

_log = logging.getLogger(__name__)

_HEARTBEAT_S = 1.0
_RETRY_S = (0.5, 1.0, 2.0, 5.0)
_RESTART_S = 1.0
_STOP_TIMEOUT_S = 60.0
_LAST_REPLAY_S = 10.0


class SqlRecorder:
    """Keeps samples and events: ``record_*`` only enqueue, everything else happens in one thread.

    Commits every ``batch_s`` seconds or ``batch_rows`` rows. While the database cannot be written, or
    more than ``queue_limit`` rows wait, batches go to the spool and are replayed in order. When the
    spool cannot be written either, up to ``memory_limit`` rows are kept in memory; beyond that rows are
    lost, counted and reported. ``on_event`` gets the recorder's own events (failure, recovery, loss);
    it should record them in the journal whose sink is ``record_event``.
    """

    def __init__(
        self,
        url: str,
        data_dir: Path,
        tag_info: Mapping[str, TagDef],
        clock: Clock,
        *,
        batch_rows: int = 10_000,
        batch_s: float = 0.5,
        queue_limit: int = 200_000,
        memory_limit: int = 1_000_000,
        move_rows: int = MOVE_ROWS,
        retention: Retention | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._path = database_path(url, data_dir)
        self._clock = clock
        self._batch_rows, self._batch_s, self._queue_limit = batch_rows, batch_s, queue_limit
        self._on_event = on_event or self.record_event
        self._intake = Intake(memory_limit)
        self._builder = RowBuilder(tag_info, clock)
        self._writer = HistoryWriter(self._path)
        self._maintenance = Maintenance(self._writer, retention or Retention(), clock, move_rows)
        self._spool = Spool(data_dir / "spool.db")
        self._descriptions: deque[Sequence[TagDef]] = deque()
        self._held: deque[Batch] = deque()
        self._run = RunMark(uuid.uuid4().hex, 0, 0)
        self._state = RecorderState.OFF
        self._cause = ""
        self._spool_broken = False
        self._lost_reported = 0
        self._retries = 0
        self._retry_at_s = self._commit_at_s = self._heartbeat_at_s = 0.0
        self._throughput = Throughput(clock)
        self._thread: threading.Thread | None = None

    def record_samples(self, samples: list[Sample]) -> None:
        """Enqueue; never waits for a disk. The list must not be changed afterwards."""
        self._intake.put_samples(samples)

    def record_event(self, event: Event) -> None:
        """Enqueue; never waits for a disk."""
        self._intake.put_event(event)

    def describe_tags(self, definitions: Sequence[TagDef]) -> None:
        """What the plant file says of these tags from now on; taken before the next rows are made."""
        self._descriptions.append(definitions)

    def start(self) -> None:
        """Start the thread; ``NewerSchemaError`` when the database belongs to a newer version.

        Any other trouble with the database does not keep the plant from starting: values are spooled.
        """
        try:
            check_existing(self._path)
        except StorageError as error:
            if not _is_passing(error):
                raise
        now_us = self._clock.utc_us()
        self._run = self._run._replace(started_us=now_us, alive_us=now_us)
        self._state = RecorderState.WRITING
        self._thread = threading.Thread(target=self._supervise, name="historian", daemon=False)
        self._thread.start()

    def stop(self) -> None:
        """Write or spool everything accepted, mark each tag as no longer followed, end the thread."""
        self._intake.close()
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT_S)
            if self._thread.is_alive():
                _log.error("The history writer did not end within %.0f s", _STOP_TIMEOUT_S)
            self._thread = None

    def status(self) -> RecorderStatus:
        intake, paced = self._intake, self._throughput
        return RecorderStatus(
            state=self._state,
            cause=self._cause,
            queue_rows=intake.rows + intake.held_rows,
            queue_limit=self._queue_limit,
            rows_written=paced.rows,
            rows_per_s=paced.rows_per_s(),
            write_ms=paced.write_ms,
            write_worst_ms=paced.write_worst_ms,
            spool_rows=self._spool.rows,
            rows_lost=intake.rows_lost,
            last_commit_us=paced.last_commit_us,
            database=str(self._path),
            database_bytes=_size(self._path),
            disk_free_bytes=_disk_free(self._path),
            oldest_us=min((day * DAY_US for day in tuple(self._writer.days)), default=None),
        )

    def _supervise(self) -> None:
        """Run the loop; a mistake of ours is logged, and what came meanwhile waits in the spool."""
        while True:
            is_last = self._intake.is_closed()
            try:
                self._loop()
            except Exception:
                _log.exception("The history writer failed and is started again")
                self._writer.close()
                if is_last:
                    self._count_what_is_left()
                    self._spool.close()
                    break
                self._on_trouble("The history writer made a mistake, which the log describes.")
                self._intake.wait(self._batch_rows + 1, _RESTART_S)
            else:
                break
        self._state = RecorderState.OFF

    def _loop(self) -> None:
        self._open_spool()
        while not self._intake.is_closed():
            self._cycle()
            while not self._intake.is_closed() and self._idle_step():
                pass
            self._intake.wait(self._batch_rows, self._commit_at_s - self._clock.monotonic())
            if not threading.main_thread().is_alive():
                # The program ends without having stopped us: write what there is, and do not hold it up.
                self._intake.close()
        self._drain()

    def _cycle(self) -> None:
        """Take what came, put it where it can be put, try to get back to the database."""
        if self._intake.rows > self._queue_limit and self._state is RecorderState.WRITING:
            self._on_trouble("Values come faster than the database takes them")
            self._retry_at_s = self._clock.monotonic()
        self._commit_at_s = self._clock.monotonic() + self._batch_s
        self._collect()
        self._put_away()
        if self._state is not RecorderState.WRITING and self._clock.monotonic() >= self._retry_at_s:
            self._replay(until_s=self._clock.monotonic() + self._batch_s)
        self._report_losses()

    def _collect(self) -> None:
        """Make batches of everything waiting; when all is well, one that only says we are alive."""
        while True:
            while self._descriptions:
                self._builder.describe(self._descriptions.popleft())
            samples, events = self._intake.take(self._batch_rows)
            if not samples and not events:
                break
            rows, texts = self._builder.build(samples)
            self._intake.held_rows += len(rows) - len(samples)
            self._held.append(Batch(self._mark(), self._builder.tags, rows, texts, events))
            if len(samples) < self._batch_rows or self._state is RecorderState.WRITING:
                break
        if self._held or self._state is not RecorderState.WRITING:
            return
        if self._clock.monotonic() >= self._heartbeat_at_s:
            self._held.append(Batch(self._mark(), self._builder.tags))

    def _put_away(self) -> None:
        """Held batches to the database when it is there and nothing waits in the spool, else to the spool."""
        while self._held:
            batch = self._held[0]
            try:
                if self._state is RecorderState.WRITING:
                    self._write(batch)
                else:
                    self._spool.append(batch)
                    self._on_spool_works()
            except StorageError as error:
                if self._state is RecorderState.WRITING:
                    self._on_trouble(str(error))
                    continue
                self._on_spool_broken(error)
                return
            self._held.popleft()
            self._intake.held_rows -= len(batch.rows)

    def _write(self, batch: Batch) -> None:
        if self._writer.engine is not None and self._writer.replaced:
            self._writer.close()
            # A new database must know also the values that do not change any more.
            rows, texts = self._builder.latest_rows()
            self._maintenance.on_hours_written(
                self._writer.write(Batch(self._mark(), self._builder.tags, rows, texts))
            )
        began_s = self._clock.monotonic()
        hours = self._writer.write(batch)
        self._maintenance.on_hours_written(hours)
        self._heartbeat_at_s = self._clock.monotonic() + _HEARTBEAT_S
        if batch.rows:
            self._throughput.add(len(batch.rows), self._clock.monotonic() - began_s)

    def _replay(self, until_s: float) -> None:
        """Write the oldest batches from the spool until the time is over; once it is empty, all is well."""
        try:
            while (oldest := self._oldest_spooled()) is not None:
                number, batch = oldest
                self._write(batch)
                self._state = RecorderState.REPLAYING
                self._spool.remove(number)
                if self._clock.monotonic() >= until_s:
                    return
            while self._held:
                self._write(self._held[0])
                self._intake.held_rows -= len(self._held.popleft().rows)
            self._writer.engine_or_open()
        except StorageError as error:
            self._on_trouble(str(error))
        else:
            self._on_recovery()

    def _oldest_spooled(self) -> tuple[int, Batch] | None:
        try:
            return self._spool.first()
        except DamagedSpoolError as error:
            aside = self._spool.set_aside(str(self._clock.utc_us()))
            self._tell(Severity.ERROR, f"{error} It was moved to {aside}; recording goes on without it.")
            return None

    def _idle_step(self) -> bool:
        """One step of maintenance, when nothing waits and the next commit is not due."""
        if (
            self._state is not RecorderState.WRITING
            or self._writer.engine is None
            or self._clock.monotonic() >= self._commit_at_s
            or self._intake.rows >= self._batch_rows
        ):
            return False
        try:
            return self._maintenance.step()
        except StorageError as error:
            self._writer.close()
            self._on_trouble(str(error))
            return False

    def _drain(self) -> None:
        """The end: everything accepted goes to the database or the spool, then the run is closed."""
        while self._intake.rows:
            self._collect()
            self._put_away()
        now_us = self._clock.utc_us()
        self._collect()
        rows = self._builder.stale_rows(now_us)
        self._intake.held_rows += len(rows)
        mark = self._mark()
        # After the machine's clock was set back there are values later than now: they end as well.
        self._held.append(Batch(mark._replace(ended_us=mark.alive_us), self._builder.tags, rows))
        self._put_away()
        if self._state is not RecorderState.WRITING:
            self._replay(until_s=self._clock.monotonic() + _LAST_REPLAY_S)
        self._count_what_is_left()
        self._move_what_is_fresh()
        self._writer.close()
        self._spool.close()

    def _count_what_is_left(self) -> None:
        lost = self._intake.rows + sum(len(batch.rows) for batch in self._held)
        if lost:
            self._intake.rows_lost += lost
            _log.error("%d values were lost: neither the database nor the spool can be written", lost)

    def _move_what_is_fresh(self) -> None:
        """What cannot be moved now is moved by the next run."""
        if self._state is not RecorderState.WRITING or self._writer.engine is None:
            return
        try:
            self._maintenance.finish(until_s=self._clock.monotonic() + _LAST_REPLAY_S)
        except StorageError as error:
            _log.info("Fresh rows stay where they are until the next start: %s", error)

    def _mark(self) -> RunMark:
        now_us = self._clock.utc_us()
        self._run = self._run._replace(alive_us=max(self._run.alive_us, now_us))
        return self._run

    def _open_spool(self) -> None:
        """Batches that an earlier run left are older than ours: replay them first."""
        try:
            self._spool.open_existing()
        except DamagedSpoolError as error:
            aside = self._spool.set_aside(str(self._clock.utc_us()))
            self._tell(Severity.ERROR, f"{error} It was moved to {aside}; recording goes on without it.")
        except StorageError as error:
            self._tell(
                Severity.ERROR, f"{error} Values of an earlier run stay in it until it can be opened again."
            )
        if self._spool.batches:
            self._state = RecorderState.REPLAYING
            self._cause = "Values from an earlier run are written first"

    def _on_trouble(self, cause: str) -> None:
        if self._state is RecorderState.WRITING:
            self._retries = 0
            _log.warning("Recording goes to the spool: %s", cause)
            self._tell(Severity.ERROR, f"{cause} Values are kept in {self._spool.path} until then.")
        wait_s = _RETRY_S[min(self._retries, len(_RETRY_S) - 1)]
        self._retries += 1
        self._retry_at_s = self._clock.monotonic() + wait_s
        self._state, self._cause = RecorderState.SPOOLING, cause

    def _on_recovery(self) -> None:
        self._state, self._cause, self._retries = RecorderState.WRITING, "", 0
        _log.info("Recording goes to the database again: %s", self._path)
        self._tell(Severity.INFO, f"The history database {self._path} is being written again.")

    def _on_spool_broken(self, error: StorageError) -> None:
        if not self._spool_broken:
            self._spool_broken = True
            self._spool.close()
            _log.warning("Recording is held in memory: %s", error)
            self._tell(Severity.ERROR, f"{error} Values are held in memory until it can be written again.")

    def _on_spool_works(self) -> None:
        self._spool_broken = False

    def _report_losses(self) -> None:
        lost = self._intake.rows_lost
        if lost and not self._lost_reported:
            _log.error("Values are being lost: neither the database nor the spool can be written")
            self._tell(Severity.ERROR, "Values are being lost: neither database nor spool take them.")
        elif lost > self._lost_reported and self._state is RecorderState.WRITING:
            self._tell(Severity.ERROR, f"{lost} values have been lost since the start.")
        self._lost_reported = lost

    def _tell(self, severity: Severity, text: str) -> None:
        self._on_event(Event(self._clock.utc_us(), EventKind.DATABASE, "history", text, severity))


def _is_passing(error: StorageError) -> bool:
    """Whether recording may start in spite of it; a newer schema is for a person to decide."""
    return type(error) is StorageError


def _size(path: Path) -> int | None:
    """Bytes of the database with its write-ahead log; None when there is no file."""
    try:
        size = path.stat().st_size
    except OSError:
        return None
    try:
        return size + Path(f"{path}-wal").stat().st_size
    except OSError:
        return size


def _disk_free(path: Path) -> int | None:
    for folder in path.parents:
        if folder.exists():
            return shutil.disk_usage(folder).free
    return None
