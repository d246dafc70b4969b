"""One client's connection to a simulated S7 CPU."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.clock import Clock
from sim.paced_link import Behaviour, PacedLink
from sim.s7_cpu import S7Cpu, S7Session
from sim.s7_protocol import MalformedPduError
from sim.s7_transport import (
    ConnectRequest,
    DisconnectRequest,
    FrameReader,
    FramingError,
    Message,
    accepted_tpdu_code,
    build_connect_confirm,
    build_data,
)
from sim.server_loop import ServerLoop


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Who is connected: TCP address, TSAPs of the connection request (empty before it), PDU size."""

    peer: str
    calling_tsap: bytes
    called_tsap: bytes
    pdu_size: int

    @property
    def rack_slot(self) -> tuple[int, int] | None:
        """Rack and slot the client asked for, where its TSAP names them."""
        if len(self.called_tsap) != 2:
            return None
        return self.called_tsap[1] >> 5, self.called_tsap[1] & 0x1F


class S7Connection(PacedLink[Message]):
    """The COTP connection and the S7 session of one TCP connection."""

    protocol = "S7"
    violations = (FramingError, MalformedPduError)

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        cpu: S7Cpu,
        behaviour: Behaviour,
        loop: ServerLoop,
        clock: Clock,
        on_closed: Callable[["S7Connection"], None],
    ) -> None:
        self._cpu = cpu
        self._reader = FrameReader()
        self._session = S7Session()
        self._request: ConnectRequest | None = None
        self._tpdu_code: int | None = None
        super().__init__(sock, peer, behaviour, loop, clock, lambda: on_closed(self))

    def info(self) -> ClientInfo:
        """What is known of the client."""
        request = self._request
        calling, called = (request.calling_tsap, request.called_tsap) if request else (b"", b"")
        return ClientInfo(self.peer, calling, called, self._session.pdu_size)

    def parse(self, received: bytes) -> Iterable[Message]:
        """Messages complete with what was received."""
        return self._reader.feed(received)

    def is_farewell(self, message: Message) -> bool:
        """Whether it is a disconnect request."""
        return isinstance(message, DisconnectRequest)

    def answer(self, message: Message) -> None:
        """Connect, disconnect or have the CPU answer a PDU."""
        if isinstance(message, ConnectRequest):
            self._on_connect(message)
        elif isinstance(message, DisconnectRequest):
            self.close()
        elif self._request is None:
            raise FramingError("data before the connection request")
        else:
            self.send(build_data(self._cpu.answer(message, self._session), self._tpdu_code))

    def _on_connect(self, request: ConnectRequest) -> None:
        if self._request is not None:
            raise FramingError("second connection request")
        self._request = request
        self._tpdu_code = accepted_tpdu_code(request)
        self.send(build_connect_confirm(request, reference=1 + self._sock.fileno() % 0xFFFE))
