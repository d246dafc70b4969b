"""A JSON connection against a real broker, with a publisher that is another session."""

import json
import random
from collections.abc import Iterator

import pytest

from drivers.base import ConnectionSettings
from drivers.mqtt.base import Outgoing
from drivers.mqtt.link import MqttLink
from drivers.mqtt_json.connection import JsonConnection
from drivers.mqtt_json.payload import MAX_BYTES
from engine.clock import SystemClock
from engine.commands import WriteOrder, WriteOutcome
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import Event
from engine.messages import Batch, LinkLost
from engine.model import Quality, Sample
from tests.engine.tag_defs import tag_def
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.recording import QUICK, at, linked
from tests.waiting import wait_until

TAGS = [
    tag_def("Level", address="line/analog $.level"),
    tag_def("Speed", address="line/analog $.speed", writable=True),
    tag_def("Start", "BOOL", address="line/analog $.start", writable=True, pulse=True),
    tag_def("Bottles", "DINT", address="line/counters $.counts[1]['good ones']"),
    tag_def("Wild", address="line/+ $.x"),
]
GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


class Inbox:
    """What the connection posted, and the newest sample of each tag by name."""

    def __init__(self) -> None:
        self.messages: list[object] = []
        self.samples: dict[str, Sample] = {}

    def __call__(self, message: object) -> None:
        self.messages.append(message)
        if isinstance(message, Batch):
            self.samples |= {sample.tag.partition("/")[2]: sample for sample in message.samples}

    def of(self, kind: type) -> list:
        return [message for message in self.messages if isinstance(message, kind)]

    def texts(self) -> list[str]:
        return [event.text for event in self.of(Event)]

    def state(self) -> ConnectionState:
        return self.of(ConnectionStatus)[-1].state

    def quality(self, name: str) -> Quality | None:
        return self.samples[name].quality if name in self.samples else None


class Bench:
    """A broker, a connection to it, and somebody who publishes."""

    def __init__(self, broker: Mosquitto, publisher: MqttLink, scan_ms: int = 60_000) -> None:
        self.broker, self.publisher, self.inbox = broker, publisher, Inbox()
        clock = SystemClock()
        self.connection = JsonConnection(
            ConnectionSettings("line1", "MQTT_JSON", "", "", 0, scan_ms=scan_ms),
            TAGS,
            [at(broker.port)],
            f"brimline-{random.getrandbits(32)}",
            self.inbox,
            lambda brokers, name, handler, role: MqttLink(
                brokers, name, handler, role, clock, random.Random(1), QUICK
            ),
            clock,
            "line/command",
        )

    def publish(self, topic: str, content: object, retain: bool = False) -> None:
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        assert self.publisher.publish(Outgoing(topic, payload, 1, retain)) is not None

    def start(self) -> None:
        self.connection.start()
        wait_until(lambda: self.inbox.state() is ConnectionState.CONNECTED, "the session")

    def stop(self) -> None:
        self.connection.stop()
        assert self.connection.join(10.0)

    def write(self, name: str, value: object, within_s: float = 5.0) -> str:
        tag = next(tag for tag in TAGS if tag.name == name)
        return self.connection.put(WriteOrder(7, tag, value, SystemClock().monotonic() + within_s))

    def outcome(self) -> WriteOutcome:
        wait_until(lambda: self.inbox.of(WriteOutcome), "the outcome")
        return self.inbox.of(WriteOutcome)[-1]


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


@pytest.fixture
def seen_and_publisher(broker):
    with linked(at(broker.port), filters=[("line/command", 1)]) as (link, seen):
        yield seen, link


@pytest.fixture
def bench(broker, seen_and_publisher) -> Iterator[Bench]:
    bench = Bench(broker, seen_and_publisher[1])
    bench.start()
    yield bench
    bench.stop()


def test_values_come_with_the_type_and_the_time_that_the_message_gives(bench):
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": 0, "timestamp_ms": 1_773_312_000_123})
    bench.publish("line/counters", {"counts": [0, {"good ones": 41.0}], "timestamp": "2026-03-12T10:40:00Z"})
    wait_until(lambda: bench.inbox.quality("Bottles"), "values")
    assert bench.inbox.samples["Level"] == Sample("line1/Level", 61.0, GOOD, 1_773_312_000_123_000)
    assert type(bench.inbox.samples["Level"].value) is float
    assert bench.inbox.samples["Start"].value is False
    assert bench.inbox.samples["Bottles"] == Sample("line1/Bottles", 41, GOOD, 1_773_312_000_000_000)


