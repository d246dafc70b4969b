"""The S7 driver: S7-300, 400, 1200, 1500, ET 200SP and LOGO! over the classic protocol."""

from collections.abc import Callable, Sequence

from drivers.base import (
    AddressError,
    ConnectionSettings,
    DriverError,
    LinkLostError,
    ProtocolError,
    Reading,
    ReplyTimeoutError,
    ScanResult,
    WriteRejectedError,
)
from drivers.s7 import identity, types
from drivers.s7.address import Address, check_type, format_address, parse_address
from drivers.s7.client import S7Client
from drivers.s7.pdu import OK, ItemReply, RequestRefusedError
from drivers.s7.read_plan import Point, Request
from drivers.s7.return_codes import describe
from drivers.s7.scan import Scan
from engine.clock import Clock
from engine.model import DataType, TagDef, TypeSpec, Value


class S7Driver:
    """Implements ``drivers.base.Driver``; used by one thread."""

    def __init__(self, settings: ConnectionSettings, tags: Sequence[TagDef], clock: Clock) -> None:
        self._clock = clock
        self._points: list[Point] = []
        self._unreadable: dict[int, Reading] = {}
        for index, tag in enumerate(tags):
            try:
                self._points.append(_point(index, tag))
            except AddressError as error:
                self._unreadable[index] = Reading(None, str(error))
        local, remote = tsaps(settings)
        self._client = S7Client(settings.host, settings.port, local, remote, settings.timeout_s, clock)
        self._scan: Scan | None = None
        self.between_requests: Callable[[], None] | None = None
        self._is_first_request = True
        self._tells_state = False
        self._has_told_state = False

    def connect(self) -> str:
        """Open the session; a controller that knows no status lists has an empty identity."""
        self.close()
        self._client.open()
        try:
            text = self._identify()
        except (ReplyTimeoutError, LinkLostError, ProtocolError):
            # Some small controllers answer nothing at all to a request for a status list. One that has
            # answered before is in trouble: without its state, frozen values of a STOP would look good.
            self.close()
            if self._has_told_state:
                raise
            self._client.open()
            self._tells_state, text = False, ""
        self._scan = Scan(self._points, self._unreadable, self._client.pdu_length)
        return text

    def read(self) -> ScanResult:
        """All tags, then the CPU's state; the source time is when the last value had arrived."""
        scan = self._scan
        if scan is None:
            raise _not_connected()
        readings = self._guarded(scan)
        source_time_us = self._clock.utc_us()
        return ScanResult(readings, source_time_us, self._running())

    def write(self, tag: TagDef, value: Value) -> None:
        """Write one raw value; a BOOL changes no bit beside its own."""
        try:
            point = _point(0, tag)
            self._write(point, value)
        except (AddressError, types.EncodeError) as error:
            raise WriteRejectedError(f"{tag.key} was not written: {error}") from error
        except RequestRefusedError as refusal:
            raise _rejected(tag, point, refusal.code) from refusal
        except _ItemRefusedError as refusal:
            raise _rejected(tag, point, refusal.code) from refusal

    def read_one(self, tag: TagDef) -> Reading:
        """One tag now; an address that fails gives a reading with the reason."""
        if self._scan is None:
            raise _not_connected()
        try:
            point = _point(0, tag)
        except AddressError as error:
            return Reading(None, str(error))
        return Scan([point], {}, self._client.pdu_length).run(self._client.read, 0.0)[0]

    def close(self) -> None:
        """End the session; never raises."""
        self._scan = None
        self._client.close()

    def cut(self) -> None:
        """End the session for good, from any thread."""
        self._client.cut()

    def _guarded(self, scan: Scan) -> Sequence[Reading]:
        self._is_first_request = True
        try:
            return scan.run(self._read_in_turn, self._clock.monotonic())
        except DriverError:
            self._scan = None
            raise

    def _read_in_turn(self, request: Request) -> list[ItemReply]:
        if self.between_requests is not None and not self._is_first_request:
            self.between_requests()
        self._is_first_request = False
        return self._client.read(request)

    def _identify(self) -> str:
        self._tells_state = self._list(identity.CPU_STATE) is not None or self._has_told_state
        self._has_told_state = self._tells_state
        module, station = identity.parse_names(self._list(identity.COMPONENTS) or b"")
        order = identity.parse_order_number(self._list(identity.MODULES) or b"")
        return " · ".join(text for text in (module, order, station) if text)

    def _running(self) -> bool | None:
        if not self._tells_state:
            return None
        szl = self._list(identity.CPU_STATE)
        return None if szl is None else identity.parse_running(szl)

    def _list(self, szl: tuple[int, int]) -> bytes | None:
        """A system status list, or None where the controller has no such list."""
        try:
            return self._client.read_szl(*szl)
        except RequestRefusedError:
            return None

    def _write(self, point: Point, value: Value) -> None:
        if point.spec.base is DataType.BOOL:
            self._write_bools(point, value)
        elif point.spec.base in _HEADER_SIZE and not point.spec.length:
            self._write_text(point, value)
        else:
            self._put(point, 0, types.encode(point.spec, value))

    def _write_bools(self, point: Point, value: Value) -> None:
        elements = types.array_elements(point.spec, value) if point.spec.length else (value,)
        bits = [types.to_bool(element) for element in elements if not isinstance(element, tuple)]
        if len(bits) != len(elements):
            raise types.EncodeError(f"one BOOL was expected, not {value!r}")
        position, last = point.bit, point.bit + len(bits)
        while position < last:
            if position % 8 == 0 and last - position >= 8:
                first = position - point.bit
                byte = sum(bit << n for n, bit in enumerate(bits[first : first + 8]))
                self._put(point, position // 8, bytes((byte,)))
                position += 8
                continue
            bit = bits[position - point.bit]
            start = point.start + position // 8
            _accept(self._client.write_bit(point.area, point.db, start, position % 8, bit))
            position += 1

    def _write_text(self, point: Point, value: Value) -> None:
        """Length and characters; the controller's own maximum length is respected and left as it is."""
        data = types.encode(point.spec, value)
        half = _HEADER_SIZE[point.spec.base] // 2
        header = self._read_header(point, half)
        length = int.from_bytes(data[half : 2 * half])
        if header and length > header:
            raise types.EncodeError(f"{length} characters do not fit: the controller has room for {header}")
        used = data[: 2 * half + length * half]
        first = half if header else 0
        self._put(point, first, used[first:])

    def _read_header(self, point: Point, size: int) -> int:
        """The maximum length that a text has in the controller; 0 where it was never initialised."""
        base = DataType.USINT if size == 1 else DataType.UINT
        header = Point(0, point.area, point.db, point.start, 0, TypeSpec(base))
        reading = Scan([header], {}, self._client.pdu_length).run(self._client.read, 0.0)[0]
        if not isinstance(reading.value, int):
            raise types.EncodeError(reading.error)
        return reading.value

    def _put(self, point: Point, offset: int, data: bytes) -> None:
        _accept(self._client.write_bytes(point.area, point.db, point.start + offset, data))


_HEADER_SIZE = {DataType.STRING: 2, DataType.WSTRING: 4}
_LOGO_TSAPS = (0x1000, 0x2000)
_LOCAL_TSAP = 0x0100
# An operator panel asks for an OP connection: the PG connection stays free for the engineers.
_OP = 0x02
_MEMORY_END = 65536


class _ItemRefusedError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:02X}")
        self.code = code


