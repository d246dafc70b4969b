"""How data files lie in memory, in words of 16 bits: areas within which words can be read as one piece."""

from typing import NamedTuple

from drivers.base import AddressError
from drivers.pccc.address import (
    IO_FILES,
    Address,
    FileType,
    check_type,
    format_address,
    parse_address,
)
from drivers.pccc.family import Family
from engine.model import DataType, TypeSpec

ELEMENT_WORDS = {
    FileType.TIMER: 3,
    FileType.COUNTER: 3,
    FileType.CONTROL: 3,
    FileType.FLOAT: 2,
    FileType.LONG: 2,
    FileType.STRING: 42,
}
"""Words of one element; the other files have one."""


class Area(NamedTuple):
    """Words that lie one behind the other.

    That is a whole file; for inputs and outputs of an SLC one ``slot`` of it, as nobody outside knows how
    many words the modules before it have. ``slot`` is -1 for a whole file.
    """

    kind: FileType
    file: int
    slot: int = -1

    @property
    def stride(self) -> int:
        """Words of one element."""
        return ELEMENT_WORDS.get(self.kind, 1)


class Span(NamedTuple):
    """``words`` words from word ``start`` of an area on."""

    area: Area
    start: int
    words: int

    @property
    def end(self) -> int:
        return self.start + self.words

    @property
    def element(self) -> int:
        return self.start // self.area.stride if self.area.slot < 0 else self.area.slot

    @property
    def sub_element(self) -> int:
        return self.start % self.area.stride if self.area.slot < 0 else self.start

    @property
    def address(self) -> Address:
        """Of its first word."""
        return Address(self.area.kind, self.area.file, self.element, self.sub_element)


def locate(text: str, spec: TypeSpec, family: Family) -> tuple[Span, int]:
    """The words of a tag with this address and type, and the bit where a BOOL starts.

    Raises ``AddressError``.
    """
    address = parse_address(text, family)
    problem = check_type(address, spec, family)
    if problem:
        raise AddressError(problem)
    span = place(address, spec, family)
    if span.end > _ELEMENTS * span.area.stride:
        where = format_address(address, family)
        raise AddressError(f"{where}: a {spec} runs past the last element that can be addressed")
    return span, address.bit or 0


def place(address: Address, spec: TypeSpec, family: Family) -> Span:
    """The words that a value of this type takes."""
    words = _words(address, spec)
    if address.kind in IO_FILES and family is not Family.PLC5:
        return Span(Area(address.kind, address.file, address.element), address.word, words)
    area = Area(address.kind, address.file)
    return Span(area, address.element * area.stride + address.word, words)


_ELEMENTS = 65536


def _words(address: Address, spec: TypeSpec) -> int:
    if spec.base is DataType.BOOL:
        return ((address.bit or 0) + max(spec.length, 1) + 15) // 16
    if spec.base is DataType.STRING and address.kind is FileType.ASCII:
        return (spec.chars + 1) // 2
    if spec.base in (DataType.INT, DataType.UINT, DataType.WORD):
        return max(spec.length, 1)
    return ELEMENT_WORDS[address.kind] * max(spec.length, 1)
