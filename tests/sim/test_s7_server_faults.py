"""What the simulated CPU does when something is wrong with it."""

from collections.abc import Iterator

import pytest

from sim.s7_server import S7Server
from sim.server_loop import ServerLoop
from tests.clock import ManualClock
from tests.sim.s7_raw_client import (
    CONNECT,
    RawS7Client,
    any_pointer,
    read_items,
    read_var,
    userdata,
    write_var,
)
from tests.waiting import wait_until

BYTE_0 = any_pointer(2, 1, 1, 0x84, 0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ServerLoop]:
    with ServerLoop(clock=clock) as running:
        yield running


@pytest.fixture
def server(loop: ServerLoop, clock: ManualClock) -> Iterator[S7Server]:
    with S7Server(loop=loop, clock=clock) as running:
        running.add_db(1, bytearray(b"\x11\x22"))
        yield running


@pytest.fixture
def client(server: S7Server) -> Iterator[RawS7Client]:
    with RawS7Client(server.port) as connected:
        connected.handshake()
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


def test_a_slow_cpu_answers_late_and_in_order(
    server: S7Server, client: RawS7Client, clock: ManualClock, loop: ServerLoop
) -> None:
    server.faults.delay_s = 2.0
    for reference in (1, 2, 3):
        client.send(read_var(reference, BYTE_0))
    with RawS7Client(server.port) as witness:
        witness.sock.sendall(CONNECT)
        wait_until(lambda: server.connections == 2, "the second client")
    pass_time(clock, loop, 1.9)
    assert not client.has_answer()
    pass_time(clock, loop, 0.2)
    answers = [client.read_pdu() for _ in range(3)]
    assert [int.from_bytes(answer[4:6], "big") for answer in answers] == [1, 2, 3]


def test_a_slow_cpu_does_not_slow_its_neighbour(
    server: S7Server, client: RawS7Client, loop: ServerLoop, clock: ManualClock
) -> None:
    server.faults.delay_s = 1000.0
    client.send(read_var(1, BYTE_0))
    with S7Server(loop=loop, clock=clock) as neighbour:
        neighbour.add_db(1, bytearray(b"\x33"))
        with RawS7Client(neighbour.port) as other:
            other.handshake()
            assert read_items(other.exchange(read_var(1, BYTE_0)))[0][2] == b"\x33"
    assert not client.has_answer()


def test_an_answer_after_the_delay_shows_the_value_of_that_moment(
    server: S7Server, client: RawS7Client, clock: ManualClock, loop: ServerLoop
) -> None:
    server.faults.delay_s = 1.0
    client.send(read_var(1, BYTE_0))
    settle(loop)
    server.faults.delay_s = 0.0
    pass_time(clock, loop, 0.5)
    with server.lock:
        server.cpu.memory.area(0x84, 1)[0] = 0x44
    pass_time(clock, loop, 1.0)
    assert read_items(client.read_pdu())[0][2] == b"\x44"


def test_requests_after_a_delay_ended_do_not_overtake_those_that_wait(
    server: S7Server, client: RawS7Client, clock: ManualClock, loop: ServerLoop
) -> None:
    server.faults.delay_s = 1.0
    client.send(read_var(1, BYTE_0))
    settle(loop)
    server.faults.delay_s = 0.0
    client.send(read_var(2, BYTE_0))
    pass_time(clock, loop, 1.1)
    answers = [client.read_pdu() for _ in range(2)]
    assert [answer[5] for answer in answers] == [1, 2]


def test_a_mute_cpu_accepts_and_reads_but_never_answers(server: S7Server, client: RawS7Client) -> None:
    server.faults.mute = True
    client.send(read_var(1, BYTE_0))
    with RawS7Client(server.port) as late:
        late.sock.sendall(CONNECT)
        wait_until(lambda: server.connections == 2, "the connection to be accepted")
        assert not late.has_answer()
        assert not client.has_answer()
    wait_until(lambda: server.connections == 1, "the departed client to be noticed")
    server.faults.mute = False
    assert read_items(client.exchange(read_var(2, BYTE_0)))[0][2] == b"\x11"


def test_a_mute_cpu_still_ends_a_connection_that_asks_for_it(server: S7Server, client: RawS7Client) -> None:
    server.faults.mute = True
    client.sock.sendall(bytes.fromhex("0300000b06800001000100"))
    assert client.is_closed_by_peer()
    wait_until(lambda: server.connections == 0, "the connection to be ended")


