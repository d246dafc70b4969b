"""A session with an EtherNet/IP device: bounded, disposed on every error, never another's answer."""

import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from drivers.base import ConnectError, DriverError, LinkLostError, ProtocolError, ReplyTimeoutError
from drivers.cip.session import CipSession, ForwardOpenRefusedError
from engine.clock import SystemClock
from sim.enip_server import EnipIdentity, EnipServer
from tests.drivers.cip.scripted_peer import (
    Answer,
    ScriptedPeer,
    frame,
    is_connected,
    polite,
    rr_reply,
    sequence,
    service,
    unit_reply,
)
from tests.waiting import wait_until

TIMEOUT_S = 0.3
GENEROUS_S = 20 * TIMEOUT_S
IDENTITY_PATH = bytes.fromhex("20012401")
GET_ALL = 0x01
OK = b"\x81\0\0\0"


def session(port: int, *, route: str = "", slot: int | None = None, connected: bool = True) -> CipSession:
    return CipSession("127.0.0.1", port, route, slot, TIMEOUT_S, SystemClock(), connected=connected)


def ask(opened: CipSession, *, connected: bool | None = None) -> bytes:
    return opened.request(GET_ALL, IDENTITY_PATH, connected=connected).data


@pytest.fixture
def server() -> Iterator[EnipServer]:
    with EnipServer("127.0.0.1", 0, slot=2) as server:
        yield server


def after_opening(script: Callable[[bytes], Iterable[Answer]]) -> Callable[[bytes], Iterable[Answer]]:
    """Opens politely; connected requests are the script's."""
    return lambda request: script(request) if is_connected(request) else polite(request)


