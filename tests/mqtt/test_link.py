"""An MQTT link against a real broker."""

import pytest

from drivers.mqtt.base import Outgoing
from engine.nodes import BrokerState
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.recording import Recorder, at, linked
from tests.waiting import wait_until


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_what_is_published_arrives_and_is_reported_as_sent(
    broker: Mosquitto, protocol: str, qos: int
) -> None:
    with linked(at(broker.port, protocol=protocol), filters=[(f"a/{protocol}/{qos}/#", qos)]) as (link, seen):
        tokens = [link.publish(Outgoing(f"a/{protocol}/{qos}/{n}", b"x" * n, qos)) for n in range(300)]
        wait_until(lambda: len(seen.messages) == 300, "all messages")
        wait_until(lambda: len(seen.sent) == 300, "all confirmations")
        assert [message.payload for message in seen.messages] == [b"x" * n for n in range(300)]
        assert sorted(seen.sent) == tokens
        assert seen.threads == {"mqtt-test"}
        status = link.status()
        assert (status.state, status.sent, status.received) == (BrokerState.CONNECTED, 300, 300)
        assert status.queue == 0
    assert link.status().state is BrokerState.OFF
    assert link.publish(Outgoing("a", b"")) is None


def test_a_link_comes_back_after_a_restart_of_the_broker(expected_logs) -> None:
    expected_logs.add("test: The (broker|connection)")
    with Mosquitto() as broker, linked(at(broker.port), filters=[("back", 1)]) as (link, seen):
        broker.stop()
        wait_until(lambda: seen.causes, "the loss")
        assert link.publish(Outgoing("back", b"lost")) is None
        broker.start()
        wait_until(lambda: len(seen.connected) == 2, "the session")
        link.publish(Outgoing("back", b"new", 1))
        wait_until(lambda: seen.messages, "the message")
        assert [message.payload for message in seen.messages] == [b"new"]


def test_the_farewell_arrives_before_the_link_ends(broker: Mosquitto) -> None:
    will = Outgoing("farewell/will", b"dead", 1)
    with linked(at(broker.port), filters=[("farewell/#", 1)]) as (_, seen):
        with linked(at(broker.port), Recorder([will])) as (link, _):
            link.stop([Outgoing("farewell/said", b"bye", 1)])
        wait_until(lambda: seen.messages, "the farewell")
        assert [message.payload for message in seen.messages] == [b"bye"]
