"""SLC-500 and MicroLogix: typed logical reads and writes, byte by byte."""

import struct

import pytest

from sim.cip_message import CipRequest
from sim.pccc_controller import PcccController
from sim.pccc_files import from_string, from_words
from sim.pccc_kinds import MICROLOGIX_1100_B, MICROLOGIX_1400_B, SLC_5_05
from tests.sim.pccc_raw_client import REQUESTER, command, slc, words
from tests.sim.pccc_scene import Mode, contents, controller

B, T, C, R, N, F, S, ST, LONG = 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x84, 0x8D, 0x91
OK = bytes.fromhex("4f003412")
ILLEGAL = bytes.fromhex("4f103412")
DENIED = bytes.fromhex("4ff034120b")
PCCC_PATH = b"\x20\x67\x24\x01"


@pytest.fixture
def plc() -> PcccController:
    return controller(SLC_5_05)


def test_words_are_read(plc):
    assert plc.execute(command(0xA2, slc(6, 7, N, 2))) == OK + words(3, 4, 5)


def test_an_element_beyond_254_has_a_longer_address(plc):
    assert plc.execute(command(0xA2, slc(4, 7, N, 255))) == OK + words(256, 257)
    assert slc(4, 7, N, 255) == b"\x04\x07\x89\xff\xff\x00\x00"


def test_members_of_a_timer_are_its_sub_elements(plc):
    assert plc.execute(command(0xA2, slc(6, 4, T, 0))) == OK + words(0xA000, 100, 42)
    assert plc.execute(command(0xA2, slc(2, 4, T, 0, 2))) == OK + words(42)


def test_a_float_is_read_low_word_first(plc):
    assert plc.execute(command(0xA2, slc(4, 8, F, 1))) == OK + struct.pack("<f", -2.25)


def test_a_string_is_read_whole(plc):
    assert from_string(plc.execute(command(0xA2, slc(84, 10, ST, 0)))[4:]) == "Still 0.5 L"


def test_two_address_fields_will_do(plc):
    assert plc.execute(command(0xA1, b"\x04\x07\x89\x02")) == OK + words(3, 4)
    assert plc.execute(command(0xA9, b"\x02\x07\x89\x02" + words(99))) == OK
    assert from_words(plc.files[7].memory[:8]) == (1, 2, 99, 4)


def test_words_are_written(plc):
    assert plc.execute(command(0xAA, slc(4, 7, N, 1) + words(-5, 6))) == OK
    assert from_words(plc.files[7].memory[:8]) == (1, -5, 6, 4)


def test_a_member_is_written_alone(plc):
    plc.execute(command(0xAA, slc(2, 4, T, 0, 1) + words(500)))
    assert from_words(plc.files[4].memory[:6]) == (0xA000 - 65536, 500, 42)


def test_a_masked_write_changes_the_bits_of_its_mask_only(plc):
    plc.files[3].memory[2:4] = words(0b1100)
    assert plc.execute(command(0xAB, slc(2, 3, B, 1) + words(0b1010) + words(0b0010))) == OK
    assert from_words(plc.files[3].memory[:6]) == (0, 0b0110, 0)


def test_the_mask_holds_for_every_word(plc):
    plc.execute(command(0xAB, slc(4, 3, B, 0) + words(0x00FF) + words(0x1234, 0x5678)))
    assert from_words(plc.files[3].memory[:6]) == (0x34, 0x78, 0)


def test_inputs_and_outputs_have_two_codes(plc):
    plc.files[0].memory[:2] = words(7)
    assert plc.execute(command(0xA2, slc(2, 0, 0x82, 0))) == OK + words(7)
    assert plc.execute(command(0xA2, slc(2, 0, 0x8B, 0))) == OK + words(7)


def test_long_integers_are_there_on_a_micrologix_only(plc):
    write = command(0xAA, slc(4, 9, LONG, 1) + struct.pack("<i", -100_000))
    micrologix = controller(MICROLOGIX_1400_B)
    assert micrologix.execute(write) == OK
    assert struct.unpack_from("<i", micrologix.files[9].memory, 4) == (-100_000,)
    assert plc.execute(write) == ILLEGAL


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(slc(2, 99, N, 0), id="no such file"),
        pytest.param(slc(2, 7, F, 0), id="another type"),
        pytest.param(slc(2, 7, N, 300), id="beyond the end"),
        pytest.param(slc(4, 7, N, 299), id="over the end"),
        pytest.param(slc(2, 4, T, 0, 3), id="no such member"),
        pytest.param(slc(2, 7, N, 0, 1), id="a member of a word"),
        pytest.param(slc(0, 7, N, 0), id="nothing"),
        pytest.param(slc(3, 7, N, 0), id="half a word"),
        pytest.param(slc(238, 7, N, 0), id="too much"),
        pytest.param(b"\x02\x07\x89\x00", id="cut"),
        pytest.param(b"\x02\xff\x07", id="cut in a field"),
    ],
)
def test_what_cannot_be_read_is_illegal(plc, fields):
    assert plc.execute(command(0xA2, fields)) == ILLEGAL


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(slc(6, 4, T, 1) + words(500), id="less than it says"),
        pytest.param(slc(2, 7, N, 1) + words(1, 2), id="more than it says"),
        pytest.param(slc(4, 7, N, 299) + words(1, 2), id="over the end"),
        pytest.param(slc(2, 7, F, 1) + words(1), id="another type"),
    ],
)
def test_what_cannot_be_written_is_illegal_and_changes_nothing(plc, fields):
    before = contents(plc.files)
    assert plc.execute(command(0xAA, fields)) == ILLEGAL
    assert contents(plc.files) == before


