"""A TIA Portal source file, with the data types that lie beside it in the same folder."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from drivers.discovery.export_text import decode_text
from drivers.discovery.tia_blocks import browse_blocks, missing_types
from drivers.discovery.tia_source import Source, parse_source
from drivers.discovery.tia_types import DataBlock, Declared
from engine.discovery import Browsed, DiscoveryError, Progress

MAX_BYTES = 16 * 1024 * 1024
_NEIGHBOURS = (".udt", ".db", ".scl", ".awl")
_MAX_NEIGHBOURS = 1000


def browse_source(
    path: Path, data: bytes, progress: Progress, db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """The data blocks of this source. Raises ``DiscoveryError``."""
    parsed = parse_source(decode_text(data, path.name), path.name, progress)
    if not parsed.blocks:
        has = "only types or program code" if parsed.types else "nothing that could be read"
        raise DiscoveryError(
            f"{path.name}: expected a DATA_BLOCK, found {has}. Choose the source of a data block (.db); "
            "its data types (.udt) are read from the same folder."
        )
    types = with_neighbour_types(path, parsed, progress)
    numbers = {**_number_in_name(path, parsed.blocks), **(db_numbers or {})}
    return browse_blocks(path.name, parsed.blocks, types, numbers)


def with_neighbour_types(path: Path, parsed: Source, progress: Progress) -> dict[str, Declared]:
    """The file's own types and, as long as some are missing, those of the files around it."""
    types = dict(parsed.types)
    missing = missing_types(parsed.blocks, types)
    unread = _neighbours(path, missing) if missing else []
    for number, neighbour in enumerate(unread):
        progress(number, len(unread), f"Looking for data types in {neighbour.name}")
        types = {**_types_of(neighbour, progress), **types}
        if not missing_types(parsed.blocks, types):
            break
    return types


def _number_in_name(path: Path, blocks: Sequence[DataBlock]) -> dict[str, int]:
    """Tools that export many blocks name their files like TIA Portal's project tree: ``Filler [DB5].db``."""
    match = re.search(r"\[DB(\d{1,5})\]$", path.stem)
    if match is None or len(blocks) != 1 or not 1 <= int(match[1]) <= 65535:
        return {}
    return {blocks[0].name: int(match[1])}


def _neighbours(path: Path, missing: set[str]) -> list[Path]:
    """Sources in the folder, first those that are called like a missing type."""
    try:
        found = [
            entry
            for entry in path.parent.iterdir()
            if entry.suffix.lower() in _NEIGHBOURS and entry.name != path.name and entry.is_file()
        ]
    except OSError:
        return []
    found.sort(
        key=lambda entry: (entry.stem.upper() not in missing, entry.suffix.lower() != ".udt", entry.name)
    )
    return found[:_MAX_NEIGHBOURS]


def _types_of(path: Path, progress: Progress) -> dict[str, Declared]:
    """The types in a neighbour; one that cannot be read has none, and what it lacks is told later."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return {}
        return parse_source(decode_text(path.read_bytes(), path.name), path.name, progress).types
    except (OSError, DiscoveryError):
        return {}
