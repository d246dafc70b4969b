"""What is particular to PCCC beyond the conformance suite: simulated controllers, and a scripted one."""

import struct
from collections.abc import Callable, Iterator, Sequence

import pytest

from drivers.base import ConnectError, ConnectionSettings, Interruptible, ProtocolError, WriteRejectedError
from drivers.pccc.driver import PcccDriver
from drivers.pccc.family import Family
from engine.clock import SystemClock
from engine.model import Access, TagDef, Value, parse_type
from sim.enip_server import CipReply, CipRequest, EnipIdentity, EnipServer
from sim.pccc_files import FileType
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer

SLC, ML, PLC5 = Family.SLC500, Family.MICROLOGIX, Family.PLC5
SERVERS = {SLC: SlcServer, ML: MicroLogixServer, PLC5: Plc5Server}


def tag(address: str, type_text: str = "INT") -> TagDef:
    return TagDef("line1", address, address, parse_type(type_text), access=Access.READ_WRITE)


def driver_of(port: int, family: Family, tags: Sequence[TagDef], timeout_s: float = 2.0) -> PcccDriver:
    settings = ConnectionSettings("line1", "ALLEN_BRADLEY", family, "127.0.0.1", port, timeout_s=timeout_s)
    return PcccDriver(settings, tags, SystemClock())


@pytest.fixture(params=list(Family))
def family(request: pytest.FixtureRequest) -> Family:
    return Family(request.param)


@pytest.fixture
def server(family: Family) -> Iterator[PcccServer]:
    with SERVERS[family](port=0) as server:
        server.add_file(FileType.BIT, 3, 300)
        server.add_file(FileType.TIMER, 4, 300)
        server.add_file(FileType.COUNTER, 5, 10)
        server.add_file(FileType.CONTROL, 6, 10)
        server.add_file(FileType.INTEGER, 7, 1000)
        server.add_file(FileType.FLOAT, 8, 300)
        server.add_file(FileType.STRING, 10, 300)
        server.add_file(FileType.ASCII, 11, 20)
        yield server


@pytest.fixture
def driver(server: PcccServer, family: Family) -> Iterator[PcccDriver]:
    driver = driver_of(server.port, family, [])
    driver.connect()
    yield driver
    driver.close()


def words(server: PcccServer, number: int, first: int, count: int) -> tuple[int, ...]:
    with server.lock:
        return struct.unpack_from(f"<{count}H", server.files[number].memory, 2 * first)


def test_a_preset_lands_in_the_preset_and_leaves_the_control_word_alone(
    server: PcccServer, driver: PcccDriver
) -> None:
    with server.lock:
        struct.pack_into("<3H", server.files[4].memory, 6, 0xA5A5, 111, 222)
    driver.write(tag("T4:1.PRE"), 500)
    assert words(server, 4, 3, 3) == (0xA5A5, 500, 222)
    driver.write(tag("T4:1.ACC"), 7)
    assert words(server, 4, 3, 3) == (0xA5A5, 500, 7)


@pytest.mark.parametrize(
    ("address", "number", "bit"), [("T4:1/EN", 4, 15), ("C5:1.DN", 5, 13), ("R6:1/FD", 6, 8)]
)
def test_a_bit_of_a_control_word_is_written_alone_and_only_when_it_is_named(
    server: PcccServer, driver: PcccDriver, address: str, number: int, bit: int
) -> None:
    with server.lock:
        struct.pack_into("<3H", server.files[number].memory, 6, 0xFFFF, 111, 222)
    driver.write(tag(address, "BOOL"), False)
    assert words(server, number, 3, 3) == (0xFFFF & ~(1 << bit), 111, 222)
    driver.write(tag(address, "BOOL"), True)
    assert words(server, number, 3, 3) == (0xFFFF, 111, 222)


@pytest.mark.parametrize("chars", [1, 4, 5])
def test_a_text_that_ends_within_a_word_leaves_the_character_behind_it_alone(
    server: PcccServer, driver: PcccDriver, chars: int
) -> None:
    with server.lock:
        server.files[11].memory[:12] = b"ZYXWVUTSRQPO"
    driver.write(tag("A11:0", f"STRING[{chars}]"), "abcde"[:chars])
    texts = [driver.read_one(tag(f"A11:{n}", "STRING[2]")).value for n in range(4)]
    assert "".join(map(str, texts)) == "abcde"[:chars] + "YZWXUVST"[chars:]


@pytest.mark.parametrize("address", ["T4:0", "C5:0", "R6:0", "T4:0.0"])
def test_a_whole_structure_is_nothing_to_write(server: PcccServer, driver: PcccDriver, address: str) -> None:
    with pytest.raises(WriteRejectedError, match="addressed by its members"):
        driver.write(tag(address), 1)
    assert words(server, 4, 0, 3) == (0, 0, 0)


