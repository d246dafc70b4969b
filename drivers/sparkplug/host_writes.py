"""Writes of one SPARKPLUG connection: refused politely, sent before their deadline or never, read back."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.host_commands import write_request
from drivers.sparkplug.host_metrics import MetricSlot
from drivers.sparkplug.host_node import Node
from drivers.sparkplug.host_tags import Endpoint, MetricAddress, MetricAddressError, parse_address
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.types import to_tag_value
from engine.clock import Clock
from engine.commands import WriteOrder, WriteOutcome
from engine.model import Quality, TagDef, Value
from engine.nodes import NodeState
from engine.write_check import same_value

WRITES_LIMIT = 64

Publish = Callable[[Outgoing], int | None]


@dataclass(slots=True)
class Found:
    """Where a tag's metric lives now."""

    node: Node
    device: str | None
    slot: MetricSlot
    endpoint: Endpoint


@dataclass(slots=True)
class _Awaited:
    order: WriteOrder
    slot: MetricSlot
    received_us: int | None


class HostWrites:
    """``put`` may be called from any thread, everything else by the host's worker."""

    def __init__(self, tracker: Tracker, publish: Publish, clock: Clock, *, datatypes: bool) -> None:
        self._tracker = tracker
        self._publish = publish
        self._clock = clock
        self._datatypes = datatypes
        self._addresses: dict[str, MetricAddress] = {}
        self._lock = threading.Lock()
        self._orders: deque[WriteOrder] = deque()
        self._awaited: list[_Awaited] = []
        self._obstacle = "There is no session with the broker yet"

    def __len__(self) -> int:
        return len(self._orders) + len(self._awaited)

    def put(self, order: WriteOrder) -> str:
        with self._lock:
            if self._obstacle:
                return f"{self._obstacle}. Nothing was written"
            if len(self._orders) >= WRITES_LIMIT:
                return f"{WRITES_LIMIT} writes are already waiting. Nothing was written"
            found = self.find(order.tag)
            if isinstance(found, str):
                return f"{found}. Nothing was written"
            self._orders.append(order)
        return ""

    def open(self) -> None:
        with self._lock:
            self._obstacle = ""

    def close(self, obstacle: str) -> list[WriteOutcome]:
        """Nothing is taken any more; returns what becomes of what was."""
        with self._lock:
            self._obstacle = obstacle
            orders = list(self._orders)
            self._orders.clear()
        outcomes = [
            WriteOutcome(each, sent=False, error=f"{obstacle}. Nothing was written") for each in orders
        ]
        for awaited in self._awaited:
            error = f"{obstacle} before the value was confirmed. Look at it before you ask again"
            outcomes.append(WriteOutcome(awaited.order, sent=True, error=error))
        self._awaited.clear()
        return outcomes

    def work(self) -> list[WriteOutcome]:
        """Send what waits, see what was confirmed, end what is overdue."""
        outcomes: list[WriteOutcome] = []
        while order := self._next():
            outcome = self._send(order)
            if outcome is not None:
                outcomes.append(outcome)
        if self._awaited:
            still: list[_Awaited] = []
            for awaited in self._awaited:
                outcome = self._outcome(awaited)
                if outcome is None:
                    still.append(awaited)
                else:
                    outcomes.append(outcome)
            self._awaited = still
        return outcomes

    def find(self, tag: TagDef) -> Found | str:
        """The living metric of a tag, or a sentence why there is none."""
        address = self._addresses.get(tag.key)
        if address is None:
            try:
                address = self._addresses[tag.key] = parse_address(tag.address)
            except MetricAddressError as error:
                return str(error)
        place = self._tracker.locate(address.endpoint)
        if place is None:
            return f"{address.endpoint} has not been heard of"
        node, device_id = place
        device = node.device(device_id)
        obstacle = offline_reason(node, device_id)
        if device is None or obstacle:
            return obstacle
        slot = device.table.by_name.get(address.metric)
        if slot is None:
            return f"{device.endpoint} has no metric {address.metric!r}"
        return Found(node, device_id, slot, device.endpoint)

    def _next(self) -> WriteOrder | None:
        with self._lock:
            return self._orders.popleft() if self._orders else None

    def _send(self, order: WriteOrder) -> WriteOutcome | None:
        if self._clock.monotonic() >= order.deadline:
            return WriteOutcome(
                order, sent=False, error="The host was busy for too long. Nothing was written"
            )
        found = self.find(order.tag)
        if isinstance(found, str):
            return WriteOutcome(order, sent=False, error=f"{found}. Nothing was written")
        now_ms = self._clock.utc_us() // 1000
        try:
            message = write_request(
                found.node.id, found.device, found.slot, order.raw, now_ms, datatypes=self._datatypes
            )
        except PayloadError as error:
            return WriteOutcome(order, sent=False, error=f"{error}. Nothing was written")
        # Looked at before it is sent: the answer may be faster than we are.
        awaited = _Awaited(order, found.slot, found.slot.received_us)
        if self._publish(message) is None:
            reason = "The broker takes no more messages. Nothing was written"
            return WriteOutcome(order, sent=False, error=reason)
        self._awaited.append(awaited)
        return None

    def _outcome(self, awaited: _Awaited) -> WriteOutcome | None:
        order = awaited.order
        found = self.find(order.tag)
        heard, value = False, None
        if isinstance(found, Found):
            heard = found.slot is not awaited.slot or found.slot.received_us != awaited.received_us
            value = _readback(order.tag, found.slot) if heard else None
        if heard and (
            order.tag.pulse or (value is not None and same_value(order.tag.type, order.raw, value))
        ):
            return WriteOutcome(order, sent=True, readback=value)
        if self._clock.monotonic() < order.deadline:
            return None
        if heard:
            return WriteOutcome(order, sent=True, readback=value)
        if isinstance(found, Found) and self._has_already(found, order):
            note = f"{found.endpoint} had this value already and reported no change"
            return WriteOutcome(order, sent=True, readback=_readback(order.tag, found.slot), note=note)
        reason = (
            found
            if isinstance(found, str)
            else f"{found.node.id.group}/{found.node.id.id} did not confirm it"
        )
        return WriteOutcome(order, sent=True, error=f"{reason}. Look at the value before you ask again")

    def _has_already(self, found: Found, order: WriteOrder) -> bool:
        """Whether the value asked for was there before, so that a node that reports changes is silent.

        Only what is known beyond doubt confirms: a message that is missing may have told another value.
        A pulse does something each time, whatever the value.
        """
        node, slot = found.node, found.slot
        if order.tag.pulse or slot.quality is not Quality.GOOD:
            return False
        if node.deadline_s is not None or self._tracker.rebirths.cause(node.id):
            return False
        value = _readback(order.tag, slot)
        return value is not None and same_value(order.tag.type, order.raw, value)


def offline_reason(node: Node, device: str | None) -> str:
    """A sentence why a node or device cannot be spoken to; empty if it can."""
    for part in (None,) if device is None else (None, device):
        found = node.device(part)
        if found is None:
            return f"{node.own.endpoint}/{part} has not been heard of"
        if found.state is NodeState.UNBORN:
            return f"{found.endpoint} has not been born yet"
        if found.state is NodeState.OFFLINE:
            since = "" if found.since_us is None else f" since {_clock_time(found.since_us)} UTC"
            return f"{found.endpoint} is offline{since}"
    return ""


def _readback(tag: TagDef, slot: MetricSlot) -> Value | None:
    try:
        return to_tag_value(tag.type, slot.value, slot.type)
    except ValueError:
        return None


def _clock_time(time_us: int) -> str:
    return f"{datetime.fromtimestamp(time_us / 1e6, UTC):%H:%M:%S}"
