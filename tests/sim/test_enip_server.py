"""Sessions, connections and identity of a simulated EtherNet/IP controller."""

import socket
import struct
from collections.abc import Iterator

import psutil
import pytest

from sim.enip_server import CipReply, CipRequest, EnipIdentity, EnipServer, ServerStartError
from sim.server_loop import ServerLoop
from tests.sim.enip_raw_client import (
    CONTEXT,
    IDENTITY,
    LIST_IDENTITY,
    LIST_INTERFACES,
    LIST_SERVICES,
    REGISTER,
    RR,
    SLOT_0,
    UNIT,
    UNREGISTER,
    RawEnipClient,
    forward_close,
    forward_open,
    frame,
    multiple,
    parse_multiple,
    request,
    rr_items,
    unconnected_send,
    unit_items,
)
from tests.waiting import wait_until

ECHO = b"\x20\x77\x24\x01"
NAMED = EnipIdentity(product_code=54, major=20, minor=19, serial=0x0012ABCD, product_name="1756-L61/B")


class EchoObjects:
    """Answers with what was sent; service 0x33 with as many bytes as are asked for; 0x44 with an error."""

    def __init__(self) -> None:
        self.requests: list[CipRequest] = []

    def handle(self, request: CipRequest) -> CipReply:
        self.requests.append(request)
        if request.service == 0x33:
            return CipReply(data=bytes(struct.unpack_from("<H", request.data)[0]))
        if request.service == 0x44:
            return CipReply(0x05, extended=(0x1234, 0x5678))
        return CipReply(data=request.data)


@pytest.fixture
def objects() -> EchoObjects:
    return EchoObjects()


@pytest.fixture
def server(objects: EchoObjects) -> Iterator[EnipServer]:
    with EnipServer(port=0, identity=NAMED, objects=objects, udp=True) as running:
        yield running


@pytest.fixture
def client(server: EnipServer) -> Iterator[RawEnipClient]:
    with RawEnipClient(server.port) as connected:
        yield connected.register()


def test_a_session_is_registered_and_its_client_known(server: EnipServer, client: RawEnipClient):
    assert client.session
    [known] = server.clients()
    assert (known.session, known.cip_connections) == (client.session, 0)
    assert known.peer == f"127.0.0.1:{client.sock.getsockname()[1]}"


def test_the_context_of_the_sender_comes_back(client: RawEnipClient):
    assert client.exchange(frame(LIST_SERVICES)).context == CONTEXT


@pytest.mark.parametrize("data", [b"", b"\1\0", b"\2\0\0\0", b"\1\0\1\0"])
def test_another_protocol_version_is_refused(server: EnipServer, data: bytes):
    with RawEnipClient(server.port) as client:
        assert client.exchange(frame(REGISTER, data)).status == 0x69


def test_a_session_is_registered_once(client: RawEnipClient):
    assert client.exchange(frame(REGISTER, b"\1\0\0\0")).status == 1


def test_unregistering_ends_the_connection(server: EnipServer, client: RawEnipClient):
    client.open()
    client.sock.sendall(frame(UNREGISTER, session=client.session))
    assert client.is_closed_by_peer()
    assert server.connections == 0
    assert len(server.cip_connections) == 0


def test_unknown_commands_are_refused_and_the_session_goes_on(client: RawEnipClient):
    assert client.exchange(frame(0x77, b"1234")).status == 1
    assert client.exchange(frame(LIST_INTERFACES)).data == b"\0\0"


def test_a_nop_is_not_answered(client: RawEnipClient):
    client.sock.sendall(frame(0, b"anything"))
    assert client.exchange(frame(LIST_SERVICES)).command == LIST_SERVICES


def test_services_are_listed(client: RawEnipClient):
    data = client.exchange(frame(LIST_SERVICES)).data
    count, kind, length, version, flags, name = struct.unpack("<HHHHH16s", data)
    assert (count, kind, length, version) == (1, 0x100, 20, 1)
    assert flags & 0x20
    assert name.rstrip(b"\0") == b"Communications"


