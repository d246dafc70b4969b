"""MQTT messages as lines for people, and one line for each complete data set of a line. Pure."""

import json
import math
import textwrap
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from drivers.mqtt.base import Incoming
from drivers.mqtt_json.payload import PayloadError, decode, head_of
from drivers.sparkplug.metric_text import printable, shortened
from drivers.sparkplug.text import describe
from drivers.sparkplug.topic import NAMESPACE, Verb

PARTS = ("data", "inputs", "outputs", "analog", "status", "counters", "alarms")
"""The topics that make up one data set, below their common root."""

_ALARMS = PARTS[-1]
_ROOTS_LIMIT = 100
_SETS_LIMIT = 8
_INDENT = "    "
_HEAD = frozenset({"timestamp", "timestamp_ms", "sequence"})
_STATES = (
    *("Clearing", "Stopped", "Starting", "Idle", "Suspended", "Execute", "Stopping", "Aborting", "Aborted"),
    *("Holding", "Held", "Unholding", "Suspending", "Unsuspending", "Resetting", "Completing", "Complete"),
)
"""PackML states from number 1 on."""


Describe = Callable[[str, bytes], str]
"""A topic and a payload as text, whose first line names them."""


class Summary(NamedTuple):
    """One complete data set in a few figures; None where it has none."""

    root: str
    sequence: int
    time_us: int | None
    state: str
    speed_rpm: float | None
    level_pct: float | None
    bottles: int | None
    rejected: int | None
    per_minute: float | None
    alarms: tuple[str, ...]


class DataSets:
    """Collects the parts of data sets by their sequence number; a set that stays incomplete is forgotten."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, OrderedDict[int, dict[str, Mapping[str, object]]]] = OrderedDict()

    def add(self, message: Incoming) -> Summary | None:
        """The summary of the data set that this message completed, if it did."""
        root, _, part = message.topic.rpartition("/")
        if part not in PARTS or not root:
            return None
        try:
            content = decode(message.payload)
        except PayloadError:
            return None
        time_us, sequence = head_of(content)
        if sequence is None or not isinstance(content, dict):
            return None
        sets = self._sets_of(root)
        parts = sets.setdefault(sequence, {})
        parts[part] = content
        if len(parts) < len(PARTS):
            while len(sets) > _SETS_LIMIT:
                sets.popitem(last=False)
            return None
        del sets[sequence]
        return summarize(root, sequence, time_us, parts)

    def _sets_of(self, root: str) -> OrderedDict[int, dict[str, Mapping[str, object]]]:
        sets = self._open.setdefault(root, OrderedDict())
        self._open.move_to_end(root)
        while len(self._open) > _ROOTS_LIMIT:
            self._open.popitem(last=False)
        return sets


def summarize(
    root: str, sequence: int, time_us: int | None, parts: Mapping[str, Mapping[str, object]]
) -> Summary:
    """What of a data set is worth a line."""
    data = {name: value for part in parts.values() for name, value in part.items()}
    bottles, rejected = _number(data, "BottlesFilled"), _number(data, "BottlesRejected")
    return Summary(
        root,
        sequence,
        time_us,
        _state(data),
        _number(data, "ConveyorSpeed"),
        _number(data, "FillLevel"),
        None if bottles is None else int(bottles),
        None if rejected is None else int(rejected),
        _number(data, "BottlesPerMinute"),
        tuple(name for name, value in parts[_ALARMS].items() if value is True),
    )


def format_summary(summary: Summary) -> str:
    """The line for people; alarms last, so that they stand out."""
    figures = (
        _figure("{:.1f} rpm", summary.speed_rpm),
        _figure("level {:.1f} %", summary.level_pct),
        _figure("{} filled", summary.bottles),
        _figure("{} rejected", summary.rejected),
        _figure("{:g} per minute", summary.per_minute),
        f"ALARMS: {', '.join(map(printable, summary.alarms))}" if summary.alarms else "no alarms",
    )
    head = f"== {shortened(summary.root)} data set {summary.sequence}: {summary.state}"
    return ", ".join([head, *(each for each in figures if each)])


def format_message(message: Incoming, width: int = 100, describe_payload: Describe = describe) -> str:
    """A message as lines: when, where, how, and what is in it. Sparkplug is decoded."""
    marks = ", ".join([f"QoS {message.qos}", *(["retained"] if message.retain else [])])
    size = len(message.payload)
    head = f"{format_clock(message.received_us)}  {shortened(message.topic)}  ({size} bytes, {marks})"
    flat = None if is_sparkplug(message.topic) else _flat(message.payload)
    if flat is not None:
        number = f"  sequence {flat['sequence']}" if "sequence" in flat else ""
        values = {name: value for name, value in flat.items() if name not in _HEAD}
        return "\n".join([head + printable(number), *_wrapped(values, width)])
    described = describe_payload(message.topic, message.payload)
    return "\n".join([head, *(f"{_INDENT}{line}" for line in described.splitlines()[1:])])


def is_sparkplug(topic: str) -> bool:
    """Also STATE topics of version 2."""
    return topic.startswith((f"{NAMESPACE}/", f"{Verb.STATE}/"))


def format_clock(time_us: int) -> str:
    """UTC microseconds as the local time of day."""
    return f"{datetime.fromtimestamp(time_us / 1e6, UTC).astimezone():%H:%M:%S.%f}"[:-3]


def format_iso(time_us: int) -> str:
    """UTC microseconds as ISO 8601 with milliseconds."""
    moment = datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flat(payload: bytes) -> Mapping[str, object] | None:
    """A JSON object without anything nested, the form of most plain messages; None for all else."""
    try:
        content = decode(payload)
    except PayloadError:
        return None
    if not isinstance(content, dict) or any(isinstance(each, (dict, list)) for each in content.values()):
        return None
    return content


def _wrapped(content: Mapping[str, object], width: int) -> Iterable[str]:
    """``name value`` pairs in lines; a pair is never divided."""
    pairs = [f"{shortened(name)}\N{NO-BREAK SPACE}{_shown(value)}" for name, value in content.items()]
    text = "  ".join(pair.replace(" ", "\N{NO-BREAK SPACE}") for pair in pairs if pair)
    lines = textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "on" if value else "off"
        case str():
            return shortened(value)
        case _:
            return json.dumps(value)


def _state(data: Mapping[str, object]) -> str:
    number = _number(data, "StateCurrent")
    if number is not None and number == int(number) and 0 < number <= len(_STATES):
        return _STATES[int(number) - 1]
    if data.get("Fault") is True:
        return "Fault"
    return "Running" if data.get("SystemRunning") is True else "Not running"


def _number(data: Mapping[str, object], name: str) -> float | None:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def _figure(pattern: str, value: float | None) -> str:
    return "" if value is None else pattern.format(value)
