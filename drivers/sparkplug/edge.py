"""This installation as a Sparkplug edge node: one thread, one inbox, one MQTT link."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from drivers.mqtt.base import Link, LinkHandler
from drivers.sparkplug.bd_seq import BdSeq
from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_commands import CommandDesk, Request
from drivers.sparkplug.edge_flow import EdgeFlow
from drivers.sparkplug.edge_inbox import (
    Arrived,
    Changes,
    DeviceReplaced,
    DeviceState,
    EdgeEvent,
    End,
    Inbox,
    Sent,
    SessionLost,
    SessionOpened,
    merged,
)
from drivers.sparkplug.edge_line import GatedLine
from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings, check_ids, similar_names
from drivers.sparkplug.store import Store, Stored
from drivers.sparkplug.topic import NAMESPACE, Verb
from engine.clock import Clock
from engine.connections import ConnectionState, ConnectionStatus
from engine.errors import StorageError
from engine.events import Event, EventKind, Severity
from engine.messages import Replacement
from engine.model import Sample
from engine.nodes import BrokerStatus, EdgeState, EdgeStatus
from engine.queues import QueueStatus
from engine.tags import TagDatabase

_log = logging.getLogger(__name__)

SOURCE = "Sparkplug edge node"
_STOP_S = 10.0
_LAST_WORDS_S = 1.0
_FAULT_PAUSE_S = 1.0


class EdgeNode:
    """An ``engine.messages.Service`` and an ``engine.nodes.EdgeView``."""

    def __init__(
        self,
        settings: EdgeSettings,
        devices: Sequence[EdgeDevice],
        tags: TagDatabase,
        commands_request: Request,
        journal: Callable[[Event], None],
        make_link: Callable[[LinkHandler], Link],
        data_folder: Path,
        clock: Clock,
    ) -> None:
        check_ids(settings, devices)
        self._settings = settings
        self._tags = tags
        self._journal = journal
        self._clock = clock
        self._catalogue = Catalogue(devices)
        self._store = Store(
            data_folder / "edge-store.db", settings.store_max_bytes, round(settings.store_max_age_s * 1e6)
        )
        self._inbox = Inbox(settings.queue_limit)
        self._connected: dict[str, bool] = {}
        self._warnings = similar_names(devices)
        self._line = GatedLine(settings, BdSeq(data_folder / "edge-bdseq"), self._inbox, clock)
        self._desk = CommandDesk(settings, self._catalogue, commands_request, journal, clock)
        self._flow = EdgeFlow(
            settings, self._catalogue, self._store, self._line, self._desk, self._warn, clock
        )
        self._link = self._line.connect(make_link)
        self._link.subscriptions(subscriptions(settings, self._flow.host.topics))
        self._thread = threading.Thread(target=self._run, name="sparkplug-edge", daemon=True)
        self._status = EdgeStatus(settings.group, settings.node, EdgeState.OFFLINE, clock.utc_us())
        self._stored = Stored(0, 0, None)
        self._stored_at = 0.0

    @property
    def name(self) -> str:
        return "edge"

    def start(self) -> None:
        for warning in self._warnings:
            self._warn(warning)
        self._flow.session.remember(self._tags.state(key).sample for key in self._catalogue.keys)
        self._thread.start()

    def stop(self) -> None:
        """Says what is left to say, then NDEATH, then DISCONNECT."""
        if not self._thread.is_alive():
            return
        self._inbox.put(End())
        self._thread.join(_STOP_S)
        if self._thread.is_alive():
            _log.error("the Sparkplug edge node did not end in time")

    def on_changes(self, changes: Sequence[Sample]) -> None:
        ours = [sample for sample in changes if self._catalogue.of_key(sample.tag) is not None]
        if ours:
            self._inbox.put(Changes(ours))

    def on_status(self, status: ConnectionStatus) -> None:
        present = status.state is ConnectionState.CONNECTED
        if (
            status.connection in self._catalogue.devices
            and self._connected.get(status.connection) is not present
        ):
            self._connected[status.connection] = present
            self._inbox.put(DeviceState(status.connection, present))

    def on_replacement(self, replacement: Replacement) -> None:
        device = EdgeDevice(replacement.id, replacement.title, replacement.tags)
        self._connected.pop(replacement.id, None)
        self._inbox.put(DeviceState(replacement.id, False))
        self._inbox.put(DeviceReplaced(replacement.id, device if replacement.connection else None))

    def queues(self) -> Sequence[QueueStatus]:
        link = self._link.status()
        return (
            QueueStatus(
                "Sparkplug edge node", self._inbox.values, self._inbox.limit, "keeps the newest of each tag"
            ),
            QueueStatus("MQTT of the edge node", link.queue, link.queue_limit, "stores on disk"),
        )

    def brokers(self) -> Sequence[BrokerStatus]:
        return (self._link.status(),)

    def status(self) -> EdgeStatus:
        return self._status

    def _run(self) -> None:
        self._open_store()
        self._link.start()
        try:
            while not self._step():
                pass
            self._say_last_words()
        finally:
            self._line.stop(self._flow.farewell())
            self._flow.on_session_lost("The edge node was stopped.")
            self._publish_status()
            self._store.close()

    def _step(self) -> bool:
        """One round; whether it was the last one. A fault of ours ends the session, not the thread.

        What came together with the cause of the fault is done nevertheless: it may be the next session.
        """
        events = list(merged(self._inbox.take(self._flow.wait_s())))
        works: list[Callable[[], None]] = [partial(self._handle, event) for event in events]
        faults = 0
        for work in (*works, self._flow.tick, self._publish_status):
            try:
                work()
            except Exception:
                faults += 1
                self._on_fault(first=faults == 1)
        if faults:
            threading.Event().wait(_FAULT_PAUSE_S)
        return any(isinstance(event, End) for event in events)

    def _on_fault(self, first: bool) -> None:
        if first:
            _log.exception("fault in the Sparkplug edge node; it begins with a new session")
            self._warn("Internal fault, see the log; begins with a new session", Severity.ERROR)
        self._flow.restart("An internal fault; see the log.")

    def _handle(self, event: EdgeEvent) -> None:
        flow = self._flow
        match event:
            case Changes():
                flow.on_changes(event.samples)
            case DeviceState():
                flow.on_device(event.device, event.present)
            case DeviceReplaced():
                self._replace_device(event.id, event.device)
            case SessionOpened():
                self._line.open(event.serial)
                flow.on_session(event.bd_seq, event.broker)
            case SessionLost():
                flow.on_session_lost(event.cause)
            case Arrived():
                flow.on_message(event.message)
            case Sent():
                flow.on_sent(event.token)

    def _replace_device(self, name: str, device: EdgeDevice | None) -> None:
        """Its next birth tells the new metrics; it was said to be dead before."""
        if device is None:
            self._catalogue.remove(name)
            return
        self._catalogue.replace(device)
        self._flow.session.remember(self._samples(tag.key for tag in device.tags))

    def _samples(self, keys: Iterable[str]) -> Iterator[Sample]:
        """What the tags are now; tags come and go in another thread, and one that is gone has no value."""
        for key in keys:
            with contextlib.suppress(KeyError):
                yield self._tags.state(key).sample

    def _say_last_words(self) -> None:
        """Send what waits and see whether it arrives; what does not is on the disk."""
        deadline = self._clock.monotonic() + _LAST_WORDS_S
        self._flow.delivery.hurry()
        while self._flow.unproven and self._clock.monotonic() < deadline:
            self._step()

    def _open_store(self) -> None:
        try:
            aside = self._store.open()
        except StorageError as error:
            self._warn(str(error))
            return
        if aside is not None:
            self._warn(f"Values that waited for the Sparkplug host could not be read; they are in {aside}")

    def _publish_status(self) -> None:
        session, old, now_s = self._flow.session, self._status, self._clock.monotonic()
        if now_s >= self._stored_at or bool(self._store.values) is not bool(self._stored.values):
            self._stored_at = now_s + 1.0
            self._stored = self._read_stored()
        state = self._flow.state
        self._status = EdgeStatus(
            group=self._settings.group,
            node=self._settings.node,
            state=state,
            since_us=old.since_us if state is old.state else self._clock.utc_us(),
            cause=self._flow.cause,
            bd_seq=session.bd_seq,
            seq=session.seq,
            devices=session.present,
            metrics=len(self._catalogue),
            published=session.published,
            births=session.births,
            commands_refused=self._desk.refused + self._inbox.messages_dropped,
            stored=self._store.values,
            stored_bytes=self._stored.bytes,
            stored_since_us=self._stored.since_us,
            stored_lost=self._flow.delivery.lost + self._inbox.dropped,
        )

    def _read_stored(self) -> Stored:
        try:
            return self._store.stored()
        except StorageError:
            return self._stored

    def _warn(self, text: str, severity: Severity = Severity.WARNING) -> None:
        self._journal(Event(self._clock.utc_us(), EventKind.CONNECTION, SOURCE, text, severity))


def subscriptions(settings: EdgeSettings, host_topics: Sequence[str]) -> list[tuple[str, int]]:
    """What the node listens to, in this order, before it says anything."""
    group, node = settings.group, settings.node
    return [
        (f"{NAMESPACE}/{group}/{Verb.NCMD}/{node}", 1),
        (f"{NAMESPACE}/{group}/{Verb.DCMD}/{node}/#", 1),
        *((topic, 1) for topic in host_topics),
    ]
