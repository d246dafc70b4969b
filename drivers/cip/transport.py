"""The socket below a session: pycomm3's ``Socket`` with one deadline over each exchange.

pycomm3's own loses the reason why connecting failed, waits for ever for the rest of a message whose
sender closed the connection, and counts its timeout anew for every piece that arrives.
"""

import contextlib
import socket

from pycomm3.socket_ import Socket

from drivers.cip.frames import HEADER_SIZE, FrameError, frame_size
from drivers.cut import DROP_UNSENT, Cut
from drivers.tcp import Host
from engine.clock import Clock

_CHUNK = 65536


class Transport(Socket):
    """One TCP connection. Raises ``TimeoutError``, other ``OSError`` or ``FrameError``."""

    def __init__(self, timeout_s: float, clock: Clock) -> None:
        # The base class would make a socket here, before it is known for which kind of address.
        self._limit_s = timeout_s
        self._clock = clock
        self._deadline = 0.0
        self._socket: socket.socket | None = None
        self._where: tuple[str, int] | None = None
        self._host: Host | None = None
        self._cut = Cut()
        self.reached = False
        self.unanswered = False

    def connect(self, host: str, port: int) -> None:
        self.reached = False
        sock = self._socket = self._cut.connect(self._host_of(host, port), self._limit_s, self._clock)
        self.reached = True
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def send(self, msg: bytes, timeout: float = 0) -> int:
        """Send one frame and start the time in which its answer has to be here."""
        sock = self._open_socket()
        limit_s = min(timeout or self._limit_s, self._limit_s)
        self._deadline = self._clock.monotonic() + limit_s
        self.unanswered = True
        sock.settimeout(limit_s)
        sock.sendall(msg)
        return len(msg)

    def receive(self, timeout: float = 0) -> bytes:
        """One whole frame, and nothing but one."""
        sock = self._open_socket()
        received = self._piece(sock)
        while len(received) < HEADER_SIZE or len(received) < frame_size(received):
            received += self._piece(sock)
        if len(received) > frame_size(received):
            raise FrameError("more than the answer to what was asked")
        self.unanswered = False
        return received

    def close(self) -> None:
        """Close; cut off a peer that owes an answer, from any thread.

        What still waits in our machine to be sent is then dropped: after a broken cable the system
        would deliver a write minutes later. Who waits for an answer in another thread is woken.
        """
        sock, self._socket = self._socket, None
        if sock is None:
            return
        self._cut.release()
        with contextlib.suppress(OSError):
            if self.unanswered:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_UNSENT)
                sock.shutdown(socket.SHUT_RD)
        sock.close()
        self.unanswered = False

    def cut(self) -> None:
        """End it for good, from any thread: whoever connects or waits in it is woken with an ``OSError``."""
        self._cut.cut()

    def _host_of(self, name: str, port: int) -> Host:
        """The same one for the same name, so that a look-up that is still out is not begun again."""
        if self._host is None or self._where != (name, port):
            self._where, self._host = (name, port), Host(name, port)
        return self._host

    def _piece(self, sock: socket.socket) -> bytes:
        left_s = self._deadline - self._clock.monotonic()
        if left_s <= 0:
            raise TimeoutError("no answer in time")
        sock.settimeout(left_s)
        piece = sock.recv(_CHUNK)
        if not piece:
            raise ConnectionResetError("closed by the peer")
        return piece

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError("there is no connection")
        return self._socket
