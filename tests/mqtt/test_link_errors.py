"""Each thing that can be wrong with a broker has a sentence of its own."""

import errno
import random
import socket
from collections.abc import Iterator

import pytest

from drivers.mqtt.base import BrokerSettings, Outgoing
from drivers.mqtt.errors import from_os_error
from drivers.mqtt.link import MqttLink
from drivers.mqtt.packets import Publish
from drivers.mqtt.session import Timing
from engine.clock import SystemClock
from engine.nodes import BrokerState
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import Recorder, at, linked
from tests.mqtt.scripted import ScriptedBroker
from tests.names import SlowNames
from tests.waiting import wait_until

ACCEPTED = b"\x20\x02\x00\x00"
ACCEPTED_5 = b"\x20\x03\x00\x00\x00"


def cause_of(settings: BrokerSettings, expected_logs, **keys: object) -> str:
    """Why no session can be opened."""
    expected_logs.add("test: ")
    with linked(settings, wait=False, **keys) as (link, seen):  # type: ignore[arg-type]
        wait_until(lambda: seen.causes, "a cause")
        assert not seen.connected
        assert link.status().cause == seen.causes[0]
        return seen.causes[0]


def test_nobody_listens(expected_logs) -> None:
    assert "refused the connection: no broker listens there" in cause_of(at(free_port()), expected_logs)


def test_the_name_is_unknown(expected_logs) -> None:
    cause = cause_of(BrokerSettings("no-such-broker.invalid"), expected_logs)
    assert cause.startswith("The name no-such-broker.invalid of the broker is not known")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowNames]:
    slow = SlowNames()
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield slow
    slow.answer.set()


def test_a_name_server_that_says_nothing_is_not_waited_for(names: SlowNames, expected_logs) -> None:
    timing = Timing(first_delay_s=0.01, open_s=0.05)
    cause = cause_of(BrokerSettings("broker.example"), expected_logs, timing=timing)
    assert cause == (
        "The address of the broker broker.example was not found in time: check the name server (DNS), "
        "or put the address itself into mqtt.broker_host."
    )
    assert not names.answered.is_set()


def test_however_often_a_link_tries_one_look_up_of_its_name_is_out(names: SlowNames, expected_logs) -> None:
    expected_logs.add("test: ")
    timing = Timing(first_delay_s=0.0, open_s=0.01)
    with linked(BrokerSettings("broker.example"), wait=False, timing=timing) as (_, seen):
        wait_until(lambda: seen.causes, "a cause")
        assert not seen.prepared, "no session number is used up before the broker is reached"
        wait_until(lambda: names.asked, "the look-up")
    assert names.asked == ["broker.example"]


def test_a_link_that_looks_for_a_name_can_be_stopped(names: SlowNames) -> None:
    with linked(BrokerSettings("broker.example"), wait=False, timing=Timing(open_s=30.0)) as (link, _):
        wait_until(lambda: names.asked, "the look-up")
        link.stop()
        assert link.status().state is BrokerState.OFF
    assert not names.answered.is_set()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENETUNREACH, ""), "No way leads to the broker b:1: check cable, address and gateway."),
        (
            OSError(errno.EHOSTUNREACH, ""),
            "No way leads to the broker b:1: check cable, address and gateway.",
        ),
        (ConnectionResetError(errno.ECONNRESET, ""), "was cut by it or by the network in between."),
        (
            OSError(errno.EACCES, "Permission denied"),
            "The connection to the broker b:1 failed: Permission denied.",
        ),
    ],
)
def test_what_the_network_says(error: OSError, sentence: str) -> None:
    assert sentence in str(from_os_error(error, "b:1"))


def test_a_port_that_never_answers(expected_logs) -> None:
    with ScriptedBroker(b"", stays=True) as silent:
        timing = Timing(first_delay_s=0.05, accept_s=0.3)
        cause = cause_of(at(silent.port), expected_logs, timing=timing)
        assert "does not answer as an MQTT broker" in cause


