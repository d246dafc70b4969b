"""The line's tags in a Logix controller, as its programmer would have arranged them.

=================================  ===========================================================
tag                                contents
=================================  ===========================================================
``Filler.<Name>``                  every tag of the line, in a structure ``FillerUDT``: BOOL, REAL,
                                   DINT; commands are reset by the controller, setpoints are
                                   written by clients
``ProductName``                    STRING, what is filled; clients may change it
``Recipe``                         DINT[10], whatever clients keep there: fill target in ml, line
                                   speed in rpm, cap torque in cNm, ...
``BottleCounts``                   DINT[24], bottles filled in each hour of the day (UTC)
``Program:MainProgram.CycleTime``  REAL, ms between the last two program cycles
``Program:MainProgram.ScanCount``  DINT, program cycles
``Program:MainProgram.FillTimer``  TIMER, runs while the fill valve is open
=================================  ===========================================================
"""

import struct
from collections.abc import Mapping, Sequence

from engine.clock import Clock, SystemClock
from sim.line import COMMANDS, SETPOINT_LIMITS, TagValue
from sim.line_memory import LAYOUT
from sim.logix_controller import LogixController
from sim.logix_types import Member
from sim.logix_values import TagContents

PROGRAM = "MainProgram"
LINE_TAG, LINE_TYPE = "Filler", "FillerUDT"
FILL_TIMER_MS = 2500
_PRODUCT = "Still 0.5 L"
_RECIPE = (500, 58, 210, 65, 12, 0, 0, 0, 0, 0)
_HOURS = 24
_US_PER_HOUR = 3_600_000_000
_INT32 = 1 << 31
_SETPOINTS = tuple(SETPOINT_LIMITS)
_LAYOUTS = {"REAL": "f", "DINT": "i"}


class LogixLineMemory:
    """Adds the line's tags to a controller, copies the line into them, takes out what clients have written.

    Each program cycle, in one hold of the server's lock: ``take_writes``, then ``encode``. After a
    start of the controller ``encode`` comes alone, so that what was written before is not carried out.
    """

    def __init__(self, controller: LogixController, clock: Clock | None = None) -> None:
        self._controller = controller
        self._clock: Clock = clock or SystemClock()
        fields = [(name, place.type.value) for name, place in LAYOUT.items()]
        line_type = controller.add_struct(LINE_TYPE, fields)
        self._memory = controller.add_tag(LINE_TAG, LINE_TYPE).memory
        by_name = {member.name: member for member in line_type.members if not member.hidden}
        self._bits = [(name, member) for name, member in by_name.items() if member.bit is not None]
        self._numbers = _Numbers([member for member in by_name.values() if member.bit is None])
        self._setpoints = _Numbers([by_name[name] for name in _SETPOINTS])
        self._commands = [(name, by_name[name]) for name in COMMANDS]
        self._last_setpoints: tuple[float, ...] | None = None
        self._surroundings = _Surroundings(controller, self._clock)

    def encode(self, tags: Mapping[str, TagValue], now_s: float | None = None) -> None:
        """Write all tags; what clients wrote to read-only places is gone with it.

        Commands are written as 0, taken or not: they are seen once. ``now_s`` is the line's time for
        timers; without it the clock's is taken.
        """
        for name, member in self._bits:
            _set_bit(self._memory, member, on=bool(tags[name]))
        for _name, member in self._commands:
            _set_bit(self._memory, member, on=False)
        self._numbers.pack(self._memory, tags)
        self._last_setpoints = self._setpoints.unpack(self._memory)
        filled, filling = int(tags["BottlesFilled"]), bool(tags["FillValve"])
        self._surroundings.update(filled=filled, filling=filling, now_s=now_s)

    def take_writes(self) -> list[tuple[str, TagValue]]:
        """Command bits that are set, which are reset here, and setpoints that were changed."""
        writes: list[tuple[str, TagValue]] = []
        for name, member in self._commands:
            if self._memory[member.offset] >> (member.bit or 0) & 1:
                writes.append((name, True))
                _set_bit(self._memory, member, on=False)
        if self._last_setpoints is not None:
            written = self._setpoints.unpack(self._memory)
            changed = zip(_SETPOINTS, self._last_setpoints, written, strict=True)
            writes += [(name, after) for name, before, after in changed if after != before]
        return writes


