"""Reads MQTT packets out of a stream of bytes: what a client said and was told, for taps and proofs.

MQTT 3.1.1 chapter 3, MQTT 5 chapter 3. Pure; tolerant of nothing: PacketError ends a stream.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from engine.errors import EngineError

MQTT_5 = 5
_LARGEST_VARINT_BYTES = 4


class PacketError(EngineError):
    """The bytes are no MQTT."""


class PacketType(IntEnum):
    """Upper four bits of the first byte (clause 2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Will(NamedTuple):
    """The message the broker sends for a client that is lost."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class Connect(NamedTuple):
    """``clean`` is clean session, or clean start of MQTT 5; ``session_expiry_s`` 0 where nothing is said."""

    version: int
    client_id: str
    clean: bool
    keep_alive_s: int
    will: Will | None
    username: str | None
    password: bytes | None
    session_expiry_s: int = 0


class Connack(NamedTuple):
    session_present: bool
    reason: int


class Publish(NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    duplicate: bool
    packet_id: int | None


class Acknowledge(NamedTuple):
    """PUBACK, PUBREC, PUBREL or PUBCOMP."""

    type: PacketType
    packet_id: int
    reason: int


class Subscribe(NamedTuple):
    """``filters`` are (topic filter, QoS)."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]


class Suback(NamedTuple):
    packet_id: int
    reasons: tuple[int, ...]


class Disconnect(NamedTuple):
    reason: int


class Other(NamedTuple):
    """A packet of which nobody has asked for more."""

    type: PacketType
    body: bytes


Packet = Connect | Connack | Publish | Acknowledge | Subscribe | Suback | Disconnect | Other


class PacketReader:
    """Bytes in, packets out; one for each direction of a connection.

    ``version`` of a reader of the broker's side is set from the CONNECT of the other side.
    """

    def __init__(self, version: int = 4) -> None:
        self.version = version
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets completed by ``data``. PacketError where the bytes are no MQTT."""
        self._rest += data
        while (cut := self._cut()) is not None:
            first, body = cut
            try:
                packet = _decode(first, _Body(body), self.version)
            except (struct.error, IndexError, UnicodeDecodeError) as error:
                raise PacketError(f"a {PacketType(first >> 4).name} packet is malformed: {error}") from error
            if isinstance(packet, Connect):
                self.version = packet.version
            yield packet

    def _cut(self) -> tuple[int, bytes] | None:
        rest = self._rest
        size, shift = 0, 0
        for position in range(1, _LARGEST_VARINT_BYTES + 1):
            if position >= len(rest):
                return None
            size |= (rest[position] & 0x7F) << shift
            shift += 7
            if not rest[position] & 0x80:
                break
        else:
            raise PacketError("the length of a packet takes more than four bytes")
        end = position + 1 + size
        if len(rest) < end:
            return None
        first, body = rest[0], bytes(rest[position + 1 : end])
        if not first >> 4:
            raise PacketError("a packet has the type 0")
        del rest[:end]
        return first, body


class _Body:
    """Reads the fields of a packet one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def word(self) -> int:
        (value,) = struct.unpack_from("!H", self._data, self._at)
        self._at += 2
        return int(value)

    def binary(self) -> bytes:
        size = self.word()
        if size > self.left:
            raise IndexError("a field is longer than the packet")
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self) -> str:
        return self.binary().decode("utf-8")

    def varint(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def rest(self) -> bytes:
        data = self._data[self._at :]
        self._at = len(self._data)
        return data

    def properties(self) -> bytes:
        size = self.varint()
        if size > self.left:
            raise IndexError("the properties are longer than the packet")
        self._at += size
        return self._data[self._at - size : self._at]


def _decode(first: int, body: _Body, version: int) -> Packet:
    kind = PacketType(first >> 4)
    match kind:
        case PacketType.CONNECT:
            return _connect(body)
        case PacketType.CONNACK:
            return Connack(bool(body.byte() & 1), body.byte())
        case PacketType.PUBLISH:
            return _publish(first, body, version)
        case PacketType.PUBACK | PacketType.PUBREC | PacketType.PUBREL | PacketType.PUBCOMP:
            return Acknowledge(kind, body.word(), body.byte() if body.left else 0)
        case PacketType.SUBSCRIBE:
            return _subscribe(body, version)
        case PacketType.SUBACK:
            return _suback(body, version)
        case PacketType.DISCONNECT:
            return Disconnect(body.byte() if body.left else 0)
    return Other(kind, body.rest())


def _connect(body: _Body) -> Connect:
    if body.text() not in ("MQTT", "MQIsdp"):
        raise IndexError("the protocol is not MQTT")
    version = body.byte() & 0x7F
    flags = body.byte()
    keep_alive_s = body.word()
    expiry_s = _session_expiry_s(_Body(body.properties())) if version == MQTT_5 else 0
    client_id = body.text()
    will = _will(body, flags, version) if flags & 0x04 else None
    username = body.text() if flags & 0x80 else None
    password = body.binary() if flags & 0x40 else None
    return Connect(version, client_id, bool(flags & 0x02), keep_alive_s, will, username, password, expiry_s)


def _will(body: _Body, flags: int, version: int) -> Will:
    if version == MQTT_5:
        body.properties()
    return Will(body.text(), body.binary(), flags >> 3 & 3, bool(flags & 0x20))


_PROPERTY_SIZES = {0x11: 4, 0x21: 2, 0x27: 4, 0x22: 2, 0x19: 1, 0x17: 1}


def _session_expiry_s(properties: _Body) -> int:
    """The property 0x11 of CONNECT; those before it are passed over."""
    while properties.left:
        kind = properties.byte()
        if kind == 0x11:
            return properties.word() << 16 | properties.word()
        if kind == 0x26:
            properties.binary()
            properties.binary()
        elif kind in _PROPERTY_SIZES:
            for _ in range(_PROPERTY_SIZES[kind]):
                properties.byte()
        else:
            properties.binary()
    return 0


def _publish(first: int, body: _Body, version: int) -> Publish:
    qos = first >> 1 & 3
    topic = body.text()
    packet_id = body.word() if qos else None
    if version == MQTT_5:
        body.properties()
    return Publish(topic, body.rest(), qos, bool(first & 1), bool(first & 8), packet_id)


def _subscribe(body: _Body, version: int) -> Subscribe:
    packet_id = body.word()
    if version == MQTT_5:
        body.properties()
    filters = []
    while body.left:
        filters.append((body.text(), body.byte() & 3))
    return Subscribe(packet_id, tuple(filters))


def _suback(body: _Body, version: int) -> Suback:
    packet_id = body.word()
    if version == MQTT_5:
        body.properties()
    return Suback(packet_id, tuple(body.rest()))
