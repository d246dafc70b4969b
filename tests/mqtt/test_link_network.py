"""A link on a network that fails: cut, stalled, slow."""

import random
import time

import pytest

from drivers.mqtt.base import BrokerSettings, Incoming, Outgoing
from drivers.mqtt.link import MqttLink
from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from drivers.mqtt.session import Timing
from engine.clock import SystemClock
from engine.nodes import BrokerState
from tests.clock import ManualClock
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import QUICK, Recorder, at, linked
from tests.mqtt.scripted import ScriptedBroker
from tests.waiting import wait_until


def test_every_connect_carries_a_will_of_its_own_and_the_broker_sends_the_one_of_the_lost_session(
    broker: Mosquitto, expected_logs
) -> None:
    expected_logs.add("test: ")
    wills = [Outgoing("own/will", str(number).encode(), 1) for number in range(1, 10)]
    with NetworkProxy(broker.port) as net, linked(at(broker.port), filters=[("own/#", 1)]) as (_, witness):
        with linked(at(net.port), Recorder(wills)) as (_, seen):
            net.drop()
            wait_until(lambda: len(seen.connected) == 2, "the second session")
            net.cut()
            wait_until(lambda: len(seen.causes) >= 2, "the loss")
            net.restore()
            wait_until(lambda: len(seen.connected) == 3, "the third session")
        wait_until(lambda: len(witness.messages) >= 2, "two wills")
        assert [message.payload for message in witness.messages] == [b"1", b"2"]
        connects = [packet for packet in net.packets() if isinstance(packet, Connect)]
        assert [packet.will.payload for packet in connects if packet.will][:2] == [b"1", b"2"]
        assert len({packet.will for packet in connects}) == len(connects)
        assert all(packet.clean for packet in connects)


def test_the_tap_reads_what_a_client_says(broker: Mosquitto) -> None:
    for protocol, version, reason in (("3.1.1", 4, 0), ("5", 5, 4)):
        will = Outgoing("tap/will", b"w", 1, False)
        with NetworkProxy(broker.port) as net:
            with linked(
                at(net.port, protocol=protocol, keep_alive_s=7),
                Recorder([will]),
                filters=[("tap/+", 1), ("tap2/#", 0)],
                client_id="tapped",
            ) as (link, seen):
                link.publish(Outgoing("tap/one", b"1", 1, True))
                wait_until(lambda s=seen: s.sent, "the confirmation")
                link.stop([Outgoing("tap/bye", b"2", 1)])
            wait_until(lambda n=net: isinstance(n.packets()[-1], Disconnect), "the end")
            said = net.packets()
        connect = said[0]
        assert isinstance(connect, Connect)
        assert connect == Connect(version, "tapped", True, 7, ("tap/will", b"w", 1, False), None, None, 0)
        assert [packet.filters for packet in said if isinstance(packet, Subscribe)] == [
            (("tap/+", 1), ("tap2/#", 0))
        ]
        published = [packet for packet in said if isinstance(packet, Publish)]
        assert [(packet.topic, packet.payload, packet.qos, packet.retain) for packet in published] == [
            ("tap/one", b"1", 1, True),
            ("tap/bye", b"2", 1, False),
        ]
        assert said[-1] == Disconnect(reason)


def test_a_stalled_network_ends_the_session_after_the_keep_alive_time(
    broker: Mosquitto, expected_logs
) -> None:
    expected_logs.add("test: ")
    with NetworkProxy(broker.port) as net, linked(at(net.port, keep_alive_s=1)) as (_, seen):
        net.stall()
        wait_until(lambda: seen.causes, "the loss")
        assert "has not answered for" in seen.causes[0]
        net.restore()
        wait_until(lambda: len(seen.connected) == 2, "the second session")


def test_a_broker_that_is_killed_is_found_again(expected_logs) -> None:
    expected_logs.add("test: ")
    with Mosquitto() as broker, linked(at(broker.port), filters=[("kill/#", 1)]) as (link, seen):
        broker.kill()
        wait_until(lambda: seen.causes, "the loss")
        broker.start()
        wait_until(lambda: len(seen.connected) == 2, "the next session")
        link.publish(Outgoing("kill/a", b"", 1))
        wait_until(lambda: seen.messages, "a message of the new session")
        assert link.status().reconnects == 1


