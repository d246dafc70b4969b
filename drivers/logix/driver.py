"""The Logix driver: ControlLogix, CompactLogix and Micro800, by tag names."""

from collections.abc import Callable, Sequence

from drivers.base import (
    AddressError,
    ConnectionSettings,
    DriverError,
    LinkLostError,
    Reading,
    ScanResult,
    WriteRejectedError,
)
from drivers.cip.frames import CipReply, FrameError, message
from drivers.cip.identity import CipIdentity, running_of
from drivers.cip.session import CipSession
from drivers.cip.status import describe
from drivers.logix import types
from drivers.logix.address import Address, parse_address
from drivers.logix.changes import ask_fingerprint, fingerprint_extra
from drivers.logix.place import Point
from drivers.logix.read_plan import Extra
from drivers.logix.resolve import resolve
from drivers.logix.scan import Exchange, Scan
from drivers.logix.symbols import SymbolAccess
from drivers.logix.upload import Definitions
from drivers.logix.writing import write_requests
from engine.clock import Clock
from engine.model import TagDef, Value


class LogixDriver:
    """Implements ``drivers.base.Driver`` and ``Interruptible``; used by one thread.

    Definitions of tags are uploaded once and kept as long as the controller tells that its program is the
    same; a controller that cannot tell is asked for them anew with each session.
    """

    def __init__(self, settings: ConnectionSettings, tags: Sequence[TagDef], clock: Clock) -> None:
        self._clock = clock
        self._tags: list[tuple[int, TagDef, Address]] = []
        self._malformed: dict[int, Reading] = {}
        for index, tag in enumerate(tags):
            try:
                self._tags.append((index, tag, parse_address(tag.address)))
            except AddressError as error:
                self._malformed[index] = Reading(None, str(error))
        self._is_micro800 = settings.family == "Micro800"
        self._session = CipSession(
            settings.host,
            settings.port,
            settings.route,
            settings.slot,
            settings.timeout_s,
            clock,
            micro800=self._is_micro800,
            idle_s=max(_IDLE_S, 3 * settings.scan_ms / 1e3),
        )
        self._identity: CipIdentity | None = None
        self._definitions: Definitions | None = None
        self._fingerprint: bytes | None = None
        self._is_incomplete = False
        self._define_again_at = 0.0
        self._scan: Scan | None = None
        self.between_requests: Callable[[], None] | None = None
        self._is_first_request = True

    def connect(self) -> str:
        """Open the session and find all tags."""
        self.close()
        identity = self._session.open()
        fingerprint = None if self._is_micro800 else self._asked_fingerprint()
        known = self._fingerprint, self._identity and self._identity.serial
        if fingerprint is None or known != (fingerprint, identity.serial):
            self._definitions = None
        self._identity, self._fingerprint = identity, fingerprint
        self._define()
        return identity.text

    def read(self) -> ScanResult:
        """All tags, and whether the controller runs; the source time is when the last value had arrived."""
        try:
            planned, readings = self._scan, self._read_once()
            if self._scan is not planned or self._has_changed():
                # What was just read may be of tags that are not ours any more.
                self._redefine(self._asked_fingerprint())
                readings = self._read_once()
                if self._has_changed():
                    # Counters that do not stand still vouch for no number of a tag: by name from now on.
                    self._redefine(None)
                    readings = self._read_once()
        except DriverError:
            self._scan = None
            raise
        return ScanResult(readings, self._clock.utc_us(), self._running())

    def write(self, tag: TagDef, value: Value) -> None:
        """Write one raw value; a bit changes no bit beside its own."""
        try:
            elements = types.check(tag.type, value)
            self._follow_changes()
            point = self._point(0, tag, parse_address(tag.address), by_name=True)
            requests = write_requests(point, elements, self._session.payload)
        except (AddressError, types.EncodeError) as error:
            raise self._rejected(tag, "was not written", str(error)) from error
        self._check_access(tag)
        for number, request in enumerate(requests):
            reply = self._session.exchange(request)
            if reply.status:
                outcome = "was written in part only" if number else "was not written"
                raise self._rejected(tag, outcome, describe(reply.status, reply.extended))

    def read_one(self, tag: TagDef) -> Reading:
        """One tag now; an address that fails gives a reading with the reason."""
        if self._scan is None:
            raise _not_connected()
        try:
            point = self._point(0, tag, parse_address(tag.address), by_name=True)
        except AddressError as error:
            return Reading(None, str(error))
        scan = Scan([point], {}, self._session.payload, multiple=not self._is_micro800)
        return self._run(scan, self._session.exchange)[0]

    def close(self) -> None:
        """End the session; never raises."""
        self._scan = None
        self._session.close()

    def cut(self) -> None:
        """End the session for good, from any thread."""
        self._session.cut()

    def _read_once(self) -> Sequence[Reading]:
        if self._scan is None:
            raise _not_connected()
        self._is_first_request = True
        return self._run(self._scan, self._exchange_in_turn)

    def _exchange_in_turn(self, request: bytes) -> CipReply:
        if self.between_requests is not None and not self._is_first_request:
            self.between_requests()
        self._is_first_request = False
        return self._session.exchange(request)

    def _run(self, scan: Scan, exchange: Exchange) -> Sequence[Reading]:
        try:
            return scan.run(exchange, self._clock.monotonic())
        except FrameError as error:
            raise self._session.give_up(error) from error

    def _define(self) -> None:
        """Find every tag in the controller, and plan how to read them."""
        points: list[Point] = []
        fixed = dict(self._malformed)
        self._is_incomplete = False
        for index, tag, address in self._tags:
            try:
                points.append(self._point(index, tag, address))
            except AddressError as error:
                fixed[index] = Reading(None, str(error))
                self._is_incomplete = True
        self._define_again_at = self._clock.monotonic() + _LOOK_AGAIN_S
        self._scan = Scan(
            points, fixed, self._session.payload, self._extras(), multiple=not self._is_micro800
        )

    def _extras(self) -> list[Extra]:
        """The controller's state, then its program's fingerprint, which vouches for all that came before."""
        extras = []
        if self._identity is not None and self._identity.running is not None:
            extras.append(_STATUS)
        if self._fingerprint is not None:
            extras.append(fingerprint_extra(self._fingerprint))
        return extras

    def _running(self) -> bool | None:
        extras = self._scan.extras if self._scan is not None else []
        if self._identity is None or self._identity.running is None or not extras or extras[0] is None:
            return None
        return running_of(int.from_bytes(extras[0], "little"))

    def _has_changed(self) -> bool:
        scan = self._scan
        if scan is None:
            return False
        if self._fingerprint is not None and scan.extras[-1] != self._fingerprint:
            return True
        due = self._clock.monotonic() >= self._define_again_at
        # A program whose changes cannot be asked for is looked at again where it seems to be another, and so
        # is one that was not told for a moment.
        is_partial = self._definitions is not None and self._definitions.is_partial
        may_have_more = self._is_incomplete and (self._fingerprint is None or is_partial)
        return due and (scan.suspect or may_have_more)

    def _asked_fingerprint(self) -> bytes | None:
        return ask_fingerprint(self._session)

    def _follow_changes(self) -> None:
        """A session that only writes has no scans in which it would learn of another program."""
        if self._fingerprint is not None and (asked := self._asked_fingerprint()) != self._fingerprint:
            self._redefine(asked)

    def _redefine(self, fingerprint: bytes | None) -> None:
        self._definitions, self._fingerprint = None, fingerprint
        self._define()

    def _rejected(self, tag: TagDef, outcome: str, reason: str) -> WriteRejectedError:
        """Where changes cannot be asked for, what was refused is looked up anew the next time."""
        if self._fingerprint is None:
            self._definitions = None
        return WriteRejectedError(f"{tag.key} {outcome}: {reason}")

    def _known(self) -> Definitions:
        if self._identity is None or not self._session.is_open:
            raise _not_connected()
        if self._definitions is None:
            self._definitions = Definitions(self._session, self._identity)
        return self._definitions

    def _point(self, index: int, tag: TagDef, address: Address, *, by_name: bool = False) -> Point:
        """The tag's place in the controller. Raises ``AddressError``, ``DriverError``.

        ``by_name`` for what no fingerprint vouches for, as it does for a scan: a number may mean another
        tag by the time that it is written.
        """
        known = self._known()
        by_instance = self._fingerprint is not None and not by_name
        return resolve(
            index, address, tag.type, known.find, by_instance=by_instance, bit_arrays=known.bit_arrays
        )

    def _check_access(self, tag: TagDef) -> None:
        address = parse_address(tag.address)
        symbol = self._known().find(address.program, address.tag.name)
        if symbol is not None and symbol.access is SymbolAccess.READ_ONLY:
            raise WriteRejectedError(
                f"{tag.key} was not written: the controller allows only reading it (External Access)"
            )


_IDLE_S = 60.0
_LOOK_AGAIN_S = 60.0
_STATUS = Extra(message(0x0E, bytes.fromhex("200124013005")), 2)


def _not_connected() -> LinkLostError:
    return LinkLostError("there is no session with the controller")
