"""The host's STATE: what it says of itself on a real broker, and what it does when others speak for it."""

import json

import pytest

from drivers.mqtt.base import Outgoing
from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from drivers.sparkplug.host_state import OwnState
from drivers.sparkplug.state import parse_state
from drivers.sparkplug.topic import NAMESPACE
from engine.clock import SystemClock
from tests.drivers.sparkplug.host_runs import bystander, host_on
from tests.drivers.sparkplug.requirements import requirement
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.proxy import NetworkProxy
from tests.waiting import wait_until

_BEHAVIOUR = "tck-id-operational-behavior"
_HOST = f"{_BEHAVIOUR}-host-application"
_FLOW = "tck-id-message-flow"
_PHID = "tck-id-host-topic-phid"


@pytest.fixture(scope="module")
def broker():
    with Mosquitto() as running:
        yield running


def states(listener, host_id):
    return [json.loads(message.payload) for message in listener.states(host_id)]


def sent(net):
    """Topic, content, QoS and retain of every PUBLISH of the host, but commands."""
    return [
        (packet.topic, parse_state(packet.payload), packet.qos, packet.retain)
        for packet in net.packets()
        if isinstance(packet, Publish) and "/STATE/" in packet.topic
    ]


@requirement(
    "tck-id-intro-sparkplug-host-state",
    "tck-id-components-ph-state",
    "tck-id-conformance-primary-host",
    "tck-id-topic-structure",
    "tck-id-topic-structure-namespace-a",
    f"{_PHID}-birth-message",
    f"{_PHID}-birth-qos",
    f"{_PHID}-birth-retain",
    f"{_PHID}-birth-topic",
    f"{_PHID}-birth-payload",
    f"{_PHID}-birth-required",
    f"{_HOST}-connect-birth",
    f"{_HOST}-connect-birth-topic",
    f"{_HOST}-connect-birth-payload",
    f"{_HOST}-connect-birth-qos",
    f"{_HOST}-connect-birth-retained",
    "tck-id-payloads-state-birth",
    "tck-id-payloads-state-birth-payload",
    f"{_FLOW}-phid-sparkplug-state-publish",
    f"{_FLOW}-phid-sparkplug-state-publish-payload",
)
def test_a_late_subscriber_finds_the_state_retained_and_online(broker):
    before_ms = SystemClock().utc_us() // 1000
    with host_on(broker.port, host_id="plain"), bystander(broker.port) as (_, listener):
        wait_until(lambda: listener.states("plain"), "the state")
        message = listener.states("plain")[0]
        assert (message.topic, message.qos, message.retain) == (f"{NAMESPACE}/STATE/plain", 1, True)
        content = json.loads(message.payload)
        assert set(content) == {"online", "timestamp"}
        assert content["online"] is True
        assert before_ms <= content["timestamp"] <= SystemClock().utc_us() // 1000


