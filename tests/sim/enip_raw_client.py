"""An EtherNet/IP client of bare sockets and bytes, for what libraries do not let one send."""

import socket
import struct
from typing import NamedTuple, Self

HEADER = struct.Struct("<HHII8sI")
REGISTER, UNREGISTER, RR, UNIT = 0x65, 0x66, 0x6F, 0x70
LIST_SERVICES, LIST_IDENTITY, LIST_INTERFACES = 0x04, 0x63, 0x64
CONTEXT = b"brimline"
MESSAGE_ROUTER = b"\x20\x02\x24\x01"
CONNECTION_MANAGER = b"\x20\x06\x24\x01"
IDENTITY = b"\x20\x01\x24\x01"
SLOT_0 = b"\x01\x00"


class Reply(NamedTuple):
    """An encapsulation reply."""

    command: int
    session: int
    status: int
    context: bytes
    data: bytes


class Answer(NamedTuple):
    """A message router reply."""

    service: int
    status: int
    extended: tuple[int, ...]
    data: bytes


class RawEnipClient:
    def __init__(self, port: int, host: str = "127.0.0.1", *, timeout_s: float = 10.0) -> None:
        self.sock = socket.create_connection((host, port), timeout=timeout_s)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.session = 0
        self.connection = 0
        self.sequence = 0

    def register(self) -> Self:
        self.session = self.exchange(frame(REGISTER, b"\1\0\0\0")).session
        return self

    def open(self, size: int = 4000, *, large: bool = True, serial: int = 1, route: bytes = SLOT_0) -> Answer:
        """Forward Open; keeps the connection's id where it is granted."""
        answer = self.unconnected(forward_open(size, large=large, serial=serial, route=route))
        if not answer.status:
            (self.connection,) = struct.unpack_from("<I", answer.data)
        return answer

    def connected(self, message: bytes) -> Answer:
        self.send_connected(message)
        return self.read_connected()

    def send_connected(self, message: bytes, *, sequence: int | None = None) -> None:
        self.sequence = (self.sequence + 1) & 0xFFFF
        number = self.sequence if sequence is None else sequence
        items = unit_items(self.connection, struct.pack("<H", number) + message)
        self.sock.sendall(frame(UNIT, items, self.session))

    def read_connected(self) -> Answer:
        reply = self.read_frame()
        assert (reply.command, reply.status) == (UNIT, 0)
        return parse_answer(reply.data[22:])

    def unconnected(self, message: bytes) -> Answer:
        reply = self.exchange(frame(RR, rr_items(message), self.session))
        assert (reply.command, reply.status) == (RR, 0)
        return parse_answer(reply.data[16:])

    def exchange(self, request: bytes) -> Reply:
        self.sock.sendall(request)
        return self.read_frame()

    def read_frame(self) -> Reply:
        command, length, session, status, context, _options = HEADER.unpack(self._read(HEADER.size))
        return Reply(command, session, status, context, self._read(length))

    def is_closed_by_peer(self) -> bool:
        """Whether the peer ends the connection, reading away what it still sends; waits for it."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def has_answer(self) -> bool:
        """Whether something can be read now."""
        self.sock.setblocking(False)
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.sock.settimeout(10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.sock.close()

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self.sock.recv(size - len(data))
            if not chunk:
                raise ConnectionError("closed by the peer")
            data += chunk
        return data


def frame(command: int, data: bytes = b"", session: int = 0) -> bytes:
    return HEADER.pack(command, len(data), session, 0, CONTEXT, 0) + data


def rr_items(message: bytes) -> bytes:
    return struct.pack("<IHHHHHH", 0, 0, 2, 0, 0, 0xB2, len(message)) + message


def unit_items(connection: int, data: bytes) -> bytes:
    return struct.pack("<IHHHHIHH", 0, 0, 2, 0xA1, 4, connection, 0xB1, len(data)) + data


def request(service: int, path: bytes, data: bytes = b"") -> bytes:
    return bytes((service, len(path) // 2)) + path + data


def multiple(*messages: bytes) -> bytes:
    offsets, position = [], 2 + 2 * len(messages)
    for message in messages:
        offsets.append(position)
        position += len(message)
    header = struct.pack(f"<H{len(messages)}H", len(messages), *offsets)
    return request(0x0A, MESSAGE_ROUTER, header + b"".join(messages))


def parse_multiple(data: bytes) -> list[Answer]:
    (count,) = struct.unpack_from("<H", data)
    offsets = struct.unpack_from(f"<{count}H", data, 2)
    ends = (*offsets[1:], len(data))
    return [parse_answer(data[start:end]) for start, end in zip(offsets, ends, strict=True)]


def unconnected_send(message: bytes, route: bytes = SLOT_0) -> bytes:
    data = b"\x0a\x05" + struct.pack("<H", len(message)) + message + bytes(len(message) % 2)
    return request(0x52, CONNECTION_MANAGER, data + bytes((len(route) // 2, 0)) + route)


def forward_open(
    size: int = 500, *, large: bool = False, serial: int = 1, route: bytes = SLOT_0, transport: int = 0xA3
) -> bytes:
    parameters = struct.pack("<I" if large else "<H", size | (0x42000000 if large else 0x4200))
    rpi = struct.pack("<I", 2_000_000)
    data = struct.pack("<BBIIHHIB3x", 0x0A, 5, 0, 0x1234, serial, 0x1009, 0x71190427, 7)
    path = route + MESSAGE_ROUTER
    data += rpi + parameters + rpi + parameters + bytes((transport, len(path) // 2)) + path
    return request(0x5B if large else 0x54, CONNECTION_MANAGER, data)


def forward_close(serial: int = 1) -> bytes:
    data = struct.pack("<BBHHI", 0x0A, 5, serial, 0x1009, 0x71190427)
    path = SLOT_0 + MESSAGE_ROUTER
    return request(0x4E, CONNECTION_MANAGER, data + bytes((len(path) // 2, 0)) + path)


def parse_answer(message: bytes) -> Answer:
    service, _reserved, status, words = message[:4]
    extended = struct.unpack_from(f"<{words}H", message, 4)
    return Answer(service, status, extended, message[4 + 2 * words :])
