"""The engine's thread and its inbox: one writer of plant state, services started and stopped in order."""

import dataclasses
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial

from engine.clock import Clock
from engine.commands import Commands, Guard, WriteOutcome
from engine.connection_events import ConnectionJournal
from engine.connections import ConnectionState, ConnectionStatus, PollingView, PollProcessStatus
from engine.errors import EngineError
from engine.events import Event, EventJournal, EventKind, Severity
from engine.history import HistoryReader, Recorder
from engine.messages import Batch, Connection, HistoricalBatch, LinkLost, Message, Replacement, Service
from engine.model import Sample
from engine.nodes import EdgeView, HostView
from engine.queues import QueueStatus
from engine.system_tags import SYSTEM, system_samples, system_tag_defs
from engine.tags import TagDatabase
from engine.watchdog import Watchdog

_log = logging.getLogger(__name__)

INBOX_LIMIT = 10_000
_TICK_S = 0.1
_SYSTEM_TAGS_S = 1.0
_JOIN_S = 15.0
_FAULT_QUIET_S = 60.0


class _End:
    """The inbox's last message: everything before it has been handled."""


_END = _End()


@dataclasses.dataclass(frozen=True, slots=True)
class _Replace:
    """Everything the connections had to say before stands in front of it."""

    replacements: Sequence[Replacement]
    done: threading.Event


