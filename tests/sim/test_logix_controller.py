"""What a simulated Logix controller answers to each service, byte by byte."""

import struct

import pytest

from sim.cip_message import CipRefusedError, CipReply, parse_request
from sim.logix_controller import LogixController
from sim.logix_tags import Access
from sim.logix_values import to_path
from tests.clock import ManualClock
from tests.sim.enip_raw_client import request

SYMBOLS = b"\x20\x6b\x25\x00"
WALL_CLOCK = b"\x20\x8b\x24\x01"
BEYOND, MISMATCH = (0xFF, (0x2105,)), (0xFF, (0x2107,))
ROOM = 490


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def controller(clock: ManualClock) -> LogixController:
    made = LogixController("Line", clock=clock)
    made.add_struct("Pair", [("On", "BOOL"), ("Off", "BOOL"), ("Row", "INT", 4), ("Size", "REAL")])
    made.add_tag("Number", "DINT")
    made.add_tag("On", "BOOL")
    made.add_tag("Rate", "REAL")
    made.add_tag("Row", "DINT", [200])
    made.add_tag("Grid", "SINT", [2, 3])
    made.add_tag("Bits", "BOOL", [64])
    made.add_tag("One", "Pair")
    made.add_tag("Many", "Pair", [5])
    made.add_tag("Text", "STRING")
    made.add_tag("Note", "SHORT_STRING")
    made.add_tag("Fixed", "INT", access=Access.READ_ONLY)
    made.add_tag("Secret", "INT", access=Access.NONE)
    made.add_tag("Level", "REAL", program="Main")
    return made


def ask(
    controller: LogixController, service: int, path: bytes, data: bytes = b"", room: int = ROOM
) -> CipReply:
    message = parse_request(request(service, path, data), connected=True, max_reply=room)
    try:
        return controller.handle(message)
    except CipRefusedError as refused:
        return refused.reply


def read(controller: LogixController, address: str, elements: int = 1) -> CipReply:
    return ask(controller, 0x4C, to_path(address), struct.pack("<H", elements))


def write(controller: LogixController, address: str, code: int, value: bytes, elements: int = 1) -> CipReply:
    return ask(controller, 0x4D, to_path(address), struct.pack("<HH", code, elements) + value)


def error_of(reply: CipReply) -> tuple[int, tuple[int, ...]]:
    return reply.status, reply.extended


def instance_of(controller: LogixController, name: str) -> int:
    """The instance a tag list gives for a tag."""
    data = ask(controller, 0x55, SYMBOLS + b"\0\0", b"\1\0\1\0", room=4000).data
    position = 0
    while position < len(data):
        instance, size = struct.unpack_from("<IH", data, position)
        if data[position + 6 : position + 6 + size] == name.encode():
            return instance
        position += 6 + size
    raise AssertionError(f"{name} is not listed")


def test_a_read_returns_the_type_and_the_value(controller: LogixController):
    controller.poke("Number", -2)
    controller.poke("On", True)
    assert read(controller, "Number") == CipReply(0, b"\xc4\0\xfe\xff\xff\xff")
    assert read(controller, "On") == CipReply(0, b"\xc1\0\1")
    assert read(controller, "number") == read(controller, "NUMBER") == read(controller, "Number")


def test_a_structure_is_read_with_its_handle(controller: LogixController):
    reply = read(controller, "One")
    assert (reply.data[:2], len(reply.data)) == (b"\xa0\2", 4 + 16)
    assert read(controller, "Text").data[:4] == b"\xa0\2\xce\x0f"


def test_a_packed_bool_is_read_and_written_alone(controller: LogixController):
    assert write(controller, "One.Off", 0xC1, b"\xff").status == 0
    assert read(controller, "One.Off").data == b"\xc1\0\1"
    assert read(controller, "One.On").data == b"\xc1\0\0"
    assert write(controller, "One.Off", 0xC1, b"\0").status == 0
    assert not controller.peek("One.Off")


