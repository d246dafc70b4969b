"""From the places of tags to as few reads as the messages allow, with a compiled decoder for each block.

A PCCC command reads one run of words, so a round trip is what costs: whatever lies in one area and fits one
reply is read as one block, gaps included. Pure: no I/O in here.
"""

import math
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import cast

from drivers.base import Reading
from drivers.pccc import types
from drivers.pccc.layout import Area, Span
from engine.model import FLOAT_TYPES, DataType, TypeSpec, Value

Cut = tuple[Area, int]
"""Area and word."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value's place in the controller; ``index`` is its tag's position in a scan."""

    index: int
    span: Span
    bit: int
    spec: TypeSpec


@dataclass(frozen=True, slots=True)
class Block:
    """Words read as one; ``decode(data)`` gives one reading for each of ``points``, in that order."""

    span: Span
    points: tuple[Point, ...]
    decode: Callable[[bytes], list[Reading]]


@dataclass(frozen=True, slots=True)
class Plan:
    """``reads[i]`` are the requests for ``blocks[i]``, ascending: several where it is too long for one."""

    blocks: tuple[Block, ...]
    reads: tuple[tuple[Span, ...], ...]


def plan_reads(
    points: Iterable[Point], limit: int, failed: Collection[Point] = (), cuts: Collection[Cut] = ()
) -> Plan:
    """The plan with the fewest requests of at most ``limit`` bytes each.

    No block reaches over the words of a ``failed`` point, and none goes on over a cut.
    """
    ordered = sorted(points, key=lambda point: (point.span.area, point.span.start, point.span.end))
    holes = {(point.span.area, word) for point in failed for word in range(point.span.start, point.span.end)}
    return plan_blocks([make_block(group) for group in _merge(ordered, limit, holes, frozenset(cuts))], limit)


def plan_blocks(blocks: Sequence[Block], limit: int) -> Plan:
    """Requests for blocks that are already made."""
    return Plan(tuple(blocks), tuple(tuple(_pieces(block.span, limit)) for block in blocks))


def make_block(points: Sequence[Point]) -> Block:
    """The smallest run of whole elements around some points of one area."""
    span = _around(points)
    ordered, decode = _compile(points, span)
    return Block(span, ordered, decode)


def split_block(block: Block) -> list[Block]:
    """Two blocks with half of the points each."""
    ordered = sorted(block.points, key=lambda point: (point.span.start, point.bit))
    half = len(ordered) // 2
    return [make_block(ordered[:half]), make_block(ordered[half:])]


def _around(points: Sequence[Point]) -> Span:
    area = points[0].span.area
    stride = area.stride
    start = min(point.span.start for point in points) // stride * stride
    end = -(-max(point.span.end for point in points) // stride) * stride
    return Span(area, start, end - start)


def _merge(ordered: Sequence[Point], limit: int, holes: set[Cut], cuts: frozenset[Cut]) -> list[list[Point]]:
    groups: list[list[Point]] = []
    around: Span | None = None
    for point in ordered:
        wider = around and _widened(around, point, limit, holes, cuts)
        if wider is None:
            groups.append([])
        groups[-1].append(point)
        around = wider or _around((point,))
    return groups


def _widened(around: Span, point: Point, limit: int, holes: set[Cut], cuts: frozenset[Cut]) -> Span | None:
    """The run of words that takes in a point behind it too, or None where it is better read on its own."""
    area = point.span.area
    if area != around.area or (area, point.span.start) in cuts:
        return None
    words = max(around.words, _around((point,)).end - around.start)
    if words > max(around.words, _most_words(area, limit)):
        return None
    if holes and any((area, word) in holes for word in range(around.end, around.start + words)):
        return None
    return Span(area, around.start, words)


def _most_words(area: Area, limit: int) -> int:
    """Words of the whole elements that one message carries."""
    return max(limit // 2 // area.stride, 1) * area.stride


def _pieces(span: Span, limit: int) -> Iterable[Span]:
    most = _most_words(span.area, limit)
    for start in range(span.start, span.end, most):
        yield Span(span.area, start, min(most, span.end - start))


def _compile(
    points: Sequence[Point], span: Span
) -> tuple[tuple[Point, ...], Callable[[bytes], list[Reading]]]:
    """The points in the order in which their decoder gives readings, and that decoder."""
    single = [point for point in points if not point.spec.length]
    scalars = [point for point in single if point.spec.base in types.FORMATS]
    bits = [point for point in single if point.spec.base is DataType.BOOL]
    taken = set(scalars) | set(bits)
    odd = [point for point in points if point not in taken]
    layers = _layers(scalars)
    decoder = _Decoder(
        tuple(_layout(layer, span) for layer in layers),
        tuple(_byte_and_mask(point, span) for point in bits),
        tuple(_slice_and_converter(point, span) for point in odd),
        any(point.spec.base in FLOAT_TYPES for point in scalars),
    )
    return (*chain.from_iterable(layers), *bits, *odd), decoder


def _layers(scalars: Sequence[Point]) -> list[list[Point]]:
    """One layer, and further ones only where tags share words: a ``struct`` reads a byte once."""
    layers: list[list[Point]] = []
    for point in sorted(scalars, key=lambda point: (point.span.start, point.span.end)):
        layer = next((layer for layer in layers if layer[-1].span.end <= point.span.start), None)
        if layer is None:
            layers.append([point])
        else:
            layer.append(point)
    return layers


def _layout(layer: Sequence[Point], span: Span) -> struct.Struct:
    letters, position = ["<"], span.start
    for point in layer:
        letters.append(f"{2 * (point.span.start - position)}x" + types.FORMATS[point.spec.base])
        position = point.span.end
    letters.append(f"{2 * (span.end - position)}x")
    return struct.Struct("".join(letters))


def _byte_and_mask(point: Point, span: Span) -> tuple[int, int]:
    return 2 * (point.span.start - span.start) + point.bit // 8, 1 << point.bit % 8


def _slice_and_converter(point: Point, span: Span) -> tuple[int, int, Callable[[bytes], Reading]]:
    first, end = 2 * (point.span.start - span.start), 2 * (point.span.end - span.start)
    return first, end, partial(_convert, point)


def _convert(point: Point, data: bytes) -> Reading:
    try:
        return Reading(types.decode(point.spec, point.span.area.kind, data, point.bit))
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
