"""This installation as a Sparkplug host application: one MQTT session, one ordered queue, one worker."""

import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.mqtt.base import BrokerSettings, Incoming, Link, LinkHandler, Outgoing
from drivers.sparkplug.host_commands import rebirth_request
from drivers.sparkplug.host_connection import HostConnection, HostConnectionSettings
from drivers.sparkplug.host_inbox import HostInbox
from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_past import PastFilter
from drivers.sparkplug.host_rates import MessageRates
from drivers.sparkplug.host_state import OwnState
from drivers.sparkplug.host_tags import Outbox, TagIndex
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.host_views import to_metric_views, to_node_view
from drivers.sparkplug.host_writes import HostWrites
from drivers.sparkplug.inspector import Inspector
from drivers.sparkplug.rebirths import PER_SECOND, Rebirths
from drivers.sparkplug.text import describe
from drivers.sparkplug.topic import NAMESPACE
from engine.clock import Clock
from engine.connections import ConnectionStatus
from engine.events import Event, EventKind, Severity
from engine.messages import Batch, Connection, HistoricalBatch, Post
from engine.model import Sample
from engine.nodes import BrokerStatus, MetricView, NodeState, NodeView, SeenMessage
from engine.queues import QueueStatus

_log = logging.getLogger(__name__)

_TICK_S = 0.05
_STATUS_S = 0.5
_REPEAT_STATE_S = 1.0
_FAULT_QUIET_S = 60.0
_EVENTS_AT_ONCE = 20
_JOIN_S = 5.0
_PAST_PIECE = 5000

MakeHostLink = Callable[[LinkHandler], Link]
"""Handler -> link, not started; the link is used by nobody else."""


@dataclass(frozen=True, slots=True)
class HostSettings:
    """Keys of ``sparkplug`` in the plant file that concern the host. ``groups``: ids, or # for all."""

    host_id: str
    groups: tuple[str, ...] = ("#",)
    reorder_timeout_s: float = 2.0
    rebirth_interval_s: float = 5.0
    rebirths_per_second: float = PER_SECOND
    datatype_in_commands: bool = True
    legacy_state: bool = False


@dataclass(frozen=True, slots=True)
class _LinkUp:
    address: str


