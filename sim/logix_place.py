"""From the path of a request to the place in memory it names."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from sim.cip_message import CipRefusedError, PathKind, PathSegment, Status, parse_path
from sim.logix_tags import Access, LogixTag, Scopes
from sim.logix_types import LogixType, StructType

BEYOND_END = 0x2105
TYPE_MISMATCH = 0x2107
SYMBOL_CLASS = 0x6B
_STRUCT_CODE = 0x02A0
_MOST_REMEMBERED = 20_000


class Place(NamedTuple):
    """Where a value is: ``elements`` from ``offset`` on, ``bit`` of a BOOL member.

    ``whole``: an array named without an index. ``header`` names the type in requests and replies.
    """

    memory: bytearray
    offset: int
    type: LogixType
    elements: int
    bit: int | None
    access: Access
    whole: bool
    header: bytes = b""


class Places:
    """Finds places by path and remembers them, as clients ask the same again and again."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._known: dict[bytes, Place] = {}

    def forget(self) -> None:
        """The tags have changed."""
        self._known.clear()

    def find(self, path: bytes) -> Place:
        """The place a path names; CipRefusedError where it names none."""
        place = self._known.get(path)
        if place is None:
            place = self._resolve(parse_path(path))
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[path] = place
        return place

    def _resolve(self, segments: Sequence[PathSegment]) -> Place:
        tag, rest = self._tag_of(segments)
        place = Place(tag.memory, 0, tag.type, 1, None, tag.access, whole=False)
        place, rest = _indexed(place, tag.dims, rest)
        while rest:
            place, rest = _member_of(place, rest)
        return place._replace(header=_type_header(place.type))

    def _tag_of(self, segments: Sequence[PathSegment]) -> tuple[LogixTag, Sequence[PathSegment]]:
        scope = self._scopes.controller
        if segments and segments[0].kind is PathKind.SYMBOL:
            program = self._scopes.find_program(segments[0].text)
            if program is not None:
                scope, segments = program, segments[1:]
        if not segments:
            raise CipRefusedError(Status.PATH_SEGMENT)
        if segments[0].kind is PathKind.SYMBOL:
            tag, used = scope.by_name(segments[0].text), 1
        elif _is_symbol_instance(segments):
            symbol = scope.by_instance(segments[1].number)
            tag, used = symbol.tag if symbol else None, 2
        else:
            raise CipRefusedError(Status.PATH_SEGMENT)
        if tag is None:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        return tag, segments[used:]


def _type_header(logix_type: LogixType) -> bytes:
    if isinstance(logix_type, StructType):
        return struct.pack("<HH", _STRUCT_CODE, logix_type.handle)
    return struct.pack("<H", logix_type.code)


def _is_symbol_instance(segments: Sequence[PathSegment]) -> bool:
    kinds = [segment.kind for segment in segments[:2]]
    return kinds == [PathKind.CLASS, PathKind.INSTANCE] and segments[0].number == SYMBOL_CLASS


def _member_of(place: Place, segments: Sequence[PathSegment]) -> tuple[Place, Sequence[PathSegment]]:
    first = segments[0]
    if first.kind is not PathKind.SYMBOL or place.whole or not isinstance(place.type, StructType):
        raise CipRefusedError(Status.PATH_SEGMENT)
    member = place.type.by_name.get(first.text.lower())
    if member is None:
        raise CipRefusedError(Status.PATH_UNKNOWN)
    offset = place.offset + member.offset
    found = place._replace(offset=offset, type=member.type, elements=1, bit=member.bit)
    return _indexed(found, (member.length,) if member.length else (), segments[1:])


def _indexed(
    place: Place, dims: Sequence[int], segments: Sequence[PathSegment]
) -> tuple[Place, Sequence[PathSegment]]:
    """Follow the indices that come next; an array without any is meant from its first element on."""
    used = 0
    while used < len(segments) and segments[used].kind is PathKind.ELEMENT:
        used += 1
    indices = [segment.number for segment in segments[:used]]
    total = 1
    for dim in dims:
        total *= dim
    if not indices:
        return place._replace(elements=total, whole=bool(dims)), segments
    if len(indices) != len(dims):
        raise CipRefusedError(Status.PATH_SEGMENT)
    if any(index >= dim for index, dim in zip(indices, dims, strict=True)):
        raise CipRefusedError(Status.GENERAL_ERROR, BEYOND_END)
    flat = 0
    for index, dim in zip(indices, dims, strict=True):
        flat = flat * dim + index
    offset = place.offset + flat * place.type.size
    return place._replace(offset=offset, elements=total - flat), segments[used:]
