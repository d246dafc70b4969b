"""Keys of ``plc_connections``: controllers, brokers read as controllers, and their tags."""

import re
from typing import Literal

from pydantic import ValidationInfo, field_validator

from engine.config.fields import (
    AnyText,
    Flag,
    Id,
    Name,
    Number,
    OeeMetricType,
    OptionalPort,
    OptionalSlot,
    OptionalText,
    Part,
    ScaleEnds,
    Span,
    Text,
    Tsap,
    TypeName,
    Whole,
    key,
    refuse,
)
from engine.config.problems import near_miss
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, TypeSpec, parse_type

ConnectionType = Literal["SIEMENS_S7", "ALLEN_BRADLEY", "MQTT_JSON", "SPARKPLUG"]
Family = Literal[
    "S7-300",
    "S7-400",
    "S7-1200",
    "S7-1500",
    "ET200SP",
    "LOGO",
    "ControlLogix",
    "CompactLogix",
    "Micro800",
    "MicroLogix",
    "SLC-500",
    "PLC-5",
]
FAMILIES: dict[str, tuple[Family, ...]] = {
    "SIEMENS_S7": ("S7-1500", "S7-1200", "S7-400", "S7-300", "ET200SP", "LOGO"),
    "ALLEN_BRADLEY": ("ControlLogix", "CompactLogix", "Micro800", "MicroLogix", "SLC-500", "PLC-5"),
    "MQTT_JSON": (),
    "SPARKPLUG": (),
}
"""Families of each connection type, its default first."""

DEFAULT_PORTS = {"SIEMENS_S7": 102, "ALLEN_BRADLEY": 44818}
_ROUTE = re.compile(
    r"\d{1,2}|(?:(?:bp|backplane|enet|[abAB]|\d{1,2})/[\w.:-]+)(?:/(?:bp|backplane|enet|[abAB]|\d{1,2})/[\w.:-]+)*"
)
_SCALABLE = (frozenset(INTEGER_BITS) | FLOAT_TYPES) - {DataType.TIME, DataType.TOD}


class Scale(Part):
    """Linear scale between the controller's raw numbers and engineering units."""

    raw: ScaleEnds = key("Two raw values as the controller has them.")
    engineering: ScaleEnds = key("What these two raw values mean, in the tag's unit.")


