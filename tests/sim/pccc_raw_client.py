"""PCCC messages put together byte by byte, and a socket to send them over: nothing of sim or drivers."""

import itertools
import socket
import struct

REQUESTER = b"\x07\x09\x10\x19\x71\x20\x26"
EXECUTE_PCCC = b"\x4b\x02\x20\x67\x24\x01"


def command(function: int, fields: bytes, transaction: int = 0x1234, cmd: int = 0x0F) -> bytes:
    return struct.pack("<BBHB", cmd, 0, transaction, function) + fields


def field(value: int) -> bytes:
    return bytes([value]) if value < 255 else b"\xff" + struct.pack("<H", value)


def slc(size: int, file: int, code: int, element: int, sub: int = 0) -> bytes:
    """Size and the three address fields."""
    return bytes([size]) + field(file) + bytes([code]) + field(element) + field(sub)


def plc5(file: int, element: int, sub: int | None = None) -> bytes:
    """A logical binary address."""
    if sub is None:
        return b"\x06" + field(file) + field(element)
    return b"\x0e" + field(file) + field(element) + field(sub)


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *[value & 0xFFFF for value in values])


class RawClient:
    """Sends PCCC unconnected (SendRRData), directly or inside Unconnected_Send."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=5.0)
        self._session = 0
        self._contexts = itertools.count(1)
        reply = self._exchange(0x65, struct.pack("<HH", 1, 0))
        self._session = struct.unpack_from("<I", reply, 4)[0]

    def pccc(self, message: bytes, *, routed: bool = False) -> bytes:
        """The PCCC reply to a PCCC message."""
        reply = self.cip(EXECUTE_PCCC + REQUESTER + message, routed=routed)
        assert reply[:4] == b"\xcb\x00\x00\x00", reply
        assert reply[4:11] == REQUESTER
        return reply[11:]

    def cip(self, message: bytes, *, routed: bool = False) -> bytes:
        """The CIP reply to a CIP message."""
        if routed:
            pad = b"\x00" * (len(message) % 2)
            wrapped = struct.pack("<BBH", 10, 9, len(message)) + message + pad + b"\x01\x00\x01\x00"
            message = b"\x52\x02\x20\x06\x24\x01" + wrapped
        items = struct.pack("<IHHHHHH", 0, 5, 2, 0, 0, 0xB2, len(message)) + message
        return self._exchange(0x6F, items)[40:]

    def close(self) -> None:
        self._socket.close()

    def _exchange(self, code: int, data: bytes) -> bytes:
        context = struct.pack("<Q", next(self._contexts))
        self._socket.sendall(struct.pack("<HHII8sI", code, len(data), self._session, 0, context, 0) + data)
        header = self._receive(24)
        assert header[12:20] == context
        return header + self._receive(struct.unpack_from("<H", header, 2)[0])

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))
            if not part:
                raise ConnectionError("closed by the controller")
            data += part
        return data