def test_one_wrong_value_is_bad_alone_and_named(bench):
    bench.publish("line/analog", {"level": "61", "speed": 58.5, "start": True})
    wait_until(lambda: bench.inbox.quality("Speed") is GOOD, "the good one")
    assert bench.inbox.quality("Level") is BAD
    errors = dict(bench.connection.status().tag_errors)
    assert errors["line1/Level"] == "A REAL takes a number, not the text '61'"
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": True})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "the value")
    assert "Can be read again" in bench.inbox.texts()


def test_a_wildcard_in_an_address_concerns_only_its_own_tag(bench):
    assert "has a wildcard" in dict(bench.connection.status().tag_errors)["line1/Wild"]
    assert any("has a wildcard" in text for text in bench.inbox.texts())


def test_an_unreadable_message_makes_its_topic_bad_and_is_told_once(bench):
    bench.publish("line/counters", {"counts": [0, {"good ones": 1}]})
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
    for junk in (
        b"{",
        b"",
        b"[" * 100_000,
        b" " * (MAX_BYTES + 1),
        b'{"level": NaN}',
        b"\xff\xfe",
        b"9" * 5000,
    ):
        bench.publish("line/analog", junk)
    bench.publish("line/counters", {"counts": [0, {"good ones": 2}]})
    wait_until(lambda: bench.inbox.samples["Bottles"].value == 2, "the other topic")
    assert {bench.inbox.quality(name) for name in ("Level", "Speed", "Start")} == {BAD}
    assert sum("line/analog: the message" in text for text in bench.inbox.texts()) == 1
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values again")
    assert "line/analog: can be read again" in bench.inbox.texts()


def test_a_message_that_came_twice_or_late_changes_nothing(bench):
    def publish(sequence: int, level: float) -> None:
        content = {"level": level, "speed": 1, "start": False, "sequence": sequence}
        bench.publish("line/analog", content | {"timestamp_ms": 1_773_312_000_000 + sequence})

    for sequence, level in ((1, 1), (2, 2), (2, 99), (1, 98), (5, 5)):
        publish(sequence, level)
    wait_until(
        lambda: bench.inbox.quality("Level") and bench.inbox.samples["Level"].value == 5, "the last one"
    )
    levels = [s.value for batch in bench.inbox.of(Batch) for s in batch.samples if s.tag == "line1/Level"]
    assert levels == [1, 2, 5]
    for text in ("came twice", "after a newer one", "missing"):
        assert sum(text in told for told in bench.inbox.texts()) == 1


def test_silence_makes_a_topic_stale_and_a_message_good_again(broker, seen_and_publisher):
    bench = Bench(broker, seen_and_publisher[1], scan_ms=200)
    bench.start()
    try:
        bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
        wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
        wait_until(lambda: bench.inbox.quality("Level") is STALE, "age")
        assert bench.inbox.samples["Level"].value is None
        assert bench.inbox.quality("Bottles") is STALE
        assert bench.inbox.state() is ConnectionState.CONNECTED
        assert "Nothing has come on line/analog for 0.6 s" in bench.inbox.texts()
        bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
        wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
    finally:
        bench.stop()


def test_a_message_repeated_for_ever_does_not_keep_its_values_good(broker, seen_and_publisher):
    bench = Bench(broker, seen_and_publisher[1], scan_ms=200)
    head = {"sequence": 7, "timestamp_ms": 1_773_312_000_000}

    def repeated() -> bool:
        bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False} | head)
        return bench.inbox.quality("Level") is STALE

    bench.start()
    try:
        bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False} | head)
        wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
        wait_until(repeated, "age")
    finally:
        bench.stop()


def test_a_retained_value_is_as_good_as_its_age(broker, seen_and_publisher):
    bench = Bench(broker, seen_and_publisher[1])
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False}, retain=True)
    old = {"counts": [0, {"good ones": 1}], "timestamp_ms": 1_773_312_000_000}
    bench.publish("line/counters", old, retain=True)
    bench.start()
    try:
        wait_until(lambda: bench.inbox.quality("Bottles") is not None, "values")
        assert bench.inbox.samples["Level"][1:3] == (61.0, Quality.UNCERTAIN)
        assert bench.inbox.samples["Bottles"][1:3] == (None, STALE)
    finally:
        bench.stop()