def test_a_bool_is_0_or_1_whatever_was_written(controller: LogixController):
    write(controller, "On", 0xC1, b"\xff")
    assert read(controller, "On").data == b"\xc1\0\1"


def test_a_tag_is_addressed_by_instance_with_index_and_member(controller: LogixController):
    controller.poke("Many[3].Row[2]", 77)
    path = SYMBOLS + struct.pack("<H", instance_of(controller, "Many")) + b"\x28\3" + to_path("Row[2]")
    assert ask(controller, 0x4C, path, b"\1\0").data == b"\xc3\0\x4d\0"


def test_a_program_tag_is_addressed_by_name_and_by_instance(controller: LogixController):
    controller.poke("Program:Main.Level", 1.0)
    program = to_path("Program:Main")
    by_instance = ask(controller, 0x4C, program + b"\x20\x6b\x24\x02", b"\1\0")
    assert by_instance.data == read(controller, "Program:Main.Level").data == b"\xca\0\0\0\x80\x3f"


@pytest.mark.parametrize(
    ("address", "elements", "expected"),
    [
        ("Nothing", 1, (0x05, ())),
        ("One.Nothing", 1, (0x05, ())),
        ("Program:None.Level", 1, (0x05, ())),
        ("Program:Main.Nothing", 1, (0x05, ())),
        ("Task:MainTask", 1, (0x05, ())),
        ("Number.Member", 1, (0x04, ())),
        ("Number[0]", 1, (0x04, ())),
        ("Grid[1]", 1, (0x04, ())),
        ("Many.Size", 1, (0x04, ())),
        ("Row[200]", 1, BEYOND),
        ("Grid[0,3]", 1, BEYOND),
        ("Row[199]", 2, BEYOND),
        ("Number", 2, BEYOND),
        ("One.Row[1]", 4, BEYOND),
        ("Number", 0, (0x20, ())),
        ("Secret", 1, (0x0F, ())),
    ],
)
def test_why_reads_are_refused(
    controller: LogixController, address: str, elements: int, expected: tuple[int, tuple[int, ...]]
):
    assert error_of(read(controller, address, elements)) == expected


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"\x20\x6b",
        b"\x24\x01",
        b"\x91\x00",
        b"\x30\x01",
        b"\x91\x06Number\x30\x01",
        b"\x1f",
        b"\xe0\x00",
    ],
)
def test_paths_that_are_none_are_refused(controller: LogixController, path: bytes):
    whole = path + bytes(len(path) % 2)
    assert ask(controller, 0x4C, whole, b"\1\0").status == 0x04


def test_an_instance_that_is_none_is_refused(controller: LogixController):
    assert ask(controller, 0x4C, SYMBOLS + b"\xff\xff", b"\1\0").status == 0x05
    assert ask(controller, 0x4C, SYMBOLS + b"\1\0", b"\1\0").status == 0x05


@pytest.mark.parametrize(
    ("address", "code", "value", "elements", "expected"),
    [
        ("Number", 0xC3, b"\0\0", 1, MISMATCH),
        ("Number", 0xCA, bytes(4), 1, MISMATCH),
        ("On", 0xC2, b"\1", 1, MISMATCH),
        ("One", 0xC4, bytes(16), 1, MISMATCH),
        ("One.On", 0xC4, bytes(4), 1, MISMATCH),
        ("Number", 0xC4, bytes(3), 1, (0x13, ())),
        ("Number", 0xC4, bytes(8), 2, BEYOND),
        ("Row[199]", 0xC4, bytes(8), 2, BEYOND),
        ("Number", 0xC4, b"", 0, (0x20, ())),
        ("Fixed", 0xC3, bytes(2), 1, (0x0F, ())),
        ("Secret", 0xC3, bytes(2), 1, (0x0F, ())),
        ("Nothing", 0xC3, bytes(2), 1, (0x05, ())),
    ],
)
def test_why_writes_are_refused(
    controller: LogixController,
    address: str,
    code: int,
    value: bytes,
    elements: int,
    expected: tuple[int, tuple[int, ...]],
):
    assert error_of(write(controller, address, code, value, elements)) == expected