class _Numbers:
    """REAL and DINT members that lie one behind the other."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._names = [member.name for member in members]
        self._start = members[0].offset
        self._struct = struct.Struct("<" + "".join(_LAYOUTS[member.type.name] for member in members))
        if [member.offset for member in members] != [self._start + 4 * n for n in range(len(members))]:
            raise ValueError("the members are not contiguous")

    def pack(self, memory: bytearray, tags: Mapping[str, TagValue]) -> None:
        self._struct.pack_into(memory, self._start, *[tags[name] for name in self._names])

    def unpack(self, memory: bytearray) -> tuple[float, ...]:
        return self._struct.unpack_from(memory, self._start)


class _Surroundings:
    """What a program has beside the line's tags: counts, timers, texts."""

    def __init__(self, controller: LogixController, clock: Clock) -> None:
        self._controller = controller
        self._clock = clock
        controller.add_tag("ProductName", "STRING")
        controller.add_tag("Recipe", "DINT", (len(_RECIPE),))
        controller.add_tag("BottleCounts", "DINT", (_HOURS,))
        controller.add_tag("CycleTime", "REAL", program=PROGRAM)
        controller.add_tag("ScanCount", "DINT", program=PROGRAM)
        controller.add_tag("FillTimer", "TIMER", program=PROGRAM)
        controller.poke("ProductName", _PRODUCT)
        controller.poke("Recipe", _RECIPE)
        self._poke("FillTimer.PRE", FILL_TIMER_MS)
        self._cycles = 0
        self._last_s = clock.monotonic()
        self._opened_s: float | None = None
        self._hour: int | None = None
        self._filled: int | None = None
        self._counted = 0

    def update(self, *, filled: int, filling: bool, now_s: float | None) -> None:
        """One program cycle has passed."""
        real_s = self._clock.monotonic()
        self._cycles += 1
        self._poke("ScanCount", (self._cycles + _INT32) % (2 * _INT32) - _INT32)
        self._poke("CycleTime", (real_s - self._last_s) * 1000)
        self._last_s = real_s
        self._time_filling(real_s if now_s is None else now_s, filling=filling)
        self._count(filled)

    def _time_filling(self, now_s: float, *, filling: bool) -> None:
        """An on-delay timer: TON of IEC 61131-3 as Logix shows it."""
        if not filling:
            self._opened_s = None
        elif self._opened_s is None:
            self._opened_s = now_s
        elapsed_ms = 0 if self._opened_s is None else round((now_s - self._opened_s) * 1000)
        done = filling and elapsed_ms >= FILL_TIMER_MS
        self._poke("FillTimer.ACC", min(elapsed_ms, FILL_TIMER_MS))
        self._poke("FillTimer.EN", filling)
        self._poke("FillTimer.TT", filling and not done)
        self._poke("FillTimer.DN", done)

    def _count(self, filled: int) -> None:
        hour = self._clock.utc_us() // _US_PER_HOUR % _HOURS
        if hour != self._hour:
            self._hour, self._counted = hour, 0
        if self._filled is not None:
            self._counted += max(filled - self._filled, 0)
        self._filled = filled
        self._controller.poke(f"BottleCounts[{hour}]", self._counted)

    def _poke(self, name: str, value: TagContents) -> None:
        self._controller.poke(f"Program:{PROGRAM}.{name}", value)


def _set_bit(memory: bytearray, member: Member, *, on: bool) -> None:
    mask = 1 << (member.bit or 0)
    memory[member.offset] = memory[member.offset] | mask if on else memory[member.offset] & ~mask