def test_a_frozen_broker_is_given_up_after_the_keep_alive_time(expected_logs) -> None:
    expected_logs.add("test: ")
    with Mosquitto() as broker, linked(at(broker.port, keep_alive_s=1)) as (_, seen):
        broker.freeze(True)
        wait_until(lambda: seen.causes, "the loss")
        assert "has not answered for" in seen.causes[0]
        broker.freeze(False)
        wait_until(lambda: len(seen.connected) == 2, "the next session")


def test_what_waits_when_the_network_dies_is_not_sent_later(broker: Mosquitto, expected_logs) -> None:
    expected_logs.add("test: ")
    with (
        NetworkProxy(broker.port) as net,
        linked(at(broker.port), filters=[("late/#", 1)]) as (_, witness),
        linked(at(net.port)) as (link, seen),
    ):
        net.stall()
        tokens = [link.publish(Outgoing("late/lost", b"", 1)) for _ in range(50)]
        assert None not in tokens
        assert link.status().queue == 50
        net.drop()
        wait_until(lambda: seen.causes, "the loss")
        net.restore()
        wait_until(lambda: len(seen.connected) == 2, "the next session")
        assert link.status().queue == 0
        link.publish(Outgoing("late/new", b"", 1))
        wait_until(lambda: seen.sent, "the confirmation")
        wait_until(lambda: witness.messages, "the new message")
        assert [message.topic for message in witness.messages] == ["late/new"]
        assert not [packet for packet in net.packets() if isinstance(packet, Publish) and packet.duplicate]


def test_a_full_queue_refuses_and_counts(broker: Mosquitto) -> None:
    with NetworkProxy(broker.port) as net, linked(at(net.port, queue_limit=10)) as (link, seen):
        net.stall()
        answers = [link.publish(Outgoing("full", b"", 1)) for _ in range(15)]
        assert [answer is None for answer in answers] == [False] * 10 + [True] * 5
        status = link.status()
        assert (status.queue, status.queue_limit, status.refused) == (10, 10, 5)
        net.restore()
        wait_until(lambda: len(seen.sent) == 10, "the others")
        assert link.publish(Outgoing("full", b"", 1)) is not None


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_stopping_on_a_dead_network_is_quick_and_the_will_speaks_for_the_farewell(
    broker: Mosquitto, protocol: str
) -> None:
    will = Outgoing(f"quick{protocol}/will", b"dead", 1)
    with NetworkProxy(broker.port) as net, linked(at(broker.port), filters=[(will.topic, 1)]) as (_, witness):
        with linked(at(net.port, protocol=protocol), Recorder([will])) as (link, _):
            net.stall()
            started = time.monotonic()
            link.stop([Outgoing("quick/farewell", b"", 1)])
            assert link.status().state is BrokerState.OFF
            assert time.monotonic() - started < 30
            net.drop()
        wait_until(lambda: witness.messages, "the will")


def test_a_farewell_that_is_not_acknowledged_leaves_the_word_to_the_will(expected_logs) -> None:
    """Before MQTT 5 by hanging up, with MQTT 5 by the reason code of DISCONNECT."""
    for protocol, accepted in (("3.1.1", b"\x20\x02\x00\x00"), ("5", b"\x20\x03\x00\x00\x00")):
        with ScriptedBroker(accepted, stays=True) as deaf, NetworkProxy(deaf.port) as net:
            will = Outgoing("w", b"dead", 1, True)
            settings = at(net.port, protocol=protocol)
            with linked(settings, Recorder([will]), timing=Timing(farewell_s=0.2)) as (link, _):
                link.stop([Outgoing("w", b"bye", 1, True)])
            wait_until(lambda n=net: n.connections[0].closed_by, "the end")
            said = [packet for packet in net.packets() if isinstance(packet, Disconnect)]
            assert said == ([] if protocol == "3.1.1" else [Disconnect(4)])


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_retained_will_does_not_replace_the_farewell(broker: Mosquitto, protocol: str) -> None:
    topic = f"state/{protocol}"
    with linked(at(broker.port), filters=[(topic, 1)]) as (link, witness):
        settings = at(broker.port, protocol=protocol)
        with linked(settings, Recorder([Outgoing(topic, b"will", 1, True)])) as (other, _):
            other.stop([Outgoing(topic, b"farewell", 1, True)])
        link.publish(Outgoing(topic, b"end", 1))
        wait_until(lambda: len(witness.messages) == 2, "both messages")
        assert [message.payload for message in witness.messages] == [b"farewell", b"end"]


