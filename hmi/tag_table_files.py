"""Tables of tags in files: CSV for any tool, XLSX for spreadsheets. Texts stay texts, never formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from drivers.discovery.export_text import decode_text
from drivers.discovery.workbook import read_sheets
from engine.discovery import DiscoveryError, Progress
from hmi.tag_table import NEEDED, Cell, Table

SUFFIXES = (".csv", ".xlsx")
MAX_BYTES = 32 * 1024 * 1024
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"^'+[=+\-@\t\r]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDTHS = {"name": 28, "address": 24, "description": 32, "scale": 40, "connection": 14, "data_type": 14}


def write_csv(stream: BinaryIO, rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with its mark, so that spreadsheets know it; commas; lines end in CR LF (RFC 4180).

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    csv.writer(text).writerows([_field(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def write_xlsx(stream: BinaryIO, rows: Iterable[Sequence[Cell]]) -> None:
    """One sheet, its header fixed; every text is typed as text."""
    # Imported here: a heavy library that only this format needs.
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Tags")
    sheet.freeze_panes = "D2"
    bold = Font(bold=True)
    for number, row in enumerate(rows):
        if not number:
            for index, title in enumerate(row, 1):
                sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(str(title), 12)
        cells = []
        for content in row:
            is_text = isinstance(content, str)
            cell = WriteOnlyCell(sheet, _CONTROLS.sub("", content) if isinstance(content, str) else content)
            if is_text:
                cell.data_type = "s"
                cell.quotePrefix = _FORMULA.match(str(content)) is not None
            if not number:
                cell.font = bold
            cells.append(cell if content != "" else None)
        sheet.append(cells)
    book.save(stream)


def read_table(path: Path, progress: Progress) -> Table:
    """The table in a CSV or XLSX file. Raises ``DiscoveryError``."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DiscoveryError(f"{path.name} is no table that can be read: expected .csv or .xlsx.")
    data = _read(path)
    return _from_xlsx(data, path.name, progress) if suffix == ".xlsx" else _from_csv(data, path.name)


def _field(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return f"'{cell}" if _FORMULA.match(cell) else cell
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(cell)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DiscoveryError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or error})."
        ) from error
    if len(data) > MAX_BYTES:
        raise DiscoveryError(
            f"{path.name} is larger than {MAX_BYTES // (1024 * 1024)} MB: it is no table of tags."
        )
    return data


def _from_xlsx(data: bytes, source: str, progress: Progress) -> Table:
    """The first sheet whose first row names the columns."""
    for name, rows in read_sheets(data, source, progress):
        if rows and _is_header(rows[0]):
            return Table(f"{source}, sheet {name}", rows[0], tuple(rows[1:]))
    raise _no_header(source)


def _from_csv(data: bytes, source: str) -> Table:
    text = decode_text(data, source)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DiscoveryError(f"{source} cannot be read as CSV: {error}.") from error
    header = next((number for number, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    if header is None or not _is_header(rows[header]):
        raise _no_header(source)
    return Table(
        source,
        tuple(rows[header]),
        tuple(tuple(_unescaped(cell) for cell in row) for row in rows[header + 1 :]),
        header + 1,
        decimal_comma=delimiter == ";",
    )


def _unescaped(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell


def _is_header(row: Sequence[str]) -> bool:
    return len({cell.strip().lower() for cell in row} & set(NEEDED)) >= 2


def _no_header(source: str) -> DiscoveryError:
    return DiscoveryError(f"{source}: expected a first row with the columns {', '.join(NEEDED)} and others.")
