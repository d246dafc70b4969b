"""Addresses become frames that name the very same place, and no frame writes a control word unasked."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.pccc.address import STRUCTURES, Address, FileType, parse_address
from drivers.pccc.commands import TYPE_CODES, from_wire, read_words, to_wire, write_bits, write_words
from drivers.pccc.family import Family
from drivers.pccc.layout import Area, Span, place
from engine.model import DataType, TypeSpec
from tests.drivers.pccc.frames import addresses, take_apart

SLC, PLC5 = Family.SLC500, Family.PLC5
WIDE = {
    FileType.FLOAT: DataType.REAL,
    FileType.LONG: DataType.DINT,
    FileType.STRING: DataType.STRING,
}


def type_at(address: Address) -> TypeSpec:
    if address.bit is not None:
        return TypeSpec(DataType.BOOL)
    return TypeSpec(WIDE.get(address.kind, DataType.INT))


def span_of(text: str, family: Family = SLC) -> Span:
    address = parse_address(text, family)
    return place(address, type_at(address), family)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("N7:0", "a2 02 07 89 00 00"),
        ("N7:254", "a2 02 07 89 fe 00"),
        ("N7:255", "a2 02 07 89 ff ff 00 00"),
        ("N255:300", "a2 02 ff ff 00 89 ff 2c 01 00"),
        ("T4:2.PRE", "a2 02 04 86 02 01"),
        ("T4:2.ACC", "a2 02 04 86 02 02"),
        ("F8:1", "a2 04 08 8a 01 00"),
        ("L9:1", "a2 04 09 91 01 00"),
        ("ST10:3", "a2 54 0a 8d 03 00"),
        ("O:1.2", "a2 02 00 82 01 02"),
        ("I:3.0", "a2 02 01 83 03 00"),
        ("S:1", "a2 02 02 84 01 00"),
    ],
)
def test_reads_of_an_slc(text: str, frame: str) -> None:
    assert read_words(SLC, span_of(text)) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        # The addresses are those of the examples in 1770-6.5.16, page 13-12.
        ("N7:30", "01 0000 0100 06 07 1e 02"),
        ("B3:300", "01 0000 0100 06 03 ff2c01 02"),
        ("T4:2.ACC", "01 0000 0100 0e 04 02 02 02"),
        ("F8:1", "01 0000 0200 06 08 01 04"),
        ("I:017", "01 0000 0100 06 01 0f 02"),
        ("N300:0", "01 0000 0100 06 ff2c01 00 02"),
    ],
)
def test_reads_of_a_plc5(text: str, frame: str) -> None:
    assert read_words(PLC5, span_of(text, PLC5)) == bytes.fromhex(frame)


def test_writes_of_an_slc() -> None:
    assert write_words(SLC, span_of("T4:2.PRE"), b"\xf4\x01") == bytes.fromhex("aa 02 04 86 02 01 f401")
    assert write_words(SLC, span_of("F8:1"), b"\0\0\x80\x3f") == bytes.fromhex("aa 04 08 8a 01 00 0000803f")
    assert write_bits(SLC, span_of("B3/17"), 2, 2) == bytes.fromhex("ab 02 03 85 01 00 0200 0200")
    assert write_bits(SLC, span_of("T4:0/EN"), 1 << 15, 0) == bytes.fromhex("ab 02 04 86 00 00 0080 0000")


def test_writes_of_a_plc5() -> None:
    assert write_words(PLC5, span_of("T4:2.PRE", PLC5), b"\xf4\x01") == bytes.fromhex(
        "00 0000 0100 0e 04 02 01 f401"
    )
    assert write_bits(PLC5, span_of("B3/17", PLC5), 2, 2) == bytes.fromhex("26 06 03 01 fdff 0200")
    assert write_bits(PLC5, span_of("B3/17", PLC5), 2, 0) == bytes.fromhex("26 06 03 01 fdff 0000")


def test_a_plc5_has_the_upper_word_of_a_float_first() -> None:
    area = Area(FileType.FLOAT, 8)
    assert from_wire(PLC5, area, b"\x80\x3f\0\0\x20\x41\x01\x02") == b"\0\0\x80\x3f\x01\x02\x20\x41"
    assert to_wire(PLC5, area, struct.pack("<f", 1.0)) == b"\x80\x3f\0\0"
    assert from_wire(SLC, area, b"abcd") == b"abcd"
    assert from_wire(PLC5, Area(FileType.INTEGER, 7), b"abcd") == b"abcd"


@pytest.mark.parametrize("family", Family)
@given(data=st.data())
def test_every_command_names_the_place_that_was_addressed(family: Family, data: st.DataObject) -> None:
    address = data.draw(addresses(family))
    span = place(address, type_at(address), family)
    commands = [read_words(family, span)]
    if address.bit is None:
        commands.append(write_words(family, span, bytes(2 * span.words)))
    else:
        commands.append(write_bits(family, span, 1 << address.bit, 1 << address.bit))
    for command in commands:
        taken = take_apart(family, command)
        assert taken.type in (None, TYPE_CODES[address.kind])
        found = Address(address.kind, taken.file, taken.element, taken.sub_element, address.bit)
        assert found == address
        assert taken.size == 2 * span.words


@pytest.mark.parametrize("family", Family)
@given(data=st.data())
def test_a_bit_is_written_through_a_mask_of_that_bit_alone(family: Family, data: st.DataObject) -> None:
    address = data.draw(addresses(family).filter(lambda address: address.bit is not None))
    assert address.bit is not None
    span = place(address, type_at(address), family)
    mask = 1 << address.bit
    for bits in (0, mask):
        taken = take_apart(family, write_bits(family, span, mask, bits))
        first, second = struct.unpack("<HH", taken.rest)
        before = data.draw(st.integers(0, 0xFFFF))
        if family is Family.PLC5:
            assert taken.function == 0x26
            after = before & first | second
        else:
            assert taken.function == 0xAB
            after = before & ~first | second & first
        assert after == before & ~mask | bits


@pytest.mark.parametrize("family", Family)
@given(data=st.data())
def test_no_words_are_ever_written_to_a_control_word(family: Family, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(STRUCTURES)))
    start, words = data.draw(st.integers(0, 3000)), data.draw(st.integers(1, 40))
    span = Span(Area(kind, 20), start, words)
    touched = {word % 3 for word in range(start, start + words)}
    if 0 in touched or words > 1:
        with pytest.raises(ValueError, match="would write a control word"):
            write_words(family, span, bytes(2 * words))
        return
    taken = take_apart(family, write_words(family, span, bytes(2)))
    assert taken.sub_element in (1, 2)
    assert (taken.element, taken.size) == (start // 3, 2)


@given(mask=st.integers(0, 0xFFFF), bits=st.integers(0, 0xFFFF))
def test_a_control_word_takes_one_bit_at_a_time(mask: int, bits: int) -> None:
    control = Span(Area(FileType.TIMER, 4), 0, 1)
    if mask.bit_count() == 1 and not bits & ~mask:
        assert write_bits(SLC, control, mask, bits)
        return
    with pytest.raises(ValueError, match="bit"):
        write_bits(SLC, control, mask, bits)


def test_data_that_does_not_fill_its_words_is_not_written() -> None:
    with pytest.raises(ValueError, match="do not fill"):
        write_words(SLC, span_of("N7:0"), b"\0\0\0\0")
