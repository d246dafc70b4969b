"""Facts of one node, device or metric, by name; pure, no widgets. An empty text hides its line."""

from datetime import tzinfo

from engine.nodes import DeviceView, MetricView, NodeFaults, NodeState, NodeView
from hmi.panel.diagnostics.node_item import all_metrics, last_heard_us
from hmi.panel.diagnostics.node_text import (
    look_of,
    moment_text,
    quality_word,
    state_word,
    translate,
    value_text,
)
from hmi.panel.display import DASH, format_age, format_duration, format_number, format_time_ms
from hmi.panel.value_look import LookKind

Facts = list[tuple[str, str]]
_SKEW_SHOWN_MS = 1.0
_SKEW_SECONDS_FROM_MS = 1000


def node_facts(node: NodeView, now_us: int, zone: tzinfo) -> Facts:
    rate = translate("{0}/s, {1} since the start").format(
        format_number(node.messages_per_s, 1), format_number(node.messages)
    )
    return [
        (translate("State"), _state(node)),
        (translate("Since"), since_text(node.since_us, now_us, zone)),
        (translate("bdSeq"), "" if node.bd_seq is None else str(node.bd_seq)),
        (translate("seq"), "" if node.seq is None else str(node.seq)),
        (translate("Devices"), format_number(len(node.devices))),
        (translate("Metrics"), good_text(*all_metrics(node), node.state)),
        (translate("Messages"), rate),
        (translate("Last message"), ago_text(last_heard_us(node), now_us, zone)),
        (translate("Clock"), skew_text(node.skew_ms)),
        (translate("Faults"), faults_text(node.faults)),
        (translate("Last fault"), _last_fault(node, now_us, zone)),
        (translate("Rebirths asked"), format_number(node.faults.rebirths_requested)),
        (translate("Last cause"), node.rebirth_cause),
    ]


def device_facts(device: DeviceView, node: NodeView, now_us: int, zone: tzinfo) -> Facts:
    gone = node.state is NodeState.OFFLINE
    state = translate("Stale, its node died") if gone else state_word(device.state)
    return [
        (translate("State"), state),
        (translate("Since"), since_text(node.since_us if gone else device.since_us, now_us, zone)),
        (translate("Node"), node.id),
        (
            translate("Metrics"),
            good_text(device.metrics, device.metrics_good, NodeState.OFFLINE if gone else device.state),
        ),
        (translate("Messages"), format_number(device.messages)),
        (translate("Last message"), ago_text(device.last_data_us, now_us, zone)),
    ]


def metric_facts(metric: MetricView, dead: bool, now_us: int, zone: tzinfo) -> Facts:
    look = LookKind.STALE if dead else look_of(metric)
    return [
        (translate("Value"), value_text(metric)),
        (translate("Quality"), quality_word(look)),
        (translate("Type"), metric.type),
        (translate("Alias"), translate("none") if metric.alias is None else str(metric.alias)),
        (translate("Source time"), _source_time(metric, zone)),
        (translate("Received"), ago_text(metric.received_us, now_us, zone)),
        (translate("Feeds tag"), metric.tag or translate("no tag of this plant file")),
        (translate("Properties"), "\n".join(f"{name}: {text}" for name, text in metric.properties)),
    ]


def since_text(since_us: int | None, now_us: int, zone: tzinfo) -> str:
    """``05:58:12, for 4 h 41 min``."""
    if since_us is None:
        return ""
    length = format_duration((now_us - since_us) / 1e6)
    return translate("{0}, for {1}").format(moment_text(since_us, now_us, zone), length)


def ago_text(time_us: int | None, now_us: int, zone: tzinfo) -> str:
    """``10:39:59, 0.3 s ago``; ``never`` before the first."""
    if time_us is None:
        return translate("never")
    age = format_age((now_us - time_us) / 1e6)
    return translate("{0}, {1} ago").format(moment_text(time_us, now_us, zone), age)


def good_text(metrics: int, good: int, state: NodeState) -> str:
    if state is NodeState.ONLINE and good >= metrics:
        return translate("{0}, all good").format(format_number(metrics))
    shown = 0 if state is NodeState.OFFLINE else good
    return translate("{0} of {1} good").format(format_number(shown), format_number(metrics))


def skew_text(skew_ms: float | None) -> str:
    """How far the node's clock is from ours: ``120 ms ahead of ours``."""
    if skew_ms is None:
        return ""
    size = abs(skew_ms)
    if size < _SKEW_SHOWN_MS:
        return translate("as ours")
    length = f"{format_number(size)} ms" if size < _SKEW_SECONDS_FROM_MS else format_age(size / 1000)
    return (translate("{0} ahead of ours") if skew_ms > 0 else translate("{0} behind ours")).format(length)


def faults_text(faults: NodeFaults) -> str:
    """``2 gaps, 1 unknown alias``; ``none``."""
    counts = (
        (faults.gaps, translate("gaps in seq")),
        (faults.reordered, translate("out of order")),
        (faults.unknown_alias, translate("with an unknown alias")),
        (faults.before_birth, translate("before the birth")),
        (faults.malformed, translate("malformed")),
        (faults.stale_deaths, translate("old deaths, ignored")),
        (faults.duplicate_ids, translate("from a second node of this name")),
    )
    lines = [f"{format_number(count)} {name}" for count, name in counts if count]
    return "\n".join(lines) or translate("none")


def _state(node: NodeView) -> str:
    if not node.rebirth_pending:
        return state_word(node.state)
    return translate("{0}, rebirth asked for").format(state_word(node.state))


def _last_fault(node: NodeView, now_us: int, zone: tzinfo) -> str:
    if not node.last_error:
        return ""
    if node.last_error_us is None:
        return node.last_error
    return f"{moment_text(node.last_error_us, now_us, zone)}  {node.last_error}"


def _source_time(metric: MetricView, zone: tzinfo) -> str:
    return DASH if metric.time_us is None else format_time_ms(metric.time_us, zone)
