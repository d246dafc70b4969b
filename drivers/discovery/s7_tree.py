"""Memory of an S7 controller as a tree: a folder for each type, in it every place it may have. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from drivers.discovery.steps import in_steps
from engine.discovery import BrowseNode
from engine.model import DataType, TypeSpec


@dataclass(frozen=True, slots=True)
class Memory:
    """``size`` bytes; addresses are ``prefix`` with X, B, W or D, then the place: ``DB1.DBD4``, ``VW2``."""

    name: str
    prefix: str
    size: int
    bit_letter: str = "X"


def data_block(number: int, size: int) -> Memory:
    return Memory(f"DB{number}", f"DB{number}.DB", size)


def logo_memory() -> Memory:
    """The variable memory of a LOGO!, bytes 0 to 849."""
    return Memory("V memory", "V", 850, bit_letter="")


def memory_node(memory: Memory) -> BrowseNode:
    """A folder for the memory, in it one for each type."""
    return BrowseNode(memory.name, type_text=f"{memory.size} bytes", expand=partial(_type_folders, memory))


def count_places(memory: Memory) -> int:
    """Selectable nodes below the memory's folder."""
    return sum(_count(memory, each) for each in _PLACES)


@dataclass(frozen=True, slots=True)
class _Place:
    """One type: bytes from one place to the next, and bytes that it takes."""

    type: DataType
    letter: str
    step: int
    size: int


_PLACES = (
    _Place(DataType.BOOL, "X", 1, 1),
    _Place(DataType.BYTE, "B", 1, 1),
    _Place(DataType.INT, "W", 2, 2),
    _Place(DataType.DINT, "D", 2, 4),
    _Place(DataType.REAL, "D", 2, 4),
)
_BITS = 8


def _type_folders(memory: Memory) -> Sequence[BrowseNode]:
    return [
        BrowseNode(place.type.value, expand=partial(_row, memory, place))
        for place in _PLACES
        if _count(memory, place)
    ]


def _count(memory: Memory, place: _Place) -> int:
    if memory.size < place.size:
        return 0
    places = (memory.size - place.size) // place.step + 1
    return places * _BITS if place.type is DataType.BOOL else places


def _row(memory: Memory, place: _Place) -> Sequence[BrowseNode]:
    def leaf(n: int) -> BrowseNode:
        return _leaf(memory, place, n)

    return in_steps(
        _count(memory, place), leaf, lambda first, last: f"{leaf(first).name} … {leaf(last).name}"
    )


def _leaf(memory: Memory, place: _Place, n: int) -> BrowseNode:
    if place.type is DataType.BOOL:
        letter, where = memory.bit_letter, f"{n // _BITS}.{n % _BITS}"
    else:
        letter, where = place.letter, str(n * place.step)
    address = f"{memory.prefix}{letter}{where}"
    return BrowseNode(
        address.removeprefix(f"{memory.name}."),
        address,
        TypeSpec(place.type),
        type_text=place.type.value,
        writable=True,
    )