@pytest.mark.parametrize("data", [b"", b"\xc4", b"\xc4\0", b"\xc4\0\1"])
def test_a_cut_write_is_refused(controller: LogixController, data: bytes):
    assert ask(controller, 0x4D, to_path("Number"), data).status == 0x13


@pytest.mark.parametrize("service", [0x4C, 0x52, 0x4E, 0x55])
def test_a_service_without_its_data_is_refused(controller: LogixController, service: int):
    path = SYMBOLS + b"\0\0" if service == 0x55 else to_path("Number")
    assert ask(controller, service, path, b"\4").status == 0x13


def test_what_follows_a_write_is_ignored(controller: LogixController):
    value = struct.pack("<i", 5)
    again = request(0x4D, to_path("Number"), b"\xc4\0\1\0" + value)
    assert write(controller, "Number", 0xC4, value + again).status == 0
    assert write(controller, "Row[0]", 0xC4, value + b"\xff" * 8).status == 0
    assert (controller.peek("Number"), controller.peek("Row[1]")) == (5, 0)


def test_a_structure_of_another_type_is_not_written(controller: LogixController):
    handle = read(controller, "One").data[2:4]
    body = b"\1\0" + bytes(16)
    assert ask(controller, 0x4D, to_path("One"), b"\xa0\2" + handle + body).status == 0
    assert error_of(ask(controller, 0x4D, to_path("One"), b"\xa0\2\xce\x0f" + body)) == MISMATCH


def test_a_read_that_does_not_fit_is_partial(controller: LogixController):
    controller.poke("Row", tuple(range(200)))
    reply = read(controller, "Row", 200)
    assert (reply.status, len(reply.data)) == (6, 2 + 488)
    assert reply.data[2:] == struct.pack("<122i", *range(122))
    assert ask(controller, 0x4C, to_path("Row"), b"\2\0", room=5).status == 0x11


def test_a_large_array_is_read_in_fragments(controller: LogixController):
    controller.poke("Row", tuple(range(200)))
    value, status = b"", 6
    while status == 6:
        data = struct.pack("<HI", 200, len(value))
        status, fragment, _extended = ask(controller, 0x52, to_path("Row"), data)
        assert fragment[:2] == b"\xc4\0"
        value += fragment[2:]
    assert (status, value) == (0, struct.pack("<200i", *range(200)))
    assert error_of(ask(controller, 0x52, to_path("Row"), struct.pack("<HI", 200, 800))) == BEYOND


def test_a_large_array_is_written_in_fragments(controller: LogixController):
    value = struct.pack("<200i", *range(200))
    for offset in range(0, 800, 300):
        header = struct.pack("<HHI", 0xC4, 200, offset)
        assert ask(controller, 0x53, to_path("Row"), header + value[offset : offset + 300]).status == 0
    assert controller.peek("Row") == tuple(range(200))


def test_a_fragment_beyond_the_end_is_refused_and_a_longer_one_is_cut(controller: LogixController):
    def fragment(offset: int, value: bytes) -> CipReply:
        return ask(controller, 0x53, to_path("Row"), struct.pack("<HHI", 0xC4, 2, offset) + value)

    assert error_of(fragment(8, bytes(4))) == BEYOND
    assert fragment(4, b"").status == 0x13
    assert fragment(4, b"\xff" * 12).status == 0
    assert controller.peek("Row")[:3] == (0, -1, 0)


def test_bits_are_set_and_cleared_without_touching_others(controller: LogixController):
    controller.poke("Number", 0b1010)
    masks = struct.pack("<HII", 4, 0b0001, 0xFFFFFFF7)
    assert ask(controller, 0x4E, to_path("Number"), masks).status == 0
    assert controller.peek("Number") == 0b0011
    assert ask(controller, 0x4E, to_path("Bits[1]"), masks + bytes(4)).status == 0
    assert controller.peek("Bits") == (0, 1)


