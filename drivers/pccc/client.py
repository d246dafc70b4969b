"""One PCCC session: commands in CIP messages, each answer held to its transaction number."""

from drivers.base import ConnectionSettings
from drivers.cip.frames import FrameError
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession, ForwardOpenRefusedError
from drivers.pccc import commands, frame
from drivers.pccc.family import Family
from drivers.pccc.layout import Span
from drivers.pccc.status import Refusal, RefusedError, describe
from engine.clock import Clock


class PcccClient:
    """A session with one controller, for one thread.

    All calls raise ``DriverError``, after which nothing works until ``open``; those that ask the controller
    for something raise ``RefusedError`` too, and the session goes on.
    """

    def __init__(self, settings: ConnectionSettings, family: Family, clock: Clock) -> None:
        self._family = family
        self._connected, self._unconnected = (
            CipSession(
                settings.host,
                settings.port,
                settings.route,
                None,
                settings.timeout_s,
                clock,
                connected=connected,
            )
            for connected in (True, False)
        )
        self._session = self._connected
        self._tns = 0

    @property
    def is_connected(self) -> bool:
        """Whether messages go over a CIP connection, rather than each on its own."""
        return self._session is self._connected

    def open(self) -> CipIdentity:
        """Connect. A controller that opens no connection to us is talked to unconnected."""
        self.close()
        self._tns = 0
        try:
            return self._open(self._connected)
        except ForwardOpenRefusedError as refusal:
            identity = self._open(self._unconnected)
            try:
                self.status()
            except RefusedError as error:
                if error.refusal.cip:
                    self.close()
                    raise refusal from error
            return identity

    def close(self) -> None:
        """End the session; never raises, may be called twice and from another thread."""
        self._connected.close()
        self._unconnected.close()

    def cut(self) -> None:
        """End the session for good, from any thread: whoever waits in it gets a ``DriverError``."""
        self._connected.cut()
        self._unconnected.cut()

    def status(self) -> bytes:
        """The diagnostic status: who the controller is and how it is."""
        return self.ask(frame.DIAGNOSTIC, commands.READ_STATUS)

    def read(self, span: Span) -> bytes:
        """Whole words, the bytes of each element in ascending order."""
        data = self.ask(frame.TYPED, commands.read_words(self._family, span))
        if len(data) != 2 * span.words:
            note = f"the controller answered with {len(data)} bytes where {2 * span.words} were asked"
            raise RefusedError(Refusal(note=note))
        return commands.from_wire(self._family, span.area, data)

    def write(self, span: Span, data: bytes) -> None:
        """Write whole words."""
        self.ask(frame.TYPED, commands.write_words(self._family, span, data))

    def write_bits(self, span: Span, mask: int, bits: int) -> None:
        """Write the bits in ``mask`` of one word; the controller leaves the others alone."""
        self.ask(frame.TYPED, commands.write_bits(self._family, span, mask, bits))

    def ask(self, command: int, body: bytes) -> bytes:
        """The data of the answer to any command."""
        self._tns = tns = self._tns % 0xFFFF + 1
        request = frame.request(command, tns, body)
        reply = self._session.request(frame.EXECUTE, frame.PCCC_OBJECT, request)
        if reply.status:
            raise RefusedError(Refusal(cip=reply.status))
        try:
            return frame.parse_reply(reply.data, command, tns)
        except FrameError as error:
            raise self._session.give_up(error) from error

    def _open(self, session: CipSession) -> CipIdentity:
        self._session = session
        return session.open()


def not_pccc(where: str, refusal: Refusal, product: str) -> str:
    """What to say of a device that answers, but to no PCCC command; ``product`` as it calls itself."""
    told = f"; it says that it is {product}" if product else ""
    return f"{where} does not answer as a PCCC controller: {describe(refusal)}{told}"
