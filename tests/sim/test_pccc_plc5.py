"""PLC-5: word ranges and read-modify-write, byte by byte."""

import pytest

from sim.pccc_controller import PcccController
from sim.pccc_files import from_words
from sim.pccc_kinds import PLC_5_40E
from tests.sim.pccc_raw_client import command, plc5, slc, words
from tests.sim.pccc_scene import Mode, contents, controller

OK = bytes.fromhex("4f003412")


def refused(ext: int) -> bytes:
    return bytes.fromhex("4ff03412") + bytes([ext])


def read(address: bytes, size: int, offset: int = 0, total: int | None = None) -> bytes:
    total = offset + (size + 1) // 2 if total is None else total
    return command(0x01, words(offset, total) + address + bytes([size]))


def write(address: bytes, data: bytes, offset: int = 0, total: int | None = None) -> bytes:
    total = offset + len(data) // 2 if total is None else total
    return command(0x00, words(offset, total) + address + data)


def symbol(text: str) -> bytes:
    return b"\x00$" + text.encode() + b"\x00"


@pytest.fixture
def plc() -> PcccController:
    return controller(PLC_5_40E)


def test_words_are_read(plc):
    assert plc.execute(read(plc5(7, 2), 6)) == OK + words(3, 4, 5)


def test_the_frame_of_a_read_is_as_the_manual_has_it():
    assert read(plc5(7, 2), 6) == bytes.fromhex("0f00341201 0000 0300 06 07 02 06")


def test_a_range_is_read_in_parts_by_its_offset(plc):
    assert plc.execute(read(plc5(7, 0), 4, offset=0, total=4)) == OK + words(1, 2)
    assert plc.execute(read(plc5(7, 0), 4, offset=2, total=4)) == OK + words(3, 4)


def test_an_element_beyond_254_has_a_longer_address(plc):
    assert plc.execute(read(plc5(7, 256), 2)) == OK + words(257)


def test_members_of_a_timer_are_its_sub_elements(plc):
    assert plc.execute(read(plc5(4, 0, 1), 4)) == OK + words(100, 42)


def test_a_float_is_read_high_word_first(plc):
    assert plc.execute(read(plc5(8, 0), 4)) == OK + bytes.fromhex("c03f 0000")


def test_the_data_area_may_be_named_if_it_is_the_data_table(plc):
    assert plc.execute(read(b"\x07\x00\x07\x02", 2)) == OK + words(3)
    assert plc.execute(read(b"\x07\x01\x07\x02", 2)) == refused(0x01)


@pytest.mark.parametrize(
    ("text", "value"),
    [("N7:2", 3), ("n7:299", 300), ("T4:0.ACC", 42), ("T4:0", 0xA000), ("I:003", 5), ("S:18", 2026)],
)
def test_an_address_may_be_a_text(plc, text, value):
    plc.files[1].memory[6:8] = words(5)
    assert plc.execute(read(symbol(text), 2)) == OK + words(value)


@pytest.mark.parametrize(
    ("text", "ext"),
    [("N7", 0x05), ("N7:0.XYZ", 0x05), ("N:0", 0x05), ("I:008", 0x05), ("F7:0", 0x06), ("N9:0", 0x06)],
)
def test_a_text_that_is_no_address_is_refused(plc, text, ext):
    assert plc.execute(read(symbol(text), 2)) == refused(ext)


def test_a_text_begins_with_a_dollar_and_has_an_end(plc):
    assert plc.execute(read(b"\x00N7:0\x00", 2)) == refused(0x05)
    assert plc.execute(command(0x01, words(0, 1) + b"\x00$N7:0")) == bytes.fromhex("4f103412")


def test_words_are_written(plc):
    assert plc.execute(write(plc5(7, 1), words(-5, 6))) == OK
    assert from_words(plc.files[7].memory[:8]) == (1, -5, 6, 4)
    assert plc.execute(write(plc5(4, 1, 1), words(500))) == OK
    assert from_words(plc.files[4].memory[6:12]) == (0, 500, 0)


