"""S7 request and reply PDUs for Read Var, Write Var and userdata, with the status of each item.

python-snap7 fails a whole multi-item read for one bad item, takes an item error of length 4 for a
truncated reply, and says the reason in words only; so these few PDUs are packed and read here.
Pure: bytes in, bytes out.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

OK = 0xFF
MAX_ITEMS = 20
READ_OVERHEAD = 14
"""Bytes of a read request or reply beside its items, in the longer of the two headers."""
REQUEST_ITEM = 12
REPLY_ITEM = 4
WRITE_OVERHEAD = 35


class PduError(Exception):
    """The reply is not what the protocol asks for; the session cannot be trusted any more."""


class RequestRefusedError(Exception):
    """The controller refused the whole request; ``code`` is error class and code, as in 0x8104."""

    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:04X}")
        self.code = code


class ReadItem(NamedTuple):
    """``size`` bytes from byte ``start`` on."""

    area: int
    db: int
    start: int
    size: int


class ItemReply(NamedTuple):
    """Return code of one item (``OK``: 0xFF) and its bytes, empty after an error."""

    code: int
    data: bytes


def read_parameters(items: Sequence[ReadItem]) -> bytes:
    """The constant part of a read request; prepared once for each plan."""
    specs = (_item(_BYTE, item.size, item.area, item.db, item.start * 8) for item in items)
    return struct.pack(">BB", _READ, len(items)) + b"".join(specs)


def request(reference: int, parameters: bytes, data: bytes = b"") -> bytes:
    """A job request with its PDU reference."""
    return _HEADER.pack(_S7, _JOB, 0, reference, len(parameters), len(data)) + parameters + data


def write_bytes(area: int, db: int, start: int, data: bytes) -> tuple[bytes, bytes]:
    """Parameters and data of a write of whole bytes."""
    parameters = struct.pack(">BB", _WRITE, 1) + _item(_BYTE, len(data), area, db, start * 8)
    return parameters, struct.pack(">BBH", 0, 0x04, len(data) * 8) + data


def write_bit(area: int, db: int, start: int, bit: int, value: bool) -> tuple[bytes, bytes]:
    """Parameters and data of a write of one bit: the controller changes that bit alone."""
    parameters = struct.pack(">BB", _WRITE, 1) + _item(_BIT, 1, area, db, start * 8 + bit)
    return parameters, struct.pack(">BBHB", 0, 0x03, 1, value)


def parse_read(reply: bytes, reference: int, sizes: Sequence[int]) -> list[ItemReply]:
    """Replies to the items of a read. Raises ``PduError`` and ``RequestRefusedError``."""
    count, data = _acknowledged(reply, reference, _READ)
    if count != len(sizes):
        raise PduError(f"{count} items answered, {len(sizes)} asked")
    replies, offset = [], 0
    for size in sizes:
        item, offset = _read_item(data, offset, size)
        replies.append(item)
    return replies


def parse_write(reply: bytes, reference: int) -> int:
    """Return code of a write of one item. Raises ``PduError`` and ``RequestRefusedError``."""
    count, data = _acknowledged(reply, reference, _WRITE)
    if count != 1 or len(data) < 1:
        raise PduError("a write was not acknowledged")
    return data[0]


class UserdataFragment(NamedTuple):
    """Part of an answer; ``sequence`` asks for the next part where ``more`` is true."""

    data: bytes
    more: bool
    sequence: int


def userdata_request(reference: int, group: int, function: int, data: bytes) -> bytes:
    """Asks a userdata function, such as 4, 1: a system status list."""
    parameters = bytes((0, 1, 0x12, 4, 0x11, 0x40 | group, function, 0))
    return _userdata(reference, parameters, struct.pack(">BBH", OK, 0x09, len(data)) + data)


def userdata_continuation(reference: int, group: int, function: int, sequence: int) -> bytes:
    """Asks for the next part of an answer."""
    parameters = bytes((0, 1, 0x12, 8, 0x12, 0x40 | group, function, sequence, 0, 0, 0, 0))
    return _userdata(reference, parameters, struct.pack(">BBH", 0x0A, 0, 0))


def parse_userdata(reply: bytes, reference: int, group: int) -> UserdataFragment:
    """One reply to a userdata request. Raises ``PduError`` and ``RequestRefusedError``."""
    parameters, data = _sections(reply, reference, (_USERDATA,))
    if len(parameters) < 12 or parameters[5] & 0x0F != group:
        raise PduError("the answer belongs to another function")
    error = int.from_bytes(parameters[10:12])
    if error:
        raise RequestRefusedError(error)
    if len(data) < 4:
        raise PduError("an answer came without data")
    if data[0] != OK:
        raise RequestRefusedError(data[0])
    length = int.from_bytes(data[2:4])
    if len(data) < 4 + length:
        raise PduError("an answer was cut short")
    return UserdataFragment(data[4 : 4 + length], parameters[9] != 0, parameters[7])


_S7 = 0x32
_JOB, _ACK, _ACK_DATA, _USERDATA = 1, 2, 3, 7
_READ, _WRITE = 0x04, 0x05
_BIT, _BYTE = 0x01, 0x02
_HEADER = struct.Struct(">BBHHHH")
_ITEM_HEADER = struct.Struct(">BBH")
# Transport sizes whose length field counts bits; the others count bytes.
_LENGTH_IN_BITS = frozenset({0x04, 0x05})


def _item(width: int, count: int, area: int, db: int, bit_address: int) -> bytes:
    return struct.pack(">BBBBHHB", 0x12, 0x0A, 0x10, width, count, db, area) + bit_address.to_bytes(3)


def _userdata(reference: int, parameters: bytes, data: bytes) -> bytes:
    return _HEADER.pack(_S7, _USERDATA, 0, reference, len(parameters), len(data)) + parameters + data


def _acknowledged(reply: bytes, reference: int, function: int) -> tuple[int, bytes]:
    """Item count and data section of the answer to a read or write."""
    parameters, data = _sections(reply, reference, (_ACK, _ACK_DATA))
    if len(parameters) < 2 or parameters[0] != function:
        raise PduError("the answer belongs to another function")
    return parameters[1], data


def _sections(reply: bytes, reference: int, kinds: tuple[int, ...]) -> tuple[bytes, bytes]:
    if len(reply) < 10:
        raise PduError("the answer is too short")
    protocol, kind, _, answered, parameter_size, data_size = _HEADER.unpack_from(reply)
    if protocol != _S7:
        raise PduError(f"the answer is not S7 (0x{protocol:02X})")
    if answered != reference:
        raise PduError(f"the answer belongs to request {answered}, not {reference}")
    offset = 12 if kind in (_ACK, _ACK_DATA) else 10
    if offset == 12 and len(reply) >= 12 and reply[10:12] != b"\0\0":
        raise RequestRefusedError(int.from_bytes(reply[10:12]))
    if kind not in kinds:
        raise PduError(f"the answer is of kind {kind}")
    end = offset + parameter_size + data_size
    if len(reply) < end:
        raise PduError("the answer was cut short")
    return reply[offset : offset + parameter_size], reply[offset + parameter_size : end]


def _read_item(data: bytes, offset: int, size: int) -> tuple[ItemReply, int]:
    """The item at ``offset`` and where the next one starts.

    An item error carries no bytes, whatever its length field says (C snap7 servers say 4).
    """
    if len(data) < offset + 4:
        raise PduError("an item is missing in the answer")
    code, transport, length = _ITEM_HEADER.unpack_from(data, offset)
    offset += 4
    if code != OK:
        return ItemReply(code, b""), offset
    if transport in _LENGTH_IN_BITS:
        length //= 8
    if length != size or len(data) < offset + length:
        raise PduError(f"an item of {length} bytes came where {size} were asked")
    return ItemReply(OK, data[offset : offset + length]), offset + length + (length & 1)
