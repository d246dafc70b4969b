"""The tags of a controller and their data types, as uploaded: symbols, templates, members. Pure.

``type_spec`` says what the plant file would write for one of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod

from engine.model import DataType, TypeSpec


class SymbolAccess(IntEnum):
    """External access, as set in the engineering tool."""

    READ_WRITE = 0
    READ_ONLY = 2
    NONE = 3


BOOL = 0xC1
SINT = 0xC2
DINT = 0xC4
BIT_ARRAY = 0xD3
"""Logix keeps a BOOL array as 32-bit words of this type; other controllers have DWORDs."""
SHORT_STRING = 0xDA

ELEMENTARY: dict[int, DataType] = {
    0xC1: DataType.BOOL,
    0xC2: DataType.SINT,
    0xC3: DataType.INT,
    0xC4: DataType.DINT,
    0xC5: DataType.LINT,
    0xC6: DataType.USINT,
    0xC7: DataType.UINT,
    0xC8: DataType.UDINT,
    0xC9: DataType.ULINT,
    0xCA: DataType.REAL,
    0xCB: DataType.LREAL,
    0xD1: DataType.BYTE,
    0xD2: DataType.WORD,
    0xD3: DataType.DWORD,
    0xD4: DataType.ULINT,
    0xDA: DataType.STRING,
    0xDB: DataType.TIME,
}
"""CIP data type codes that this program can carry."""

SIZES: dict[int, int] = {
    0xC1: 1,
    0xC2: 1,
    0xC3: 2,
    0xC4: 4,
    0xC5: 8,
    0xC6: 1,
    0xC7: 2,
    0xC8: 4,
    0xC9: 8,
    0xCA: 4,
    0xCB: 8,
    0xD1: 1,
    0xD2: 2,
    0xD3: 4,
    0xD4: 8,
    0xDB: 4,
}
"""Bytes of one value of each code; a SHORT_STRING has none of its own."""

NAMES = {
    0xD4: "LWORD",
    0xDA: "STRING",
    **{code: base.value for code, base in ELEMENTARY.items() if code < 0xD4},
}
_SHORT_STRING_CHARS = 80
_MOST_ELEMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure: ``offset`` in bytes; ``bit`` of a BOOL counted from that byte.

    ``length`` is that of an array, 0 otherwise. ``hidden``: it has no name for people.
    """

    name: str
    code: int
    template: "Template | None"
    length: int
    offset: int
    bit: int = 0
    hidden: bool = False

    @property
    def dims(self) -> tuple[int, ...]:
        return (self.length,) if self.length else ()


@dataclass(frozen=True, slots=True)
class Template:
    """A structure. ``handle`` names its exact layout; ``size`` in bytes, without a gap between elements.

    ``chars`` is not 0 for strings: structures of a length and as many characters.
    """

    id: int
    name: str
    handle: int
    size: int
    members: tuple[Member, ...]
    chars: int = 0
    by_name: Mapping[str, Member] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {member.name.lower(): member for member in self.members})

    @property
    def visible(self) -> Iterator[Member]:
        """Members that people see."""
        return (member for member in self.members if not member.hidden)


@dataclass(frozen=True, slots=True)
class Symbol:
    """One tag. ``program`` is empty for controller tags; ``dims`` has up to three numbers of elements.

    ``template`` None with ``is_structure``: its definition was not asked for, or could not be read.
    """

    name: str
    program: str
    instance: int
    code: int
    template_id: int
    dims: tuple[int, ...]
    access: SymbolAccess
    alias: bool
    template: Template | None = None

    @property
    def is_structure(self) -> bool:
        return self.template_id != 0

    @property
    def length(self) -> int:
        """Elements of the array, 0 if it is none."""
        return prod(self.dims) if self.dims else 0

    @property
    def address(self) -> str:
        """As the plant file writes it."""
        return f"Program:{self.program}.{self.name}" if self.program else self.name


class SymbolTable:
    """All tags that were uploaded. ``programs``: names of the controller's programs.

    ``bit_arrays``: arrays of type DWORD are BOOL arrays here (Logix, not Micro800).
    """

    def __init__(
        self, symbols: Iterable[Symbol], programs: Iterable[str] = (), *, bit_arrays: bool = True
    ) -> None:
        self.symbols = tuple(symbols)
        self.programs = tuple(programs)
        self.bit_arrays = bit_arrays
        self._by_name = {(symbol.program.lower(), symbol.name.lower()): symbol for symbol in self.symbols}

    def find(self, program: str, name: str) -> Symbol | None:
        """By name, whatever its case."""
        return self._by_name.get((program.lower(), name.lower()))

    def of_program(self, program: str) -> list[Symbol]:
        """The tags of one program; the controller's with an empty name."""
        wanted = program.lower()
        return [symbol for symbol in self.symbols if symbol.program.lower() == wanted]


def type_spec(
    code: int, template: Template | None, dims: tuple[int, ...], *, bit_arrays: bool = True
) -> TypeSpec | None:
    """What the plant file writes for a value of this type; None if it cannot be one tag."""
    length = prod(dims) if dims else 0
    if length * (32 if bit_arrays and code == BIT_ARRAY else 1) > _MOST_ELEMENTS:
        return None
    if template is not None:
        return TypeSpec(DataType.STRING, length, min(template.chars, 254)) if template.chars else None
    if bit_arrays and code == BIT_ARRAY and dims:
        return TypeSpec(DataType.BOOL, length * 32)
    base = ELEMENTARY.get(code)
    if base is None:
        return None
    return TypeSpec(base, length, _SHORT_STRING_CHARS) if code == SHORT_STRING else TypeSpec(base, length)


def type_text(code: int, template: Template | None, dims: tuple[int, ...], *, bit_arrays: bool = True) -> str:
    """The controller's own word for a type, such as ``FillerUDT[4]`` or ``REAL[2,3]``."""
    if template is None and bit_arrays and code == BIT_ARRAY and dims:
        return f"BOOL[{prod(dims) * 32}]"
    name = template.name if template is not None else NAMES.get(code, f"type 0x{code:02X}")
    return f"{name}[{','.join(map(str, dims))}]" if dims else name
