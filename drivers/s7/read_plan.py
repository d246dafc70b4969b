"""From tags and addresses to as few read requests as the PDU allows, with a compiled decoder for each block.

Neighbouring tags of one area become a block, read as one item and decoded by one ``struct``; blocks
are packed into requests of at most 20 items that fit the PDU both ways. Pure: no I/O in here.
"""

import math
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import cast

from drivers.base import Reading
from drivers.s7 import types
from drivers.s7.address import Area
from drivers.s7.pdu import (
    MAX_ITEMS,
    READ_OVERHEAD,
    REPLY_ITEM,
    REQUEST_ITEM,
    ReadItem,
    read_parameters,
)
from engine.model import FLOAT_TYPES, DataType, TypeSpec, Value

Cut = tuple[Area, int, int]
"""Area, DB and byte."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value's place in the controller's memory; ``index`` is its tag's position in a scan."""

    index: int
    area: Area
    db: int
    start: int
    bit: int
    spec: TypeSpec

    @property
    def size(self) -> int:
        return types.size_of(self.spec, self.bit)

    @property
    def end(self) -> int:
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes read as one; ``decode(data)`` gives one reading for each of ``points``, in that order."""

    area: Area
    db: int
    start: int
    size: int
    points: tuple[Point, ...]
    decode: Callable[[bytes], list[Reading]]


@dataclass(frozen=True, slots=True)
class Request:
    """One read request; ``owners[i]`` is the position of the block that the i-th item belongs to."""

    items: tuple[ReadItem, ...]
    owners: tuple[int, ...]
    sizes: tuple[int, ...]
    parameters: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """What one scan asks for. A block larger than a PDU has several items, in ascending order."""

    blocks: tuple[Block, ...]
    requests: tuple[Request, ...]


def plan_reads(
    points: Iterable[Point],
    pdu: int,
    failed: Collection[Point] = (),
    cuts: Collection[Cut] = (),
) -> Plan:
    """The plan with the fewest requests, and of those the one with the fewest bytes.

    No block reaches over the bytes of a ``failed`` point, and none goes on over a cut.
    """
    ordered = sorted(points, key=lambda point: (point.area, point.db, point.start, point.end))
    holes = {(point.area, point.db, byte) for point in failed for byte in range(point.start, point.end)}
    payload = item_payload(pdu)
    plans = []
    for gap in (_NEAR, payload):
        groups = _merge(ordered, payload, gap, holes, frozenset(cuts))
        plans.append(plan_blocks([make_block(group) for group in groups], pdu))
    return min(plans, key=lambda plan: (len(plan.requests), sum(block.size for block in plan.blocks)))


def plan_blocks(blocks: Sequence[Block], pdu: int) -> Plan:
    """Requests for blocks that are already made: first fit, the largest items first."""
    payload = item_payload(pdu)
    items = [(item, owner) for owner, block in enumerate(blocks) for item in _items_of(block, payload)]
    items.sort(key=lambda pair: -pair[0].size)
    room = pdu - READ_OVERHEAD
    most = min(MAX_ITEMS, room // REQUEST_ITEM)
    bins: list[list[tuple[ReadItem, int]]] = []
    used: list[int] = []
    for item, owner in items:
        need = REPLY_ITEM + item.size + (item.size & 1)
        # An odd last item has no fill byte, so that one item alone may use the whole payload.
        fits = (n for n, taken in enumerate(used) if taken + need <= room and len(bins[n]) < most)
        n = next(fits, len(bins))
        if n == len(bins):
            bins.append([])
            used.append(0)
        bins[n].append((item, owner))
        used[n] += need
    return Plan(tuple(blocks), tuple(_request(sorted(pairs, key=_by_owner)) for pairs in bins))


def make_block(points: Sequence[Point]) -> Block:
    """The smallest block around some points of one area and DB."""
    first = points[0]
    start = min(point.start for point in points)
    size = max(point.end for point in points) - start
    ordered, decode = _compile(points, start, size)
    return Block(first.area, first.db, start, size, ordered, decode)


def split_block(block: Block) -> list[Block]:
    """Up to one request's worth of smaller blocks with the same points."""
    ordered = sorted(block.points, key=lambda point: (point.start, point.bit))
    step = math.ceil(len(ordered) / MAX_ITEMS)
    return [make_block(ordered[n : n + step]) for n in range(0, len(ordered), step)]


def split_request(request: Request) -> list[Request]:
    """One request for each item."""
    return [_request([pair]) for pair in zip(request.items, request.owners, strict=True)]


def item_payload(pdu: int) -> int:
    """Bytes that one item may carry in a reply."""
    return pdu - READ_OVERHEAD - REPLY_ITEM


