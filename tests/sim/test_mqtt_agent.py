"""The bottle filler agent: its messages, its commands, and its session with a real broker."""

import argparse
import json
import random
import signal
import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.base import Outgoing
from drivers.mqtt.link import MqttLink
from engine.clock import SystemClock
from sim import mqtt_agent
from sim.line import Line
from sim.mqtt_agent_loop import Agent, LineInTime
from sim.mqtt_agent_messages import (
    COMMAND_TOPIC,
    GROUPS,
    RESULT_TOPIC,
    Command,
    CommandError,
    Message,
    carry_out,
    data_set,
    parse_command,
)
from sim.mqtt_agent_outbox import Outbox
from tests.clock import ManualClock
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.recording import QUICK, Recorder, at, linked
from tests.waiting import wait_until

TOPICS = {
    f"plc/bottlefiller/{part}"
    for part in ("data", "inputs", "outputs", "analog", "status", "counters", "alarms")
}
NOW_MS = 1_773_312_000_000


def test_the_groups_have_the_thirty_tags_of_the_line():
    tags = Line().tags()
    names = [name for group in GROUPS.values() for name in group]
    assert len(names) == len(set(names)) == 30
    assert set(names) <= tags.keys()


def test_a_data_set_is_seven_messages_with_one_time_and_one_sequence():
    messages = {m.topic: json.loads(m.payload) for m in data_set(Line().tags(), 7, NOW_MS * 1000 + 123_456)}
    assert messages.keys() == TOPICS
    for content in messages.values():
        assert content["sequence"] == 7
        assert content["timestamp_ms"] == NOW_MS + 123
        assert datetime.fromisoformat(content["timestamp"]).timestamp() * 1000 == NOW_MS + 123
        assert content["timestamp"].endswith("Z")
    assert messages["plc/bottlefiller/data"].keys() == Line().tags().keys() | {
        *("timestamp", "timestamp_ms", "sequence")
    }
    assert messages["plc/bottlefiller/analog"]["FillLevel"] == messages["plc/bottlefiller/data"]["FillLevel"]


def test_a_command_is_read_with_id_and_deadline():
    payload = b'{"tag": "StartCommand", "value": true, "id": "a-1", "deadline_ms": 5}'
    assert parse_command(payload) == Command("StartCommand", True, "a-1", 5)
    assert parse_command(b'{"tag": "X", "value": 1}') == Command("X", 1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 2000, "not JSON"),
        (b'{"tag": "X", "value": NaN}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"value": 1}', "names no tag"),
        (b'{"tag": "X"}', "neither a number"),
        (b'{"tag": "X", "value": "1"}', "neither a number"),
        (b'{"tag": "X", "value": 1%s}' % (b"0" * 400), "far too large"),
        (b'{"tag": "X", "value": 1, "id": [1]}', "the id"),
        (b'{"tag": "X", "value": 1, "deadline_ms": "soon"}', "deadline_ms"),
        (b" " * 5000, "longer than"),
    ],
)
def test_what_is_no_command_is_refused_with_the_reason(payload, reason):
    with pytest.raises(CommandError, match=reason):
        parse_command(payload)


OBJECTS = st.dictionaries(st.sampled_from(["tag", "value", "id", "deadline_ms"]), st.text() | st.integers())


@given(st.binary(max_size=100) | OBJECTS.map(lambda content: json.dumps(content).encode()))
def test_any_bytes_are_a_command_or_refused(payload):
    try:
        command = parse_command(payload)
    except CommandError:
        return
    assert command.tag


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Command("FillLevel", 5), "FillLevel is read only"),
        (Command("ConveyorSped", 5), "did you mean ConveyorSpeedSetpoint"),
        (Command("StartCommand", 5), "either true or false"),
        (Command("ConveyorSpeedSetpoint", True), "takes a finite number"),
        (Command("ConveyorSpeedSetpoint", float("inf")), "takes a finite number"),
        (Command("StartCommand", True, deadline_ms=NOW_MS - 1500), "1.5 s too late"),
    ],
)
def test_what_a_controller_would_not_take_is_refused(command, reason):
    with pytest.raises(CommandError, match=reason):
        carry_out(Line(), command, NOW_MS)


