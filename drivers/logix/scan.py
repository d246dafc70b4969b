"""One pass over all points: sends what was planned, decodes whole replies at once, isolates what fails.

A reply that is as expected in every byte but the values is decoded by one compiled step. Any other is taken
apart: what failed alone turns bad with its reason, what failed together is read one by one; both are tried
again every 30 s, the former some in each pass. Knows no sockets: it is given an exchange.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from drivers.base import Reading
from drivers.cip.frames import CipReply, FrameError, parse_reply
from drivers.cip.status import (
    BEYOND_END,
    EMBEDDED,
    GENERAL,
    PARTIAL,
    PASSING,
    PATH_UNKNOWN,
    SUCCESS,
    TOO_LARGE,
    TYPE_MISMATCH,
    describe,
)
from drivers.logix.compiled import Compiled, compile_packet
from drivers.logix.place import Point
from drivers.logix.read_plan import Extent, Extra, Packet, alone, pack, plan_extents

Exchange = Callable[[bytes], CipReply]
"""Sends a message router request; raises a ``DriverError`` that ends the session."""

RETRY_S = 30.0
RETRIES_PER_SCAN = 100
RETRIES_ONE_BY_ONE = 8
"""Failed points that one pass tries again, with many in a packet or each in its own (a Micro800): many dead
tags must not hold up the healthy ones."""
CHANGED = "the tag has another type in the controller now; its definition is read again"


class Scan:
    """The reading side of one session. ``fixed`` are readings of tags that have no point at all.

    ``multiple``: the controller takes several requests in one packet. ``extras`` ride along at the end.
    """

    def __init__(
        self,
        points: Sequence[Point],
        fixed: Mapping[int, Reading],
        payload: int,
        extras: Sequence[Extra] = (),
        *,
        multiple: bool = True,
    ) -> None:
        self._points = tuple(points)
        self._fixed = dict(fixed)
        self._payload = payload
        self._extras = tuple(extras)
        self._multiple = multiple
        self._failed: dict[int, Reading] = {}
        self._apart: set[int] = set()
        self._due: list[int] = []
        self._retry_at = 0.0
        self.extras: list[bytes | None] = [None] * len(extras)
        self.suspect = False
        self._replan()

    @property
    def packets(self) -> tuple[Packet, ...]:
        """What the next pass asks for."""
        return tuple(compiled.packet for compiled in self._plan)

    @property
    def failed(self) -> frozenset[int]:
        """Indices of points that are left out until they are tried again."""
        return frozenset(self._failed)

    def run(self, exchange: Exchange, now: float) -> Sequence[Reading]:
        """One reading for each tag; ``now`` in monotonic seconds.

        Afterwards ``extras`` has the data of each extra reply, None for a refused one, and ``suspect``
        tells whether the controller answered as if its tags were not those that the points came from.
        """
        self.suspect = False
        self._retry(exchange, now)
        flat: list[Reading] = []
        refused: list[Extent] = []
        extras: list[bytes | None] = []
        for compiled in self._plan:
            reply = exchange(compiled.packet.request) if compiled.packet.request else None
            if reply is not None and compiled.is_as_expected(reply):
                flat += compiled.decode(reply.data)
                extras += compiled.extras(reply.data)
            else:
                flat += self._take_apart(compiled, reply, exchange, refused, extras)
        self.extras = extras
        flat += self._failed.values()
        flat += self._fixed.values()
        readings = self._arrange(flat)
        return self._isolate(refused, readings, exchange, now) if refused else readings

    def _retry(self, exchange: Exchange, now: float) -> None:
        """Try some of the failed points again; all of them in turn, then none until the next time."""
        stale = False
        if not self._due and (self._failed or self._apart) and now >= self._retry_at:
            stale = bool(self._apart)
            self._apart.clear()
            self._due = list(self._failed)
            self._retry_at = now + RETRY_S
        if self._due:
            count = RETRIES_PER_SCAN if self._multiple else RETRIES_ONE_BY_ONE
            batch, self._due = set(self._due[:count]), self._due[count:]
            points = [point for point in self._points if point.index in batch]
            found, failing = self._read_alone(points, exchange)
            self._failed.update((index, found[index]) for index in failing)
            for index in batch - failing:
                del self._failed[index]
            stale |= batch != failing
        if stale:
            self._replan()

    def _replan(self) -> None:
        readable = [point for point in self._points if point.index not in self._failed]
        apart = [point for point in readable if point.index in self._apart]
        together = [point for point in readable if point.index not in self._apart]
        extents = plan_extents(together, self._payload) + [alone(point) for point in apart]
        packets = pack(extents, self._extras, self._payload, multiple=self._multiple)
        self._plan = [compile_packet(packet) for packet in packets]
        order = [point.index for compiled in self._plan for point in compiled.points]
        order += self._failed
        order += self._fixed
        self._arrange = _permutation(order)

    def _take_apart(
        self,
        compiled: Compiled,
        reply: CipReply | None,
        exchange: Exchange,
        refused: list[Extent],
        extras: list[bytes | None],
    ) -> list[Reading]:
        packet = compiled.packet
        replies = _replies(packet, reply, exchange)
        found: dict[int, Reading] = {}
        for extent, each in zip(packet.extents, replies, strict=False):
            readings, error = self._extent(extent, each, exchange)
            if error:
                if each is None or each.status not in PASSING:
                    refused.append(extent)
                readings = {point.index: Reading(None, error) for point in extent.points}
            found |= readings
        extras += [_data(each) for each in replies[len(packet.extents) :]]
        return [found[point.index] for point in compiled.points]

    def _extent(
        self, extent: Extent, reply: CipReply | None, exchange: Exchange
    ) -> tuple[dict[int, Reading], str]:
        """Its readings, or why there are none."""
        if reply is None or reply.status in (PARTIAL, TOO_LARGE):
            reply = _fragments(extent, exchange)
        if reply.status != SUCCESS:
            self.suspect |= _is_suspect(reply)
            return {}, describe(reply.status, reply.extended)
        head = len(extent.prefix)
        if reply.data[:head] != extent.prefix or (
            len(reply.data) != head + extent.size and not extent.is_variable
        ):
            self.suspect = True
            return {}, CHANGED
        ordered, decode = extent.decoder
        readings = decode(reply.data[head:])
        return {point.index: reading for point, reading in zip(ordered, readings, strict=True)}, ""

    def _isolate(
        self, refused: Sequence[Extent], readings: Sequence[Reading], exchange: Exchange, now: float
    ) -> Sequence[Reading]:
        """Read one by one what failed together, and correct the readings."""
        corrected = list(readings)
        suspects = [point for extent in refused if len(extent.points) > 1 for point in extent.points]
        for extent in refused:
            if len(extent.points) == 1:
                self._failed[extent.points[0].index] = readings[extent.points[0].index]
        if suspects:
            self._apart.update(point.index for point in suspects)
            found, failing = self._read_alone(suspects, exchange)
            for index, reading in found.items():
                corrected[index] = reading
            self._failed.update((index, found[index]) for index in sorted(failing))
        self._retry_at = now + RETRY_S
        self._replan()
        return corrected

    def _read_alone(self, points: Sequence[Point], exchange: Exchange) -> tuple[dict[int, Reading], set[int]]:
        """The reading of each point, none together with another, and the indices of those that fail."""
        found: dict[int, Reading] = {}
        failing: list[Extent] = []
        extents = [alone(point) for point in points]
        for packet in pack(extents, (), self._payload, multiple=self._multiple):
            compiled = compile_packet(packet)
            reply = exchange(packet.request) if packet.request else None
            readings = self._take_apart(compiled, reply, exchange, failing, [])
            found.update(zip((point.index for point in compiled.points), readings, strict=True))
        return found, {extent.points[0].index for extent in failing}


def _replies(packet: Packet, reply: CipReply | None, exchange: Exchange) -> list[CipReply | None]:
    """One for each item; None: to be read in fragments."""
    items: list[Extent | Extra] = [*packet.extents, *packet.extras]
    if reply is None:
        return [None]
    if not packet.is_multiple:
        return [reply]
    if reply.status in (SUCCESS, EMBEDDED):
        return list(_split(reply.data, items))
    # Not even one of them was looked at: one by one, whatever it was will be where it belongs.
    return [exchange(item.request) for item in items]


def _split(data: bytes, items: Sequence[Extent | Extra]) -> Iterable[CipReply]:
    count = len(items)
    table = 2 + 2 * count
    if len(data) < table or int.from_bytes(data[:2], "little") != count:
        raise FrameError("a packet of replies with another number of them than was asked for")
    offsets = [*struct.unpack_from(f"<{count}H", data, 2), len(data)]
    for n, item in enumerate(items):
        yield parse_reply(data[offsets[n] : offsets[n + 1]], item.request[0])


def _fragments(extent: Extent, exchange: Exchange) -> CipReply:
    """All of an extent that is larger than a message."""
    data = bytearray()
    head = len(extent.prefix)
    while True:
        reply = exchange(extent.fragment(len(data)))
        if reply.status not in (SUCCESS, PARTIAL):
            return reply
        if reply.data[:head] != extent.prefix:
            return CipReply(SUCCESS, (), reply.data)
        data += reply.data[head:]
        if reply.status == SUCCESS or len(reply.data) == head or len(data) > extent.size:
            return CipReply(SUCCESS, (), extent.prefix + bytes(data))


def _data(reply: CipReply | None) -> bytes | None:
    return reply.data if reply is not None and reply.status == SUCCESS else None


def _is_suspect(reply: CipReply) -> bool:
    if reply.status == GENERAL:
        return bool(reply.extended) and reply.extended[0] in (BEYOND_END, TYPE_MISMATCH)
    return reply.status == PATH_UNKNOWN


def _permutation(order: Sequence[int]) -> Callable[[Sequence[Reading]], Sequence[Reading]]:
    """Brings readings from the plan's order to the order of the tags."""
    positions = [0] * len(order)
    for position, index in enumerate(order):
        positions[index] = position
    if len(positions) < 2:
        return tuple
    return itemgetter(*positions)
