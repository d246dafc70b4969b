"""The requests that write a value; single bits leave their neighbours alone. Pure."""

from collections.abc import Iterator

from drivers.cip.frames import message
from drivers.logix import epath, types
from drivers.logix.place import Point
from drivers.logix.symbols import SHORT_STRING
from engine.model import DataType, Scalar

_HEADER = 12
"""Bytes of a fragmented write beside path, type and data, with some to spare."""


def write_requests(point: Point, elements: tuple[Scalar, ...], payload: int) -> list[bytes]:
    """Message router requests, in order, that write the checked elements. Raises ``types.EncodeError``."""
    if point.spec.base is DataType.BOOL and not point.is_bool:
        return list(_bit_requests(point, elements))
    data = _encoded(point, elements)
    place = point.leaf
    path, kind, count = place.element_path, place.prefix, point.count.to_bytes(2, "little")
    room = payload - _HEADER - len(path) - len(kind)
    if len(data) <= room:
        return [message(epath.WRITE, path, kind + count + data)]
    step = max(room // place.size, 1) * place.size if place.size <= room else room
    return [
        message(epath.WRITE_FRAGMENT, path, kind + count + at.to_bytes(4, "little") + data[at : at + step])
        for at in range(0, len(data), step)
    ]


def _encoded(point: Point, elements: tuple[Scalar, ...]) -> bytes:
    if point.is_bool:
        # What the controller itself answers for a BOOL that is on.
        return bytes(0xFF if element else 0 for element in elements)
    if point.code == SHORT_STRING:
        return types.encode_short_text(elements[0])
    if point.spec.base is DataType.STRING:
        return b"".join(types.encode_text(each, point.chars, point.leaf.size) for each in elements)
    return types.encode(point.spec.base, elements)


def _bit_requests(point: Point, elements: tuple[Scalar, ...]) -> Iterator[bytes]:
    """A read-modify-write for each word: the controller sets and clears bits by mask in one go."""
    place = point.leaf
    width = 8 * place.size
    first = (point.offset - place.offset) * 8 + point.bit
    for word in range(first // width, (first + len(elements) - 1) // width + 1):
        to_set, to_keep = 0, (1 << width) - 1
        for n, element in enumerate(elements):
            bit = first + n - word * width
            if 0 <= bit < width:
                to_set |= bool(element) << bit
                to_keep &= ~(0 if element else 1 << bit)
        masks = to_set.to_bytes(place.size, "little") + to_keep.to_bytes(place.size, "little")
        path = place.path_to(place.first + word) if place.dims else place.path
        yield message(epath.READ_MODIFY_WRITE, path, place.size.to_bytes(2, "little") + masks)