@pytest.mark.parametrize(
    ("address", "data", "expected"),
    [
        ("Number", struct.pack("<HHH", 2, 1, 1), (0x20, ())),
        ("Number", struct.pack("<HI", 4, 1), (0x13, ())),
        ("Rate", struct.pack("<HII", 4, 1, 1), MISMATCH),
        ("One", struct.pack("<HII", 4, 1, 1), MISMATCH),
        ("On", struct.pack("<HBB", 1, 1, 1), MISMATCH),
        ("Fixed", struct.pack("<HHH", 2, 1, 1), (0x0F, ())),
    ],
)
def test_why_bits_are_not_changed(
    controller: LogixController, address: str, data: bytes, expected: tuple[int, tuple[int, ...]]
):
    assert error_of(ask(controller, 0x4E, to_path(address), data)) == expected


def test_a_short_text_is_as_long_as_it_is(controller: LogixController):
    assert write(controller, "Note", 0xDA, b"\5hello").status == 0
    assert read(controller, "Note").data == b"\xda\0\5hello"
    assert write(controller, "Note", 0xDA, b"\5hell").status == 0x13
    assert error_of(write(controller, "Note", 0xDA, b"\x51" + bytes(81))) == BEYOND
    assert controller.peek("Note") == "hello"


def test_the_tag_list_goes_on_where_it_was_cut(controller: LogixController):
    attributes = struct.pack("<8H", 7, 1, 2, 3, 5, 6, 8, 10)
    found: list[int] = []
    status, start = 6, 0
    while status == 6:
        path = SYMBOLS + struct.pack("<H", start)
        status, data, _extended = ask(controller, 0x55, path, attributes, room=100)
        position = 0
        while position < len(data):
            instance, size = struct.unpack_from("<IH", data, position)
            found.append(instance)
            position += 6 + size + 2 + 12 + 12 + 1
        assert position == len(data)
        start = found[-1] + 1
    assert (status, found) == (0, sorted(set(found)))
    assert len(found) == 2 + 12 + 1


def test_a_symbols_attributes(controller: LogixController):
    path = SYMBOLS + struct.pack("<H", instance_of(controller, "Grid"))
    whole = ask(controller, 0x55, path, struct.pack("<7H", 6, 1, 2, 6, 7, 8, 10)).data
    expected = struct.pack("<IH4sHIH3IB", path[4], 4, b"Grid", 0xC2 | 2 << 13, 1 << 26, 1, 2, 3, 0, 0)
    assert whole[: len(expected)] == expected
    one = ask(controller, 0x03, path, struct.pack("<3H", 2, 2, 99))
    assert one == CipReply(0x0A, struct.pack("<HHHHHH", 2, 2, 0, 0xC2 | 2 << 13, 99, 0x14))
    assert ask(controller, 0x0E, path).status == 0x08
    assert ask(controller, 0x03, SYMBOLS + b"\xff\xff", b"\1\0\1\0").status == 0x05


def test_a_tag_list_that_cannot_be_given_is_refused(controller: LogixController):
    def listed(path: bytes, attributes: bytes = b"\1\0\1\0", room: int = ROOM) -> int:
        return ask(controller, 0x55, path, attributes, room).status

    assert listed(SYMBOLS + b"\0\0", b"\1\0\x63\0") == 0x14
    assert listed(SYMBOLS + b"\0\0", room=5) == 0x11
    assert listed(to_path("Program:None") + SYMBOLS + b"\0\0") == 0x05
    assert listed(to_path("Number") + SYMBOLS + b"\0\0") == 0x05
    assert listed(b"\x20\x6b\x24\x00\x28\x00") == 0x04
    assert listed(b"\x20\x77\x24\x00") == 0x05
    assert listed(SYMBOLS + b"\xff\x7f") == 0


