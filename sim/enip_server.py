"""Simulated EtherNet/IP controllers: sessions, connections, identity, faults; objects are given to them."""

import itertools
import socket
import threading
from typing import Self

from engine.clock import Clock, SystemClock
from sim.cip_connections import CipConnections
from sim.cip_message import CipObjects, CipReply, CipRequest
from sim.enip_connection import EnipClient, EnipConnection
from sim.enip_protocol import EnipIdentity, build_identity_list
from sim.enip_router import EnipRouter
from sim.enip_udp import IdentityResponder
from sim.s7_listener import Listener, ServerStartError
from sim.server_loop import ServerLoop

__all__ = [
    "CipObjects",
    "CipReply",
    "CipRequest",
    "EnipClient",
    "EnipFaults",
    "EnipIdentity",
    "EnipServer",
    "ServerStartError",
]

ENIP_PORT = 44818
_MOST_SESSIONS = 128


class EnipFaults:
    """What can be wrong with a simulated controller; set from any thread, effective at once.

    ``delay_s``: every answer comes this much later. ``mute``: connections are accepted and read but
    nothing is answered, to searches neither. ``stopped``: program mode, as identity and state say.
    ``refuse_forward_open``: connections are refused as not configured (01, 0110).
    ``connection_slots``: so many CIP connections, the next is refused (01, 0113); None: as many as the
    controller has. Connections that are open stay open. ``cut_replies``: of the next reply only half
    is sent, then the connection is closed.
    """

    def __init__(self, server: "EnipServer") -> None:
        self.delay_s = 0.0
        self.mute = False
        self.stopped = False
        self.refuse_forward_open = False
        self.connection_slots: int | None = None
        self.cut_replies = False
        self._server = server

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all TCP connections; for ``refuse_for_s`` seconds refuse new ones and answer no search."""
        self._server.drop(refuse_for_s)


class EnipServer:
    """A controller that listens; many share one thread when they are given the same ``loop``.

    ``port`` 0 takes any free one, ``port`` then tells which. With an own loop the server needs
    nothing else; a given loop is neither started nor stopped here. ``slot`` is where in the chassis it
    is (None: any route is right); without ``backplane`` no route is. ``oversized`` counts requests
    larger than their connection, which a real controller drops. ``stop`` and a first ``start`` wait for
    the loop: not to be called while holding ``lock``.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = ENIP_PORT,
        identity: EnipIdentity = EnipIdentity(),  # noqa: B008 (frozen)
        objects: CipObjects | None = None,
        *,
        loop: ServerLoop | None = None,
        clock: Clock | None = None,
        large_forward_open: bool = True,
        multiple_services: bool = True,
        max_connections: int = 32,
        slot: int | None = None,
        backplane: bool = True,
        udp: bool = False,
    ) -> None:
        self.host = host
        self.identity = identity
        self.lock = threading.RLock()
        self.oversized = 0
        self.faults = EnipFaults(self)
        self.router = EnipRouter(
            objects, self._attributes, slot, backplane=backplane, multiple_services=multiple_services
        )
        self.cip_connections = CipConnections(
            self.faults, max_connections, self.router.check_route, large=large_forward_open
        )
        self._port = port
        self._address = host
        self._udp = udp
        self._clock: Clock = clock or SystemClock()
        self._shared_loop = loop
        self._loop: ServerLoop | None = None
        self._listener: Listener | None = None
        self._responder: IdentityResponder | None = None
        self._clients: set[EnipConnection] = set()
        self._away_until_s = 0.0
        self._sessions = itertools.count(0x00010001)

    @property
    def port(self) -> int:
        """The port listened on, TCP and UDP."""
        return self._port

    @property
    def connections(self) -> int:
        """How many clients are connected (TCP)."""
        return sum(client.valid for client in tuple(self._clients))

    def clients(self) -> tuple[EnipClient, ...]:
        """Who is connected."""
        return tuple(client.info() for client in tuple(self._clients) if client.valid)

    def start(self) -> Self:
        """Listen; raise ServerStartError where the address cannot be had."""
        if self._listener is not None:
            return self
        loop = self._shared_loop or ServerLoop("enip-server", self._clock)
        try:
            self._listen(loop)
        except ServerStartError:
            if self._shared_loop is None:
                loop.stop()
            raise
        self._loop = loop
        if self._shared_loop is None:
            loop.start()
        loop.call(self._on_start)
        return self

    def stop(self) -> None:
        """Cut all clients and free the port. A second call does nothing."""
        if self._listener is None or self._loop is None:
            return
        self._loop.call(self._on_stop)
        if self._shared_loop is None:
            self._loop.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all TCP connections; refuse new ones for ``refuse_for_s`` seconds. Does not wait."""
        listener = self._listener
        if listener is None or self._loop is None:
            return
        if refuse_for_s > 0:
            self._away_until_s = self._clock.monotonic() + refuse_for_s
            listener.refuse(refuse_for_s)
        for client in tuple(self._clients):
            client.valid = False
        self._loop.post(self._close_invalid)

    def identity_list(self) -> bytes:
        """The data of a ListIdentity reply."""
        return build_identity_list(self.identity, self._address, self._port, running=not self.faults.stopped)

    def _attributes(self) -> tuple[bytes, ...]:
        return self.identity.attributes(running=not self.faults.stopped)

    def _listen(self, loop: ServerLoop) -> None:
        listener = Listener(self.host, self._port, loop, self._clock, self._on_accept)
        self._port, self._address = listener.port, socket.gethostbyname(self.host)
        if self._udp:
            try:
                self._responder = IdentityResponder(self._address, self._port, loop, self._on_search)
            except ServerStartError:
                listener.close()
                raise
        self._listener = listener

    def _on_search(self) -> bytes | None:
        away = self._clock.monotonic() < self._away_until_s
        return None if self.faults.mute or away else self.identity_list()

    def _on_start(self) -> None:
        if self._listener is not None:
            self._listener.open()
        if self._responder is not None:
            self._responder.open()

    def _on_accept(self, sock: socket.socket, peer: str) -> None:
        if self._loop is None or len(self._clients) >= _MOST_SESSIONS:
            sock.close()
            return
        number = next(self._sessions)
        client = EnipConnection(
            sock, peer, self, number, self.faults, self._loop, self._clock, self._on_closed
        )
        self._clients.add(client)

    def _on_closed(self, client: EnipConnection) -> None:
        self._clients.discard(client)
        self.cip_connections.drop(client.number)

    def _close_invalid(self) -> None:
        for client in tuple(self._clients):
            if not client.valid:
                client.close()

    def _on_stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._responder is not None:
            self._responder.close()
            self._responder = None
        for client in tuple(self._clients):
            client.close()
