"""One S7 session: python-snap7's connection and negotiation, with what it gets wrong put right.

What differs from ``snap7.Client``: the timeout is the one given and bounds each whole exchange; nothing
reconnects, sleeps or runs in the background; a reply to another request ends the session instead of
being skipped; every item of a read has its own status; bits are written atomically; the CPU state is
read from the controller. The library itself stays unpatched.
"""

import contextlib
import errno
import socket
import struct
from collections.abc import Callable
from typing import TypeVar

from snap7 import Client
from snap7.connection import ISOTCPConnection
from snap7.error import S7ConnectionError, S7Error, S7ProtocolError, S7TimeoutError
from snap7.type import Parameter

from drivers.base import ConnectError, DriverError, LinkLostError, ProtocolError, ReplyTimeoutError
from drivers.cut import DROP_UNSENT, Cut
from drivers.s7 import pdu
from drivers.s7.pdu import ItemReply
from drivers.s7.read_plan import Request
from drivers.tcp import Host, NameTimeoutError
from engine.clock import Clock

PDU_REQUEST = 960
Parsed = TypeVar("Parsed")


class S7Client:
    """A session with one controller, for one thread. All calls raise ``DriverError``."""

    def __init__(
        self, host: str, port: int, local_tsap: int, remote_tsap: int, timeout_s: float, clock: Clock
    ) -> None:
        self._where = f"{host}:{port}"
        self._timeout_s = timeout_s
        self._connection = _Connection(host, port, local_tsap, remote_tsap, timeout_s, clock)
        self._session = _Session(self._connection)

    @property
    def pdu_length(self) -> int:
        """Bytes that one PDU may have, as agreed with the controller."""
        return min(self._session.pdu_length, PDU_REQUEST)

    def open(self) -> None:
        """Connect and agree on the PDU length."""
        try:
            self._session.open()
        except (S7Error, OSError) as error:
            self.close()
            raise self._connect_error(error) from error

    def close(self) -> None:
        """End the session; never raises, may be called twice."""
        self._session.disconnect()

    def cut(self) -> None:
        """End the session for good, from any thread: whoever opens or uses it gets a ``DriverError``."""
        self._connection.cut()

    def read(self, request: Request) -> list[ItemReply]:
        """Reply to each item of a read. Raises ``RequestRefusedError`` beside ``DriverError``."""
        reference = self._next_reference()
        reply = self._exchange(pdu.request(reference, request.parameters))
        return self._understood(lambda: pdu.parse_read(reply, reference, request.sizes))

    def write_bytes(self, area: int, db: int, start: int, data: bytes) -> int:
        """Write whole bytes; return code (0xFF: done). Longer than a PDU: several requests in order."""
        step = self.pdu_length - pdu.WRITE_OVERHEAD
        for offset in range(0, len(data), step):
            code = self._write(*pdu.write_bytes(area, db, start + offset, data[offset : offset + step]))
            if code != pdu.OK:
                return code
        return pdu.OK

    def write_bit(self, area: int, db: int, start: int, bit: int, value: bool) -> int:
        """Write one bit and none of its neighbours; return code (0xFF: done)."""
        return self._write(*pdu.write_bit(area, db, start, bit, value))

    def read_szl(self, szl_id: int, index: int) -> bytes:
        """A system status list without its id: record length, record count, records.

        Raises ``RequestRefusedError`` where the controller has no such list.
        """
        return self.userdata(_STATUS_LISTS, _READ_LIST, struct.pack(">HH", szl_id, index))[4:]

    def userdata(self, group: int, function: int, data: bytes) -> bytes:
        """The whole answer to a userdata request, put together from its parts.

        Raises ``RequestRefusedError`` where the controller does not do this.
        """
        answer = b""
        request = pdu.userdata_request(self._next_reference(), group, function, data)
        for _ in range(_MAX_FRAGMENTS):
            fragment = self._fragment(request, group)
            answer += fragment.data
            if not fragment.more:
                return answer
            request = pdu.userdata_continuation(self._next_reference(), group, function, fragment.sequence)
        raise self._not_understood(pdu.PduError("an answer without end"))

    def _fragment(self, request: bytes, group: int) -> pdu.UserdataFragment:
        reply = self._exchange(request)
        return self._understood(lambda: pdu.parse_userdata(reply, self._session.protocol.sequence, group))

    def _write(self, parameters: bytes, data: bytes) -> int:
        reference = self._next_reference()
        reply = self._exchange(pdu.request(reference, parameters, data))
        return self._understood(lambda: pdu.parse_write(reply, reference))

    def _next_reference(self) -> int:
        protocol = self._session.protocol
        protocol.sequence = (protocol.sequence + 1) & 0xFFFF
        return protocol.sequence

    def _exchange(self, request: bytes) -> bytes:
        """Send and wait for the answer; whatever fails ends the session, so no late answer is ever read."""
        try:
            return self._connection.exchange(request)
        except S7TimeoutError as error:
            self.close()
            raise ReplyTimeoutError(
                f"{self._where} did not answer within {self._timeout_s:g} s; "
                "check the controller's load and the network"
            ) from error
        except S7ProtocolError as error:
            raise self._not_understood(error) from error
        except (S7Error, OSError) as error:
            self.close()
            raise LinkLostError(
                f"the connection to {self._where} was lost; check the cable and the controller's power"
            ) from error

    def _understood(self, parse: Callable[[], Parsed]) -> Parsed:
        try:
            return parse()
        except pdu.PduError as error:
            raise self._not_understood(error) from error

    def _not_understood(self, error: Exception) -> ProtocolError:
        self.close()
        return ProtocolError(f"{self._where} sent an answer that is not valid S7: {error}")

    def _connect_error(self, error: Exception) -> DriverError:
        if self._connection.reached and isinstance(error, S7TimeoutError):
            return ReplyTimeoutError(
                f"{self._where} accepts connections but does not answer within {self._timeout_s:g} s; "
                "check that it is an S7 controller and not overloaded"
            )
        if self._connection.reached:
            return ConnectError(
                f"{self._where} refuses the S7 session; check rack, slot or TSAP, "
                "and that the controller has a free connection"
            )
        return ConnectError(f"{self._where} {_network_reason(error, self._timeout_s)}")


