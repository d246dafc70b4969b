"""Where the members of a data block with standard access lie: the offsets that STEP 7 shows.

Bits are packed into bytes; types of one byte begin at the next byte; everything else, and every
structure, array and string, begins at an even byte and fills its last word.
In an array of bits with several dimensions each row begins at a new byte.
"""

from collections.abc import Mapping
from typing import NamedTuple

from drivers.discovery.tia_types import ArrayOf, Declared, Open, Reference, Simple, Structure

_MAX_DEPTH = 64


class Place(NamedTuple):
    """Distance from the beginning of the structure or array."""

    byte: int
    bit: int = 0


class Layout:
    """Sizes and places of declared types; ``types`` are those that others name, by upper-case name."""

    def __init__(self, types: Mapping[str, Declared]) -> None:
        self._types = types
        self._places: dict[int, tuple[list[Place | None], int | None]] = {}
        self._open: set[int] = set()
        self._endless: set[int] = set()

    def resolve(self, declared: Declared) -> Simple | Open | ArrayOf | Structure:
        """What a name stands for; ``Open`` where nobody knows it."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(declared, Reference):
                return declared
            meant = self._types.get(declared.name.upper())
            if meant is None:
                return Open(declared.text, f"the type {declared.text} is not in these files")
            declared = meant
        return Open(declared.text, "this type names itself")

    def size(self, declared: Declared) -> int | None:
        """Bytes that it takes, the fill byte at its end included; 0 for a bit, None if nobody knows."""
        declared = self.resolve(declared)
        if isinstance(declared, Open):
            return None
        if isinstance(declared, Simple):
            size = declared.kind.size
            return size if size < 2 else _even(size)
        if isinstance(declared, Structure):
            return self._structure(declared)[1]
        if id(declared) in self._open or len(self._open) > _MAX_DEPTH:
            return None
        self._open.add(id(declared))
        try:
            return self._array_size(declared)
        finally:
            self._open.discard(id(declared))

    def is_endless(self, structure: Structure) -> bool:
        """Whether it contains itself."""
        self._structure(structure)
        return id(structure) in self._endless

    def places(self, structure: Structure) -> list[Place | None]:
        """The place of each member; None for all that follow one of unknown size."""
        return self._structure(structure)[0]

    def element_place(self, array: ArrayOf, index: int) -> Place | None:
        """The place of the element that is the ``index``-th in memory, from 0."""
        size = self.size(array.element)
        if size is None:
            return None
        if size:
            return Place(index * size)
        row, column = divmod(index, _row(array))
        return Place(row * _bytes(_row(array)) + column // 8, column % 8)

    def _array_size(self, array: ArrayOf) -> int | None:
        size = self.size(array.element)
        if size is None:
            return None
        if size:
            return _even(array.count * size)
        return _even(array.count // _row(array) * _bytes(_row(array)))

    def _structure(self, structure: Structure) -> tuple[list[Place | None], int | None]:
        known = self._places.get(id(structure))
        if known is not None:
            return known
        if id(structure) in self._open or len(self._open) > _MAX_DEPTH:
            # A type that contains itself has no size.
            self._endless.add(id(structure))
            return [None] * len(structure.members), None
        self._open.add(id(structure))
        try:
            result = self._place_members(structure)
        finally:
            self._open.discard(id(structure))
        self._places[id(structure)] = result
        return result

    def _place_members(self, structure: Structure) -> tuple[list[Place | None], int | None]:
        places: list[Place | None] = []
        byte, bit = 0, 0
        for member in structure.members:
            size = self.size(member.type)
            if member.section:
                byte, bit = _even(_bytes(8 * byte + bit)), 0
            if size == 0 and isinstance(self.resolve(member.type), Simple):
                places.append(Place(byte, bit))
                byte, bit = (byte, bit + 1) if bit < 7 else (byte + 1, 0)
                continue
            byte, bit = _bytes(8 * byte + bit), 0
            if size != 1:
                byte = _even(byte)
            places.append(Place(byte))
            if size is None:
                places += [None] * (len(structure.members) - len(places))
                return places, None
            byte += size
        return places, _even(_bytes(8 * byte + bit))


def _row(array: ArrayOf) -> int:
    low, high = array.bounds[-1]
    return high - low + 1


def _bytes(bits: int) -> int:
    return (bits + 7) // 8


def _even(byte: int) -> int:
    return byte + (byte & 1)