@pytest.mark.parametrize("command", [RR, UNIT])
def test_another_session_handle_is_refused(client: RawEnipClient, command: int):
    items = rr_items(request(1, IDENTITY))
    assert client.exchange(frame(command, items, client.session + 1)).status == 0x64


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(7),
        struct.pack("<IHH", 0, 0, 1),
        struct.pack("<IHHHH", 0, 0, 1, 0xB2, 9),
        struct.pack("<IHH", 0, 0, 99),
        struct.pack("<IHHHH", 0, 0, 1, 0, 0),
    ],
)
def test_cut_items_are_refused(client: RawEnipClient, data: bytes):
    assert client.exchange(frame(RR, data, client.session)).status == 3


def identity_of(data: bytes) -> tuple[object, ...]:
    count, kind, _length, version = struct.unpack_from("<HHHH", data)
    family, port, address = struct.unpack_from(">hH4s8x", data, 8)
    vendor, device, code, major, minor, status, serial, size = struct.unpack_from("<HHHBBHIB", data, 24)
    name = data[39 : 39 + size].decode()
    assert (count, kind, version, family) == (1, 0x0C, 1, 2)
    assert len(data) == 40 + size
    return (
        port,
        socket.inet_ntoa(address),
        vendor,
        device,
        code,
        major,
        minor,
        status,
        serial,
        name,
        data[-1],
    )


def expected_identity(port: int) -> tuple[object, ...]:
    return (port, "127.0.0.1", 1, 14, 54, 20, 19, 0x3160, 0x0012ABCD, "1756-L61/B", 3)


def test_a_controller_lists_its_identity_without_a_session(server: EnipServer):
    with RawEnipClient(server.port) as client:
        assert identity_of(client.exchange(frame(LIST_IDENTITY)).data) == expected_identity(server.port)


@pytest.mark.parametrize("target", ["127.0.0.1", "127.255.255.255"])
def test_a_controller_is_found_over_udp_and_by_broadcast(server: EnipServer, target: str):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.settimeout(10.0)
        for noise in (b"", b"noise", frame(REGISTER, b"\1\0\0\0"), bytes(1000)):
            sock.sendto(noise, (target, server.port))
        sock.sendto(frame(LIST_IDENTITY), (target, server.port))
        data, peer = sock.recvfrom(2048)
    assert peer == ("127.0.0.1", server.port)
    assert identity_of(data[24:]) == expected_identity(server.port)
    assert data[12:20] == CONTEXT


def test_all_controllers_of_a_network_answer_one_broadcast():
    with (
        ServerLoop() as loop,
        EnipServer("127.0.0.1", 0, NAMED, loop=loop, udp=True) as first,
        EnipServer("127.0.0.2", first.port, loop=loop, udp=True),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
    ):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.settimeout(10.0)
        sock.sendto(frame(LIST_IDENTITY), ("127.255.255.255", first.port))
        found = {sock.recvfrom(2048)[1][0] for _ in range(2)}
    assert found == {"127.0.0.1", "127.0.0.2"}


def test_the_identity_object_is_answered_unconnected_wrapped_and_connected(client: RawEnipClient):
    client.open()
    whole = request(1, IDENTITY)
    answers = [
        client.unconnected(whole),
        client.unconnected(unconnected_send(whole)),
        client.connected(whole),
    ]
    expected = struct.pack("<HHHBBHI", 1, 14, 54, 20, 19, 0x3160, 0x0012ABCD) + b"\x0a1756-L61/B"
    assert [(answer.service, answer.status, answer.data) for answer in answers] == [(0x81, 0, expected)] * 3


@pytest.mark.parametrize(
    ("message", "status", "data"),
    [
        (request(0x0E, IDENTITY + b"\x30\x06"), 0, b"\xcd\xab\x12\x00"),
        (request(0x0E, IDENTITY + b"\x30\x09"), 0x14, b""),
        (request(0x0E, IDENTITY), 0x14, b""),
        (request(0x05, IDENTITY), 0x08, b""),
        (request(0x01, b"\x20\x01\x24\x02"), 0x05, b""),
        (request(0x01, b"\x20\x01\x24\x01\x28\x01"), 0x04, b""),
    ],
)
def test_single_attributes_of_the_identity(client: RawEnipClient, message: bytes, status: int, data: bytes):
    answer = client.unconnected(message)
    assert (answer.status, answer.data) == (status, data)