def test_read_modify_write_resets_by_the_first_mask_and_sets_by_the_second(plc):
    plc.files[3].memory[:2] = words(0b1100)
    assert plc.execute(command(0x26, plc5(3, 0) + words(0b1011_1111_1111_0111, 0b0010))) == OK
    assert from_words(plc.files[3].memory[:2]) == (0b0110,)


def test_read_modify_write_takes_several_words(plc):
    both = plc5(3, 0) + words(0xFFFF, 1) + plc5(3, 7) + words(0xFFFF, 0x8000)
    assert plc.execute(command(0x26, both)) == OK
    assert from_words(plc.files[3].memory[:2]) == (1,)
    assert from_words(plc.files[3].memory[14:]) == (-32768,)


def test_read_modify_write_changes_nothing_where_one_word_does_not_exist(plc):
    before = contents(plc.files)
    both = plc5(3, 0) + words(0xFFFF, 1) + plc5(3, 8) + words(0xFFFF, 1)
    assert plc.execute(command(0x26, both)) == refused(0x06)
    assert contents(plc.files) == before


@pytest.mark.parametrize(
    ("message", "ext"),
    [
        pytest.param(read(plc5(99, 0), 2), 0x06, id="no such file"),
        pytest.param(read(plc5(7, 300), 2), 0x06, id="no such element"),
        pytest.param(read(plc5(4, 0, 3), 2), 0x06, id="no such member"),
        pytest.param(read(plc5(7, 299), 4), 0x0A, id="over the end"),
        pytest.param(read(plc5(7, 298), 2, total=3), 0x0A, id="a total over the end"),
        pytest.param(read(plc5(7, 0), 3), 0x07, id="half a word"),
        pytest.param(read(plc5(7, 0), 0), 0x07, id="nothing"),
        pytest.param(read(plc5(7, 0), 246), 0x07, id="too much"),
        pytest.param(read(plc5(7, 0), 4, total=1), 0x07, id="more than the total"),
        pytest.param(read(b"\x16\x07\x00\x00", 2), 0x03, id="too many levels"),
        pytest.param(read(b"\x04\x00", 2), 0x02, id="too few levels"),
        pytest.param(write(plc5(2, 1), words(2)), 0x0B, id="protected"),
        pytest.param(command(0x26, plc5(2, 1) + words(0, 2)), 0x0B, id="protected bits"),
        pytest.param(write(plc5(7, 299), words(1, 2)), 0x0A, id="a write over the end"),
    ],
)
def test_what_cannot_be_is_told_by_the_extended_status(plc, message, ext):
    before = contents(plc.files)
    assert plc.execute(message) == refused(ext)
    assert contents(plc.files) == before


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(command(0xA2, slc(2, 7, 0x89, 0)), id="of an SLC"),
        pytest.param(command(0x01, b"\x00\x00\x01"), id="cut"),
        pytest.param(command(0x26, b""), id="empty"),
        pytest.param(command(0x26, plc5(3, 0) + words(1)), id="one mask"),
    ],
)
def test_other_commands_are_illegal(plc, message):
    assert plc.execute(message) == bytes.fromhex("4f103412")


def test_the_mode_is_in_diagnostic_status_and_status_file():
    class Switch(Mode):
        running = True

    plc = controller(PLC_5_40E, Switch)

    def modes() -> tuple[int, int]:
        status = plc.execute(command(0x03, b"", cmd=0x06))[4:]
        assert status[1:3] == b"\xeb\x4b"
        word = plc.execute(read(plc5(2, 1), 2))[4:]
        return status[0] & 7, word[0] & 0b1110

    assert modes() == (6, 0b0010)
    Switch.running = False
    assert modes() == (4, 0b1000)


def test_the_status_file_has_date_and_time(plc):
    assert plc.execute(read(plc5(2, 18), 12)) == OK + words(2026, 11, 22, 18, 53, 20)
