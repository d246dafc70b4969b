"""The bytes of one MQTT session: buffered both ways, so that many small messages share a system call."""

import contextlib
import socket
import ssl
import time
from typing import Protocol

_FILL_BYTES = 262_144
_SEND_BYTES = 65_536
_FULL_BYTES = 1_048_576
_HEAD_BYTES = 64


class ByteSocket(Protocol):
    """What a wire needs of a socket that does not block; ``BlockingIOError`` where it would have to."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, data: memoryview, /) -> int: ...
    def pending(self) -> int: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class PlainSocket:
    """A connected TCP or TLS socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._tls = sock if isinstance(sock, ssl.SSLSocket) else None

    def recv(self, size: int) -> bytes:
        try:
            return self._sock.recv(size)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def send(self, data: memoryview) -> int:
        try:
            return self._sock.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def pending(self) -> int:
        return 0 if self._tls is None else self._tls.pending()

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()


class Wire:
    """The socket that paho is given. ``fill`` and ``flush`` move the bytes; ``recv`` and ``send`` only copy.

    ``head`` keeps the first bytes that came, to tell what it is that answers.
    """

    def __init__(self, sock: ByteSocket) -> None:
        self._sock = sock
        self._in = b""
        self._at = 0
        self._ended = False
        self._out = bytearray()
        self.head = b""

    @property
    def unread(self) -> int:
        return len(self._in) - self._at

    @property
    def unsent(self) -> int:
        return len(self._out)

    @property
    def ended(self) -> bool:
        """The other side closed and everything it sent was read."""
        return self._ended and not self.unread

    def fill(self) -> bool:
        """Take what has arrived; True if there is anything to be read now, the end included. OSError."""
        parts = [self._in[self._at :]] if self.unread else []
        while not self._ended:
            try:
                part = self._sock.recv(_FILL_BYTES)
            except BlockingIOError:
                break
            parts.append(part)
            self._ended = not part
            if not self._sock.pending():
                break
        self._in, self._at = b"".join(parts), 0
        if len(self.head) < _HEAD_BYTES:
            self.head = (self.head + self._in)[:_HEAD_BYTES]
        return bool(self._in) or self._ended

    def recv(self, size: int) -> bytes:
        start = self._at
        data = self._in[start : start + size]
        if data or self._ended:
            self._at = start + len(data)
            return data
        raise BlockingIOError

    def send(self, data: bytes | bytearray) -> int:
        if len(self._out) > _FULL_BYTES:
            raise BlockingIOError
        self._out += data
        return len(data)

    def flush(self) -> bool:
        """Hand what is buffered to the system; True if nothing is left. OSError."""
        out = self._out
        while out:
            try:
                with memoryview(out) as view:
                    sent = self._sock.send(view[:_SEND_BYTES])
            except BlockingIOError:
                return False
            del out[:sent]
        return True

    def setblocking(self, flag: bool) -> None:
        """Never blocks; asked for by paho."""

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self, patience_s: float = 0.2) -> None:
        """Send the rest if the network takes it soon, and close."""
        deadline = time.monotonic() + patience_s
        with contextlib.suppress(OSError):
            while not self.flush() and time.monotonic() < deadline:
                time.sleep(0.01)
        self._sock.close()

    def abort(self) -> None:
        """Close at once, without the rest."""
        self._out = bytearray()
        self._sock.close()
