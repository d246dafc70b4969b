"""Commands of the host on a real broker: rebirth requests and writes, with what comes back."""

import itertools

import pytest

from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_writes import HostWrites
from drivers.sparkplug.model import MetricType
from drivers.sparkplug.payload import parse
from engine.clock import SystemClock
from engine.commands import WriteOrder, WriteOutcome
from engine.connections import ConnectionState
from engine.model import Access, Quality
from tests.drivers.sparkplug.host_edge import Plant, number, quality, tag
from tests.drivers.sparkplug.host_runs import Edge, bystander, host_on
from tests.drivers.sparkplug.requirements import requirement
from tests.mqtt.mosquitto import Mosquitto
from tests.waiting import wait_until

_BEHAVIOUR = "tck-id-operational-behavior"
_COMMANDS = f"{_BEHAVIOUR}-data-commands"
WITHIN_S = 20.0
_ids = itertools.count(1)

SPEED = tag("P/N/D:Speed", name="Speed", access=Access.READ_WRITE)
LEVEL = tag("P/N:Level", "DINT", name="Level", access=Access.READ_WRITE)
START = tag("P/N/D:Start", "BOOL", name="Start", access=Access.READ_WRITE, pulse=True)
BYTE = tag("P/N/D:Byte", "DINT", name="Byte", access=Access.READ_WRITE)


@pytest.fixture(scope="module")
def broker():
    with Mosquitto() as running:
        yield running


class ForwardClock(SystemClock):
    """The machine's clock, but a deadline comes when a test says so."""

    def __init__(self):
        self._forward_s = 0.0

    def monotonic(self):
        return super().monotonic() + self._forward_s

    def advance(self, seconds):
        self._forward_s += seconds


@pytest.fixture
def clock():
    return ForwardClock()


@pytest.fixture
def line(broker, clock):
    """(host, engine end, edge, listener) with a born node and device."""
    tags = (SPEED, LEVEL, START, BYTE)
    with (
        bystander(broker.port) as (link, listener),
        host_on(broker.port, *tags, clock=clock, rebirth_interval_s=1.0) as (host, engine),
    ):
        edge = Edge(link, "P", "N")
        edge.born(number("Level", 5, None, MetricType.INT32))
        edge.send(
            "DBIRTH",
            number("Speed", 58.0, 0),
            number("Start", False, 1, MetricType.BOOLEAN),
            number("Byte", 1, 2, MetricType.INT8),
            device="D",
        )
        wait_until(lambda: engine.value("remote/Speed"), "the birth")
        yield host, engine, edge, listener


def order(tag_, value, within_s=WITHIN_S):
    return WriteOrder(next(_ids), tag_, value, SystemClock().monotonic() + within_s)


def outcome(engine):
    wait_until(lambda: engine.of(WriteOutcome), "the outcome")
    return engine.of(WriteOutcome)[-1]


def wait_sent(listener, count=1):
    """What is said from now on is an answer to it: an order that was taken may still wait to be sent."""
    wait_until(lambda: len(listener.commands("DCMD")) == count, f"command {count}")


def is_now(time_ms):
    return abs(time_ms - SystemClock().utc_us() / 1000) < 60_000


@requirement(
    "tck-id-topics-ncmd-topic",
    "tck-id-topics-ncmd-mqtt",
    "tck-id-topics-ncmd-timestamp",
    "tck-id-topics-ncmd-payload",
    f"{_COMMANDS}-ncmd-verb",
    f"{_COMMANDS}-ncmd-rebirth-verb",
    f"{_COMMANDS}-ncmd-rebirth-name",
    f"{_COMMANDS}-ncmd-rebirth-value",
    "tck-id-payloads-ncmd-timestamp",
    "tck-id-payloads-ncmd-seq",
    "tck-id-payloads-ncmd-qos",
    "tck-id-payloads-ncmd-retain",
    "tck-id-topic-structure-namespace-device-id-non-associated-message-types",
    "tck-id-payloads-timestamp-in-UTC",
    "tck-id-payloads-metric-timestamp-in-UTC",
)
def test_an_unknown_node_is_asked_for_its_birth(broker):
    with bystander(broker.port) as (link, listener), host_on(broker.port):
        edge = Edge(link, "P", "Unknown")
        edge.send("NDATA", number(None, 1.0, 3))
        wait_until(lambda: listener.commands(), "the request")
        topic, payload, message = listener.commands()[0]
        assert topic == "spBv1.0/P/NCMD/Unknown"
        assert (message.qos, message.retain) == (0, False)
        assert payload.seq is None
        assert is_now(payload.timestamp_ms)
        (metric,) = payload.metrics
        assert (metric.name, metric.value, metric.type, metric.alias) == (
            "Node Control/Rebirth",
            True,
            MetricType.BOOLEAN,
            None,
        )
        assert is_now(metric.timestamp_ms)


