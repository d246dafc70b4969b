"""Nodes, devices and metrics as faces see them; safe from any thread, since everything is copied first."""

from drivers.sparkplug.host_device import Device
from drivers.sparkplug.host_metrics import MetricSlot, to_view_value
from drivers.sparkplug.host_node import Node
from drivers.sparkplug.host_tracker import Tracker
from engine.nodes import DeviceView, MetricView, NodeState, NodeView

_SKEW_MS = 60_000


def to_node_view(node: Node, tracker: Tracker, now_us: int, *, own: bool) -> NodeView:
    """One node with its devices by id."""
    device = node.own
    return NodeView(
        group=node.id.group,
        id=node.id.id,
        state=node.state,
        since_us=device.since_us,
        bd_seq=node.bd_seq,
        seq=node.seq,
        metrics=len(device.table.by_name),
        metrics_good=_good(device),
        last_data_us=device.last_data_us,
        messages=node.messages,
        messages_per_s=tracker.rate(node.id),
        skew_ms=node.skew_ms,
        faults=node.current_faults(),
        last_error=node.last_error,
        last_error_us=node.last_error_us,
        rebirth_cause=tracker.rebirths.cause(node.id) or node.last_cause,
        rebirth_pending=bool(tracker.rebirths.cause(node.id)),
        note=_note(node, now_us),
        devices=tuple(_device_view(id_, node.devices[id_]) for id_ in sorted(node.devices)),
        own=own,
    )


def to_metric_views(device: Device) -> list[MetricView]:
    """The metrics of a node or device by name."""
    slots = list(device.table.by_name.values())
    return [_metric_view(slot) for slot in sorted(slots, key=lambda slot: slot.name)]


def _device_view(id_: str, device: Device) -> DeviceView:
    return DeviceView(
        id=id_,
        state=device.state,
        since_us=device.since_us,
        metrics=len(device.table.by_name),
        metrics_good=_good(device),
        last_data_us=device.last_data_us,
        messages=device.messages,
    )


def _metric_view(slot: MetricSlot) -> MetricView:
    properties = tuple((key, str(each.value)[:200]) for key, each in slot.properties.items())
    return MetricView(
        name=slot.name,
        alias=slot.alias,
        type=slot.type.title,
        value=to_view_value(slot.value),
        unit=slot.unit,
        quality=slot.quality,
        time_us=slot.time_us,
        received_us=slot.received_us,
        tag=slot.key,
        properties=properties,
    )


def _good(device: Device) -> int:
    return device.table.good_count() if device.state is NodeState.ONLINE else 0


def _note(node: Node, now_us: int) -> str:
    notes = [node.births.note(now_us)]
    if node.skew_ms is not None and abs(node.skew_ms) > _SKEW_MS:
        minutes = round(abs(node.skew_ms) / 60_000)
        where = "ahead of" if node.skew_ms > 0 else "behind"
        notes.append(f"Its clock is {minutes // 60} h {minutes % 60} min {where} ours")
    return ". ".join(note for note in notes if note)