def test_a_host_that_takes_no_connection_in_time(expected_logs) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        cause = cause_of(at(port), expected_logs, timing=Timing(first_delay_s=0.05, open_s=0.3))
        assert "does not answer: check address, port, cable and firewall" in cause
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_wrong_password(protocol: str, expected_logs) -> None:
    with Mosquitto(users={"line1": "right"}) as broker:
        wrong = at(broker.port, protocol=protocol, username="line1", password="wrong")
        cause = cause_of(wrong, expected_logs)
        assert "does not let the user line1 in" in cause
        assert "wrong" not in cause.replace("password is wrong", "")
        nobody = cause_of(at(broker.port, protocol=protocol), expected_logs)
        assert "does not let us without a user name in" in nobody
        right = at(broker.port, protocol=protocol, username="line1", password="right")
        with linked(right) as (_, seen):
            assert seen.connected


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"\x20\x02\x00\x01", 'does not speak MQTT 3.1.1: set mqtt.protocol to "5"'),
        (b"\x20\x02\x00\x02", "does not accept the client id scripted"),
        (b"\x20\x02\x00\x03", "is not available at present"),
        (b"\x20\x02\x00\x04", "the name or the password is wrong"),
        (b"\x20\x02\x00\x05", "check name, password and the broker's access list"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is mqtt.transport: websockets meant?"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "wants an encrypted connection: set mqtt.use_tls to true"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "is no MQTT broker"),
        (b"", "closed the connection without an answer: it may want an encrypted connection"),
    ],
)
def test_what_a_broker_or_another_server_answers_to_mqtt_3(
    answer: bytes, sentence: str, expected_logs
) -> None:
    with ScriptedBroker(answer) as other:
        assert sentence in cause_of(at(other.port), expected_logs, client_id="scripted")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (0x84, 'does not speak MQTT 5: set mqtt.protocol to "3.1.1"'),
        (0x85, "does not accept the client id scripted"),
        (0x86, "the name or the password is wrong"),
        (0x87, "check name, password and the broker's access list"),
        (0x88, "is not available at present"),
        (0x89, "is busy"),
        (0x8A, "has banned us (client id scripted)"),
        (0x9F, "takes no more connections for the moment"),
        (0x83, "reason code 0x83"),
    ],
)
def test_what_a_broker_answers_to_mqtt_5(code: int, sentence: str, expected_logs) -> None:
    with ScriptedBroker(b"\x20\x03\x00" + bytes([code, 0])) as other:
        assert sentence in cause_of(at(other.port, protocol="5"), expected_logs, client_id="scripted")


def test_an_old_broker_answers_mqtt_5_in_the_old_way(expected_logs) -> None:
    with ScriptedBroker(b"\x20\x02\x00\x01") as old:
        cause = cause_of(at(old.port, protocol="5"), expected_logs)
        assert 'does not speak MQTT 5: set mqtt.protocol to "3.1.1"' in cause


def test_a_refused_subscription_ends_the_session(expected_logs) -> None:
    with ScriptedBroker(ACCEPTED, b"\x90\x03\x00\x01\x80", stays=True) as strict:
        cause = cause_of(at(strict.port), expected_logs, filters=[("plant/#", 1)])
        assert "does not let us subscribe to plant/# (reason code 0x80): check its access list" in cause


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (0x8B, "is shutting down"),
        (0x8E, "Another client with the client id scripted took our place"),
        (0x95, "is larger than its limit for packets"),
        (0x8D, "longer than the keep-alive time"),
        (0x98, "by a decision of those who run it"),
        (0x82, "reason code 0x82"),
    ],
)
def test_why_a_broker_ends_a_session_of_mqtt_5(code: int, sentence: str, expected_logs) -> None:
    expected_logs.add("test: ")
    with (
        ScriptedBroker(ACCEPTED_5 + b"\xe0\x01" + bytes([code])) as ending,
        linked(at(ending.port, protocol="5"), client_id="scripted") as (_, seen),
    ):
        wait_until(lambda: seen.causes, "the end")
        assert sentence in seen.causes[0]


def test_a_publication_that_the_access_list_forbids_is_never_reported_as_sent(expected_logs) -> None:
    """This Mosquitto even ends the session then; the cause still names the message."""
    expected_logs.add("refused a message to denied/x: check its access list")
    with Mosquitto(users={"line1": "word"}, acl=["user line1", "topic readwrite allowed/#"]) as broker:
        settings = at(broker.port, protocol="5", username="line1", password="word")
        with linked(settings) as (link, seen):
            link.publish(Outgoing("denied/x", b"", 1))
            wait_until(lambda: link.status().refused, "the refusal")
            wait_until(lambda: len(seen.connected) == 2, "the next session")
            allowed = link.publish(Outgoing("allowed/x", b"", 1))
            wait_until(lambda: seen.sent, "the confirmation")
            assert seen.sent == [allowed]
            assert "refused a message to denied/x: check its access list. It ended" in seen.causes[0]


