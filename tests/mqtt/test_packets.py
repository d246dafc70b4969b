"""The reader of MQTT packets against what paho writes, in pieces of any size."""

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.packets import (
    Acknowledge,
    Connack,
    Connect,
    Disconnect,
    Other,
    Packet,
    PacketError,
    PacketReader,
    PacketType,
    Publish,
    Suback,
    Subscribe,
    Will,
)
from drivers.mqtt.protocol import ProtocolMachine
from drivers.mqtt.wire import Wire

TOPICS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="+#$"), min_size=1, max_size=40
)
MESSAGES = st.builds(Outgoing, TOPICS, st.binary(max_size=300), st.integers(0, 2), st.booleans())
VERSIONS = st.sampled_from(["3.1.1", "5"])


class Memory:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.data = b""

    def recv(self, size: int) -> bytes:
        raise BlockingIOError

    def send(self, data: memoryview) -> int:
        self.data += bytes(data)
        return len(data)

    def pending(self) -> int:
        return 0

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        pass


def said_by_paho(
    protocol: str, will: Outgoing | None, messages: Iterable[Outgoing], filters: list[tuple[str, int]]
) -> bytes:
    """What a client puts on the wire."""
    memory = Memory()
    wire = Wire(memory)
    settings = BrokerSettings("h", protocol=protocol, username="u", password="p", keep_alive_s=33)
    machine = ProtocolMachine(settings, "id", will)
    machine.open(wire)
    machine.subscribe(filters)
    for message in messages:
        machine.publish(*message)
    machine.ping()
    machine.leave(with_will=True)
    machine.loop_write()
    wire.flush()
    return memory.data


def in_pieces(data: bytes, size: int) -> list[Packet]:
    reader = PacketReader()
    return [packet for at in range(0, len(data), size) for packet in reader.feed(data[at : at + size])]


@given(VERSIONS, st.none() | MESSAGES, st.lists(MESSAGES, max_size=5), st.integers(1, 400))
def test_what_paho_writes_is_read(
    protocol: str, will: Outgoing | None, messages: list[Outgoing], size: int
) -> None:
    filters = [("a/+/c", 1), ("spBv1.0/#", 0)]
    connect, subscribe, *published, ping, end = in_pieces(
        said_by_paho(protocol, will, messages, filters), size
    )
    version = 5 if protocol == "5" else 4
    assert connect == Connect(version, "id", True, 33, Will(*will) if will else None, "u", b"p", 0)
    assert isinstance(subscribe, Subscribe)
    assert subscribe.filters == tuple(filters)
    assert ping == Other(PacketType.PINGREQ, b"")
    assert end == Disconnect(4 if protocol == "5" else 0)
    for packet, message in zip(published, messages, strict=True):
        assert isinstance(packet, Publish)
        assert Outgoing(packet.topic, packet.payload, packet.qos, packet.retain) == message
        assert (packet.packet_id is None) == (message.qos == 0)
        assert not packet.duplicate


def test_what_a_broker_says_is_read() -> None:
    reader = PacketReader(version=5)
    data = (
        b"\x20\x03\x01\x87\x00" + b"\x90\x05\x00\x07\x00\x01\x87" + b"\x40\x03\x00\x09\x10" + b"\xe0\x01\x8e"
    )
    assert list(reader.feed(data)) == [
        Connack(True, 0x87),
        Suback(7, (1, 0x87)),
        Acknowledge(PacketType.PUBACK, 9, 0x10),
        Disconnect(0x8E),
    ]


@given(st.binary(max_size=400))
def test_bytes_that_are_no_mqtt_give_a_packet_error_or_nothing(data: bytes) -> None:
    packets: list[Packet] = []
    with contextlib.suppress(PacketError):
        packets.extend(PacketReader().feed(data))
    assert all(isinstance(packet, tuple) for packet in packets)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x30\xff\xff\xff\xff\x01", "more than four bytes"),
        (b"\x00\x00", "type 0"),
        (b"\x10\x04\x00\x02XY", "CONNECT packet is malformed: the protocol is not MQTT"),
        (b"\x30\x03\x00\x09a", "PUBLISH packet is malformed: a field is longer than the packet"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, error: str) -> None:
    with pytest.raises(PacketError, match=error):
        list(PacketReader().feed(data))


def test_the_session_expiry_of_mqtt_5_is_found_behind_other_properties() -> None:
    properties = b"\x21\x00\x14" + b"\x26\x00\x01a\x00\x01b" + b"\x11\x00\x01\x00\x02"
    body = b"\x00\x04MQTT\x05\x00\x00\x3c" + bytes([len(properties)]) + properties + b"\x00\x01x"
    (connect,) = PacketReader().feed(b"\x10" + bytes([len(body)]) + body)
    assert connect == Connect(5, "x", False, 60, None, None, None, 65538)
