"""What a PLC-5 does on command 0F: ranges of words, and read-modify-write.

====  ===================  ============================================================================
code  function             fields
====  ===================  ============================================================================
00    word range write     offset and total in words (16 bits each), address, data
01    word range read      offset and total in words (16 bits each), address, size in bytes
26    read-modify-write    any number of: address of a word, AND mask, OR mask (16 bits each)
====  ===================  ============================================================================

An address begins with a byte whose bits say which levels follow: 1 data area (0), 2 file, 4 element,
8 sub-element; each level is one byte, or FF and a word. After 00 and ``$`` comes the address as a text
instead, ended by 00 (see ``pccc_symbol``). What is wrong with an address is told by the extended status.
Floats lie high word first (see ``pccc_files``).
"""

from collections.abc import Callable

from sim.pccc_files import WORD, DataFile, DataFiles
from sim.pccc_protocol import Ext, Fields, PcccError
from sim.pccc_symbol import parse_symbol

LONGEST = 244

_AREA, _FILE, _ELEMENT, _SUB_ELEMENT = 1, 2, 4, 8
_SYMBOL, _DOLLAR = 0x00, 0x24
_LEVELS = _AREA | _FILE | _ELEMENT | _SUB_ELEMENT


class Plc5Commands:
    """The functions of command 0F over some data files."""

    def __init__(self, files: DataFiles) -> None:
        self._files = files
        self._functions: dict[int, Callable[[Fields], bytes]] = {
            0x00: self._write_range,
            0x01: self._read_range,
            0x26: self._read_modify_write,
        }

    def execute(self, fields: Fields) -> bytes:
        """Carry out the function that the fields begin with; returns the data of the reply."""
        function = self._functions.get(fields.byte())
        if function is None:
            raise PcccError
        return function(fields)

    def _read_range(self, fields: Fields) -> bytes:
        offset, total = fields.word(), fields.word()
        file, at = self._address(fields)
        size = fields.byte()
        at = _range(file, at, offset, total, size)
        return bytes(file.memory[at : at + size])

    def _write_range(self, fields: Fields) -> bytes:
        offset, total = fields.word(), fields.word()
        file, at = self._address(fields)
        data = fields.rest()
        at = _range(file, at, offset, total, len(data))
        _check_writable(file)
        file.memory[at : at + len(data)] = data
        return b""

    def _read_modify_write(self, fields: Fields) -> bytes:
        """All words, or none where one of them cannot be."""
        changes: list[tuple[DataFile, int, int, int]] = []
        while not changes or fields.left:
            file, at = self._address(fields)
            if at + WORD > len(file.memory):
                raise PcccError(Ext.NO_SUCH_ADDRESS)
            _check_writable(file)
            changes.append((file, at, fields.word(), fields.word()))
        for file, at, keep, put in changes:
            old = int.from_bytes(file.memory[at : at + WORD], "little")
            file.memory[at : at + WORD] = (old & keep | put).to_bytes(WORD, "little")
        return b""

    def _address(self, fields: Fields) -> tuple[DataFile, int]:
        """The file, and the byte in it."""
        levels = fields.byte()
        if levels == _SYMBOL and fields.left:
            return self._symbol(fields)
        if levels & ~_LEVELS:
            raise PcccError(Ext.TOO_MANY_LEVELS)
        if levels & _FILE == 0:
            raise PcccError(Ext.TOO_FEW_LEVELS)
        area = fields.field() if levels & _AREA else 0
        number = fields.field()
        element = fields.field() if levels & _ELEMENT else 0
        sub = fields.field() if levels & _SUB_ELEMENT else 0
        if area != 0:
            raise PcccError(Ext.ILLEGAL_FIELD)
        return self._place(number, element, sub)

    def _symbol(self, fields: Fields) -> tuple[DataFile, int]:
        """An address as a text."""
        if fields.byte() != _DOLLAR:
            raise PcccError(Ext.SYMBOL_FORMAT)
        symbol = parse_symbol(fields.text())
        file, at = self._place(symbol.number, symbol.element, symbol.sub)
        if file.type.letter != symbol.letter:
            raise PcccError(Ext.NO_SUCH_ADDRESS)
        return file, at

    def _place(self, number: int, element: int, sub: int) -> tuple[DataFile, int]:
        file = self._files.get(number)
        if file is None or element >= file.elements or sub >= file.type.words:
            raise PcccError(Ext.NO_SUCH_ADDRESS)
        return file, element * file.type.size + sub * WORD


def _range(file: DataFile, at: int, offset: int, total: int, size: int) -> int:
    """The byte at which this part of a transaction begins."""
    if size == 0 or size % WORD or size > LONGEST or offset * WORD + size > total * WORD:
        raise PcccError(Ext.WRONG_SIZE)
    if at + total * WORD > len(file.memory):
        raise PcccError(Ext.TOO_LARGE)
    return at + offset * WORD


def _check_writable(file: DataFile) -> None:
    if not file.writable:
        raise PcccError(Ext.ACCESS_DENIED)
