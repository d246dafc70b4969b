"""All nodes on the broker: who gets which message, whom to ask for a rebirth, what faces see. Pure.

Messages, time and the link's comings and goings are put in by one thread; the views may be asked for by any.
"""

from dataclasses import dataclass
from typing import NamedTuple

from google.protobuf.message import DecodeError

from drivers.sparkplug.errors import TopicError
from drivers.sparkplug.host_device import Arrival
from drivers.sparkplug.host_node import Node, NodeId, Room
from drivers.sparkplug.host_tags import Endpoint, TagIndex
from drivers.sparkplug.rebirths import Rebirths
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.topic import Verb, parse_topic
from engine.nodes import NodeState

NODES_LIMIT = 20_000
"""A flood of made-up ids must not eat the memory; beyond it new nodes are not followed."""
ROUTES_LIMIT = 200_000
_RATE_S = 5.0
_GRACE_S = 1.0
_parse = PbPayload.FromString


@dataclass(slots=True)
class TrackerCounts:
    """What concerned no node: topics outside the namespace, messages of unknown nodes that are no payload."""

    garbage_topics: int = 0
    malformed: int = 0
    commands_seen: int = 0
    nodes_refused: int = 0
    messages: int = 0


class _Route(NamedTuple):
    verb: Verb
    id: NodeId
    device: str | None


