"""Sessions at the built-in broker: silent clients, taken ids, last words, QoS. Bytes over bare sockets."""

import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.mqtt.packets import Connack, PacketReader, Publish, Suback
from sim.broker import EmbeddedBroker

Connect = Callable[..., "Bare"]
DISCONNECT = b"\xe0\x00"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with EmbeddedBroker() as broker:
        yield broker.port


@pytest.fixture
def connect(port: int) -> Iterator[Connect]:
    """Makes clients, all of which are closed after the test."""
    clients: list[Bare] = []

    def connect(*args: object, **kwargs: object) -> Bare:
        clients.append(Bare(port, *args, **kwargs))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


class Bare:
    """A client that says nothing by itself; acknowledges what it is sent in QoS 1."""

    def __init__(self, port: int, client_id: str, *, keep_alive_s: int = 60, will: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._reader = PacketReader()
        self.messages: list[tuple[str, bytes, int]] = []
        self.seen: list[type] = []
        self.closed = False
        flags = 0x02 | (0x0C if will else 0)
        last = text("will/" + client_id) + text(will) if will else b""
        head = text("MQTT") + struct.pack(">BBH", 4, flags, keep_alive_s)
        self.send(packet(0x10, head + text(client_id) + last))
        self.until(lambda: Connack in self.seen)

    def subscribe(self, topic_filter: str, qos: int = 1) -> "Bare":
        granted = self.seen.count(Suback) + 1
        self.send(packet(0x82, b"\x00\x01" + text(topic_filter) + bytes([qos])))
        self.until(lambda: self.seen.count(Suback) == granted)
        return self

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()

    def until(self, condition, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not condition():
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except ConnectionResetError:
                data = b""
            self.closed = not data
            assert data or condition(), "the broker ended the session"
            for each in self._reader.feed(data):
                self._on_packet(each)

    def received(self, count):
        self.until(lambda: len(self.messages) >= count)
        return self.messages

    def _on_packet(self, each):
        self.seen.append(type(each))
        if isinstance(each, Publish):
            self.messages.append((each.topic, each.payload, each.qos))
            if each.qos:
                self.send(packet(0x40, struct.pack(">H", each.packet_id)))


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


def packet(first: int, body: bytes) -> bytes:
    """Of fewer than 128 bytes."""
    return bytes([first, len(body)]) + body


def publish(topic: str, payload: str, qos: int = 0) -> bytes:
    number = b"\x00\x01" if qos else b""
    return packet(0x30 | qos << 1, text(topic) + number + payload.encode())


def test_sends_the_will_of_a_client_that_falls_silent(connect):
    listener = connect("listener-silent").subscribe("will/silent")
    silent = connect("silent", keep_alive_s=1, will="gone")
    assert listener.received(1) == [("will/silent", b"gone", 1)]
    silent.until(lambda: silent.closed)


def test_cuts_a_client_whose_id_another_one_takes_and_sends_its_will(connect):
    listener = connect("listener-taken").subscribe("will/taken")
    first = connect("taken", will="first")
    connect("taken", will="second")
    first.until(lambda: first.closed)
    assert listener.received(1) == [("will/taken", b"first", 1)]


def test_passes_on_everything_that_came_in_one_piece_with_the_farewell(connect):
    listener = connect("listener-words").subscribe("words")
    words = [str(number) for number in range(30)]
    for number in range(5):
        speaker = connect(f"speaker{number}", will="wrong")
        speaker.send(b"".join(publish("words", each) for each in words) + DISCONNECT)
        speaker.close()
        assert [payload.decode() for _, payload, _ in listener.received(30)] == words
        listener.messages.clear()


def test_sends_no_will_after_a_farewell(connect):
    listener = connect("listener-polite").subscribe("will/#").subscribe("end")
    polite = connect("polite", will="wrong")
    polite.send(publish("end", "1") + DISCONNECT)
    polite.close()
    connect("last", will="right").close()
    assert listener.received(2) == [("end", b"1", 0), ("will/last", b"right", 1)]


def test_raises_no_message_s_qos(connect):
    modest = connect("modest").subscribe("quality", 0)
    keen = connect("keen").subscribe("quality", 1)
    connect("both").send(publish("quality", "a") + publish("quality", "b", 1))
    assert modest.received(2) == [("quality", b"a", 0), ("quality", b"b", 0)]
    assert keen.received(2) == [("quality", b"a", 0), ("quality", b"b", 1)]


def test_ends_a_session_that_publishes_where_nobody_may(connect):
    listener = connect("listener-system").subscribe("will/system")
    rude = connect("system", will="gone")
    rude.send(publish("$SYS/uptime", "1"))
    rude.until(lambda: rude.closed)
    assert listener.received(1) == [("will/system", b"gone", 1)]


def test_lets_a_hundred_clients_that_were_cut_together_come_back_together(connect):
    listener = connect("listener-storm").subscribe("will/#").subscribe("back")
    names = {f"storm{number}" for number in range(100)}
    for _ in range(3):
        clients = [connect(name, will="gone") for name in names]
        for client in clients:
            client.close()
        listener.received(100)
        assert {topic.removeprefix("will/") for topic, _, _ in listener.messages} == names
        listener.messages.clear()
        back = [connect(name) for name in names]
        for client in back:
            client.send(publish("back", "1", 1))
        assert listener.received(100) == [("back", b"1", 1)] * 100
        listener.messages.clear()
        for client in back:
            client.send(DISCONNECT)
            client.close()