def test_a_refused_publication_is_counted_and_leaves_the_queue(expected_logs) -> None:
    expected_logs.add("refused a message to a: a quota is used up")
    refusals = b"\x40\x03\x00\x01\x97" + b"\x40\x03\x00\x02\x97"
    with (
        ScriptedBroker(ACCEPTED_5, refusals, stays=True) as strict,
        linked(at(strict.port, protocol="5")) as (link, seen),
    ):
        link.publish(Outgoing("a", b"", 1))
        link.publish(Outgoing("a", b"", 1))
        wait_until(lambda: link.status().refused == 2, "both refusals")
        assert link.status().queue == 0
        assert seen.sent == []


def test_a_message_above_the_brokers_limit_is_not_sent_and_costs_no_session(expected_logs) -> None:
    expected_logs.add("A message to big of 5000 bytes was not sent: .* takes packets of 2000 bytes at most")
    with (
        Mosquitto(options=["max_packet_size 2000"]) as broker,
        linked(at(broker.port, protocol="5"), filters=[("big", 0)]) as (link, seen),
    ):
        link.publish(Outgoing("big", b"x" * 5000, 1))
        small = link.publish(Outgoing("big", b"y", 1))
        wait_until(lambda: seen.sent, "the confirmation")
        assert seen.sent == [small]
        assert link.status().refused == 1
        assert not seen.causes


def test_the_keep_alive_time_that_a_broker_of_mqtt_5_sets_is_kept(expected_logs) -> None:
    expected_logs.add("test: ")
    one_second = b"\x20\x06\x00\x00\x03\x13\x00\x01"
    with (
        ScriptedBroker(one_second, stays=True) as silent,
        linked(at(silent.port, keep_alive_s=600, protocol="5")) as (_, seen),
    ):
        wait_until(lambda: seen.causes, "the end")
        assert "has not answered for 1 s" in seen.causes[0]


def test_no_more_is_on_its_way_than_a_broker_of_mqtt_5_takes() -> None:
    two = b"\x20\x06\x00\x00\x03\x21\x00\x02"
    with ScriptedBroker(two, b"\x40\x02\x00\x01", stays=True) as narrow, NetworkProxy(narrow.port) as net:
        with linked(at(net.port, protocol="5"), timing=Timing(farewell_s=0.2)) as (link, seen):
            for number in range(5):
                link.publish(Outgoing("narrow", bytes([number]), 1))
            wait_until(lambda: seen.sent, "the only confirmation")
            probe = link.probe()
            assert probe is not None
            wait_until(lambda: len(published(net)) == 3, "what may follow")
            link.stop([Outgoing("narrow", b"farewell", 1)])
        assert published(net) == [bytes([number]) for number in range(3)]


def published(net: NetworkProxy) -> list[bytes]:
    return [packet.payload for packet in net.packets() if isinstance(packet, Publish)]


def test_equal_failures_in_a_row_are_told_once(expected_logs) -> None:
    expected_logs.add("test: ")
    tries = set()
    with linked(at(free_port()), wait=False) as (link, seen):
        wait_until(lambda: tries.add(link.status().retry_at_us) or len(tries) > 3, "some tries")
        assert len(seen.causes) == 1


def test_brokers_that_fail_in_turn_are_told_once_each(expected_logs) -> None:
    expected_logs.add("test: ")
    tries = set()
    with linked([at(free_port()), at(free_port())], wait=False) as (link, seen):
        wait_until(lambda: tries.add(link.status().retry_at_us) or len(tries) > 3, "some rounds")
        assert len(seen.causes) == 2


def test_a_handler_that_cannot_give_a_will_is_asked_again(broker: Mosquitto, expected_logs) -> None:
    expected_logs.add("the MQTT link of test failed")
    expected_logs.add("The link failed by a fault of this program")

    class Forgetful(Recorder):
        def prepare(self) -> Outgoing | None:
            if not super().prepare() and self.prepared == 1:
                raise LookupError
            return None

    with linked(at(broker.port), Forgetful()) as (_, seen):
        assert seen.prepared == 2


def test_a_link_that_never_starts_costs_nothing() -> None:
    link = MqttLink([at(1)], "idle", Recorder(), "test", SystemClock(), random.Random(1))
    assert link.publish(Outgoing("a", b"")) is None
    link.retry_now()
    link.stop()
    assert link.status().state is BrokerState.OFF