@requirement(
    "tck-id-topics-dcmd-topic",
    "tck-id-topics-dcmd-mqtt",
    "tck-id-topics-dcmd-timestamp",
    "tck-id-topics-dcmd-payload",
    f"{_COMMANDS}-dcmd-verb",
    f"{_COMMANDS}-dcmd-metric-name",
    f"{_COMMANDS}-dcmd-metric-value",
    "tck-id-payloads-dcmd-timestamp",
    "tck-id-payloads-dcmd-seq",
    "tck-id-payloads-dcmd-qos",
    "tck-id-payloads-dcmd-retain",
    "tck-id-payloads-alias-data-cmd-requirement",
    "tck-id-topic-structure-namespace-device-id-associated-message-types",
    "tck-id-payloads-metric-datatype-value",
    "tck-id-payloads-metric-datatype-value-type",
)
def test_a_write_to_a_device_goes_by_its_alias_and_is_read_back(line):
    host, engine, edge, listener = line
    (connection,) = host.connections
    assert connection.put(order(SPEED, 60.0)) == ""
    wait_until(lambda: listener.commands("DCMD"), "the command")
    topic, payload, message = listener.commands("DCMD")[0]
    assert topic == "spBv1.0/P/DCMD/N/D"
    assert (message.qos, message.retain) == (0, False)
    assert payload.seq is None
    assert is_now(payload.timestamp_ms)
    (metric,) = payload.metrics
    assert (metric.name, metric.alias, metric.value, metric.type) == (None, 0, 60.0, MetricType.FLOAT)
    edge.send("DDATA", number(None, 59.0, 0), device="D")
    edge.send("DDATA", number(None, 60.0, 0), device="D")
    done = outcome(engine)
    assert (done.sent, done.error, done.readback) == (True, "", 60.0)


@requirement(
    f"{_COMMANDS}-ncmd-metric-name",
    f"{_COMMANDS}-ncmd-metric-value",
    "tck-id-payloads-name-requirement",
    "tck-id-payloads-name-cmd-requirement",
)
def test_a_write_to_a_node_goes_by_name_where_its_birth_gave_no_alias(line):
    host, engine, edge, listener = line
    assert host.connections[0].put(order(LEVEL, -7)) == ""
    named = lambda: [c for c in listener.commands() if c[1].metrics[0].name == "Level"]  # noqa: E731
    wait_until(named, "the command")
    topic, payload, _ = named()[0]
    assert topic == "spBv1.0/P/NCMD/N"
    assert (payload.metrics[0].value, payload.metrics[0].alias) == (-7, None)
    edge.send("NDATA", number("Level", -7, None, MetricType.INT32))
    assert outcome(engine).readback == -7


@requirement("tck-id-payloads-metric-datatype-not-req")
def test_commands_carry_no_datatype_where_it_is_not_wanted(broker):
    with (
        bystander(broker.port) as (link, listener),
        host_on(broker.port, SPEED, datatype_in_commands=False) as (host, engine),
    ):
        edge = Edge(link, "P", "N")
        edge.born()
        edge.send("DBIRTH", number("Speed", 58.0, 0), device="D")
        wait_until(lambda: engine.value("remote/Speed"), "the birth")
        host.connections[0].put(order(SPEED, 1.0))
        wait_until(lambda: listener.commands("DCMD"), "the command")
        (metric,) = parse(listener.commands("DCMD")[0][2].payload).metrics
        assert not metric.HasField("datatype")
        assert metric.float_value == 1.0


