"""S7 addresses as people write them: STEP 7 and nodeS7 forms, markers, inputs, outputs and LOGO! V memory."""

import re
from dataclasses import dataclass
from enum import IntEnum

from drivers.base import AddressError
from engine.model import DataType, TypeSpec


class Area(IntEnum):
    """Memory areas, with their codes on the wire."""

    INPUT = 0x81
    OUTPUT = 0x82
    MARKER = 0x83
    DB = 0x84


@dataclass(frozen=True, slots=True)
class Address:
    """Where a value starts.

    ``hint`` is what the address itself says of the type: empty, a width (``X B W D``) or a nodeS7
    type letter (``R I DI C S LR LI DT``). ``count`` is the array length (or the length of a string) that
    a nodeS7 address may carry, 0 where it does not. ``db`` is 0 outside data blocks.
    """

    area: Area
    db: int
    byte: int
    bit: int | None = None
    hint: str = ""
    count: int = 0


def parse_address(text: str) -> Address:
    """Read an address; ``AddressError`` says what was expected."""
    cleaned = re.sub(r"\s+", "", text).upper().removeprefix("%")
    match = _DATA_BLOCK.match(cleaned) or _AREA.match(cleaned)
    if match is None:
        raise AddressError(f"{text!r} is not an S7 address; expected {_EXPECTED}")
    parts = match.groupdict()
    area, db = _area_of(text, parts)
    hint = _hint_of(text, parts.get("letter") or "")
    bit, count = _bit_and_count(text, hint, parts["second"])
    byte = int(parts["byte"])
    if byte > _MAX_BYTE:
        raise AddressError(f"{text!r}: byte {byte} is too high; expected 0 to {_MAX_BYTE}")
    return Address(area, db, byte, bit, hint, count)


def format_address(address: Address) -> str:
    """The address in one canonical form; ``parse_address`` reads it back."""
    suffix = f"{address.byte}"
    if address.bit is not None:
        suffix += f".{address.bit}"
    elif address.count:
        suffix += f".{address.count}"
    if address.area is not Area.DB:
        letter = "" if address.hint == "X" else address.hint
        return f"{_AREA_LETTER[address.area]}{letter}{suffix}"
    if address.hint in _WIDTHS and not address.count:
        return f"DB{address.db}.DB{address.hint}{suffix}"
    return f"DB{address.db},{address.hint}{suffix}"


def check_type(address: Address, spec: TypeSpec) -> str:
    """Why this type cannot live at this address, or an empty text when it can."""
    where = format_address(address)
    if spec.base is DataType.BOOL:
        return "" if address.bit is not None else f"{where}: a BOOL needs its bit, as in {where}.0"
    if address.bit not in (None, 0):
        return f"{where}: a {spec.base} starts at a whole byte, not at bit {address.bit}"
    if spec.base not in _ALLOWED[address.hint]:
        return f"{where}: the address says {_MEANING[address.hint]}, the data type is {spec}"
    declared = spec.chars if address.hint == "S" else spec.length
    if address.count and address.count != declared:
        return f"{where}: the address says {address.count}, the data type is {spec}"
    return ""