@dataclass(frozen=True, slots=True)
class _LinkLost:
    cause: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Somebody asked for a rebirth."""

    node: NodeId
    user: str


_Item = Incoming | _LinkUp | _LinkLost | _Wanted


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
        self._journal_event = journal
        self._clock = clock
        self._own_node = NodeId(*own_node) if own_node else None
        outboxes = {each.id: Outbox(each.id) for each in connections}
        index = TagIndex((tag, outboxes[each.id]) for each in connections for tag in each.tags)
        rebirths: Rebirths[NodeId] = Rebirths(settings.rebirth_interval_s, settings.rebirths_per_second)
        self.tracker = Tracker(index, rebirths, settings.reorder_timeout_s)
        self._state = OwnState(settings.host_id, legacy=settings.legacy_state)
        self._inspector = Inspector()
        self._inbox: HostInbox[_Item] = HostInbox()
        self._rates = MessageRates()
        self._link = make_link(_Handler(self))
        self._link.subscriptions(subscriptions(settings))
        self._connections = [self._connection(each, outboxes[each.id]) for each in connections]
        self._past = {each.id: PastFilter() for each in connections}
        self._posting = threading.Lock()
        self._stopping = False
        self._worker = threading.Thread(target=self._run, name="sparkplug-host")
        self._up = False
        self._online = False
        self._birth_tokens: set[int | None] = set()
        self._repeat_s = 0.0
        self._next_tick_s = self._next_status_s = 0.0
        self._posted: dict[str, ConnectionStatus] = {}
        self._quiet_until_s = 0.0

    @property
    def connections(self) -> list[Connection]:
        return list(self._connections)

    def start(self) -> None:
        self._worker.start()
        self._link.start()

    def stop(self) -> None:
        """Says offline, then leaves the broker and ends both threads."""
        self._stopping = True
        self._inbox.close()
        self._link.stop(self._state.farewell(self._clock.utc_us() // 1000))
        self._online = False
        if self._worker.ident is not None:
            self._worker.join(_JOIN_S)

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
        return self._online

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
        if not self._up:
            return f"There is no session with the broker {self._link.status().address}"
        if self.tracker.rebirths.cause(id_):
            return f"{group}/{node} is asked already: {self.tracker.rebirths.cause(id_)}"
        self._inbox.put(_Wanted(id_, user))
        return ""

    def inspect(self, on: bool) -> None:
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
        status = self._link.status()
        received, sent = self._rates.per_s
        return dataclasses.replace(status, received_per_s=received, sent_per_s=sent)

    def retry_now(self) -> None:
        self._link.retry_now()

    def wake(self) -> None:
        self._inbox.poke()

    def quiet(self, timeout_s: float) -> bool:
        if not self._posting.acquire(timeout=max(timeout_s, 0.0)):
            return False
        self._posting.release()
        return True

    def will(self) -> Outgoing:
        """For the link: the will of the session to come."""
        self._online = False
        return self._state.will(self._clock.utc_us() // 1000)

    def on_link_up(self, broker: BrokerSettings) -> None:
        """In the link's thread: what we want to hear is subscribed, so we may say that we are online."""
        self._publish_state(self._state.birth())
        self._up = True
        self._inbox.put(_LinkUp(broker.address))

    def on_link_lost(self, cause: str) -> None:
        """In the link's thread."""
        self._up = self._online = False
        self._inbox.put(_LinkLost(cause))

    def on_message(self, message: Incoming) -> None:
        """In the link's thread: only the own STATE cannot wait."""
        if message.topic in (self._state.topic, self._state.legacy_topic):
            if not message.retain:
                repair = self._state.on_state(message.topic, message.payload, self._clock.monotonic())
                self._publish_state(repair)
            if not self._inspector.on:
                return
        self._inbox.put(message, len(message.payload))

    def on_sent(self, token: int) -> None:
        """In the link's thread: the broker has our STATE."""
        if token in self._birth_tokens:
            self._birth_tokens.clear()
            self._online = self._up

    def _connection(self, settings: HostConnectionSettings, outbox: Outbox) -> HostConnection:
        datatypes = self._settings.datatype_in_commands
        writes = HostWrites(self.tracker, self._link.publish, self._clock, datatypes=datatypes)
        return HostConnection(settings, self, self.tracker, outbox, writes, self._clock)

    def _publish_state(self, messages: Sequence[Outgoing]) -> None:
        if messages:
            self._repeat_s = self._clock.monotonic() + _REPEAT_STATE_S
            self._birth_tokens.update(self._link.publish(message) for message in messages[:1])
            for message in messages[1:]:
                self._link.publish(message)

    def _run(self) -> None:
        while not self._stopping:
            items = self._inbox.take(_TICK_S)
            now_s = self._clock.monotonic()
            for item in items:
                try:
                    self._handle(item, now_s)
                except Exception as error:
                    self._on_fault(error)
            try:
                self._tick(now_s)
                self._flush()
            except Exception as error:
                self._on_fault(error)

    def _handle(self, item: _Item, now_s: float) -> None:
        if isinstance(item, Incoming):
            if self._inspector.on:
                self._inspector.see(item)
            self.tracker.on_message(item.topic, item.payload, item.received_us, now_s, retain=item.retain)
        elif isinstance(item, _LinkUp):
            self._on_up(now_s)
        elif isinstance(item, _LinkLost):
            self._on_lost(item.cause)
        else:
            cause = f"asked for by {item.user}"
            self.tracker.rebirths.request(item.node, cause, now_s)
            what = f"{item.user}: Asked {item.node.group}/{item.node.id} for its birth certificates"
            self._journal(EventKind.COMMAND, "/".join(item.node), what)

    def _on_up(self, now_s: float) -> None:
        self.tracker.on_link_up(now_s)
        for connection in self._connections:
            connection.writes.open()
        self._next_status_s = 0.0

    def _on_lost(self, cause: str) -> None:
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
        for node, cause in self.tracker.on_time(now_s, now_us):
            _log.debug("asking %s for its birth: %s", "/".join(node), cause)
            self._link.publish(
                rebirth_request(node, now_us // 1000, datatypes=self._settings.datatype_in_commands)
            )
        self._keep_state(now_s)
        self._journal_transitions()
        if now_s >= self._next_status_s:
            self._next_status_s = now_s + _STATUS_S
            status = self._link.status()
            self._rates.on_time(now_s, status.received, status.sent)
            for connection in self._connections:
                self._post_of(connection, connection.status())

    def _keep_state(self, now_s: float) -> None:
        """A STATE that the broker has not confirmed is said again; so is one that had to wait."""
        if self._up:
            self._publish_state(self._state.overdue(now_s))
            if not self._online and now_s >= self._repeat_s:
                self._publish_state(self._state.birth())
        complaint = self._state.take_complaint()
        if complaint:
            self._journal(EventKind.CONNECTION, self.host_id, complaint, Severity.ERROR)

    def _flush(self) -> None:
        """Everything for the engine, in one piece per connection; outcomes after the values they rest on."""
        now_us = self._clock.utc_us()
        for connection in self._connections:
            outbox = connection.outbox
            if outbox.live:
                live = outbox.live[:]
                outbox.live.clear()
                connection.on_batch(now_us)
                self._post_of(connection, Batch(connection.id, live))
            if outbox.past:
                past = self._past[connection.id].fresh(outbox.past)
                outbox.past.clear()
                for start in range(0, len(past), _PAST_PIECE):
                    piece = past[start : start + _PAST_PIECE]
                    self._post_of(connection, HistoricalBatch(connection.id, piece))
            if len(connection.writes):
                for outcome in connection.writes.work():
                    self._post_of(connection, outcome)

    def _post_of(self, connection: HostConnection, message: object) -> None:
        """Nothing is posted before the connection starts and after it has stopped."""
        with self._posting:
            if connection.running:
                self._post(message)  # type: ignore[arg-type]

    def _journal_transitions(self) -> None:
        transitions = self.tracker.take_transitions()
        if len(transitions) > _EVENTS_AT_ONCE:
            born = sum(state is NodeState.ONLINE for _, state in transitions)
            text = f"{born} nodes were born, {len(transitions) - born} went offline"
            self._journal(EventKind.CONNECTION, self.name, text)
            return
        for node, state in transitions:
            online = state is NodeState.ONLINE
            text = "Sparkplug node is online" if online else "Sparkplug node is offline, its values are stale"
            severity = Severity.INFO if online else Severity.WARNING
            self._journal(EventKind.CONNECTION, "/".join(node), text, severity)

    def _on_fault(self, error: Exception) -> None:
        """A mistake of ours costs one message and not the host."""
        now_s = self._clock.monotonic()
        if now_s >= self._quiet_until_s:
            self._quiet_until_s = now_s + _FAULT_QUIET_S
            _log.error("fault in the Sparkplug host", exc_info=error)

    def _journal(self, kind: EventKind, source: str, text: str, severity: Severity = Severity.INFO) -> None:
        self._journal_event(Event(self._clock.utc_us(), kind, source, text, severity))


class _Handler:
    """What the link tells, handed on; keeps ``LinkHandler``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def prepare(self) -> Outgoing:
        return self._host.will()

    def on_connected(self, broker: BrokerSettings) -> None:
        self._host.on_link_up(broker)

    def on_disconnected(self, cause: str) -> None:
        self._host.on_link_lost(cause)

    def on_message(self, message: Incoming) -> None:
        self._host.on_message(message)

    def on_sent(self, token: int) -> None:
        self._host.on_sent(token)


def subscriptions(settings: HostSettings) -> list[tuple[str, int]]:
    """The own STATE first, then the groups; no two filters match the same topic, or messages come twice."""
    state = OwnState(settings.host_id, legacy=settings.legacy_state)
    filters = [(state.topic, 1)]
    if state.legacy_topic is not None:
        filters.append((state.legacy_topic, 1))
    groups = ["+"] if "#" in settings.groups or "+" in settings.groups else sorted(set(settings.groups))
    for group in groups:
        filters += [(f"{NAMESPACE}/{group}/+/+", 1), (f"{NAMESPACE}/{group}/+/+/+", 1)]
    return filters
