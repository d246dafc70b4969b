"""What goes through the pipes between the plant and a process that polls for it.

A frame is a header and a body. Scans are nearly all of the traffic and have a body of their own: one
``struct`` holds the values of all tags, so that the plant's process makes its samples without touching
single values. Everything else is rare and pickled; both ends are the same program.
"""

import marshal
import pickle
import struct
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from functools import partial
from itertools import repeat
from typing import Any, cast

from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Quality, Sample, TagDef, Value

_HEADER = struct.Struct("<IBI")
"""Length of the body, kind, number of the connection in its process."""


class Kind(IntEnum):
    """From the polling process: SCAN to FAILED. To it: HELLO to PING."""

    SCAN = 1
    MESSAGE = 2
    OUTCOME = 3
    ENDED = 4
    LOG = 5
    FIGURES = 6
    FAILED = 7
    HELLO = 32
    ADD = 33
    STOP = 34
    WRITE = 35
    RETRY = 36
    PING = 37


Frame = tuple[int, int, int, int]
"""Kind, connection, and where in the buffer the body starts and ends."""


def frame(kind: Kind, connection: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(len(body), kind, connection) + body


def object_frame(kind: Kind, connection: int, content: object) -> bytes:
    return frame(kind, connection, pickle.dumps(content, pickle.HIGHEST_PROTOCOL))


def to_object(buffer: bytes, start: int, end: int) -> Any:
    """The content of an ``object_frame``; only ever called for what our own process sent."""
    return pickle.loads(buffer[start:end])


def split_frames(buffer: bytes) -> Iterator[Frame]:
    """The whole frames at the beginning of the buffer; the last one tells where the rest begins."""
    start, size = 0, len(buffer)
    while start + _HEADER.size <= size:
        length, kind, connection = _HEADER.unpack_from(buffer, start)
        start += _HEADER.size
        if start + length > size:
            return
        yield kind, connection, start, start + length
        start += length


class ScanCodec:
    """Samples of one whole scan to the body of a frame and back; both ends build it from the same tags."""

    def __init__(self, tags: Sequence[TagDef]) -> None:
        self._keys = tuple(tag.key for tag in tags)
        cells = [_cell(tag) for tag in tags]
        self._types = tuple(kind for _, kind in cells)
        self._blanks = tuple(_BLANKS[letter] for letter, _ in cells)
        self._values = struct.Struct("<" + "".join(letter for letter, _ in cells))
        self._qualities = struct.Struct(f"<{len(cells)}H")

    def encode(self, samples: Sequence[Sample]) -> bytes | None:
        """The body; None where these are not all tags in order at one time, or a number is too large."""
        if len(samples) != len(self._keys) or not samples:
            return None
        keys, values, qualities, times = zip(*samples, strict=True)
        if keys != self._keys or times.count(times[0]) != len(times):
            return None
        flags, column, tail = 0, b"", b""
        try:
            if tuple(map(type, values)) != self._types:
                flags, (values, tail) = _TAIL, self._set_aside(values)
            if qualities.count(Quality.GOOD) != len(qualities):
                flags |= _QUALITIES
                column = self._qualities.pack(*qualities)
            return b"".join((_SCAN.pack(times[0], flags), self._values.pack(*values), column, tail))
        except (struct.error, ValueError):
            return None

    def decode(self, buffer: bytes, start: int, end: int) -> list[Sample]:
        time_us, flags = _SCAN.unpack_from(buffer, start)
        start += _SCAN.size
        values: Sequence[Value | None] = self._values.unpack_from(buffer, start)
        if not flags:
            return list(map(_make_sample, zip(self._keys, values, _ALL_GOOD, repeat(time_us))))
        start += self._values.size
        qualities: Sequence[Quality] = [Quality.GOOD] * len(values)
        if flags & _QUALITIES:
            numbers = self._qualities.unpack_from(buffer, start)
            qualities = list(map(_QUALITY.__getitem__, numbers))
            start += self._qualities.size
        if flags & _TAIL:
            values = _put_back(values, buffer[start:end])
        return list(map(_make_sample, zip(self._keys, values, qualities, repeat(time_us))))

    def _set_aside(self, values: Sequence[Value | None]) -> tuple[tuple[Any, ...], bytes]:
        """The values with blanks for all that have no place of their own, and those with their positions."""
        odd = [
            n
            for n, (value, kind) in enumerate(zip(values, self._types, strict=True))
            if type(value) is not kind
        ]
        packed = list(values)
        for n in odd:
            packed[n] = self._blanks[n]
        return tuple(packed), marshal.dumps((odd, [values[n] for n in odd]))


_SCAN = struct.Struct("<qB")
_QUALITIES, _TAIL = 1, 2
_ALL_GOOD = repeat(Quality.GOOD)
_QUALITY = {int(quality): quality for quality in Quality}
_BLANKS: dict[str, Value] = {"d": 0.0, "q": 0, "Q": 0, "?": False}
# ``Sample(...)`` for many values without a Python frame for each.
_make_sample = cast(
    "Callable[[tuple[str, Value | None, Quality, int]], Sample]", partial(tuple.__new__, Sample)
)


class _Aside:
    """The type of no value: texts and arrays are always set aside."""


def _cell(tag: TagDef) -> tuple[str, type]:
    """Letter and type of the tag's values; those of other types are set aside."""
    base = tag.type.base
    if tag.type.length:
        return "?", _Aside
    if base in FLOAT_TYPES:
        return "d", float
    if base in INTEGER_BITS:
        return ("Q" if base is DataType.ULINT else "q"), int
    return "?", bool if base is DataType.BOOL else _Aside


def _put_back(values: Sequence[Value | None], tail: bytes) -> list[Value | None]:
    whole = list(values)
    for n, value in zip(*marshal.loads(tail), strict=True):
        whole[n] = value
    return whole
