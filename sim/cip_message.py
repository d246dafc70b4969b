"""CIP explicit messages as a controller sees them: request, reply, path segments (CIP volume 1, 2-4, C-1)."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

_REPLY_FLAG = 0x80
_SEGMENT_TYPE = 0xE0
_LOGICAL = 0x20
_PORT = 0x00
_SYMBOLIC = 0x91
_EXTENDED_LINK = 0x10
_EXTENDED_PORT = 0x0F
_LOGICAL_FORMATS = {0: "<B", 1: "<xH", 2: "<xI"}


class Status(IntEnum):
    """General status codes a simulated controller answers with."""

    SUCCESS = 0x00
    CONNECTION_FAILURE = 0x01
    PATH_SEGMENT = 0x04
    PATH_UNKNOWN = 0x05
    PARTIAL = 0x06
    SERVICE_UNSUPPORTED = 0x08
    BAD_ATTRIBUTE_VALUE = 0x09
    ATTRIBUTE_LIST = 0x0A
    NOT_SETTABLE = 0x0E
    PRIVILEGE = 0x0F
    REPLY_TOO_LARGE = 0x11
    NOT_ENOUGH_DATA = 0x13
    ATTRIBUTE_UNSUPPORTED = 0x14
    EMBEDDED_ERROR = 0x1E
    INVALID_PARAMETER = 0x20
    GENERAL_ERROR = 0xFF


class Service(IntEnum):
    """Services common to all objects."""

    GET_ATTRIBUTES_ALL = 0x01
    GET_ATTRIBUTE_LIST = 0x03
    SET_ATTRIBUTE_LIST = 0x04
    MULTIPLE_SERVICE_PACKET = 0x0A
    GET_ATTRIBUTE_SINGLE = 0x0E


class CipRequest(NamedTuple):
    """One request; ``path`` without its length byte, ``max_reply`` bytes of data fit into the reply."""

    service: int
    path: bytes
    data: bytes
    connected: bool
    max_reply: int


class CipReply(NamedTuple):
    """What is answered; ``extended`` are the words of additional status."""

    status: int = 0
    data: bytes = b""
    extended: tuple[int, ...] = ()


class CipObjects(Protocol):
    """The controller behind a port; called on the loop's thread with the server's lock held."""

    def handle(self, request: CipRequest) -> CipReply:
        """Answer one request; an exception is a bug and costs the client its connection."""


class CipRefusedError(Exception):
    """A request that is answered with an error; ``reply`` is that answer."""

    def __init__(self, status: int, *extended: int) -> None:
        super().__init__(f"CIP status 0x{status:02X} {extended}")
        self.reply = CipReply(status, extended=extended)


class PathKind(IntEnum):
    """What a path segment names."""

    CLASS = 0
    INSTANCE = 1
    ELEMENT = 2
    ATTRIBUTE = 4
    OTHER_LOGICAL = 5
    SYMBOL = 6
    PORT = 7


@dataclass(frozen=True, slots=True)
class PathSegment:
    """A step of a path: ``number`` of a class, instance, element, attribute or port; ``text`` of a symbol.

    A port's ``text`` is its link: a slot's number or an address.
    """

    kind: PathKind
    number: int = 0
    text: str = ""


def parse_path(path: bytes) -> tuple[PathSegment, ...]:
    """Read a padded EPATH; raise CipRefusedError (04) where it makes no sense."""
    segments: list[PathSegment] = []
    position = 0
    try:
        while position < len(path):
            segment, position = _parse_segment(path, position)
            segments.append(segment)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise CipRefusedError(Status.PATH_SEGMENT) from error
    return tuple(segments)


def parse_object(path: bytes) -> tuple[int, int, int | None]:
    """Class, instance (0 where it is not named) and attribute of a path made of these only."""
    numbers: dict[PathKind, int] = {}
    for segment in parse_path(path):
        if segment.kind not in (PathKind.CLASS, PathKind.INSTANCE, PathKind.ATTRIBUTE):
            raise CipRefusedError(Status.PATH_SEGMENT)
        numbers.setdefault(segment.kind, segment.number)
    if PathKind.CLASS not in numbers:
        raise CipRefusedError(Status.PATH_SEGMENT)
    return numbers[PathKind.CLASS], numbers.get(PathKind.INSTANCE, 0), numbers.get(PathKind.ATTRIBUTE)


def parse_request(message: bytes, *, connected: bool, max_reply: int) -> CipRequest:
    """Read a message router request; raise CipRefusedError (13) where it is cut."""
    if len(message) < 2 or len(message) < 2 + 2 * message[1]:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    end = 2 + 2 * message[1]
    return CipRequest(message[0], message[2:end], message[end:], connected, max_reply)


def build_reply(service: int, reply: CipReply) -> bytes:
    """The bytes of a message router reply."""
    status, data, extended = reply
    header = bytes((service & 0x7F | _REPLY_FLAG, 0, status & 0xFF, len(extended)))
    if not extended:
        return header + data
    return header + struct.pack(f"<{len(extended)}H", *extended) + data


def _parse_segment(path: bytes, position: int) -> tuple[PathSegment, int]:
    first = path[position]
    if first == _SYMBOLIC:
        return _parse_symbol(path, position)
    if first & _SEGMENT_TYPE == _LOGICAL:
        return _parse_logical(path, position)
    if first & _SEGMENT_TYPE == _PORT:
        return _parse_port(path, position)
    raise CipRefusedError(Status.PATH_SEGMENT)


def _parse_symbol(path: bytes, position: int) -> tuple[PathSegment, int]:
    end = position + 2 + path[position + 1]
    if end > len(path) or not path[position + 1]:
        raise CipRefusedError(Status.PATH_SEGMENT)
    text = path[position + 2 : end].decode("ascii")
    return PathSegment(PathKind.SYMBOL, text=text), end + (end - position) % 2


def _parse_logical(path: bytes, position: int) -> tuple[PathSegment, int]:
    layout = _LOGICAL_FORMATS.get(path[position] & 3)
    if layout is None:
        raise CipRefusedError(Status.PATH_SEGMENT)
    (number,) = struct.unpack_from(layout, path, position + 1)
    kind = path[position] >> 2 & 7
    known = kind in (PathKind.CLASS, PathKind.INSTANCE, PathKind.ELEMENT, PathKind.ATTRIBUTE)
    segment = PathSegment(PathKind(kind) if known else PathKind.OTHER_LOGICAL, number)
    return segment, position + 1 + struct.calcsize(layout)


def _parse_port(path: bytes, position: int) -> tuple[PathSegment, int]:
    first, start = path[position], position
    port = first & _EXTENDED_PORT
    position += 1
    size = 1
    if first & _EXTENDED_LINK:
        size = path[position]
        position += 1
    if port == _EXTENDED_PORT:
        (port,) = struct.unpack_from("<H", path, position)
        position += 2
    link = path[position : position + size]
    if len(link) < size:
        raise CipRefusedError(Status.PATH_SEGMENT)
    position += size
    text = link.decode("ascii") if first & _EXTENDED_LINK else str(link[0])
    return PathSegment(PathKind.PORT, port, text), position + (position - start) % 2
