"""One device of a node, or the node's own metrics: born, lost, and in between. Pure."""

from typing import NamedTuple

from drivers.sparkplug.host_metrics import LATEST_MS, Applied, MetricTable, apply_birth
from drivers.sparkplug.host_tags import Endpoint, Target
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.topic import Verb
from engine.model import Quality, Sample
from engine.nodes import NodeState


class Arrival(NamedTuple):
    """One message of a node, parsed; ``data`` are its bytes."""

    verb: Verb
    device: str | None
    payload: PbPayload
    data: bytes
    received_us: int
    retain: bool = False

    @property
    def time_us(self) -> int:
        """The payload's own time, or that of its arrival."""
        stamp = self.payload.timestamp
        return stamp * 1000 if 0 < stamp < LATEST_MS else self.received_us


class Device:
    """One device, or the node's own metrics. ``confirm_by_s``: to be born again by then after a rebirth."""

    __slots__ = (
        "confirm_by_s",
        "endpoint",
        "errors",
        "last_data_us",
        "messages",
        "since_us",
        "state",
        "table",
        "targets",
    )

    def __init__(self, endpoint: Endpoint, targets: dict[str, list[Target]]) -> None:
        self.endpoint = endpoint
        self.targets = targets
        self.state = NodeState.UNBORN
        self.since_us: int | None = None
        self.last_data_us: int | None = None
        self.messages = 0
        self.table = MetricTable()
        self.confirm_by_s: float | None = None

    def born(self, arrival: Arrival) -> Applied:
        """Everything known before is replaced; tags whose metric is gone are BAD."""
        gone_us = arrival.received_us
        self.table, applied = apply_birth(
            arrival.payload.metrics, self.targets, arrival.time_us, arrival.received_us
        )
        for metric, targets in self.targets.items():
            for target in targets:
                if metric in self.table.by_name:
                    if (target.outbox.errors.get(target.key) or "").endswith(_NO_METRIC):
                        del target.outbox.errors[target.key]
                else:
                    target.outbox.errors[target.key] = f"{self.endpoint} {metric!r}: {_NO_METRIC}"
                    target.outbox.live.append(Sample(target.key, None, Quality.BAD, gone_us))
        self.become(NodeState.ONLINE, arrival.received_us)
        self.confirm_by_s = None
        return applied

    def remember(self, arrival: Arrival) -> None:
        """A birth that the broker kept: what there is, but not what it says."""
        self.table, _ = apply_birth(
            arrival.payload.metrics, self.targets, arrival.time_us, arrival.received_us, live=False
        )

    def lose(self, time_us: int, since_us: int) -> None:
        self.table.lose(time_us)
        self.confirm_by_s = None
        self.become(NodeState.OFFLINE, since_us)

    def become(self, state: NodeState, since_us: int) -> None:
        if state is not self.state:
            self.state, self.since_us = state, since_us


_NO_METRIC = "its birth has no such metric"
