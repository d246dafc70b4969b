"""A simulated controller without sockets: what a session would carry, carried by a call."""

import struct
from collections.abc import Callable
from typing import cast

from drivers.base import ProtocolError
from drivers.cip.frames import CipReply, message
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession
from drivers.logix.upload import Definitions
from sim.cip_message import CipRefusedError, CipRequest
from sim.logix_controller import LogixController

MULTIPLE = 0x0A
IDENTITY = CipIdentity(1, 14, 166, 32, 11, 0x3160, 1, "1756-L83E/B")
Handle = Callable[[CipRequest], CipReply]


class InMemorySession:
    """``room``: bytes of a reply. ``refuse``: status for requests that it answers, None for the others.

    ``messages`` are those that were exchanged; a packet counts as one.
    """

    def __init__(self, controller: LogixController, room: int = 3984) -> None:
        self.controller = controller
        self.room = room
        self.messages: list[bytes] = []
        self.refuse: Callable[[bytes], tuple[int, tuple[int, ...]] | None] = lambda _message: None

    def request(
        self, service: int, path: bytes, data: bytes = b"", *, connected: bool | None = None
    ) -> CipReply:
        return self.exchange(message(service, path, data))

    def exchange(self, request: bytes) -> CipReply:
        self.messages.append(request)
        return self._answer(request, self.room)

    def give_up(self, error: Exception) -> ProtocolError:
        return ProtocolError(str(error))

    def close(self) -> None:
        return

    def definitions(self) -> Definitions:
        return Definitions(cast("CipSession", self), IDENTITY)

    def _answer(self, request: bytes, room: int) -> CipReply:
        refusal = self.refuse(request)
        if refusal is not None:
            return CipReply(*refusal, b"")
        start = 2 + 2 * request[1]
        path, data = request[2:start], request[start:]
        if request[0] == MULTIPLE:
            return self._multiple(data, room)
        try:
            reply = self.controller.handle(CipRequest(request[0], path, data, True, room))
        except CipRefusedError as refused:
            reply = refused.reply
        return CipReply(int(reply.status), reply.extended, reply.data)

    def _multiple(self, data: bytes, room: int) -> CipReply:
        (count,) = struct.unpack_from("<H", data)
        offsets = [*struct.unpack_from(f"<{count}H", data, 2), len(data)]
        replies, starts, failed = b"", [], False
        for n in range(count):
            request = data[offsets[n] : offsets[n + 1]]
            left = room - 2 - 2 * count - len(replies) - 4 * (count - n)
            reply = self._answer(request, left)
            failed |= reply.status != 0
            starts.append(2 + 2 * count + len(replies))
            words = struct.pack(f"<{len(reply.extended)}H", *reply.extended)
            replies += bytes((request[0] | 0x80, 0, reply.status, len(reply.extended))) + words + reply.data
        return CipReply(0x1E if failed else 0, (), struct.pack(f"<{count + 1}H", count, *starts) + replies)