def test_a_pulse_is_done_with_any_answer_and_a_birth_is_an_answer(line):
    host, engine, edge, listener = line
    assert host.connections[0].put(order(START, True)) == ""
    wait_sent(listener)
    edge.send("DDATA", number(None, False, 1, MetricType.BOOLEAN), device="D")
    assert outcome(engine).error == ""
    assert host.connections[0].put(order(SPEED, 61.0)) == ""
    wait_sent(listener, 2)
    edge.send("DBIRTH", number("Speed", 61.0, 7), device="D")
    wait_until(lambda: len(engine.of(WriteOutcome)) == 2, "the second outcome")
    assert engine.of(WriteOutcome)[-1].readback == 61.0


def test_what_nobody_confirms_ends_at_the_deadline_and_is_not_sent_afterwards(line, clock):
    host, engine, _edge, listener = line
    assert host.connections[0].put(order(SPEED, 62.0)) == ""
    wait_sent(listener)
    clock.advance(WITHIN_S)
    done = outcome(engine)
    assert done.sent
    assert "did not confirm it" in done.error
    assert host.connections[0].put(order(SPEED, 63.0, -1.0)) == ""
    wait_until(lambda: len(engine.of(WriteOutcome)) == 2, "the second outcome")
    assert not engine.of(WriteOutcome)[-1].sent
    assert len(listener.commands("DCMD")) == 1


def test_a_value_that_the_device_has_already_is_confirmed_at_the_deadline_and_it_is_said(line, clock):
    """Who reports by exception has nothing to report then."""
    host, engine, edge, listener = line
    assert host.connections[0].put(order(SPEED, 58.0)) == ""
    wait_sent(listener)
    edge.send("DDATA", number(None, True, 1, MetricType.BOOLEAN), device="D")
    wait_until(lambda: engine.value("remote/Start")[0] is True, "another value of the device")
    assert not engine.of(WriteOutcome), "another answer may still come"
    clock.advance(WITHIN_S)
    done = outcome(engine)
    assert (done.sent, done.error, done.readback) == (True, "", 58.0)
    assert done.note == "P/N/D had this value already and reported no change"


def test_a_value_that_a_node_has_already_is_confirmed_too(line, clock):
    host, engine, _edge, listener = line
    assert host.connections[0].put(order(LEVEL, 5)) == ""
    wait_until(lambda: [c for c in listener.commands() if c[1].metrics[0].name == "Level"], "the command")
    clock.advance(WITHIN_S)
    assert (outcome(engine).readback, outcome(engine).note.partition(" ")[0]) == (5, "P/N")


def test_a_pulse_that_nobody_answers_is_not_confirmed_by_the_value_that_is_there(line, clock):
    host, engine, edge, listener = line
    edge.send("DDATA", number(None, True, 1, MetricType.BOOLEAN), device="D")
    wait_until(lambda: engine.value("remote/Start")[0], "the value")
    assert host.connections[0].put(order(START, True)) == ""
    wait_sent(listener)
    clock.advance(WITHIN_S)
    assert "did not confirm it" in outcome(engine).error


def test_a_value_that_is_not_good_confirms_nothing(line, clock):
    host, engine, edge, listener = line
    edge.send("DDATA", number(None, 58.0, 0, properties=quality(64)), device="D")
    wait_until(lambda: engine.value("remote/Speed")[1] is Quality.UNCERTAIN, "the quality")
    assert host.connections[0].put(order(SPEED, 58.0)) == ""
    wait_sent(listener)
    clock.advance(WITHIN_S)
    assert "did not confirm it" in outcome(engine).error


def test_a_device_that_died_confirms_nothing_though_it_had_the_value(line, clock):
    host, engine, edge, listener = line
    assert host.connections[0].put(order(SPEED, 58.0)) == ""
    wait_sent(listener)
    edge.send("DDEATH", device="D")
    wait_until(lambda: engine.value("remote/Speed")[1] is Quality.STALE, "the death")
    clock.advance(WITHIN_S)
    assert "P/N/D is offline" in outcome(engine).error


