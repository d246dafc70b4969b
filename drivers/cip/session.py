"""One EtherNet/IP session with one device: bounded, disposed on every error, each answer held to its request.

Built on pycomm3's ``CIPDriver`` (``drivers.cip.library``); requests over the connection, of which there are
many, are put together and checked here.
"""

import contextlib
import errno
import os
import socket
import struct

from pycomm3 import CommError

from drivers.base import ConnectError, DriverError, LinkLostError, ProtocolError, ReplyTimeoutError
from drivers.cip import frames
from drivers.cip.connection import CONNECTION_MANAGER, ConnectionRequest, Opened, parse_opened
from drivers.cip.frames import CipReply, FrameError
from drivers.cip.identity import CipIdentity, parse_identity, parse_list_identity
from drivers.cip.library import Library
from drivers.cip.route import RouteError, encode_route
from drivers.cip.status import describe
from drivers.cip.transport import Transport
from drivers.tcp import NameTimeoutError
from engine.clock import Clock

IDENTITY = bytes.fromhex("20012401")
GET_ATTRIBUTES_ALL = 0x01


class ForwardOpenRefusedError(ConnectError):
    """The device is there and does not open a connection; unconnected messages may still be answered."""


class CipSession:
    """A session for one thread. After any ``DriverError`` its socket is gone: nothing late is ever read.

    ``slot`` None, and ``micro800``: no backplane in front of the controller unless ``route`` names one.
    ``connected`` False: no Forward Open; every request is sent unconnected. ``idle_s`` is the longest
    time between two requests after which the controller may still not give up the connection.
    """

    def __init__(
        self,
        host: str,
        port: int,
        route: str,
        slot: int | None,
        timeout_s: float,
        clock: Clock,
        *,
        connected: bool = True,
        micro800: bool = False,
        idle_s: float = 60.0,
    ) -> None:
        self._where = f"{host}:{port}"
        self._host, self._port = host, port
        self._route, self._slot = route, None if micro800 else slot
        self._timeout_s = timeout_s
        self._clock = clock
        self._wants_connection = connected
        self._large = not micro800
        self._idle_s = idle_s
        self._transport = Transport(timeout_s, clock)
        self._library = Library(self._transport)
        self._path = b""
        self._opened: Opened | None = None
        self._session = 0
        self._sequence = 0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether the session stands, as far as is known."""
        return self._is_open

    @property
    def payload(self) -> int:
        """Bytes of request or reply data that fit one message, with a short path beside them.

        Some controllers refuse replies that come within 8 bytes of the size of the connection.
        """
        size = self._opened.size if self._opened is not None else _UNCONNECTED_SIZE
        return size - _OVERHEAD

    def open(self) -> CipIdentity:
        """Connect, register, ask who is there and open a connection to it. Raises ``DriverError``."""
        self.close()
        try:
            self._path = encode_route(self._route, self._slot)
        except RouteError as error:
            raise ConnectError(f"{self._where} cannot be reached: {error}") from error
        self._register()
        try:
            identity = self._identify()
            if self._wants_connection:
                self._open_connection()
        except DriverError:
            self.close()
            raise
        return identity

    def request(
        self, service: int, path: bytes, data: bytes = b"", *, connected: bool | None = None
    ) -> CipReply:
        """One request, over the connection where there is one unless ``connected`` says otherwise.

        Never raises for a CIP status; raises ``DriverError`` for communication.
        """
        message = frames.message(service, path, data)
        if self._opened is not None if connected is None else connected:
            return self.exchange(message)
        return self._unconnected(message)

    def exchange(self, message: bytes) -> CipReply:
        """A message router request that was built before (``frames.message``), over the connection."""
        opened = self._opened
        if opened is None:
            raise self._no_session()
        self._sequence = sequence = (self._sequence + 1) & 0xFFFF
        transport = self._transport
        try:
            transport.send(frames.unit_frame(self._session, sequence, opened.target_id, sequence, message))
            reply = frames.parse_unit(transport.receive(), self._session, opened.ids, sequence)
            return frames.parse_reply(reply, message[0])
        except (OSError, FrameError) as error:
            raise self._failed(error) from error

    def give_up(self, error: FrameError) -> DriverError:
        """End the session, because what was in a reply makes no sense; to be raised."""
        return self._failed(error)

    def close(self) -> None:
        """End the session; never raises, may be called twice and from another thread.

        A controller that owes an answer is cut off; the others get their connection back.
        """
        polite = self._is_open and not self._transport.unanswered
        opened, self._opened, self._is_open = self._opened, None, False
        if polite:
            with contextlib.suppress(OSError, FrameError):
                self._library.leave(None if opened is None else opened.closing)
        self._transport.close()

    def cut(self) -> None:
        """End the session for good, from any thread: whoever opens or uses it gets a ``DriverError``."""
        self._transport.cut()

    def _register(self) -> None:
        self._library = Library(self._transport)
        try:
            registered = self._library.register(self._host, self._port)
        except CommError as error:
            self._transport.close()
            raise self._connect_error(_root(error)) from error
        if not registered:
            self._transport.close()
            raise ConnectError(
                f"{self._where} does not grant a session; check that it is an EtherNet/IP device"
            )
        self._session = registered
        self._sequence = 0
        self._is_open = True

    def _identify(self) -> CipIdentity:
        reply = self._unconnected(frames.message(GET_ATTRIBUTES_ALL, IDENTITY))
        try:
            if reply.status == 0:
                return parse_identity(reply.data)
            if not self._path:
                return self._list_identity()
        except ValueError as error:
            raise self._failed(FrameError(str(error))) from error
        reason = describe(reply.status, reply.extended)
        raise ConnectError(f"{self._where} answers, but not the controller behind it: {reason}")

    def _list_identity(self) -> CipIdentity:
        try:
            frame = self._library.identity_frame()
        except (OSError, FrameError) as error:
            raise self._failed(error) from error
        return parse_list_identity(frame[frames.HEADER_SIZE :])[0]

    def _open_connection(self) -> None:
        reply: CipReply | None = None
        own_id, serial, originator = struct.unpack("<IHI", os.urandom(10))
        for large in (True, False) if self._large else (False,):
            request = ConnectionRequest(own_id, serial, originator, self._path, large, self._idle_s)
            reply = self._direct(frames.message(request.service, CONNECTION_MANAGER, request.data))
            if reply.status == 0:
                try:
                    self._opened = parse_opened(reply.data, request)
                except FrameError as error:
                    raise self._failed(error) from error
                return
            if not _concerns_size(reply):
                break
        if reply is not None:
            raise ForwardOpenRefusedError(
                f"{self._where} does not open a connection: {describe(reply.status, reply.extended)}"
            )

    def _unconnected(self, message: bytes) -> CipReply:
        """Unconnected, through Unconnected Send where there is a way to go."""
        if not self._path:
            return self._direct(message)
        wrapped = frames.unconnected_send(message, self._path, self._timeout_s)
        return self._direct(wrapped, message[0])

    def _direct(self, message: bytes, service: int | None = None) -> CipReply:
        """To the device at our end of the way; ``service`` is the one inside of an Unconnected Send."""
        if not self._is_open:
            raise self._no_session()
        try:
            frame = self._library.ask(message)
            asked = message[0] if service is None else service
            return frames.parse_reply(frames.parse_rr(frame), asked, routed=service is not None)
        except (OSError, FrameError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> DriverError:
        """What the caller is told; the session is over."""
        self._opened, self._is_open = None, False
        self._transport.close()
        if isinstance(error, TimeoutError):
            return ReplyTimeoutError(
                f"{self._where} did not answer within {self._timeout_s:g} s; "
                "check the controller's load and the network"
            )
        if isinstance(error, FrameError):
            return ProtocolError(f"{self._where} sent an answer that is not valid EtherNet/IP: {error}")
        return LinkLostError(
            f"the connection to {self._where} was lost; check the cable and the controller's power"
        )

    def _no_session(self) -> LinkLostError:
        return LinkLostError(f"there is no session with {self._where}")

    def _connect_error(self, error: BaseException) -> DriverError:
        if not self._transport.reached:
            return ConnectError(f"{self._where} {_network_reason(error, self._timeout_s)}")
        if isinstance(error, TimeoutError):
            return ReplyTimeoutError(
                f"{self._where} accepts connections but does not answer within {self._timeout_s:g} s; "
                "check that it is an EtherNet/IP device and not overloaded"
            )
        if isinstance(error, FrameError):
            return ConnectError(f"{self._where} answers, but not as an EtherNet/IP device: {error}")
        return ConnectError(
            f"{self._where} closes the connection at once; check that it is an EtherNet/IP device "
            "and has a free session"
        )


_UNCONNECTED_SIZE = 504
_OVERHEAD = 16
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
# Reasons that another size of the connection would not change.
_NOT_ABOUT_SIZE = frozenset(
    {0x0100, 0x0106, 0x0107, 0x0113, 0x0114, 0x0115, 0x011A, 0x0204, 0x0205, 0x0311, 0x0312}
)


def _concerns_size(reply: CipReply) -> bool:
    return not (reply.status == 1 and reply.extended and reply.extended[0] in _NOT_ABOUT_SIZE)


def _root(error: BaseException) -> BaseException:
    """The error below the ones that pycomm3 puts around it."""
    while not isinstance(error, (OSError, FrameError)):
        below = error.__cause__ or error.__context__
        if below is None:
            return error
        error = below
    return error


def _network_reason(error: BaseException, timeout_s: float) -> str:
    if isinstance(error, NameTimeoutError):
        return error.advice(timeout_s)
    if isinstance(error, TimeoutError):
        return (
            f"is not reached within {timeout_s:g} s; check the cable, the address and the controller's power"
        )
    if isinstance(error, ConnectionRefusedError):
        return "refuses the connection; check the address and the port, and that it is an EtherNet/IP device"
    if isinstance(error, socket.gaierror):
        return "is not a known host; check the address in the plant file"
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return "has no route from here; check the network and the address"
    return f"cannot be reached: {error}"