def test_bits_counted_from_the_start_of_a_file_are_the_right_ones(
    server: PcccServer, driver: PcccDriver
) -> None:
    for bit in (0, 15, 16, 17, 31, 4080, 4799):
        driver.write(tag(f"B3/{bit}", "BOOL"), True)
        assert words(server, 3, bit // 16, 1) == (1 << bit % 16,)
        assert driver.read_one(tag(f"B3/{bit}", "BOOL")).value is True
        driver.write(tag(f"B3/{bit}", "BOOL"), False)


@pytest.mark.parametrize("element", [253, 254, 255, 256, 299])
def test_elements_beyond_one_byte_are_reached(server: PcccServer, driver: PcccDriver, element: int) -> None:
    written: list[tuple[TagDef, Value]] = [
        (tag(f"N7:{element}"), -element),
        (tag(f"T4:{element}.ACC"), element),
        (tag(f"F8:{element}", "REAL"), element + 0.5),
        (tag(f"ST10:{element}", "STRING"), f"text {element}"),
        (tag(f"B3:{element}/5", "BOOL"), True),
    ]
    for where, value in written:
        driver.write(where, value)
        assert driver.read_one(where).value == value
    assert words(server, 7, element - 1, 3) == (0, -element & 0xFFFF, 0)
    assert words(server, 4, 3 * element, 3) == (0, 0, element)


@pytest.mark.parametrize("text", ["", "A", "AB", "ABC", "x" * 81, "x" * 82])
def test_texts_of_every_length_are_whole_elements(server: PcccServer, driver: PcccDriver, text: str) -> None:
    driver.write(tag("ST10:1", "STRING"), "y" * 82)
    driver.write(tag("ST10:1", "STRING"), text)
    assert driver.read_one(tag("ST10:1", "STRING")).value == text
    length, *letters = words(server, 10, 42, 42)
    assert length == len(text)
    assert struct.pack(">41H", *letters) == text.encode().ljust(82, b"\0")
    assert words(server, 10, 84, 1) == (0,)


def test_bits_around_those_of_an_array_stay(server: PcccServer, driver: PcccDriver) -> None:
    with server.lock:
        server.files[3].memory[:8] = b"\xff" * 8
    driver.write(tag("B3:0/10", "BOOL[30]"), (False,) * 30)
    assert words(server, 3, 0, 4) == (0x03FF, 0, 0xFF00, 0xFFFF)


def test_what_is_protected_is_said_to_be(server: PcccServer, driver: PcccDriver) -> None:
    with pytest.raises(WriteRejectedError, match="denies access"):
        driver.write(tag("S:5"), 1)
    assert driver.read_one(tag("S:5")).error == ""


def requests_of(server: PcccServer) -> list[bytes]:
    """Grows with what the controller is asked from now on."""
    asked: list[bytes] = []
    execute = server.controller.execute

    def listen(message: bytes) -> bytes:
        asked.append(message)
        return execute(message)

    server.controller.execute = listen  # type: ignore[method-assign]
    return asked


def test_a_scan_is_one_request_for_each_file_and_the_mode(server: PcccServer, family: Family) -> None:
    tags = [tag(f"N7:{n}") for n in range(0, 100, 3)] + [tag("T4:0.ACC"), tag("T4:9/DN", "BOOL")]
    driver = driver_of(server.port, family, tags)
    driver.connect()
    asked = requests_of(server)
    result = driver.read()
    driver.close()
    assert result.running is True
    assert len(result.readings) == len(tags)
    assert len(asked) == 3


def test_the_mode_of_an_slc_is_read_along_with_its_status_file() -> None:
    with SlcServer(port=0) as server:
        driver = driver_of(server.port, SLC, [tag("S:4", "UINT"), tag("S:37")])
        driver.connect()
        asked = requests_of(server)
        assert driver.read().running is True
        server.faults.stopped = True
        assert driver.read().running is False
        driver.close()
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("family", "identity"),
    [
        (SLC, "5/05 · 1747-L551/C C/11 - DC 3.46 · FW 3.46 · SN 00A4C551"),
        (ML, "1766-LEC · 1766-L32BWA B/15.00 · FW 2.15 · SN 4061A8D4"),
        (PLC5, "PLC-5/40E · 1785-L40E/E · FW 3.01 · SN 00785C40"),
    ],
    indirect=["family"],
)
def test_the_identity_is_processor_and_module(server: PcccServer, family: Family, identity: str) -> None:
    driver = driver_of(server.port, family, [])
    assert driver.connect() == identity
    driver.close()


def test_without_a_free_connection_messages_go_unconnected(server: PcccServer, family: Family) -> None:
    server.faults.connection_slots = 0
    driver = driver_of(server.port, family, [tag("N7:0"), tag("F8:0", "REAL[100]")])
    assert driver.connect().endswith("unconnected messages")
    driver.write(tag("N7:0"), 12)
    result = driver.read()
    assert result.readings[0].value == 12
    assert result.running is True
    server.faults.connection_slots = None
    assert "unconnected" not in driver.connect()
    assert driver.read().readings[0].value == 12
    driver.close()


