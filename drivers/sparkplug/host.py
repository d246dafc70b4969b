"""This installation as a Sparkplug host application: one MQTT session, one ordered queue, one worker."""

import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from drivers.mqtt.base import Incoming
from drivers.sparkplug.host_commands import rebirth_request
from drivers.sparkplug.host_connection import HostConnection, HostConnectionSettings
from drivers.sparkplug.host_inbox import HostInbox
from drivers.sparkplug.host_journal import HostJournal
from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_past import PastFilter
from drivers.sparkplug.host_rates import MessageRates
from drivers.sparkplug.host_session import (
    HostSession,
    Item,
    LinkDown,
    LinkUp,
    MakeHostLink,
    RebirthWanted,
    subscriptions,
)
from drivers.sparkplug.host_settings import HostSettings
from drivers.sparkplug.host_tags import Outbox, TagIndex, in_turn
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.host_views import to_metric_views, to_node_view
from drivers.sparkplug.host_writes import HostWrites
from drivers.sparkplug.inspector import Inspector
from drivers.sparkplug.rebirths import Rebirths
from drivers.sparkplug.text import describe
from engine.clock import Clock
from engine.connections import ConnectionStatus
from engine.events import Event
from engine.messages import Batch, Connection, HistoricalBatch, Message, Post, Replacement
from engine.model import Sample
from engine.nodes import BrokerStatus, MetricView, NodeView, SeenMessage
from engine.queues import QueueStatus

__all__ = ["Host", "HostConnectionSettings", "HostSettings", "MakeHostLink", "subscriptions"]

_log = logging.getLogger(__name__)

_TICK_S = 0.05
_STATUS_S = 0.5
_JOURNAL_S = 2.0
_FAULT_QUIET_S = 60.0
_JOIN_S = 5.0
_PAST_PIECE = 5000


