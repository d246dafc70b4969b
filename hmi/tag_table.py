"""All tags of a plant file as one table, and a table as changes to the plant file. Pure.

One row is one tag; the columns are the keys of a tag in the plant file, in front of them its connection.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic import ValidationError

from engine.config import PlantConfig
from engine.config.connections import Connection, Tag
from engine.config.edit import tag_entry
from engine.config.problems import near_miss, printable
from engine.discovery import DiscoveryError, TagChanges, TagEntry
from engine.model import TypeSpec, parse_type
from hmi.tag_table_cells import CellError, format_cell, parse_cell

COLUMNS = ("connection", *(field.name for field in fields(TagEntry)))
NEEDED = ("connection", "name", "address", "data_type")
AddressCheck = Callable[[str, str, str, TypeSpec], str]
"""Connection type, family, address, data type -> what is wrong with the address, or an empty text."""

Cell = str | float | bool
_MOST_SHOWN = 30
_TEXTS = ("description", "unit")
"""Columns whose spaces are kept."""


class TableError(DiscoveryError):
    """The table cannot be taken over; one line for each cell that is wrong."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header. ``line`` of the header counts as people see it, from 1."""

    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line: int = 1
    decimal_comma: bool = False


def to_rows(config: PlantConfig) -> Iterator[tuple[Cell, ...]]:
    """The header, then every tag in the order of the plant file."""
    yield COLUMNS
    for connection in config.plc_connections:
        for tag in connection.tags:
            entry = tag_entry(tag)
            yield (
                connection.id,
                *(format_cell(name, getattr(entry, name)) for name in COLUMNS[1:]),
            )


def to_changes(
    table: Table, config: PlantConfig, address_check: AddressCheck, *, remove_missing: bool = False
) -> list[TagChanges]:
    """What the table says differently from the plant file; raises ``TableError`` with all that is wrong.

    An empty cell means the default; a column that is not there leaves what the plant file has.
    ``remove_missing``: of each connection that the table mentions, tags without a row are removed.
    """
    reading = _Reading(
        table, {connection.id: connection for connection in config.plc_connections}, address_check
    )
    reading.check_header()
    wanted = reading.read_rows()
    if reading.problems:
        shown = reading.problems[:_MOST_SHOWN]
        if len(reading.problems) > len(shown):
            shown.append(f"... and {len(reading.problems) - len(shown)} more")
        raise TableError("\n".join(shown))
    changes: list[TagChanges] = []
    for connection in config.plc_connections:
        if connection.id not in wanted:
            continue
        present = {tag.name: tag_entry(tag) for tag in connection.tags}
        rows = wanted[connection.id]
        put = tuple(entry for name, entry in rows.items() if present.get(name) != entry)
        remove = tuple(name for name in present if name not in rows) if remove_missing else ()
        if put or remove:
            changes.append(TagChanges(connection.id, put, remove))
    return changes


