"""The file directory of SLC 5/05 and MicroLogix: which data files there are, and how long.

Read with function A1 as file 0 of a type of its own, the element being an offset in words. A word tells
its length (on MicroLogix with a constant added), a byte each how many program and data files there are;
from ``rows_at`` on comes a row of 10 bytes for each file number: type, length in bytes (16 bits), zeros.
A number without a file has a row of type 81.
"""

from dataclasses import dataclass

from sim.pccc_files import DataFiles
from sim.pccc_protocol import PcccError

_ROW = 10
_UNUSED = 0x81
_PROGRAM_FILES_AT = 46
_DATA_FILES_AT = 52
_PROGRAM_FILES = 3


@dataclass(frozen=True, slots=True)
class DirectoryForm:
    """How a family of controllers lays its directory out; offsets in bytes."""

    type_code: int
    size_at: int
    size_added: int
    rows_at: int


SLC_505 = DirectoryForm(type_code=0x01, size_at=2 * 0x23, size_added=0, rows_at=79)
MICROLOGIX_1100 = DirectoryForm(type_code=0x02, size_at=2 * 0x28, size_added=0x4E00, rows_at=233)
MICROLOGIX_1400 = DirectoryForm(type_code=0x03, size_at=2 * 0x2B, size_added=0x4E00, rows_at=233)


class Directory:
    """The directory of some data files, as it is at the moment of reading."""

    def __init__(self, form: DirectoryForm, files: DataFiles) -> None:
        self.form = form
        self._files = files

    def read(self, at: int, size: int) -> bytes:
        """So many bytes of it; raises ``PcccError`` beyond its end."""
        image = self.image()
        if at + size > len(image):
            raise PcccError
        return image[at : at + size]

    def image(self) -> bytes:
        """The whole of it, an even number of bytes."""
        rows = b"".join(self._row(number) for number in range(self._highest() + 1))
        head = bytearray(self.form.rows_at)
        head[_PROGRAM_FILES_AT] = _PROGRAM_FILES
        head[_DATA_FILES_AT] = self._highest() + 1
        length = len(head) + len(rows)
        length += length % 2
        head[self.form.size_at : self.form.size_at + 2] = (length + self.form.size_added).to_bytes(
            2, "little"
        )
        return (bytes(head) + rows).ljust(length, b"\x00")

    def _highest(self) -> int:
        return max(file.number for file in self._files)

    def _row(self, number: int) -> bytes:
        file = self._files.get(number)
        if file is None:
            return bytes([_UNUSED]).ljust(_ROW, b"\x00")
        return (bytes([file.type.code]) + len(file.memory).to_bytes(2, "little")).ljust(_ROW, b"\x00")
