"""EtherNet/IP encapsulation: frames, common packet items, identity (CIP volume 2, chapter 2). Pure."""

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

HEADER = struct.Struct("<HHII8sI")
_ITEM = struct.Struct("<HH")
_CPF = struct.Struct("<IHH")
_LARGEST_DATA = 65_511
_MOST_ITEMS = 8
_PROTOCOL_VERSION = 1
_TCP_MESSAGES = 0x0120
"""ListServices: explicit messages over TCP, and I/O over UDP as all controllers say."""


class Command(IntEnum):
    """Encapsulation commands."""

    NOP = 0x0000
    LIST_SERVICES = 0x0004
    LIST_IDENTITY = 0x0063
    LIST_INTERFACES = 0x0064
    REGISTER_SESSION = 0x0065
    UNREGISTER_SESSION = 0x0066
    SEND_RR_DATA = 0x006F
    SEND_UNIT_DATA = 0x0070


class EncapsulationStatus(IntEnum):
    """Status of an encapsulation reply."""

    SUCCESS = 0x0000
    UNSUPPORTED_COMMAND = 0x0001
    INCORRECT_DATA = 0x0003
    INVALID_SESSION = 0x0064
    UNSUPPORTED_VERSION = 0x0069


class ItemType(IntEnum):
    """Items of the common packet format."""

    NULL_ADDRESS = 0x0000
    IDENTITY = 0x000C
    CONNECTED_ADDRESS = 0x00A1
    CONNECTED_DATA = 0x00B1
    UNCONNECTED_DATA = 0x00B2
    SERVICES = 0x0100


class EnipError(Exception):
    """The peer does not speak EtherNet/IP."""


class Frame(NamedTuple):
    """One encapsulation message."""

    command: int
    session: int
    status: int
    context: bytes
    options: int
    data: bytes

    def reply(self, data: bytes = b"", status: int = 0, session: int | None = None) -> bytes:
        """The bytes that answer this message; the sender's context is echoed."""
        session = self.session if session is None else session
        return HEADER.pack(self.command, len(data), session, status, self.context, 0) + data


@dataclass(frozen=True, slots=True)
class EnipIdentity:
    """What a controller says of itself; the default is a ControlLogix 5580.

    ``running_status`` and ``stopped_status`` are the status word in run and in program mode: keyswitch
    in bits 12 and 13 (remote), mode in bits 4 to 7.
    """

    vendor: int = 1
    device_type: int = 14
    product_code: int = 166
    major: int = 32
    minor: int = 11
    serial: int = 0x00B21D0E
    product_name: str = "1756-L83E/B"
    running_status: int = 0x3160
    stopped_status: int = 0x3170

    def attributes(self, *, running: bool) -> tuple[bytes, ...]:
        """Attributes 1 to 7 of the identity object, encoded."""
        name = self.product_name.encode("ascii")
        status = self.running_status if running else self.stopped_status
        return (
            struct.pack("<H", self.vendor),
            struct.pack("<H", self.device_type),
            struct.pack("<H", self.product_code),
            bytes((self.major, self.minor)),
            struct.pack("<H", status),
            struct.pack("<I", self.serial),
            bytes((len(name),)) + name,
        )

    def state(self, *, running: bool) -> int:
        """State of the device: 3 operational, 2 standby."""
        return 3 if running else 2


class FrameReader:
    """Cuts a stream of bytes into encapsulation messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Frame]:
        """Yield every message that is now complete; raise EnipError where the bytes make no sense."""
        self._buffer += received
        while len(self._buffer) >= HEADER.size:
            command, length, session, status, context, options = HEADER.unpack_from(self._buffer)
            if length > _LARGEST_DATA:
                raise EnipError(f"a message of {length} bytes")
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            data = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield Frame(command, session, status, context, options, data)


def parse_frame(datagram: bytes) -> Frame | None:
    """Read a datagram; None where it is no encapsulation message."""
    if len(datagram) < HEADER.size:
        return None
    command, length, session, status, context, options = HEADER.unpack_from(datagram)
    data = datagram[HEADER.size : HEADER.size + length]
    return Frame(command, session, status, context, options, data)


def parse_items(data: bytes) -> list[tuple[int, bytes]]:
    """Type and contents of all items of SendRRData or SendUnitData; EnipError where they are cut."""
    if len(data) < _CPF.size:
        raise EnipError("a packet without items")
    _interface, _timeout, count = _CPF.unpack_from(data)
    if count > _MOST_ITEMS:
        raise EnipError(f"a packet of {count} items")
    items: list[tuple[int, bytes]] = []
    position = _CPF.size
    for _ in range(count):
        if position + _ITEM.size > len(data):
            raise EnipError("a cut item")
        kind, length = _ITEM.unpack_from(data, position)
        start, position = position + _ITEM.size, position + _ITEM.size + length
        if position > len(data):
            raise EnipError("a cut item")
        items.append((kind, data[start:position]))
    return items


def build_items(*items: tuple[int, bytes]) -> bytes:
    """The data of SendRRData or SendUnitData."""
    parts = [_CPF.pack(0, 0, len(items))]
    for kind, contents in items:
        parts += (_ITEM.pack(kind, len(contents)), contents)
    return b"".join(parts)


def build_identity_list(identity: EnipIdentity, host: str, port: int, *, running: bool) -> bytes:
    """The data of a ListIdentity reply."""
    address = ipaddress.IPv4Address(host).packed
    body = struct.pack("<H", _PROTOCOL_VERSION) + struct.pack(">hH4s8x", 2, port, address)
    body += b"".join(identity.attributes(running=running)) + bytes((identity.state(running=running),))
    return struct.pack("<H", 1) + _ITEM.pack(ItemType.IDENTITY, len(body)) + body


def build_service_list() -> bytes:
    """The data of a ListServices reply."""
    body = struct.pack("<HH16s", _PROTOCOL_VERSION, _TCP_MESSAGES, b"Communications")
    return struct.pack("<H", 1) + _ITEM.pack(ItemType.SERVICES, len(body)) + body


def is_register_data(data: bytes) -> bool:
    """Whether RegisterSession asks for the protocol version there is."""
    return len(data) >= 4 and struct.unpack_from("<HH", data) == (_PROTOCOL_VERSION, 0)
