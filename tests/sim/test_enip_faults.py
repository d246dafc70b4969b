"""What a simulated EtherNet/IP controller does when something is wrong with it."""

import socket
from collections.abc import Iterator

import pytest

from sim.logix_server import LogixServer
from sim.logix_values import to_path
from sim.server_loop import ServerLoop
from tests.clock import ManualClock
from tests.sim.enip_raw_client import (
    LIST_IDENTITY,
    REGISTER,
    RR,
    RawEnipClient,
    forward_open,
    frame,
    request,
    rr_items,
)
from tests.waiting import wait_until

READ_LEVEL = request(0x4C, to_path("Level"), b"\1\0")


def write_level(value: int) -> bytes:
    return request(0x4D, to_path("Level"), b"\xc3\0\1\0" + value.to_bytes(2, "little"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ServerLoop]:
    with ServerLoop(clock=clock) as running:
        yield running


@pytest.fixture
def server(loop: ServerLoop, clock: ManualClock) -> Iterator[LogixServer]:
    with LogixServer(port=0, loop=loop, clock=clock, udp=True) as running:
        running.add_tag("Level", "INT")
        running.poke("Level", 0x2211)
        yield running


@pytest.fixture
def client(server: LogixServer) -> Iterator[RawEnipClient]:
    with RawEnipClient(server.port) as connected:
        connected.register().open()
        yield connected


def pass_time(clock: ManualClock, loop: ServerLoop, seconds: float) -> None:
    """Have all that was sent received, let time pass, have all done that is due by then."""
    settle(loop)
    clock.advance(seconds)
    settle(loop)


def settle(loop: ServerLoop) -> None:
    """Two rounds of the loop: whatever is in a socket now has been taken out."""
    for _ in range(2):
        loop.call(lambda: None)


def level_of(client: RawEnipClient) -> int:
    return int.from_bytes(client.connected(READ_LEVEL).data[2:], "little")


def send_often(client: RawEnipClient, message: bytes) -> None:
    for _ in range(100_000):
        client.send_connected(message)


def test_a_slow_controller_answers_late_and_in_order(
    server: LogixServer, client: RawEnipClient, clock: ManualClock, loop: ServerLoop
):
    server.faults.delay_s = 2.0
    client.send_connected(READ_LEVEL)
    client.send_connected(write_level(7))
    client.send_connected(READ_LEVEL)
    pass_time(clock, loop, 1.9)
    assert not client.has_answer()
    pass_time(clock, loop, 0.2)
    answers = [client.read_connected() for _ in range(3)]
    assert [answer.data[2:] for answer in answers] == [b"\x11\x22", b"", b"\7\0"]


def test_a_slow_controller_does_not_slow_its_neighbour(
    server: LogixServer, client: RawEnipClient, loop: ServerLoop, clock: ManualClock
):
    server.faults.delay_s = 1000.0
    client.send_connected(READ_LEVEL)
    with LogixServer(port=0, loop=loop, clock=clock) as neighbour, RawEnipClient(neighbour.port) as other:
        assert other.register().session
    assert not client.has_answer()


def test_requests_after_a_delay_ended_do_not_overtake_those_that_wait(
    server: LogixServer, client: RawEnipClient, clock: ManualClock, loop: ServerLoop
):
    server.faults.delay_s = 1.0
    client.send_connected(READ_LEVEL)
    settle(loop)
    server.faults.delay_s = 0.0
    client.send_connected(write_level(1))
    pass_time(clock, loop, 1.1)
    assert client.read_connected().data[2:] == b"\x11\x22"
    assert client.read_connected().service == 0xCD


def test_a_client_that_floods_a_slow_controller_is_cut(
    server: LogixServer, client: RawEnipClient, loop: ServerLoop
):
    server.faults.delay_s = 1000.0
    client.sock.sendall(frame(LIST_IDENTITY) * 300)
    assert client.is_closed_by_peer()
    assert server.connections == 0


def test_a_client_that_never_reads_is_cut(server: LogixServer):
    server.add_tag("Big", "DINT", [1000])
    read = request(0x4C, to_path("Big"), b"\xe0\3")
    with RawEnipClient(server.port) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.register().open()
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            send_often(client, read)
    wait_until(lambda: server.connections == 0, "the client to be cut")


def test_a_mute_controller_accepts_and_reads_but_never_answers(server: LogixServer, client: RawEnipClient):
    server.faults.mute = True
    client.send_connected(READ_LEVEL)
    with RawEnipClient(server.port) as late:
        late.sock.sendall(frame(REGISTER, b"\1\0\0\0"))
        wait_until(lambda: server.connections == 2, "the connection to be accepted")
        assert not late.has_answer()
        assert not client.has_answer()
    wait_until(lambda: server.connections == 1, "the departed client to be noticed")
    server.faults.mute = False
    assert level_of(client) == 0x2211


def test_a_mute_controller_is_not_found(server: LogixServer, loop: ServerLoop):
    server.faults.mute = True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10.0)
        sock.sendto(frame(LIST_IDENTITY), ("127.0.0.1", server.port))
        settle(loop)
        server.faults.mute = False
        sock.sendto(frame(LIST_IDENTITY), ("127.0.0.1", server.port))
        sock.recvfrom(2048)
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recvfrom(2048)


