"""Data types of a Logix controller: elementary, structures as Studio 5000 lays them out, STRING, TIMER."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HIDDEN_PREFIX = "ZZZZZZZZZZ"
FIRST_USER_TEMPLATE, LAST_USER_TEMPLATE = 0x100, 0xEFF
_STRUCT_FLAG = 0x8000
_BITS_PER_DWORD = 32


@dataclass(frozen=True, slots=True)
class Atomic:
    """An elementary type: CIP code, bytes, and how ``struct`` writes it (empty: it is text)."""

    name: str
    code: int
    size: int
    layout: str


ATOMICS: Mapping[str, Atomic] = {
    atomic.name: atomic
    for atomic in (
        Atomic("BOOL", 0xC1, 1, "?"),
        Atomic("SINT", 0xC2, 1, "b"),
        Atomic("INT", 0xC3, 2, "h"),
        Atomic("DINT", 0xC4, 4, "i"),
        Atomic("LINT", 0xC5, 8, "q"),
        Atomic("USINT", 0xC6, 1, "B"),
        Atomic("UINT", 0xC7, 2, "H"),
        Atomic("UDINT", 0xC8, 4, "I"),
        Atomic("ULINT", 0xC9, 8, "Q"),
        Atomic("REAL", 0xCA, 4, "f"),
        Atomic("LREAL", 0xCB, 8, "d"),
        Atomic("BYTE", 0xD1, 1, "B"),
        Atomic("WORD", 0xD2, 2, "H"),
        Atomic("DWORD", 0xD3, 4, "I"),
        Atomic("LWORD", 0xD4, 8, "Q"),
        Atomic("SHORT_STRING", 0xDA, 81, ""),
    )
}
"""Elementary types by name; SHORT_STRING is the STRING of a Micro800, a length byte and 80 characters."""

BOOL, SINT, DWORD, SHORT_STRING = (ATOMICS[name] for name in ("BOOL", "SINT", "DWORD", "SHORT_STRING"))


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure; ``bit`` of a BOOL within the byte at ``offset``, ``length`` of an array."""

    name: str
    type: "LogixType"
    offset: int
    length: int = 0
    bit: int | None = None

    @property
    def hidden(self) -> bool:
        """It only holds BOOLs."""
        return self.name.startswith(HIDDEN_PREFIX)


@dataclass(frozen=True, eq=False)
class StructType:
    """A structure; ``predefined`` ones are not described as ``NAME;n...`` in their template."""

    name: str
    template_id: int
    size: int
    members: tuple[Member, ...]
    by_name: Mapping[str, Member] = field(init=False, repr=False)
    handle: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {member.name.lower(): member for member in self.members})
        text = ",".join(f"{m.name}:{m.type.name}:{m.offset}:{m.length}:{m.bit}" for m in self.members)
        own = zlib.crc32(f"{self.name}({text})".encode()) & 0xFFFF
        object.__setattr__(self, "handle", self.template_id if self.predefined else own)

    @property
    def predefined(self) -> bool:
        return not FIRST_USER_TEMPLATE <= self.template_id <= LAST_USER_TEMPLATE

    @property
    def is_string(self) -> bool:
        """A STRING, of whatever length: LEN and DATA."""
        return [member.name for member in self.members] == ["LEN", "DATA"]


LogixType = Atomic | StructType


class Field(NamedTuple):
    """A member as a programmer declares it; ``length`` 0 is no array."""

    name: str
    type: LogixType
    length: int = 0


def symbol_type_of(logix_type: LogixType, dimensions: int) -> int:
    """The type word of a symbol or a template's member: structure flag, dimensions, code or template."""
    if isinstance(logix_type, StructType):
        return _STRUCT_FLAG | dimensions << 13 | logix_type.template_id
    return dimensions << 13 | logix_type.code


def stored_as(logix_type: LogixType, elements: int) -> tuple[LogixType, int]:
    """Type and length an array is stored with: BOOL arrays are DWORDs of 32 each."""
    if logix_type is BOOL and elements:
        return DWORD, -(-elements // _BITS_PER_DWORD)
    return logix_type, elements


def lay_out(name: str, template_id: int, fields: Iterable[Field]) -> StructType:
    """A structure with its members aligned and its BOOLs packed eight to a hidden SINT."""
    members: list[Member] = []
    end, host_at, bit, hosts = 0, 0, 8, 0
    for declared in fields:
        if declared.type is BOOL and not declared.length:
            if bit == 8:
                members.append(Member(f"{HIDDEN_PREFIX}{name}{hosts}", SINT, end))
                host_at, bit, hosts, end = end, 0, hosts + 1, end + 1
            members.append(Member(declared.name, BOOL, host_at, bit=bit))
            bit += 1
            continue
        bit = 8
        stored, length = stored_as(declared.type, declared.length)
        alignment = max(_alignment(stored), 4 if length else 1)
        start = _aligned(end, alignment)
        members.append(Member(declared.name, stored, start, length))
        end = start + stored.size * max(length, 1)
    return StructType(name, template_id, _aligned(end, _largest_alignment(members)), tuple(members))


def string_type(name: str, template_id: int, chars: int) -> StructType:
    """A STRING type of at most ``chars`` characters."""
    return lay_out(name, template_id, (Field("LEN", ATOMICS["DINT"]), Field("DATA", SINT, chars)))


def _alignment(logix_type: LogixType) -> int:
    if isinstance(logix_type, StructType):
        return _largest_alignment(logix_type.members)
    return 1 if logix_type is SHORT_STRING else logix_type.size


def _largest_alignment(members: Sequence[Member]) -> int:
    return max([4, *(_alignment(member.type) for member in members)])


def _aligned(position: int, alignment: int) -> int:
    return -(-position // alignment) * alignment


def _timed(name: str, template_id: int, bits: Sequence[tuple[str, int]]) -> StructType:
    """A TIMER or COUNTER: control word with its bits in the topmost byte, preset, accumulated value."""
    dint = ATOMICS["DINT"]
    control = Member("CTL", DWORD, 0)
    words = (Member("PRE", dint, 4), Member("ACC", dint, 8))
    flags = tuple(Member(flag, BOOL, 3, bit=bit) for flag, bit in bits)
    return StructType(name, template_id, 12, (control, *words, *flags))


STRING = string_type("ASCIISTRING82", 0xFCE, 82)
TIMER = _timed("TIMER", 0xF83, (("EN", 7), ("TT", 6), ("DN", 5)))
COUNTER = _timed("COUNTER", 0xF82, (("CU", 7), ("CD", 6), ("DN", 5), ("OV", 4), ("UN", 3)))
PREDEFINED: Mapping[str, StructType] = {"STRING": STRING, "TIMER": TIMER, "COUNTER": COUNTER}