def test_program_mode_shows_in_identity_and_state(server: EnipServer, client: RawEnipClient):
    server.faults.stopped = True
    identity = identity_of(client.exchange(frame(LIST_IDENTITY)).data)
    assert (identity[7], identity[-1]) == (0x3170, 2)
    assert client.unconnected(request(0x0E, IDENTITY + b"\x30\x05")).data == b"\x70\x31"


@pytest.mark.parametrize(("size", "large"), [(500, False), (4000, True)])
def test_a_connection_is_opened_used_and_closed(
    server: EnipServer, client: RawEnipClient, objects: EchoObjects, size: int, large: bool
):
    opened = client.open(size, large=large)
    ot_id, to_id, serial, vendor, originator = struct.unpack_from("<IIHHI", opened.data)
    assert (opened.status, to_id, serial, vendor, originator) == (0, 0x1234, 1, 0x1009, 0x71190427)
    assert ot_id == client.connection
    assert server.clients()[0].cip_connections == 1
    assert client.connected(request(0x4B, ECHO, b"hello")).data == b"hello"
    assert objects.requests[-1] == CipRequest(0x4B, ECHO, b"hello", True, size - 6)
    assert client.unconnected(forward_close()).status == 0
    assert server.clients()[0].cip_connections == 0


def test_an_unconnected_request_has_the_room_of_an_unconnected_message(
    client: RawEnipClient, objects: EchoObjects
):
    client.unconnected(request(0x4B, ECHO, b"x"))
    assert objects.requests == [CipRequest(0x4B, ECHO, b"x", False, 500)]


def test_a_reply_names_the_originators_connection_and_the_sequence(client: RawEnipClient):
    client.open()
    client.send_connected(request(0x4B, ECHO, b"abc"), sequence=0xBEEF)
    data = client.read_frame().data
    assert struct.unpack_from("<IHHHHIHHH", data) == (0, 0, 2, 0xA1, 4, 0x1234, 0xB1, 9, 0xBEEF)


def test_a_repeated_sequence_number_is_answered_again_but_not_carried_out(
    client: RawEnipClient, objects: EchoObjects
):
    client.open()
    client.send_connected(request(0x4B, ECHO, b"first"), sequence=5)
    client.send_connected(request(0x4B, ECHO, b"other"), sequence=5)
    assert [client.read_connected().data for _ in range(2)] == [b"first", b"first"]
    assert len(objects.requests) == 1


def test_data_on_no_connection_is_not_answered(client: RawEnipClient):
    client.sock.sendall(frame(UNIT, unit_items(0xDEAD, b"\1\0" + request(1, IDENTITY)), client.session))
    assert client.exchange(frame(LIST_SERVICES)).command == LIST_SERVICES


def test_a_connection_belongs_to_its_session(server: EnipServer, client: RawEnipClient):
    client.open()
    with RawEnipClient(server.port) as other:
        other.register()
        other.connection = client.connection
        other.send_connected(request(1, IDENTITY))
        assert other.exchange(frame(LIST_SERVICES)).command == LIST_SERVICES


def test_connections_end_with_their_session(server: EnipServer, client: RawEnipClient):
    client.open()
    client.sock.close()
    wait_until(lambda: server.connections == 0, "the end of the session")
    assert len(server.cip_connections) == 0


def refusal_of(client: RawEnipClient, message: bytes) -> tuple[int, tuple[int, ...]]:
    answer = client.unconnected(message)
    return answer.status, answer.extended


def test_why_connections_are_refused(client: RawEnipClient):
    assert refusal_of(client, forward_open(8)) == (1, (0x109,))
    assert refusal_of(client, forward_open(5000, large=True)) == (1, (0x109,))
    assert refusal_of(client, forward_open(transport=0xA1)) == (1, (0x103,))
    assert refusal_of(client, forward_close()) == (1, (0x107,))
    assert refusal_of(client, forward_open()[:-2]) == (0x13, ())
    assert refusal_of(client, forward_open()[:20]) == (0x13, ())
    assert client.open().status == 0
    assert refusal_of(client, forward_open()) == (1, (0x100,))