def _accept(code: int) -> None:
    if code != OK:
        raise _ItemRefusedError(code)


def _rejected(tag: TagDef, point: Point, code: int) -> WriteRejectedError:
    return WriteRejectedError(f"{tag.key} was not written: {describe(code, point.area, point.db)}")


def _not_connected() -> LinkLostError:
    return LinkLostError("there is no session with the controller")


def _point(index: int, tag: TagDef) -> Point:
    """The tag's place in memory. Raises ``AddressError``."""
    address = parse_address(tag.address)
    problem = check_type(address, tag.type) or _beyond(address, tag)
    if problem:
        raise AddressError(problem)
    return Point(index, address.area, address.db, address.byte, address.bit or 0, tag.type)


def _beyond(address: Address, tag: TagDef) -> str:
    if address.byte + types.size_of(tag.type, address.bit or 0) <= _MEMORY_END:
        return ""
    return f"{format_address(address)}: a {tag.type} runs past the end of the memory"


def tsaps(settings: ConnectionSettings) -> tuple[int, int]:
    """(local, remote): as given, else the LOGO! convention, else from rack and slot."""
    if settings.family.upper().startswith("LOGO"):
        local, remote = _LOGO_TSAPS
    else:
        local, remote = _LOCAL_TSAP, _OP << 8 | settings.rack << 5 | settings.slot
    return (
        local if settings.local_tsap is None else settings.local_tsap,
        remote if settings.remote_tsap is None else settings.remote_tsap,
    )
