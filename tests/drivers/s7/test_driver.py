"""What is particular to S7 beyond the conformance suite, against the simulated CPU and a scripted one."""

import struct
from collections.abc import Callable, Iterable, Iterator

import pytest

from drivers.base import ConnectionSettings, ReplyTimeoutError, WriteRejectedError
from drivers.s7.driver import S7Driver
from engine.clock import SystemClock
from engine.model import TagDef, parse_type
from sim.s7_server import S7Server
from tests.drivers.s7.scripted_peer import (
    Answer,
    ScriptedPeer,
    ack,
    data_frame,
    is_szl,
    reference_of,
    refuse_szl,
)

WORD = TagDef("line1", "Word", "DB1,0", parse_type("INT"))


def driver_of(port: int, tags: list[TagDef], **changes: object) -> S7Driver:
    settings = {"family": "S7-1500", "timeout_s": 1.0, **changes}
    return S7Driver(
        ConnectionSettings("line1", "SIEMENS_S7", host="127.0.0.1", port=port, **settings),  # type: ignore[arg-type]
        tags,
        SystemClock(),
    )


@pytest.fixture
def server() -> Iterator[S7Server]:
    with S7Server() as server:
        server.add_db(1, bytearray(64))
        yield server


@pytest.mark.parametrize(
    ("settings", "calling", "called"),
    [
        ({"rack": 0, "slot": 1}, "0100", "0201"),
        ({"rack": 1, "slot": 2, "family": "S7-300"}, "0100", "0222"),
        ({"family": "LOGO"}, "1000", "2000"),
        ({"family": "LOGO", "local_tsap": 0x0200, "remote_tsap": 0x0300}, "0200", "0300"),
        ({"remote_tsap": 0x0102}, "0100", "0102"),
    ],
)
def test_rack_and_slot_or_tsaps_name_the_session(
    server: S7Server, settings: dict[str, object], calling: str, called: str
) -> None:
    driver = driver_of(server.port, [WORD], **settings)
    driver.connect()
    driver.read()
    (client,) = server.clients()
    driver.close()
    assert (client.calling_tsap.hex(), client.called_tsap.hex()) == (calling, called)


def test_missing_permission_is_said_with_what_to_do() -> None:
    with S7Server(put_get=False) as server:
        server.add_db(1, bytearray(64))
        driver = driver_of(server.port, [WORD])
        driver.connect()
        assert "PUT/GET" in driver.read().readings[0].error
        with pytest.raises(WriteRejectedError, match="PUT/GET"):
            driver.write(WORD, 1)
        driver.close()


def test_a_data_block_that_appears_is_read_at_the_next_try(server: S7Server) -> None:
    later = TagDef("line1", "Later", "DB7,0", parse_type("INT"))
    driver = driver_of(server.port, [WORD, later])
    driver.connect()
    assert "DB7 does not exist" in driver.read().readings[1].error
    server.add_db(7, bytearray(b"\x00\x2a"))
    driver.close()
    driver.connect()
    assert driver.read().readings[1].value == 42
    driver.close()


def test_a_bit_is_written_without_its_neighbours_being_read(server: S7Server) -> None:
    memory = bytearray(b"\xff\x00")
    server.add_db(5, memory)
    driver = driver_of(server.port, [])
    driver.connect()
    driver.write(TagDef("line1", "Bit", "DB5.DBX0.3", parse_type("BOOL")), False)
    driver.write(TagDef("line1", "Bits", "DB5,0.7", parse_type("BOOL[2]")), (False, True))
    driver.close()
    assert memory == b"\x77\x01"


def test_a_text_keeps_the_maximum_length_that_the_controller_gave_it(server: S7Server) -> None:
    memory = bytearray(b"\x05\x00.....next")
    server.add_db(6, memory)
    text = TagDef("line1", "Text", "DB6,0", parse_type("STRING"))
    driver = driver_of(server.port, [])
    driver.connect()
    driver.write(text, "hello")
    with pytest.raises(WriteRejectedError, match="has room for 5"):
        driver.write(text, "too long")
    driver.close()
    assert memory == b"\x05\x05hellonext"