_NEAR = 32


def _merge(
    ordered: Sequence[Point], payload: int, gap: int, holes: set[Cut], cuts: frozenset[Cut]
) -> list[list[Point]]:
    groups: list[list[Point]] = []
    start = end = 0
    for point in ordered:
        if groups and _joins(groups[-1][-1], point, holes, cuts, end):
            far = max(end, point.end)
            if point.start - end <= gap and far - start <= payload:
                groups[-1].append(point)
                end = far
                continue
        groups.append([point])
        start, end = point.start, point.end
    return groups


def _joins(last: Point, point: Point, holes: set[Cut], cuts: frozenset[Cut], end: int) -> bool:
    if (last.area, last.db) != (point.area, point.db):
        return False
    if (point.area, point.db, point.start) in cuts:
        return False
    return not holes or not any(
        (point.area, point.db, byte) in holes for byte in range(end, max(end, point.end))
    )


def _items_of(block: Block, payload: int) -> Iterable[ReadItem]:
    for offset in range(0, block.size, payload):
        size = min(payload, block.size - offset)
        yield ReadItem(block.area, block.db, block.start + offset, size)


def _by_owner(pair: tuple[ReadItem, int]) -> tuple[int, int]:
    return pair[1], pair[0].start


def _request(pairs: Sequence[tuple[ReadItem, int]]) -> Request:
    items = tuple(item for item, _ in pairs)
    return Request(
        items,
        tuple(owner for _, owner in pairs),
        tuple(item.size for item in items),
        read_parameters(items),
    )


def _compile(
    points: Sequence[Point], start: int, size: int
) -> tuple[tuple[Point, ...], Callable[[bytes], list[Reading]]]:
    """The points in the order in which their decoder gives readings, and that decoder."""
    scalars = [point for point in points if not point.spec.length and point.spec.base in types.FORMATS]
    bits = [point for point in points if not point.spec.length and point.spec.base is DataType.BOOL]
    taken = set(scalars) | set(bits)
    odd = [point for point in points if point not in taken]
    layers = _layers(scalars)
    decoder = _Decoder(
        tuple(_layout(layer, start, size) for layer in layers),
        tuple((point.start - start, 1 << point.bit) for point in bits),
        tuple((point.start - start, point.end - start, partial(_convert, point)) for point in odd),
        any(point.spec.base in FLOAT_TYPES for point in scalars),
    )
    return (*chain.from_iterable(layers), *bits, *odd), decoder


def _layers(scalars: Sequence[Point]) -> list[list[Point]]:
    """One layer, and further ones only where tags share bytes: a ``struct`` reads a byte once."""
    layers: list[list[Point]] = []
    for point in sorted(scalars, key=lambda point: (point.start, point.end)):
        layer = next((layer for layer in layers if layer[-1].end <= point.start), None)
        if layer is None:
            layers.append([point])
        else:
            layer.append(point)
    return layers


def _layout(layer: Sequence[Point], start: int, size: int) -> struct.Struct:
    letters, position = [">"], start
    for point in layer:
        letters.append(f"{point.start - position}x" + types.FORMATS[point.spec.base])
        position = point.end
    letters.append(f"{start + size - position}x")
    return struct.Struct("".join(letters))


def _convert(point: Point, data: bytes) -> Reading:
    try:
        return Reading(types.decode(point.spec, data, point.bit))
    except types.DecodeError as error:
        return Reading(None, str(error))


# ``Reading(value)`` for many values without a Python frame for each.
_make_reading = cast("Callable[[tuple[Value, str]], Reading]", partial(tuple.__new__, Reading))


@dataclass(frozen=True, slots=True)
class _Decoder:
    """Scalars by ``struct``, bits by mask, the rest by a converter each."""

    layouts: tuple[struct.Struct, ...]
    bits: tuple[tuple[int, int], ...]
    odd: tuple[tuple[int, int, Callable[[bytes], Reading]], ...]
    has_floats: bool

    def __call__(self, data: bytes) -> list[Reading]:
        values: list[Value] = []
        for layout in self.layouts:
            values += layout.unpack(data)
        # One sum finds out whether any of them is NaN or infinite.
        broken = self.has_floats and not math.isfinite(sum(cast("list[float]", values)))
        values += [data[offset] & mask != 0 for offset, mask in self.bits]
        readings = list(map(_make_reading, zip(values, repeat(""))))
        if broken:
            readings = [_checked(reading) for reading in readings]
        readings += [convert(data[first:end]) for first, end, convert in self.odd]
        return readings


def _checked(reading: Reading) -> Reading:
    if isinstance(reading.value, float) and not math.isfinite(reading.value):
        return Reading(None, types.NOT_A_NUMBER)
    return reading
