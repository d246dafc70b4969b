"""Buffered bytes, WebSocket frames and their handshake."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.websocket import WebSocket
from drivers.mqtt.wire import PlainSocket, Wire


class Slow:
    """A socket that takes and gives few bytes at a time, and sometimes none."""

    def __init__(self, incoming: bytes = b"", step: int = 3, ends: bool = False) -> None:
        self.incoming = incoming
        self.outgoing = b""
        self._step = step
        self._ends = ends
        self._turn = 0

    def recv(self, size: int) -> bytes:
        self._turn += 1
        if self._turn % 2:
            raise BlockingIOError
        part, self.incoming = self.incoming[: self._step], self.incoming[self._step :]
        if not part and not self._ends:
            raise BlockingIOError
        return part

    def send(self, data: memoryview) -> int:
        self._turn += 1
        if self._turn % 2:
            raise BlockingIOError
        part = bytes(data[: self._step])
        self.outgoing += part
        return len(part)

    def pending(self) -> int:
        return 0

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        pass


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.integers(1, 20))
def test_what_is_sent_leaves_in_order_however_slow_the_network(parts: list[bytes], step: int) -> None:
    slow = Slow(step=step)
    wire = Wire(slow)
    for part in parts:
        assert wire.send(part) == len(part)
        wire.flush()
    for _ in range(3000):
        if wire.flush():
            break
    assert slow.outgoing == b"".join(parts)
    assert wire.unsent == 0


@given(st.binary(max_size=300), st.integers(1, 20), st.integers(1, 10))
def test_what_comes_is_read_in_order_in_pieces_of_any_size(data: bytes, step: int, size: int) -> None:
    wire = Wire(Slow(data, step, ends=True))
    read = b""
    while not wire.ended:
        wire.fill()
        while wire.unread:
            read += wire.recv(size)
    assert read == data
    assert wire.recv(1) == b""
    assert wire.head == data[: len(wire.head)]
    assert len(wire.head) >= min(64, len(data))


def framed(payload: bytes, code: int = 2) -> bytes:
    """A frame as a server sends it."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x80 | code, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x80 | code, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | code, 127, size) + payload


def unmasked(data: bytes) -> list[tuple[int, bytes]]:
    """The frames of a client."""
    frames = []
    while data:
        size, head = data[1] & 0x7F, 2
        assert data[1] & 0x80
        if size == 126:
            size, head = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(data[2:10], "big"), 10
        mask, body = data[head : head + 4], data[head + 4 : head + 4 + size]
        frames.append((data[0] & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(body))))
        data = data[head + 4 + size :]
    return frames


@given(st.lists(st.binary(max_size=400), max_size=8), st.integers(1, 100))
def test_frames_of_any_size_carry_the_bytes(parts: list[bytes], step: int) -> None:
    data = b"".join(framed(part) for part in parts) + framed(b"", 8)
    wire = Wire(WebSocket(Slow(data, step)))  # type: ignore[arg-type]
    read = b""
    while not wire.ended:
        wire.fill()
        while wire.unread:
            read += wire.recv(1000)
    assert read == b"".join(parts)


@given(st.lists(st.binary(min_size=1, max_size=70_000), max_size=4), st.integers(500, 9000))
def test_what_is_sent_arrives_masked_and_whole(parts: list[bytes], step: int) -> None:
    slow = Slow(step=step)
    wire = Wire(WebSocket(slow))  # type: ignore[arg-type]
    for part in parts:
        wire.send(part)
        wire.flush()
    while not wire.flush():
        pass
    frames = unmasked(slow.outgoing)
    assert all(code == 2 for code, _ in frames)
    assert b"".join(payload for _, payload in frames) == b"".join(parts)


def test_a_ping_of_the_server_is_answered_between_frames() -> None:
    slow = Slow(framed(b"are you there", 9) + framed(b"data"), step=1000)
    wire = Wire(WebSocket(slow))  # type: ignore[arg-type]
    while not wire.unread:
        wire.fill()
    wire.send(b"own")
    while not wire.flush():
        pass
    assert wire.recv(100) == b"data"
    assert unmasked(slow.outgoing) == [(0xA, b"are you there"), (2, b"own")]


def test_plain_sockets_need_no_more_than_the_sockets_themselves(socket_pair) -> None:
    left, right = socket_pair
    wire = Wire(PlainSocket(left))
    right.sendall(b"hello")
    while not wire.fill():
        pass
    assert wire.recv(2) == b"he"
    assert wire.recv(9) == b"llo"
