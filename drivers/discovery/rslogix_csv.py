"""Documentation databases that RSLogix 5 and RSLogix 500 export as CSV or delimited text.

Each record begins with an address; then come, as far as there are any, the scope (``Global``), the symbol
and lines of the description. A first row with the names of the columns is obeyed.
Format: A.I. Series Software Reference, "Exporting documentation", and RSLogix 500 "Database ASCII Export".
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from drivers.discovery.export_text import decode_text
from drivers.discovery.rslogix_tree import Record, browse_records, is_address
from drivers.discovery.tia_tables import browse_tags, is_tag_table, table_entries
from engine.discovery import Browsed, DiscoveryError, Progress

MAX_BYTES = 16 * 1024 * 1024
_EVERY = 5_000
_SCOPE = re.compile(r"^(global|local.*|ladder.*|lad\s*\d+|u:\d+|\d{1,3})?$", re.IGNORECASE)
_SYMBOL = re.compile(r"^[A-Za-z_][\w.\-/:]{0,39}$")
_TITLES = {
    "address": "address",
    "addr": "address",
    "scope": "scope",
    "symbol": "symbol",
    "symbol name": "symbol",
    "name": "symbol",
}


class _Row(NamedTuple):
    line: int
    cells: list[str]


def browse_csv(
    path: Path, data: bytes, progress: Progress, _db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """The named addresses, by data file. Raises ``DiscoveryError``."""
    rows = list(_rows(decode_text(data, path.name), path.name, progress))
    if not rows:
        raise DiscoveryError(f"{path.name} has no records. Export it again.")
    first = rows[0].cells
    if is_tag_table(first):
        return browse_tags(path.name, table_entries([row.cells for row in rows], path.name))
    if any(row.cells[0].lower() in ("remark", "type") and len(row.cells) > 1 for row in rows[:8]):
        raise DiscoveryError(
            f"{path.name} is a list of tags from Studio 5000, which does not tell what their types are "
            "made of. Export the project as L5X instead."
        )
    columns = _columns(first)
    records, left_out = _records(rows[1:] if columns else rows, columns)
    if not records:
        raise DiscoveryError(
            f'{path.name}, line {rows[0].line}: expected an address first, as in "N7:0","FillCount", '
            f"found {','.join(first)[:60]!r}. In RSLogix use Tools > Database > ASCII Export > CSV."
        )
    return browse_records(path.name, records, left_out)


def _rows(text: str, source: str, progress: Progress) -> Iterator[_Row]:
    """Records with something in them; texts may go over several lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x1a", "")
    delimiter = _delimiter(lines)
    reader = csv.reader(io.StringIO(lines), delimiter=delimiter, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DiscoveryError(
                f"{source}, line {line}: expected fields between commas ({error})."
            ) from error
        if cells is None:
            return
        if line % _EVERY == 0:
            progress(line, None, f"Reading {source}, line {line}")
        cells = [" ".join(cell.split()) for cell in cells]
        if any(cells):
            yield _Row(line, cells)


def _delimiter(text: str) -> str:
    """A comma, unless the first line has none but another sign."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return next((sign for sign in (",", ";", "\t") if sign in first), ",")


def _columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Which columns hold what, if the row names them; all that are not known are description."""
    titles = [cell.lower() for cell in header]
    if not any(_TITLES.get(title) == "address" for title in titles):
        return {}
    columns: dict[str, list[int]] = {"address": [], "scope": [], "symbol": [], "description": []}
    for index, title in enumerate(titles):
        if title in _TITLES:
            columns[_TITLES[title]].append(index)
        elif title.startswith(("desc", "comment")):
            columns["description"].append(index)
    return columns


def _records(rows: Sequence[_Row], columns: dict[str, list[int]]) -> tuple[list[Record], int]:
    """The records that begin with an address, and how many do not, such as comments on rungs."""
    records: list[Record] = []
    left_out = 0
    for row in rows:
        record = _by_title(row, columns) if columns else _by_order(row)
        if record is None:
            left_out += 1
        else:
            records.append(record)
    return records, left_out


def _by_title(row: _Row, columns: dict[str, list[int]]) -> Record | None:
    def joined(title: str) -> str:
        found = [row.cells[index] for index in columns[title] if index < len(row.cells)]
        return " ".join(filter(None, found))

    address = joined("address")
    return Record(address, joined("symbol"), joined("description")) if is_address(address) else None


def _by_order(row: _Row) -> Record | None:
    address, *rest = row.cells
    if not is_address(address):
        return None
    if len(rest) > 1 and _SCOPE.match(rest[0]) and rest[0]:
        rest = rest[1:]
    symbol = ""
    if rest and (not rest[0] or _SYMBOL.match(rest[0])):
        symbol, *rest = rest
    # What stands behind the description are numbers of its own.
    lines = [cell for cell in rest if cell and not cell.isdecimal()]
    return Record(address, symbol, " ".join(lines))
