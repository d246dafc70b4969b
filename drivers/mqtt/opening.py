"""Opens the way to a broker: name, TCP, TLS, WebSocket."""

import errno
import os
import socket
from typing import Any

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.errors import LinkError, from_os_error
from drivers.mqtt.tls import UntrustedError, from_tls_error, look_at_certificate, secure
from drivers.mqtt.waiting import Opener
from drivers.mqtt.websocket import upgrade
from drivers.mqtt.wire import PlainSocket, Wire

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS)}


def open_wire(broker: BrokerSettings, opener: Opener) -> Wire:
    """A connected wire, nothing of MQTT sent; LinkError with a sentence for everything that can be wrong."""
    sock = _reach(broker, opener)
    try:
        if broker.tls is not None:
            sock = secure(sock, broker, broker.tls, opener)
        plain = PlainSocket(sock)
        return Wire(upgrade(plain, broker, opener) if broker.transport == "websockets" else plain)
    except UntrustedError as error:
        raise _explained(error, broker, opener) from error
    except BaseException:
        sock.close()
        raise


def _explained(error: UntrustedError, broker: BrokerSettings, opener: Opener) -> LinkError:
    """Look at the certificate again, on a connection of its own, to name what is wrong with it."""
    try:
        sock = _reach(broker, opener)
    except LinkError:
        return error
    with sock:
        return from_tls_error(error.error, broker, look_at_certificate(sock, broker, opener))


def _reach(broker: BrokerSettings, opener: Opener) -> socket.socket:
    try:
        return _open_tcp(broker, opener)
    except OSError as error:
        raise from_os_error(error, broker.address) from error


def _open_tcp(broker: BrokerSettings, opener: Opener) -> socket.socket:
    """The first of the host's addresses that answers."""
    found = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    first: OSError | None = None
    for number, (family, kind, proto, _, address) in enumerate(found):
        sock = socket.socket(family, kind, proto)
        try:
            _connect(sock, address, opener, opener.left_s() / (len(found) - number))
        except OSError as error:
            sock.close()
            first = first or error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise first or OSError(errno.EADDRNOTAVAIL, "the name has no address")


def _connect(sock: socket.socket, address: Any, opener: Opener, most_s: float) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    code = sock.connect_ex(address)
    if code not in _IN_PROGRESS:
        raise OSError(code, os.strerror(code))
    opener.wait_writable(sock, most_s)
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
