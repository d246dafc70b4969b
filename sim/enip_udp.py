"""ListIdentity over UDP: how controllers are found on a network."""

import ipaddress
import logging
import os
import socket
from collections.abc import Callable

from sim.enip_protocol import Command, parse_frame
from sim.s7_listener import ServerStartError
from sim.server_loop import ServerLoop

_log = logging.getLogger(__name__)

_LARGEST_DATAGRAM = 2048
_EVERYBODY = "255.255.255.255"
_LOOPBACK_EVERYBODY = "127.255.255.255"


class IdentityResponder:
    """Answers ListIdentity sent to its address or broadcast; all but the constructor on the loop's thread.

    ``answer`` gives the data of the reply, None while the controller is mute. On Linux a socket bound to
    one address receives no broadcasts, so those are heard on sockets of their own, which any number of
    controllers share.
    """

    def __init__(self, host: str, port: int, loop: ServerLoop, answer: Callable[[], bytes | None]) -> None:
        self._loop = loop
        self._answer = answer
        self._sock = _bind(host, port, shared=False)
        self._listening = [self._sock]
        for broadcast in _broadcasts_for(host):
            try:
                self._listening.append(_bind(broadcast, port, shared=True))
            except ServerStartError as error:
                _log.info("%s Broadcasts to it are not heard.", error)

    def open(self) -> None:
        """Begin to answer."""
        for sock in self._listening:
            self._watch(sock)

    def close(self) -> None:
        """Free the port."""
        for sock in self._listening:
            self._loop.unwatch(sock)
            sock.close()
        self._listening.clear()

    def _watch(self, sock: socket.socket) -> None:
        self._loop.watch(sock, lambda _events: self._on_ready(sock))

    def _on_ready(self, sock: socket.socket) -> None:
        try:
            datagram, peer = sock.recvfrom(_LARGEST_DATAGRAM)
        except OSError:
            # nothing there after all, or the network's answer to an earlier reply: the next may do
            return
        frame = parse_frame(datagram)
        if frame is None or frame.command != Command.LIST_IDENTITY:
            return
        data = self._answer()
        if data is None:
            return
        try:
            self._sock.sendto(frame.reply(data), peer)
        except OSError as error:
            _log.info("The search from %s:%d cannot be answered: %s", *peer, error)


def _broadcasts_for(host: str) -> tuple[str, ...]:
    address = ipaddress.IPv4Address(host)
    if os.name != "posix" or address.is_unspecified:
        return ()
    return (_LOOPBACK_EVERYBODY, _EVERYBODY) if address.is_loopback else (_EVERYBODY,)


def _bind(host: str, port: int, *, shared: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind((host, port))
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise ServerStartError(
            f"The simulated controller cannot listen on UDP {host}:{port}: {error.strerror or error}. "
            "Stop the program that uses this port or choose another port."
        ) from error
    return sock
