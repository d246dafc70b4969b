"""Types as STEP 7 declares them in blocks: elementary ones with their room in memory, arrays, structures.

Sizes: SIMATIC STEP 7, "Overview of the valid data types" and "System data types".
"""

from dataclasses import dataclass
from typing import NamedTuple

from engine.model import DataType


class Elementary(NamedTuple):
    """``size`` in bytes, 0 for one bit. ``base`` None: the engine cannot read it, ``reason`` says so."""

    size: int
    base: DataType | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Simple:
    """A type without parts. ``name`` in upper case; ``text`` as the file wrote it; ``chars`` of a string."""

    name: str
    text: str
    chars: int = 254

    @property
    def kind(self) -> Elementary:
        if self.name == "STRING":
            return _string(self.chars + 2, DataType.STRING, self.chars, 254)
        if self.name == "WSTRING":
            return _string(2 * self.chars + 4, DataType.WSTRING, self.chars, 16382)
        return ELEMENTARY[self.name]


@dataclass(frozen=True, slots=True)
class Reference:
    """A type by its name: a PLC data type, a function block, a system data type."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """A type whose room the file does not tell, such as an array with a constant as its bound."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """``bounds`` are (low, high) of each dimension, the last one running fastest."""

    bounds: tuple[tuple[int, int], ...]
    element: "Declared"

    @property
    def text(self) -> str:
        limits = ",".join(f"{low}..{high}" for low, high in self.bounds)
        return f"Array[{limits}] of {self.element.text}"

    @property
    def count(self) -> int:
        count = 1
        for low, high in self.bounds:
            count *= high - low + 1
        return count


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a declaration. ``section``: it begins one, such as the outputs of a function block."""

    name: str
    type: "Declared"
    comment: str = ""
    writable: bool = True
    section: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Members one after the other; ``text`` is ``Struct`` or the name of the data type."""

    members: tuple[Member, ...]
    text: str = "Struct"


Declared = Simple | Reference | Open | ArrayOf | Structure


@dataclass(frozen=True, slots=True, eq=False)
class DataBlock:
    """A data block: ``number`` None where the file gives only its name; ``optimised`` None: not said."""

    name: str
    number: int | None
    type: Declared
    optimised: bool | None
    comment: str = ""
    line: int = 0


MAX_ELEMENTS = 8 * 65536
"""No array of a data block has more: so many bits fill the largest one."""


def type_named(word: str) -> Simple | None:
    """The elementary type of this name in any case, or None."""
    name = _OTHER_NAMES.get(word.upper(), word.upper())
    return Simple(name, word) if name in ELEMENTARY or name in ("STRING", "WSTRING") else None


def _string(size: int, base: DataType, chars: int, most: int) -> Elementary:
    if 1 <= chars <= most:
        return Elementary(size, base)
    return Elementary(size, None, f"a {base} holds 1 to {most} characters")


def _unreadable(size: int, what: str) -> Elementary:
    return Elementary(size, None, f"{what} cannot be read as a value")


_TIMER = "a timer's data"
_COUNTER = "a counter's data"
ELEMENTARY: dict[str, Elementary] = {
    "BOOL": Elementary(0, DataType.BOOL),
    "BYTE": Elementary(1, DataType.BYTE),
    "SINT": Elementary(1, DataType.SINT),
    "USINT": Elementary(1, DataType.USINT),
    "CHAR": Elementary(1, DataType.CHAR),
    "WORD": Elementary(2, DataType.WORD),
    "INT": Elementary(2, DataType.INT),
    "UINT": Elementary(2, DataType.UINT),
    "DATE": Elementary(2, DataType.DATE),
    "DWORD": Elementary(4, DataType.DWORD),
    "DINT": Elementary(4, DataType.DINT),
    "UDINT": Elementary(4, DataType.UDINT),
    "REAL": Elementary(4, DataType.REAL),
    "TIME": Elementary(4, DataType.TIME),
    "TOD": Elementary(4, DataType.TOD),
    "LINT": Elementary(8, DataType.LINT),
    "ULINT": Elementary(8, DataType.ULINT),
    "LWORD": Elementary(8, DataType.ULINT),
    "LREAL": Elementary(8, DataType.LREAL),
    "DATE_AND_TIME": Elementary(8, DataType.DATE_AND_TIME),
    "DTL": Elementary(12, DataType.DTL),
    "WCHAR": _unreadable(2, "a WCHAR"),
    "S5TIME": _unreadable(2, "an S5TIME"),
    "LTIME": _unreadable(8, "an LTIME"),
    "LTOD": _unreadable(8, "an LTOD"),
    "LDT": _unreadable(8, "an LDT"),
    "POINTER": _unreadable(6, "a pointer"),
    "ANY": _unreadable(10, "a pointer"),
    "TIMER": _unreadable(2, "a timer's number"),
    "COUNTER": _unreadable(2, "a counter's number"),
    **{f"BLOCK_{kind}": _unreadable(2, "a block's number") for kind in ("DB", "FB", "FC", "SDB")},
    "DB_ANY": Elementary(2, DataType.UINT),
    "IEC_TIMER": _unreadable(16, _TIMER),
    "IEC_LTIMER": _unreadable(32, _TIMER),
    "IEC_SCOUNTER": _unreadable(3, _COUNTER),
    "IEC_USCOUNTER": _unreadable(3, _COUNTER),
    "IEC_COUNTER": _unreadable(6, _COUNTER),
    "IEC_UCOUNTER": _unreadable(6, _COUNTER),
    "IEC_DCOUNTER": _unreadable(12, _COUNTER),
    "IEC_UDCOUNTER": _unreadable(12, _COUNTER),
    "IEC_LCOUNTER": _unreadable(24, _COUNTER),
    "IEC_ULCOUNTER": _unreadable(24, _COUNTER),
    "ERROR_STRUCT": _unreadable(28, "an ERROR_STRUCT"),
    "CREF": _unreadable(8, "a CREF"),
    "NREF": _unreadable(8, "an NREF"),
    "VREF": _unreadable(12, "a VREF"),
    "CONDITIONS": _unreadable(52, "a CONDITIONS structure"),
    "TADDR_PARAM": _unreadable(8, "a TADDR_Param structure"),
    "TCON_PARAM": _unreadable(64, "a TCON_Param structure"),
}
_OTHER_NAMES = {
    "DT": "DATE_AND_TIME",
    "TIME_OF_DAY": "TOD",
    "LTIME_OF_DAY": "LTOD",
    "DATE_AND_LTIME": "LDT",
    **{f"{kind}_TIME": "IEC_TIMER" for kind in ("TON", "TOF", "TP", "TONR")},
    **{f"{kind}_LTIME": "IEC_LTIMER" for kind in ("TON", "TOF", "TP", "TONR")},
    **{
        f"{kind}_{number}": counter
        for kind in ("CTU", "CTD", "CTUD")
        for number, counter in (
            ("SINT", "IEC_SCOUNTER"),
            ("USINT", "IEC_USCOUNTER"),
            ("INT", "IEC_COUNTER"),
            ("UINT", "IEC_UCOUNTER"),
            ("DINT", "IEC_DCOUNTER"),
            ("UDINT", "IEC_UDCOUNTER"),
            ("LINT", "IEC_LCOUNTER"),
            ("ULINT", "IEC_ULCOUNTER"),
        )
    },
}
