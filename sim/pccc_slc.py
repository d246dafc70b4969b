"""What SLC-500 and MicroLogix controllers do on command 0F: typed logical reads and writes.

====  =========================================  =======================================================
code  function                                   fields
====  =========================================  =======================================================
A1    read, two address fields                   size, file, type, element; file 0 also has the directory
A2    read, three address fields                 size, file, type, element, sub-element
A9    write, two address fields                  as A1, then the data
AA    write, three address fields                as A2, then the data
AB    write with mask, three address fields      as A2, a mask of 16 bits that holds for every word, data
====  =========================================  =======================================================

Size is in bytes. File, element and sub-element are one byte, or FF and a word. All that is wrong with
an address or a length is answered with status 10, a write to a protected file with extended status 0B.
"""

from collections.abc import Callable

from sim.pccc_directory import Directory
from sim.pccc_files import WORD, DataFile, DataFiles, FileType
from sim.pccc_protocol import Ext, Fields, PcccError

LONGEST_READ = 236
LONGEST_WRITE = 234

# what is addressed by slot is one word a slot here, so that both codes mean the same place
_TYPES = {file_type.code: file_type for file_type in FileType} | {
    0x8B: FileType.OUTPUT,
    0x8C: FileType.INPUT,
}


class SlcCommands:
    """The functions of command 0F over some data files."""

    def __init__(self, files: DataFiles, directory: Directory) -> None:
        self._files = files
        self._directory = directory
        self._functions: dict[int, Callable[[Fields], bytes]] = {
            0xA1: self._read_two,
            0xA2: self._read_three,
            0xA9: self._write_two,
            0xAA: self._write_three,
            0xAB: self._write_masked,
        }

    def execute(self, fields: Fields) -> bytes:
        """Carry out the function that the fields begin with; returns the data of the reply."""
        function = self._functions.get(fields.byte())
        if function is None:
            raise PcccError
        return function(fields)

    def _read_two(self, fields: Fields) -> bytes:
        size, number, code, element = fields.byte(), fields.field(), fields.byte(), fields.field()
        if number == 0 and code == self._directory.form.type_code:
            return self._directory.read(element * WORD, _checked(size, LONGEST_READ))
        return self._read(size, number, code, element, 0)

    def _read_three(self, fields: Fields) -> bytes:
        size, number, code = fields.byte(), fields.field(), fields.byte()
        return self._read(size, number, code, fields.field(), fields.field())

    def _read(self, size: int, number: int, code: int, element: int, sub: int) -> bytes:
        file, at = self._locate(_checked(size, LONGEST_READ), number, code, element, sub)
        return bytes(file.memory[at : at + size])

    def _write_two(self, fields: Fields) -> bytes:
        size, number, code, element = fields.byte(), fields.field(), fields.byte(), fields.field()
        file, at = self._locate(_checked(size, LONGEST_WRITE), number, code, element, 0)
        return _write(file, at, _data(fields, size))

    def _write_three(self, fields: Fields) -> bytes:
        file, at, size = self._target(fields)
        return _write(file, at, _data(fields, size))

    def _write_masked(self, fields: Fields) -> bytes:
        file, at, size = self._target(fields)
        mask = fields.word()
        data = _data(fields, size)
        merged = b"".join(
            _merge(file.memory[at + n : at + n + WORD], data[n : n + WORD], mask)
            for n in range(0, size, WORD)
        )
        return _write(file, at, merged)

    def _target(self, fields: Fields) -> tuple[DataFile, int, int]:
        """Where a write with three address fields goes, and how many bytes."""
        size, number, code = fields.byte(), fields.field(), fields.byte()
        element, sub = fields.field(), fields.field()
        file, at = self._locate(_checked(size, LONGEST_WRITE), number, code, element, sub)
        return file, at, size

    def _locate(self, size: int, number: int, code: int, element: int, sub: int) -> tuple[DataFile, int]:
        """The file, and the byte in it, from which ``size`` bytes exist."""
        file = self._files.get(number)
        if file is None or _TYPES.get(code) is not file.type:
            raise PcccError
        at = element * file.type.size + sub * WORD
        by_slot = file.type in (FileType.OUTPUT, FileType.INPUT)
        if at + size > len(file.memory) or (sub >= file.type.words and not by_slot):
            raise PcccError
        return file, at


def _checked(size: int, longest: int) -> int:
    """Whole words only, and no more than goes into a message."""
    if not 0 < size <= longest or size % WORD:
        raise PcccError
    return size


def _data(fields: Fields, size: int) -> bytes:
    """The data of a write; a size that says more or less than what comes is refused."""
    if fields.left != size:
        raise PcccError
    return fields.rest()


def _write(file: DataFile, at: int, data: bytes) -> bytes:
    if not file.writable:
        raise PcccError(Ext.ACCESS_DENIED)
    file.memory[at : at + len(data)] = data
    return b""


def _merge(old: bytearray, new: bytes, mask: int) -> bytes:
    before, after = int.from_bytes(old, "little"), int.from_bytes(new, "little")
    return (before & ~mask | after & mask).to_bytes(WORD, "little")