def test_a_refused_connection_names_who_asked(client: RawEnipClient):
    assert client.unconnected(forward_open(8)).data == struct.pack("<HHIBx", 1, 0x1009, 0x71190427, 0)


def test_a_controller_without_large_connections_refuses_the_service():
    with EnipServer(port=0, large_forward_open=False) as server, RawEnipClient(server.port) as client:
        client.register()
        assert client.open(4000).status == 0x08
        assert client.open(500, large=False).status == 0


def test_a_controller_has_so_many_connections():
    with EnipServer(port=0, max_connections=2) as server, RawEnipClient(server.port) as client:
        client.register()
        assert [client.open(serial=serial).status for serial in (1, 2)] == [0, 0]
        assert refusal_of(client, forward_open(serial=3)) == (1, (0x113,))
        client.unconnected(forward_close(serial=1))
        assert client.open(serial=3).status == 0


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (b"\x01\x02", (0, ())),
        (b"", (0, ())),
        (b"\x01\x00\x12\x0810.0.0.2\x01\x02", (0, ())),
        (SLOT_0, (1, (0x312,))),
        (b"\x02\x02", (1, (0x311,))),
    ],
)
def test_a_route_must_end_in_the_controllers_slot(route: bytes, expected: tuple[int, tuple[int, ...]]):
    with EnipServer(port=0, slot=2) as server, RawEnipClient(server.port) as client:
        client.register()
        answer = client.open(route=route)
        assert (answer.status, answer.extended) == expected
        wrapped = unconnected_send(request(1, IDENTITY), route)
        assert refusal_of(client, wrapped) == expected


def test_a_controller_without_a_backplane_accepts_no_route():
    with EnipServer(port=0, backplane=False) as server, RawEnipClient(server.port) as client:
        client.register()
        assert refusal_of(client, forward_open()) == (1, (0x311,))
        assert refusal_of(client, unconnected_send(request(1, IDENTITY))) == (1, (0x311,))
        assert refusal_of(client, forward_open(route=b"")) == (0, ())


def test_several_services_in_one_message(client: RawEnipClient):
    client.open()
    answer = client.connected(
        multiple(request(0x4B, ECHO, b"one"), request(0x44, ECHO), request(0x0E, IDENTITY + b"\x30\x06"))
    )
    assert (answer.service, answer.status) == (0x8A, 0x1E)
    assert [
        (part.service, part.status, part.extended, part.data) for part in parse_multiple(answer.data)
    ] == [
        (0xCB, 0, (), b"one"),
        (0xC4, 5, (0x1234, 0x5678), b""),
        (0x8E, 0, (), b"\xcd\xab\x12\x00"),
    ]


def test_several_good_services_are_a_success(client: RawEnipClient):
    answer = client.unconnected(multiple(request(0x4B, ECHO, b"one"), request(0x4B, ECHO, b"two")))
    assert answer.status == 0
    assert [part.data for part in parse_multiple(answer.data)] == [b"one", b"two"]


@pytest.mark.parametrize("data", [b"", b"\1", b"\0\0", b"\2\0\6\0", b"\2\0\x09\0\6\0abcdef"])
def test_a_packet_of_services_must_make_sense(client: RawEnipClient, data: bytes):
    assert client.unconnected(request(0x0A, b"\x20\x02\x24\x01", data)).status in (0x13, 0x20)


def test_each_service_of_a_packet_gets_the_room_that_is_left(client: RawEnipClient, objects: EchoObjects):
    client.open(500, large=False)
    answer = client.connected(
        multiple(request(0x33, ECHO, b"\x64\0"), request(0x33, ECHO, b"\xf4\1"), request(0x4B, ECHO, b"end"))
    )
    assert [part.status for part in parse_multiple(answer.data)] == [0, 0x11, 0]
    assert [sent.max_reply for sent in objects.requests] == [474, 374, 374]


def test_a_controller_without_packets_of_services_refuses_them():
    with EnipServer(port=0, multiple_services=False) as server, RawEnipClient(server.port) as client:
        assert client.register().unconnected(multiple(request(1, IDENTITY))).status == 0x08


