"""Messages the checker sends in the part of a host or of an edge node. Pure."""

from collections.abc import Sequence

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.model import Metric, MetricType, MetricValue, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.state import HostState, format_state

REBIRTH = "Node Control/Rebirth"


def state(host_id: str, *, online: bool, timestamp_ms: int) -> Outgoing:
    return Outgoing(f"spBv1.0/STATE/{host_id}", format_state(HostState(online, timestamp_ms)), 1, True)


def rebirth_request(
    group: str, node: str, now_ms: int, *, value: bool = True, datatype: bool = True
) -> Outgoing:
    metric = Metric(REBIRTH, value, MetricType.BOOLEAN, timestamp_ms=now_ms)
    return command(group, node, None, [metric], now_ms, datatypes=datatype)


def command(
    group: str,
    node: str,
    device: str | None,
    metrics: Sequence[Metric],
    now_ms: int,
    *,
    datatypes: bool = True,
) -> Outgoing:
    payload = Payload(now_ms, tuple(metrics))
    topic = topic_of(group, "NCMD" if device is None else "DCMD", node, device)
    return Outgoing(topic, encode(payload, datatypes=datatypes))


def topic_of(group: str, verb: str, node: str, device: str | None = None) -> str:
    return "/".join(("spBv1.0", group, verb, node, *([] if device is None else [device])))


def integer(
    name: str | None,
    value: MetricValue | None,
    now_ms: int,
    alias: int | None = None,
    *,
    historical: bool = False,
) -> Metric:
    return Metric(name, value, MetricType.INT32, alias, now_ms, is_historical=historical)