class Tag(Part):
    """One value in a controller."""

    name: Name = key("Name of the tag, unique within its connection.")
    address: Text = key(
        "Where the controller keeps it: DB1,0.0, DB1.DBD4, M10.0, Program:Main.Fill.Level, N7:0."
    )
    data_type: TypeName = key(
        "IEC 61131 type in the controller; REAL[10] is an array, STRING[20] sets a length."
    )
    description: AnyText = key(
        "Name for people, such as Fill level; the tag's own name when left out.", default=""
    )
    unit: AnyText = key("Engineering unit, as it is to be shown.", default="")
    range: Span | None = key(
        "Lowest and highest value, in the tag's unit; limits what may be written.", default=None
    )
    normal: Span | None = key(
        "Band in which the value lives when all is well, in the tag's unit.", default=None
    )
    decimals: Whole = key("Digits shown after the decimal point.", default=1, ge=0, le=6)
    scale: Scale | None = key("Linear scale from raw numbers to the unit; none when left out.", default=None)
    deadband: Number = key(
        "Smallest change that counts, in the tag's unit; 0: every change does.", default=0.0, ge=0
    )
    writable: Flag = key("Whether commands may write it.", default=False)
    pulse: Flag = key("A command bit that the controller resets itself.", default=False)
    history: Flag = key("Whether its changes are stored.", default=True)
    oee_metric_type: OeeMetricType | None = key("What it counts as in the OEE of its machine.", default=None)

    @field_validator("range", "normal", "scale")
    @classmethod
    def _only_for_numbers(cls, value: Span | Scale | None, info: ValidationInfo) -> Span | Scale | None:
        text = info.data.get("data_type")
        if value is not None and text is not None and parse_type(text).base not in _SCALABLE:
            refuse(f"cannot be given for a tag of type {text}", "this key only for numeric types")
        return value

    @field_validator("pulse")
    @classmethod
    def _pulse_is_a_writable_bit(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("data_type", "BOOL") != "BOOL":
            refuse("makes no sense for a tag that is not BOOL", "pulse only with data_type BOOL")
        if value and info.data.get("writable") is False:
            refuse("makes no sense for a tag that cannot be written", "writable: true with it")
        return value

    @property
    def type_spec(self) -> TypeSpec:
        return parse_type(self.data_type)


class Connection(Part):
    """One controller, or one broker read as if it were a controller."""

    id: Id = key("Identifies the connection; part of every tag's key CONNECTION/NAME.")
    name: AnyText = key("Name for people; the id when left out.", default="")
    type: ConnectionType = key("Protocol.")
    family: Family | None = key(
        "Controller family. Default: S7-1500 for SIEMENS_S7, ControlLogix for ALLEN_BRADLEY.",
        default=None,
        validate_default=True,
    )
    host: OptionalText = key(
        "Host name or IP address; required for controllers. ALLEN_BRADLEY takes a route behind it: "
        "10.0.0.5/1 is slot 1, 10.0.0.5/bp/2/enet/10.1.0.7/bp/0 goes on through a gateway.",
        default=None,
        validate_default=True,
    )
    port: OptionalPort = key(
        "TCP port. Default: 102 for SIEMENS_S7, 44818 for ALLEN_BRADLEY.", default=None, validate_default=True
    )
    rack: Whole = key("Rack of the CPU (S7).", default=0, ge=0, le=7)
    slot: OptionalSlot = key(
        "Slot of the CPU. Default: 1 for SIEMENS_S7, 0 for ALLEN_BRADLEY.",
        default=None,
        validate_default=True,
    )
    local_tsap: Tsap = key("Own TSAP, instead of rack and slot (S7, LOGO!).", default=None)
    remote_tsap: Tsap = key("The controller's TSAP, instead of rack and slot (S7, LOGO!).", default=None)
    timeout: Number = key("Longest wait for one answer.", default=10.0, unit="s", gt=0, le=300)
    scan_rate_ms: Whole = key("Scan period.", default=500, unit="ms", ge=10, le=3_600_000)
    max_connections: Whole = key(
        "Most sessions with the controller; from 2 on commands have one of their own, if it grants two.",
        default=1,
        ge=1,
        le=32,
    )
    command_topic: OptionalText = key(
        "Topic that writes are published to (MQTT_JSON); without it nothing can be written.", default=None
    )
    enabled: Flag = key("Whether it is connected at all.", default=True)
    tags: tuple[Tag, ...] = key("The values read from it.", default=())

    @field_validator("family")
    @classmethod
    def _family_fits_type(cls, family: Family | None, info: ValidationInfo) -> Family | None:
        kind = info.data.get("type")
        if kind is None:
            return family
        fitting = FAMILIES[kind]
        if family is None:
            return fitting[0] if fitting else None
        if family not in fitting:
            expected = f"one of {', '.join(fitting)}" if fitting else "no family"
            refuse(f"is not a family of {kind}", expected, near_miss(family, fitting))
        return family

    @field_validator("host")
    @classmethod
    def _controllers_have_a_host(cls, host: str | None, info: ValidationInfo) -> str | None:
        if host is None and info.data.get("type") in DEFAULT_PORTS:
            refuse("is missing: a controller needs one", "a host name or IP address")
        if host is None:
            return None
        name, slash, route = host.partition("/")
        if slash and info.data.get("type") == "ALLEN_BRADLEY":
            if not _ROUTE.fullmatch(route):
                refuse("has no route behind its /", "a slot as in 10.0.0.5/1, or pairs as in 10.0.0.5/bp/1")
        elif slash:
            name = ""
        if not name or not host.isprintable() or set(host) & set(" @"):
            refuse("is not a host name", "a host name or IP address, without port and path")
        return host

    @field_validator("slot")
    @classmethod
    def _slot_by_type(cls, slot: int | None, info: ValidationInfo) -> int:
        return int(info.data.get("type") != "ALLEN_BRADLEY") if slot is None else slot

    @field_validator("port")
    @classmethod
    def _port_by_type(cls, port: int | None, info: ValidationInfo) -> int | None:
        return DEFAULT_PORTS.get(info.data.get("type", "")) if port is None else port

    @field_validator("local_tsap", "remote_tsap")
    @classmethod
    def _tsap_is_siemens(cls, tsap: int | None, info: ValidationInfo) -> int | None:
        if tsap is not None and info.data.get("type", "SIEMENS_S7") != "SIEMENS_S7":
            refuse("is a key of SIEMENS_S7 connections only", "no TSAP here")
        return tsap
