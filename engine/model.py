"""The words everything else is written in: quality, data types, samples, tag definitions."""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...]
"""The closed set of value types that cross a module boundary.

TIME and TOD are integers in milliseconds; DATE, DATE_AND_TIME and DTL are ISO 8601 text in the
controller's own local time (classic controllers know no time zone). Arrays are tuples.
"""


class Quality(IntEnum):
    """Quality of a value, with the numbers used in Sparkplug and OPC practice."""

    BAD = 0
    UNCERTAIN = 64
    GOOD = 192
    STALE = 500


class DataType(StrEnum):
    """IEC 61131-3 elementary types, plus the Siemens date and time structures."""

    BOOL = "BOOL"
    BYTE = "BYTE"
    SINT = "SINT"
    USINT = "USINT"
    INT = "INT"
    UINT = "UINT"
    WORD = "WORD"
    DINT = "DINT"
    UDINT = "UDINT"
    DWORD = "DWORD"
    LINT = "LINT"
    ULINT = "ULINT"
    REAL = "REAL"
    LREAL = "LREAL"
    CHAR = "CHAR"
    STRING = "STRING"
    WSTRING = "WSTRING"
    TIME = "TIME"
    DATE = "DATE"
    TOD = "TOD"
    DATE_AND_TIME = "DATE_AND_TIME"
    DTL = "DTL"


INTEGER_BITS: dict[DataType, tuple[int, bool]] = {
    DataType.BYTE: (8, False),
    DataType.SINT: (8, True),
    DataType.USINT: (8, False),
    DataType.INT: (16, True),
    DataType.UINT: (16, False),
    DataType.WORD: (16, False),
    DataType.DINT: (32, True),
    DataType.UDINT: (32, False),
    DataType.DWORD: (32, False),
    DataType.LINT: (64, True),
    DataType.ULINT: (64, False),
    DataType.TIME: (32, True),
    DataType.TOD: (32, False),
}
"""Width in bits and signedness of every type whose value is a Python ``int``."""

FLOAT_TYPES = frozenset({DataType.REAL, DataType.LREAL})
TEXT_TYPES = frozenset(
    {
        DataType.CHAR,
        DataType.STRING,
        DataType.WSTRING,
        DataType.DATE,
        DataType.DATE_AND_TIME,
        DataType.DTL,
    }
)
NUMERIC_TYPES = frozenset(INTEGER_BITS) | FLOAT_TYPES


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A data type as written in the plant file: ``REAL``, ``STRING[20]``, ``REAL[10]``, ``STRING[20][4]``.

    ``length`` is the number of array elements, 0 for a scalar. ``chars`` is the declared maximum
    length of a STRING or WSTRING (254 as in STEP 7 when it is not given).
    """

    base: DataType
    length: int = 0
    chars: int = 254

    def __str__(self) -> str:
        text = self.base.value
        if self.base in (DataType.STRING, DataType.WSTRING) and self.chars != 254:
            text += f"[{self.chars}]"
        elif self.base in (DataType.STRING, DataType.WSTRING) and self.length:
            text += "[254]"
        return f"{text}[{self.length}]" if self.length else text


_TYPE = re.compile(r"^([A-Z_]+)(?:\[(\d{1,5})\])?(?:\[(\d{1,5})\])?$")
_MAX_STRING = 254
_MAX_WSTRING = 16382
_MAX_ARRAY = 10_000


def parse_type(text: str) -> TypeSpec:
    """Read a data type; ``ValueError`` says what was wrong."""
    match = _TYPE.match(text.strip().upper())
    if match is None or match[1] not in DataType.__members__:
        raise ValueError(f"{text!r} is not a data type")
    base, first, second = DataType[match[1]], match[2], match[3]
    if base in (DataType.STRING, DataType.WSTRING):
        chars = int(first) if first else 254
        limit = _MAX_STRING if base is DataType.STRING else _MAX_WSTRING
        if not 1 <= chars <= limit:
            raise ValueError(f"{text!r}: a {base} holds 1 to {limit} characters")
        return TypeSpec(base, _array_length(text, second), chars)
    if second:
        raise ValueError(f"{text!r}: only arrays of one dimension are supported")
    return TypeSpec(base, _array_length(text, first))


def _array_length(text: str, digits: str | None) -> int:
    if digits is None:
        return 0
    if not 1 <= int(digits) <= _MAX_ARRAY:
        raise ValueError(f"{text!r}: an array holds 1 to {_MAX_ARRAY} elements")
    return int(digits)


class Sample(NamedTuple):
    """One value of one tag, as it crosses every boundary.

    ``tag`` is ``CONNECTION/NAME``; ``value`` is None where there is none (quality BAD before the
    first read or after a lost link); ``source_time_us`` is the time of the read at the source,
    in microseconds since 1970-01-01 UTC.
    A NamedTuple rather than a dataclass: tens of thousands are made each second.
    """

    tag: str
    value: Value | None
    quality: Quality
    source_time_us: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """Linear scale from raw counts to engineering units; both ranges are (low, high), low != high."""

    raw: tuple[float, float]
    engineering: tuple[float, float]

    def to_engineering(self, raw: float) -> float:
        (r0, r1), (e0, e1) = self.raw, self.engineering
        return e0 + (raw - r0) * (e1 - e0) / (r1 - r0)

    def to_raw(self, value: float) -> float:
        (r0, r1), (e0, e1) = self.raw, self.engineering
        return r0 + (value - e0) * (r1 - r0) / (e1 - e0)


class Access(StrEnum):
    """What may be done with a tag."""

    READ = "read"
    READ_WRITE = "read_write"


@dataclass(frozen=True, slots=True)
class TagDef:
    """What is known about a tag before any value has come.

    ``range`` is in engineering units and limits writes; ``deadband`` in engineering units (0: every
    change counts); ``pulse`` marks a command bit that the controller resets itself, so that its
    readback is not compared. ``normal`` is the band the value lives in when all is well (engineering
    units) and ``decimals`` how many are shown; both are for people only.
    """

    connection: str
    name: str
    address: str
    type: TypeSpec
    unit: str = ""
    description: str = ""
    range: tuple[float, float] | None = None
    scaling: Scaling | None = None
    deadband: float = 0.0
    access: Access = Access.READ
    history: bool = True
    pulse: bool = False
    normal: tuple[float, float] | None = None
    decimals: int = 1

    @property
    def key(self) -> str:
        return f"{self.connection}/{self.name}"

    @property
    def writable(self) -> bool:
        return self.access is Access.READ_WRITE