def test_a_retained_command_is_an_old_one():
    line = Line(autostart=False)
    with pytest.raises(CommandError, match="retained"):
        carry_out(line, Command("ConveyorSpeedSetpoint", 50.0), NOW_MS, retained=True)
    assert line.tags()["ConveyorSpeedSetpoint"] == 58.0


def test_a_setpoint_is_limited_and_the_answer_says_so():
    line = Line()
    assert carry_out(line, Command("ConveyorSpeedSetpoint", 50), NOW_MS) == ""
    assert carry_out(line, Command("ConveyorSpeedSetpoint", 99), NOW_MS) == "limited to 66"
    assert line.tags()["ConveyorSpeedSetpoint"] == 66.0


class Session:
    """Takes messages while it is open."""

    def __init__(self):
        self.open, self.tokens = True, 0

    def publish(self, _message):
        if not self.open:
            return None
        self.tokens += 1
        return self.tokens


def test_a_message_counts_as_published_when_the_broker_acknowledged_it():
    outbox, session = Outbox(), Session()
    outbox.add([Message("a", b""), Message("b", b"")])
    assert outbox.send(session.publish)
    outbox.on_acknowledged(1)
    outbox.on_acknowledged(99)
    assert (outbox.published, len(outbox)) == (1, 1)


def test_what_could_not_be_published_is_tried_again_in_order():
    outbox, session, sent = Outbox(), Session(), []
    outbox.add([Message("a", b""), Message("b", b"")])
    outbox.send(session.publish)
    outbox.on_acknowledged(1)
    outbox.on_session_end()
    outbox.add([Message("c", b"")])
    session.open = False
    assert not outbox.send(session.publish)
    outbox.send(lambda message: sent.append(message.topic) or len(sent) + 10)
    assert sent == ["b", "c"]
    assert (outbox.repeated, outbox.given_up) == (1, 0)


def test_what_waits_is_bounded_and_the_oldest_is_given_up():
    outbox = Outbox(limit=3)
    outbox.add(Message(str(number), b"") for number in range(5))
    assert (len(outbox), outbox.given_up) == (3, 2)


def test_a_message_is_not_tried_for_ever():
    outbox, session = Outbox(), Session()
    outbox.add([Message("a", b"")])
    for _ in range(10):
        outbox.send(session.publish)
        outbox.on_session_end()
    assert (len(outbox), outbox.given_up) == (0, 1)


def test_after_a_standstill_one_second_is_caught_up():
    clock = ManualClock()
    line = LineInTime(Line(), clock, speed=2.0)
    clock.advance(0.5)
    line.advance()
    assert line.line.now_s == pytest.approx(1.0)
    clock.advance(3600.0)
    line.advance()
    assert line.line.now_s == pytest.approx(3.0)


class Running:
    """An agent in its own thread; what it said to people."""

    def __init__(self, port: int, interval_s: float = 0.1) -> None:
        clock, self.lines = SystemClock(), []
        self.agent = Agent(
            at(port),
            LineInTime(Line(), clock),
            lambda brokers, name, handler, role: MqttLink(
                brokers, name, handler, role, clock, random.Random(1), QUICK
            ),
            clock,
            interval_s,
            self.lines.append,
        )
        self.thread = threading.Thread(target=self.agent.run, name="agent")

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.agent.stop()
        self.thread.join(10.0)
        assert not self.thread.is_alive()


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


def contents(seen: Recorder, topic: str) -> list[dict]:
    return [json.loads(message.payload) for message in seen.messages if message.topic == topic]


def test_the_line_is_published_at_every_interval_and_not_retained(broker):
    with linked(at(broker.port), filters=[("plc/#", 1)]) as (_, seen), Running(broker.port) as running:
        wait_until(lambda: len(contents(seen, "plc/bottlefiller/alarms")) >= 3, "three data sets")
    assert {message.topic for message in seen.messages} == TOPICS
    assert {(message.qos, message.retain) for message in seen.messages} == {(1, False)}
    for topic in TOPICS:
        sequences = [content["sequence"] for content in contents(seen, topic)]
        assert sequences == list(range(1, len(sequences) + 1))
    assert running.lines[-1].startswith("Stopped after")
    with linked(at(broker.port), filters=[("plc/#", 1), ("end", 1)]) as (link, later):
        link.publish(Outgoing("end", b"", 1))
        wait_until(lambda: later.messages, "the end")
        assert [message.topic for message in later.messages] == ["end"]


