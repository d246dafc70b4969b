"""Which data files an SLC 5/05 or MicroLogix has: its file directory, read for discovery.

File 0 of a type of its own, read with function A1, the element counting words. A word in it tells its
length; from some byte on each file number has a row of type and length in bytes. Where all that lies
depends on the processor, told by its catalogue text; the places are those that RSLinx reads.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from drivers.pccc import frame, mode
from drivers.pccc.address import FileType
from drivers.pccc.client import PcccClient, not_pccc
from drivers.pccc.commands import TYPE_CODES
from drivers.pccc.family import Family
from drivers.pccc.layout import ELEMENT_WORDS
from drivers.pccc.status import RefusedError, describe
from engine.discovery import DiscoveryError, Progress


@dataclass(frozen=True, slots=True)
class DataFile:
    """One data file. ``kind`` None: a type that tags cannot lie in (messages, PID), named by ``letters``."""

    number: int
    letters: str
    kind: FileType | None
    elements: int

    @property
    def name(self) -> str:
        """As in ``N7``; inputs, outputs and status go without their number."""
        plain = self.kind in (FileType.INPUT, FileType.OUTPUT, FileType.STATUS)
        return self.letters if plain else f"{self.letters}{self.number}"


@dataclass(frozen=True, slots=True)
class FileDirectory:
    """What a controller has. ``identity`` is for people."""

    identity: str
    files: tuple[DataFile, ...]


@dataclass(frozen=True, slots=True)
class DirectoryForm:
    """Where a processor keeps what; offsets in bytes, ``length_at`` in words.

    ``length_size`` bytes are read at ``length_at``; ``length_added`` is more than the length in there.
    """

    file_type: int
    length_at: int
    length_size: int
    length_added: int
    rows_at: int
    row_size: int


def check_has_directory(family: Family) -> None:
    """Raises ``DiscoveryError`` for controllers that have none to read."""
    if family is Family.PLC5:
        raise DiscoveryError(
            "A PLC-5 does not tell which files it has; take the tags from an export of RSLogix 5"
        )


def upload_directory(client: PcccClient, where: str, progress: Progress) -> FileDirectory:
    """Open the session and read the directory of the controller ``where``; it is left open.

    Raises ``DiscoveryError``, ``DriverError`` and what ``progress`` raises.
    """
    identity = client.open()
    catalog = _catalog(client, where, identity.product_name)
    files = read_directory(client.ask, catalog, progress)
    text = identity.text if catalog in identity.product_name else f"{catalog} · {identity.text}"
    return FileDirectory(text, files)


Ask = Callable[[int, bytes], bytes]
"""Sends a command and what follows, as ``PcccClient.ask`` does."""


def read_directory(ask: Ask, catalog: str, progress: Progress) -> tuple[DataFile, ...]:
    """The data files of a processor with this catalogue text. Raises ``DiscoveryError``."""
    form = form_of(catalog)
    try:
        image = _read_image(ask, form, progress)
    except RefusedError as error:
        raise DiscoveryError(
            f"The controller does not give its file directory: {describe(error.refusal)}; "
            "take the tags from an export of RSLogix 500"
        ) from error
    return parse_directory(image, form)


def parse_directory(image: bytes, form: DirectoryForm) -> tuple[DataFile, ...]:
    """The data files in a directory, ascending; numbers that are not used are left out."""
    files: list[DataFile] = []
    number = 0
    for at in range(form.rows_at, len(image) - 2, form.row_size):
        code, length = struct.unpack_from("<BH", image, at)
        if code in _LETTERS:
            letters, size = _LETTERS[code]
            kind = _KINDS.get(code)
            files.append(DataFile(number, letters, kind, length // size))
        elif code != _UNUSED:
            continue
        number += 1
    return tuple(files)


def form_of(catalog: str) -> DirectoryForm:
    """How the directory lies in a processor of this catalogue text; as in an SLC 5/05 where it is unknown."""
    return _FORMS.get(catalog[:4], _SLC_505)


_READ_TWO = 0xA1
_CHUNK = 0x50
_UNUSED = 0x81
_SLC_505 = DirectoryForm(0x01, 0x23, 4, 0, 79, 10)
_MICROLOGIX_1000 = DirectoryForm(0x00, 0x23, 4, 0, 93, 8)
_MICROLOGIX_1100 = DirectoryForm(0x02, 0x28, 8, 0x4E00, 233, 10)
_MICROLOGIX_1400 = DirectoryForm(0x03, 0x2B, 8, 0x4E00, 233, 10)
_FORMS = {
    "1761": _MICROLOGIX_1000,
    "1762": _MICROLOGIX_1100,
    "1763": _MICROLOGIX_1100,
    "1764": _MICROLOGIX_1100,
    "1766": _MICROLOGIX_1400,
}
_KINDS = {code: kind for kind, code in TYPE_CODES.items()}
_LETTERS = {code: (kind.value, 2 * ELEMENT_WORDS.get(kind, 1)) for code, kind in _KINDS.items()} | {
    0x92: ("MG", 50),
    0x93: ("PD", 46),
    0x94: ("PLS", 12),
}


def _catalog(client: PcccClient, where: str, product: str) -> str:
    try:
        return mode.parse_catalog(client.status())
    except RefusedError as error:
        raise DiscoveryError(not_pccc(where, error.refusal, product)) from error


def _read_image(ask: Ask, form: DirectoryForm, progress: Progress) -> bytes:
    progress(0, None, "Reading the length of the file directory")
    length = int.from_bytes(_read(ask, form, form.length_at, form.length_size)[:2], "little")
    length -= form.length_added
    if not form.rows_at < length:
        raise DiscoveryError(
            f"The controller's file directory has an unexpected form (length {length}); "
            "take the tags from an export of RSLogix 500"
        )
    image = b""
    while len(image) < length:
        progress(len(image), length, "Reading the file directory")
        data = _read(ask, form, len(image) // 2, min(_CHUNK, length - len(image)))
        if not data:
            raise DiscoveryError("The controller's file directory ended early; try again")
        image += data
    progress(length, length, "Reading the file directory")
    return image


def _read(ask: Ask, form: DirectoryForm, word: int, size: int) -> bytes:
    where = bytes((word,)) if word < 0xFF else struct.pack("<BH", 0xFF, word)
    return ask(frame.TYPED, bytes((_READ_TWO, size, 0, form.file_type)) + where)
