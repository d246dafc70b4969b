"""A plant with Sparkplug for the panel: nodes, devices, metrics and messages in memory, set by hand.

``MemoryHost`` and ``MemoryEdge`` keep the promises of ``engine.nodes`` the panel relies on, without a broker.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from engine.model import Quality, Value
from engine.nodes import (
    BrokerState,
    BrokerStatus,
    DeviceView,
    EdgeState,
    EdgeStatus,
    MetricView,
    NodeFaults,
    NodeState,
    NodeView,
    SeenMessage,
)
from tests.hmi.panel.plant_bench import START_US, Bench

GROUP = "BottlingHall"
BORN_US = START_US - 16_908_000_000  # 05:58:12 at the site
DIED_US = START_US - 1_660_000_000  # 10:12:20
BIG = 10_000
_S = 1_000_000


def metric(
    name: str, kind: str, value: Value | None, alias: int | None, unit: str = "", **more
) -> MetricView:
    return MetricView(name, alias, kind, value, unit, Quality.GOOD, START_US - _S, START_US - 300_000, **more)


FILLER = [
    metric("FillLevel", "Float", 23.4, 12, "%", tag="line1/FillLevel", properties=(("engUnit", "%"),)),
    metric("FillFlowRate", "Float", 29.6, 13, "L/min"),
    metric("BottlesFilled", "Int64", 8640, 25, tag="line1/BottlesFilled"),
    metric("SystemRunning", "Boolean", True, 26),
    metric("Batch", "String", "Spring water 0.5 l, lot 2026-071, line 1, second half of the early shift", 27),
    replace(metric("TankPressure", "Double", 14.583, 28, "psi"), quality=Quality.UNCERTAIN),
    replace(metric("TankTemperature", "Float", None, 29, "degC"), quality=Quality.BAD),
    metric("Recipe", "Template", None, None),
]
NODE_METRICS = [
    metric("Node Control/Rebirth", "Boolean", False, 0),
    metric("bdSeq", "Int64", 4, None),
]


def node(name: str, born_us: int | None = BORN_US, **changes) -> NodeView:
    view = NodeView(
        GROUP,
        name,
        NodeState.ONLINE,
        born_us,
        4,
        203,
        14,
        14,
        START_US - 600_000,
        48_211,
        2.4,
        120.0,
        NodeFaults(),
    )
    return replace(view, **changes)


def device(name: str, metrics: int, **changes) -> DeviceView:
    view = DeviceView(name, NodeState.ONLINE, BORN_US + _S, metrics, metrics, START_US - 300_000, 1204)
    return replace(view, **changes)


def six_nodes() -> list[NodeView]:
    """One is ours, one died, one was never born, one has ten thousand metrics, one is full of faults."""
    filler = device("Filler", len(FILLER), metrics_good=len(FILLER) - 2)
    return [
        node("Edge-Capper-1", bd_seq=2, seq=87, metrics=14, metrics_good=14),
        node(
            "Edge-Cellar",
            state=NodeState.UNBORN,
            born_us=None,
            bd_seq=None,
            seq=None,
            metrics=0,
            metrics_good=0,
        ),
        node(
            "Edge-Filler-1",
            metrics=len(NODE_METRICS),
            metrics_good=len(NODE_METRICS),
            devices=(filler,),
            own=True,
            last_data_us=START_US - 300_000,
        ),
        node(
            "Edge-Labeller-1",
            DIED_US,
            state=NodeState.OFFLINE,
            bd_seq=7,
            seq=118,
            metrics=2,
            metrics_good=0,
            last_data_us=DIED_US,
            devices=(device("Labeller", 20, metrics_good=0, last_data_us=DIED_US),),
        ),
        node(
            "Edge-Packer-1",
            bd_seq=3,
            seq=241,
            metrics=18,
            metrics_good=16,
            faults=NodeFaults(
                gaps=3, reordered=12, unknown_alias=1, malformed=2, duplicate_ids=4, rebirths_requested=5
            ),
            last_error="seq 118 came after 115",
            last_error_us=START_US - 90 * _S,
            rebirth_cause="a gap in seq that the reorder window did not fill",
            note="Two nodes seem to use this name: births with different bdSeq alternate.",
            skew_ms=-4200.0,
        ),
        node(
            "Edge-Utilities",
            BORN_US - 13_400 * _S,
            bd_seq=1,
            seq=16,
            metrics=2,
            metrics_good=2,
            devices=(device("Energy meters", BIG), device("Compressor", 3)),
        ),
    ]


def many_nodes(count: int) -> list[NodeView]:
    return [node(f"Edge-{number:03d}", devices=(device("Device", 14),)) for number in range(count)]


def many_metrics(count: int) -> list[MetricView]:
    return [
        metric(f"Meter {n // 100:03d}/Channel {n % 100:02d}", "Float", n / 7, n, "kW") for n in range(count)
    ]


class MemoryHost:
    """What a test sets is what the panel sees."""

    def __init__(self, nodes: Sequence[NodeView]) -> None:
        self.host_id = "BrimlineHall"
        self.online = True
        self.changes = 1
        self.views = list(nodes)
        self.obstacle = ""
        self.asked: list[tuple[str, str, str]] = []
        self.inspecting: list[bool] = []
        self.seen: list[SeenMessage] = []
        self.reads = 0
        self.broker = BrokerStatus(
            "host",
            "10.20.0.5:8883",
            BrokerState.CONNECTED,
            START_US - 16_860 * _S,
            encrypted=True,
            round_trip_ms=8.0,
            reconnects=1,
            received=3_411_042,
            sent=128,
            received_per_s=412.0,
            sent_per_s=0.2,
            queue_limit=1000,
        )
        self.born = {
            ("Edge-Filler-1", "Filler"): FILLER,
            ("Edge-Filler-1", None): NODE_METRICS,
            ("Edge-Utilities", "Energy meters"): many_metrics(BIG),
            ("Edge-Labeller-1", "Labeller"): [
                replace(m, quality=Quality.STALE, received_us=DIED_US) for m in FILLER[:3]
            ],
        }

    def brokers(self) -> Sequence[BrokerStatus]:
        return [self.broker]

    def nodes(self) -> list[NodeView]:
        return list(self.views)

    def metrics(self, group: str, node: str, device: str | None) -> list[MetricView]:
        self.reads += 1
        return list(self.born.get((node, device), ()))

    def request_rebirth(self, group: str, node: str, user: str) -> str:
        if not self.obstacle:
            self.asked.append((group, node, user))
            self.change(node, rebirth_pending=True)
        return self.obstacle

    def inspect(self, on: bool) -> None:
        self.inspecting.append(on)

    def messages(self, after: int = 0, limit: int = 200) -> list[SeenMessage]:
        return [message for message in self.seen if message.number > after][-limit:]

    def decode(self, topic: str, payload: bytes) -> str:
        shown = {"topic": topic, "timestamp": 1_773_308_399_700, "seq": 203, "bytes": payload.hex(" ")}
        metrics = [
            {"alias": n, "type": "Float", "value": n * 1.5, "timestamp": 1_773_308_399_700} for n in range(40)
        ]
        return json.dumps(shown | {"metrics": metrics}, indent=2)

    def change(self, name: str, **changes) -> None:
        """Another view of one node."""
        self.views = [replace(view, **changes) if view.id == name else view for view in self.views]
        self.changes += 1

    def drop(self, name: str) -> None:
        self.views = [view for view in self.views if view.id != name]
        self.changes += 1

    def arrive(
        self, topic: str, count: int = 1, error: str = "", payload: bytes = b"\x08\x01\x12\x02"
    ) -> None:
        for _ in range(count):
            number = self.seen[-1].number + 1 if self.seen else 1
            time_us = START_US + number * 1000
            self.seen.append(
                SeenMessage(number, time_us, topic, len(payload), number % 256, 10, error, payload)
            )

    def lose_broker(self, cause: str, now_us: int, retry_s: float = 31.0) -> None:
        self.online = False
        self.broker = replace(
            self.broker,
            state=BrokerState.DISCONNECTED,
            since_us=now_us - 104 * _S,
            cause=cause,
            retry_at_us=now_us + round(retry_s * _S),
            round_trip_ms=None,
            received_per_s=0.0,
            sent_per_s=0.0,
        )


class MemoryEdge:
    def __init__(self) -> None:
        self.broker = BrokerStatus(
            "edge",
            "10.20.0.5:8883",
            BrokerState.CONNECTED,
            BORN_US,
            encrypted=True,
            sent_per_s=38.0,
            queue_limit=1000,
        )
        self.state = EdgeStatus(GROUP, "Edge-Filler-1", EdgeState.BORN, BORN_US, "", 4, 203, 1, 32, 52_040, 1)

    def brokers(self) -> Sequence[BrokerStatus]:
        return [self.broker]

    def status(self) -> EdgeStatus:
        return self.state


class SparkplugBench(Bench):
    """The demo plant, with six nodes heard of and an edge node of its own."""

    def __init__(self, theme: str = "paper", *, nodes: Sequence[NodeView] | None = None) -> None:
        super().__init__(theme)
        self.memory_host = MemoryHost(six_nodes() if nodes is None else nodes)
        self.memory_edge = MemoryEdge()
        self.host, self.edge = self.memory_host, self.memory_edge
