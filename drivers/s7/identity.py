"""Who a controller is and whether it runs, from its system status lists."""

import struct

CPU_STATE = (0x0424, 0)
MODULES = (0x0011, 0)
COMPONENTS = (0x001C, 0)


def parse_running(szl: bytes) -> bool | None:
    """Whether the CPU runs, from list 0x0424; None where the list does not tell.

    The operating mode is the low half of the fourth byte of the record: 8 RUN, 9 redundant RUN,
    B and C while redundant CPUs couple; all others are kinds of STOP, start-up or HOLD.
    """
    if len(szl) < 8:
        return None
    mode = szl[7] & 0x0F
    return None if mode == 0 else mode in _RUN_MODES


def parse_order_number(szl: bytes) -> str:
    """Order number and firmware from list 0x0011, as in ``6ES7 512-1DK01-0AB0 V2.9.2``."""
    order = version = ""
    for number, record in _records(szl):
        if number == 1 and not order:
            order = _text(record[2:22])
        if number == 7 and len(record) >= 28 and record[-4:-3] == b"V":
            version = " V" + ".".join(str(part) for part in record[-3:])
    return f"{order}{version}" if order else ""


def parse_names(szl: bytes) -> tuple[str, str]:
    """(module type, name of the station) from list 0x001C; empty where not given."""
    names = {number: _text(record[2:26]) for number, record in _records(szl)}
    return _text_of(szl, 7) or names.get(2, ""), names.get(1, "")


def parse_serial(szl: bytes) -> str:
    """Serial number of the module from list 0x001C; empty where not given."""
    return _text_of(szl, 5)


_RUN_MODES = frozenset({0x8, 0x9, 0xB, 0xC})


def _records(szl: bytes) -> list[tuple[int, bytes]]:
    """(record number, record) of every whole record."""
    if len(szl) < 4:
        return []
    size, count = struct.unpack(">HH", szl[:4])
    if size < 2:
        return []
    records = (szl[4 + n * size : 4 + (n + 1) * size] for n in range(min(count, len(szl) // size)))
    return [(int.from_bytes(record[:2]), record) for record in records if len(record) == size]


def _text_of(szl: bytes, number: int) -> str:
    return next((_text(record[2:]) for index, record in _records(szl) if index == number), "")


def _text(raw: bytes) -> str:
    text = raw.split(b"\0")[0].decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable()).strip()
