"""The kinds of value that plant file keys hold, and how a key is declared."""

import re
from typing import Annotated, Any, Literal, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from engine.config.problems import near_miss
from engine.model import DataType, parse_type

MOST_POLL_WORKERS = 16
REFUSED = "plant_file"
"""Type of the errors made by ``refuse``; their context has message, expected and near_miss."""

_TYPES_ELSEWHERE = {
    "FLOAT": "REAL",
    "FLOAT32": "REAL",
    "SINGLE": "REAL",
    "FLOAT64": "LREAL",
    "DOUBLE": "LREAL",
    "INTEGER": "INT",
    "INT8": "SINT",
    "UINT8": "USINT",
    "INT16": "INT",
    "UINT16": "UINT",
    "INT32": "DINT",
    "UINT32": "UDINT",
    "INT64": "LINT",
    "UINT64": "ULINT",
    "LONG": "DINT",
    "BOOLEAN": "BOOL",
    "BIT": "BOOL",
    "TEXT": "STRING",
    "TIME_OF_DAY": "TOD",
    "DT": "DATE_AND_TIME",
}


class Part(BaseModel):
    """A group of keys: cannot be changed once read, knows no other keys than its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


def refuse(message: str, expected: str = "", near: str = "") -> NoReturn:
    """Fail a validator. ``message`` goes on after the value: ``is not ...``, ``must be ...``."""
    raise PydanticCustomError(
        REFUSED, "{message}", {"message": message, "expected": expected, "near_miss": near}
    )


def key(meaning: str, *, default: Any = ..., unit: str = "", expected: str = "", **bounds: Any) -> Any:
    """Declare a key: what it means, its default (required without one), unit, what is allowed."""
    extra = {name: text for name, text in (("x-unit", unit), ("x-expected", expected)) if text}
    if extra:
        bounds["json_schema_extra"] = dict(extra)
    return Field(default, description=meaning, **bounds)


def _check_poll_workers(value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value != "auto" and not (whole and 0 <= value <= MOST_POLL_WORKERS):
        refuse("is no number of worker processes")
    return value


def empty_to_none(value: Any) -> Any:
    """An empty text, as an empty variable gives it, is null where null is allowed."""
    return None if value == "" else value


def _check_low_high(pair: tuple[float, float]) -> tuple[float, float]:
    if not pair[0] < pair[1]:
        refuse("has its low end not below its high end")
    return pair


def _check_different(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] == pair[1]:
        refuse("has two equal ends, so that nothing can be scaled with it")
    return pair


def _check_data_type(text: str) -> str:
    try:
        return str(parse_type(text))
    except ValueError as error:
        complaint = str(error)
    base, bracket, rest = text.strip().upper().partition("[")
    if base in DataType.__members__:
        refuse(f"is out of bounds: {complaint.removeprefix(repr(text)).lstrip(': ')}")
    near = _TYPES_ELSEWHERE.get(base, "") or near_miss(base, DataType.__members__)
    refuse("is not a data type", ", ".join(DataType.__members__), f"{near}{bracket}{rest}" if near else "")


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    else:
        return name
    zones = available_timezones()
    near = near_miss(name, zones)
    if not near:
        near = near_miss(name, {zone.rpartition("/")[2] for zone in zones})
        near = next((zone for zone in sorted(zones) if zone.endswith(f"/{near}")), near)
    refuse("is not a time zone", "an IANA name such as Europe/Berlin or UTC", near)


def _check_time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        refuse("is not a time of day")
    return text


def _parse_tsap(value: Any) -> Any:
    """``10.00`` and ``0x1000`` are the usual ways to write one; the first is a number in YAML."""
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9A-Fa-f]{2})\.([0-9A-Fa-f]{2})", value)
        if match:
            return int(match[1] + match[2], 16)
        if value:
            refuse("is not a TSAP")
        return None
    if isinstance(value, float):
        refuse("is read as a fraction", 'the TSAP in quotes, such as "10.00"')
    return value


Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
AnyText = Annotated[str, StringConstraints(strict=True, max_length=500)]
OptionalText = Annotated[Text | None, BeforeValidator(empty_to_none)]
Name = Annotated[
    str,
    StringConstraints(
        strict=True, min_length=1, max_length=128, pattern=r"^[^\s/](?:[^/\x00-\x1f]*[^\s/])?$"
    ),
    Field(json_schema_extra={"x-expected": "a name without '/' and without spaces at its ends"}),
]
Id = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[^\s/+#]+$"),
    Field(json_schema_extra={"x-expected": "an id without spaces and without '/', '+', '#'"}),
]
OptionalId = Annotated[Id | None, BeforeValidator(empty_to_none)]
OeeMetricType = Annotated[
    str,
    StringConstraints(strict=True, max_length=64, pattern=r"^[A-Z][A-Z0-9_]*$"),
    Field(json_schema_extra={"x-expected": "an upper-case name such as CYCLE_START"}),
]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
OptionalPort = Annotated[Port | None, BeforeValidator(empty_to_none)]
PollWorkers = Annotated[
    int | Literal["auto"],
    PlainValidator(_check_poll_workers),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "const": "auto"},
                {"type": "integer", "minimum": 0, "maximum": MOST_POLL_WORKERS},
            ],
            "x-expected": f"auto, or a whole number from 0 to {MOST_POLL_WORKERS}",
        }
    ),
]
OptionalSlot = Annotated[
    Annotated[int, Field(strict=True, ge=0, le=31)] | None, BeforeValidator(empty_to_none)
]
Span = Annotated[
    tuple[Number, Number],
    AfterValidator(_check_low_high),
    Field(json_schema_extra={"x-expected": "[low, high], two numbers, the first one smaller"}),
]
ScaleEnds = Annotated[
    tuple[Number, Number],
    AfterValidator(_check_different),
    Field(json_schema_extra={"x-expected": "[first, last], two different numbers"}),
]
TypeName = Annotated[
    str,
    StringConstraints(strict=True, max_length=60),
    AfterValidator(_check_data_type),
    Field(json_schema_extra={"x-expected": "a data type such as REAL, STRING[20] or INT[10]"}),
]
TimeZoneName = Annotated[
    str,
    StringConstraints(strict=True, max_length=100),
    AfterValidator(_check_timezone),
    Field(json_schema_extra={"x-expected": "an IANA time zone name such as Europe/Berlin"}),
]
TimeOfDay = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_check_time_of_day),
    Field(json_schema_extra={"x-expected": 'a time of day "HH:MM", 00:00 to 23:59'}),
]
Tsap = Annotated[
    Annotated[int, Field(strict=True, ge=0, le=0xFFFF)] | None,
    BeforeValidator(_parse_tsap),
    Field(json_schema_extra={"x-expected": 'a TSAP such as "10.00" or 0x1000', "x-text": True}),
]
