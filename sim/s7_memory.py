"""The memory of a simulated S7 CPU: data blocks, markers, inputs and outputs, read and written by item."""

from sim.s7_protocol import Area, ItemCode, ReadResult, Transport, VarAddress, WriteData

_BIT = 0x01
_ELEMENTS: dict[int, tuple[int, Transport]] = {
    0x02: (1, Transport.BYTE),
    0x03: (1, Transport.OCTETS),
    0x04: (2, Transport.BYTE),
    0x05: (2, Transport.INT),
    0x06: (4, Transport.BYTE),
    0x07: (4, Transport.INT),
    0x08: (4, Transport.REAL),
}
"""Width in bytes and reply transport of BYTE, CHAR, WORD, INT, DWORD, DINT and REAL."""


class S7Memory:
    """Areas shared live with whoever simulates the program. The caller holds the CPU's lock."""

    def __init__(self) -> None:
        self._live: dict[tuple[int, int], bytearray] = {}
        self._shown = self._live
        self._read_only: set[tuple[int, int]] = set()

    def add(self, area: Area, number: int, memory: bytearray, *, writable: bool = True) -> None:
        """Share ``memory`` as a data block or as the whole of another area (``number`` 0)."""
        key = (area, number)
        self._live[key] = memory
        if self._shown is not self._live:
            self._shown[key] = bytearray(memory)
        self._read_only.discard(key)
        if not writable:
            self._read_only.add(key)

    def area(self, area: Area, number: int = 0) -> bytearray:
        """The shared bytes of one area."""
        return self._live[area, number]

    def db_numbers(self) -> list[int]:
        """Numbers of all data blocks, ascending."""
        return sorted(number for area, number in self._live if area == Area.DB)

    def freeze(self) -> None:
        """Show clients the present contents from now on, whatever the shared bytes become."""
        self._shown = {key: bytearray(memory) for key, memory in self._live.items()}

    def thaw(self) -> None:
        """Show clients the shared bytes again."""
        self._shown = self._live

    def read(self, item: VarAddress) -> ReadResult:
        """One read item, as a CPU answers it."""
        memory = self._shown.get(_key(item))
        if memory is None:
            return ReadResult(ItemCode.NO_OBJECT)
        start, bit = item.bits >> 3, item.bits & 7
        if item.type == _BIT:
            if item.amount != 1:
                return ReadResult(ItemCode.BAD_TYPE)
            if start >= len(memory):
                return ReadResult(ItemCode.BAD_ADDRESS)
            return ReadResult(ItemCode.OK, Transport.BIT, bytes((memory[start] >> bit & 1,)))
        element = _ELEMENTS.get(item.type)
        if element is None:
            return ReadResult(ItemCode.BAD_TYPE)
        size = element[0] * item.amount
        if bit or not size or start + size > len(memory):
            return ReadResult(ItemCode.BAD_ADDRESS)
        return ReadResult(ItemCode.OK, element[1], bytes(memory[start : start + size]))

    def write(self, item: VarAddress, data: WriteData) -> ItemCode:
        """One write item: all of it or, with an error code, nothing."""
        key = _key(item)
        memory = self._live.get(key)
        if memory is None:
            return ItemCode.NO_OBJECT
        if key in self._read_only:
            return ItemCode.ACCESS_DENIED
        code = _write_error(item, data, len(memory))
        if code is not ItemCode.OK:
            return code
        _store(memory, item, data.payload)
        if self._shown is not self._live:
            _store(self._shown[key], item, data.payload)
        return ItemCode.OK


def _key(item: VarAddress) -> tuple[int, int]:
    return (item.area, item.db if item.area == Area.DB else 0)


def _write_error(item: VarAddress, data: WriteData, available: int) -> ItemCode:
    start, bit = item.bits >> 3, item.bits & 7
    if item.type == _BIT:
        if item.amount != 1:
            return ItemCode.BAD_TYPE
        if data.transport != Transport.BIT or data.length != 1:
            return ItemCode.INCONSISTENT
        return ItemCode.OK if start < available else ItemCode.BAD_ADDRESS
    element = _ELEMENTS.get(item.type)
    if element is None:
        return ItemCode.BAD_TYPE
    size = element[0] * item.amount
    if bit or not size or start + size > available:
        return ItemCode.BAD_ADDRESS
    if data.transport not in (Transport.BYTE, Transport.INT, Transport.REAL, Transport.OCTETS):
        return ItemCode.INCONSISTENT
    return ItemCode.OK if data.length == size else ItemCode.INCONSISTENT


def _store(memory: bytearray, item: VarAddress, payload: bytes) -> None:
    start = item.bits >> 3
    if item.type != _BIT:
        memory[start : start + len(payload)] = payload
        return
    mask = 1 << (item.bits & 7)
    memory[start] = memory[start] | mask if payload[0] & 1 else memory[start] & ~mask
