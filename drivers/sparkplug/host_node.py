"""What a host application knows of one edge node and its devices, and the rules that keep it true. Pure.

Source: Eclipse Sparkplug 3.0, chapters 5 and 6. Every message of a node comes here in the order of its
arrival; samples leave through the outboxes of the tags, wishes for a rebirth through ``Rebirths``.
"""

from dataclasses import replace
from typing import NamedTuple

from drivers.sparkplug.host_births import BirthRecord
from drivers.sparkplug.host_device import Arrival, Device
from drivers.sparkplug.host_metrics import Applied, MetricSlot, apply_data
from drivers.sparkplug.host_tags import Endpoint, TagIndex
from drivers.sparkplug.rebirths import Rebirths
from drivers.sparkplug.reorder import Reorder
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.topic import Verb
from engine.nodes import NodeFaults, NodeState

DEVICES_LIMIT = 50_000
"""Of all nodes together: a flood of made-up ids must not eat the memory."""
_LONGEST_TEXT = 300


class NodeId(NamedTuple):
    group: str
    id: str


class Room:
    """How many more devices may be followed; shared by all nodes."""

    def __init__(self, devices: int = DEVICES_LIMIT) -> None:
        self._devices = devices

    def take(self) -> bool:
        """Whether there is room for one more device, which is gone then."""
        if not self._devices:
            return False
        self._devices -= 1
        return True