def answer_reads(pdu: bytes) -> bytes:
    return data_frame(ack(reference_of(pdu), b"\x04\x01", bytes.fromhex("ff0400100007")))


def test_a_controller_without_status_lists_is_asked_once_and_its_state_is_unknown() -> None:
    def script(pdu: bytes) -> Iterable[Answer]:
        return [data_frame(refuse_szl(pdu)) if is_szl(pdu) else answer_reads(pdu)]

    with ScriptedPeer(script) as peer:
        driver = driver_of(peer.port, [WORD])
        assert driver.connect() == ""
        asked = sum(map(is_szl, peer.requests))
        results = [driver.read() for _ in range(3)]
        driver.close()
        assert [(result.running, result.readings[0].value) for result in results] == [(None, 7)] * 3
        assert sum(map(is_szl, peer.requests)) == asked


def test_a_controller_that_ignores_status_lists_is_still_read() -> None:
    def script(pdu: bytes) -> Iterable[Answer]:
        return [] if is_szl(pdu) else [answer_reads(pdu)]

    with ScriptedPeer(script) as peer:
        driver = driver_of(peer.port, [WORD], timeout_s=0.2)
        assert driver.connect() == ""
        result = driver.read()
        driver.close()
        assert (result.running, result.readings[0].value) == (None, 7)


STOPPED = bytes.fromhex("00140001" + "51440004" + "00" * 16)
RUNNING = bytes.fromhex("00140001" + "51440008" + "00" * 16)


def answer_szl(pdu: bytes, records: bytes) -> bytes:
    parameters = bytes.fromhex("000112081284010100000000")
    body = struct.pack(">BBH", 0xFF, 0x09, 4 + len(records)) + pdu[-4:] + records
    head = struct.pack(">BBHHHH", 0x32, 7, 0, reference_of(pdu), len(parameters), len(body))
    return data_frame(head + parameters + body)


class Cpu:
    """A scripted CPU whose answers to status lists the test chooses."""

    def __init__(self) -> None:
        self.szl: Callable[[bytes], Iterable[bytes]] = lambda pdu: [answer_szl(pdu, RUNNING)]

    def script(self, pdu: bytes) -> Iterable[Answer]:
        return self.szl(pdu) if is_szl(pdu) else [answer_reads(pdu)]


def test_a_state_that_was_refused_once_is_asked_again_so_that_stop_is_not_missed() -> None:
    cpu = Cpu()
    with ScriptedPeer(cpu.script) as peer:
        driver = driver_of(peer.port, [WORD])
        driver.connect()
        assert driver.read().running is True
        cpu.szl = lambda pdu: [data_frame(refuse_szl(pdu))]
        assert driver.read().running is None
        cpu.szl = lambda pdu: [answer_szl(pdu, STOPPED)]
        assert driver.read().running is False
        driver.close()


def test_a_controller_that_has_told_its_state_is_never_read_without_it() -> None:
    cpu = Cpu()
    with ScriptedPeer(cpu.script) as peer:
        driver = driver_of(peer.port, [WORD], timeout_s=0.2)
        driver.connect()
        assert driver.read().running is True
        cpu.szl = lambda pdu: []
        with pytest.raises(ReplyTimeoutError):
            driver.connect()
        cpu.szl = lambda pdu: [answer_szl(pdu, STOPPED)]
        driver.connect()
        assert driver.read().running is False
        driver.close()


def test_the_state_is_not_asked_by_an_empty_read_request() -> None:
    """python-snap7's own state request is a Read Var with no item, and always answers RUN."""

    def script(pdu: bytes) -> Iterable[Answer]:
        return [data_frame(refuse_szl(pdu)) if is_szl(pdu) else answer_reads(pdu)]

    with ScriptedPeer(script) as peer:
        driver = driver_of(peer.port, [WORD])
        driver.connect()
        driver.read()
        driver.close()
        assert all(is_szl(pdu) or pdu[10:12] == b"\x04\x01" for pdu in peer.requests)
