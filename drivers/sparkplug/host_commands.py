"""What a host sends to nodes: rebirth requests and writes. Pure.

Source: Eclipse Sparkplug 3.0, chapters 5.11, 6.4.25 and 6.4.26: QoS 0, not retained, a timestamp, no seq;
an alias where the birth gave one.
"""

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.host_metrics import MetricSlot
from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.model import Metric, MetricType, MetricValue, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.topic import Topic, Verb
from engine.model import Value

REBIRTH = "Node Control/Rebirth"

_WHOLE = frozenset(
    {
        *(MetricType.INT8, MetricType.INT16, MetricType.INT32, MetricType.INT64, MetricType.DATETIME),
        *(MetricType.UINT8, MetricType.UINT16, MetricType.UINT32, MetricType.UINT64),
    }
)


def rebirth_request(node: NodeId, now_ms: int, *, datatypes: bool) -> Outgoing:
    """Asks a node for all its birth certificates; by name, since its aliases may be unknown."""
    metric = Metric(REBIRTH, True, MetricType.BOOLEAN, None, now_ms)
    return _command(Topic(node.group, Verb.NCMD, node.id), metric, now_ms, datatypes)


def write_request(
    node: NodeId, device: str | None, slot: MetricSlot, value: Value, now_ms: int, *, datatypes: bool
) -> Outgoing:
    """Asks for a value of one metric; ``PayloadError`` where its type cannot hold it."""
    name = slot.name if slot.alias is None else None
    metric = Metric(name, _fitted(slot.type, value), slot.type, slot.alias, now_ms)
    verb = Verb.NCMD if device is None else Verb.DCMD
    return _command(Topic(node.group, verb, node.id, device), metric, now_ms, datatypes)


def _command(topic: Topic, metric: Metric, now_ms: int, datatypes: bool) -> Outgoing:
    payload = encode(Payload(now_ms, (metric,)), datatypes=datatypes)
    return Outgoing(str(topic), payload, qos=0, retain=False)


def _fitted(type_: MetricType, value: Value) -> MetricValue:
    """A tag may be a REAL where the metric counts in whole numbers, and the other way round."""
    if type_ in _WHOLE and isinstance(value, float) and value.is_integer():
        return int(value)
    if type_ in (MetricType.FLOAT, MetricType.DOUBLE) and type(value) is int:
        return float(value)
    return value
