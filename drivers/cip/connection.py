"""Forward Open and Forward Close: the bytes that open a connection to a controller and end it."""

import struct
from dataclasses import dataclass

from drivers.cip.frames import FrameError

CONNECTION_MANAGER = bytes.fromhex("20062401")
FORWARD_OPEN = 0x54
LARGE_FORWARD_OPEN = 0x5B
FORWARD_CLOSE = 0x4E
LARGE_SIZE = 4000
STANDARD_SIZE = 500
_VENDOR = 0x1337
_TICKS = bytes((0x0A, 0x05))
_MESSAGE_ROUTER = bytes.fromhex("20022401")
# Point to point, low priority, variable size.
_PARAMETERS = 0x4200
_CLASS_3_SERVER = 0xA3
_MULTIPLIER_CODE = 3
_MULTIPLIER = 4 << _MULTIPLIER_CODE
_SHORTEST_INTERVAL_US = 2_000_000
_REPLY = struct.Struct("<IIHHI")


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection: ``target_id`` heads what we send, ``own_id`` what we get; ``size`` bytes each way.

    ``closing`` is the data of its Forward Close.
    """

    target_id: int
    own_id: int
    size: int
    closing: bytes

    @property
    def ids(self) -> tuple[int, int]:
        return self.own_id, self.target_id


@dataclass(frozen=True, slots=True)
class ConnectionRequest:
    """What a Forward Open asks for; ``serial`` and ``originator`` name the connection for its whole life.

    The controller gives the connection up when it has heard nothing for ``idle_s``, so that the
    connections of a computer that vanished are not missing for long.
    """

    own_id: int
    serial: int
    originator: int
    route: bytes
    large: bool
    idle_s: float

    @property
    def service(self) -> int:
        return LARGE_FORWARD_OPEN if self.large else FORWARD_OPEN

    @property
    def size(self) -> int:
        return LARGE_SIZE if self.large else STANDARD_SIZE

    @property
    def data(self) -> bytes:
        interval_us = min(max(int(self.idle_s * 1e6) // _MULTIPLIER, _SHORTEST_INTERVAL_US), 0xFFFFFFFF)
        if self.large:
            parameters = struct.pack("<I", _PARAMETERS << 16 | self.size)
        else:
            parameters = struct.pack("<H", _PARAMETERS | self.size)
        interval = struct.pack("<I", interval_us)
        return b"".join(
            (
                _TICKS,
                struct.pack("<II", 0, self.own_id),
                self._name,
                struct.pack("<B3x", _MULTIPLIER_CODE),
                interval,
                parameters,
                interval,
                parameters,
                bytes((_CLASS_3_SERVER, len(self._path) // 2)),
                self._path,
            )
        )

    @property
    def closing(self) -> bytes:
        """The data of the Forward Close for this connection."""
        return b"".join((_TICKS, self._name, bytes((len(self._path) // 2, 0)), self._path))

    @property
    def _name(self) -> bytes:
        return struct.pack("<HHI", self.serial, _VENDOR, self.originator)

    @property
    def _path(self) -> bytes:
        return self.route + _MESSAGE_ROUTER


def parse_opened(data: bytes, request: ConnectionRequest) -> Opened:
    """The connection that a controller granted. Raises ``FrameError``."""
    if len(data) < _REPLY.size:
        raise FrameError("a connection was granted, but the answer is too short")
    target_id, own_id, serial, vendor, originator = _REPLY.unpack_from(data)
    if (serial, vendor, originator) != (request.serial, _VENDOR, request.originator):
        raise FrameError("another connection was granted than the one asked for")
    return Opened(target_id, own_id, request.size, request.closing)