@requirement(
    f"{_PHID}-death-required",
    f"{_PHID}-death-qos",
    f"{_PHID}-death-retain",
    f"{_PHID}-death-topic",
    f"{_PHID}-death-payload",
    f"{_PHID}-death-payload-timestamp-connect",
    f"{_PHID}-birth-payload-timestamp",
    f"{_PHID}-birth-sub-required",
    f"{_HOST}-connect-will",
    f"{_HOST}-connect-will-topic",
    f"{_HOST}-connect-will-payload",
    f"{_HOST}-connect-will-qos",
    f"{_HOST}-connect-will-retained",
    "tck-id-payloads-state-will-message",
    "tck-id-payloads-state-will-message-qos",
    "tck-id-payloads-state-will-message-retain",
    "tck-id-payloads-state-will-message-payload",
    "tck-id-payloads-state-subscribe",
    f"{_FLOW}-phid-sparkplug-subscription",
    f"{_FLOW}-phid-sparkplug-state-publish-payload-timestamp",
    f"{_FLOW}-phid-sparkplug-clean-session-311",
    f"{_FLOW}-phid-sparkplug-clean-session-50",
    f"{_BEHAVIOUR}-primary-application-state-with-multiple-servers-state",
    f"{_BEHAVIOUR}-primary-application-state-with-multiple-servers-state-subs",
)
@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_a_session_begins_with_will_subscriptions_and_state_in_this_order(broker, protocol):
    with NetworkProxy(broker.port) as net:
        with host_on(net.port, host_id="order", protocol=protocol):
            pass
        connect, subscribe, birth = net.packets()[:3]
    assert isinstance(connect, Connect)
    assert connect.clean
    assert connect.session_expiry_s == 0
    assert connect.will is not None
    topic = f"{NAMESPACE}/STATE/order"
    assert (connect.will.topic, connect.will.qos, connect.will.retain) == (topic, 1, True)
    will = parse_state(connect.will.payload)
    assert will.online is False
    assert isinstance(subscribe, Subscribe)
    assert subscribe.filters[0] == (topic, 1)
    assert subscribe.filters[1:] == ((f"{NAMESPACE}/+/+/+", 1), (f"{NAMESPACE}/+/+/+/+", 1))
    assert isinstance(birth, Publish)
    assert (birth.topic, birth.qos, birth.retain) == (topic, 1, True)
    assert parse_state(birth.payload) == (True, will.timestamp_ms)


@requirement(
    "tck-id-principles-birth-certificates-order",
    f"{_PHID}-death-payload-timestamp-disconnect-clean",
    f"{_PHID}-death-payload-timestamp-disconnect-with-no-disconnect-packet",
    f"{_HOST}-termination",
    f"{_HOST}-death-topic",
    f"{_HOST}-death-payload",
    f"{_HOST}-death-qos",
    f"{_HOST}-death-retained",
    f"{_HOST}-disconnect-intentional",
)
def test_a_host_that_is_stopped_says_so_with_the_time_of_now_before_it_disconnects(broker):
    with NetworkProxy(broker.port) as net:
        with host_on(net.port, host_id="ends") as (host, _):
            wait_until(
                lambda: SystemClock().utc_us() // 1000 > sent(net)[0][1].timestamp_ms + 50, "a later time"
            )
            before_ms = SystemClock().utc_us() // 1000
            host.stop()
            host.stop()
        publishes = sent(net)
        topic, state, qos, retain = publishes[-1]
        assert (topic, state.online, qos, retain) == (f"{NAMESPACE}/STATE/ends", False, 1, True)
        assert state.timestamp_ms >= before_ms
        assert [online for _, (online, _), _, _ in publishes] == [True, False]
        wait_until(lambda: isinstance(net.packets()[-1], Disconnect), "the end of the session")
        assert isinstance(next(p for p in net.packets() if not isinstance(p, (Connect, Subscribe))), Publish)


def test_each_connect_has_a_new_time_in_will_and_birth(broker, expected_logs):
    expected_logs.add("host: ")
    with NetworkProxy(broker.port) as net, host_on(net.port, host_id="again") as (host, _):
        for _ in range(2):
            online = len(sent(net))
            net.drop()
            wait_until(lambda n=online: len(sent(net)) > n and host.online, "the next session")
        connects = [packet for packet in net.packets() if isinstance(packet, Connect)]
        wills = [parse_state(packet.will.payload) for packet in connects if packet.will]
        births = [state for _, state, _, _ in sent(net) if state.online]
        assert len(connects) == 3
        assert [will.timestamp_ms for will in wills] == sorted({will.timestamp_ms for will in wills})
        assert {birth.timestamp_ms for birth in births} == {will.timestamp_ms for will in wills}


