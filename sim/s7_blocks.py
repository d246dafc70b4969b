"""What block lists and block information hold. Pure."""

from collections.abc import Sequence
from struct import Struct

_COUNT = Struct(">BBH")
_ENTRY = Struct(">HBB")
_INFO = Struct(">BBHHHBBBBHII6s6sHHHH8s8s8sBBHII")

DB = 0x41
_TYPES = (0x38, 0x45, 0x43, DB, 0x42, 0x44, 0x46)
"""OB, FB, FC, DB, SDB, SFC, SFB as the second character of their names 08, 0E, 0C, 0A, 0B, 0D, 0F."""

_TYPE_PREFIX = 0x30
_LANGUAGE_DB = 0x05
_FLAGS_LINKED = 0x22
_SUBTYPE_DB = 0x0A
_INFO_REST = 74
_BLOCK_HEADER = 36


def build_block_counts(db_count: int) -> bytes:
    """How many blocks there are of each type; a simulated CPU has data blocks only."""
    return b"".join(_COUNT.pack(_TYPE_PREFIX, kind, db_count if kind == DB else 0) for kind in _TYPES)


def build_block_list(numbers: Sequence[int]) -> bytes:
    """Numbers of all data blocks, with their flags and language."""
    return b"".join(_ENTRY.pack(number, _FLAGS_LINKED, _LANGUAGE_DB) for number in numbers)


def build_block_info(number: int, size: int, changed: bytes) -> bytes:
    """Header of one data block: ``size`` is its MC7 length, ``changed`` the 6-byte block date."""
    return _INFO.pack(
        _TYPE_PREFIX,
        DB,
        _INFO_REST,
        0,
        0x7070,
        0x01,
        0x01,
        _LANGUAGE_DB,
        _SUBTYPE_DB,
        number,
        size + _BLOCK_HEADER,
        0,
        changed,
        changed,
        0,
        0,
        0,
        min(size, 0xFFFF),
        b"BRIMLINE",
        b"SIM".ljust(8, b"\x00"),
        f"DB{number}".encode().ljust(8, b"\x00")[:8],
        0x10,
        0,
        0,
        0,
        0,
    )


def parse_block_type(data: bytes) -> int | None:
    """The block type asked for: its two-character name, or None where there is none."""
    if len(data) < 2 or data[0] != _TYPE_PREFIX:
        return None
    return data[1]


def parse_block_number(data: bytes) -> int | None:
    """The number in a request for block information (type, five digits, file system), or None."""
    digits = data[2:7]
    if len(digits) != 5 or not digits.isdigit():
        return None
    return int(digits)