def test_the_status_file_is_protected(plc):
    assert plc.execute(command(0xAA, slc(2, 2, S, 1) + words(0x1E))) == DENIED
    assert plc.execute(command(0xAB, slc(2, 2, S, 1) + words(0x1F, 0x1E))) == DENIED


@pytest.mark.parametrize("function", [0x00, 0x01, 0x26, 0x67, 0x80])
def test_functions_of_other_controllers_are_illegal(plc, function):
    assert plc.execute(command(function, b"\x00\x00\x01\x00\x06\x07\x00\x02")) == ILLEGAL


def test_commands_that_are_unknown_or_cut_are_illegal(plc):
    assert plc.execute(command(0x00, b"", cmd=0x08)) == bytes.fromhex("48103412")
    assert plc.execute(b"\x0f\x00\x34\x12") == ILLEGAL
    assert plc.execute(b"\x0f\x00") == bytes.fromhex("4f100000")
    assert plc.execute(b"") == bytes.fromhex("40100000")


def test_an_echo_comes_back(plc):
    assert plc.execute(command(0x00, b"abc", cmd=0x06)) == bytes.fromhex("46003412") + b"abc"


@pytest.mark.parametrize(
    ("kind", "name", "processor"), [(SLC_5_05, b"5/05", 0x78), (MICROLOGIX_1100_B, b"1763-LEC", 0x95)]
)
def test_the_diagnostic_status_names_the_processor(kind, name, processor):
    status = controller(kind).execute(command(0x03, b"", cmd=0x06))[4:]
    assert len(status) == 24
    assert (status[1], status[3], status[5:16]) == (0xEE, processor, name.ljust(11))


def test_the_mode_is_in_diagnostic_status_and_status_file():
    class Switch(Mode):
        running = True

    plc = controller(SLC_5_05, Switch)

    def modes() -> tuple[int, int]:
        status = plc.execute(command(0x03, b"", cmd=0x06))[4:]
        word = plc.execute(command(0xA2, slc(2, 2, S, 1)))[4:]
        return status[18] & 0x1F, word[0] & 0x1F

    assert modes() == (0b00110, 0b00110)
    Switch.running = False
    assert modes() == (0b00001, 0b00001)


def test_the_status_file_has_date_and_time(plc):
    reply = plc.execute(command(0xA2, slc(12, 2, S, 37)))
    assert reply[4:] == words(2026, 11, 22, 18, 53, 20)
    assert plc.execute(command(0xA2, slc(2, 2, S, 4)))[4:] == words(1234)


@pytest.mark.parametrize(
    ("kind", "code", "size_word", "added", "rows"),
    [
        (SLC_5_05, 1, 0x23, 0, 79),
        (MICROLOGIX_1100_B, 2, 0x28, 0x4E00, 233),
        (MICROLOGIX_1400_B, 3, 0x2B, 0x4E00, 233),
    ],
)
def test_the_directory_lists_types_and_lengths(kind, code, size_word, added, rows):
    plc = controller(kind)
    reply = plc.execute(command(0xA1, bytes([4, 0, code, size_word])))
    size = int.from_bytes(reply[4:6], "little") - added
    data = b""
    while len(data) < size:
        part = plc.execute(command(0xA1, bytes([min(80, size - len(data)), 0, code, len(data) // 2])))
        data += part[4:]
    entries = [data[at] for at in range(rows, rows + 11 * 10, 10)]
    ninth = 0x91 if kind.longs else 0x81
    assert entries == [0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, ninth, 0x8D]
    assert data[rows + 71 : rows + 73] == (600).to_bytes(2, "little")
    assert data[52] == 11
    assert plc.execute(command(0xA1, bytes([80, 0, code, size // 2]))) == ILLEGAL


def request(data: bytes, service: int = 0x4B, path: bytes = PCCC_PATH) -> CipRequest:
    return CipRequest(service, path, data, connected=True, max_reply=500)


def test_the_requester_is_echoed_whatever_its_length(plc):
    message = command(0xA2, slc(2, 7, N, 0))
    assert plc.handle(request(REQUESTER + message)).data == REQUESTER + OK + words(1)
    assert plc.handle(request(b"\x01" + message)).data == b"\x01" + OK + words(1)


def test_other_objects_and_services_are_refused(plc):
    assert plc.handle(request(REQUESTER, path=b"\x20\x67\x24\x02")).status == 0x05
    assert plc.handle(request(REQUESTER, path=b"\x20\x6b\x24\x01")).status == 0x05
    assert plc.handle(request(REQUESTER, service=0x4C)).status == 0x08
