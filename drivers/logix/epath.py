"""Padded EPATHs to tags and their parts, and the requests of the tag services, as bytes (little-endian)."""

import struct
from collections.abc import Sequence

READ = 0x4C
WRITE = 0x4D
READ_MODIFY_WRITE = 0x4E
READ_FRAGMENT = 0x52
WRITE_FRAGMENT = 0x53
MULTIPLE = 0x0A
MESSAGE_ROUTER = bytes.fromhex("20022401")
STRUCTURE = b"\xa0\x02"
_SYMBOL_CLASS = bytes.fromhex("206b")


def named(name: str) -> bytes:
    """A symbolic segment."""
    raw = name.encode("latin-1")
    return bytes((0x91, len(raw))) + raw + (b"\0" if len(raw) % 2 else b"")


def symbol_instance(instance: int) -> bytes:
    """A symbol by its number instead of its name: shorter, and found faster by the controller."""
    if instance > 0xFFFF:
        return _SYMBOL_CLASS + struct.pack("<HI", 0x26, instance)
    return _SYMBOL_CLASS + struct.pack("<HH", 0x25, instance)


def elements(index: Sequence[int]) -> bytes:
    """Element segments, one for each dimension."""
    return b"".join(_element(number) for number in index)


def unflatten(position: int, dims: Sequence[int]) -> tuple[int, ...]:
    """The indices of an element of an array with these dimensions, counted through row by row."""
    index: list[int] = []
    for length in reversed(dims):
        position, rest = divmod(position, length)
        index.append(rest)
    return tuple(reversed(index))


def multiple(requests: Sequence[bytes]) -> bytes:
    """The data of a Multiple Service Packet."""
    offsets, position = [], 2 + 2 * len(requests)
    for request in requests:
        offsets.append(position)
        position += len(request)
    return struct.pack(f"<{len(requests) + 1}H", len(requests), *offsets) + b"".join(requests)


def _element(number: int) -> bytes:
    if number <= 0xFF:
        return bytes((0x28, number))
    if number <= 0xFFFF:
        return struct.pack("<HH", 0x29, number)
    return struct.pack("<HI", 0x2A, number)
