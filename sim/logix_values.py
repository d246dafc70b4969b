"""Tag addresses as text, and values in memory as Python knows them."""

import re
import struct

from sim.logix_place import Place
from sim.logix_types import BOOL, Atomic, StructType

TagContents = bool | int | float | str | bytes
"""One value: text of a STRING, bytes of any other structure."""

_PART = re.compile(r"([A-Za-z_][\w:]*)((?:\[\d+(?:,\d+)*\])?)")
_SYMBOL = 0x91


def to_path(address: str) -> bytes:
    """The EPATH of an address such as ``Program:Main.Fill[3].Level``; ValueError where it is none."""
    return b"".join(_part_to_path(part) for part in _split(address))


def decode(place: Place) -> TagContents | tuple[TagContents, ...]:
    """The value at a place; a tuple where it is a whole array."""
    if place.bit is not None:
        return bool(place.memory[place.offset] >> place.bit & 1)
    size = place.type.size
    if not place.whole:
        return _decode(place.type, bytes(place.memory[place.offset : place.offset + size]))
    starts = range(place.offset, place.offset + size * place.elements, size)
    return tuple(_decode(place.type, bytes(place.memory[start : start + size])) for start in starts)


def encode(place: Place, value: TagContents | tuple[TagContents, ...]) -> None:
    """Put a value into memory; a tuple fills an array from its first element on."""
    if place.bit is not None:
        mask, before = 1 << place.bit, place.memory[place.offset]
        place.memory[place.offset] = before | mask if value else before & ~mask
        return
    values = value if isinstance(value, tuple) else (value,)
    if len(values) > place.elements:
        raise ValueError(f"{len(values)} values for an array of {place.elements}")
    data = b"".join(_encode(place.type, each) for each in values)
    place.memory[place.offset : place.offset + len(data)] = data


def _split(address: str) -> list[str]:
    parts = address.split(".")
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"{address!r} is not the address of a tag")
    return parts


def _part_to_path(part: str) -> bytes:
    name, _, indices = part.partition("[")
    text = name.encode("ascii")
    path = bytes((_SYMBOL, len(text))) + text + bytes(len(text) % 2)
    for index in indices.rstrip("]").split(",") if indices else ():
        path += _element(int(index))
    return path


def _element(index: int) -> bytes:
    if index < 1 << 8:
        return struct.pack("<BB", 0x28, index)
    if index < 1 << 16:
        return struct.pack("<BxH", 0x29, index)
    return struct.pack("<BxI", 0x2A, index)


def _decode(kind: Atomic | StructType, data: bytes) -> TagContents:
    if isinstance(kind, StructType):
        if not kind.is_string:
            return data
        (length,) = struct.unpack_from("<i", data)
        return data[4 : 4 + max(length, 0)].decode("latin-1")
    if not kind.layout:
        return data[1 : 1 + data[0]].decode("latin-1")
    value: bool | int | float = struct.unpack(f"<{kind.layout}", data)[0]
    return value


def _encode(kind: Atomic | StructType, value: TagContents) -> bytes:
    if isinstance(kind, StructType) and not kind.is_string:
        if not isinstance(value, bytes) or len(value) != kind.size:
            raise ValueError(f"{kind.name} is given as {kind.size} bytes")
        return value
    if isinstance(kind, StructType):
        return struct.pack("<i", len(_text(value))) + _filled(_text(value), kind.by_name["data"].length)
    if not kind.layout:
        return bytes((len(_text(value)),)) + _filled(_text(value), kind.size - 1)
    return struct.pack(f"<{kind.layout}", bool(value) if kind is BOOL else value)


def _text(value: TagContents) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value.encode("latin-1")


def _filled(text: bytes, size: int) -> bytes:
    if len(text) > size:
        raise ValueError(f"a text of {len(text)} characters for {size}")
    return text + bytes(size - len(text))
