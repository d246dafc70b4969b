"""The listening socket of a simulated controller, which can refuse connections for a while."""

import logging
import os
import socket
from collections.abc import Callable

from engine.clock import Clock
from engine.errors import EngineError
from sim.server_loop import ServerLoop

_log = logging.getLogger(__name__)

_RETRY_S = 0.2


class ServerStartError(EngineError):
    """A simulated controller cannot listen on its address."""


class Listener:
    """Binds in its constructor (ServerStartError); all but ``refuse`` runs on the loop's thread."""

    def __init__(
        self,
        host: str,
        port: int,
        loop: ServerLoop,
        clock: Clock,
        on_accept: Callable[[socket.socket, str], None],
    ) -> None:
        self._host = host
        self._loop = loop
        self._clock = clock
        self._on_accept = on_accept
        self._refuse_until = 0.0
        self._closed = False
        # listening already here, so that nobody is refused while the loop is busy
        self._sock: socket.socket | None = _bind(host, port, listen=True)
        self.port: int = self._sock.getsockname()[1]

    def open(self) -> None:
        """Accept connections."""
        if self._sock is not None and not self._closed:
            self._loop.watch(self._sock, self._on_ready)

    def refuse(self, seconds: float) -> None:
        """Close the socket for a while; from any thread."""
        self._refuse_until = max(self._refuse_until, self._clock.monotonic() + seconds)
        self._loop.post(self._on_refuse)

    def close(self) -> None:
        """Free the port."""
        self._closed = True
        self._release()

    def _on_ready(self, _events: int) -> None:
        if self._sock is None:
            return
        try:
            sock, peer = self._sock.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            _log.warning("No connection can be accepted on port %d: %s", self.port, error)
            self.refuse(_RETRY_S)
            return
        if self._clock.monotonic() < self._refuse_until:
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_accept(sock, f"{peer[0]}:{peer[1]}")

    def _on_refuse(self) -> None:
        """Close, but keep the port from being given away: what is bound and not listening refuses."""
        if self._closed:
            return
        self._rebind(listen=False)
        self._loop.call_later(self._refuse_until - self._clock.monotonic(), self._on_refused)

    def _on_refused(self) -> None:
        left_s = self._refuse_until - self._clock.monotonic()
        if self._closed:
            return
        if left_s > 0:
            self._loop.call_later(left_s, self._on_refused)
        elif self._rebind(listen=True):
            self.open()
        else:
            self._loop.call_later(_RETRY_S, self._on_refused)

    def _rebind(self, *, listen: bool) -> bool:
        self._release()
        try:
            self._sock = _bind(self._host, self.port, listen=listen)
        except ServerStartError as error:
            _log.info("%s It is tried again.", error)
            return False
        return True

    def _release(self) -> None:
        if self._sock is not None:
            self._loop.unwatch(self._sock)
            self._sock.close()
            self._sock = None


def _bind(host: str, port: int, *, listen: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # rebinding right after a stop; on Windows this option would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.setblocking(False)
        if listen:
            sock.listen()
    except OSError as error:
        sock.close()
        raise ServerStartError(
            f"The simulated controller cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop the program that uses this port or choose another port."
        ) from error
    return sock