@requirement(f"{_FLOW}-hid-sparkplug-state-message-delivered")
@pytest.mark.parametrize(
    "lie", [b'{"online":false,"timestamp":99999999999999}', b"OFFLINE", b"", b"\xff\x00", b"{}"]
)
def test_a_state_published_by_somebody_else_is_put_right_at_once_with_the_time_of_the_birth(broker, lie):
    with bystander(broker.port) as (link, listener), host_on(broker.port, host_id="mine"):
        wait_until(
            lambda: any(state.get("online") for state in map(_loads, listener.states("mine"))), "the birth"
        )
        birth = [message for message in listener.states("mine") if _loads(message).get("online")][-1]
        count = len(listener.states("mine"))
        link.publish(Outgoing(f"{NAMESPACE}/STATE/mine", lie, 1, True))
        wait_until(lambda: len(listener.states("mine")) >= count + 2, "the repair")
        assert listener.states("mine")[-1].payload == birth.payload


def _loads(message):
    try:
        return json.loads(message.payload)
    except ValueError:
        return {}


@requirement(f"{_HOST}-host-id")
def test_a_second_host_with_our_id_is_named_and_does_not_make_a_storm():
    state, now_s = OwnState("twice"), 100.0
    mine = state.will(1000)
    state.birth()
    other = b'{"online":true,"timestamp":2000}'
    repairs = sum(bool(state.on_state(mine.topic, other, now_s + n * 0.01)) for n in range(500))
    assert repairs == 14
    assert "give each host application an id of its own" in state.take_complaint()
    assert state.take_complaint() == ""
    assert [parse_state(m.payload) for m in state.overdue(now_s + 6)] == [(True, 1000)]
    assert state.overdue(now_s + 7) == []


def test_the_own_birth_that_comes_back_is_no_contradiction():
    state = OwnState("own")
    state.will(1000)
    (birth,) = state.birth()
    assert state.on_state(birth.topic, birth.payload, 1.0) == []
    assert state.on_state(birth.topic, b'{"online":true,"timestamp":999}', 1.0) == [birth]


def test_times_never_go_back_with_the_clock():
    state = OwnState("clock")
    first = parse_state(state.will(10_000).payload)
    second = parse_state(state.will(5_000).payload)
    assert second.timestamp_ms > first.timestamp_ms
    assert parse_state(state.farewell(5_000)[0].payload) == (False, second.timestamp_ms)


def test_the_state_of_version_2_is_published_too_where_it_is_wanted(broker):
    with bystander(broker.port) as (_, listener):
        with host_on(broker.port, host_id="old", legacy_state=True):
            legacy = lambda: [m.payload for m in listener.messages if m.topic == "STATE/old"]  # noqa: E731
            wait_until(legacy, "the old state")
            assert legacy() == [b"ONLINE"]
        wait_until(lambda: len(legacy()) == 2, "the farewell")
        assert legacy()[-1] == b"OFFLINE"
    with bystander(broker.port) as (_, listener), host_on(broker.port, host_id="new"):
        wait_until(lambda: listener.states("new"), "the state")
        assert not [m for m in listener.messages if m.topic == "STATE/new"]


@requirement(f"{_HOST}-multi-server-timestamp")
def test_each_broker_keeps_the_time_of_the_session_it_had(broker, expected_logs):
    expected_logs.add("host: ")
    with (
        Mosquitto() as second,
        NetworkProxy(broker.port) as net,
        bystander(broker.port) as (_, here),
        bystander(second.port) as (_, there),
    ):
        with host_on(net.port, second.port, host_id="two") as (host, _):
            net.cut()
            wait_until(lambda: there.states("two") and host.online, "the other broker")
            wait_until(lambda: len(here.states("two")) == 2, "the will")
            online, will = map(_loads, here.states("two"))
            elsewhere = _loads(there.states("two")[-1])
            assert (online["online"], will["online"], elsewhere["online"]) == (True, False, True)
            assert online["timestamp"] == will["timestamp"] < elsewhere["timestamp"]
        assert len(here.states("two")) == 2