def test_commands_get_their_turn_in_the_middle_of_a_scan(server: PcccServer, family: Family) -> None:
    tags = [tag("N7:0"), tag("F8:0", "REAL"), tag("T4:0.ACC"), tag("B3/0", "BOOL")]
    driver = driver_of(server.port, family, tags)
    driver.connect()
    assert isinstance(driver, Interruptible)
    asked = requests_of(server)
    turns: list[int] = []

    def write_one() -> None:
        turns.append(len(asked))
        driver.write(tag("N7:9"), len(turns))

    driver.between_requests = write_one
    assert not any(reading.error for reading in driver.read().readings)
    driver.close()
    assert turns == [1, 3, 5, 7]
    assert words(server, 7, 9, 1) == (4,)


class Scripted:
    """A device whose PCCC object answers as the test says."""

    def __init__(self) -> None:
        self.answer: Callable[[bytes], bytes] = ok
        self.status = 0

    def handle(self, request: CipRequest) -> CipReply:
        if self.status:
            return CipReply(self.status)
        return CipReply(data=request.data[:7] + self.answer(request.data[7:]))


def ok(message: bytes, data: bytes = b"") -> bytes:
    return bytes((message[0] | 0x40, 0)) + message[2:4] + data


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, int]]:
    device = Scripted()
    with EnipServer(port=0, identity=EnipIdentity(product_name="1747-L551"), objects=device) as server:
        yield device, server.port


def test_a_device_that_knows_no_pccc_is_told_apart(scripted: tuple[Scripted, int]) -> None:
    device, port = scripted
    device.status = 0x08
    with pytest.raises(ConnectError, match=r"not answer as a PCCC.*check family and route.*it is 1747-L551"):
        driver_of(port, SLC, []).connect()


def test_an_answer_with_another_transaction_number_ends_the_session(scripted: tuple[Scripted, int]) -> None:
    device, port = scripted
    driver = driver_of(port, SLC, [tag("N7:0")])
    driver.connect()
    device.answer = lambda message: ok(message[:2] + b"\xfe\xca", b"\x2a\0")
    with pytest.raises(ProtocolError, match="belongs to command 51966"):
        driver.read()
    with pytest.raises(Exception, match="no session"):
        driver.read()


def test_an_answer_of_another_length_takes_no_other_tag_down(scripted: tuple[Scripted, int]) -> None:
    device, port = scripted

    def answer(message: bytes) -> bytes:
        is_n9 = message[6:7] == b"\x09"
        return ok(message, b"\x06" if is_n9 else b"\x06\0")

    driver = driver_of(port, SLC, [tag("N7:0"), tag("N9:0")])
    driver.connect()
    device.answer = answer
    result = driver.read()
    driver.close()
    assert result.readings[0].value == 6
    assert "answered with 1 bytes where 2 were asked" in result.readings[1].error
    assert result.running is True


def test_a_small_processor_is_asked_for_little_at_a_time(scripted: tuple[Scripted, int]) -> None:
    device, port = scripted
    status = bytes.fromhex("00 ee 1f 25 00") + b"5/02       " + bytes(8)
    sizes = []

    def answer(message: bytes) -> bytes:
        if message[0] == 0x06:
            return ok(message, status)
        sizes.append(message[5])
        return ok(message, bytes(message[5]) if message[4] == 0xA2 else b"")

    device.answer = answer
    driver = driver_of(port, SLC, [tag("N7:0", "INT[100]")])
    driver.connect()
    assert driver.read().readings[0].value == (0,) * 100
    driver.write(tag("N7:0", "INT[50]"), (1,) * 50)
    driver.close()
    assert sizes == [82, 82, 36, 2, 82, 18]


def test_a_controller_that_does_not_tell_its_mode_is_read_all_the_same(
    scripted: tuple[Scripted, int],
) -> None:
    device, port = scripted
    device.answer = lambda message: (
        bytes((message[0] | 0x40, 0x10)) + message[2:4] if message[0] == 0x06 else ok(message, b"\x2a\0")
    )
    driver = driver_of(port, PLC5, [tag("N7:0")])
    assert driver.connect()
    result = driver.read()
    driver.close()
    assert (result.readings[0].value, result.running) == (42, None)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (("N7:0", "INT[400]"), (1,) * 400),
        (("B3:0/10", "BOOL[30]"), (True,) * 30),
        (("A11:0", "STRING[5]"), "abcde"),
    ],
)
@pytest.mark.parametrize(("told", "outcome"), [(0, "was not written"), (1, "was written in part only")])
def test_what_was_written_in_part_is_said_to_be(
    server: PcccServer, driver: PcccDriver, written: tuple[str, str], value: Value, told: int, outcome: str
) -> None:
    execute, asked = server.controller.execute, 0

    def refuse_later(message: bytes) -> bytes:
        nonlocal asked
        asked += 1
        # A function that no controller has in place of the one asked for.
        return execute(message if asked <= told else bytes((message[0], 0, *message[2:4], 0xFE)))

    server.controller.execute = refuse_later  # type: ignore[method-assign]
    with pytest.raises(WriteRejectedError, match=f" {outcome}: "):
        driver.write(tag(*written), value)
