"""What the session does with peers that are late, odd, strict or hostile."""

import socket
import threading
import time
from collections.abc import Iterable
from typing import Self

import pytest
from snap7.connection import ISOTCPConnection

from drivers.base import ConnectError, DriverError, LinkLostError, ProtocolError, ReplyTimeoutError
from drivers.s7.client import S7Client
from drivers.s7.pdu import RequestRefusedError
from drivers.s7.read_plan import Point, plan_reads
from engine.clock import SystemClock
from engine.model import parse_type
from tests.drivers.s7.scripted_peer import Answer, ScriptedPeer, ack, data_frame, reference_of, tpkt
from tests.waiting import wait_until

TIMEOUT_S = 0.3
TWO_WORDS = plan_reads(
    [Point(0, 0x84, 1, 0, 0, parse_type("INT")), Point(1, 0x84, 2, 0, 0, parse_type("INT"))],  # type: ignore[arg-type]
    960,
).requests[0]
GOOD = bytes.fromhex("ff040010" + "0007" + "ff040010" + "0008")


def client_of(port: int, timeout_s: float = TIMEOUT_S) -> S7Client:
    return S7Client("127.0.0.1", port, 0x0100, 0x0201, timeout_s, SystemClock())


def answer(pdu: bytes, data: bytes = GOOD, **changes: int) -> bytes:
    reference = reference_of(pdu) + changes.get("shift", 0)
    return ack(reference & 0xFFFF, b"\x04\x02", data, changes.get("error", 0))


def read_with(frames: object) -> list[tuple[int, bytes]]:
    """Read two words from a peer whose answer is ``frames(pdu)``."""

    def script(pdu: bytes) -> Iterable[Answer]:
        return frames(pdu)  # type: ignore[operator, no-any-return]

    with ScriptedPeer(script) as peer:
        client = client_of(peer.port)
        client.open()
        try:
            return [tuple(reply) for reply in client.read(TWO_WORDS)]  # type: ignore[misc]
        finally:
            client.close()


def test_an_answer_is_read_item_by_item() -> None:
    assert read_with(lambda pdu: [data_frame(answer(pdu))]) == [(0xFF, b"\0\x07"), (0xFF, b"\0\x08")]


@pytest.mark.parametrize("error_item", ["0a000000", "0a000004", "05000000", "03000004"])
def test_an_item_error_is_its_own_whatever_its_length_field_says(error_item: str) -> None:
    data = bytes.fromhex(error_item + "ff0400100008")
    code = int(error_item[:2], 16)
    assert read_with(lambda pdu: [data_frame(answer(pdu, data))]) == [(code, b""), (0xFF, b"\0\x08")]


def test_an_answer_in_fragments_is_put_together() -> None:
    def fragments(pdu: bytes) -> list[Answer]:
        whole = answer(pdu)
        return [data_frame(whole[:9], last=False), data_frame(whole[9:])]

    assert read_with(fragments)[1] == (0xFF, b"\0\x08")


def test_a_refused_request_carries_the_controllers_code() -> None:
    with pytest.raises(RequestRefusedError) as caught:
        read_with(lambda pdu: [data_frame(ack(reference_of(pdu), b"", b"", 0x8104))])
    assert caught.value.code == 0x8104


@pytest.mark.parametrize("shift", [-1, 1, 0x7000])
def test_an_answer_to_another_request_ends_the_session(shift: int) -> None:
    with pytest.raises(ProtocolError, match="belongs to request"):
        read_with(lambda pdu: [data_frame(answer(pdu, shift=shift)), data_frame(answer(pdu))])


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lambda pdu: b"\x47ET / HTTP", id="no TPKT"),
        pytest.param(lambda pdu: tpkt(b"\x02\xf1\x80" + answer(pdu)), id="no COTP data"),
        pytest.param(lambda pdu: data_frame(b"\x72" + answer(pdu)[1:]), id="no S7"),
        pytest.param(lambda pdu: data_frame(answer(pdu)[:-3]), id="cut short"),
        pytest.param(lambda pdu: data_frame(answer(pdu, GOOD[:6])), id="an item missing"),
        pytest.param(
            lambda pdu: data_frame(answer(pdu, bytes.fromhex("ff0400180007") + GOOD)), id="wrong size"
        ),
        pytest.param(lambda pdu: data_frame(ack(reference_of(pdu), b"\x05\x02", GOOD)), id="write answered"),
        pytest.param(lambda pdu: data_frame(ack(reference_of(pdu), b"\x04\x01", GOOD[:6])), id="one of two"),
    ],
)
def test_what_is_no_valid_answer_is_a_protocol_error(reply: object) -> None:
    with pytest.raises(ProtocolError, match="not valid S7"):
        read_with(lambda pdu: [reply(pdu)])  # type: ignore[operator]