def test_a_programs_tag_list_is_its_own(controller: LogixController):
    data = ask(controller, 0x55, to_path("Program:Main") + SYMBOLS + b"\0\0", b"\1\0\1\0").data
    assert b"Level" in data
    assert b"Number" not in data


def template_of(controller: LogixController, name: str) -> bytes:
    """The path of the template of a tag's structure."""
    path = SYMBOLS + struct.pack("<H", instance_of(controller, name))
    (kind,) = struct.unpack_from("<H", ask(controller, 0x03, path, b"\1\0\2\0").data, 6)
    return b"\x20\x6c\x25\x00" + struct.pack("<H", kind & 0xFFF)


def test_a_template_is_described(controller: LogixController):
    path = template_of(controller, "One")
    described = ask(controller, 0x03, path, struct.pack("<5H", 4, 4, 5, 2, 1)).data
    _count, _4, _ok, words, _5, _ok5, size, _2, _ok2, members, _1, _ok1, handle = struct.unpack(
        "<HHHIHHIHHHHHH", described
    )
    assert (size, members) == (16, 5)
    assert handle == int.from_bytes(read(controller, "One").data[2:4], "little")
    definition = ask(controller, 0x4C, path, struct.pack("<IH", 0, words * 4 - 20)).data
    assert len(definition) == words * 4 - 20
    records = [struct.unpack_from("<HHI", definition, 8 * n) for n in range(members)]
    assert records == [(0, 0xC2, 0), (0, 0xC1, 0), (1, 0xC1, 0), (4, 0x20C3, 4), (0, 0xCA, 12)]
    name, *names = definition[8 * members :].rstrip(b"\0").split(b"\0")
    assert name.startswith(b"Pair;n")
    assert names == [b"ZZZZZZZZZZPair0", b"On", b"Off", b"Row", b"Size"]


def test_a_template_is_read_in_pieces(controller: LogixController):
    path = template_of(controller, "One")
    whole = ask(controller, 0x4C, path, struct.pack("<IH", 0, 500)).data
    pieces, status = b"", 6
    while status == 6:
        status, piece, _extended = ask(controller, 0x4C, path, struct.pack("<IH", len(pieces), 500), room=30)
        pieces += piece
    assert (status, pieces) == (0, whole)


def test_a_predefined_template_has_no_type_description(controller: LogixController):
    definition = ask(controller, 0x4C, b"\x20\x6c\x25\x00\xce\x0f", struct.pack("<IH", 0, 500)).data
    assert definition[16:].rstrip(b"\0").split(b"\0") == [b"ASCIISTRING82", b"LEN", b"DATA"]


def test_why_templates_are_refused(controller: LogixController):
    path = template_of(controller, "One")
    assert ask(controller, 0x4C, path, b"\0\0").status == 0x13
    assert ask(controller, 0x4C, path, struct.pack("<IH", 0, 60), room=3).status == 0x11
    assert ask(controller, 0x0E, path).status == 0x08
    assert ask(controller, 0x4C, b"\x20\x6c\x24\x01", struct.pack("<IH", 0, 9)).status == 0x05
    assert ask(controller, 0x03, path, b"\1\0\x63\0") == CipReply(0x0A, struct.pack("<HHH", 1, 99, 0x14))


def test_the_program_has_a_name(controller: LogixController):
    assert ask(controller, 0x01, b"\x20\x64\x24\x01") == CipReply(0, b"\4\0Line")
    assert ask(controller, 0x0E, b"\x20\x64\x24\x01").status == 0x08


def test_the_clock_is_read_set_and_goes_on(controller: LogixController, clock: ManualClock):
    assert ask(controller, 0x03, WALL_CLOCK, b"\1\0\6\0").data[6:] == struct.pack("<Q", clock.utc_us())
    set_both = struct.pack("<HHQHB", 2, 6, 10**15, 10, 1)
    assert ask(controller, 0x04, WALL_CLOCK, set_both) == CipReply(0, struct.pack("<5H", 2, 6, 0, 10, 0))
    clock.advance(1.0)
    read_all = ask(controller, 0x03, WALL_CLOCK, struct.pack("<4H", 3, 6, 11, 10)).data
    now = 10**15 + 10**6
    assert read_all == struct.pack("<HHHQHHQHHB", 3, 6, 0, now, 11, 0, now, 10, 0, 1)