class Tracker:
    """``nodes`` by id. ``changes`` grows when a node or device came, went, was born or died."""

    def __init__(self, index: TagIndex, rebirths: Rebirths[NodeId], reorder_timeout_s: float) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.counts = TrackerCounts()
        self.rebirths = rebirths
        self.changes = 0
        self._transitions: list[tuple[NodeId, NodeState]] = []
        self._suspicions: list[tuple[NodeId, str]] = []
        self._suspected: set[NodeId] = set()
        self._index = index
        self._reorder_timeout_s = reorder_timeout_s
        self._routes: dict[str, _Route] = {}
        self._timed: set[Node] = set()
        self._room = Room()
        self._rates: dict[NodeId, float] = {}
        self._counted: dict[NodeId, int] = {}
        self._rated_s: float | None = None

    def on_message(self, topic: str, data: bytes, received_us: int, now_s: float, *, retain: bool) -> None:
        """Any message of the namespace but our own STATE; never raises for what is in it."""
        self.counts.messages += 1
        route = self._routes.get(topic) or self._route(topic)
        if route is None:
            return
        verb, id_, device = route
        node = self.nodes.get(id_)
        try:
            payload = _parse(data)
        except (DecodeError, ValueError):
            self._on_malformed(node, verb, len(data), received_us)
            return
        if node is None:
            node = self._new_node(id_)
            if node is None:
                return
        before, state = node.changes, node.state
        node.on_arrival(Arrival(verb, device, payload, data, received_us, retain), now_s)
        if node.timed:
            self._timed.add(node)
        if node.changes != before:
            self.changes += 1
            if node.state is not state:
                self._transitions.append((id_, node.state))
            note = node.births.note(received_us)
            if note and id_ not in self._suspected:
                self._suspicions.append((id_, note))
                self._suspected.add(id_)
            elif not note:
                self._suspected.discard(id_)

    def on_link_up(self, now_s: float) -> None:
        """Nobody knows what happened meanwhile: each node is asked in turn, unless it is born before."""
        self.rebirths.open(now_s, _GRACE_S)
        for node in self.nodes.values():
            self.rebirths.request(node.id, "the connection to the broker was lost", now_s, _GRACE_S)

    def on_link_lost(self, now_us: int) -> None:
        self.rebirths.close()
        self._timed.clear()
        for node in self.nodes.values():
            node.on_link_lost(now_us)
        self.changes += 1

    def on_time(self, now_s: float, now_us: int) -> list[tuple[NodeId, str]]:
        """Look at what is overdue; returns whom to send a rebirth request now, and why."""
        for node in list(self._timed):
            before = node.changes
            node.on_time(now_s, now_us)
            self.changes += node.changes != before
            if node.deadline_s is None:
                node.timed = False
                self._timed.discard(node)
        self._rate(now_s)
        due = self.rebirths.due(now_s)
        for id_, cause in due:
            self.nodes[id_].on_asked(cause)
        return due

    def rate(self, id_: NodeId) -> float:
        """Messages of a node per second, over the last few seconds."""
        return self._rates.get(id_, 0.0)

    def online(self, id_: NodeId) -> bool:
        node = self.nodes.get(id_)
        return node is not None and node.state is NodeState.ONLINE

    def locate(self, endpoint: Endpoint) -> tuple[Node, str | None] | None:
        """The node, and the device below it; one without a group is sought everywhere, the living first."""
        if endpoint.group:
            node = self.nodes.get(NodeId(endpoint.group, endpoint.node))
            return None if node is None else (node, endpoint.device)
        found = [
            (node, device)
            for node in list(self.nodes.values())
            for device in (None, endpoint.node)
            if (node.id.id == endpoint.node if device is None else device in node.devices)
        ]
        living = [
            each for each in found if (part := each[0].device(each[1])) and part.state is NodeState.ONLINE
        ]
        return next(iter(living or found), None)

    def named(self, topic: str) -> tuple[Node | None, str | None]:
        """The node and device that a topic names, if they are known."""
        try:
            parsed = parse_topic(topic)
        except TopicError:
            return None, None
        return self.nodes.get(NodeId(parsed.group, parsed.node)), parsed.device

    def take_transitions(self) -> list[tuple[NodeId, NodeState]]:
        """Births and deaths of nodes since the last call."""
        taken, self._transitions = self._transitions, []
        return taken

    def facts(self, id_: NodeId) -> tuple[int | None, int]:
        """bdSeq of a node and how many metrics it has with its devices."""
        node = self.nodes[id_]
        return node.bd_seq, sum(len(part.table.by_name) for part in (node.own, *node.devices.values()))

    def take_suspicions(self) -> list[tuple[NodeId, str]]:
        """Ids that two nodes seem to use, once each, with a sentence."""
        taken, self._suspicions = self._suspicions, []
        return taken

    def _route(self, topic: str) -> _Route | None:
        try:
            parsed = parse_topic(topic)
        except TopicError:
            self.counts.garbage_topics += 1
            return None
        if parsed.verb in _NOT_OURS:
            self.counts.commands_seen += parsed.verb is not Verb.STATE
            return None
        route = _Route(parsed.verb, NodeId(parsed.group, parsed.node), parsed.device)
        if route.id in self.nodes and len(self._routes) < ROUTES_LIMIT:
            self._routes[topic] = route
        return route

    def _new_node(self, id_: NodeId) -> Node | None:
        if len(self.nodes) >= NODES_LIMIT:
            self.counts.nodes_refused += 1
            return None
        self.changes += 1
        node = self.nodes[id_] = Node(id_, self._index, self.rebirths, self._reorder_timeout_s, self._room)
        return node

    def _on_malformed(self, node: Node | None, verb: Verb, size: int, received_us: int) -> None:
        self.counts.malformed += 1
        if node is not None:
            node.on_malformed(f"{verb} of {size} bytes that are no Sparkplug payload", received_us)

    def _rate(self, now_s: float) -> None:
        if self._rated_s is not None and now_s - self._rated_s < _RATE_S:
            return
        passed_s = now_s - self._rated_s if self._rated_s is not None else 0.0
        self._rated_s = now_s
        for id_, node in self.nodes.items():
            if passed_s:
                self._rates[id_] = (node.messages - self._counted.get(id_, 0)) / passed_s
            self._counted[id_] = node.messages


_NOT_OURS = frozenset({Verb.NCMD, Verb.DCMD, Verb.STATE})