class TestOpening:
    def test_it_tells_who_is_there(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        identity = opened.open()
        assert identity.text == "1756-L83E/B · FW 32.11 · SN 00B21D0E"
        assert identity.running is True
        opened.close()

    def test_requests_go_over_the_connection_and_beside_it(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        assert server.clients()[0].cip_connections == 1
        assert ask(opened) == ask(opened, connected=False) == ask(opened, connected=True)
        opened.close()

    def test_without_a_connection_everything_goes_unconnected(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2, connected=False)
        opened.open()
        assert server.clients()[0].cip_connections == 0
        assert ask(opened)
        assert opened.payload < 504
        opened.close()

    def test_a_large_connection_is_taken_where_it_is_granted(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        assert 3900 < opened.payload < 4000 - 8
        opened.close()

    def test_a_controller_without_large_connections_gets_a_standard_one(self) -> None:
        with EnipServer("127.0.0.1", 0, large_forward_open=False) as small:
            opened = session(small.port)
            opened.open()
            assert 450 < opened.payload < 500 - 8
            opened.close()

    def test_a_route_is_the_same_as_its_slot(self, server: EnipServer) -> None:
        for route in ("2", "bp/2", "backplane/2", "1/2"):
            opened = session(server.port, route=route, slot=0)
            assert opened.open().product_name == "1756-L83E/B"
            opened.close()

    def test_a_controller_that_stops_says_so(self, server: EnipServer) -> None:
        server.faults.stopped = True
        opened = session(server.port, slot=2)
        assert opened.open().running is False
        opened.close()

    def test_a_device_whose_identity_cannot_be_read_tells_it_as_a_list(self) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            if request[0] == 0x63:
                body = struct.pack("<H16xHHHBBHI", 1, 1, 14, 7, 3, 1, 0, 9) + b"\x041747\x03"
                yield frame(0x63, request[12:20], struct.pack("<HHH", 1, 0x0C, len(body)) + body)
            elif request[0] == 0x6F and service(request) == GET_ALL:
                yield rr_reply(request, b"\x81\0\x08\0")
            else:
                yield from polite(request)

        with ScriptedPeer(script) as peer:
            opened = session(peer.port)
            identity = opened.open()
            opened.close()
        assert (identity.product_name, identity.major, identity.state) == ("1747", 3, 3)


class TestRefusals:
    """Sentences that an operator can act on."""

    def test_nobody_listens(self, server: EnipServer) -> None:
        server.stop()
        with pytest.raises(ConnectError, match="refuses the connection; check the address and the port"):
            session(server.port).open()

    def test_an_unknown_host(self) -> None:
        unknown = CipSession("no-such-host.invalid", 44818, "", 0, TIMEOUT_S, SystemClock())
        with pytest.raises(ConnectError, match="is not a known host"):
            unknown.open()

    def test_a_wrong_slot(self, server: EnipServer) -> None:
        with pytest.raises(ConnectError, match="nothing answers there; check the slot and the route"):
            session(server.port, slot=5).open()

    @pytest.mark.parametrize("route", ["bp", "bp/1/2", "bp/300", "moon/1", "bp/1/enet/there"])
    def test_a_route_that_is_none(self, server: EnipServer, route: str) -> None:
        with pytest.raises(ConnectError, match=r"route|port"):
            session(server.port, route=route if "/" in route else f"{route}/{route}").open()

    def test_no_free_connection(self, server: EnipServer) -> None:
        server.faults.connection_slots = 0
        with pytest.raises(ForwardOpenRefusedError, match=r"no free connection; close another program.*0113"):
            session(server.port, slot=2).open()
        wait_until(lambda: server.connections == 0, "the session to be closed")

    def test_a_controller_without_a_program(self, server: EnipServer) -> None:
        server.faults.refuse_forward_open = True
        with pytest.raises(ForwardOpenRefusedError, match="no configuration; load its program"):
            session(server.port, slot=2).open()

    @pytest.mark.parametrize(
        ("extended", "words"),
        [
            (0x0100, "in use already"),
            (0x0315, "leads nowhere"),
            (0x0312, "nothing answers"),
            (0x0999, "0999"),
        ],
    )
    def test_the_reason_of_a_refused_connection_is_told(self, extended: int, words: str) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            if request[0] == 0x6F and service(request) in (0x54, 0x5B):
                refusal = bytes((service(request) | 0x80, 0, 1, 1)) + struct.pack("<H", extended)
                return [rr_reply(request, refusal)]
            return polite(request)

        with ScriptedPeer(script) as peer, pytest.raises(ForwardOpenRefusedError, match=words):
            session(peer.port).open()

    def test_a_mute_device(self, server: EnipServer) -> None:
        server.faults.mute = True
        begin = time.monotonic()
        with pytest.raises(ReplyTimeoutError, match="accepts connections but does not answer"):
            session(server.port, slot=2).open()
        assert time.monotonic() - begin < GENEROUS_S

    def test_something_that_speaks_another_protocol(self) -> None:
        with (
            ScriptedPeer(lambda _request: [b"HTTP/1.0 400 Bad Request\r\n" + bytes(40_000)]) as peer,
            pytest.raises(DriverError, match="EtherNet/IP"),
        ):
            session(peer.port).open()

    def test_a_device_that_hangs_up_at_once(self) -> None:
        with (
            ScriptedPeer(lambda _request: [b""]) as peer,
            pytest.raises(ConnectError, match="closes the connection at once"),
        ):
            session(peer.port).open()

    def test_a_device_that_grants_no_session(self) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            yield frame(0x65, request[12:20], request[24:28], session=0, status=2)

        with ScriptedPeer(script) as peer, pytest.raises(ConnectError, match="EtherNet/IP device"):
            session(peer.port).open()


class TestErrors:
    """After any of them the socket is gone."""

    def fails(self, script: Callable[[bytes], Iterable[Answer]], kind: type[DriverError]) -> float:
        """Seconds that the failing request took."""
        with ScriptedPeer(after_opening(script)) as peer:
            opened = session(peer.port)
            opened.open()
            begin = time.monotonic()
            with pytest.raises(kind):
                ask(opened)
            took = time.monotonic() - begin
            assert not opened.is_open
            with pytest.raises(LinkLostError, match="no session"):
                ask(opened)
            opened.open()
            opened.close()
        return took

    def test_no_answer(self) -> None:
        assert self.fails(lambda _request: [], ReplyTimeoutError) >= TIMEOUT_S * 0.9

    def test_the_peer_closes_in_the_middle_of_a_message(self) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            return [unit_reply(request, OK + bytes(100))[:60], b""]

        assert self.fails(script, LinkLostError) < GENEROUS_S

    def test_the_peer_closes_in_the_middle_of_a_header(self) -> None:
        self.fails(lambda request: [unit_reply(request, OK)[:10], b""], LinkLostError)

    def test_a_peer_that_trickles_is_given_no_more_time_than_one_that_is_mute(self) -> None:
        def script(request: bytes) -> Iterable[Answer]:
            for byte in unit_reply(request, OK + bytes(100)):
                yield bytes((byte,))
                yield TIMEOUT_S / 10

        assert self.fails(script, ReplyTimeoutError) < 5 * TIMEOUT_S

    def test_an_answer_to_the_request_before(self) -> None:
        self.fails(lambda request: [unit_reply(request, OK, count=sequence(request) - 1)], ProtocolError)

    def test_an_answer_for_another_connection(self) -> None:
        self.fails(lambda request: [unit_reply(request, OK, connection=99)], ProtocolError)

    def test_an_answer_to_another_service(self) -> None:
        self.fails(lambda request: [unit_reply(request, b"\xcc\0\0\0")], ProtocolError)

    def test_two_answers_to_one_request(self) -> None:
        self.fails(lambda request: [2 * unit_reply(request, OK)], ProtocolError)

    @pytest.mark.parametrize("length", range(24, 50))
    def test_an_answer_that_is_cut_off(self, length: int) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            cut = unit_reply(request, OK)[:length]
            yield cut[:2] + struct.pack("<H", length - 24) + cut[4:]

        self.fails(script, ProtocolError)

    def test_a_frame_that_the_peer_refuses(self) -> None:
        self.fails(lambda request: [frame(0x70, request[12:20], b"", status=0x64)], ProtocolError)

    def test_an_unconnected_answer_to_the_request_before(self) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            if request[0] == 0x6F:
                late = rr_reply(request, OK)
                return [late[:12] + struct.pack("<Q", 1) + late[20:]]
            return polite(request)

        with ScriptedPeer(script) as peer, pytest.raises(ProtocolError, match="another request"):
            session(peer.port).open()

    def test_a_late_answer_is_never_taken_for_the_next_one(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        server.faults.delay_s = 1.5 * TIMEOUT_S
        with pytest.raises(ReplyTimeoutError):
            ask(opened)
        server.faults.delay_s = 0.0
        with pytest.raises(LinkLostError):
            ask(opened)
        opened.open()
        assert ask(opened).endswith(b"1756-L83E/B")
        opened.close()

    def test_a_refused_request_keeps_the_session(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        for connected in (True, False):
            reply = opened.request(0x4C, IDENTITY_PATH, connected=connected)
            assert reply.status != 0
            assert ask(opened, connected=connected)
        opened.close()

    def test_a_refusal_on_the_way_is_a_refusal(self) -> None:
        def script(request: bytes) -> Iterable[bytes]:
            if request[0] == 0x6F and service(request) == 0x52 and len(peer.frames) > 3:
                return [rr_reply(request, b"\xd2\0\x01\x01\x04\x02")]
            return polite(request)

        with ScriptedPeer(script) as peer:
            opened = session(peer.port, slot=4)
            opened.open()
            reply = opened.request(GET_ALL, IDENTITY_PATH, connected=False)
            opened.close()
        assert (reply.status, reply.extended) == (1, (0x0204,))

    def test_sequence_counts_wrap(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        opened._sequence = 0xFFFE
        for _ in range(4):
            assert ask(opened)
        opened.close()


class TestClosing:
    def test_the_controller_gets_its_connection_back(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        for _ in range(3):
            opened.open()
            opened.close()
        wait_until(lambda: server.connections == 0, "the connection to be closed")
        assert len(server.cip_connections) == 0

    def test_twice_and_never_opened(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.close()
        opened.open()
        opened.close()
        opened.close()
        with pytest.raises(LinkLostError):
            ask(opened)

    def test_of_a_controller_that_is_gone(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        server.stop()
        opened.close()

    def test_of_a_controller_that_went_mute_takes_no_longer_than_one_answer(self, server: EnipServer) -> None:
        opened = session(server.port, slot=2)
        opened.open()
        server.faults.mute = True
        begin = time.monotonic()
        opened.close()
        assert time.monotonic() - begin < GENEROUS_S

    def test_from_another_thread_frees_the_one_that_waits(self, server: EnipServer) -> None:
        waiting = CipSession("127.0.0.1", server.port, "2", 0, 60.0, SystemClock())
        waiting.open()
        server.faults.mute = True
        errors: list[Exception] = []

        def wait() -> None:
            try:
                ask(waiting)
            except DriverError as error:
                errors.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        wait_until(lambda: waiting._transport.unanswered, "the request to be sent")
        waiting.close()
        thread.join(GENEROUS_S)
        assert not thread.is_alive()
        assert isinstance(errors[0], DriverError)

    def test_the_bytes_of_another_identity(self) -> None:
        identity = EnipIdentity(product_name="2080-LC50-24QWB", serial=7)
        with EnipServer("127.0.0.1", 0, identity) as micro:
            opened = CipSession("127.0.0.1", micro.port, "", 0, TIMEOUT_S, SystemClock(), micro800=True)
            found = opened.open()
            opened.close()
        assert (found.is_micro800, found.serial) == (True, 7)
