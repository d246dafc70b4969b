"""One client's connection to a simulated S7 CPU."""

import logging
import selectors
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.clock import Clock
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

_log = logging.getLogger(__name__)

_RECEIVE = 65536
_MOST_WAITING = 256
_MOST_UNSENT = 262_144


class Behaviour(Protocol):
    """What a connection asks before it answers."""

    delay_s: float
    mute: bool


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


class S7Connection:
    """Reads, answers in order and after the delay, and closes on the first byte that makes no sense.

    Lives on the loop's thread. ``valid`` False means that the link is cut: nothing more is answered.
    """

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
        self.valid = True
        self._sock = sock
        self._peer = peer
        self._cpu = cpu
        self._behaviour = behaviour
        self._loop = loop
        self._clock = clock
        self._on_closed = on_closed
        self._reader = FrameReader()
        self._session = S7Session()
        self._request: ConnectRequest | None = None
        self._tpdu_code: int | None = None
        self._waiting: deque[tuple[float, Message]] = deque()
        self._unsent = bytearray()
        self._closed = False
        loop.watch(sock, self._on_ready)

    def info(self) -> ClientInfo:
        """What is known of the client."""
        request = self._request
        calling, called = (request.calling_tsap, request.called_tsap) if request else (b"", b"")
        return ClientInfo(self._peer, calling, called, self._session.pdu_size)

    def close(self) -> None:
        """Cut the connection; nothing that waits is answered."""
        if self._closed:
            return
        self._closed = True
        self._waiting.clear()
        self._loop.unwatch(self._sock)
        self._sock.close()
        self._on_closed(self)

    def _on_ready(self, events: int) -> None:
        self._guard(lambda: self._transfer(events))

    def _transfer(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._send(b"")
        if events & selectors.EVENT_READ and not self._closed:
            self._receive()

    def _guard(self, action: Callable[[], None]) -> None:
        """Whatever goes wrong costs the client its connection, and only this one."""
        try:
            action()
        except (FramingError, MalformedPduError) as error:
            _log.info("S7 client %s is disconnected: %s", self._peer, error)
            self.close()
        except OSError:
            self.close()
        except Exception:
            self.close()
            raise

    def _receive(self) -> None:
        try:
            received = self._sock.recv(_RECEIVE)
        except BlockingIOError:
            return
        if not received:
            self.close()
            return
        for message in self._reader.feed(received):
            self._on_message(message)
            if self._closed:
                return

    def _on_message(self, message: Message) -> None:
        delay_s = self._behaviour.delay_s
        if delay_s <= 0 and not self._waiting:
            self._answer(message)
        elif len(self._waiting) >= _MOST_WAITING:
            raise FramingError("too many requests wait for their answer")
        else:
            self._waiting.append((self._clock.monotonic() + delay_s, message))
            if len(self._waiting) == 1:
                self._loop.call_later(delay_s, self._on_due)

    def _on_due(self) -> None:
        """Answer what is due, in the order of the requests, and come back for the next."""
        self._guard(self._answer_due)
        if self._waiting:
            self._loop.call_later(self._waiting[0][0] - self._clock.monotonic(), self._on_due)

    def _answer_due(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._clock.monotonic():
            self._answer(self._waiting.popleft()[1])

    def _answer(self, message: Message) -> None:
        if not self.valid or isinstance(message, DisconnectRequest):
            self.close()
        elif self._behaviour.mute:
            return
        elif isinstance(message, ConnectRequest):
            self._on_connect(message)
        elif self._request is None:
            raise FramingError("data before the connection request")
        else:
            self._send(build_data(self._cpu.answer(message, self._session), self._tpdu_code))

    def _on_connect(self, request: ConnectRequest) -> None:
        if self._request is not None:
            raise FramingError("second connection request")
        self._request = request
        self._tpdu_code = accepted_tpdu_code(request)
        self._send(build_connect_confirm(request, reference=1 + self._sock.fileno() % 0xFFFE))

    def _send(self, frame: bytes) -> None:
        if not self.valid:
            self.close()
            return
        waited = bool(self._unsent)
        self._unsent += frame
        try:
            sent = self._sock.send(self._unsent)
        except BlockingIOError:
            sent = 0
        del self._unsent[:sent]
        if len(self._unsent) > _MOST_UNSENT:
            raise FramingError("the client does not read its answers")
        if bool(self._unsent) != waited:
            self._loop.watch(self._sock, self._on_ready, write=bool(self._unsent))
