"""Data files of an SLC-500 or MicroLogix as a tree: files, elements, members and bits. Pure."""

from collections.abc import Sequence
from functools import partial

from drivers.discovery.steps import in_steps
from drivers.pccc.address import (
    CONTROL_BITS,
    IO_FILES,
    MEMBERS,
    STRING_CHARS,
    STRUCTURES,
    Address,
    FileType,
    format_address,
)
from drivers.pccc.directory import DataFile
from drivers.pccc.family import Family
from engine.discovery import BrowseNode
from engine.model import DataType, TypeSpec


def file_node(file: DataFile, family: Family) -> BrowseNode:
    """A folder for a data file; one that no tag can lie in says why."""
    if file.kind is None:
        return BrowseNode(
            file.name, type_text=_title(file), reason="messages, PID loops and the like are no values"
        )
    if file.kind in IO_FILES and family is not Family.MICROLOGIX:
        example = format_address(Address(file.kind, file.number, 1, 0, 3), family)
        return BrowseNode(
            file.name,
            type_text=_title(file),
            reason=f"the directory does not tell the slots of its words; write {example} or such by hand",
        )
    return BrowseNode(file.name, type_text=_title(file), expand=partial(_elements, file, family))


def count_nodes(file: DataFile, family: Family) -> int:
    """Selectable nodes below the file's folder, without the bits of words."""
    if file.kind is None or (file.kind in IO_FILES and family is not Family.MICROLOGIX):
        return 0
    if file.kind in STRUCTURES:
        return file.elements * (len(MEMBERS[file.kind]) + len(CONTROL_BITS[file.kind]))
    return file.elements


_TITLES = {
    FileType.OUTPUT: "words of outputs",
    FileType.INPUT: "words of inputs",
    FileType.STATUS: "words of status",
    FileType.BIT: "words of bits",
    FileType.TIMER: "timers",
    FileType.COUNTER: "counters",
    FileType.CONTROL: "control structures",
    FileType.INTEGER: "integers",
    FileType.FLOAT: "floating-point numbers",
    FileType.LONG: "long integers",
    FileType.STRING: "strings",
    FileType.ASCII: "words of characters",
}
_TYPES = {
    FileType.BIT: TypeSpec(DataType.WORD),
    FileType.FLOAT: TypeSpec(DataType.REAL),
    FileType.LONG: TypeSpec(DataType.DINT),
    FileType.STRING: TypeSpec(DataType.STRING, chars=STRING_CHARS),
}
_INT = TypeSpec(DataType.INT)
_BOOL = TypeSpec(DataType.BOOL)
_BITS = {FileType.FLOAT: 0, FileType.STRING: 0, FileType.LONG: 32}
_READ_ONLY = frozenset({FileType.INPUT, FileType.STATUS})


def _title(file: DataFile) -> str:
    what = "elements" if file.kind is None else _TITLES[file.kind]
    return f"{file.elements} {what}"


def _elements(file: DataFile, family: Family) -> Sequence[BrowseNode]:
    def element(n: int) -> BrowseNode:
        return _element(file, family, n)

    return in_steps(
        file.elements, element, lambda first, last: f"{element(first).name} … {element(last).name}"
    )


def _element(file: DataFile, family: Family, n: int) -> BrowseNode:
    kind = file.kind
    if kind is None:
        return BrowseNode(f"{file.name}:{n}")
    if kind in STRUCTURES:
        return BrowseNode(
            f"{file.name}:{n}", type_text=_TITLES[kind][:-1], expand=partial(_members, file, kind, family, n)
        )
    start = Address(kind, file.number, 0, n) if kind in IO_FILES else Address(kind, file.number, n)
    spec = _TYPES.get(kind, _INT)
    return _leaf(start, family, spec, partial(_bits, start, family) if _BITS.get(kind, 16) else None)


def _leaf(
    address: Address, family: Family, spec: TypeSpec, expand: partial[Sequence[BrowseNode]] | None = None
) -> BrowseNode:
    text = format_address(address, family)
    return BrowseNode(
        text, text, spec, type_text=spec.base.value, writable=address.kind not in _READ_ONLY, expand=expand
    )


def _bits(start: Address, family: Family) -> Sequence[BrowseNode]:
    words = range(start.word, start.word + _BITS.get(start.kind, 16) // 16)
    return [
        _leaf(Address(start.kind, start.file, start.element, word, bit), family, _BOOL)
        for word in words
        for bit in range(16)
    ]


def _members(file: DataFile, kind: FileType, family: Family, element: int) -> Sequence[BrowseNode]:
    words = [
        _leaf(Address(kind, file.number, element, word), family, _INT) for word in MEMBERS[kind].values()
    ]
    bits = [
        _leaf(Address(kind, file.number, element, 0, bit), family, _BOOL)
        for bit in CONTROL_BITS[kind].values()
    ]
    return words + bits