def test_brokers_are_tried_in_order_and_walked_on_request(expected_logs) -> None:
    expected_logs.add("test: ")
    nobody = at(free_port())
    with Mosquitto() as first, Mosquitto() as second:
        brokers = [nobody, at(first.port), at(second.port)]
        with linked(brokers) as (link, seen):
            assert seen.connected == [brokers[1].address]
            link.reconnect(next_broker=True)
            wait_until(lambda: len(seen.connected) == 2, "the next broker")
            assert seen.connected[1] == brokers[2].address
            assert link.status().address == brokers[2].address
            second.stop()
            wait_until(lambda: len(seen.connected) == 3, "the first that is there")
            assert seen.connected[2] == brokers[1].address


def _pauses_s(link, seen, clock, rounds: int) -> list[float]:
    """How long it rests after each of many rounds in which every broker let it in and was left again."""
    pauses: list[float] = []
    while len(pauses) < rounds:
        sessions = len(seen.connected)
        link.reconnect(next_broker=True)
        wait_until(lambda n=sessions: link.status().retry_at_us or len(seen.connected) > n, "what is next")
        until_us = link.status().retry_at_us
        if until_us is not None:
            pauses.append((until_us - clock.utc_us()) / 1e6)
            link.retry_now()
            wait_until(lambda n=sessions: len(seen.connected) > n, "the next round")
    return pauses


@pytest.mark.parametrize("count", [1, 2])
def test_a_healthy_broker_that_is_left_on_purpose_is_no_failure(count: int, broker: Mosquitto) -> None:
    clock = ManualClock()
    with (
        Mosquitto() as other,
        linked([at(broker.port), at(other.port)][:count], timing=Timing(), clock=clock) as (link, seen),
    ):
        pauses = _pauses_s(link, seen, clock, 10)
    assert all(1 <= pause <= 7.5 for pause in pauses)
    assert len(set(pauses)) == len(pauses), "many links do not come at once"


def test_pauses_after_failures_are_not_shortened_by_sessions_that_are_left(expected_logs) -> None:
    expected_logs.add("test: ")
    clock = ManualClock()
    with Mosquitto() as own, linked(at(own.port), timing=Timing(), clock=clock) as (link, seen):
        failures = []
        for number in range(1, 5):
            own.stop()
            wait_until(lambda: link.status().retry_at_us, "the pause after the loss")
            failures.append((link.status().retry_at_us - clock.utc_us()) / 1e6)
            own.start()
            link.retry_now()
            wait_until(lambda n=number: len(seen.connected) == 2 * n, "a session")
            _pauses_s(link, seen, clock, 1)
    assert failures[-1] >= 8


def test_a_reconnect_says_farewell_and_takes_a_new_will(broker: Mosquitto) -> None:
    wills = [Outgoing("again/will", b"1", 1), Outgoing("again/will", b"2", 1)]
    with linked(at(broker.port), filters=[("again/#", 1)]) as (_, witness), NetworkProxy(broker.port) as net:
        with linked(at(net.port), Recorder(wills)) as (link, seen):
            link.reconnect([Outgoing("again/bye", b"", 1)])
            wait_until(lambda: len(seen.connected) == 2, "the next session")
            assert seen.causes == ["The session was ended on purpose."]
        assert [c.connect.will.payload for c in net.connections if c.connect and c.connect.will] == [
            b"1",
            b"2",
        ]
        assert [message.topic for message in witness.messages] == ["again/bye"]


class LeavingClock(SystemClock):
    """Asks a link to leave while it reads what the broker says to its first CONNECT."""

    def __init__(self) -> None:
        self.link: MqttLink | None = None

    def utc_us(self) -> int:
        link, self.link = self.link, None
        if link is not None:
            link.reconnect()
        return super().utc_us()


class LeavingRecorder(Recorder):
    """Arms the clock before CONNECT, and publishes in each session as soon as it is told of it."""

    def __init__(self, clock: LeavingClock) -> None:
        super().__init__()
        self.clock = clock
        self.link: MqttLink | None = None
        self.tokens: list[int | None] = []

    def prepare(self) -> Outgoing | None:
        if not self.prepared:
            self.clock.link = self.link
        return super().prepare()

    def on_connected(self, broker: BrokerSettings) -> None:
        super().on_connected(broker)
        assert self.link is not None
        self.tokens.append(self.link.publish(Outgoing("left", b"")))


