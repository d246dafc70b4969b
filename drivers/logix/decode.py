"""Compiled decoders: from a whole reply to readings, without Python work for each number. Pure."""

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple, cast

from drivers.base import Reading
from drivers.logix import types
from drivers.logix.place import Point
from engine.model import FLOAT_TYPES, DataType, Value


class Spot(NamedTuple):
    """A point in a reply: ``at`` is its first byte there; ``alone``: it was read for itself."""

    point: Point
    at: int
    alone: bool

    @property
    def end(self) -> int:
        return self.at + self.point.size


Decode = Callable[[bytes], list[Reading]]


def compile_decoder(spots: Sequence[Spot]) -> tuple[tuple[Point, ...], Decode]:
    """The points in the order in which the decoder gives readings, and the decoder."""
    numbers = [spot for spot in spots if not spot.point.spec.length and spot.point.spec.base in types.FORMATS]
    bits = [spot for spot in spots if not spot.point.spec.length and spot.point.spec.base is DataType.BOOL]
    taken = {id(spot) for spot in chain(numbers, bits)}
    odd = [spot for spot in spots if id(spot) not in taken]
    layers = _layers(numbers)
    decoder = _Decoder(
        tuple(_layout(layer) for layer in layers),
        tuple((spot.at, _mask(spot)) for spot in bits),
        tuple((spot.at, spot.end, partial(_convert, spot)) for spot in odd),
        any(spot.point.spec.base in FLOAT_TYPES for spot in numbers),
    )
    ordered = chain(chain.from_iterable(layers), bits, odd)
    return tuple(spot.point for spot in ordered), decoder


def _mask(spot: Spot) -> int:
    """A BOOL read alone is a byte that is 0 or not."""
    return 0xFF if spot.alone and spot.point.is_bool else 1 << spot.point.bit


def _layers(numbers: Iterable[Spot]) -> list[list[Spot]]:
    """One layer, and further ones only where tags share bytes: a ``struct`` reads a byte once."""
    layers: list[list[Spot]] = []
    for spot in sorted(numbers, key=lambda spot: (spot.at, spot.end)):
        layer = next((layer for layer in layers if layer[-1].end <= spot.at), None)
        if layer is None:
            layers.append([spot])
        else:
            layer.append(spot)
    return layers


def _layout(layer: Sequence[Spot]) -> struct.Struct:
    letters, position = ["<"], 0
    for spot in layer:
        letters.append(f"{spot.at - position}x" + types.FORMATS[spot.point.spec.base])
        position = spot.end
    return struct.Struct("".join(letters))


def _convert(spot: Spot, data: bytes) -> Reading:
    try:
        return Reading(_value(spot, data))
    except types.DecodeError as error:
        return Reading(None, str(error))


def _value(spot: Spot, data: bytes) -> Value:
    point = spot.point
    spec = point.spec
    if point.variable:
        return types.decode_short_text(data)
    if spec.base is DataType.STRING:
        size = point.leaf.size
        if not spec.length:
            return types.decode_text(data, point.chars)
        return tuple(
            types.decode_text(data[n : n + size], point.chars) for n in range(0, spec.length * size, size)
        )
    if spec.base is DataType.BOOL:
        return tuple(map(bool, data)) if point.is_bool else types.decode_bits(data, point.bit, spec.length)
    return types.decode(spec, data)


# ``Reading(value)`` for many values without a Python frame for each.
_make_reading = cast("Callable[[tuple[Value, str]], Reading]", partial(tuple.__new__, Reading))


@dataclass(frozen=True, slots=True)
class _Decoder:
    """Numbers by ``struct``, bits by mask, the rest by a converter each."""

    layouts: tuple[struct.Struct, ...]
    bits: tuple[tuple[int, int], ...]
    odd: tuple[tuple[int, int, Callable[[bytes], Reading]], ...]
    has_floats: bool

    def __call__(self, data: bytes) -> list[Reading]:
        values: list[Value] = []
        for layout in self.layouts:
            values += layout.unpack_from(data)
        # One sum finds out whether any of them is NaN or infinite.
        broken = self.has_floats and not math.isfinite(sum(cast("list[float]", values)))
        values += [data[at] & mask != 0 for at, mask in self.bits]
        readings = list(map(_make_reading, zip(values, repeat(""))))
        if broken:
            readings = [_checked(reading) for reading in readings]
        readings += [convert(data[first:end]) for first, end, convert in self.odd]
        return readings


def _checked(reading: Reading) -> Reading:
    if isinstance(reading.value, float) and not math.isfinite(reading.value):
        return Reading(None, types.NOT_A_NUMBER)
    return reading
