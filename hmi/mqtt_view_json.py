"""MQTT messages as one JSON object a line, for programs. Pure.

Every object has ``kind``: ``message`` or ``data_set``. Times are ISO 8601 in UTC.
"""

import base64
import json
import math
from dataclasses import fields, is_dataclass

from drivers.mqtt.base import Incoming
from drivers.mqtt_json.payload import PayloadError as JsonPayloadError
from drivers.mqtt_json.payload import decode
from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.model import Metric, MetricType
from drivers.sparkplug.state import parse_state
from drivers.sparkplug.topic import Verb, parse_topic
from hmi.mqtt_view_text import Summary, format_iso, is_sparkplug
from hmi.sparkplug_births import Births

Json = dict[str, object]


def message_line(message: Incoming, births: Births) -> str:
    """What came, decoded as far as possible: ``json``, ``text``, ``sparkplug``, ``state`` or ``base64``."""
    content: Json = {
        "kind": "message",
        "time": format_iso(message.received_us),
        "topic": message.topic,
        "qos": message.qos,
        "retain": message.retain,
        "size": len(message.payload),
    }
    body = _sparkplug(message, births) if is_sparkplug(message.topic) else _plain(message.payload)
    return to_line(content | body)


def summary_line(summary: Summary) -> str:
    time_us = summary.time_us
    return to_line(
        {"kind": "data_set"}
        | summary._asdict()
        | {"time_us": None if time_us is None else format_iso(time_us)}
    ).replace('"time_us":', '"time":', 1)


def to_line(content: Json) -> str:
    """One line of strict JSON in ASCII; numbers that JSON does not know become text."""
    return json.dumps(to_plain(content), allow_nan=False, separators=(",", ":"))


def to_plain(value: object) -> object:
    """Any value of a message in JSON's own types: bytes as base64, records as objects."""
    match value:
        case None | bool() | int() | str():
            return value.title if isinstance(value, MetricType) else value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return {"base64": base64.b64encode(value).decode()}
        case dict():
            return {str(name): to_plain(each) for name, each in value.items()}
        case tuple() | list():
            return [to_plain(each) for each in value]
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    return str(value)


def _plain(payload: bytes) -> Json:
    try:
        return {"json": decode(payload)}
    except JsonPayloadError:
        pass
    try:
        return {"text": payload.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(payload).decode()}


def _sparkplug(message: Incoming, births: Births) -> Json:
    topic, payload = message.topic, message.payload
    try:
        if topic.startswith(f"{Verb.STATE}/") or parse_topic(topic).verb is Verb.STATE:
            return {"state": parse_state(payload)._asdict()}
        decoded = births.decode(topic, payload)
    except (PayloadError, TopicError) as error:
        return {"error": str(error)} | _plain(payload)
    metrics = [_metric(each, births.name(topic, each)) for each in decoded.metrics]
    content = {"timestamp_ms": decoded.timestamp_ms, "seq": decoded.seq, "metrics": metrics}
    extra = {"uuid": decoded.uuid, "body": decoded.body}
    return {"sparkplug": content | {name: each for name, each in extra.items() if each is not None}}


def _metric(metric: Metric, name: str | None) -> Json:
    """Without what is absent, except for the value, which may be null."""
    content = {
        "name": name,
        "alias": metric.alias,
        "type": metric.type,
        "value": metric.value,
        "timestamp_ms": metric.timestamp_ms,
        "is_historical": metric.is_historical or None,
        "is_transient": metric.is_transient or None,
        "metadata": metric.metadata,
        "properties": metric.properties,
    }
    return {key: each for key, each in content.items() if each is not None or key == "value"}