_EXPECTED = (
    "DB1,0.0 (a bit), DB1,4, DB1.DBX0.0, DB1.DBB1, DB1.DBW2, DB1.DBD4, DB1,R4, "
    "M10.0, MW2, I0.0, Q0.1, V0.0 or VW2"
)
_MAX_BYTE = 65535
_MAX_DB = 65535
_LETTERS = "REAL|LREAL|STRING|DINT|LINT|INT|DWORD|WORD|BYTE|CHAR|DTZ|DT|DI|DW|LR|LI|X|B|C|W|D|R|I|S"
_REST = r"(?P<byte>\d{1,7})(?:\.(?P<second>\d{1,5}))?"
_DATA_BLOCK = re.compile(rf"^DB(?P<db>\d{{1,6}})(?:\.DB(?=[XBWD])|[,.](?!DB))(?P<letter>{_LETTERS})?{_REST}$")
_AREA = re.compile(rf"^(?P<area>[MIEQAV])(?P<letter>{_LETTERS})?{_REST}$")
_AREA_CODE = {
    "M": Area.MARKER,
    "I": Area.INPUT,
    "E": Area.INPUT,
    "Q": Area.OUTPUT,
    "A": Area.OUTPUT,
    "V": Area.DB,
}
_AREA_LETTER = {Area.MARKER: "M", Area.INPUT: "I", Area.OUTPUT: "Q"}
_ALIASES = {
    "REAL": "R",
    "LREAL": "LR",
    "STRING": "S",
    "DINT": "DI",
    "LINT": "LI",
    "INT": "I",
    "DWORD": "D",
    "DW": "D",
    "WORD": "W",
    "BYTE": "B",
    "CHAR": "C",
}
_WIDTHS = frozenset("XBWD")
# Types longer than four bytes have no letter of their own in STEP 7: they are addressed by their first byte.
_LONG = frozenset(
    {
        DataType.LINT,
        DataType.ULINT,
        DataType.LREAL,
        DataType.STRING,
        DataType.WSTRING,
        DataType.DATE_AND_TIME,
        DataType.DTL,
    }
)
_ALLOWED: dict[str, frozenset[DataType]] = {
    "": frozenset(DataType),
    "X": _LONG | {DataType.BOOL},
    "B": _LONG | {DataType.BYTE, DataType.SINT, DataType.USINT, DataType.CHAR},
    "W": frozenset({DataType.WORD, DataType.INT, DataType.UINT, DataType.DATE}),
    "D": frozenset(
        {DataType.DWORD, DataType.DINT, DataType.UDINT, DataType.REAL, DataType.TIME, DataType.TOD}
    ),
    "R": frozenset({DataType.REAL}),
    "LR": frozenset({DataType.LREAL}),
    "LI": frozenset({DataType.LINT, DataType.ULINT}),
    "I": frozenset({DataType.INT, DataType.UINT}),
    "DI": frozenset({DataType.DINT, DataType.UDINT, DataType.TIME}),
    "C": frozenset({DataType.CHAR}),
    "S": frozenset({DataType.STRING}),
    "DT": frozenset({DataType.DATE_AND_TIME}),
}
_MEANING = {
    "X": "one bit",
    "B": "one byte",
    "W": "a word of two bytes",
    "D": "a double word of four bytes",
    "R": "a REAL",
    "LR": "an LREAL",
    "LI": "an LINT",
    "I": "an INT",
    "DI": "a DINT",
    "C": "a CHAR",
    "S": "a STRING",
    "DT": "a DATE_AND_TIME",
}


def _area_of(text: str, parts: dict[str, str]) -> tuple[Area, int]:
    letter = parts.get("area")
    if letter is not None:
        # The V memory of a LOGO! is served as data block 1.
        return _AREA_CODE[letter], 1 if letter == "V" else 0
    db = int(parts["db"])
    if not 1 <= db <= _MAX_DB:
        raise AddressError(f"{text!r}: there is no DB{db}; expected DB1 to DB{_MAX_DB}")
    return Area.DB, db


def _hint_of(text: str, letter: str) -> str:
    if letter == "DTZ":
        raise AddressError(f"{text!r}: DTZ is not supported; use DT with data type DATE_AND_TIME")
    return _ALIASES.get(letter, letter)


def _bit_and_count(text: str, hint: str, second: str | None) -> tuple[int | None, int]:
    if hint == "X" and second is None:
        raise AddressError(f"{text!r}: a bit address needs its bit; expected 0 to 7 after a dot")
    if second is None:
        return None, 0
    number = int(second)
    if hint in ("", "X"):
        if number > 7:
            raise AddressError(f"{text!r}: bit {number} does not exist; expected 0 to 7")
        return number, 0
    if number == 0:
        # STEP 7 shows every offset with its bit: DBW2.0 is DBW2.
        return None, 0
    return None, number
