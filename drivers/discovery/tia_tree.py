"""Data blocks with standard access as trees of readable addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from drivers.discovery.comment_unit import split_unit
from drivers.discovery.steps import in_steps
from drivers.discovery.tia_layout import Layout, Place
from drivers.discovery.tia_types import ArrayOf, DataBlock, Declared, Open, Simple, Structure
from drivers.s7.types import size_of
from engine.discovery import BrowseNode
from engine.model import DataType, TypeSpec

BLOCK_BYTES = 65536
"""No data block with standard access is larger."""


def block_node(block: DataBlock, types: Mapping[str, Declared], number: int | None) -> BrowseNode:
    """The tree of one block; without a ``number`` it has no addresses, but ``numbered`` gives them."""
    tree = _BlockTree(Layout(types), f"DB{number}" if number is not None else "")
    node = tree.node(block.name, block.type, Place(0), writable=True)
    description, unit = split_unit(block.comment)
    node = replace(
        node, type_text=f"DB{number}" if number is not None else "DB", description=description, unit=unit
    )
    if number is not None:
        return node
    reason = "the file does not tell the number of this data block; give it first"
    return replace(node, reason=reason, numbered=partial(block_node, block, types))


def count_readable(declared: Declared, types: Mapping[str, Declared]) -> int:
    """How many lines of the block's tree can be tags."""
    return _count(declared, Layout(types), {})


@dataclass(frozen=True, slots=True)
class _BlockTree:
    """``block`` is ``DB5``, or empty while its number is not known."""

    layout: Layout
    block: str

    def node(
        self, name: str, declared: Declared, place: Place | None, *, writable: bool, comment: str = ""
    ) -> BrowseNode:
        """The tree of one variable at a place counted from the beginning of the block."""
        meant = self.layout.resolve(declared)
        description, unit = split_unit(comment)
        common = BrowseNode(name, "", None, declared.text, description, writable, unit=unit)
        if isinstance(meant, Open):
            return replace(common, reason=meant.reason)
        if isinstance(meant, Simple):
            return self._leaf(
                common, TypeSpec(meant.kind.base, 0, meant.chars) if meant.kind.base else None, meant, place
            )
        if isinstance(meant, ArrayOf):
            return self._array(common, meant, place)
        if self.layout.is_endless(meant):
            return replace(common, reason="this type contains itself, or too many others")
        return replace(common, writable=False, expand=partial(self._members, meant, place, writable))

    def _members(self, structure: Structure, place: Place | None, writable: bool) -> tuple[BrowseNode, ...]:
        return tuple(
            self.node(
                member.name,
                member.type,
                _shift(place, offset),
                writable=writable and member.writable,
                comment=member.comment,
            )
            for member, offset in zip(structure.members, self.layout.places(structure), strict=True)
        )

    def _array(self, common: BrowseNode, array: ArrayOf, place: Place | None) -> BrowseNode:
        node = replace(common, writable=False, expand=partial(self._elements, array, place, common))
        element = self.layout.resolve(array.element)
        if len(array.bounds) > 1 or not isinstance(element, Simple) or element.kind.base is None:
            return node
        if array.count > _MAX_TAG_ARRAY:
            return replace(node, reason=f"a tag holds at most {_MAX_TAG_ARRAY} elements; choose some of them")
        chars = element.chars if element.name in ("STRING", "WSTRING") else 254
        leaf = self._leaf(common, TypeSpec(element.kind.base, array.count, chars), element, place)
        return replace(leaf, expand=node.expand)

    def _elements(self, array: ArrayOf, place: Place | None, whole: BrowseNode) -> Sequence[BrowseNode]:
        def element(number: int) -> BrowseNode:
            name = index_text(array.bounds, number)
            start = _shift(place, self.layout.element_place(array, number))
            node = self.node(name, array.element, start, writable=whole.writable)
            if node.expand is not None:
                return node
            description = f"{whole.description} {name}" if whole.description else ""
            return replace(node, description=description, unit=whole.unit)

        return in_steps(
            array.count,
            element,
            lambda first, last: f"{index_text(array.bounds, first)} … {index_text(array.bounds, last)}",
        )

    def _leaf(
        self, common: BrowseNode, spec: TypeSpec | None, simple: Simple, place: Place | None
    ) -> BrowseNode:
        if spec is None:
            return replace(common, reason=simple.kind.reason)
        if place is None:
            return replace(
                common, reason="its place is not known, because a variable before it has no known size"
            )
        if place.byte + size_of(spec, place.bit) > BLOCK_BYTES:
            return replace(common, reason="it lies behind the end of the largest possible data block")
        if not self.block:
            return replace(common, type=spec, reason="the number of the data block is not known yet")
        return replace(common, type=spec, address=f"{self.block}.{_offset(spec.base, place)}")


_MAX_TAG_ARRAY = 10_000
_WORDS = frozenset({DataType.WORD, DataType.INT, DataType.UINT, DataType.DATE})
_DOUBLE_WORDS = frozenset(
    {DataType.DWORD, DataType.DINT, DataType.UDINT, DataType.REAL, DataType.TIME, DataType.TOD}
)


def _offset(base: DataType, place: Place) -> str:
    if base is DataType.BOOL:
        return f"DBX{place.byte}.{place.bit}"
    if base in _WORDS:
        return f"DBW{place.byte}"
    return f"DB{'D' if base in _DOUBLE_WORDS else 'B'}{place.byte}"


def _shift(place: Place | None, offset: Place | None) -> Place | None:
    if place is None or offset is None:
        return None
    return Place(place.byte + offset.byte, offset.bit)


def index_text(bounds: Sequence[tuple[int, int]], number: int) -> str:
    """``[-1,2]`` for the element that is the ``number``-th in memory, from 0; the last index runs fastest."""
    indexes: list[str] = []
    for low, high in reversed(bounds):
        number, at = divmod(number, high - low + 1)
        indexes.append(str(low + at))
    return f"[{','.join(reversed(indexes))}]"


def _count(declared: Declared, layout: Layout, known: dict[int, int]) -> int:
    """Readable variables, elements of arrays included; nothing behind one of unknown size."""
    meant = layout.resolve(declared)
    if isinstance(meant, Open) or (isinstance(meant, ArrayOf) and layout.size(meant) is None):
        return 0
    if isinstance(meant, Simple):
        return int(meant.kind.base is not None)
    if isinstance(meant, ArrayOf):
        element = layout.resolve(meant.element)
        whole = isinstance(element, Simple) and element.kind.base is not None and len(meant.bounds) == 1
        return meant.count * _count(element, layout, known) + (whole and meant.count <= _MAX_TAG_ARRAY)
    if id(meant) not in known:
        # A structure that contains itself is counted once, as nothing.
        known[id(meant)] = 0
        placed = zip(meant.members, layout.places(meant), strict=True)
        known[id(meant)] = sum(
            _count(member.type, layout, known) for member, place in placed if place is not None
        )
    return known[id(meant)]