class Engine:
    """The plant: what every face is given.

    ``tags``, ``commands``, ``events``, ``recorder``, ``history`` and ``clock`` may be used from any
    thread as their own docstrings say. Connections call ``post``.
    """

    def __init__(
        self,
        tags: TagDatabase,
        events: EventJournal,
        recorder: Recorder,
        history: HistoryReader,
        clock: Clock,
        inbox_limit: int = INBOX_LIMIT,
    ) -> None:
        self.tags = tags
        self.events = events
        self.recorder = recorder
        self.history = history
        self.clock = clock
        self.host: HostView | None = None
        self.edge: EdgeView | None = None
        self.polling: PollingView | None = None
        self.commands = Commands(tags, self.connection, events, clock)
        self._inbox: queue.Queue[Message | _Replace | _End] = queue.Queue(maxsize=inbox_limit)
        self._replacing = threading.Lock()
        self._connections: dict[str, Connection] = {}
        self._services: list[Service] = []
        self._statuses: dict[str, ConnectionStatus] = {}
        self._watchdog = Watchdog()
        self._journal = ConnectionJournal()
        self._thread = threading.Thread(target=self._run, name="engine")
        self._next_tick_s = 0.0
        self._next_system_s = 0.0
        self._has_system_tags = bool(tags.definitions(SYSTEM))
        self._recorded_tags = frozenset(d.key for d in tags.definitions() if d.history)
        self._started = False
        self._recording = True
        self._unrecorded: set[str] = set()
        self._quiet_until_s: dict[str, float] = {}

    def add_connections(self, connections: Sequence[Connection], guards: Sequence[Guard] = ()) -> None:
        """Called once by the composition root, before ``start``."""
        for connection in connections:
            self._add(connection)
        self.commands.connect(self._connections, guards)

    def add_services(self, services: Sequence[Service]) -> None:
        """Called once by the composition root, before ``start``."""
        self._services.extend(services)
        for service in services:
            self.tags.add_listener(service.name, service.on_changes)

    def start(self) -> None:
        """Recorder first, connections last, so that the first value already finds everyone at home."""
        self.tags.add_listener("recorder", self._record)
        self.events.add_sink(self.recorder.record_event)
        self.recorder.start()
        self._started = True
        self._thread.start()
        self._journal_system("Started")
        for service in self._services:
            service.start()
        for connection in self._connections.values():
            connection.start()

    def stop(self) -> None:
        """Connections first, then the inbox is emptied, then the recorder: nothing accepted is lost."""
        if not self._started:
            return
        self._started = False
        with self._replacing:
            self._end(list(self._connections.values()))
        self._journal_system("Stopped")
        self._inbox.put(_END)
        self._thread.join()
        for service in self._services:
            service.stop()
        self.recorder.stop()

    def replace(self, replacements: Sequence[Replacement]) -> None:
        """Put connections in the place of others; the rest of the plant notices nothing.

        Waits until the old ones have ended. For any thread but the engine's and the GUI's.
        """
        with self._replacing:
            if not self._started:
                raise EngineError("The plant does not run any more.")
            names = {replacement.id for replacement in replacements}
            self._end([each for each in self._connections.values() if each.id in names])
            done = threading.Event()
            self._inbox.put(_Replace(replacements, done))
            done.wait()
            for replacement in replacements:
                if replacement.connection is not None:
                    self._start_one(replacement.connection)

    def _start_one(self, connection: Connection) -> None:
        """One that cannot be started must not keep the others from it."""
        try:
            connection.start()
        except Exception:
            _log.exception("connection %s could not be started", connection.id)
            self._journal_system(f"{connection.id} could not be started, see the log", Severity.ERROR)

    def _end(self, connections: Sequence[Connection]) -> None:
        for connection in connections:
            connection.stop()
        deadline = self.clock.monotonic() + _JOIN_S
        for connection in connections:
            if not connection.join(max(0.1, deadline - self.clock.monotonic())):
                _log.error("connection %s did not end in time", connection.id)

    def _add(self, connection: Connection) -> None:
        self._connections[connection.id] = connection
        self._statuses[connection.id] = connection.status()
        if connection.scan_s > 0:
            self._watchdog.add(connection.id, connection.scan_s)

    def post(self, message: Message) -> None:
        """Called by connections; waits while the inbox is full (back-pressure: nothing is dropped)."""
        self._inbox.put(message)

    def connection(self, name: str) -> ConnectionStatus | None:
        return self._statuses.get(name)

    def connections(self) -> list[ConnectionStatus]:
        """All connections in the order of the plant file, with their counts of good tags."""
        return [
            dataclasses.replace(status, tags_good=self.tags.good_count(status.connection))
            for status in list(self._statuses.values())
        ]

    def retry_now(self, name: str) -> None:
        """Somebody does not want to wait; one that has just left the plant file has nothing to try."""
        connection = self._connections.get(name)
        if connection is not None:
            connection.retry_now()

    def poll_processes(self) -> list[PollProcessStatus]:
        """The processes that poll controllers; none where that is done in this one."""
        return [] if self.polling is None else list(self.polling.status().processes)

    def queues(self) -> list[QueueStatus]:
        recorder = self.recorder.status()
        inbox = QueueStatus(
            "Engine inbox", self._inbox.qsize(), self._inbox.maxsize, "controllers are read more slowly"
        )
        rows = QueueStatus("Recorder", recorder.queue_rows, recorder.queue_limit, "spools to disk")
        return [inbox, rows, *(queue for service in self._services for queue in service.queues())]

    def _record(self, changes: Sequence[Sample]) -> None:
        if not self._recording:
            return
        kept = [sample for sample in changes if sample.tag in self._recorded_tags]
        if kept:
            self.recorder.record_samples(kept)

    def _run(self) -> None:
        while True:
            message = self._next_message()
            if isinstance(message, _End):
                return
            try:
                if isinstance(message, _Replace):
                    self._on_replace(message)
                elif message is not None:
                    self._handle(message)
                self._tick()
            except Exception as error:
                # A fault of ours must not take the plant down with it: it is logged and shown.
                self._on_fault(message, error)

    def _on_fault(self, message: Message | _Replace | None, error: Exception) -> None:
        """Log and show a fault; one that comes with every scan only now and then."""
        what, now_s = f"{type(error).__name__} in {type(message).__name__}", self.clock.monotonic()
        if now_s < self._quiet_until_s.get(what, now_s):
            return
        self._quiet_until_s[what] = now_s + _FAULT_QUIET_S
        _log.error("fault in the engine while handling %s", type(message).__name__, exc_info=error)
        self._journal_system("Internal fault, see the log", Severity.ERROR)

    def _on_replace(self, message: _Replace) -> None:
        """All of it, whatever somebody who is told of it does wrong: half would read one thing as another."""
        now_us = self.clock.utc_us()
        try:
            for each in message.replacements:
                self._guarded(message, partial(self.tags.lose, each.id, now_us))
                self.tags.replace(each.id, each.tags, same_source=each.same_source)
                self._connections.pop(each.id, None)
                self._watchdog.remove(each.id)
                self.commands.disconnect(each.id)
                if each.connection is not None:
                    self._add(each.connection)
                else:
                    self._statuses.pop(each.id, None)
            if self._has_system_tags:
                self.tags.replace(SYSTEM, system_tag_defs(self._connections))
            self._recorded_tags = frozenset(d.key for d in self.tags.definitions() if d.history)
            self.commands.connect(self._connections)
            for each in message.replacements:
                self._guarded(message, partial(self.recorder.describe_tags, each.tags))
                for service in self._services:
                    self._guarded(message, partial(service.on_replacement, each))
        finally:
            message.done.set()

    def _guarded(self, message: _Replace, tell: Callable[[], object]) -> None:
        try:
            tell()
        except Exception as error:
            self._on_fault(message, error)

    def _next_message(self) -> Message | _Replace | _End | None:
        try:
            return self._inbox.get(timeout=self._wait_s())
        except queue.Empty:
            return None

    def _wait_s(self) -> float:
        due = self._watchdog.next_check_s()
        wake = self._next_tick_s if due is None else min(self._next_tick_s, due)
        return min(max(wake - self.clock.monotonic(), 0.001), _TICK_S)

    def _handle(self, message: Message) -> None:
        match message:
            case Batch():
                self._watchdog.on_delivery(message.connection, self.clock.monotonic())
                self._on_batch(message)
            case HistoricalBatch():
                self._record(self.tags.to_engineering(message.samples))
            case LinkLost():
                self._watchdog.on_lost(message.connection)
                self.tags.lose(message.connection, message.time_us)
            case ConnectionStatus():
                self._on_status(message)
            case WriteOutcome():
                self.commands.on_outcome(message)
            case Event():
                self.events.record(message)

    def _on_batch(self, batch: Batch) -> None:
        """Take samples; one that repeats a value which was not to be recorded is recorded itself."""
        self._recording = batch.recorded
        try:
            changed = {sample.tag for sample in self.tags.update(batch.samples)}
        finally:
            self._recording = True
        if not batch.recorded:
            self._unrecorded |= changed
        elif self._unrecorded:
            for tag, _, _, time_us in batch.samples:
                if tag in self._unrecorded:
                    self._unrecorded.discard(tag)
                    if tag not in changed:
                        self._record([self.tags.state(tag).sample._replace(source_time_us=time_us)])

    def _tick(self) -> None:
        now = self.clock.monotonic()
        if self._inbox.empty():
            for name in self._watchdog.silent(now):
                self._on_silence(name)
        if now < self._next_tick_s:
            return
        self._next_tick_s = now + _TICK_S
        self.commands.on_tick()
        if self._has_system_tags and now >= self._next_system_s:
            self._next_system_s = now + _SYSTEM_TAGS_S
            self._update_system_tags()

    def _update_system_tags(self) -> None:
        self.tags.update(
            system_samples(
                self.clock.utc_us(),
                self._inbox.qsize(),
                self.commands.pending,
                self.recorder.status(),
                self._statuses.values(),
            )
        )

    def _on_silence(self, name: str) -> None:
        now_us = self.clock.utc_us()
        self.tags.lose(name, now_us)
        status = self._statuses[name]
        cause = (
            f"No answer from {status.address} for {self._watchdog.limit_s(name):.1f} s; "
            "check the cable, the controller's power and its load"
        )
        self._on_status(
            dataclasses.replace(status, state=ConnectionState.DISCONNECTED, since_us=now_us, cause=cause)
        )

    def _on_status(self, status: ConnectionStatus) -> None:
        old = self._statuses.get(status.connection)
        if old is not None and status.since_us < old.since_us:
            # A connection knows nothing of a silence that the watchdog saw: it is back since it read again.
            back_us = old.since_us if status.state is old.state else status.last_read_us
            status = dataclasses.replace(status, since_us=back_us or status.since_us)
        self._statuses[status.connection] = status
        event = self._journal.tell(old, status, self.clock.utc_us())
        if event is not None:
            self.events.record(event)
        for service in self._services:
            service.on_status(status)

    def _journal_system(self, text: str, severity: Severity = Severity.INFO) -> None:
        self.events.record(Event(self.clock.utc_us(), EventKind.SYSTEM, "Brimline", text, severity))
