"""PLC tag tables that TIA Portal exports as XLSX: the sheet ``PLC Tags``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from drivers.discovery.tag_folders import Entry, in_folders
from drivers.discovery.tia_tags import tag_node
from drivers.discovery.workbook import read_sheets
from engine.discovery import Browsed, DiscoveryError, Progress


def browse_workbook(
    path: Path, data: bytes, progress: Progress, _db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """The tags of every sheet that is a tag table. Raises ``DiscoveryError``."""
    entries: list[Entry] = []
    seen: list[str] = []
    for name, rows in read_sheets(data, path.name, progress):
        seen.append(name)
        if rows and is_tag_table(rows[0]):
            entries += table_entries(rows, f"{path.name}, sheet {name}")
    if not entries:
        raise DiscoveryError(
            f"{path.name}: expected the sheet PLC Tags with the columns Name, Data Type and Logical Address, "
            f"found {', '.join(seen) or 'no sheet'}. In TIA Portal use Export in the tag table's toolbar."
        )
    return browse_tags(path.name, entries)


def is_tag_table(header: Sequence[str]) -> bool:
    """Whether a first row names the columns of a tag table, in English or German."""
    return _columns(header).keys() >= _NEEDED


def table_entries(rows: Sequence[Sequence[str]], where: str) -> list[Entry]:
    """One entry for each row below the header; rows without a name are left out."""
    columns = _columns(rows[0])
    entries: list[Entry] = []
    for number, row in enumerate(rows[1:], 2):
        cells = {key: row[index].strip() for key, index in columns.items() if index < len(row)}
        if not cells.get("name"):
            if any(cells.values()):
                raise DiscoveryError(f"{where}, row {number}: expected a name, found an empty cell.")
            continue
        folders = tuple(part for part in cells.get("path", "").replace("/", "\\").split("\\") if part)
        node = tag_node(
            cells["name"],
            cells.get("type", ""),
            cells.get("address", ""),
            cells.get("comment", ""),
            writable=cells.get("writable", "").lower() not in ("false", "falsch", "0"),
        )
        entries.append((folders, node))
    return entries


def browse_tags(
    source: str, entries: Sequence[Entry], notices: tuple[str, ...] = (), family: str = "S7-1500"
) -> Browsed:
    """The tree of these tags."""
    count = sum(node.selectable for _, node in entries)
    return Browsed(source, "SIEMENS_S7", family, in_folders(entries), None, notices, count)


_NEEDED = {"name", "type", "address"}
_HEADERS = {
    "name": "name",
    "path": "path",
    "pfad": "path",
    "data type": "type",
    "datatype": "type",
    "datentyp": "type",
    "logical address": "address",
    "logische adresse": "address",
    "address": "address",
    "adresse": "address",
    "comment": "comment",
    "kommentar": "comment",
    "hmi writeable": "writable",
    "hmi writable": "writable",
    "hmi schreibbar": "writable",
}


def _columns(header: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, title in enumerate(header):
        key = _HEADERS.get(title.strip().lower())
        if key is not None:
            columns.setdefault(key, index)
    return columns
