"""Ending a session from another thread: who looks up, connects or waits for an answer is woken at once."""

import contextlib
import socket
import struct
import sys
import threading

from drivers.tcp import Host, Where, first_reached
from engine.clock import Clock

DROP_UNSENT = struct.pack("HH" if sys.platform == "win32" else "ii", 1, 0)
"""For SO_LINGER: what still waits to be sent is dropped when the socket is closed."""


class CutError(ConnectionAbortedError):
    """Somebody does not want to wait any longer; the peer did nothing wrong."""


class Cut:
    """The one socket of a session, and that it was cut: for good, so that nothing connects it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def cut(self) -> None:
        """From any thread, at any time; never raises and does not block."""
        with self._lock:
            self._is_cut = True
            sock, self._socket = self._socket, None
        if sock is not None:
            end(sock)

    def connect(self, host: Host, timeout_s: float, clock: Clock) -> socket.socket:
        """As ``Host.connect``; the socket is held until ``release``. ``CutError`` is among what it raises."""
        deadline = clock.monotonic() + timeout_s
        addresses = host.resolve(timeout_s, self._check)
        return first_reached(addresses, deadline - clock.monotonic(), clock, self._connect)

    def release(self) -> None:
        """The session closes its socket itself."""
        with self._lock:
            self._socket = None

    def _connect(self, family: int, where: Where, limit_s: float) -> socket.socket:
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._hold(made)
            made.settimeout(limit_s)
            made.connect(where)
            self._hold(made)  # a connect that was cut may look as if it had succeeded
        except BaseException:
            self.release()
            made.close()
            raise
        return made

    def _hold(self, sock: socket.socket) -> None:
        with self._lock:
            self._check()
            self._socket = sock

    def _check(self) -> None:
        if self._is_cut:
            raise CutError("nobody waits any more")


def end(sock: socket.socket) -> None:
    """Close it under whoever waits in it; what is not sent yet is dropped. Never raises.

    Shutting down wakes who waits on POSIX, closing on Windows.
    """
    for step in (_drop_unsent, _shut_down, socket.socket.close):
        with contextlib.suppress(OSError):
            step(sock)


def _drop_unsent(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_UNSENT)


def _shut_down(sock: socket.socket) -> None:
    sock.shutdown(socket.SHUT_RDWR)
