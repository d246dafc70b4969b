"""Tags of a Logix controller: symbols with their instances, by scope."""

import bisect
import itertools
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sim.cip_message import CipRefusedError, Status
from sim.logix_types import LogixType, StructType, symbol_type_of

_SYSTEM_FLAG = 0x1000
_BASE_TAG = 1 << 26
_ADDRESS_BASE, _OBJECT_BASE = 0x2000_0000, 0x3000_0000
_PROGRAM_PREFIX = "program:"


class SystemSymbol(IntEnum):
    """Type words of what is listed among the tags and is none."""

    PROGRAM = _SYSTEM_FLAG | 0x68
    ROUTINE = _SYSTEM_FLAG | 0x6D
    TASK = _SYSTEM_FLAG | 0x70
    MAP = _SYSTEM_FLAG | 0x69


class Access(IntEnum):
    """External access of a tag."""

    READ_WRITE = 0
    READ_ONLY = 2
    NONE = 3


@dataclass(slots=True, eq=False)
class LogixTag:
    """A tag over live memory; ``dims`` empty for no array, BOOL arrays in DWORDs."""

    name: str
    type: LogixType
    dims: tuple[int, ...]
    memory: bytearray
    access: Access = Access.READ_WRITE

    @property
    def elements(self) -> int:
        return math.prod(self.dims)


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """One entry of a tag list; ``tag`` None for a program, routine or task."""

    name: str
    instance: int
    symbol_type: int
    tag: LogixTag | None = None

    def attribute(self, number: int) -> bytes:
        """One attribute of the symbol object, encoded; CipRefusedError where there is no such."""
        tag = self.tag
        match number:
            case 1:
                return struct.pack("<H", len(self.name)) + self.name.encode("ascii")
            case 2:
                return struct.pack("<H", self.symbol_type)
            case 3:
                return struct.pack("<I", _ADDRESS_BASE + 0x40 * self.instance)
            case 5:
                return struct.pack("<I", _OBJECT_BASE + 0x40 * self.instance)
            case 6:
                return struct.pack("<I", _BASE_TAG)
            case 7:
                return struct.pack("<H", 0 if tag is None else tag.type.size)
            case 8:
                dims = () if tag is None else tag.dims
                return struct.pack("<3I", *dims, *(0,) * (3 - len(dims)))
            case 10:
                return bytes((Access.READ_WRITE if tag is None else tag.access,))
            case _:
                raise CipRefusedError(Status.ATTRIBUTE_UNSUPPORTED)


class Scope:
    """The symbols of the controller or of one program; names are not case-sensitive."""

    def __init__(self, *, lists_structures: bool = True) -> None:
        self._lists_structures = lists_structures
        self._by_name: dict[str, Symbol] = {}
        self._by_instance: dict[int, Symbol] = {}
        self._instances: list[int] = []
        self._next = itertools.count(1)

    def add(self, tag: LogixTag) -> None:
        """Add a tag; ValueError where its name is taken."""
        self._add(tag.name, symbol_type_of(tag.type, len(tag.dims)), tag)

    def add_system(self, name: str, kind: SystemSymbol) -> None:
        """Add a program, routine or task."""
        self._add(name, kind, None)

    def by_name(self, name: str) -> LogixTag | None:
        symbol = self._by_name.get(name.lower())
        return symbol.tag if symbol else None

    def by_instance(self, instance: int) -> Symbol | None:
        return self._by_instance.get(instance)

    def listed_from(self, instance: int) -> Iterator[Symbol]:
        """What a tag list shows, ascending, from this instance on."""
        for number in self._instances[bisect.bisect_left(self._instances, instance) :]:
            symbol = self._by_instance[number]
            is_structure = symbol.tag is not None and isinstance(symbol.tag.type, StructType)
            if self._lists_structures or not is_structure:
                yield symbol

    def tags(self) -> Iterator[LogixTag]:
        """All tags, in the order they were added."""
        return (symbol.tag for symbol in self._by_instance.values() if symbol.tag is not None)

    def _add(self, name: str, symbol_type: int, tag: LogixTag | None) -> None:
        if name.lower() in self._by_name:
            raise ValueError(f"there is a tag {name} already")
        symbol = Symbol(name, next(self._next), symbol_type, tag)
        self._by_name[name.lower()] = self._by_instance[symbol.instance] = symbol
        self._instances.append(symbol.instance)


class Scopes:
    """The controller's scope and those of its programs."""

    def __init__(self, *, micro800: bool = False) -> None:
        self._micro800 = micro800
        self.controller = Scope(lists_structures=not micro800)
        self._programs: dict[str, Scope] = {}

    def program(self, name: str) -> Scope:
        """The scope of a program, which is there from now on."""
        scope = self._programs.get(name.lower())
        if scope is None:
            scope = self._programs[name.lower()] = Scope()
            self.controller.add_system(f"Program:{name}", SystemSymbol.PROGRAM)
            scope.add_system("Routine:MainRoutine", SystemSymbol.ROUTINE)
        return scope

    def find_program(self, symbol: str) -> Scope | None:
        """The scope named ``Program:Name``; CipRefusedError where there is no such program.

        None where the symbol names no program but a tag.
        """
        if not symbol.lower().startswith(_PROGRAM_PREFIX):
            return None
        scope = self._programs.get(symbol[len(_PROGRAM_PREFIX) :].lower())
        if scope is None:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        return scope


def memory_size(logix_type: LogixType, dims: Sequence[int]) -> int:
    """Bytes a tag takes."""
    return logix_type.size * math.prod(dims)
