"""Opens the way to a broker: name, TCP, TLS, WebSocket."""

import errno
import os
import socket

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.errors import LinkError, from_os_error
from drivers.mqtt.tls import UntrustedError, from_tls_error, look_at_certificate, secure
from drivers.mqtt.waiting import Opener
from drivers.mqtt.websocket import upgrade
from drivers.mqtt.wire import PlainSocket, Wire
from drivers.tcp import Host, Where

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS)}


def open_wire(broker: BrokerSettings, host: Host, opener: Opener) -> Wire:
    """A connected wire, nothing of MQTT sent; LinkError with a sentence for everything that can be wrong.

    ``host`` is that of the broker: the same for every try, so that only one look-up of its name is out.
    """
    sock = _reach(broker, host, opener)
    try:
        if broker.tls is not None:
            sock = secure(sock, broker, broker.tls, opener)
        plain = PlainSocket(sock)
        return Wire(upgrade(plain, broker, opener) if broker.transport == "websockets" else plain)
    except UntrustedError as error:
        raise _explained(error, broker, host, opener) from error
    except BaseException:
        sock.close()
        raise


def _explained(error: UntrustedError, broker: BrokerSettings, host: Host, opener: Opener) -> LinkError:
    """Look at the certificate again, on a connection of its own, to name what is wrong with it."""
    try:
        sock = _reach(broker, host, opener)
    except LinkError:
        return error
    with sock:
        return from_tls_error(error.error, broker, look_at_certificate(sock, broker, opener))


def _reach(broker: BrokerSettings, host: Host, opener: Opener) -> socket.socket:
    try:
        return _open_tcp(host, opener)
    except OSError as error:
        raise from_os_error(error, broker.address) from error


def _open_tcp(host: Host, opener: Opener) -> socket.socket:
    """The first of the host's addresses that answers."""
    found = host.resolve(opener.left_s(), opener.go_on)
    first: OSError | None = None
    for number, (family, address) in enumerate(found):
        sock = socket.socket(family, socket.SOCK_STREAM)
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


def _connect(sock: socket.socket, address: Where, opener: Opener, most_s: float) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    code = sock.connect_ex(address)
    if code not in _IN_PROGRESS:
        raise OSError(code, os.strerror(code))
    opener.wait_writable(sock, most_s)
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