@pytest.mark.parametrize(
    ("service", "data", "status"),
    [
        (0x04, b"\1\0\x63\0", 0x0A),
        (0x04, struct.pack("<HHQ", 1, 6, 1 << 63), 0x0A),
        (0x04, b"\1\0\6\0\1", 0x0A),
        (0x04, b"\1", 0x13),
        (0x04, b"\1\0\6", 0x13),
        (0x03, b"\1\0\x63\0", 0x0A),
        (0x01, b"", 0x08),
    ],
)
def test_why_the_clock_refuses(controller: LogixController, service: int, data: bytes, status: int):
    assert ask(controller, service, WALL_CLOCK, data).status == status


def test_other_objects_are_unknown(controller: LogixController):
    assert ask(controller, 0x01, b"\x20\x99\x24\x01").status == 0x05
    assert ask(controller, 0x03, b"\x20\x8b\x24\x02", b"\1\0\6\0").status == 0x05


def test_a_micro800_has_no_program_name_clock_or_listed_structures():
    micro = LogixController(micro800=True)
    micro.add_tag("Number", "DINT")
    micro.add_tag("Delay", "TIMER")
    assert ask(micro, 0x01, b"\x20\x64\x24\x01").status == 0x05
    assert ask(micro, 0x03, WALL_CLOCK, b"\1\0\6\0").status == 0x05
    listed = ask(micro, 0x55, SYMBOLS + b"\0\0", b"\1\0\1\0").data
    assert listed == b"\1\0\0\0\6\0Number"
    assert read(micro, "Delay.PRE").data == b"\xc4\0\0\0\0\0"


def test_shared_memory_is_live(controller: LogixController):
    memory = bytearray(struct.pack("<2f", 1.5, 2.5))
    controller.add_tag("Live", "REAL", [2], memory=memory)
    assert read(controller, "Live", 2).data[2:] == bytes(memory)
    struct.pack_into("<f", memory, 4, 3.5)
    assert controller.peek("Live[1]") == 3.5
    write(controller, "Live[0]", 0xCA, struct.pack("<f", 4.5))
    assert memory[:4] == struct.pack("<f", 4.5)


def test_what_cannot_be_declared_is_refused(controller: LogixController):
    with pytest.raises(ValueError, match="there is a tag number already"):
        controller.add_tag("number", "REAL")
    with pytest.raises(ValueError, match="Short takes 8 bytes, the memory has 7"):
        controller.add_tag("Short", "LINT", memory=bytearray(7))
    with pytest.raises(ValueError, match="there is a type Pair already"):
        controller.add_struct("Pair", [("A", "DINT")])
    with pytest.raises(ValueError, match="there is a type STRING already"):
        controller.add_string_type("STRING", 10)


def test_a_tag_added_later_is_found(controller: LogixController):
    assert read(controller, "Later").status == 0x05
    controller.add_tag("Later", "INT")
    assert read(controller, "Later").data == b"\xc3\0\0\0"


def test_values_that_do_not_fit_are_refused_by_poke(controller: LogixController):
    with pytest.raises(ValueError, match="3 values for an array of 2"):
        controller.poke("Row[198]", (1, 2, 3))
    with pytest.raises(ValueError, match="83 characters for 82"):
        controller.poke("Text", "x" * 83)
    with pytest.raises(ValueError, match="81 characters for 80"):
        controller.poke("Note", "x" * 81)
    with pytest.raises(TypeError, match="5 is no text"):
        controller.poke("Text", 5)
    with pytest.raises(ValueError, match="Pair is given as 16 bytes"):
        controller.poke("One", b"short")
    with pytest.raises(CipRefusedError):
        controller.peek("Nothing")
