"""Tags of a Logix controller as a tree: programs, tags, elements, members and bits. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from drivers.discovery.steps import in_steps
from drivers.logix.symbols import BIT_ARRAY, Symbol, SymbolAccess, SymbolTable, Template, type_spec, type_text
from engine.discovery import BrowseNode
from engine.model import INTEGER_BITS, DataType, TypeSpec

_BOOL = TypeSpec(DataType.BOOL)
_BITS_OF_A_WORD = 32


def tag_tree(table: SymbolTable) -> tuple[BrowseNode, ...]:
    """Controller tags, then a folder for each program; without programs the tags alone."""
    controller = [_symbol(symbol, table) for symbol in _sorted(table.of_program(""))]
    if not table.programs:
        return tuple(controller)
    folders = [BrowseNode("Controller tags", expand=lambda: controller)] if controller else []
    programs = [
        BrowseNode(f"Program:{name}", type_text="program", expand=partial(_program, table, name))
        for name in sorted(table.programs, key=str.lower)
    ]
    return (*folders, *programs)


def count_tags(table: SymbolTable) -> int:
    """Selectable nodes of the tree, elements of arrays included, without the bits of integers."""
    known: dict[int, int] = {}
    return sum(
        _count(_value_of(symbol, table), known)
        for symbol in table.symbols
        if symbol.access is not SymbolAccess.NONE and not _lacks_definition(symbol)
    )


@dataclass(frozen=True, slots=True)
class _Value:
    """A tag, an element or a member: what it is, wherever it lies."""

    code: int
    template: Template | None
    dims: tuple[int, ...]
    bit_arrays: bool
    writable: bool
    alias: bool = False

    @property
    def spec(self) -> TypeSpec | None:
        return type_spec(self.code, self.template, self.dims, bit_arrays=self.bit_arrays)

    @property
    def text(self) -> str:
        text = type_text(self.code, self.template, self.dims, bit_arrays=self.bit_arrays)
        return f"{text}, alias" if self.alias else text

    @property
    def is_bit_array(self) -> bool:
        return self.bit_arrays and self.template is None and self.code == BIT_ARRAY and bool(self.dims)

    @property
    def elements(self) -> int:
        count = prod(self.dims)
        return count * _BITS_OF_A_WORD if self.is_bit_array else count

    @property
    def is_structure(self) -> bool:
        return self.template is not None and not self.template.chars

    def element(self) -> "_Value":
        return _Value(self.code, self.template, (), self.bit_arrays, self.writable)


def _sorted(symbols: Iterable[Symbol]) -> list[Symbol]:
    return sorted(symbols, key=lambda symbol: symbol.name.lower())


def _program(table: SymbolTable, name: str) -> Sequence[BrowseNode]:
    return [_symbol(symbol, table) for symbol in _sorted(table.of_program(name))]


def _symbol(symbol: Symbol, table: SymbolTable) -> BrowseNode:
    value = _value_of(symbol, table)
    if symbol.access is SymbolAccess.NONE:
        return BrowseNode(
            symbol.name, type_text=value.text, reason="the controller's program does not allow access to it"
        )
    if _lacks_definition(symbol):
        return BrowseNode(symbol.name, reason="its data type could not be read from the controller")
    return _node(symbol.name, symbol.address, value)


def _value_of(symbol: Symbol, table: SymbolTable) -> _Value:
    writable = symbol.access is SymbolAccess.READ_WRITE
    return _Value(symbol.code, symbol.template, symbol.dims, table.bit_arrays, writable, symbol.alias)


def _lacks_definition(symbol: Symbol) -> bool:
    return symbol.is_structure and symbol.template is None


def _node(name: str, address: str, value: _Value) -> BrowseNode:
    spec, reason = value.spec, ""
    if spec is None and not value.is_structure:
        too_long = value.element().spec is not None
        reason = "too long for one tag; choose elements of it" if too_long else "such values cannot be tags"
    return BrowseNode(
        name,
        "" if spec is None else address,
        spec,
        type_text=value.text,
        writable=value.writable and spec is not None,
        reason=reason,
        expand=_expansion(address, value),
    )


def _expansion(address: str, value: _Value) -> partial[Sequence[BrowseNode]] | None:
    """How the children come, None where there are none."""
    if value.dims:
        return partial(_elements, address, value)
    if value.is_structure and value.template is not None:
        return partial(_members, address, value.template, value)
    spec = value.spec
    if spec is not None and spec.base in INTEGER_BITS and spec.base is not DataType.TIME:
        return partial(_bits, address, INTEGER_BITS[spec.base][0], value.writable)
    return None


def _elements(address: str, value: _Value) -> Sequence[BrowseNode]:
    def element(n: int) -> BrowseNode:
        index = f"[{','.join(map(str, _index(n, value.dims)))}]"
        if value.is_bit_array:
            return _bit(f"[{n}]", f"{address}[{n}]", value.writable)
        return _node(index, f"{address}{index}", value.element())

    return in_steps(
        value.elements, element, lambda first, last: f"{element(first).name} … {element(last).name}"
    )


def _index(n: int, dims: tuple[int, ...]) -> tuple[int, ...]:
    index: list[int] = []
    for size in reversed(dims):
        n, at = divmod(n, size)
        index.append(at)
    return tuple(reversed(index))


def _members(address: str, template: Template, value: _Value) -> Sequence[BrowseNode]:
    return [
        _node(
            member.name,
            f"{address}.{member.name}",
            _Value(member.code, member.template, member.dims, value.bit_arrays, value.writable),
        )
        for member in template.visible
    ]


def _bits(address: str, width: int, writable: bool) -> Sequence[BrowseNode]:
    return [_bit(f".{n}", f"{address}.{n}", writable) for n in range(width)]


def _bit(name: str, address: str, writable: bool) -> BrowseNode:
    return BrowseNode(name, address, _BOOL, type_text="BOOL", writable=writable)


def _count(value: _Value, known: dict[int, int]) -> int:
    """The node itself where it can be chosen, and what is below it."""
    if value.is_structure and value.template is not None:
        each = _count_structure(value.template, value, known)
    else:
        each = int(value.element().spec is not None)
    if not value.dims:
        return each
    return (value.spec is not None) + value.elements * each


def _count_structure(template: Template, value: _Value, known: dict[int, int]) -> int:
    if template.id not in known:
        known[template.id] = 0
        known[template.id] = sum(
            _count(_Value(member.code, member.template, member.dims, value.bit_arrays, False), known)
            for member in template.visible
        )
    return known[template.id]