_STATUS_LISTS, _READ_LIST = 4, 1
_MAX_FRAGMENTS = 1000
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


def _network_reason(error: BaseException, timeout_s: float) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, NameTimeoutError):
        return cause.advice(timeout_s)
    if isinstance(cause, TimeoutError):
        return (
            f"is not reached within {timeout_s:g} s; check the cable, the address and the controller's power"
        )
    if isinstance(cause, ConnectionRefusedError):
        return "refuses the connection; check the port and that the controller's S7 service runs"
    if isinstance(cause, socket.gaierror):
        return "is not a known host; check the address in the plant file"
    if isinstance(cause, OSError) and cause.errno in _NO_ROUTE:
        return "has no route from here; check the network and the address"
    return f"cannot be reached: {cause or error}"


class _Connection(ISOTCPConnection):
    """ISO-on-TCP with one deadline over each exchange, and replies put together from their fragments."""

    def __init__(
        self, host: str, port: int, local_tsap: int, remote_tsap: int, timeout_s: float, clock: Clock
    ) -> None:
        super().__init__(host, port, local_tsap, remote_tsap)
        self._named = Host(host, port, socket.AF_INET)
        self._limit_s = timeout_s
        self._clock = clock
        self._deadline = 0.0
        self._unanswered = False
        self._cut = Cut()
        self.reached = False

    def connect(self, timeout: float | None = None) -> None:
        self.reached = False
        self._unanswered = True
        super().connect(self._limit_s if timeout is None else timeout)

    def disconnect(self) -> None:
        """Take leave of a controller that answered; cut off one that did not, from any thread.

        What still waits in our machine to be sent is dropped: after a broken cable the system would
        deliver a write minutes later. Who waits for an answer in another thread is woken.
        """
        sock = self.socket
        if sock is not None and (self._unanswered or not self.connected):
            self.connected = False
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_UNSENT)
                sock.shutdown(socket.SHUT_RD)
        self._cut.release()
        super().disconnect()

    def cut(self) -> None:
        """End it for good, from any thread; whoever connects or waits in it is woken."""
        self._cut.cut()

    def exchange(self, request: bytes) -> bytes:
        """Send one PDU and receive one, within the timeout as a whole."""
        self.send_data(request)
        return self.receive_data()

    def send_data(self, data: bytes) -> None:
        self._start_exchange()
        super().send_data(data)

    def receive_data(self) -> bytes:
        payload = b""
        while True:
            version, _, length = _TPKT.unpack(self._recv_exact(4))
            if version != 3 or length < 7:
                raise S7ProtocolError("a frame that is no TPKT")
            frame = self._recv_exact(length - 4)
            if frame[1] == self.COTP_DR:
                self.connected = False
                raise S7ConnectionError("the controller ended the session")
            if frame[0] != 2 or frame[1] != self.COTP_DT or frame[2] & 0x7F:
                raise S7ProtocolError("a frame that is no COTP data")
            payload += frame[3:]
            if frame[2] & _LAST_FRAGMENT:
                self._unanswered = False
                return payload
            if len(payload) > _MAX_PAYLOAD:
                raise S7ProtocolError("an answer without end")

    def _tcp_connect(self) -> None:
        """Name and addresses within the timeout, as the library does not."""
        sock = self._cut.connect(self._named, self._limit_s, self._clock)
        self.socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def _iso_connect(self) -> None:
        self.reached = True
        self._start_exchange()
        super()._iso_connect()

    def _start_exchange(self) -> None:
        self._unanswered = True
        self._deadline = self._clock.monotonic() + self._limit_s
        sock = self.socket
        if sock is not None:
            sock.settimeout(self._limit_s)

    def _recv_exact(self, size: int) -> bytes:
        sock = self.socket
        if sock is None:
            raise S7ConnectionError("not connected")
        received = b""
        while len(received) < size:
            left_s = self._time_left()
            try:
                sock.settimeout(left_s)
                chunk = sock.recv(size - len(received))
            except TimeoutError:
                self.connected = False
                raise S7TimeoutError("no answer in time") from None
            except OSError as error:
                self.connected = False
                raise S7ConnectionError(str(error)) from error
            if not chunk:
                self.connected = False
                raise S7ConnectionError("closed by the controller")
            received += chunk
        return received

    def _time_left(self) -> float:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            self.connected = False
            raise S7TimeoutError("no answer in time")
        return left


_TPKT = struct.Struct(">BBH")
_LAST_FRAGMENT = 0x80
_MAX_PAYLOAD = 65535


class _Session(Client):
    """python-snap7's client on a connection of ours, with everything switched off that acts by itself."""

    def __init__(self, connection: _Connection) -> None:
        super().__init__(auto_reconnect=False, heartbeat_interval=0)
        self.max_parallel = 1
        self._own_connection = connection

    def open(self) -> None:
        self.set_param(Parameter.PDURequest, PDU_REQUEST)
        self.connection = self._own_connection
        self._own_connection.connect()
        self._setup_communication()
        self.connected = True
