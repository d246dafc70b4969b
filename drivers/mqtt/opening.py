"""Opens the way to a broker: name, TCP, TLS, WebSocket; given up at once when the link is stopped."""

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.errors import LinkCancelledError, LinkError, from_os_error
from drivers.mqtt.wake import Wake
from drivers.mqtt.wire import ByteSocket, PlainSocket, Wire

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS)}


class Opener:
    """Waits for a socket under one deadline; ``cancelled`` is asked after each wait."""

    def __init__(self, wake: Wake, cancelled: Callable[[], bool], timeout_s: float) -> None:
        self._wake = wake
        self._cancelled = cancelled
        self._deadline = time.monotonic() + timeout_s

    def left_s(self) -> float:
        return self._deadline - time.monotonic()

    def wait(self, sock: socket.socket, events: int, until: float | None = None) -> None:
        """TimeoutError after the deadline (or the nearer ``until``), LinkCancelledError when stopped."""
        deadline = self._deadline if until is None else min(self._deadline, until)
        while not self._wake.wait_for(sock, events, deadline - time.monotonic()):
            if self._cancelled():
                raise LinkCancelledError("The link was stopped.")
            if time.monotonic() >= deadline:
                raise TimeoutError

    def wait_readable(self, sock: socket.socket) -> None:
        self.wait(sock, selectors.EVENT_READ)

    def wait_writable(self, sock: socket.socket) -> None:
        self.wait(sock, selectors.EVENT_WRITE)


def open_wire(broker: BrokerSettings, opener: Opener) -> Wire:
    """A connected wire; LinkError with a sentence for everything that can be wrong."""
    try:
        sock = _open_tcp(broker, opener)
    except OSError as error:
        raise from_os_error(error, broker.address) from error
    try:
        return Wire(_dress(sock, broker, opener))
    except BaseException:
        sock.close()
        raise


def _dress(sock: socket.socket, broker: BrokerSettings, opener: Opener) -> ByteSocket:
    return PlainSocket(sock)


def _open_tcp(broker: BrokerSettings, opener: Opener) -> socket.socket:
    found = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    first: OSError | None = None
    for number, (family, kind, proto, _, address) in enumerate(found):
        share_s = opener.left_s() / (len(found) - number)
        sock = socket.socket(family, kind, proto)
        try:
            _connect(sock, address, opener, time.monotonic() + share_s)
        except LinkCancelledError:
            sock.close()
            raise
        except OSError as error:
            sock.close()
            first = first or error
        else:
            return sock
    raise first or LinkError(f"The name {broker.host} of the broker has no address.")


def _connect(sock: socket.socket, address: object, opener: Opener, until: float) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    code = sock.connect_ex(address)  # type: ignore[arg-type]
    if code not in _IN_PROGRESS:
        raise OSError(code, os.strerror(code))
    opener.wait(sock, selectors.EVENT_WRITE, until)
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
