"""What the Sparkplug tree shows, as items: group > node > device > metric; pure, no widgets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import takewhile
from typing import NamedTuple

from engine.nodes import DeviceView, MetricView, NodeState, NodeView

BLOCK = 200
"""Metrics that are put into the tree at a time: a birth may bring ten thousand."""


class Kind(IntEnum):
    """Depth in the tree; metrics hang below a device, or below a node beside its devices."""

    GROUP = 0
    NODE = 1
    DEVICE = 2
    METRIC = 3


class NodeRef(NamedTuple):
    """A place in the tree; empty texts where it ends earlier."""

    group: str
    node: str = ""
    device: str = ""
    metric: str = ""

    @property
    def kind(self) -> Kind:
        if self.metric:
            return Kind.METRIC
        if self.device:
            return Kind.DEVICE
        return Kind.NODE if self.node else Kind.GROUP

    @property
    def owner(self) -> "NodeRef":
        """The node or device that holds the metric."""
        return self._replace(metric="")

    @property
    def names(self) -> str:
        """``BottlingHall / Edge-Filler-1 / Filler``, for titles."""
        return " / ".join(part for part in self if part)


@dataclass(slots=True)
class Item:
    """One line of the tree. ``metrics`` is None until they were read; ``children`` are those in the tree."""

    ref: NodeRef
    parent: "Item | None"
    number: int
    row: int = 0
    node: NodeView | None = None
    device: DeviceView | None = None
    metric: MetricView | None = None
    group_nodes: tuple[int, int] = (0, 0)
    children: "list[Item]" = field(default_factory=list)
    metrics: "list[MetricView] | None" = None
    reading: bool = False

    @property
    def kind(self) -> Kind:
        return self.ref.kind

    @property
    def name(self) -> str:
        return self.ref[self.kind]

    @property
    def dead(self) -> bool:
        """Did it die, or what it belongs to? Then nothing below it is to be believed."""
        if self.node is not None and self.node.state is NodeState.OFFLINE:
            return True
        return self.device is not None and self.device.state is NodeState.OFFLINE

    @property
    def own_metrics(self) -> int:
        """How many metrics hang directly below it, as far as is known before they are read."""
        if self.metric is not None or self.node is None:
            return 0
        if self.device is not None:
            return self.device.metrics
        return self.node.metrics

    @property
    def expandable(self) -> bool:
        if self.kind is Kind.GROUP:
            return bool(self.children)
        return bool(self.children) or self.own_metrics > 0

    @property
    def structure(self) -> "list[Item]":
        """Children that are no metrics; they come first."""
        return list(takewhile(lambda child: not child.ref.metric, self.children))

    @property
    def metric_items(self) -> "list[Item]":
        return self.children[len(self.structure) :]


class Wanted(NamedTuple):
    """Which part of the tree passes a filter; ``metrics`` are those found by name, by their owner."""

    text: str = ""
    metrics: dict[NodeRef, list[MetricView]] = {}  # noqa: RUF012

    def passes(self, *names: str) -> bool:
        return any(self.text in name.casefold() for name in names)


ALL = Wanted()


def all_metrics(node: NodeView) -> tuple[int, int]:
    """How many metrics a node and its devices have, and how many of them are good."""
    metrics = node.metrics + sum(device.metrics for device in node.devices)
    return metrics, node.metrics_good + sum(device.metrics_good for device in node.devices)


def last_heard_us(node: NodeView) -> int | None:
    """When anything came from a node or one of its devices."""
    times = (node.last_data_us, *(device.last_data_us for device in node.devices))
    return max((time_us for time_us in times if time_us is not None), default=None)


def wanted_devices(node: NodeView, wanted: Wanted) -> list[DeviceView]:
    """All of a node that is named by the filter itself, else those that are named or hold what is."""
    if not wanted.text or wanted.passes(node.group, node.id):
        return list(node.devices)
    return [
        device
        for device in node.devices
        if wanted.passes(device.id) or NodeRef(node.group, node.id, device.id) in wanted.metrics
    ]


def wanted_nodes(nodes: Sequence[NodeView], wanted: Wanted) -> list[NodeView]:
    if not wanted.text:
        return list(nodes)
    return [
        node
        for node in nodes
        if wanted.passes(node.group, node.id)
        or NodeRef(node.group, node.id) in wanted.metrics
        or wanted_devices(node, wanted)
    ]


def by_group(nodes: Sequence[NodeView]) -> dict[str, list[NodeView]]:
    """Nodes keep the order they came in."""
    groups: dict[str, list[NodeView]] = {}
    for node in nodes:
        groups.setdefault(node.group, []).append(node)
    return groups
