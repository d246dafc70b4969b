"""The nodes on a broker as text for people. Pure."""

from collections.abc import Callable, Iterator, Sequence

from drivers.sparkplug.metric_text import printable, shortened
from drivers.sparkplug.state import HostState
from engine.model import Quality, Value
from engine.nodes import DeviceView, MetricView, NodeState, NodeView
from hmi.mqtt_view_text import format_clock
from hmi.sparkplug_watch_core import Change, DeviceChange, HostChange, MetricChange, NodeChange

MetricsOf = Callable[[NodeView, str | None], Sequence[MetricView]]

_FAULTS = {
    "gaps": "gaps in the sequence",
    "reordered": "messages that overtook others",
    "unknown_alias": "metrics that are not in the birth",
    "before_birth": "messages before the birth",
    "malformed": "malformed messages",
    "stale_deaths": "deaths of earlier sessions",
    "duplicate_ids": "births that seem to be another node's",
    "rebirths_requested": "rebirths asked for",
}
_LONGEST_VALUE = 60


def tree_lines(nodes: Sequence[NodeView], metrics: MetricsOf, now_us: int) -> Iterator[str]:
    """Groups, nodes, devices and metrics, one line each."""
    group = None
    for node in nodes:
        if node.group != group:
            group = node.group
            yield shortened(group)
        yield f"  {node_line(node, now_us)}"
        yield from (f"      ! {each}" for each in _complaints(node))
        yield from _metric_lines(metrics(node, None), now_us, "      ")
        for device in node.devices:
            yield f"    {device_line(device, now_us)}"
            yield from _metric_lines(metrics(node, device.id), now_us, "      ")


def heading(
    address: str, state: str, nodes: Sequence[NodeView], messages_per_s: float, malformed: int
) -> str:
    """One line about all of them."""
    online = sum(node.state is NodeState.ONLINE for node in nodes)
    bad = f", {malformed} unreadable" if malformed else ""
    return f"{address} {state}: {online} of {len(nodes)} nodes online, {messages_per_s:.1f} messages/s{bad}"


def host_line(host: str, state: HostState) -> str:
    since = f" since {format_clock(state.timestamp_ms * 1000)}" if state.timestamp_ms else ""
    return f"host {shortened(host)} {'online' if state.online else 'offline'}{since}"


def node_line(node: NodeView, now_us: int) -> str:
    """The node's state and figures."""
    parts = [
        f"{shortened(node.id)} {node.state}",
        f"since {format_clock(node.since_us)}" if node.since_us is not None else "",
        f"bdSeq {_or_dash(node.bd_seq)}, seq {_or_dash(node.seq)}",
        f"{node.metrics_good} of {node.metrics} metrics good",
        f"{node.messages_per_s:.1f} messages/s",
        f"last {format_age(node.last_data_us, now_us)}",
        f"clock {node.skew_ms:+.0f} ms" if node.skew_ms is not None else "",
    ]
    return "  ".join(part for part in parts if part)


def device_line(device: DeviceView, now_us: int) -> str:
    since = f"  since {format_clock(device.since_us)}" if device.since_us is not None else ""
    good = f"{device.metrics_good} of {device.metrics} metrics good"
    last = format_age(device.last_data_us, now_us)
    return f"{shortened(device.id)} {device.state}{since}  {good}  last {last}"


def metric_line(metric: MetricView, now_us: int) -> str:
    """Name, value with unit, type, alias, quality and age."""
    alias = "" if metric.alias is None else f" #{metric.alias}"
    unit = f" {shortened(metric.unit)}" if metric.unit and metric.value is not None else ""
    quality = "" if metric.quality is Quality.GOOD else f"  {metric.quality.name}"
    value = format_metric_value(metric.value)
    age = format_age(metric.received_us, now_us)
    return f"{shortened(metric.name)}{alias} = {value}{unit}  ({metric.type}){quality}  {age}"


def change_line(change: Change, now_us: int) -> str:
    """What happened, with the time, for a listing that grows."""
    match change:
        case HostChange():
            return f"{format_clock(now_us)}  {host_line(change.host, change.state)}"
        case NodeChange(node, faults):
            told = "".join(f"; {count} {_FAULTS[name]}" for name, count in faults)
            why = f" ({printable(node.last_error)})" if faults and node.last_error else ""
            return f"{format_clock(now_us)}  {shortened(node.group)}/{node_line(node, now_us)}{told}{why}"
        case DeviceChange(node, device):
            return f"{format_clock(now_us)}  {_path(node)}/{device_line(device, now_us)}"
        case MetricChange(node, device, metric):
            where = _path(node) if device is None else f"{_path(node)}/{shortened(device)}"
            return f"{format_clock(metric.received_us or now_us)}  {where}:{metric_line(metric, now_us)}"


def format_metric_value(value: Value | None) -> str:
    """A value on one short line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.7g}"
        case str():
            return f'"{shortened(value, _LONGEST_VALUE)}"'
        case tuple():
            shown = ", ".join(format_metric_value(each) for each in value[:5])
            return f"[{shown}{', …' if len(value) > 5 else ''}] ({len(value)})"
        case _:
            return str(value)


def format_age(time_us: int | None, now_us: int) -> str:
    """How long ago, as people say it."""
    if time_us is None:
        return "never"
    seconds = max(0.0, (now_us - time_us) / 1e6)
    if seconds < 60:
        return f"{seconds:.1f} s ago"
    minutes, hours = seconds / 60, seconds / 3600
    return f"{minutes:.0f} min ago" if minutes < 60 else f"{hours:.1f} h ago"


def cut(lines: Sequence[str], width: int, height: int) -> list[str]:
    """As much as a screen holds, with a last line that says how much does not fit."""
    if len(lines) > height:
        lines = [*lines[: height - 1], f"… {len(lines) - height + 1} more lines"]
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def _complaints(node: NodeView) -> Iterator[str]:
    counts = [
        f"{getattr(node.faults, name)} {text}" for name, text in _FAULTS.items() if getattr(node.faults, name)
    ]
    if counts:
        yield ", ".join(counts)
    if node.last_error:
        yield printable(node.last_error)
    if node.note:
        yield printable(node.note)


def _metric_lines(metrics: Sequence[MetricView], now_us: int, indent: str) -> Iterator[str]:
    for metric in metrics:
        yield f"{indent}{metric_line(metric, now_us)}"


def _path(node: NodeView) -> str:
    return f"{shortened(node.group)}/{shortened(node.id)}"


def _or_dash(number: int | None) -> str:
    return "-" if number is None else str(number)
