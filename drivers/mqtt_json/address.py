"""Addresses of tags in JSON messages: ``plc/bottlefiller/analog $.FillLevel``. Pure."""

from typing import NamedTuple

from drivers.base import AddressError
from drivers.mqtt_json.json_path import Step, format_path, parse_path

_LONGEST_TOPIC = 65_535


class JsonAddress(NamedTuple):
    """A topic and the way to the value in its messages."""

    topic: str
    path: tuple[Step, ...]

    def __str__(self) -> str:
        return f"{self.topic} {format_path(self.path)}"


def parse_address(text: str) -> JsonAddress:
    """Read ``TOPIC $PATH``, divided at the last `` $``; raises ``AddressError``.

    In a quoted name of the path a `` $`` is written as `` \\u0024``.
    """
    topic, divider, path = text.rpartition(" $")
    if not divider:
        raise AddressError(
            f"The address {text!r:.80} has no path: expected a topic, a space and a path such as $.FillLevel"
        )
    reason = topic_refusal(topic)
    if reason:
        raise AddressError(reason)
    return JsonAddress(topic, parse_path(f"${path.rstrip()}"))


def topic_refusal(topic: str) -> str:
    """Why this is not one topic that messages are published to; empty if it is."""
    if not topic or topic != topic.strip():
        return f"The topic {topic!r:.80} is empty or has spaces around it"
    if "+" in topic or "#" in topic:
        return f"The topic {topic!r:.80} has a wildcard: a tag has one topic of its own"
    if "\0" in topic or any("\ud800" <= character <= "\udfff" for character in topic):
        return f"The topic {topic!r:.80} has a character that MQTT does not allow"
    if len(topic.encode()) > _LONGEST_TOPIC:
        return f"The topic {topic!r:.80} is longer than {_LONGEST_TOPIC} bytes"
    return ""