def test_a_command_is_answered_and_its_effect_published_at_once(broker):
    with (
        linked(at(broker.port), filters=[("plc/#", 1)]) as (link, seen),
        Running(broker.port, interval_s=3600.0),
    ):
        wait_until(lambda: contents(seen, "plc/bottlefiller/data"), "the first data set")
        command = {"tag": "ConveyorSpeedSetpoint", "value": 50, "id": "x-1"}
        link.publish(Outgoing(COMMAND_TOPIC, json.dumps(command).encode(), 1))
        wait_until(lambda: len(contents(seen, "plc/bottlefiller/data")) == 2, "another data set")
        assert contents(seen, "plc/bottlefiller/data")[1]["ConveyorSpeedSetpoint"] == 50.0
        answer = contents(seen, RESULT_TOPIC)[0]
        assert (answer["id"], answer["ok"], answer["value"], answer["text"]) == ("x-1", True, 50.0, "")
        for payload in (b'{"tag": "FillLevel", "value": 1, "id": 2}', b"junk"):
            link.publish(Outgoing(COMMAND_TOPIC, payload, 1))
        wait_until(lambda: len(contents(seen, RESULT_TOPIC)) == 3, "the refusals")
        refused, junk = contents(seen, RESULT_TOPIC)[1:]
        assert (refused["id"], refused["ok"]) == (2, False)
        assert "read only" in refused["text"]
        assert (junk["id"], junk["ok"], junk["text"]) == (None, False, "the command is not JSON")


def test_the_agent_comes_back_after_its_broker_was_gone(broker, expected_logs):
    expected_logs.add("The (broker|connection)|refused")
    with Running(broker.port) as running:
        wait_until(lambda: running.agent.sequence, "a data set")
        broker.kill()
        wait_until(lambda: any("broker" in line for line in running.lines[1:]), "the loss")
        broker.start()
        with linked(at(broker.port), filters=[("plc/#", 1)]) as (_, seen):
            wait_until(lambda: contents(seen, "plc/bottlefiller/alarms"), "data sets")
        wait_until(lambda: sum("Connected" in line for line in running.lines) == 2, "the words")


def test_a_broker_that_refuses_says_why_in_words(expected_logs):
    expected_logs.add("bottlefiller: ")
    with Mosquitto(users={"other": "secret"}) as broker, Running(broker.port) as running:
        wait_until(lambda: running.lines, "the refusal")
        assert "user" in running.lines[0] or "authori" in running.lines[0]
        assert running.agent.sequence == 0


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    mqtt_agent.add_arguments(parser)
    return parser.parse_args(words)


def test_the_environment_gives_the_defaults(monkeypatch):
    for name in ("MQTT_BROKER_HOST", "MQTT_BROKER_PORT", "PUBLISH_INTERVAL"):
        monkeypatch.delenv(name, raising=False)
    args = parse()
    assert (args.host, args.port, args.interval) == ("localhost", 1883, 2.0)
    monkeypatch.setenv("MQTT_BROKER_HOST", "broker.example")
    monkeypatch.setenv("MQTT_BROKER_PORT", "1884")
    monkeypatch.setenv("PUBLISH_INTERVAL", "0.5")
    args = parse()
    assert (args.host, args.port, args.interval) == ("broker.example", 1884, 0.5)
    assert parse("--port", "1885").port == 1885


@pytest.mark.parametrize(
    "words",
    [
        *(("--port", "0"), ("--port", "x"), ("--interval", "0"), ("--interval", "nan"), ("--speed", "-1")),
        *(("--fault", "nothing"), ("--fault", "mute@5")),
    ],
)
def test_what_is_no_option_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        parse(*words)
    assert words[1].partition("@")[0] in capsys.readouterr().err


def test_the_command_ends_cleanly_by_a_signal(broker, capsys):
    with linked(at(broker.port), filters=[("plc/#", 1)]) as (_, seen):
        threading.Timer(0.0, lambda: _signal_when(lambda: seen.messages)).start()
        assert mqtt_agent.run(parse("--host", "127.0.0.1", "--port", str(broker.port))) == 0
    assert "Stopped after" in capsys.readouterr().out


def _signal_when(condition):
    wait_until(condition, "messages")
    signal.raise_signal(signal.SIGTERM)