def test_a_session_that_was_told_to_leave_before_it_was_ready_takes_nothing(broker: Mosquitto) -> None:
    clock = LeavingClock()
    seen = LeavingRecorder(clock)
    link = MqttLink([at(broker.port)], "leaving", seen, "test", clock, random.Random(1), QUICK)
    seen.link = link
    link.start()
    try:
        wait_until(lambda: seen.tokens and seen.tokens[-1] is not None, "a session that stays")
    finally:
        link.stop()
    assert seen.tokens[:-1] == [None]
    assert len(seen.causes) == len(seen.connected) == 2


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_two_clients_with_one_id_are_recognised_by_the_pattern(
    broker: Mosquitto, protocol: str, expected_logs
) -> None:
    """A broker of MQTT 5 may say it, but this one does not when sessions are clean."""
    expected_logs.add("test: ")
    settings = at(broker.port, protocol=protocol)
    with linked(settings, client_id="twin") as (_, one), linked(settings, client_id="twin"):
        wait_until(
            lambda: any("another client uses the client id twin" in cause for cause in one.causes), "it"
        )
        assert len(one.causes) >= 3


def test_a_fault_in_the_handler_is_logged_and_ends_nothing(broker: Mosquitto, expected_logs) -> None:
    expected_logs.add("a message on fault could not be handled")
    expected_logs.add("the start of a session of test could not be handled")
    expected_logs.add("the end of a sending could not be handled")

    class Faulty(Recorder):
        def on_connected(self, broker: BrokerSettings) -> None:
            super().on_connected(broker)
            raise RuntimeError

        def on_message(self, message: Incoming) -> None:
            super().on_message(message)
            raise ZeroDivisionError

        def on_sent(self, token: int) -> None:
            super().on_sent(token)
            raise KeyError(token)

    with linked(at(broker.port), Faulty(), filters=[("fault", 1)]) as (link, seen):
        for _ in range(3):
            link.publish(Outgoing("fault", b"", 1))
        wait_until(lambda: len(seen.messages) == len(seen.sent) == 3, "all of them")
        assert not seen.causes


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_birth_of_megabytes_arrives_whole(broker: Mosquitto, protocol: str) -> None:
    payload = bytes(range(256)) * 16_384
    with linked(at(broker.port, protocol=protocol), filters=[(f"big/{protocol}", 1)]) as (link, seen):
        link.publish(Outgoing(f"big/{protocol}", payload, 1))
        wait_until(lambda: seen.messages, "the message")
        assert seen.messages[0].payload == payload


def test_mqtt_over_websocket() -> None:
    with Mosquitto(websocket=True) as own:
        settings = at(own.websocket_port or 0, transport="websockets")
        with linked(settings, filters=[("ws/#", 1)]) as (link, seen):
            for number in range(200):
                link.publish(Outgoing(f"ws/{number}", b"x" * number, 1))
            wait_until(lambda: len(seen.messages) == 200, "all messages", 30)
            assert [len(message.payload) for message in seen.messages] == list(range(200))


def test_websocket_and_plain_ports_that_are_mixed_up_are_told(expected_logs) -> None:
    expected_logs.add("test: ")
    with Mosquitto(websocket=True) as own:
        wrong = at(own.port, transport="websockets")
        with linked(wrong, wait=False) as (_, seen):
            wait_until(lambda: seen.causes, "the cause")
            assert "does not speak WebSocket: set mqtt.transport to tcp" in seen.causes[0]
        with linked(at(own.websocket_port or 0), wait=False, timing=Timing(accept_s=1)) as (_, seen):
            wait_until(lambda: seen.causes, "the cause")
            assert "is mqtt.transport: websockets meant?" in seen.causes[0]


def test_the_time_of_an_answer_and_the_rates_are_measured(broker: Mosquitto) -> None:
    with linked(at(broker.port), filters=[("rate/#", 0)], timing=Timing(ping_s=0.2)) as (link, seen):
        wait_until(lambda: link.status().round_trip_ms is not None, "an answer to a ping")

        def busy() -> bool:
            link.publish(Outgoing("rate/a", b"", 0))
            status = link.status()
            return status.sent_per_s > 0 and status.received_per_s > 0

        wait_until(busy, "rates")
        assert seen.connected


def test_a_probe_is_answered_after_what_was_sent_before_it(broker: Mosquitto) -> None:
    with linked(at(broker.port)) as (link, seen):
        messages = [link.publish(Outgoing("probe", b"", 0)) for _ in range(20)]
        probe = link.probe()
        wait_until(lambda: probe in seen.sent, "the answer")
        assert seen.sent == [*messages, probe]
