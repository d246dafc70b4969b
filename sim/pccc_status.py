"""What PCCC controllers tell of themselves: diagnostic status, and the status file S2.

Mode, in both families' own words: SLC and MicroLogix have it in bits 0 to 4 of S:1 and of byte 19 of the
diagnostic status (00110 remote run, 00001 remote program); a PLC-5 has bits 1 (run) and 3 (program) of S:1
and the lowest 3 bits of the first byte of the diagnostic status (6 remote run, 4 remote program).

====================  ================================  ==================
contents of S2        SLC, MicroLogix                   PLC-5
====================  ================================  ==================
mode                  S:1                               S:1
free running clock    S:4, in 10 ms                     S:5, in 10 ms
date and time (UTC)   S:37 year to S:42 second          S:18 to S:23
====================  ================================  ==================
"""

from datetime import UTC, datetime

from engine.clock import Clock
from sim.pccc_files import WORD, DataFiles, to_words
from sim.pccc_kinds import PcccFamily, PcccKind

STATUS_FILE = 2
STATUS_WORDS = 128

_REMOTE_RUN, _REMOTE_PROGRAM = 0b00110, 0b00001
_COMMUNICATING = 1 << 7
_PLC5_RUN, _PLC5_PROGRAM, _PLC5_REMOTE = 1 << 1, 1 << 3, 1 << 7
_PLC5_STATUS_RUN, _PLC5_STATUS_PROGRAM = 6, 4
_PLC5_MEMORY = 48 * 1024
_PLC5_SCANNER = 0xFD
_PLC5_STATUS_BYTES = 36
_EXTENDED_TYPE = 0xEE
_INTERFACE = 0x34
_BULLETIN = 11
_RAM_KBYTES = 64
_NO_PROGRAM_OWNER = 0x3F << 2


def diagnostic_status(kind: PcccKind, files: DataFiles, *, running: bool) -> bytes:
    """The data that answers command 06, function 03."""
    if kind.family is PcccFamily.PLC_5:
        return _plc5_status(kind, files, running=running)
    head = bytes((0, _EXTENDED_TYPE, _INTERFACE, kind.processor, kind.series))
    mode = _slc_mode(running=running)
    tail = (0, 0, mode & 0xFF, mode >> 8, 0, 0, _RAM_KBYTES, _NO_PROGRAM_OWNER)
    return head + kind.bulletin.encode("ascii").ljust(_BULLETIN) + bytes(tail)


def refresh_status_file(kind: PcccKind, files: DataFiles, clock: Clock, *, running: bool) -> None:
    """Write what the controller itself keeps in S2, if there is such a file."""
    file = files.get(STATUS_FILE)
    if file is None:
        return
    plc5 = kind.family is PcccFamily.PLC_5
    mode = _plc5_mode(running=running) if plc5 else _slc_mode(running=running)
    now = datetime.fromtimestamp(clock.utc_us() / 1e6, UTC)
    date = (now.year, now.month, now.day, now.hour, now.minute, now.second)
    ticks = int(clock.monotonic() * 100.0)
    for word, values in ((1, (mode,)), (5 if plc5 else 4, (ticks,)), (18 if plc5 else 37, date)):
        data = to_words(values)
        file.memory[word * WORD : word * WORD + len(data)] = data


def _slc_mode(*, running: bool) -> int:
    return _COMMUNICATING | (_REMOTE_RUN if running else _REMOTE_PROGRAM)


def _plc5_mode(*, running: bool) -> int:
    return _PLC5_REMOTE | (_PLC5_RUN if running else _PLC5_PROGRAM)


def _plc5_status(kind: PcccKind, files: DataFiles, *, running: bool) -> bytes:
    mode = _PLC5_STATUS_RUN if running else _PLC5_STATUS_PROGRAM
    status = bytes((mode, 0xEB, kind.processor)) + _PLC5_MEMORY.to_bytes(4, "little")
    status += bytes((kind.series, 0, _PLC5_SCANNER, 0))
    status += to_words((max((file.number for file in files), default=0) + 1, 3))
    return status.ljust(_PLC5_STATUS_BYTES, b"\x00")
