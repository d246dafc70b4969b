"""What a watcher knows of the nodes on a broker, and what of it has changed since it was last asked. Pure.

The host application's own rules say what a node is and how it is; this one only listens, and never
has itself announced. Wishes for rebirths are kept until ``ask_rebirths`` allows them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from drivers.mqtt.base import Incoming
from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.host_node import Node, NodeId
from drivers.sparkplug.host_tags import TagIndex
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.host_views import to_metric_views, to_node_view
from drivers.sparkplug.rebirths import Rebirths
from drivers.sparkplug.state import HostState, parse_state
from drivers.sparkplug.topic import legacy_state_topic, parse_topic, state_topic
from engine.nodes import DeviceView, MetricView, NodeFaults, NodeState, NodeView

REORDER_S = 2.0
REBIRTH_S = 5.0
_HOSTS_LIMIT = 1_000
_LEGACY, _STATES = legacy_state_topic(""), state_topic("")


class NodeChange(NamedTuple):
    """A node is new, was born, died, or something was wrong with its messages: ``faults`` says how often."""

    node: NodeView
    faults: tuple[tuple[str, int], ...]


class DeviceChange(NamedTuple):
    """A device is new, was born or died."""

    node: NodeView
    device: DeviceView


class MetricChange(NamedTuple):
    """The newest value of a metric; ``device`` is None for the node's own."""

    node: NodeView
    device: str | None
    metric: MetricView


class HostChange(NamedTuple):
    """What a host application says of itself."""

    host: str
    state: HostState


Change = NodeChange | DeviceChange | MetricChange | HostChange


class _Known(NamedTuple):
    state: NodeState
    since_us: int | None
    bd_seq: int | None
    faults: NodeFaults


class Watcher:
    """Feed it everything below ``spBv1.0`` (or a group of it) in order."""

    def __init__(self) -> None:
        self._tracker = Tracker(TagIndex(()), Rebirths(REBIRTH_S), REORDER_S)
        self.hosts: dict[str, HostState] = {}
        self._told_hosts: dict[str, HostState] = {}
        self._known: dict[NodeId, _Known] = {}
        self._devices: dict[tuple[NodeId, str], tuple[NodeState, int | None]] = {}
        self._messages: dict[NodeId, int] = {}
        self._told_us: dict[tuple[NodeId, str | None], int] = {}

    def on_message(self, message: Incoming, now_s: float) -> None:
        topic = message.topic
        if topic.startswith((_LEGACY, _STATES)):
            self._on_state(topic, message.payload)
        else:
            self._tracker.on_message(
                topic, message.payload, message.received_us, now_s, retain=message.retain
            )

    def on_connected(self, now_s: float, *, ask_rebirths: bool) -> None:
        if ask_rebirths:
            self._tracker.on_link_up(now_s)

    def on_disconnected(self, now_us: int) -> None:
        self._tracker.on_link_lost(now_us)

    def on_time(self, now_s: float, now_us: int) -> list[NodeId]:
        """Whom to ask for a rebirth now: nobody unless that was allowed."""
        due = self._tracker.on_time(now_s, now_us)
        self._tracker.take_transitions()
        self._tracker.take_suspicions()
        return [node for node, _ in due]

    @property
    def messages(self) -> int:
        """How many have come, whatever they were."""
        return self._tracker.counts.messages

    @property
    def malformed(self) -> int:
        return self._tracker.counts.malformed + self._tracker.counts.garbage_topics

    def nodes(self, now_us: int) -> list[NodeView]:
        """All nodes by group and id."""
        tracker = self._tracker
        return [self._view(tracker.nodes[id_], now_us) for id_ in sorted(tracker.nodes)]

    def metrics(self, view: NodeView, device: str | None) -> list[MetricView]:
        """The metrics of a node or device by name."""
        node = self._tracker.nodes[NodeId(view.group, view.id)]
        found = node.device(device)
        return to_metric_views(found) if found else []

    def changes(self, now_us: int) -> Iterator[Change]:
        """Everything that is new since the last call; of a metric only the newest value."""
        for host, state in self.hosts.items():
            if self._told_hosts.get(host) != state:
                self._told_hosts[host] = state
                yield HostChange(host, state)
        for id_ in sorted(self._tracker.nodes):
            node = self._tracker.nodes[id_]
            view = self._view(node, now_us)
            yield from self._node_changes(id_, view)
            if self._messages.get(id_) != node.messages:
                self._messages[id_] = node.messages
                yield from self._metric_changes(id_, view)

    def _node_changes(self, id_: NodeId, view: NodeView) -> Iterator[Change]:
        now = _Known(view.state, view.since_us, view.bd_seq, view.faults)
        before = self._known.get(id_)
        still_unborn = before is not None and before.state is now.state is NodeState.UNBORN
        if before != now and not still_unborn:
            self._known[id_] = now
            yield NodeChange(view, _grown(NodeFaults() if before is None else before.faults, view.faults))
        for device in view.devices:
            key, state = (id_, device.id), (device.state, device.since_us)
            if self._devices.get(key) != state:
                self._devices[key] = state
                yield DeviceChange(view, device)

    def _metric_changes(self, id_: NodeId, view: NodeView) -> Iterator[MetricChange]:
        for device in (None, *(each.id for each in view.devices)):
            told_us = newest_us = self._told_us.get((id_, device), 0)
            for metric in self.metrics(view, device):
                if metric.received_us is not None and metric.received_us > told_us:
                    newest_us = max(newest_us, metric.received_us)
                    yield MetricChange(view, device, metric)
            self._told_us[id_, device] = newest_us

    def _view(self, node: Node, now_us: int) -> NodeView:
        return to_node_view(node, self._tracker, now_us, own=False)

    def _on_state(self, topic: str, payload: bytes) -> None:
        try:
            host = topic.removeprefix(_LEGACY) if topic.startswith(_LEGACY) else parse_topic(topic).node
            state = parse_state(payload)
        except (TopicError, PayloadError):
            return
        if host in self.hosts or len(self.hosts) < _HOSTS_LIMIT:
            self.hosts[host] = state


def _grown(before: NodeFaults, now: NodeFaults) -> tuple[tuple[str, int], ...]:
    """Which counters of faults have grown, and by how much."""
    counts = ((name, getattr(now, name) - getattr(before, name)) for name in NodeFaults.__slots__)
    return tuple((name, count) for name, count in counts if count > 0)