class Node:
    """One edge node. ``now_s`` is monotonic; all methods are called by one thread.

    ``changes`` grows with each birth and death. ``timed`` is set when ``on_time`` has to be called until
    ``deadline_s`` is None.
    """

    def __init__(
        self,
        id_: NodeId,
        index: TagIndex,
        rebirths: Rebirths[NodeId],
        reorder_timeout_s: float,
        room: Room | None = None,
    ) -> None:
        self.id = id_
        self.own = Device(Endpoint(id_.group, id_.id), index.targets(Endpoint(id_.group, id_.id)))
        self.devices: dict[str, Device] = {}
        self.bd_seq: int | None = None
        self.seq: int | None = None
        self.messages = 0
        self.skew_ms: float | None = None
        self.faults = NodeFaults()
        self.births = BirthRecord()
        self.last_error = ""
        self.last_error_us: int | None = None
        self.last_cause = ""
        self.changes = 0
        self.heard = False
        self.timed = False
        self._index = index
        self._room = room or Room()
        self._rebirths = rebirths
        self._reorder_timeout_s = reorder_timeout_s
        self._order: Reorder[Arrival] = Reorder(reorder_timeout_s)

    @property
    def state(self) -> NodeState:
        return self.own.state

    @property
    def deadline_s(self) -> float | None:
        """When something is overdue: a message that others overtook, or a device's birth."""
        times = [device.confirm_by_s for device in self.devices.values() if device.confirm_by_s is not None]
        if self._order.deadline_s is not None:
            times.append(self._order.deadline_s)
        return min(times, default=None)

    def on_arrival(self, arrival: Arrival, now_s: float) -> None:
        """Any message of the node or its devices; nothing in it can make this fail."""
        self.messages += 1
        self.heard = True
        if arrival.retain:
            self._on_retained(arrival, now_s)
            return
        if arrival.payload.timestamp:
            self.skew_ms = arrival.payload.timestamp - arrival.received_us / 1000
        verb = arrival.verb
        if verb is Verb.NDEATH:
            self._on_node_death(arrival)
        elif verb is Verb.NBIRTH:
            self._on_node_birth(arrival, now_s)
        elif self.own.state is NodeState.ONLINE:
            self._in_order(arrival, now_s)
        else:
            self._before_birth(arrival, now_s)

    def on_malformed(self, complaint: str, received_us: int) -> None:
        """A message that could not be read; what it said may be missed when the sequence goes on."""
        self.messages += 1
        self._count(malformed=1)
        self._complain(complaint, received_us)

    def on_time(self, now_s: float, now_us: int) -> None:
        """Look at what is overdue."""
        if self.own.state is not NodeState.ONLINE:
            self._order.expire(now_s)
            return
        before = self._order.gaps
        for arrival in self._order.expire(now_s):
            self._handle(arrival, now_s)
        if self._order.gaps != before:
            self._on_gap(now_s, now_us)
        for device in list(self.devices.values()):
            if device.confirm_by_s is not None and now_s >= device.confirm_by_s:
                device.lose(now_us, now_us)
                self.changes += 1

    def on_link_lost(self, now_us: int) -> None:
        """The broker is gone: nothing is known of anything until it is heard of again."""
        self._order.clear()
        self._lose_all(now_us)

    def on_asked(self, cause: str) -> None:
        """A rebirth request has been sent."""
        self.last_cause = cause
        self._count(rebirths_requested=1)

    def device(self, device: str | None) -> Device | None:
        return self.own if device is None else self.devices.get(device)

    def all_devices(self) -> list[Device]:
        """The node itself first, then its devices."""
        return [self.own, *self.devices.values()]

    def slot(self, device: str | None, metric: str) -> MetricSlot | None:
        found = self.device(device)
        return found.table.by_name.get(metric) if found else None

    def _in_order(self, arrival: Arrival, now_s: float) -> None:
        payload = arrival.payload
        seq = payload.seq
        if (not seq and not payload.HasField("seq")) or seq > 255:
            self._complain(f"{arrival.verb} without a sequence number", arrival.received_us)
            self._handle(arrival, now_s)
            return
        order = self._order
        before = order.gaps
        for each in order.accept(seq, arrival, arrival.data, now_s):
            self._handle(each, now_s)
        if order.held:
            self.timed = True
        if order.gaps != before:
            self._on_gap(now_s, arrival.received_us)

    def _handle(self, arrival: Arrival, now_s: float) -> None:
        self.seq = arrival.payload.seq
        verb = arrival.verb
        if verb is Verb.DDATA or verb is Verb.NDATA:
            self._on_data(arrival, now_s)
        elif verb is Verb.DBIRTH:
            self._on_device_birth(arrival)
        elif verb is Verb.DDEATH:
            self._on_device_death(arrival)

    def _on_data(self, arrival: Arrival, now_s: float) -> None:
        device = self.own if arrival.device is None else self.devices.get(arrival.device)
        if device is None or device.state is not NodeState.ONLINE or device.confirm_by_s is not None:
            self._count(before_birth=1)
            self._ask(f"data of device {arrival.device} before its birth", arrival.received_us, now_s)
            return
        device.messages += 1
        device.last_data_us = arrival.received_us
        applied = apply_data(arrival.payload.metrics, device.table, arrival.time_us, arrival.received_us)
        if applied is not None:
            self._on_faulty_data(applied, device, arrival.received_us, now_s)

    def _on_faulty_data(self, applied: Applied, device: Device, received_us: int, now_s: float) -> None:
        if applied.malformed:
            self._count(malformed=applied.malformed)
            self._complain(applied.complaint, received_us)
        if applied.unknown:
            self._count(unknown_alias=applied.unknown)
            what = f"{applied.unknown_name} of {device.endpoint} is not in its birth"
            self._ask(what, received_us, now_s)

    def _on_node_birth(self, arrival: Arrival, now_s: float) -> None:
        payload = arrival.payload
        bd_seq = find_bd_seq(payload)
        again = self.own.state is NodeState.ONLINE and bd_seq == self.bd_seq
        names = hash(frozenset(metric.name for metric in payload.metrics))
        if self.births.on_birth(arrival.received_us, bd_seq, names):
            self._count(duplicate_ids=1)
        for device in self.devices.values():
            if not again:
                device.lose(arrival.received_us, arrival.received_us)
            elif device.state is NodeState.ONLINE:
                # Its birth follows; values known to be good until then stay so for that moment.
                device.confirm_by_s = now_s + self._reorder_timeout_s
                self.timed = True
        self.bd_seq = bd_seq
        self._rebirths.settle(self.id)
        self._on_birth_metrics(self.own, arrival)
        seq = payload.seq if payload.HasField("seq") and payload.seq <= 255 else None
        self.seq = seq
        for each in self._order.begin(seq, lambda held: held.time_us >= arrival.time_us):
            self._handle(each, now_s)

    def _on_device_birth(self, arrival: Arrival) -> None:
        device = self._device_of(arrival)
        if device is not None:
            self._on_birth_metrics(device, arrival)

    def _on_birth_metrics(self, device: Device, arrival: Arrival) -> None:
        applied = device.born(arrival)
        device.messages += 1
        device.last_data_us = arrival.received_us
        self.changes += 1
        if applied.malformed:
            self._count(malformed=applied.malformed)
            self._complain(applied.complaint, arrival.received_us)
        shared = self._shared_alias(device)
        if shared:
            self._complain(shared, arrival.received_us)

    def _shared_alias(self, device: Device) -> str:
        """Aliases are unique over the node and its devices; each device is read with its own, though."""
        aliases = device.table.by_alias.keys()
        for other in self.all_devices():
            if other is not device and other.state is NodeState.ONLINE:
                common = aliases & other.table.by_alias.keys() if aliases else ()
                if common:
                    return f"alias {min(common)} is used by {device.endpoint} and by {other.endpoint}"
        return ""

    def _on_device_death(self, arrival: Arrival) -> None:
        device = self._device_of(arrival)
        if device is None:
            return
        device.messages += 1
        device.lose(arrival.time_us, arrival.time_us)
        self.changes += 1

    def _on_node_death(self, arrival: Arrival) -> None:
        bd_seq = find_bd_seq(arrival.payload)
        if self.own.state is NodeState.OFFLINE or (
            self.own.state is NodeState.ONLINE
            and bd_seq is not None
            and self.bd_seq is not None
            and bd_seq != self.bd_seq
        ):
            self._count(stale_deaths=1)
            return
        self._order.clear()
        self._rebirths.settle(self.id)
        self._lose_all(arrival.received_us)

    def _lose_all(self, now_us: int) -> None:
        for device in self.all_devices():
            device.lose(now_us, now_us)
        self.changes += 1

    def _before_birth(self, arrival: Arrival, now_s: float) -> None:
        """A birth of the node may just have been overtaken by that of its device; data came too early."""
        self._count(before_birth=1)
        payload = arrival.payload
        if payload.seq <= 255:
            self._order.hold(payload.seq, arrival, arrival.data, now_s)
            self.timed = True
        delay_s = self._reorder_timeout_s if arrival.verb is Verb.DBIRTH else 0.0
        self._ask(f"{arrival.verb} before NBIRTH", arrival.received_us, now_s, delay_s)

    def _on_retained(self, arrival: Arrival, now_s: float) -> None:
        """A broker that knows Sparkplug keeps births: they tell what there is, not how it is."""
        if self.own.state is NodeState.ONLINE:
            return
        if arrival.verb is Verb.NBIRTH:
            self.own.remember(arrival)
        elif arrival.verb is Verb.DBIRTH and (device := self._device_of(arrival)) is not None:
            device.remember(arrival)
        else:
            return
        self.changes += 1
        self._ask("only a birth kept by the broker is known", arrival.received_us, now_s)

    def _on_gap(self, now_s: float, now_us: int) -> None:
        self._count(gaps=1)
        self._ask("a message is missing", now_us, now_s)

    def _ask(self, cause: str, now_us: int, now_s: float, delay_s: float = 0.0) -> None:
        self._complain(cause, now_us)
        self._rebirths.request(self.id, cause[:_LONGEST_TEXT], now_s, delay_s)

    def _device_of(self, arrival: Arrival) -> Device | None:
        """The device that a message is about; None where it is one too many."""
        id_ = arrival.device or ""
        device = self.devices.get(id_)
        if device is None:
            if not self._room.take():
                self._complain(f"device {id_} is not followed: there are too many", arrival.received_us)
                return None
            endpoint = Endpoint(self.id.group, self.id.id, id_)
            device = self.devices[id_] = Device(endpoint, self._index.targets(endpoint))
        return device

    def _complain(self, text: str, now_us: int) -> None:
        self.last_error, self.last_error_us = text[:_LONGEST_TEXT], now_us

    def _count(self, **more: int) -> None:
        faults = self.faults
        self.faults = replace(faults, **{name: getattr(faults, name) + n for name, n in more.items()})

    def current_faults(self) -> NodeFaults:
        return replace(self.faults, reordered=self._order.reordered)


def find_bd_seq(payload: PbPayload) -> int | None:
    """bdSeq of an NBIRTH or NDEATH: any integer field will do; None without one."""
    for metric in payload.metrics:
        if metric.name == "bdSeq":
            field = metric.WhichOneof("value")
            if field in ("int_value", "long_value"):
                return int(getattr(metric, field))
            return None
    return None