def test_a_stopped_cpu_shows_its_memory_as_it_was(server: S7Server, client: RawS7Client) -> None:
    memory = server.cpu.memory.area(0x84, 1)
    server.faults.stopped = True
    with server.lock:
        memory[0] = 0x99
    assert read_items(client.exchange(read_var(1, BYTE_0)))[0][2] == b"\x11"
    server.faults.stopped = False
    assert read_items(client.exchange(read_var(2, BYTE_0)))[0][2] == b"\x99"


def test_what_is_written_in_stop_is_seen_then_and_kept(server: S7Server, client: RawS7Client) -> None:
    server.faults.stopped = True
    client.exchange(write_var(1, [BYTE_0], [b"\x00\x04\x00\x08\x77"]))
    assert read_items(client.exchange(read_var(2, BYTE_0)))[0][2] == b"\x77"
    server.faults.stopped = False
    assert read_items(client.exchange(read_var(3, BYTE_0)))[0][2] == b"\x77"


def test_the_operating_state_tells_run_from_stop(server: S7Server, client: RawS7Client) -> None:
    def state() -> int:
        return client.exchange(userdata(4, 1, b"\x04\x24\x00\x00"))[22 + 4 + 8 + 3]

    assert state() == 0x08
    server.faults.stopped = True
    assert state() == 0x04
    server.faults.stopped = False
    assert state() == 0x08


def test_a_drop_cuts_everybody_and_lets_them_come_back(server: S7Server, client: RawS7Client) -> None:
    server.faults.drop()
    assert client.is_closed_by_peer()
    assert server.connections == 0
    with RawS7Client(server.port) as again:
        assert again.handshake() == 480


def test_nothing_is_answered_after_a_drop_even_under_its_lock(server: S7Server, client: RawS7Client) -> None:
    with server.lock:
        client.send(read_var(1, BYTE_0))
        server.drop()
    assert client.is_closed_by_peer()


def test_new_connections_are_refused_for_the_time_given(
    server: S7Server, client: RawS7Client, clock: ManualClock, loop: ServerLoop
) -> None:
    server.faults.drop(refuse_for_s=5.0)
    assert client.is_closed_by_peer()
    pass_time(clock, loop, 4.9)
    with pytest.raises(ConnectionRefusedError):
        RawS7Client(server.port)
    pass_time(clock, loop, 0.2)
    with RawS7Client(server.port) as again:
        assert again.handshake() == 480


def test_a_port_taken_by_another_in_the_meantime_is_tried_for_until_it_is_free(
    server: S7Server, loop: ServerLoop, clock: ManualClock
) -> None:
    server.drop(5.0)
    settle(loop)
    with S7Server(server.host, server.port, clock=clock):
        pass_time(clock, loop, 6.0)
        pass_time(clock, loop, 1.0)
        assert server.connections == 0
    pass_time(clock, loop, 1.0)
    with RawS7Client(server.port) as client:
        client.handshake()
        assert server.connections == 1


def test_a_longer_refusal_outlasts_a_shorter_one(
    server: S7Server, clock: ManualClock, loop: ServerLoop
) -> None:
    server.drop(10.0)
    server.drop(1.0)
    pass_time(clock, loop, 9.0)
    with pytest.raises(ConnectionRefusedError):
        RawS7Client(server.port)
    pass_time(clock, loop, 2.0)
    with RawS7Client(server.port) as again:
        again.handshake()


def test_a_server_can_be_stopped_while_it_refuses(loop: ServerLoop, clock: ManualClock) -> None:
    server = S7Server(loop=loop, clock=clock).start()
    server.drop(100.0)
    server.stop()
    pass_time(clock, loop, 200.0)
    with pytest.raises(ConnectionRefusedError):
        RawS7Client(server.port)


def test_stop_cuts_clients_at_once_and_leaves_the_shared_loop_running(loop: ServerLoop) -> None:
    first, second = S7Server(loop=loop).start(), S7Server(loop=loop).start()
    with RawS7Client(first.port) as client:
        client.handshake()
        first.stop()
        first.stop()
        assert client.is_closed_by_peer()
    with RawS7Client(second.port) as client:
        assert client.handshake() == 480
    second.stop()
