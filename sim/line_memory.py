"""The line's tags in the controller's memory: one data block, packed as a STEP 7 programmer would.

=======  ==================================================================
bytes    contents of DB1 (``LENGTH`` bytes)
=======  ==================================================================
0        inputs            6 BOOL
1        outputs           6 BOOL
2        status            5 BOOL
3        alarms            5 BOOL
4        commands          5 BOOL, written by clients, reset by the controller
5..7     spare
8..31    process values    6 REAL
32..39   setpoints         2 REAL, written by clients
40..59   counters, state   5 DINT
=======  ==================================================================
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from engine.model import DataType
from sim.line import COMMANDS, TagValue
from sim.line_groups import BOOLS, PROCESS_VALUES, SETPOINTS, changed_setpoints, commands_in, pack_bits

DB_NUMBER = 1
LENGTH = 60

_COMMAND_BYTE = len(BOOLS)
_REALS_AT = 8
_SETPOINTS_AT = 32
_DINTS_AT = 40
_COUNTERS = ("BottlesFilled", "BottlesRejected", "BottlesPerMinute", "StateCurrent", "LineEncoder")

_BITS = struct.Struct(f">{len(BOOLS) + 1}B")
_REALS = struct.Struct(f">{len(PROCESS_VALUES)}f")
_SETPOINT_REALS = struct.Struct(f">{len(SETPOINTS)}f")
_DINTS = struct.Struct(f">{len(_COUNTERS)}i")


@dataclass(frozen=True, slots=True)
class MemoryPlace:
    """Where one tag lives; ``bit`` is 0 for what is no BOOL."""

    byte: int
    bit: int
    type: DataType

    @property
    def address(self) -> str:
        """The address as S7 writes it, such as ``DB1.DBX0.3`` or ``DB1.DBD8``."""
        if self.type is DataType.BOOL:
            return f"DB{DB_NUMBER}.DBX{self.byte}.{self.bit}"
        return f"DB{DB_NUMBER}.DBD{self.byte}"


def _lay_out() -> dict[str, MemoryPlace]:
    layout = {
        name: MemoryPlace(byte, bit, DataType.BOOL)
        for byte, names in enumerate((*BOOLS, COMMANDS))
        for bit, name in enumerate(names)
    }
    words = (
        (_REALS_AT, PROCESS_VALUES, DataType.REAL),
        (_SETPOINTS_AT, SETPOINTS, DataType.REAL),
        (_DINTS_AT, _COUNTERS, DataType.DINT),
    )
    for start, names, data_type in words:
        layout |= {name: MemoryPlace(start + 4 * n, 0, data_type) for n, name in enumerate(names)}
    return layout


LAYOUT: Mapping[str, MemoryPlace] = _lay_out()
"""Every tag of the line by name."""


class LineMemory:
    """Copies the line into the controller's memory and takes out what clients have written there.

    Each program cycle, in one hold of the server's lock: ``take_writes``, then ``encode``. After a
    start of the CPU ``encode`` comes alone, so that what was written during STOP is not carried out.
    """

    def __init__(self) -> None:
        self._setpoints: bytes | None = None

    def encode(self, tags: Mapping[str, TagValue], memory: bytearray) -> None:
        """Write all tags; what clients wrote to read-only places is gone with it.

        Commands are written as 0, taken or not: they are seen once.
        """
        _BITS.pack_into(memory, 0, *[pack_bits(tags, names) for names in BOOLS], 0)
        _REALS.pack_into(memory, _REALS_AT, *[tags[name] for name in PROCESS_VALUES])
        self._setpoints = _SETPOINT_REALS.pack(*[tags[name] for name in SETPOINTS])
        memory[_SETPOINTS_AT : _SETPOINTS_AT + _SETPOINT_REALS.size] = self._setpoints
        _DINTS.pack_into(memory, _DINTS_AT, *[tags[name] for name in _COUNTERS])

    def take_writes(self, memory: bytearray) -> list[tuple[str, TagValue]]:
        """Command bits that are set, which are reset here, and setpoints that were changed."""
        writes: list[tuple[str, TagValue]] = []
        bits = memory[_COMMAND_BYTE]
        if bits:
            writes += commands_in(bits)
            memory[_COMMAND_BYTE] = 0
        written = bytes(memory[_SETPOINTS_AT : _SETPOINTS_AT + _SETPOINT_REALS.size])
        if self._setpoints is not None and written != self._setpoints:
            old, new = _SETPOINT_REALS.unpack(self._setpoints), _SETPOINT_REALS.unpack(written)
            writes += changed_setpoints(old, new)
        return writes
