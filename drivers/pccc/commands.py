"""Commands on data files: typed logical ones of the SLC and MicroLogix, word ranges of the PLC-5.

Whatever the caller does, a command made here never writes the control word of a timer, counter or control
structure: words of them are written singly and only behind it, its bits only through a mask of that bit.
Pure; the layouts are those of 1770-6.5.16, chapters 7 and 13.
"""

import struct

from drivers.pccc.address import STRUCTURES, FileType
from drivers.pccc.family import Family
from drivers.pccc.layout import Area, Span

TYPE_CODES = {
    # The manual says 8B and 8C for outputs and inputs; SLC 5/05 processors answer to 82 and 83 only.
    FileType.OUTPUT: 0x82,
    FileType.INPUT: 0x83,
    FileType.STATUS: 0x84,
    FileType.BIT: 0x85,
    FileType.TIMER: 0x86,
    FileType.COUNTER: 0x87,
    FileType.CONTROL: 0x88,
    FileType.INTEGER: 0x89,
    FileType.FLOAT: 0x8A,
    FileType.STRING: 0x8D,
    FileType.ASCII: 0x8E,
    FileType.LONG: 0x91,
}

READ_STATUS = b"\x03"
"""The diagnostic command that tells who a controller is and how it is."""


def read_words(family: Family, span: Span) -> bytes:
    """Function code and parameters of a read."""
    size = 2 * span.words
    if family is Family.PLC5:
        return struct.pack("<BHH", _RANGE_READ, 0, span.words) + _levels(span) + bytes((size,))
    return bytes((_TYPED_READ, size)) + _logical(span)


def write_words(family: Family, span: Span, data: bytes) -> bytes:
    """Function code and parameters of a write of whole words; ``data`` is as ``from_wire`` gives it."""
    if span.area.kind in STRUCTURES and (span.words != 1 or not span.sub_element):
        raise ValueError(f"{span} would write a control word")
    if len(data) != 2 * span.words:
        raise ValueError(f"{len(data)} bytes do not fill {span}")
    wire = to_wire(family, span.area, data)
    if family is Family.PLC5:
        return struct.pack("<BHH", _RANGE_WRITE, 0, span.words) + _levels(span) + wire
    return bytes((_TYPED_WRITE, len(data))) + _logical(span) + wire


def write_bits(family: Family, span: Span, mask: int, bits: int) -> bytes:
    """Function code and parameters of a write of the bits in ``mask`` of one word, and of no others."""
    if not mask or span.words != 1 or bits & ~mask:
        raise ValueError(f"{bits:04X} under {mask:04X} is no write of bits to {span}")
    if span.area.kind in STRUCTURES and not span.sub_element and mask & (mask - 1):
        raise ValueError(f"{mask:04X} would write more than one bit of a control word")
    if family is Family.PLC5:
        return bytes((_READ_MODIFY_WRITE,)) + _levels(span) + struct.pack("<HH", ~mask & 0xFFFF, bits)
    return bytes((_MASKED_WRITE, 2)) + _logical(span) + struct.pack("<HH", mask, bits)


def from_wire(family: Family, area: Area, data: bytes) -> bytes:
    """Data of a read with the bytes of each element in ascending order.

    A PLC-5 has the upper word of a floating-point number first.
    """
    if family is not Family.PLC5 or area.kind is not FileType.FLOAT:
        return data
    swapped = bytearray(len(data))
    for byte in range(4):
        swapped[byte::4] = data[byte ^ 2 :: 4]
    return bytes(swapped)


to_wire = from_wire
"""Swapping the words of each element twice gives what was there."""

_TYPED_READ, _TYPED_WRITE, _MASKED_WRITE = 0xA2, 0xAA, 0xAB
_RANGE_WRITE, _RANGE_READ, _READ_MODIFY_WRITE = 0x00, 0x01, 0x26
# Levels of a logical binary address that follow: file, element and, in the second, sub-element.
_FILE_AND_ELEMENT, _WITH_SUB_ELEMENT = 0x06, 0x0E


def _logical(span: Span) -> bytes:
    """File, type, element and sub-element of a typed logical command."""
    area = span.area
    type_code = bytes((TYPE_CODES[area.kind],))
    return _number(area.file) + type_code + _number(span.element) + _number(span.sub_element)


def _levels(span: Span) -> bytes:
    """A logical binary address: which levels follow, and these."""
    address = _number(span.area.file) + _number(span.element)
    if not span.sub_element:
        return bytes((_FILE_AND_ELEMENT,)) + address
    return bytes((_WITH_SUB_ELEMENT,)) + address + _number(span.sub_element)


def _number(value: int) -> bytes:
    """One byte up to 254, else FF and two."""
    return bytes((value,)) if value < 0xFF else struct.pack("<BH", 0xFF, value)
