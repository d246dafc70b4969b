"""The PCCC driver: SLC-500, MicroLogix and PLC-5 over EtherNet/IP."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from drivers.base import (
    AddressError,
    ConnectError,
    ConnectionSettings,
    DriverError,
    LinkLostError,
    Reading,
    ScanResult,
    WriteRejectedError,
)
from drivers.cip.identity import CipIdentity
from drivers.pccc import mode, types
from drivers.pccc.address import FileType
from drivers.pccc.client import PcccClient, not_pccc
from drivers.pccc.family import READ_BYTES, SMALL_BYTES, WRITE_BYTES, Family
from drivers.pccc.layout import Span, locate
from drivers.pccc.read_plan import Point
from drivers.pccc.scan import Scan
from drivers.pccc.status import RefusedError
from engine.clock import Clock
from engine.model import DataType, TagDef, TypeSpec, Value


class PcccDriver:
    """Implements ``drivers.base.Driver`` and ``Interruptible``; used by one thread."""

    def __init__(self, settings: ConnectionSettings, tags: Sequence[TagDef], clock: Clock) -> None:
        self._where = f"{settings.host}:{settings.port}"
        self._family = Family(settings.family)
        self._clock = clock
        self._points: list[Point] = []
        self._unreadable: dict[int, Reading] = {}
        for index, tag in enumerate(tags):
            try:
                self._points.append(to_point(index, tag, self._family))
            except AddressError as error:
                self._unreadable[index] = Reading(None, str(error))
        self._reads_mode_word = self._family is not Family.PLC5
        if self._reads_mode_word:
            self._points.append(Point(len(tags), mode.MODE_WORD, 0, TypeSpec(DataType.WORD)))
        self._client = PcccClient(settings, self._family, clock)
        self._scan: Scan | None = None
        self.between_requests: Callable[[], None] | None = None
        self._is_first_request = True
        self._read_limit = READ_BYTES[self._family]
        self._write_limit = WRITE_BYTES[self._family]

    def connect(self) -> str:
        """Open the session; the identity says so where messages go unconnected."""
        self.close()
        identity = self._client.open()
        try:
            status = self._client.status()
        except RefusedError as error:
            if error.refusal.cip:
                self.close()
                raise ConnectError(not_pccc(self._where, error.refusal, identity.product_name)) from error
            status = b""
        small = SMALL_BYTES if mode.is_small(status) else READ_BYTES[self._family]
        self._read_limit = min(READ_BYTES[self._family], small)
        self._write_limit = min(WRITE_BYTES[self._family], small)
        self._scan = Scan(self._points, self._unreadable, self._read_limit)
        return self._identity_text(identity, status)

    def read(self) -> ScanResult:
        """All tags and the mode; the source time is when the last value had arrived."""
        scan = self._scan
        if scan is None:
            raise _not_connected()
        self._is_first_request = True
        try:
            readings = scan.run(self._read_in_turn, self._clock.monotonic())
            source_time_us = self._clock.utc_us()
            if self._reads_mode_word:
                return ScanResult(readings[:-1], source_time_us, _running(readings[-1]))
            return ScanResult(readings, source_time_us, self._plc5_running())
        except DriverError:
            self._scan = None
            raise

    def write(self, tag: TagDef, value: Value) -> None:
        """Write one raw value; a BOOL changes no bit beside its own."""
        try:
            writes = self._writes(to_point(0, tag, self._family), value)
        except (AddressError, types.EncodeError) as error:
            raise WriteRejectedError(f"{tag.key} was not written: {error}") from error
        for number, write in enumerate(writes):
            try:
                write()
            except RefusedError as error:
                outcome = "was written in part only" if number else "was not written"
                raise WriteRejectedError(f"{tag.key} {outcome}: {error}") from error

    def read_one(self, tag: TagDef) -> Reading:
        """One tag now; an address that fails gives a reading with the reason."""
        if self._scan is None:
            raise _not_connected()
        try:
            point = to_point(0, tag, self._family)
        except AddressError as error:
            return Reading(None, str(error))
        return Scan([point], {}, self._read_limit).run(self._client.read, 0.0)[0]

    def close(self) -> None:
        """End the session; never raises."""
        self._scan = None
        self._client.close()

    def cut(self) -> None:
        """End the session for good, from any thread."""
        self._client.cut()

    def _identity_text(self, identity: CipIdentity, status: bytes) -> str:
        name = mode.parse_plc5_name(status) if self._family is Family.PLC5 else mode.parse_catalog(status)
        parts = [identity.text]
        if name and name not in identity.product_name:
            parts.insert(0, name)
        if not self._client.is_connected:
            parts.append("unconnected messages")
        return " · ".join(parts)

    def _read_in_turn(self, span: Span) -> bytes:
        self._give_turn()
        return self._client.read(span)

    def _give_turn(self) -> None:
        if self.between_requests is not None and not self._is_first_request:
            self.between_requests()
        self._is_first_request = False

    def _plc5_running(self) -> bool | None:
        self._give_turn()
        try:
            return mode.parse_plc5_mode(self._client.status())
        except RefusedError:
            return None

    def _writes(self, point: Point, value: Value) -> list[Callable[[], None]]:
        """The messages that write a value, in order, each when it is called. Raises ``types.EncodeError``."""
        if point.spec.base is DataType.BOOL:
            return list(self._bit_writes(point, types.to_bits(point.spec, value)))
        return list(self._word_writes(point, types.encode(point.spec, point.span.area.kind, value)))

    def _bit_writes(self, point: Point, bits: Sequence[bool]) -> Iterator[Callable[[], None]]:
        """Word by word, through a mask of the bits that are meant."""
        position = point.bit
        for word in range(point.span.words):
            mask = value = 0
            while position < 16 * (word + 1) and position - point.bit < len(bits):
                mask |= 1 << position % 16
                value |= bits[position - point.bit] << position % 16
                position += 1
            span = Span(point.span.area, point.span.start + word, 1)
            yield partial(self._client.write_bits, span, mask, value)

    def _word_writes(self, point: Point, data: bytes) -> Iterator[Callable[[], None]]:
        """Whole elements at a time, so that no message ends within one."""
        span, stride = point.span, point.span.area.stride
        if span.area.kind is FileType.ASCII and point.spec.base is DataType.STRING and point.spec.chars % 2:
            # The last character has the upper byte of its word; the lower one is somebody else's.
            last = Span(span.area, span.end - 1, 1)
            yield partial(self._client.write_bits, last, 0xFF00, data[-1] << 8)
            span = Span(span.area, span.start, span.words - 1)
            if not span.words:
                return
        step = min(max(self._write_limit // 2 // stride, 1) * stride, span.words)
        for first in range(0, span.words, step):
            words = min(step, span.words - first)
            part = data[2 * first : 2 * (first + words)]
            yield partial(self._client.write, Span(span.area, span.start + first, words), part)


def to_point(index: int, tag: TagDef, family: Family) -> Point:
    """The tag's place in the controller. Raises ``AddressError``."""
    span, bit = locate(tag.address, tag.type, family)
    return Point(index, span, bit, tag.type)


def _running(reading: Reading) -> bool | None:
    return mode.parse_slc_mode(reading.value) if isinstance(reading.value, int) else None


def _not_connected() -> LinkLostError:
    return LinkLostError("there is no session with the controller")