class Host:
    """Keeps ``engine.messages.Service`` and ``engine.nodes.HostView``; ``connections`` are the engine's.

    The link's thread only answers for the own STATE and fills the inbox; the worker decodes, applies and
    posts. When the engine is slow the inbox fills, the link waits and so does the broker. ``journal`` takes
    events from any thread.
    """

    name = "Sparkplug host"

    def __init__(
        self,
        settings: HostSettings,
        connections: Sequence[HostConnectionSettings],
        post: Post,
        journal: Callable[[Event], None],
        make_link: MakeHostLink,
        clock: Clock,
        own_node: tuple[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._post = post
        self._journal = HostJournal(journal, clock)
        self._clock = clock
        self._own_node = NodeId(*own_node) if own_node else None
        outboxes = {each.id: Outbox(each.id) for each in connections}
        index = TagIndex((tag, outboxes[each.id]) for each in connections for tag in each.tags)
        rebirths: Rebirths[NodeId] = Rebirths(settings.rebirth_interval_s, settings.rebirths_per_second)
        self.tracker = Tracker(index, rebirths, settings.reorder_timeout_s)
        self._inspector = Inspector()
        self._inbox: HostInbox[Item] = HostInbox()
        self._session = HostSession(settings, self._inbox, make_link, clock)
        self._rates = MessageRates()
        self._connections = [self._connection(each, outboxes[each.id]) for each in connections]
        self._past = {each.id: PastFilter() for each in connections}
        self._posting = threading.Lock()
        self._stopping = False
        self._worker = threading.Thread(target=self._run, name="sparkplug-host")
        self._next_tick_s = self._next_status_s = self._next_journal_s = 0.0
        self._quiet_until_s = 0.0

    @property
    def connections(self) -> list[Connection]:
        return list(self._connections)

    def start(self) -> None:
        self._worker.start()
        self._session.start()

    def stop(self) -> None:
        """Says offline, then leaves the broker and ends both threads."""
        self._stopping = True
        self._inbox.close()
        self._session.leave()
        if self._worker.ident is not None:
            self._worker.join(_JOIN_S)

    def on_replacement(self, replacement: Replacement) -> None:
        """Remote metrics are not replaced while the plant runs."""

    def on_changes(self, changes: Sequence[Sample]) -> None:
        """What the plant says is no business of the host."""

    def on_status(self, status: ConnectionStatus) -> None:
        """As ``on_changes``."""

    def queues(self) -> Sequence[QueueStatus]:
        return [QueueStatus("Sparkplug host", len(self._inbox), self._inbox.limit, "the broker has to wait")]

    @property
    def host_id(self) -> str:
        return self._settings.host_id

    @property
    def online(self) -> bool:
        return self._session.online

    @property
    def changes(self) -> int:
        return self.tracker.changes

    def brokers(self) -> Sequence[BrokerStatus]:
        return [self.broker()]

    def nodes(self) -> list[NodeView]:
        nodes = sorted(self.tracker.nodes.values(), key=lambda node: node.id)
        now_us = self._clock.utc_us()
        return [to_node_view(node, self.tracker, now_us, own=node.id == self._own_node) for node in nodes]

    def metrics(self, group: str, node: str, device: str | None) -> list[MetricView]:
        found = self.tracker.nodes.get(NodeId(group, node))
        part = found.device(device) if found else None
        return to_metric_views(part) if part else []

    def request_rebirth(self, group: str, node: str, user: str) -> str:
        id_ = NodeId(group, node)
        if id_ not in self.tracker.nodes:
            return f"{group}/{node} has not been heard of"
        if not self._session.up:
            return f"There is no session with the broker {self.broker().address}"
        if self.tracker.rebirths.cause(id_):
            return f"{group}/{node} is asked already: {self.tracker.rebirths.cause(id_)}"
        if not self._inbox.offer(RebirthWanted(id_, user)):
            return "Too many messages are waiting: try again in a moment"
        return ""

    def inspect(self, on: bool) -> None:
        self._session.overhears = on
        self._inspector.switch(on)

    def messages(self, after: int = 0, limit: int = 200) -> list[SeenMessage]:
        return self._inspector.messages(after, limit)

    def decode(self, topic: str, payload: bytes) -> str:
        node, device = self.tracker.named(topic)
        part = node.device(device) if node else None
        if part is None:
            return describe(topic, payload)
        return describe(topic, payload, part.table.declared_type, names=part.table.name_of)

    def broker(self) -> BrokerStatus:
        received, sent = self._rates.per_s
        return dataclasses.replace(self._session.link.status(), received_per_s=received, sent_per_s=sent)

    def retry_now(self) -> None:
        self._session.link.retry_now()

    def wake(self) -> None:
        self._inbox.poke()

    def quiet(self, timeout_s: float) -> bool:
        if not self._posting.acquire(timeout=max(timeout_s, 0.0)):
            return False
        self._posting.release()
        return True

    def _connection(self, settings: HostConnectionSettings, outbox: Outbox) -> HostConnection:
        datatypes = self._settings.datatype_in_commands
        writes = HostWrites(self.tracker, self._session.link.publish, self._clock, datatypes=datatypes)
        return HostConnection(settings, self, self.tracker, outbox, writes, self._clock)

    def _run(self) -> None:
        while not self._stopping:
            items = self._inbox.take(_TICK_S)
            now_s = self._clock.monotonic()
            # Each on its own: a fault in the one must not keep the others from being done.
            for item in items:
                self._try(partial(self._handle, item, now_s))
            self._try(partial(self._tick, now_s))
            self._try(self._flush)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._on_fault(error)

    def _handle(self, item: Item, now_s: float) -> None:
        if isinstance(item, Incoming):
            if self._inspector.on:
                self._inspector.see(item)
            self.tracker.on_message(item.topic, item.payload, item.received_us, now_s, retain=item.retain)
        elif isinstance(item, LinkUp):
            self._on_up(now_s)
        elif isinstance(item, LinkDown):
            self._on_down()
        else:
            self.tracker.rebirths.request(item.node, f"asked for by {item.user}", now_s)
            self._journal.on_rebirth_wanted(item.node, item.user)

    def _on_up(self, now_s: float) -> None:
        self.tracker.on_link_up(now_s)
        for connection in self._connections:
            connection.writes.open()
        self._next_status_s = 0.0

    def _on_down(self) -> None:
        self.tracker.on_link_lost(self._clock.utc_us())
        self._flush()
        for connection in self._connections:
            for outcome in connection.writes.close("The link to the broker broke"):
                self._post_of(connection, outcome)
        self._next_status_s = 0.0

    def _tick(self, now_s: float) -> None:
        if now_s < self._next_tick_s:
            return
        self._next_tick_s = now_s + _TICK_S
        now_us = self._clock.utc_us()
        datatypes = self._settings.datatype_in_commands
        for node, cause in self.tracker.on_time(now_s, now_us):
            _log.debug("asking %s for its birth: %s", "/".join(node), cause)
            self._session.link.publish(rebirth_request(node, now_us // 1000, datatypes=datatypes))
        complaint = self._session.keep(now_s)
        if complaint:
            self._journal.on_complaint(self.host_id, complaint)
        if now_s >= self._next_journal_s:
            self._next_journal_s = now_s + _JOURNAL_S
            self._journal.on_transitions(self.tracker.take_transitions(), self.tracker.facts)
        for node, note in self.tracker.take_suspicions():
            self._journal.on_complaint("/".join(node), note)
        if now_s >= self._next_status_s:
            self._next_status_s = now_s + _STATUS_S
            self._post_statuses(now_s)

    def _post_statuses(self, now_s: float) -> None:
        status = self._session.link.status()
        self._rates.on_time(now_s, status.received, status.sent)
        for connection in self._connections:
            self._post_of(connection, connection.status())

    def _flush(self) -> None:
        """Everything for the engine, in one piece per connection; outcomes after the values they rest on."""
        now_us = self._clock.utc_us()
        for connection in self._connections:
            outbox = connection.outbox
            if not connection.running:
                continue  # services start before connections: what came meanwhile waits for them
            if outbox.live:
                live, transient = outbox.live[:], frozenset(outbox.transient)
                outbox.live.clear()
                outbox.transient.clear()
                connection.on_batch(now_us)
                for recorded, samples in in_turn(live, transient):
                    self._post_of(connection, Batch(connection.id, samples, recorded))
            if outbox.past:
                self._flush_past(connection)
            if len(connection.writes):
                for outcome in connection.writes.work():
                    self._post_of(connection, outcome)

    def _flush_past(self, connection: HostConnection) -> None:
        past = self._past[connection.id].fresh(connection.outbox.past)
        connection.outbox.past.clear()
        for start in range(0, len(past), _PAST_PIECE):
            self._post_of(connection, HistoricalBatch(connection.id, past[start : start + _PAST_PIECE]))

    def _post_of(self, connection: HostConnection, message: Message) -> None:
        """Nothing is posted before the connection starts and after it has stopped."""
        with self._posting:
            if connection.running:
                self._post(message)

    def _on_fault(self, error: Exception) -> None:
        """A mistake of ours costs one message and not the host."""
        now_s = self._clock.monotonic()
        if now_s >= self._quiet_until_s:
            self._quiet_until_s = now_s + _FAULT_QUIET_S
            _log.error("fault in the Sparkplug host", exc_info=error)
