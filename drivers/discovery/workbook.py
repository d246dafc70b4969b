"""Reading sheets of XLSX files that somebody sent: bounded in size, free of entities, never written."""

import io
import warnings
import zipfile
from collections.abc import Iterator

from engine.discovery import DiscoveryCancelledError, DiscoveryError, Progress

MAX_BYTES = 16 * 1024 * 1024
_MAX_UNPACKED = 128 * 1024 * 1024
_MAX_PARTS = 2000
_MAX_COLUMNS = 64
_EVERY = 2000

Row = tuple[str, ...]


def read_sheets(
    data: bytes, source: str, progress: Progress, max_rows: int = 200_000
) -> Iterator[tuple[str, list[Row]]]:
    """Name and rows of each sheet; cells as text, missing ones empty. Raises ``DiscoveryError``."""
    _check_package(data, source)
    try:
        yield from _sheets(data, source, progress, max_rows)
    except (DiscoveryError, DiscoveryCancelledError, GeneratorExit):
        raise
    except Exception as error:
        # The library gives every kind of error for a file that is not as it should be.
        raise DiscoveryError(
            f"{source} cannot be read as an XLSX workbook ({error}). Save it again."
        ) from error


def text_of_cell(value: object) -> str:
    """What people see: whole numbers without a fraction, true and false as the tools write them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _sheets(data: bytes, source: str, progress: Progress, max_rows: int) -> Iterator[tuple[str, list[Row]]]:
    # Imported here: a heavy library that only these files need.
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            rows: list[Row] = []
            # What the sheet says of its own size is not to be believed.
            sheet.reset_dimensions()
            for cells in sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True):
                rows.append(tuple(map(text_of_cell, cells)))
                if len(rows) > max_rows:
                    raise DiscoveryError(f"{source}: the sheet {sheet.title} has more than {max_rows} rows.")
                if len(rows) % _EVERY == 0:
                    progress(len(rows), None, f"Reading {source}, row {len(rows)}")
            yield sheet.title, rows
    finally:
        book.close()


def _check_package(data: bytes, source: str) -> None:
    """Refuse what unpacks to more than it should, and parts with a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) <= _MAX_PARTS and sum(part.file_size for part in parts) <= _MAX_UNPACKED:
                _check_parts(package, parts, source)
                return
    except DiscoveryError:
        raise
    except Exception as error:
        raise DiscoveryError(f"{source} is not an XLSX workbook ({error}). Save it as .xlsx.") from error
    raise DiscoveryError(f"{source} unpacks to far more than a table of tags has. It is not read.")


def _check_parts(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], source: str) -> None:
    for part in parts:
        # In the text of a cell the sign would be written as &lt;
        if b"<!DOCTYPE" in package.read(part).replace(b"\0", b""):
            raise DiscoveryError(f"{source}: {part.filename} has a document type: it is not a table of tags.")
