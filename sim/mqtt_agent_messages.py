"""What the bottle filler agent says and understands on MQTT: data sets, commands and answers. Pure.

Every message is a JSON object with ``timestamp`` (ISO 8601, UTC), ``timestamp_ms`` (the same as UTC
milliseconds) and ``sequence``; the tags stand beside them by name. All messages of one data set
carry the same three.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sim.line import COMMANDS, SETPOINT_LIMITS, Line, LineWriteError, TagValue

TOPIC_ROOT = "plc/bottlefiller"
COMMAND_TOPIC = f"{TOPIC_ROOT}/command"
RESULT_TOPIC = f"{COMMAND_TOPIC}/result"
QOS = 1

GROUPS: Mapping[str, tuple[str, ...]] = {
    "inputs": ("BottlePresent", "BottleAtFill", "BottleAtCap", "LowLevel", "HighLevel", "CapPresent"),
    "outputs": (
        *("FillValve", "ConveyorMotor", "CappingMotor"),
        *("IndicatorGreen", "IndicatorRed", "IndicatorYellow"),
    ),
    "analog": ("FillLevel", "FillFlowRate", "TankTemperature", "TankPressure", "ConveyorSpeed"),
    "status": ("SystemRunning", "Filling", "Ready", "Fault", "AutoMode"),
    "counters": ("BottlesFilled", "BottlesRejected", "BottlesPerMinute"),
    "alarms": ("LowProductLevel", "Overfill", "Underfill", "NoBottle", "CapMissing"),
}
"""Topic below the root -> its tags. The topic ``data`` has every tag of the line."""

_DECIMALS = 4
_LONGEST_COMMAND = 4096
_LONGEST_ID = 200
_BITS = 64


class CommandError(ValueError):
    """A command that is not carried out; the text says why."""


class Message(NamedTuple):
    """A message to be published with QoS 1, not retained."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks of the line; ``deadline_ms`` (UTC) is when it is no longer wanted."""

    tag: str
    value: TagValue
    id: str | int | None = None
    deadline_ms: int | None = None


def data_set(tags: Mapping[str, TagValue], sequence: int, time_us: int) -> list[Message]:
    """The seven messages of one data set."""
    shown = {name: _shown(name, value) for name, value in tags.items()}
    head = _head(time_us) | {"sequence": sequence}
    parts = {"data": shown} | {
        group: {name: shown[name] for name in names} for group, names in GROUPS.items()
    }
    return [Message(f"{TOPIC_ROOT}/{part}", _to_json(head | values)) for part, values in parts.items()]


def parse_command(payload: bytes) -> Command:
    """Read ``{"tag": ..., "value": ..., "id": ..., "deadline_ms": ...}``, the last two optional.

    ``CommandError`` says what is wrong.
    """
    if len(payload) > _LONGEST_COMMAND:
        raise CommandError(f"the command is longer than {_LONGEST_COMMAND} bytes")
    try:
        content = json.loads(payload, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise CommandError("the command is not JSON") from None
    if not isinstance(content, dict):
        raise CommandError("the command is not a JSON object")
    tag, value, identity = content.get("tag"), content.get("value"), content.get("id")
    if not isinstance(tag, str) or not tag:
        raise CommandError("the command names no tag")
    if not isinstance(value, (bool, int, float)):
        raise CommandError(f"the value for {tag:.60} is neither a number nor true or false")
    if isinstance(value, int) and value.bit_length() > _BITS:
        raise CommandError(f"the value for {tag:.60} is far too large")
    if isinstance(identity, (bool, float, list, dict)) or len(str(identity)) > _LONGEST_ID:
        raise CommandError("the id is neither a short text nor a whole number")
    return Command(tag, value, identity, _deadline(content.get("deadline_ms")))


def carry_out(line: Line, command: Command, now_ms: int, *, retained: bool = False) -> str:
    """Do what is asked as a controller would; a sentence if it did less. Raises ``CommandError``."""
    tag, value = command.tag, command.value
    if retained:
        raise CommandError("the command was retained by the broker, so it is an old one")
    if command.deadline_ms is not None and now_ms > command.deadline_ms:
        late_s = (now_ms - command.deadline_ms) / 1e3
        raise CommandError(f"the command came {late_s:.1f} s too late: is one of the clocks wrong?")
    if tag in COMMANDS and value not in (0, 1):
        raise CommandError(f"{tag} is either true or false")
    if tag in SETPOINT_LIMITS and (isinstance(value, bool) or not math.isfinite(value)):
        raise CommandError(f"{tag} takes a finite number")
    try:
        line.write(tag, value)
    except LineWriteError as error:
        raise CommandError(str(error)) from None
    kept = line.tags()[tag]
    return f"limited to {kept:g}" if tag in SETPOINT_LIMITS and kept != value else ""


def answer(command: Command | None, error: str, note: str, kept: TagValue | None, time_us: int) -> Message:
    """What became of a command, for ``RESULT_TOPIC``; ``error`` is empty when it was carried out."""
    return Message(
        RESULT_TOPIC,
        _to_json(
            {
                "id": None if command is None else command.id,
                "tag": None if command is None else command.tag,
                "ok": not error,
                "value": kept,
                "text": error or note,
            }
            | _head(time_us)
        ),
    )


def _head(time_us: int) -> dict[str, object]:
    time_ms = time_us // 1000
    moment = datetime.fromtimestamp(time_ms // 1000, UTC).replace(microsecond=time_ms % 1000 * 1000)
    text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"timestamp": text, "timestamp_ms": time_ms}


def _shown(name: str, value: TagValue) -> TagValue:
    """Measured values to four decimals; a setpoint is read back exactly as it is kept."""
    if isinstance(value, float) and name not in SETPOINT_LIMITS:
        return round(value, _DECIMALS)
    return value


def _deadline(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise CommandError("deadline_ms is not a whole number of UTC milliseconds")
    return value


def _to_json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def _refuse_constant(name: str) -> float:
    raise ValueError(name)