def at_the_deadline(happens):
    """What becomes of a write of the value that is there, when this happens between it and its deadline."""
    plant = Plant(SPEED)
    node = NodeId("P", "N")
    plant.born(node=node)
    plant.say("DBIRTH", number("Speed", 58.0, 0), number("Other", 1.0, 1), device="D", seq=1, node=node)
    writes = HostWrites(plant.tracker, lambda _message: 1, plant.clock, datatypes=True)
    writes.open()
    assert writes.put(WriteOrder(1, SPEED, 58.0, plant.clock.monotonic() + 1.0)) == ""
    assert writes.work() == []
    happens(plant, node)
    plant.clock.advance(0.9)
    assert writes.work() == []
    plant.clock.advance(0.1)
    (outcome,) = writes.work()
    return outcome


def test_nothing_that_happens_is_the_usual_case():
    assert at_the_deadline(lambda _plant, _node: None).error == ""


def test_a_device_whose_birth_is_awaited_after_that_of_its_node_confirms_nothing():
    outcome = at_the_deadline(lambda plant, node: plant.born(node=node))
    assert "did not confirm it" in outcome.error


def test_a_value_may_be_old_where_a_message_is_missing():
    def overtaken(plant, node):
        plant.say("DDATA", number(None, 2.0, 1), device="D", seq=3, node=node)

    def asked_for_its_birth(plant, node):
        plant.say("DDATA", number(None, 2.0, 99), device="D", seq=2, node=node)

    for happens in (overtaken, asked_for_its_birth):
        assert "did not confirm it" in at_the_deadline(happens).error


def test_another_value_than_asked_is_told_at_the_deadline(line, clock):
    host, engine, edge, listener = line
    assert host.connections[0].put(order(SPEED, 62.0)) == ""
    wait_sent(listener)
    edge.send("DDATA", number(None, 50.0, 0), device="D")
    wait_until(lambda: engine.value("remote/Speed")[0] == 50.0, "the value")
    assert not engine.of(WriteOutcome)
    clock.advance(WITHIN_S)
    assert (outcome(engine).error, outcome(engine).readback) == ("", 50.0)


def test_a_value_that_the_metric_cannot_hold_is_not_sent(line):
    host, engine, _, listener = line
    assert host.connections[0].put(order(BYTE, 300)) == ""
    done = outcome(engine)
    assert not done.sent
    assert "Nothing was written" in done.error
    assert listener.commands("DCMD") == []


def test_an_offline_device_is_refused_with_the_reason_and_the_others_are_not(line):
    host, _engine, edge, _ = line
    (connection,) = host.connections
    edge.send("DDEATH", device="D")
    wait_until(lambda: connection.put(order(SPEED, 1.0)) != "", "the death")
    assert connection.put(order(SPEED, 1.0)).startswith("P/N/D is offline since ")
    assert connection.put(order(LEVEL, 1)) == ""
    wait_until(lambda: connection.status().tag_errors, "the reason")
    status = connection.status()
    assert status.state is ConnectionState.CONNECTED
    assert dict(status.tag_errors)["remote/Speed"].startswith("P/N/D is offline since")
    edge.dies()
    wait_until(lambda: connection.status().state is ConnectionState.DISCONNECTED, "the death of the node")
    assert "P/N is offline since" in connection.status().cause or "P/N/D" in connection.status().cause
    assert "P/N is offline" in connection.put(order(LEVEL, 1))


def test_without_a_broker_nothing_is_taken(expected_logs):
    expected_logs.add("host: ")
    with Mosquitto() as own, host_on(own.port, SPEED) as (host, _engine):
        own.stop()
        wait_until(lambda: not host.online, "the loss")
        wait_until(lambda: "broke" in host.connections[0].put(order(SPEED, 1.0)), "the refusal")
        wait_until(lambda: host.connections[0].status().state is ConnectionState.DISCONNECTED, "the state")
        assert host.request_rebirth("P", "N", "operator") == "P/N has not been heard of"


def test_a_person_may_ask_for_a_rebirth(line):
    host, engine, _, listener = line
    assert host.request_rebirth("P", "N", "operator") == ""
    wait_until(lambda: listener.commands(), "the request")
    wait_until(lambda: host.nodes()[-1].rebirth_pending, "the note")
    assert "is asked already" in host.request_rebirth("P", "N", "operator")
    assert any(event.text == "operator: Asked P/N for its birth certificates" for event in engine.events)