class _Reading:
    """Going through a table; ``problems`` collects what is wrong."""

    def __init__(
        self, table: Table, connections: Mapping[str, Connection], address_check: AddressCheck
    ) -> None:
        self.problems: list[str] = []
        self._table = table
        self._connections = connections
        self._address_check = address_check
        self._columns = [title.strip().lower() for title in table.header]
        self._present = {
            (connection.id, tag.name): tag_entry(tag)
            for connection in connections.values()
            for tag in connection.tags
        }

    def check_header(self) -> None:
        """Raises ``TableError`` at once: with other columns every row would be wrong."""
        where = f"{self._table.source}, row {self._table.line}"
        for number, name in enumerate(self._columns, 1):
            if name and name not in COLUMNS:
                near = near_miss(name, COLUMNS)
                hint = f"did you mean {near}?" if near else f"expected one of {', '.join(COLUMNS)}"
                self.problems.append(f"{where}: column {number}, {_shown(name)}, is unknown; {hint}")
            elif name and name in self._columns[: number - 1]:
                self.problems.append(f"{where}: the column {name} is there twice")
        missing = [name for name in NEEDED if name not in self._columns]
        if missing:
            self.problems.append(
                f"{where}: the column {missing[0]} is missing; needed are {', '.join(NEEDED)}"
            )
        if self.problems:
            raise TableError("\n".join(self.problems))

    def read_rows(self) -> dict[str, dict[str, TagEntry]]:
        """Connection -> name -> tag, in the order of the table."""
        wanted: dict[str, dict[str, TagEntry]] = defaultdict(dict)
        lines: dict[tuple[str, str], int] = {}
        for line, row in enumerate(self._table.rows, self._table.line + 1):
            cells = {
                name: cell if name in _TEXTS else cell.strip()
                for name, cell in zip(self._columns, row, strict=False)
                if name
            }
            if not any(map(str.strip, cells.values())):
                continue
            connection = self._connection(line, cells)
            key = cells.get("connection", ""), cells.get("name", "")
            if connection is None:
                continue
            if key in lines:
                self._add(line, "name", key[1], f"is there twice, first in row {lines[key]}")
                continue
            lines[key] = line
            entry = self._entry(line, cells, connection)
            if entry is not None:
                wanted[connection.id][entry.name] = entry
        return wanted

    def _connection(self, line: int, cells: Mapping[str, str]) -> Connection | None:
        name = cells.get("connection", "")
        connection = self._connections.get(name)
        if connection is None:
            near = near_miss(name, self._connections) if name else ""
            hint = f"did you mean {near}?" if near else f"expected one of {', '.join(self._connections)}"
            self._add(line, "connection", name, f"is no connection of the plant file; {hint}")
        return connection

    def _entry(self, line: int, cells: Mapping[str, str], connection: Connection) -> TagEntry | None:
        before = len(self.problems)
        known = self._present.get((connection.id, cells.get("name", "")), TagEntry("", "", ""))
        values: dict[str, Any] = {}
        for name in COLUMNS[1:]:
            if name not in cells:
                continue
            try:
                values[name] = parse_cell(name, cells[name], decimal_comma=self._table.decimal_comma)
            except CellError as error:
                self._add(line, name, cells[name], str(error))
        if len(self.problems) > before:
            return None
        entry = self._checked(line, replace(known, **values))
        if entry is not None and entry != known:
            self._check_address(line, entry, connection)
        return entry

    def _checked(self, line: int, entry: TagEntry) -> TagEntry | None:
        """As the plant file would read it."""
        data = {name: getattr(entry, name) for name in COLUMNS[1:]}
        if entry.scale is not None:
            data["scale"] = {"raw": entry.scale[0], "engineering": entry.scale[1]}
        try:
            return tag_entry(Tag.model_validate(data))
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                name = str(each["loc"][0]) if each["loc"] else ""
                shown = format_cell(name, getattr(entry, name)) if name in COLUMNS else ""
                self._add(line, name, shown, _complaint(each))
            return None

    def _check_address(self, line: int, entry: TagEntry, connection: Connection) -> None:
        spec = parse_type(entry.data_type)
        complaint = self._address_check(connection.type, connection.family or "", entry.address, spec)
        if complaint:
            self._add(line, "address", entry.address, f"is wrong: {complaint}")

    def _add(self, line: int, column: str, content: Cell, complaint: str) -> None:
        shown = _shown(str(content)) if content != "" else "the empty cell"
        where = f"{self._table.source}, row {line}"
        self.problems.append(printable(f"{where}, column {column}: {shown} {complaint}"))


def _complaint(error: Mapping[str, Any]) -> str:
    """The validator's words, to go on after the content of the cell."""
    context = error.get("ctx", {})
    if "message" in context:
        expected = f"; expected {context['expected']}" if context.get("expected") else ""
        near = f"; did you mean {context['near_miss']}?" if context.get("near_miss") else ""
        return f"{context['message']}{expected}{near}"
    if error["type"] in ("string_too_short", "missing"):
        return "must not be empty"
    if error["type"] == "string_pattern_mismatch" and (expected := _expected(str(error["loc"][0]))):
        return f"cannot be used; expected {expected}"
    return f"cannot be used: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]}"


def _expected(key: str) -> str:
    """What the plant file takes there, in words."""
    extra = Tag.model_fields[key].json_schema_extra
    return str(extra.get("x-expected", "")) if isinstance(extra, dict) else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
