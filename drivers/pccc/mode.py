"""Who a controller is and whether it runs.

SLC and MicroLogix: word 1 of the status file, which every one of them has, is read along with the tags and
often within the same request. PLC-5: the diagnostic status, whose first byte has mode and fault; there the
bits of the status file would have to be pieced together from two words.
"""

from drivers.pccc.address import FileType
from drivers.pccc.layout import Area, Span

MODE_WORD = Span(Area(FileType.STATUS, 2), 1, 1)
"""S:1 of an SLC or MicroLogix."""


def parse_slc_mode(word: int) -> bool | None:
    """Whether the program runs, from S:1; None for a mode unknown here.

    Bits 0 to 4 are the mode, bit 13 says that a major error halted the processor. A continuous test scans
    the program with its outputs off: values move, so it counts as running.
    """
    if word & _HALTED:
        return False
    return _SLC_MODES.get(word & 0x1F)


def parse_plc5_mode(status: bytes) -> bool | None:
    """Whether the program runs, from a diagnostic status: bits 0 to 2 mode, bit 3 major fault."""
    if not status:
        return None
    if status[0] & _PLC5_FAULT:
        return False
    return _PLC5_MODES.get(status[0] & 0x07)


def parse_catalog(status: bytes) -> str:
    """The catalogue text in the diagnostic status of an SLC or MicroLogix, such as ``5/05``."""
    text = status[5:16].split(b"\0")[0].decode("latin-1") if _is_extended(status) else ""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def parse_plc5_name(status: bytes) -> str:
    """The processor's name from the diagnostic status of a PLC-5, such as ``PLC-5/40E``."""
    if len(status) < 3 or status[1] & 0x0F != _PLC5:
        return ""
    return _PLC5_NAMES.get(status[2], "PLC-5")


def is_small(status: bytes) -> bool:
    """Whether it is an SLC 5/01, 5/02 or fixed SLC 500, which take short messages only."""
    return _is_extended(status) and status[3] in _SMALL


_HALTED = 1 << 13
_SLC_MODES = {
    0b00000: False,
    0b00001: False,
    0b00011: False,
    0b00110: True,
    0b00111: True,
    0b01000: False,
    0b01001: False,
    0b10000: False,
    0b10001: False,
    0b11011: False,
    0b11110: True,
}
_PLC5_FAULT = 0x08
_PLC5_MODES = {0: False, 2: True, 4: False, 5: True, 6: True}
_PLC5 = 0x0B
_PLC5_NAMES = {
    0x15: "PLC-5/40",
    0x22: "PLC-5/10",
    0x23: "PLC-5/60",
    0x28: "PLC-5/40L",
    0x29: "PLC-5/60L",
    0x31: "PLC-5/11",
    0x32: "PLC-5/20",
    0x33: "PLC-5/30",
    0x4A: "PLC-5/20E",
    0x4B: "PLC-5/40E",
    0x55: "PLC-5/80",
    0x59: "PLC-5/80E",
}
_SMALL = frozenset({0x18, 0x1A, 0x25})


def _is_extended(status: bytes) -> bool:
    return len(status) >= 16 and status[1] == 0xEE
