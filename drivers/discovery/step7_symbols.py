"""Symbol tables of STEP 7 V5: ``.asc`` in columns of fixed width, ``.sdf`` in quotes and commas.

Format: SIMATIC, Programming with STEP 7, "Exporting and importing symbol tables".
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from drivers.discovery.comment_unit import split_unit
from drivers.discovery.export_text import decode_text
from drivers.discovery.tag_folders import Entry
from drivers.discovery.tia_tables import browse_tags
from drivers.discovery.tia_tags import tag_node
from engine.discovery import Browsed, BrowseNode, DiscoveryError, Progress

MAX_BYTES = 16 * 1024 * 1024
_EVERY = 5_000
_MARK = "126,"
_WIDTHS = (24, 12, 10, 80)
_BLOCK = re.compile(r"^(?P<kind>DB|FB|FC|OB|SFB|SFC|UDT|VAT)\s*(?P<number>\d+)$", re.IGNORECASE)

Symbol = tuple[str, str, str, str]
"""Name, address, data type, comment."""


def browse_symbols(
    path: Path, data: bytes, progress: Progress, _db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """Inputs, outputs and markers by name; data blocks as folders without members."""
    text = decode_text(data, path.name)
    lines = text.splitlines()
    if path.suffix.lower() == ".sdf" or not any(line.startswith(_MARK) for line in lines):
        symbols = _separated(lines, path.name)
    else:
        symbols = _in_columns(lines, path.name)
    return _tree(symbols, path.name, progress)


def _tree(symbols: Iterable[Symbol], source: str, progress: Progress) -> Browsed:
    entries: list[Entry] = []
    blocks, programs = 0, 0
    for count, (name, address, type_text, comment) in enumerate(symbols, 1):
        if count % _EVERY == 0:
            progress(count, None, f"Reading {source}, symbol {count}")
        block = _BLOCK.match(address)
        if block is None:
            entries.append(((), tag_node(name, type_text, address, comment)))
        elif block["kind"].upper() == "DB":
            entries.append(((), _block_node(name, f"DB{int(block['number'])}", comment)))
            blocks += 1
        else:
            programs += 1
    notices: list[str] = []
    if blocks:
        notices.append(
            f"A symbol table does not tell what is inside of its data blocks ({blocks}): "
            "generate their sources (.awl, .db) and read those too."
        )
    if programs:
        notices.append(
            f"Symbols of program blocks, types and tables ({programs}) are left out: they hold no values."
        )
    return browse_tags(source, entries, tuple(notices), "S7-300")


def _block_node(name: str, block: str, comment: str) -> BrowseNode:
    description, unit = split_unit(comment)
    reason = "a symbol table does not tell what is inside of a data block; read its source too"
    return BrowseNode(name, "", None, block, description, False, reason, unit, expand=tuple)


def _in_columns(lines: Iterable[str], source: str) -> Iterable[Symbol]:
    for number, line in enumerate(lines, 1):
        if not line.strip("\x1a \t"):
            continue
        if not line.startswith(_MARK):
            raise DiscoveryError(
                f"{source}, line {number}: expected {_MARK!r} and a symbol, found {line[:40]!r}."
            )
        at = len(_MARK)
        cells: list[str] = []
        for width in _WIDTHS:
            cells.append(line[at : at + width].strip())
            at += width
        yield _checked(cells, f"{source}, line {number}")


def _separated(lines: Iterable[str], source: str) -> Iterable[Symbol]:
    for number, line in enumerate(lines, 1):
        if not line.strip("\x1a \t"):
            continue
        try:
            cells = next(csv.reader([line], skipinitialspace=True), [])
        except csv.Error as error:
            raise DiscoveryError(f"{source}, line {number}: expected texts in quotes ({error}).") from error
        if len(cells) < 3:
            raise DiscoveryError(
                f'{source}, line {number}: expected "symbol","address","data type","comment", '
                f"found {line[:40]!r}."
            )
        yield _checked([cell.strip() for cell in (*cells, "")[:4]], f"{source}, line {number}")


def _checked(cells: list[str], where: str) -> Symbol:
    name, address, type_text, comment = cells
    if not name or not address:
        raise DiscoveryError(
            f"{where}: expected a symbol and its address, found {name or address or 'nothing'!r}."
        )
    return name, " ".join(address.split()), " ".join(type_text.split()), comment
