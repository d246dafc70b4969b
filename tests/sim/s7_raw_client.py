"""An S7 client of bare sockets and bytes, for what libraries do not let one send."""

import socket
import struct
from typing import Self

CONNECT = bytes.fromhex("0300001611e00000000100c0010ac1020100c2020101")
JOB, USERDATA = 1, 7


class RawS7Client:
    def __init__(self, port: int, *, timeout_s: float = 10.0) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handshake(self, pdu_size: int = 960) -> int:
        """Connect and set up; the PDU size granted."""
        self.sock.sendall(CONNECT)
        confirm = self.read_frame()
        assert confirm[1] == 0xD0
        reply = self.exchange(job(0, struct.pack(">BBHHH", 0xF0, 0, 1, 1, pdu_size)))
        return int.from_bytes(reply[18:20], "big")

    def send(self, pdu: bytes) -> None:
        self.sock.sendall(frame(pdu))

    def exchange(self, pdu: bytes) -> bytes:
        self.send(pdu)
        return self.read_pdu()

    def read_pdu(self) -> bytes:
        pdu = b""
        while True:
            unit = self.read_frame()
            assert unit[:2] == b"\x02\xf0"
            pdu += unit[3:]
            if unit[2] & 0x80:
                return pdu

    def read_frame(self) -> bytes:
        header = self._read(4)
        return self._read(int.from_bytes(header[2:], "big") - 4)

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


def frame(pdu: bytes) -> bytes:
    return struct.pack(">BBH", 3, 0, len(pdu) + 7) + b"\x02\xf0\x80" + pdu


def job(reference: int, parameter: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">BBHHHH", 0x32, JOB, 0, reference, len(parameter), len(data)) + parameter + data


def userdata(group: int, function: int, payload: bytes = b"", *, follow_up: int | None = None) -> bytes:
    if follow_up is None:
        parameter = bytes((0, 1, 0x12, 4, 0x11, 0x40 | group, function, 0))
    else:
        parameter = bytes((0, 1, 0x12, 8, 0x12, 0x40 | group, function, follow_up, 0, 0, 0, 0))
    data = struct.pack(">BBH", 0xFF if payload else 0x0A, 9 if payload else 0, len(payload)) + payload
    return struct.pack(">BBHHHH", 0x32, USERDATA, 0, 1, len(parameter), len(data)) + parameter + data


def any_pointer(kind: int, amount: int, db: int, area: int, bits: int) -> bytes:
    return struct.pack(">BBBBHHI", 0x12, 0x0A, 0x10, kind, amount, db, area << 24 | bits)


def read_var(reference: int, *items: bytes) -> bytes:
    return job(reference, bytes((4, len(items))) + b"".join(items))


def write_var(reference: int, items: list[bytes], data: list[bytes]) -> bytes:
    """``data`` holds each item's header and payload; fill bytes are put between them."""
    filled = b"".join(item + b"\x00" * (len(item) % 2) for item in data[:-1]) + data[-1]
    return job(reference, bytes((5, len(items))) + b"".join(items), filled)


def read_items(reply: bytes) -> list[tuple[int, int, bytes]]:
    """Return code, transport and payload of every item of a Read Var answer."""
    position, items = 14, []
    for _ in range(reply[13]):
        code, transport, length = struct.unpack_from(">BBH", reply, position)
        size = length // 8 if transport in (4, 5) else length
        items.append((code, transport, reply[position + 4 : position + 4 + size]))
        position += 4 + size + (size % 2)
    return items


def error_of(reply: bytes) -> int:
    return int.from_bytes(reply[10:12], "big")


def userdata_error_of(reply: bytes) -> int:
    return int.from_bytes(reply[20:22], "big")
