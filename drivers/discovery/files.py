"""Exports of engineering tools: which there are, and reading one into a tree of tags."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from drivers.discovery import (
    l5x,
    rslogix_csv,
    step7_symbols,
    tia_files,
    tia_tables,
    tia_xml,
    workbook,
    xml_tree,
)
from drivers.discovery.xml_tree import parse_xml
from engine.discovery import Browsed, DiscoveryError, Progress


class FileKind(NamedTuple):
    """One kind of export: its suffixes in lower case and its name in a file dialogue."""

    suffixes: tuple[str, ...]
    text: str
    max_bytes: int
    browse: Callable[[Path, bytes, Progress, Mapping[str, int] | None], Browsed]


def _browse_xml(
    path: Path, data: bytes, progress: Progress, db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """By its root element: a project of Studio 5000, or tag tables and blocks of TIA Portal."""
    root = parse_xml(data, path.name, progress)
    if root.tag == l5x.ROOT or path.suffix.lower() == ".l5x":
        return l5x.browse_l5x(path, root, progress, db_numbers)
    return tia_xml.browse_document(path, root, progress, db_numbers)


KINDS = (
    FileKind(
        (".db", ".udt", ".scl", ".awl"),
        "TIA Portal and STEP 7 sources of blocks",
        tia_files.MAX_BYTES,
        tia_files.browse_source,
    ),
    FileKind((".xlsx",), "TIA Portal tag tables", workbook.MAX_BYTES, tia_tables.browse_workbook),
    FileKind((".xml",), "TIA Portal Openness XML", xml_tree.MAX_BYTES, _browse_xml),
    FileKind((".asc", ".sdf"), "STEP 7 symbol tables", step7_symbols.MAX_BYTES, step7_symbols.browse_symbols),
    FileKind((".l5x",), "Studio 5000 projects", xml_tree.MAX_BYTES, _browse_xml),
    FileKind(
        (".csv", ".txt"), "RSLogix 5 and 500 documentation", rslogix_csv.MAX_BYTES, rslogix_csv.browse_csv
    ),
)

SUFFIXES: Mapping[str, str] = {suffix: kind.text for kind in KINDS for suffix in kind.suffixes}
"""What ``read_tag_file`` reads: the suffix, and a text for file dialogues."""


def read_tag_file(path: Path, progress: Progress, db_numbers: Mapping[str, int] | None = None) -> Browsed:
    """The tags in an engineering tool's export, by its suffix and content.

    ``db_numbers``: numbers of data blocks by name, where the file does not tell them (they can also be
    given later: ``engine.discovery.with_db_number``). Raises ``DiscoveryError``.
    """
    suffix = path.suffix.lower()
    for kind in KINDS:
        if suffix in kind.suffixes:
            progress(0, None, f"Reading {path.name}")
            browsed = kind.browse(path, _read(path, kind.max_bytes), progress, db_numbers)
            progress(1, 1, f"{browsed.count} tags in {path.name}")
            return browsed
    known = ", ".join(sorted(SUFFIXES))
    raise DiscoveryError(f"{path.name} is none of the files that can be read: expected one of {known}.")


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise DiscoveryError(f"{path} is not a file. Choose an exported file.")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiscoveryError(f"{path} cannot be read ({reason}).") from error
    if len(data) > limit:
        raise DiscoveryError(
            f"{path.name} is larger than {limit // (1024 * 1024)} MB. Export fewer blocks or tables at once."
        )
    if not data.strip():
        raise DiscoveryError(f"{path.name} is empty. Export it again.")
    return data
