"""The nodes on a broker as JSON, one object a line, for programs. Pure.

``kind`` is ``host``, ``node``, ``device``, ``metric`` or, for all nodes at once, ``snapshot``. Times are
ISO 8601 in UTC; qualities are names (GOOD, UNCERTAIN, BAD, STALE).
"""

import dataclasses
from collections.abc import Mapping, Sequence

from drivers.sparkplug.state import HostState
from engine.nodes import DeviceView, MetricView, NodeView
from hmi.mqtt_view_json import Json, to_line
from hmi.mqtt_view_text import format_iso
from hmi.sparkplug_watch_core import Change, DeviceChange, HostChange, MetricChange, NodeChange
from hmi.sparkplug_watch_text import MetricsOf

_TIMES = {
    "since_us": "since",
    "last_data_us": "last_data",
    "last_error_us": "last_error_time",
    "time_us": "source_time",
    "received_us": "received",
}
_NOT_OF_A_WATCHER = ("rebirth_cause", "rebirth_pending", "own", "devices")


def change_to_line(change: Change, now_us: int) -> str:
    """One change; ``time`` is when the watcher saw it."""
    head: Json = {"kind": _kind(change), "time": format_iso(now_us)}
    match change:
        case HostChange(host, state):
            return to_line(head | _host(host, state))
        case NodeChange(node, faults):
            return to_line(head | _node(node) | {"new_faults": dict(faults)})
        case DeviceChange(node, device):
            return to_line(head | {"group": node.group, "node": node.id} | _device(device))
        case MetricChange(node, device_id, metric):
            place: Json = {"group": node.group, "node": node.id, "device": device_id}
            return to_line(head | place | _metric(metric))


def snapshot_line(
    nodes: Sequence[NodeView], metrics: MetricsOf, hosts: Mapping[str, HostState], now_us: int
) -> str:
    """Everything: nodes with their devices and metrics, and the hosts."""
    return to_line(
        {
            "kind": "snapshot",
            "time": format_iso(now_us),
            "hosts": [_host(host, state) for host, state in hosts.items()],
            "nodes": [
                _node(node)
                | {
                    "metrics": [_metric(each) for each in metrics(node, None)],
                    "devices": [
                        _device(device) | {"metrics": [_metric(each) for each in metrics(node, device.id)]}
                        for device in node.devices
                    ],
                }
                for node in nodes
            ],
        }
    )


def _kind(change: Change) -> str:
    return type(change).__name__.removesuffix("Change").lower()


def _host(host: str, state: HostState) -> Json:
    return {"host": host, "online": state.online, "timestamp_ms": state.timestamp_ms or None}


def _node(node: NodeView) -> Json:
    content = _with_times(node)
    for name in _NOT_OF_A_WATCHER:
        del content[name]
    return {"group": content.pop("group"), "node": content.pop("id")} | content


def _device(device: DeviceView) -> Json:
    content = _with_times(device)
    return {"device": content.pop("id")} | content


def _metric(metric: MetricView) -> Json:
    content = _with_times(metric)
    del content["tag"]
    properties = dict(metric.properties)
    return content | {"quality": metric.quality.name, "properties": properties, "type": metric.type}


def _with_times(view: NodeView | DeviceView | MetricView) -> Json:
    """The fields of a view, its times as ISO 8601."""
    content: Json = {}
    for field in dataclasses.fields(view):
        value = getattr(view, field.name)
        if field.name in _TIMES:
            content[_TIMES[field.name]] = None if value is None else format_iso(value)
        else:
            content[field.name] = value
    return content
