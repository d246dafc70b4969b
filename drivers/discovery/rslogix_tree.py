"""Named addresses of SLC-500, MicroLogix and PLC-5 controllers as a tree by data file. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from drivers.base import AddressError
from drivers.discovery.comment_unit import split_unit
from drivers.discovery.tag_folders import Entry, in_folders
from drivers.pccc.address import (
    CONTROL_BITS,
    MEMBERS,
    STRING_CHARS,
    Address,
    FileType,
    format_address,
    parse_address,
)
from drivers.pccc.family import Family
from engine.discovery import Browsed, BrowseNode
from engine.model import DataType, TypeSpec


class Record(NamedTuple):
    """One line of the documentation; the symbol may be empty."""

    address: str
    symbol: str
    description: str


def is_address(text: str) -> bool:
    """Whether it looks like one, of whatever family."""
    return _ADDRESS.match(text.replace(" ", "").upper()) is not None


def browse_records(source: str, records: Sequence[Record], left_out: int = 0) -> Browsed:
    """The tree; of several records of one address the texts are put together."""
    family = _family(record.address for record in records)
    entries = [_entry(record, family) for record in _merged(records)]
    notices = []
    if left_out:
        notices.append(f"{left_out} records without an address, such as comments on rungs, are left out.")
    notices.append(f"The family is taken to be {family}; choose another one for the connection if it is not.")
    count = sum(_count(node) for _, node in entries)
    return Browsed(source, "ALLEN_BRADLEY", family, in_folders(entries), None, tuple(notices), count)


_ADDRESS = re.compile(
    r"^(?:ST|[NBFTCRSLAIO])\d{0,3}(?::\d+(?:\.(?:\d+|[A-Z]{2,3}))?(?:/(?:\d+|[A-Z]{2}))?|/\d+)$", re.ASCII
)
_OCTAL = re.compile(r"^[IO]:\d{3}(/\d{2})?$")
_LONG = re.compile(r"^L\d")
_STRUCTURE = re.compile(r"^(?P<kind>[TCR])\d{0,3}:\d+$")
_READ_ONLY = frozenset({FileType.INPUT, FileType.STATUS})
_BOOL = TypeSpec(DataType.BOOL)
_INT = TypeSpec(DataType.INT)
_TYPES = {
    FileType.BIT: TypeSpec(DataType.WORD),
    FileType.FLOAT: TypeSpec(DataType.REAL),
    FileType.LONG: TypeSpec(DataType.DINT),
    FileType.STRING: TypeSpec(DataType.STRING, chars=STRING_CHARS),
}
_TITLES = {FileType.TIMER: "timer", FileType.COUNTER: "counter", FileType.CONTROL: "control structure"}


def _family(addresses: Iterable[str]) -> Family:
    """Octal inputs and outputs are those of a PLC-5; of the others only a MicroLogix has long integers."""
    texts = [address.replace(" ", "").upper() for address in addresses]
    if any(_OCTAL.match(text) for text in texts):
        return Family.PLC5
    return Family.MICROLOGIX if any(_LONG.match(text) for text in texts) else Family.SLC500


def _merged(records: Iterable[Record]) -> list[Record]:
    found: dict[str, Record] = {}
    for record in records:
        key = record.address.replace(" ", "").upper()
        known = found.get(key, Record(key, "", ""))
        texts = dict.fromkeys(filter(None, (known.description, record.description)))
        found[key] = Record(key, known.symbol or record.symbol, " ".join(texts))
    return list(found.values())


def _entry(record: Record, family: Family) -> Entry:
    description, unit = split_unit(record.description)
    name = record.symbol or record.address
    folder = (re.split(r"[:/]", record.address)[0],)
    structure = _STRUCTURE.match(record.address)
    try:
        if structure is not None:
            last = "POS" if structure["kind"] == "R" else "ACC"
            address = parse_address(f"{record.address}.{last}", family)
            expand = partial(_members, address, family, description)
            return folder, BrowseNode(name, "", None, _TITLES[address.kind], description, expand=expand)
        address = parse_address(record.address, family)
    except AddressError as error:
        return folder, BrowseNode(name, description=description, reason=str(error), unit=unit)
    return folder, _leaf(name, address, family, description, unit)


def _members(inside: Address, family: Family, description: str) -> Sequence[BrowseNode]:
    """Words and bits of the timer, counter or control structure that ``inside`` belongs to."""

    def member(name: str, word: int, bit: int | None = None) -> BrowseNode:
        address = Address(inside.kind, inside.file, inside.element, word, bit)
        return _leaf(name, address, family, f"{description} {name}".strip(), "")

    words = [member(name, word) for name, word in MEMBERS[inside.kind].items()]
    return words + [member(name, 0, bit) for name, bit in CONTROL_BITS[inside.kind].items()]


def _leaf(name: str, address: Address, family: Family, description: str, unit: str) -> BrowseNode:
    spec = _BOOL if address.bit is not None else _TYPES.get(address.kind, _INT)
    writable = address.kind not in _READ_ONLY
    text = format_address(address, family)
    return BrowseNode(name, text, spec, spec.base.value, description, writable, "", unit)


def _count(node: BrowseNode) -> int:
    return int(node.selectable) + sum(child.selectable for child in (node.expand() if node.expand else ()))