@pytest.mark.parametrize(("size", "status"), [(494, 0), (495, 0x11)])
def test_a_reply_must_fit_its_connection(client: RawEnipClient, size: int, status: int):
    client.open(500, large=False)
    assert client.connected(request(0x33, ECHO, struct.pack("<H", size))).status == status


def test_requests_larger_than_their_connection_are_counted(server: EnipServer, client: RawEnipClient):
    client.open(500, large=False)
    client.connected(request(0x33, ECHO, struct.pack("<H", 1) + bytes(490 - 6)))
    assert server.oversized == 0
    client.connected(request(0x33, ECHO, struct.pack("<H", 1) + bytes(500)))
    assert server.oversized == 1


def test_a_controller_without_objects_has_an_identity_only(client: RawEnipClient):
    with EnipServer(port=0) as server, RawEnipClient(server.port) as plain:
        plain.register()
        assert plain.unconnected(request(1, IDENTITY)).status == 0
        assert plain.unconnected(request(1, ECHO)).status == 5


@pytest.mark.parametrize(
    ("message", "status"),
    [(b"", 0x13), (b"\x01", 0x13), (b"\x01\x09\x20", 0x13), (b"\x52\x02\x20\x06\x24\x01\x0a", 0x13)],
)
def test_cut_messages_are_refused(client: RawEnipClient, message: bytes, status: int):
    assert client.unconnected(message).status == status


def test_a_wrapped_message_is_not_wrapped_again(client: RawEnipClient):
    wrapped = unconnected_send(unconnected_send(request(1, IDENTITY)))
    assert client.unconnected(wrapped).status == 0x13


def test_other_services_of_the_connection_manager_are_refused(client: RawEnipClient):
    assert client.unconnected(request(0x01, b"\x20\x06\x24\x01")).status == 0x08


def test_a_taken_port_is_said_and_nothing_is_left_open(server: EnipServer):
    with pytest.raises(ServerStartError, match=rf"127\.0\.0\.1:{server.port}.*choose another port"):
        EnipServer(port=server.port).start()


def test_a_taken_udp_port_frees_the_tcp_port():
    """On an address of its own: at 127.0.0.1 the TCP port may be anybody's."""
    host = "127.11.77.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((host, 0))
        port = holder.getsockname()[1]
        with pytest.raises(ServerStartError, match=rf"UDP 127\.11\.77\.1:{port}"):
            EnipServer(host=host, port=port, udp=True).start()
    with EnipServer(host=host, port=port, udp=True) as server:
        assert server.port == port


def test_a_stopped_server_starts_again_on_its_port(server: EnipServer):
    port = server.port
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        RawEnipClient(port)
    server.start()
    server.start()
    with RawEnipClient(port) as client:
        assert client.register().session


def test_a_server_may_be_named_by_host():
    with EnipServer("localhost", 0) as server, RawEnipClient(server.port) as client:
        assert identity_of(client.exchange(frame(LIST_IDENTITY)).data)[1] == "127.0.0.1"


def test_a_hundred_controllers_share_a_thread():
    with ServerLoop() as loop:
        servers = [EnipServer("127.0.0.1", 0, EnipIdentity(serial=n), loop=loop).start() for n in range(100)]
        for number, server in enumerate(servers):
            with RawEnipClient(server.port) as client:
                assert identity_of(client.exchange(frame(LIST_IDENTITY)).data)[8] == number
        for server in servers:
            server.stop()


def test_sessions_that_come_and_go_leave_nothing_behind(server: EnipServer):
    def open_sockets() -> int:
        sockets = psutil.Process().net_connections("tcp")
        return sum(server.port in (each.laddr[1:] + each.raddr[1:]) for each in sockets)

    assert open_sockets() == 1
    for number in range(200):
        with RawEnipClient(server.port) as client:
            client.register().open(serial=number)
            if number % 2:
                client.sock.sendall(frame(UNREGISTER, session=client.session))
    wait_until(lambda: server.connections == 0, "all sessions to end")
    wait_until(lambda: open_sockets() == 1, "all sockets but the listening one to be closed")
    assert (len(server.cip_connections), server.clients()) == (0, ())