def test_the_timeout_bounds_the_whole_answer_and_not_each_byte() -> None:
    def trickle(pdu: bytes) -> Iterable[Answer]:
        for byte in data_frame(answer(pdu)):
            yield bytes((byte,))
            yield TIMEOUT_S / 4

    begin = time.monotonic()
    with pytest.raises(ReplyTimeoutError):
        read_with(trickle)
    assert time.monotonic() - begin < 4 * TIMEOUT_S


def test_each_client_has_its_own_timeout_and_the_library_stays_as_it_was() -> None:
    with ScriptedPeer(lambda pdu: [2 * TIMEOUT_S, data_frame(answer(pdu))]) as peer:
        patient, hasty = client_of(peer.port, 20 * TIMEOUT_S), client_of(peer.port)
        patient.open()
        assert patient.read(TWO_WORDS)[0].code == 0xFF
        patient.close()
        hasty.open()
        with pytest.raises(ReplyTimeoutError):
            hasty.read(TWO_WORDS)
    assert ISOTCPConnection("", 0).timeout == 5.0


def test_after_a_timeout_nothing_is_read_until_the_session_is_opened_again() -> None:
    with ScriptedPeer(lambda pdu: [TIMEOUT_S * 2, data_frame(answer(pdu))]) as peer:
        client = client_of(peer.port)
        client.open()
        with pytest.raises(ReplyTimeoutError):
            client.read(TWO_WORDS)
        asked = len(peer.requests)
        with pytest.raises(LinkLostError):
            client.read(TWO_WORDS)
        assert len(peer.requests) == asked


def test_the_controller_ending_the_session_is_a_lost_link() -> None:
    with pytest.raises(LinkLostError):
        read_with(lambda pdu: [tpkt(bytes.fromhex("06800001000100"))])


def test_a_pdu_of_960_is_asked_for_one_job_at_a_time_and_what_is_granted_is_kept() -> None:
    with ScriptedPeer(lambda pdu: [], pdu_length=240) as peer:
        client = client_of(peer.port)
        client.open()
        client.close()
        assert peer.setups[0][-6:] == bytes.fromhex("0001000103c0")
        assert client.pdu_length == 240


def test_more_than_was_asked_for_is_not_used() -> None:
    with ScriptedPeer(lambda pdu: [], pdu_length=4096) as peer:
        client = client_of(peer.port)
        client.open()
        client.close()
        assert client.pdu_length == 960


def test_a_refused_connection_says_so() -> None:
    with ScriptedPeer(lambda pdu: []) as peer:
        port = peer.port
    with pytest.raises(ConnectError, match="refuses the connection; check the port"):
        client_of(port).open()


def test_an_unknown_host_says_so() -> None:
    with pytest.raises(ConnectError, match="not a known host"):
        S7Client("controller.invalid", 102, 0x0100, 0x0201, TIMEOUT_S, SystemClock()).open()


def test_all_failures_are_driver_errors_for_the_worker() -> None:
    for kind in (ConnectError, LinkLostError, ProtocolError, ReplyTimeoutError):
        assert issubclass(kind, DriverError)


class SilentPeer:
    """A listener in the test's own hands; ``accept`` gives the next client once it has connected."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.listener.settimeout(5.0)
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.listener.close()


def how_it_ended(peer: socket.socket) -> str:
    """Read until the end of the stream: ``taken leave`` or ``cut off``."""
    peer.settimeout(5.0)
    try:
        while peer.recv(4096):
            pass
    except ConnectionResetError:
        return "cut off"
    return "taken leave"


def test_a_session_that_did_not_answer_is_cut_off_so_that_nothing_unsent_arrives_later() -> None:
    ends: list[str] = []

    def no_answer(pdu: bytes) -> Iterable[Answer]:
        return ()

    class Watching(ScriptedPeer):
        def _session(self, client: socket.socket) -> None:
            try:
                super()._session(client)
            except ConnectionResetError:
                ends.append("cut off")
            except EOFError:
                ends.append("taken leave")

    with Watching(no_answer) as peer:
        client = client_of(peer.port)
        client.open()
        with pytest.raises(ReplyTimeoutError):
            client.write_bytes(0x84, 1, 0, b"\x01")
        wait_until(lambda: ends, "the end of the session")
    assert ends == ["cut off"]


def test_closing_frees_a_thread_that_waits_for_a_controller_that_says_nothing() -> None:
    with SilentPeer() as peer:
        client = client_of(peer.port, timeout_s=60.0)
        errors: list[DriverError] = []

        def open_session() -> None:
            try:
                client.open()
            except DriverError as error:
                errors.append(error)

        thread = threading.Thread(target=open_session, name="connecting")
        thread.start()
        link, _ = peer.listener.accept()
        with link:
            assert link.recv(4096)
            client.close()
            wait_until(lambda: errors, "the thread to be freed")
            assert how_it_ended(link) == "cut off"
        thread.join()
