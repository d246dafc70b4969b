"""MQTT over WebSocket (RFC 6455, MQTT 3.1.1 chapter 6): the handshake and the frames."""

import base64
import contextlib
import hashlib
import os
import struct

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.errors import LinkError, from_os_error
from drivers.mqtt.waiting import Opener
from drivers.mqtt.wire import PlainSocket

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING, _PONG = 0x2, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
_LARGEST_ANSWER = 16_384
_LARGEST_FRAME = 1 << 28
"""The largest packet of MQTT; whoever announces more must not fill the memory."""


class WebSocket:
    """Carries bytes in binary frames; a ``ByteSocket``. What follows the handshake is given as ``rest``."""

    def __init__(self, sock: PlainSocket, rest: bytes = b"") -> None:
        self._sock = sock
        self._in = bytearray(rest)
        self._out = b""
        self._pongs = bytearray()
        self._promised = 0
        self._ended = False

    def recv(self, size: int) -> bytes:
        """Payload of one or more frames; empty at the end."""
        while True:
            payload = self._take_payload()
            if self._pongs:
                self._answer_pings()
            if payload or self._ended:
                return payload
            data = self._sock.recv(size)
            if not data:
                return b""
            self._in += data

    def send(self, data: memoryview) -> int:
        """As one frame; a frame that was begun is finished before the next."""
        if not self._promised:
            self._out += _frame(_BINARY, bytes(data))
            self._promised = len(data)
        self._send_out()
        sent, self._promised = self._promised, 0
        return sent

    def pending(self) -> int:
        return self._sock.pending()

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def _send_out(self) -> None:
        while self._out:
            sent = self._sock.send(memoryview(self._out))
            self._out = self._out[sent:]

    def _answer_pings(self) -> None:
        """Between two frames of ours, or behind the one that is on its way."""
        self._out += bytes(self._pongs)
        self._pongs.clear()
        with contextlib.suppress(BlockingIOError):
            self._send_out()

    def _take_payload(self) -> bytes:
        parts = []
        while (frame := self._take_frame()) is not None:
            code, payload = frame
            if code == _CLOSE:
                self._ended = True
                break
            if code == _PING:
                self._pongs += _frame(_PONG, payload)
            elif code != _PONG:
                parts.append(payload)
        return b"".join(parts)

    def _take_frame(self) -> tuple[int, bytes] | None:
        data = self._in
        if len(data) < 2:
            return None
        size, head = data[1] & 0x7F, 2
        if size == 126:
            head = 4
        elif size == 127:
            head = 10
        if len(data) < head:
            return None
        if head > 2:
            size = int.from_bytes(data[2:head], "big")
        if size > _LARGEST_FRAME:
            raise ConnectionAbortedError("a frame is larger than any packet of MQTT")
        if data[1] & _MASKED or len(data) < head + size:
            if data[1] & _MASKED:
                raise ConnectionAbortedError("a server must not mask its frames")
            return None
        payload = bytes(data[head : head + size])
        code = data[0] & 0x0F
        del data[: head + size]
        return code, payload


def upgrade(sock: PlainSocket, broker: BrokerSettings, opener: Opener) -> WebSocket:
    """The handshake. LinkError where the other side is no broker behind a WebSocket."""
    key = base64.b64encode(os.urandom(16))
    try:
        _send_all(sock, _request(broker, key), opener)
        answer, rest = _read_answer(sock, broker, opener)
    except ConnectionError as error:
        raise LinkError(_no_websocket(broker)) from error
    except OSError as error:
        raise from_os_error(error, broker.address) from error
    _check(answer, key, broker)
    return WebSocket(sock, rest)


def _request(broker: BrokerSettings, key: bytes) -> bytes:
    path = broker.websocket_path if broker.websocket_path.startswith("/") else f"/{broker.websocket_path}"
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {broker.address}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: mqtt",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _send_all(sock: PlainSocket, data: bytes, opener: Opener) -> None:
    while data:
        try:
            data = data[sock.send(memoryview(data)) :]
        except BlockingIOError:
            opener.wait_writable(sock)


def _read_answer(sock: PlainSocket, broker: BrokerSettings, opener: Opener) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            part = sock.recv(4096)
        except BlockingIOError:
            opener.wait_readable(sock)
            continue
        data += part
        if not part or len(data) > _LARGEST_ANSWER or data[:5] != b"HTTP/"[: len(data)]:
            raise LinkError(_no_websocket(broker))
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _no_websocket(broker: BrokerSettings) -> str:
    return (
        f"The port {broker.address} does not speak WebSocket: set mqtt.transport to tcp, "
        "or use the broker's WebSocket port."
    )


def _check(answer: str, key: bytes, broker: BrokerSettings) -> None:
    status, *lines = answer.split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    words = status.split(" ", 2)
    if words[1:2] != ["101"]:
        said = " ".join(words[1:])
        raise LinkError(
            f"The web server at {broker.address} does not offer MQTT at {broker.websocket_path} "
            f"(it says {said}): check mqtt.websocket_path."
        )
    expected = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest()).decode()
    if headers.get("sec-websocket-accept") != expected:
        raise LinkError(f"The web server at {broker.address} answers the WebSocket handshake wrongly.")


def _frame(code: int, payload: bytes) -> bytes:
    """A frame of a client: masked (RFC 6455, 5.3)."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", _FINAL | code, _MASKED | size)
    elif size < 65_536:
        head = struct.pack("!BBH", _FINAL | code, _MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", _FINAL | code, _MASKED | 127, size)
    mask = os.urandom(4)
    repeated = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + masked.to_bytes(size, "big")
