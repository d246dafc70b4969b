"""Sparkplug B in Python's own words: data types, metrics, payloads. Pure; wire format in ``payload``.

Source: Eclipse Sparkplug 3.0, chapter 6. Timestamps ``*_ms`` are UTC milliseconds.
"""

from dataclasses import dataclass, field
from enum import IntEnum


class MetricType(IntEnum):
    """Data types with their published numbers."""

    UNKNOWN = 0
    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    PROPERTY_SET = 20
    PROPERTY_SET_LIST = 21
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATETIME_ARRAY = 34

    @property
    def title(self) -> str:
        """The name as the specification writes it, such as ``UInt16`` or ``FloatArray``."""
        return _TITLES[self]


_TITLES = dict(
    zip(
        MetricType,
        (
            *("Unknown", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
            *("Float", "Double", "Boolean", "String", "DateTime", "Text", "UUID", "DataSet", "Bytes"),
            *("File", "Template", "PropertySet", "PropertySetList", "Int8Array", "Int16Array"),
            *("Int32Array", "Int64Array", "UInt8Array", "UInt16Array", "UInt32Array", "UInt64Array"),
            *("FloatArray", "DoubleArray", "BooleanArray", "StringArray", "DateTimeArray"),
        ),
        strict=True,
    )
)

Basic = bool | int | float | str
"""Integers for Int8..UInt64 and DateTime (UTC ms), floats, booleans, text for String, Text and UUID."""


@dataclass(frozen=True, slots=True)
class MetaData:
    """``metadata`` of a metric; None where the field is absent."""

    is_multi_part: bool | None = None
    content_type: str | None = None
    size: int | None = None
    seq: int | None = None
    file_name: str | None = None
    file_type: str | None = None
    md5: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One value of a property set; ``value`` None is null. Nested: a ``PropertySet`` or a tuple of them."""

    type: MetricType
    value: "Basic | PropertySet | tuple[PropertySet, ...] | None"


PropertySet = dict[str, Property]
"""Properties by key, in the order of the wire. Well-known keys: Quality, engUnit, engLow, engHigh."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A table; every row has one value (or None) for each column."""

    columns: tuple[str, ...]
    types: tuple[MetricType, ...]
    rows: tuple[tuple[Basic | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a template."""

    name: str
    type: MetricType
    value: Basic | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A template definition (``ref`` None) or an instance of the definition named by ``ref``."""

    is_definition: bool
    ref: str | None = None
    version: str | None = None
    metrics: "tuple[Metric, ...]" = ()
    parameters: tuple[Parameter, ...] = ()


MetricValue = Basic | bytes | tuple[Basic, ...] | DataSet | Template
"""Arrays are tuples; Bytes and File are ``bytes``."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; None means that the field is absent, except for ``value``, where it means null.

    ``type`` may be absent in data and commands. Alias 0 is an alias like any other.
    """

    name: str | None = None
    value: MetricValue | None = None
    type: MetricType | None = None
    alias: int | None = None
    timestamp_ms: int | None = None
    is_historical: bool = False
    is_transient: bool = False
    metadata: MetaData | None = None
    properties: PropertySet | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """One message. ``seq`` 0..255, absent in NDEATH and commands."""

    timestamp_ms: int | None = None
    metrics: tuple[Metric, ...] = field(default=())
    seq: int | None = None
    uuid: str | None = None
    body: bytes | None = None
