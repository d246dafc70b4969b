"""EtherNet/IP frames: encapsulation, its items and message router requests, as bytes (little-endian).

Pure. Every reply is held against the request it must belong to; ``FrameError`` says what is wrong.
"""

import struct
from typing import NamedTuple

HEADER_SIZE = 24
LIST_IDENTITY = 0x63
SEND_UNIT_DATA = 0x70
UNCONNECTED_SEND = 0x52

_HEADER = struct.Struct("<HHIIQI")
_UNIT = struct.Struct("<HHIIQIIHHHHIHHH")
_ITEMS = struct.Struct("<IHH")
_ITEM = struct.Struct("<HH")
_CONNECTED_ADDRESS, _CONNECTED_DATA, _UNCONNECTED_DATA = 0xA1, 0xB1, 0xB2
_REPLY = 0x80
_CONNECTION_MANAGER = bytes.fromhex("20062401")
_MOST_TICKS = 255


class FrameError(ValueError):
    """Bytes that are no answer to what was asked."""


class CipReply(NamedTuple):
    """A message router reply: ``status`` 0 is success; ``extended`` explains others in further words."""

    status: int
    extended: tuple[int, ...]
    data: bytes


class EncapsulationError(FrameError):
    """The peer refused the frame itself; ``status`` is the encapsulation status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the frame was refused with status 0x{status:02X}")
        self.status = status


def frame_size(header: bytes) -> int:
    """Bytes of the whole frame whose first 24 are given."""
    return HEADER_SIZE + int.from_bytes(header[2:4], "little")


def message(service: int, path: bytes, data: bytes = b"") -> bytes:
    """A message router request; the path is padded EPATH without its length."""
    return bytes((service, len(path) // 2)) + path + data


def unconnected_send(request: bytes, route: bytes, timeout_s: float) -> bytes:
    """A message router request for the controller at the end of a route; gateways wait ``timeout_s``."""
    exponent, ticks = 0, int(timeout_s * 1e3)
    while ticks > _MOST_TICKS:
        exponent, ticks = exponent + 1, ticks >> 1
    pad = b"\0" if len(request) % 2 else b""
    data = struct.pack("<BBH", exponent, max(ticks, 1), len(request)) + request + pad
    return message(UNCONNECTED_SEND, _CONNECTION_MANAGER, data + bytes((len(route) // 2, 0)) + route)


def unit_frame(session: int, context: int, connection: int, sequence: int, request: bytes) -> bytes:
    """SendUnitData: a request over the connection (the target's connection id)."""
    size = len(request)
    return (
        _UNIT.pack(
            SEND_UNIT_DATA,
            size + 22,
            session,
            0,
            context,
            0,
            0,
            0,
            2,
            _CONNECTED_ADDRESS,
            4,
            connection,
            _CONNECTED_DATA,
            size + 2,
            sequence,
        )
        + request
    )


def parse_unit(frame: bytes, session: int, connections: tuple[int, int], sequence: int) -> bytes:
    """The message router reply in a SendUnitData reply.

    ``connections``: our own id of the connection, and the target's, which some devices head replies with.
    The sender context means nothing in connected messages: connection and sequence count identify them.
    """
    if len(frame) < _UNIT.size:
        _check_header(frame, SEND_UNIT_DATA, session)
        raise FrameError("a connected reply that is too short")
    fields = _UNIT.unpack_from(frame)
    if fields[0] != SEND_UNIT_DATA or fields[2] != session or fields[3]:
        _check_header(frame, SEND_UNIT_DATA, session)
    if fields[8:11] != (2, _CONNECTED_ADDRESS, 4) or fields[12] != _CONNECTED_DATA:
        raise FrameError("a connected reply with unexpected items")
    if fields[11] not in connections:
        raise FrameError("a reply for another connection")
    if fields[14] != sequence:
        raise FrameError(f"reply {fields[14]} where number {sequence} was expected")
    if fields[13] != len(frame) - _UNIT.size + 2:
        raise FrameError("a connected reply whose lengths disagree")
    return frame[_UNIT.size :]


def parse_rr(frame: bytes) -> bytes:
    """The message router reply in a SendRRData reply that was checked before."""
    if len(frame) < HEADER_SIZE + _ITEMS.size:
        raise FrameError("a reply without items")
    position = HEADER_SIZE + _ITEMS.size
    for _ in range(_ITEMS.unpack_from(frame, HEADER_SIZE)[2]):
        if position + _ITEM.size > len(frame):
            break
        kind, size = _ITEM.unpack_from(frame, position)
        position += _ITEM.size
        if kind == _UNCONNECTED_DATA and position + size <= len(frame):
            return frame[position : position + size]
        position += size
    raise FrameError("a reply without data")


def parse_reply(reply: bytes, service: int, *, routed: bool = False) -> CipReply:
    """Status and data of a message router reply to ``service``.

    A gateway on the way (``routed``) answers for its own Unconnected Send when it cannot deliver.
    """
    if len(reply) < 4:
        raise FrameError("a message router reply that is too short")
    status, words = reply[2], reply[3]
    if reply[0] != service | _REPLY and not (routed and status and reply[0] == UNCONNECTED_SEND | _REPLY):
        raise FrameError(f"a reply to service 0x{reply[0] & 0x7F:02X} where 0x{service:02X} was asked")
    if not words:
        return CipReply(status, (), reply[4:])
    start = 4 + 2 * words
    if len(reply) < start:
        raise FrameError("a message router reply that is too short")
    return CipReply(status, struct.unpack_from(f"<{words}H", reply, 4), reply[start:])


def with_context(frame: bytes, context: int) -> bytes:
    """The same frame with another sender context."""
    return frame[:12] + context.to_bytes(8, "little") + frame[20:]


def check_frame(frame: bytes, request: bytes) -> None:
    """That an unconnected answer has command, session and sender context of the request."""
    command, _, session, _, context, _ = _HEADER.unpack_from(request)
    # A session that is being registered has no number before the answer.
    _check_header(frame, command, session or None)
    if _HEADER.unpack_from(frame)[4] != context:
        raise FrameError("a reply to another request")


def _check_header(frame: bytes, command: int, session: int | None) -> None:
    if len(frame) < HEADER_SIZE:
        raise FrameError("a frame that is too short")
    kind, _, owner, status, _, _ = _HEADER.unpack_from(frame)
    if kind != command:
        raise FrameError(f"an answer to command 0x{kind:02X} where 0x{command:02X} was asked")
    if status:
        raise EncapsulationError(status)
    if session is not None and owner != session:
        raise FrameError("a reply for another session")
