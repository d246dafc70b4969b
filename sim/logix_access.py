"""Reading and writing tags: services 4C, 52, 4D, 53 and 4E of a Logix controller."""

import struct
from enum import IntEnum

from sim.cip_message import CipRefusedError, CipReply, CipRequest, Status
from sim.logix_place import BEYOND_END, TYPE_MISMATCH, Place, Places
from sim.logix_tags import Access
from sim.logix_types import BOOL, SHORT_STRING, StructType


class TagService(IntEnum):
    """Services to a tag."""

    READ = 0x4C
    WRITE = 0x4D
    READ_MODIFY_WRITE = 0x4E
    READ_FRAGMENTED = 0x52
    WRITE_FRAGMENTED = 0x53


class TagAccess:
    """Carries out tag services; every refusal is raised as CipRefusedError."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def handle(self, request: CipRequest) -> CipReply:
        """Answer one tag service."""
        place = self._places.find(request.path)
        fragmented = request.service in (TagService.READ_FRAGMENTED, TagService.WRITE_FRAGMENTED)
        match request.service:
            case TagService.READ | TagService.READ_FRAGMENTED:
                return _read(place, request, fragmented=fragmented)
            case TagService.WRITE | TagService.WRITE_FRAGMENTED:
                return _write(place, request.data, fragmented=fragmented)
            case _:
                return _modify(place, request.data)


def _read(place: Place, request: CipRequest, *, fragmented: bool) -> CipReply:
    if place.access is Access.NONE:
        raise CipRefusedError(Status.PRIVILEGE)
    elements, offset = _unpack("<HI", request.data) if fragmented else (*_unpack("<H", request.data), 0)
    _check_count(place, elements)
    header = place.header
    value = _value_of(place, elements)
    if offset and offset >= len(value):
        raise CipRefusedError(Status.GENERAL_ERROR, BEYOND_END)
    room = request.max_reply - len(header)
    if len(value) - offset <= room:
        return CipReply(data=header + value[offset:])
    fitting = max(room, 0) // 4 * 4
    if not fitting:
        raise CipRefusedError(Status.REPLY_TOO_LARGE)
    return CipReply(Status.PARTIAL, header + value[offset : offset + fitting])


def _write(place: Place, data: bytes, *, fragmented: bool) -> CipReply:
    """What follows the declared elements is ignored: some clients send more than they say."""
    if place.access is not Access.READ_WRITE:
        raise CipRefusedError(Status.PRIVILEGE)
    header = place.header
    if len(data) < len(header):
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    if data[: len(header)] != header:
        raise CipRefusedError(Status.GENERAL_ERROR, TYPE_MISMATCH)
    layout = "<HI" if fragmented else "<H"
    numbers = _unpack(layout, data[len(header) :])
    elements, offset = numbers if fragmented else (*numbers, 0)
    _check_count(place, elements)
    value = data[len(header) + struct.calcsize(layout) :]
    if place.type is SHORT_STRING:
        _store_text(place, value)
    else:
        _store(place, value, elements, offset, fragmented=fragmented)
    return CipReply()


def _store(place: Place, value: bytes, elements: int, offset: int, *, fragmented: bool) -> None:
    size = place.type.size * elements
    if offset and offset >= size:
        raise CipRefusedError(Status.GENERAL_ERROR, BEYOND_END)
    value = value[: size - offset]
    if not value or (len(value) < size and not fragmented):
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    if place.bit is not None:
        mask = 1 << place.bit
        before = place.memory[place.offset]
        place.memory[place.offset] = before | mask if value[0] else before & ~mask
        return
    if place.type is BOOL:
        value = bytes(byte != 0 for byte in value)
    start = place.offset + offset
    place.memory[start : start + len(value)] = value


def _store_text(place: Place, value: bytes) -> None:
    if not value or len(value) < 1 + value[0]:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    if value[0] >= place.type.size:
        raise CipRefusedError(Status.GENERAL_ERROR, BEYOND_END)
    place.memory[place.offset : place.offset + 1 + value[0]] = value[: 1 + value[0]]


def _modify(place: Place, data: bytes) -> CipReply:
    """Read-modify-write: what is to be set, then what is to be kept."""
    if place.access is not Access.READ_WRITE:
        raise CipRefusedError(Status.PRIVILEGE)
    if isinstance(place.type, StructType) or place.type.layout in ("?", "f", "d", ""):
        raise CipRefusedError(Status.GENERAL_ERROR, TYPE_MISMATCH)
    (size,) = _unpack("<H", data)
    if size != place.type.size:
        raise CipRefusedError(Status.INVALID_PARAMETER)
    if len(data) < 2 + 2 * size:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    to_set, to_keep = (int.from_bytes(data[at : at + size], "little") for at in (2, 2 + size))
    end = place.offset + size
    before = int.from_bytes(place.memory[place.offset : end], "little")
    place.memory[place.offset : end] = ((before | to_set) & to_keep).to_bytes(size, "little")
    return CipReply()


def _check_count(place: Place, elements: int) -> None:
    if not elements:
        raise CipRefusedError(Status.INVALID_PARAMETER)
    if elements > place.elements:
        raise CipRefusedError(Status.GENERAL_ERROR, BEYOND_END)


def _value_of(place: Place, elements: int) -> bytes:
    memory, offset = place.memory, place.offset
    if place.bit is not None:
        return bytes((memory[offset] >> place.bit & 1,))
    if place.type is SHORT_STRING:
        return bytes(memory[offset : offset + 1 + memory[offset]])
    return bytes(memory[offset : offset + place.type.size * elements])


def _unpack(layout: str, data: bytes) -> tuple[int, ...]:
    if len(data) < struct.calcsize(layout):
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    return struct.unpack_from(layout, data)
