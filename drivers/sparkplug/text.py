"""Any MQTT message as readable text: Sparkplug, STATE, JSON, text, and a hex dump of the rest. Pure."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator

from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.metric_text import Names, format_time, payload_lines, printable, shortened
from drivers.sparkplug.metrics import Declared
from drivers.sparkplug.payload import parse
from drivers.sparkplug.state import parse_state
from drivers.sparkplug.topic import NAMESPACE, Topic, Verb, legacy_state_topic, parse_topic

MAX_LINES = 1000
MAX_LINE = 1000
MAX_DUMP = 1024


def describe(
    topic: str,
    payload: bytes,
    declared: Declared | None = None,
    *,
    names: Names | None = None,
    max_lines: int = MAX_LINES,
) -> str:
    """The message in at most ``max_lines`` lines; never fails, whatever the bytes are.

    ``declared`` gives the types of the birth, without which data show as their fields tell, and
    ``names`` the name that the birth gave an alias.
    """
    lines = itertools.chain((_title(topic, payload),), _body(topic, payload, declared, names))
    shown = [line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…" for line in _first(lines, max_lines)]
    return "\n".join(shown)


def _first(lines: Iterator[str], count: int) -> Iterable[str]:
    yield from itertools.islice(lines, count)
    if next(lines, None) is not None:
        yield f"… cut after {count} lines"


def _title(topic: str, payload: bytes) -> str:
    return f"{shortened(topic)}  {len(payload)} bytes"


def _body(topic: str, payload: bytes, declared: Declared | None, names: Names | None) -> Iterator[str]:
    try:
        address = _address(topic)
    except TopicError as error:
        yield f"! {printable(str(error))}"
        yield from _guessed(payload, declared, names)
        return
    if address is None:
        yield from _plain(payload)
    elif address.verb is Verb.STATE:
        yield from _state(payload)
    else:
        yield from _sparkplug(payload, declared, names)


def _address(topic: str) -> Topic | None:
    """What a Sparkplug topic addresses; None for the topics of others."""
    if topic.startswith(legacy_state_topic("")):
        return Topic("", Verb.STATE, topic.removeprefix(legacy_state_topic("")))
    return parse_topic(topic) if topic.startswith(NAMESPACE + "/") else None


def _sparkplug(payload: bytes, declared: Declared | None, names: Names | None) -> Iterator[str]:
    try:
        pb = parse(payload)
    except PayloadError as error:
        yield f"! {error}"
        yield from _plain(payload)
    else:
        yield from payload_lines(pb, declared, names)


def _guessed(payload: bytes, declared: Declared | None, names: Names | None) -> Iterator[str]:
    """What a node published on a topic that it got wrong."""
    try:
        pb = None if _text(payload) is not None else parse(payload)
    except PayloadError:
        pb = None
    if pb is not None and (pb.metrics or pb.HasField("timestamp")):
        yield from payload_lines(pb, declared, names)
    else:
        yield from _plain(payload)


def _state(payload: bytes) -> Iterator[str]:
    try:
        state = parse_state(payload)
    except PayloadError as error:
        yield f"! {printable(str(error))}"
        yield from _plain(payload)
        return
    yield "online" if state.online else "offline"
    yield f"timestamp  {format_time(state.timestamp_ms)}" if state.timestamp_ms else "timestamp  none"


def _plain(payload: bytes) -> Iterator[str]:
    if not payload:
        yield "empty"
        return
    text = _text(payload)
    if text is None:
        yield from _dump(payload)
    else:
        yield from map(printable, (_pretty(text) or text).splitlines())


def _text(payload: bytes) -> str | None:
    """The payload as text; None for bytes that are none."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text


def _pretty(text: str) -> str | None:
    """JSON with its structure; None for text that is none."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _dump(payload: bytes) -> Iterator[str]:
    """Sixteen bytes to a line: offset, hexadecimal, ASCII."""
    for start in range(0, min(len(payload), MAX_DUMP), 16):
        part = payload[start : start + 16]
        characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"{start:06x}  {part.hex(' '):<47}  {characters}"
    if len(payload) > MAX_DUMP:
        yield f"… {len(payload) - MAX_DUMP} more bytes"


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
