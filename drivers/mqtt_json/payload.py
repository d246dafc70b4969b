"""JSON messages: decoded within bounds, their time and sequence, and values as the types of tags. Pure."""

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from drivers.mqtt_json.json_path import NoValueError, Step, kind, value_at
from engine.errors import EngineError
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Scalar, TypeSpec, Value

MAX_BYTES = 1_048_576
MAX_DEPTH = 64
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_2000_MS = 946_684_800_000
_YEAR_2200_MS = 7_258_118_400_000
_LONGEST_TIME = 64
_LARGEST_SEQUENCE = 1 << 64
_REAL_MAX: float = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]


class PayloadError(EngineError):
    """A message that no value can be taken from; the text says why."""


class MismatchError(EngineError):
    """What is in the message is not what the tag declares; the text says why."""


class Head(NamedTuple):
    """``time_us`` (UTC) and ``sequence`` as the message gives them; None where it does not."""

    time_us: int | None
    sequence: int | None


def decode(payload: bytes) -> object:
    """The document in a message. Raises ``PayloadError``: too large, too deep, no UTF-8, no JSON.

    NaN and Infinity, which are no JSON but what some programs send, are refused.
    """
    if len(payload) > MAX_BYTES:
        raise PayloadError(f"the message has {len(payload)} bytes, more than {MAX_BYTES}")
    if not payload.strip():
        raise PayloadError("the message is empty")
    if payload.count(b"[") + payload.count(b"{") > MAX_DEPTH and _depth(payload) > MAX_DEPTH:
        raise PayloadError(f"the message is nested more than {MAX_DEPTH} levels deep")
    try:
        return json.loads(payload.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise PayloadError("the message is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise PayloadError(
            f"the message is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from None
    except (ValueError, RecursionError):
        raise PayloadError("the message has a number that cannot be represented") from None


def head_of(document: object) -> Head:
    """Time and sequence number from ``timestamp_ms`` or ``timestamp``, and ``sequence`` or ``seq``.

    ``timestamp`` is ISO 8601 with a time zone, or UTC milliseconds. What is unfit counts as absent.
    """
    if not isinstance(document, dict):
        return Head(None, None)
    time_us = _from_ms(document.get("timestamp_ms"))
    if time_us is None:
        stamp = document.get("timestamp")
        time_us = _from_iso(stamp) if isinstance(stamp, str) else _from_ms(stamp)
    sequence = document.get("sequence", document.get("seq"))
    if isinstance(sequence, bool) or not isinstance(sequence, int):
        return Head(time_us, None)
    return Head(time_us, sequence if 0 <= sequence < _LARGEST_SEQUENCE else None)


def tag_value(document: object, path: Sequence[Step], spec: TypeSpec) -> Value:
    """The value at ``path`` as the declared type. Raises ``MismatchError``."""
    try:
        found = value_at(document, path)
    except NoValueError as error:
        raise MismatchError(f"{str(error)[:1].upper()}{str(error)[1:]} in the message") from None
    if not spec.length:
        return _scalar(found, spec)
    if not isinstance(found, list):
        raise MismatchError(f"An array of {spec.length} was expected, not {kind(found)}")
    if len(found) != spec.length:
        raise MismatchError(f"An array of {spec.length} was expected, not of {len(found)}")
    return tuple(_scalar(each, spec) for each in found)


def _scalar(found: object, spec: TypeSpec) -> Scalar:
    base = spec.base
    if base is DataType.BOOL:
        return _bit(found)
    if base in FLOAT_TYPES:
        return _real(found, base)
    if base in INTEGER_BITS:
        return _whole(found, base)
    return _text(found, spec)


def _bit(found: object) -> bool:
    """True and false, or the numbers 1 and 0 that controllers' gateways like to send."""
    if isinstance(found, (bool, int, float)) and found in (0, 1):
        return bool(found)
    raise MismatchError(f"A BOOL takes true, false, 1 or 0, not {_told(found)}")


def _real(found: object, base: DataType) -> float:
    number = _number(found, base)
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value) or (base is DataType.REAL and abs(value) > _REAL_MAX):
        raise MismatchError(f"The number is too large for a {base}")
    return value


def _whole(found: object, base: DataType) -> int:
    """JSON has one kind of number: 58.0 is a whole one, 58.5 is not."""
    number = _number(found, base)
    if isinstance(number, float) and not math.isfinite(number):
        raise MismatchError(f"The number is too large for a {base}")
    if number != int(number):
        raise MismatchError(f"A {base} takes whole numbers, not {number:g}")
    bits, signed = INTEGER_BITS[base]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= number <= high:
        raise MismatchError(f"The number does not fit a {base} ({low} to {high})")
    return int(number)


def _number(found: object, base: DataType) -> int | float:
    """Numbers as text are refused: whoever sends ``"5,2"`` or ``"n/a"`` one day is noticed the first day."""
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise MismatchError(f"A {base} takes a number, not {_told(found)}")
    return found


def _text(found: object, spec: TypeSpec) -> str:
    if not isinstance(found, str):
        raise MismatchError(f"A {spec.base} takes text, not {_told(found)}")
    if spec.base in _TIMES:
        try:
            _TIMES[spec.base](found)
        except ValueError:
            raise MismatchError(f"A {spec.base} takes ISO 8601 text, not {_told(found)}") from None
        return found
    limit = 1 if spec.base is DataType.CHAR else spec.chars
    if len(found) > limit:
        raise MismatchError(f"A {spec} takes at most {limit} characters, not {len(found)}")
    return found


_TIMES: dict[DataType, Callable[[str], object]] = {
    DataType.DATE: date.fromisoformat,
    DataType.DATE_AND_TIME: datetime.fromisoformat,
    DataType.DTL: datetime.fromisoformat,
}


def _told(found: object) -> str:
    return f"the text {found!r:.40}" if isinstance(found, str) else kind(found)


def _from_ms(stamp: object) -> int | None:
    if isinstance(stamp, bool) or not isinstance(stamp, (int, float)):
        return None
    return round(stamp * 1000) if _YEAR_2000_MS <= stamp <= _YEAR_2200_MS else None


def _from_iso(text: str) -> int | None:
    if len(text) > _LONGEST_TIME:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    time_us = (moment - _EPOCH) // _MICROSECOND
    return time_us if _from_ms(time_us // 1000) is not None else None


def _depth(payload: bytes) -> int:
    depth = deepest = 0
    for match in _STRUCTURE.finditer(payload):
        sign = match[0]
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> float:
    raise PayloadError(f"the message has {name}, which is no JSON number")