def test_a_controller_that_is_away_is_not_found(server: LogixServer, loop: ServerLoop, clock: ManualClock):
    server.drop(5.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10.0)
        sock.sendto(frame(LIST_IDENTITY), ("127.0.0.1", server.port))
        pass_time(clock, loop, 6.0)
        sock.sendto(frame(LIST_IDENTITY, b"again"), ("127.0.0.1", server.port))
        sock.recvfrom(2048)
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recvfrom(2048)


def test_a_controller_in_program_mode_still_answers(server: LogixServer, client: RawEnipClient):
    server.faults.stopped = True
    assert level_of(client) == 0x2211


def test_a_refused_forward_open_leaves_open_connections_alone(server: LogixServer, client: RawEnipClient):
    server.faults.refuse_forward_open = True
    for large in (False, True):
        answer = client.unconnected(forward_open(large=large, serial=2))
        assert (answer.status, answer.extended) == (1, (0x110,))
    assert level_of(client) == 0x2211
    server.faults.refuse_forward_open = False
    assert client.unconnected(forward_open(serial=2)).status == 0


def test_without_a_free_slot_no_connection_is_opened(server: LogixServer, client: RawEnipClient):
    server.faults.connection_slots = 0
    for large in (False, True):
        answer = client.unconnected(forward_open(large=large, serial=2))
        assert (answer.status, answer.extended) == (1, (0x113,))
    assert level_of(client) == 0x2211
    server.faults.connection_slots = 2
    assert client.unconnected(forward_open(serial=2)).status == 0
    assert client.unconnected(forward_open(serial=3)).extended == (0x113,)
    server.faults.connection_slots = None
    assert client.unconnected(forward_open(serial=3)).status == 0


def test_without_a_free_slot_unconnected_requests_are_answered(server: LogixServer, client: RawEnipClient):
    server.faults.connection_slots = 0
    assert client.unconnected(READ_LEVEL).data == b"\xc3\0\x11\x22"


def test_a_reply_can_be_cut_in_the_middle(server: LogixServer, client: RawEnipClient):
    server.faults.cut_replies = True
    client.send_connected(READ_LEVEL)
    with pytest.raises(ConnectionError, match="closed by the peer"):
        client.read_connected()
    assert server.connections == 0
    server.faults.cut_replies = False
    with RawEnipClient(server.port) as again:
        assert again.register().session


def test_a_drop_cuts_everybody_and_lets_them_come_back(server: LogixServer, client: RawEnipClient):
    server.faults.drop()
    assert client.is_closed_by_peer()
    assert server.connections == 0
    with RawEnipClient(server.port) as again:
        again.register().open()
        assert level_of(again) == 0x2211


def test_nothing_is_answered_after_a_drop_even_under_its_lock(server: LogixServer, client: RawEnipClient):
    with server.lock:
        client.send_connected(READ_LEVEL)
        server.drop()
    assert client.is_closed_by_peer()


def test_new_connections_are_refused_for_the_time_given(
    server: LogixServer, client: RawEnipClient, clock: ManualClock, loop: ServerLoop
):
    server.faults.drop(refuse_for_s=5.0)
    assert client.is_closed_by_peer()
    pass_time(clock, loop, 4.9)
    with pytest.raises(ConnectionRefusedError):
        RawEnipClient(server.port)
    pass_time(clock, loop, 0.2)
    with RawEnipClient(server.port) as again:
        assert again.register().session


def test_a_server_can_be_stopped_while_it_refuses(loop: ServerLoop, clock: ManualClock):
    server = LogixServer(port=0, loop=loop, clock=clock).start()
    server.drop(100.0)
    server.stop()
    pass_time(clock, loop, 200.0)
    with pytest.raises(ConnectionRefusedError):
        RawEnipClient(server.port)


def test_stop_cuts_clients_at_once_and_leaves_the_shared_loop_running(loop: ServerLoop):
    first, second = (LogixServer(port=0, loop=loop).start() for _ in range(2))
    with RawEnipClient(first.port) as client:
        client.register()
        first.stop()
        assert client.is_closed_by_peer()
    with RawEnipClient(second.port) as client:
        assert client.register().session
    second.stop()


def test_bytes_of_a_half_message_wait_for_the_rest(server: LogixServer):
    whole = frame(LIST_IDENTITY)
    with RawEnipClient(server.port) as client:
        for byte in whole[:-1]:
            client.sock.sendall(bytes((byte,)))
        assert not client.has_answer()
        assert client.exchange(whole[-1:]).command == LIST_IDENTITY


def test_a_message_of_impossible_length_costs_the_connection(server: LogixServer, client: RawEnipClient):
    client.sock.sendall(b"\x6f\0\xff\xff" + bytes(20))
    assert client.is_closed_by_peer()
    assert server.connections == 0


def test_a_bug_in_the_objects_costs_the_client_its_connection_and_no_other(
    server: LogixServer, client: RawEnipClient, monkeypatch: pytest.MonkeyPatch, expected_logs
):
    expected_logs.add("a socket of a simulated device failed")

    def broken(_request: object) -> None:
        raise RuntimeError("a bug")

    with RawEnipClient(server.port) as other, monkeypatch.context() as patch:
        other.register()
        patch.setattr(server.controller, "handle", broken)
        client.send_connected(READ_LEVEL)
        assert client.is_closed_by_peer()
        assert other.exchange(frame(RR, rr_items(request(1, b"\x20\x01\x24\x01")), other.session)).status == 0