def test_a_lost_broker_is_told_at_once_and_the_connection_comes_back(bench, expected_logs):
    expected_logs.add("The (broker|connection)")
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
    bench.broker.kill()
    wait_until(lambda: bench.inbox.of(LinkLost), "the loss")
    wait_until(lambda: bench.inbox.state() is ConnectionState.DISCONNECTED, "the state")
    assert bench.connection.status().cause
    assert bench.write("Speed", 60.0) == "No link to line1. Nothing was written"
    bench.broker.start()
    wait_until(lambda: bench.inbox.state() is ConnectionState.CONNECTED, "the session")


def test_a_write_is_done_when_the_tag_reads_back_so(bench, seen_and_publisher):
    seen = seen_and_publisher[0]
    assert bench.write("Speed", 60.0) == ""
    wait_until(lambda: seen.messages, "the command")
    command = json.loads(seen.messages[0].payload)
    assert (command["tag"], command["value"]) == ("Speed", 60.0)
    assert command["deadline_ms"] > SystemClock().utc_us() // 1000
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    bench.publish("line/analog", {"level": 61, "speed": 60, "start": False})
    outcome = bench.outcome()
    assert (outcome.sent, outcome.error, outcome.readback) == (True, "", 60.0)


def test_a_refusal_is_told_in_the_controllers_words(bench, seen_and_publisher):
    seen = seen_and_publisher[0]
    bench.write("Speed", 600.0)
    wait_until(lambda: seen.messages, "the command")
    identity = json.loads(seen.messages[0].payload)["id"]
    for answer in (b"{", [], {"id": "other", "ok": False}, {"id": identity, "ok": "yes"}):
        bench.publish("line/command/result", answer)
    bench.publish("line/command/result", {"id": identity, "ok": False, "text": "too fast"})
    assert bench.outcome().error == "line1 refused it: too fast"


def test_a_write_that_nobody_answers_ends_at_its_deadline(bench):
    bench.write("Speed", 60.0, within_s=0.3)
    assert bench.outcome().error.startswith("line1 has not answered the command")


def test_a_write_that_is_not_taken_reports_what_is_read_instead(bench, seen_and_publisher):
    bench.write("Speed", 60.0, within_s=1.0)
    wait_until(lambda: seen_and_publisher[0].messages, "the command")
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    outcome = bench.outcome()
    assert (outcome.error, outcome.readback) == ("", 58.5)


def test_a_pulse_is_done_when_the_controller_says_so(bench, seen_and_publisher):
    bench.write("Start", True)
    wait_until(lambda: seen_and_publisher[0].messages, "the command")
    identity = json.loads(seen_and_publisher[0].messages[0].payload)["id"]
    bench.publish("line/command/result", {"id": identity, "ok": True})
    assert bench.outcome().error == ""


def test_a_flood_of_garbage_hurts_neither_the_connection_nor_other_topics(bench):
    rng = random.Random(7)
    for number in range(5000):
        bench.publish("line/analog", rng.randbytes(rng.randrange(60)))
        if number % 1000 == 0:
            bench.publish("line/command/result", rng.randbytes(30))
    bench.publish("line/counters", {"counts": [0, {"good ones": 41}]})
    wait_until(lambda: bench.inbox.quality("Bottles") is GOOD, "the other topic", 30.0)
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values", 30.0)
    assert len(bench.inbox.texts()) < 10


def test_a_fault_of_ours_is_logged_and_the_session_starts_again(bench, monkeypatch, expected_logs):
    expected_logs.add("fault in the connection line1")
    expected_logs.add("line1: ")

    def fail(*_arguments: object) -> None:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(bench.connection._reader, "read", fail)
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.of(LinkLost), "the loss")
    wait_until(lambda: bench.inbox.state() is ConnectionState.CONNECTED, "the session")
    bench.publish("line/analog", {"level": 61, "speed": 58.5, "start": False})
    wait_until(lambda: bench.inbox.quality("Level") is GOOD, "values")
