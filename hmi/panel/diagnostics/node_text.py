"""Words and figures of nodes, devices and metrics; pure, no widgets."""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QCoreApplication

from engine.model import Quality, Value
from engine.nodes import MetricView, NodeState, NodeView
from hmi.panel.diagnostics.node_item import Item, Kind, all_metrics, last_heard_us
from hmi.panel.display import DASH, display_unit, format_age, format_number, format_time
from hmi.panel.value_look import LookKind

_LOOKS = {
    Quality.GOOD: LookKind.GOOD,
    Quality.UNCERTAIN: LookKind.UNCERTAIN,
    Quality.STALE: LookKind.STALE,
    Quality.BAD: LookKind.BAD,
}
_DAY_US = 86_400_000_000
_MOST_TEXT = 120
_WHOLE = 1e15
_SHORT_FROM = 10_000


def translate(text: str) -> str:
    return QCoreApplication.translate("Sparkplug", text)


def moment_text(time_us: int, now_us: int, zone: tzinfo) -> str:
    """``05:58:12``, with the day before it where that was not within a day."""
    text = format_time(time_us, zone)
    if abs(now_us - time_us) < _DAY_US:
        return text
    local = datetime.fromtimestamp(time_us // 1_000_000, UTC).astimezone(zone)
    return f"{local.day} {local:%b} {text[:5]}"


def age_text(time_us: int | None, now_us: int) -> str:
    """``0.3 s``, ``41 s``, ``27 min``, ``3 h``: coarse, so that a narrow column holds it."""
    if time_us is None:
        return DASH
    seconds = max(0.0, (now_us - time_us) / 1e6)
    if seconds < 59.5:
        return format_age(seconds)
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h" if seconds < 86_400 else f"{int(seconds // 86_400)} d"


def state_word(state: NodeState) -> str:
    words = {
        NodeState.UNBORN: translate("Waiting for birth"),
        NodeState.ONLINE: translate("Born"),
        NodeState.OFFLINE: translate("Died"),
    }
    return words[state]


def state_text(state: NodeState, since_us: int | None, now_us: int, zone: tzinfo) -> str:
    """``Born 05:58:12``, ``Died 10:12:20``, ``Waiting for birth``."""
    word = state_word(state)
    if since_us is None or state is NodeState.UNBORN:
        return word
    return f"{word} {moment_text(since_us, now_us, zone)}"


def item_state(item: Item, now_us: int, zone: tzinfo) -> str:
    """The State column of one line."""
    if item.metric is not None:
        return metric_kind(item.metric)
    if item.node is None:
        online, total = item.group_nodes
        return translate("{0} of {1} online").format(online, total)
    if item.device is not None:
        if item.node.state is NodeState.OFFLINE:
            return translate("Stale")
        if item.device.state is NodeState.UNBORN:
            return translate("No birth yet")
        return state_text(item.device.state, item.device.since_us, now_us, zone)
    if item.node.rebirth_pending:
        return translate("Rebirth asked")
    if item.node.state is NodeState.UNBORN:
        return translate("No birth yet")
    return state_text(item.node.state, item.node.since_us, now_us, zone)


def metric_kind(metric: MetricView) -> str:
    """``Float, alias 12``."""
    if metric.alias is None:
        return metric.type
    return translate("{0}, alias {1}").format(metric.type, metric.alias)


def count_text(metrics: int, good: int, *, dead: bool) -> str:
    """``32`` while all are good, else ``18 / 20``; of what is dead none is good."""
    if dead:
        return f"0 / {format_number(metrics)}"
    if good >= metrics:
        return format_number(metrics)
    total = format_number(metrics) if metrics < _SHORT_FROM else f"{metrics / 1000:.0f}k"
    return f"{format_number(good)} / {total}"


def item_count(item: Item) -> str:
    """The Metrics column: a count, or the value of a metric with its unit."""
    if item.metric is not None:
        return value_text(item.metric)
    if item.device is not None:
        return count_text(item.device.metrics, item.device.metrics_good, dead=item.dead)
    if item.node is not None:
        return count_text(*all_metrics(item.node), dead=item.dead)
    return ""


def item_age(item: Item, now_us: int) -> str:
    if item.metric is not None:
        return age_text(item.metric.received_us, now_us)
    if item.device is not None:
        return age_text(item.device.last_data_us, now_us)
    return age_text(last_heard_us(item.node), now_us) if item.node is not None else ""


def metric_look(item: Item) -> LookKind:
    """How the value of a metric is to be taken."""
    if item.metric is None or item.node is None:
        return LookKind.GOOD
    return LookKind.STALE if item.dead else look_of(item.metric)


def look_of(metric: MetricView) -> LookKind:
    return _LOOKS.get(metric.quality, LookKind.UNCERTAIN)


def quality_word(kind: LookKind) -> str:
    words = {
        LookKind.GOOD: translate("Good"),
        LookKind.UNCERTAIN: translate("Uncertain"),
        LookKind.STALE: translate("Stale"),
        LookKind.BAD: translate("Bad"),
    }
    return words.get(kind, kind.name.capitalize())


def value_text(metric: MetricView) -> str:
    """``23.4 %``; a dash where there is none."""
    text = plain_value(metric.value)
    return text if text == DASH else f"{text} {display_unit(metric.unit)}".rstrip()


def plain_value(value: Value | None) -> str:
    """Without its unit, as short as it can be without losing what matters."""
    if value is None:
        return DASH
    if isinstance(value, bool):
        return translate("On") if value else translate("Off")
    if isinstance(value, int):
        return format_number(value)
    if isinstance(value, float):
        return _float_text(value)
    text = ", ".join(plain_value(part) for part in value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"


def _float_text(value: float) -> str:
    """Six significant digits; powers of ten only where nothing else is short."""
    if value != value or value in (float("inf"), float("-inf")):
        return format_number(value)
    size = abs(value)
    if size and (size < 1e-4 or size >= _WHOLE):
        return f"{value:.5g}"
    digits = f"{value:.6g}" if size < 1e6 else f"{value:.1f}"
    mantissa = digits.partition("e")[0].partition(".")[2].rstrip("0")
    return format_number(value, max(1, len(mantissa)))


def spoken_item(item: Item, now_us: int, zone: tzinfo) -> str:
    """The whole line in one sentence, for those who cannot see it."""
    parts = [item.name, item_state(item, now_us, zone)]
    node = item.node
    if item.metric is not None:
        parts += [value_text(item.metric), quality_word(metric_look(item)).lower()]
    elif node is not None:
        if item.device is None:
            parts += _spoken_node(node)
        parts.append(translate("metrics {0}").format(item_count(item).replace("/", translate("of"))))
    if item.kind is not Kind.GROUP:
        parts.append(translate("last data {0} ago").format(item_age(item, now_us)))
    return ", ".join(part for part in parts if part)


def _spoken_node(node: NodeView) -> list[str]:
    parts = [translate("own node")] if node.own else []
    if node.bd_seq is not None:
        parts.append(translate("bdSeq {0}").format(node.bd_seq))
    if node.seq is not None:
        parts.append(translate("seq {0}").format(node.seq))
    return parts
