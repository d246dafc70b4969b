"""pycomm3's ``CIPDriver`` on a transport of ours: registering, unconnected requests, leaving.

Not taken from pycomm3, and why: its receiving (endless loop when the peer closes in mid-message, no bound on
a whole exchange), its constant sender context and unread sequence counts (after a timeout the next request
takes the last one's answer for its own), its Forward Open (the controller's reason is lost, and a dead
connection is held for 18 minutes) and its ``close`` (raises, may block). The library itself stays unpatched.
"""

from typing import Any

import pycomm3.packets
from pycomm3 import CIPDriver

from drivers.cip import frames
from drivers.cip.connection import CONNECTION_MANAGER, FORWARD_CLOSE
from drivers.cip.transport import Transport

# pycomm3 says that it has types, but few of its functions do.
_packets: Any = pycomm3.packets


class Library(CIPDriver):
    """The unconnected half of a session. Raises ``OSError`` or ``FrameError``, perhaps as a cause."""

    def __init__(self, transport: Transport) -> None:
        # The address is a text that pycomm3 takes to pieces: it cannot do so with every host.
        super().__init__("0.0.0.0")
        self._transport = transport
        self._sock = transport
        self._request = b""
        self._contexts = 0

    def register(self, host: str, port: int) -> int:
        """Connect and register; the session's number, 0 if none was granted."""
        self._cfg["ip address"], self._cfg["port"] = host, port
        CIPDriver.open(self)  # type: ignore[no-untyped-call]
        return self._session or 0

    def ask(self, message: bytes) -> bytes:
        """The frame that answers an unconnected message router request."""
        return self._ask(_packets.SendRRDataRequestPacket().add(message))

    def identity_frame(self) -> bytes:
        """The frame that answers ListIdentity."""
        return self._ask(_packets.ListIdentityRequestPacket())

    def leave(self, closing: bytes | None) -> None:
        """Give the connection back, if there is one (the data of its Forward Close), and end the session."""
        if closing is not None:
            self.ask(frames.message(FORWARD_CLOSE, CONNECTION_MANAGER, closing))
        self._send(_packets.UnRegisterSessionRequestPacket().build_request(b"", self._session, bytes(8), 0))
        self._transport.unanswered = False

    def _ask(self, packet: Any) -> bytes:
        self._send(packet.build_request(b"", self._session, bytes(8), 0))
        return self._receive()

    def _send(self, message: bytes) -> None:
        self._contexts += 1
        self._request = frames.with_context(message, self._contexts)
        self._transport.send(self._request)

    def _receive(self) -> bytes:
        frame = self._transport.receive()
        frames.check_frame(frame, self._request)
        return frame
