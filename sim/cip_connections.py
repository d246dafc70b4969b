"""CIP connections of a simulated controller: Forward Open, standard and large, and Close (volume 1, 3-5)."""

import itertools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from sim.cip_message import CipRefusedError, CipReply, PathKind, PathSegment, Status, parse_path

FORWARD_CLOSE = 0x4E
FORWARD_OPEN = 0x54
LARGE_FORWARD_OPEN = 0x5B

_OPEN = struct.Struct("<BBIIHHIB3xIHIHBB")
_LARGE_OPEN = struct.Struct("<BBIIHHIB3xIIIIBB")
_OPENED = struct.Struct("<IIHHIIIBx")
_CLOSE = struct.Struct("<BBHHI")
_CLOSED = struct.Struct("<HHIBx")
_SIZE_MASK = 0x01FF
_LARGE_SIZE_MASK = 0xFFFF
_SMALLEST, _LARGEST = 16, 4002
_MESSAGE_ROUTER = 2
_CLASS_3 = 3


class Refusal(IntEnum):
    """Extended status of a connection failure."""

    IN_USE = 0x0100
    TRANSPORT_CLASS = 0x0103
    NOT_FOUND = 0x0107
    CONNECTION_SIZE = 0x0109
    NOT_CONFIGURED = 0x0110
    OUT_OF_CONNECTIONS = 0x0113
    PORT_NOT_AVAILABLE = 0x0311
    LINK_ADDRESS = 0x0312
    INVALID_SEGMENT = 0x0315


class ConnectionFaults(Protocol):
    """What can be wrong with opening connections."""

    refuse_forward_open: bool
    connection_slots: int | None


@dataclass(slots=True)
class CipConnection:
    """One open class 3 connection; sizes in bytes of what follows the item header, sequence count included.

    ``sequence`` and ``reply`` are of the last request, which is answered again, not carried out again,
    when it comes twice.
    """

    ot_id: int
    to_id: int
    key: tuple[int, int, int]
    owner: int
    ot_size: int
    to_size: int
    sequence: int | None = None
    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class _Asked:
    to_id: int
    key: tuple[int, int, int]
    ot_rpi: int
    to_rpi: int
    ot_size: int
    to_size: int
    transport: int
    path: bytes


class CipConnections:
    """All connections of one controller. ``owner`` is the session a connection belongs to."""

    def __init__(
        self,
        faults: ConnectionFaults,
        max_connections: int,
        check_route: Callable[[tuple[PathSegment, ...]], None],
        *,
        large: bool,
    ) -> None:
        self._faults = faults
        self._max = max_connections
        self._check_route = check_route
        self._large = large
        self._open: dict[int, CipConnection] = {}
        self._ids = itertools.count(0x00FE0001)

    def __len__(self) -> int:
        return len(self._open)

    def count_of(self, owner: int) -> int:
        """How many connections a session has."""
        return sum(connection.owner == owner for connection in tuple(self._open.values()))

    def find(self, ot_id: int, owner: int) -> CipConnection | None:
        """The connection a message comes on; None where the session has none with this id."""
        connection = self._open.get(ot_id)
        return connection if connection is not None and connection.owner == owner else None

    def drop(self, owner: int) -> None:
        """Forget the connections of a session that has ended."""
        for ot_id in [ot_id for ot_id, found in self._open.items() if found.owner == owner]:
            del self._open[ot_id]

    def handle(self, service: int, data: bytes, owner: int) -> CipReply:
        """Answer Forward Open, Large Forward Open or Forward Close."""
        if service == FORWARD_CLOSE:
            return self._on_close(data)
        if service == LARGE_FORWARD_OPEN and not self._large:
            return CipReply(Status.SERVICE_UNSUPPORTED)
        asked = _parse_open(data, large=service == LARGE_FORWARD_OPEN)
        try:
            self._check(asked)
        except CipRefusedError as refused:
            return refused.reply._replace(data=_CLOSED.pack(*asked.key, 0))
        return self._on_open(asked, owner)

    def _check(self, asked: _Asked) -> None:
        slots = self._faults.connection_slots
        segments = parse_path(asked.path)
        self._check_route(segments)
        refusal: Refusal | None = None
        if self._faults.refuse_forward_open:
            refusal = Refusal.NOT_CONFIGURED
        elif not any(s.kind is PathKind.CLASS and s.number == _MESSAGE_ROUTER for s in segments):
            refusal = Refusal.INVALID_SEGMENT
        elif asked.transport & 0x0F != _CLASS_3:
            refusal = Refusal.TRANSPORT_CLASS
        elif not all(_SMALLEST <= size <= _LARGEST for size in (asked.ot_size, asked.to_size)):
            refusal = Refusal.CONNECTION_SIZE
        elif any(found.key == asked.key for found in self._open.values()):
            refusal = Refusal.IN_USE
        elif len(self._open) >= (self._max if slots is None else slots):
            refusal = Refusal.OUT_OF_CONNECTIONS
        if refusal is not None:
            raise CipRefusedError(Status.CONNECTION_FAILURE, refusal)

    def _on_open(self, asked: _Asked, owner: int) -> CipReply:
        ot_id = next(self._ids) & 0xFFFFFFFF
        self._open[ot_id] = CipConnection(ot_id, asked.to_id, asked.key, owner, asked.ot_size, asked.to_size)
        data = _OPENED.pack(ot_id, asked.to_id, *asked.key, asked.ot_rpi, asked.to_rpi, 0)
        return CipReply(data=data)

    def _on_close(self, data: bytes) -> CipReply:
        if len(data) < _CLOSE.size:
            return CipReply(Status.NOT_ENOUGH_DATA)
        _priority, _ticks, *key = _CLOSE.unpack_from(data)
        for ot_id, found in self._open.items():
            if found.key == tuple(key):
                del self._open[ot_id]
                return CipReply(data=_CLOSED.pack(*key, 0))
        return CipReply(Status.CONNECTION_FAILURE, _CLOSED.pack(*key, 0), (Refusal.NOT_FOUND,))


def _parse_open(data: bytes, *, large: bool) -> _Asked:
    layout, mask = (_LARGE_OPEN, _LARGE_SIZE_MASK) if large else (_OPEN, _SIZE_MASK)
    if len(data) < layout.size:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    (_priority, _ticks, _ot_id, to_id, serial, vendor, originator, _multiplier, *rest) = layout.unpack_from(
        data
    )
    ot_rpi, ot_params, to_rpi, to_params, transport, words = rest
    path = data[layout.size : layout.size + 2 * words]
    if len(path) < 2 * words:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    key = (serial, vendor, originator)
    return _Asked(to_id, key, ot_rpi, to_rpi, ot_params & mask, to_params & mask, transport, path)
