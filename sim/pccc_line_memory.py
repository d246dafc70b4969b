"""The line's tags in data files of an SLC-500, MicroLogix or PLC-5, as a programmer of these lays them out.

==============  ============================================================================================
address         contents
==============  ============================================================================================
B3:0            inputs            6 bits, also at the terminals I:0/0 to I:0/5
B3:1            outputs           6 bits, also at the terminals O:0/0 to O:0/5
B3:2            status            5 bits
B3:3            alarms            5 bits
B3:4            commands          5 bits, written by clients, reset by the controller
N7:0 to N7:1    BottlesPerMinute, StateCurrent
N7:2            program cycles, counted from 0 to 32767
F8:0 to F8:5    process values
F8:6 to F8:7    setpoints, written by clients
F8:10 to F8:12  BottlesFilled, BottlesRejected, LineEncoder, each modulo 2^24, which a float holds exactly;
                on a MicroLogix they are L9:0 to L9:2 instead, in full
T4:0            fill timer: ACC in 10 ms while product flows, EN, TT; DN when it takes longer than PRE, 2 s
C5:0            bottles of the pallet, PRE of them to one; CU while a bottle is at the capper
R6:0            shift register of the bottles on the belt: LEN, POS; EN while a bottle is at its start
ST10:0          the product's name, which clients may change
N11:0 to 23     bottles filled in each hour since the start, over and over
==============  ============================================================================================

A tag of the line that does not fit into 16 bits is never kept in an N file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model import DataType
from sim.line import COMMANDS, TagValue
from sim.line_groups import (
    BOOLS,
    INPUTS,
    LARGE_COUNTERS,
    OUTPUTS,
    PROCESS_VALUES,
    SETPOINTS,
    SMALL_NUMBERS,
    changed_setpoints,
    commands_in,
    pack_bits,
)
from sim.pccc_files import WORD, DataFiles, FileType, from_floats, to_floats, to_string, to_words
from sim.pccc_kinds import PcccKind

PRODUCT = "Still 0.5 L"

_BITS, _TIMERS, _COUNTERS, _CONTROLS, _INTEGERS, _FLOATS, _LONGS, _STRINGS, _HOURS = (
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
)
_COMMAND_WORD = len(BOOLS)
_SETPOINTS_AT = len(PROCESS_VALUES)
_COUNTERS_AT = 10
_EXACT_IN_FLOAT = 1 << 24
_INT_RANGE = 1 << 15
_EN, _TT, _DN = 1 << 15, 1 << 14, 1 << 13
_LONGEST_FILL = 200
_PALLET = 480
_REGISTER = 16
_HOUR_S, _DAY_H = 3600.0, 24


@dataclass(frozen=True, slots=True)
class PcccPlace:
    """Where one tag lives, as these controllers write it (``B3:0/5``, ``F8:2``), and its type there."""

    address: str
    type: DataType


def layout(*, longs: bool) -> Mapping[str, PcccPlace]:
    """Every tag of the line by name; ``longs``: on a controller with L files."""
    places = {
        name: PcccPlace(f"B{_BITS}:{word}/{bit}", DataType.BOOL)
        for word, names in enumerate((*BOOLS, COMMANDS))
        for bit, name in enumerate(names)
    }
    counters = (f"L{_LONGS}", 0, DataType.DINT) if longs else (f"F{_FLOATS}", _COUNTERS_AT, DataType.REAL)
    for names, (file, start, data_type) in (
        (SMALL_NUMBERS, (f"N{_INTEGERS}", 0, DataType.INT)),
        (PROCESS_VALUES, (f"F{_FLOATS}", 0, DataType.REAL)),
        (SETPOINTS, (f"F{_FLOATS}", _SETPOINTS_AT, DataType.REAL)),
        (LARGE_COUNTERS, counters),
    ):
        places |= {name: PcccPlace(f"{file}:{start + n}", data_type) for n, name in enumerate(names)}
    return places


class PcccLineMemory:
    """Copies the line into data files, which it creates, and takes out what clients have written there.

    Each program cycle, in one hold of the server's lock: ``take_writes``, then ``encode``. After a
    start of the controller ``encode`` comes alone, so that what was written before is not carried out.
    """

    def __init__(self, files: DataFiles, kind: PcccKind) -> None:
        self._files = files
        self._longs = kind.longs
        self._high_word_first = kind.high_word_first
        self._setpoints = b""
        self._cycles = 0
        self._filling_since_s: float | None = None
        self._hour = 0
        self._before_hour = 0
        files.add(FileType.BIT, _BITS, 16)
        files.add(FileType.TIMER, _TIMERS, 4)
        files.add(FileType.COUNTER, _COUNTERS, 4)
        files.add(FileType.CONTROL, _CONTROLS, 4)
        files.add(FileType.INTEGER, _INTEGERS, 64)
        files.add(FileType.FLOAT, _FLOATS, 32)
        if kind.longs:
            files.add(FileType.LONG, _LONGS, 16)
        files.add(FileType.STRING, _STRINGS, 4)
        files.add(FileType.INTEGER, _HOURS, _DAY_H)
        self._put(_STRINGS, 0, to_string(PRODUCT))

    def encode(self, tags: Mapping[str, TagValue], now_s: float) -> None:
        """Write all tags; what clients wrote to places of the line that are read only is gone with it."""
        self._put(_BITS, 0, to_words([*(pack_bits(tags, names) for names in BOOLS), 0]))
        self._put(0, 0, to_words([pack_bits(tags, OUTPUTS)]))
        self._put(1, 0, to_words([pack_bits(tags, INPUTS)]))
        self._cycles = (self._cycles + 1) % _INT_RANGE
        numbers = [*(int(tags[name]) for name in SMALL_NUMBERS), self._cycles]
        self._put(_INTEGERS, 0, to_words(numbers))
        self._put(_FLOATS, 0, self._floats(tags, PROCESS_VALUES))
        self._setpoints = self._floats(tags, SETPOINTS)
        self._put(_FLOATS, _SETPOINTS_AT * 2, self._setpoints)
        self._encode_counters([int(tags[name]) for name in LARGE_COUNTERS])
        self._encode_structures(tags, now_s)
        self._encode_hours(int(tags["BottlesFilled"]), now_s)

    def take_writes(self) -> list[tuple[str, TagValue]]:
        """Command bits that are set, which are reset here, and setpoints that were changed."""
        bits = self._files[_BITS].memory
        at = _COMMAND_WORD * WORD
        writes = commands_in(int.from_bytes(bits[at : at + WORD], "little"))
        bits[at : at + WORD] = bytes(WORD)
        start = _SETPOINTS_AT * FileType.FLOAT.size
        written = bytes(self._files[_FLOATS].memory[start : start + len(self._setpoints)])
        if written != self._setpoints:
            swapped = self._high_word_first
            before = from_floats(self._setpoints, high_word_first=swapped)
            writes += changed_setpoints(before, from_floats(written, high_word_first=swapped))
        return writes

    def _encode_counters(self, counts: list[int]) -> None:
        if self._longs:
            data = b"".join(count.to_bytes(4, "little", signed=True) for count in counts)
            self._put(_LONGS, 0, data)
        else:
            exact = [count % _EXACT_IN_FLOAT for count in counts]
            self._put(_FLOATS, 2 * _COUNTERS_AT, to_floats(exact, high_word_first=self._high_word_first))

    def _encode_structures(self, tags: Mapping[str, TagValue], now_s: float) -> None:
        filled = int(tags["BottlesFilled"])
        self._put(_TIMERS, 0, to_words(self._fill_timer(filling=bool(tags["Filling"]), now_s=now_s)))
        counting = _EN if tags["BottleAtCap"] else 0
        self._put(_COUNTERS, 0, to_words([counting, _PALLET, filled % _PALLET]))
        loading = _EN if tags["BottlePresent"] else 0
        self._put(_CONTROLS, 0, to_words([loading, _REGISTER, filled % _REGISTER]))

    def _fill_timer(self, *, filling: bool, now_s: float) -> list[int]:
        if not filling:
            self._filling_since_s = None
            return [0, _LONGEST_FILL, 0]
        if self._filling_since_s is None:
            self._filling_since_s = now_s
        elapsed = min(round((now_s - self._filling_since_s) * 100.0), _LONGEST_FILL)
        return [_EN | (_DN if elapsed >= _LONGEST_FILL else _TT), _LONGEST_FILL, elapsed]

    def _encode_hours(self, filled: int, now_s: float) -> None:
        hour = int(now_s / _HOUR_S) % _DAY_H
        if hour != self._hour:
            self._hour, self._before_hour = hour, filled
        self._put(_HOURS, hour, to_words([filled - self._before_hour]))

    def _floats(self, tags: Mapping[str, TagValue], names: tuple[str, ...]) -> bytes:
        return to_floats([float(tags[name]) for name in names], high_word_first=self._high_word_first)

    def _put(self, number: int, word: int, data: bytes) -> None:
        self._files[number].memory[word * WORD : word * WORD + len(data)] = data
