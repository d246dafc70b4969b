"""``brimline view``: messages as lines, data sets as summaries, sessions with a real broker."""

import argparse
import io
import json
import signal
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.base import Incoming, Outgoing
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from hmi import mqtt_view
from hmi.broker_session import parse_broker
from hmi.mqtt_view import View
from hmi.mqtt_view_json import message_line
from hmi.mqtt_view_text import PARTS, DataSets, format_message, format_summary
from hmi.sparkplug_births import Births
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.mqtt.recording import at, linked
from tests.waiting import wait_until

NOW_US = 1_773_312_000_123_000
STATUS = {"SystemRunning": True, "Fault": False}
ANALOG = {"ConveyorSpeed": 57.94, "FillLevel": 61.9}
COUNTERS = {"BottlesFilled": 41, "BottlesRejected": 2, "BottlesPerMinute": 39}
ALARMS = {"Overfill": True, "Underfill": False, "CapMissing": True}


def message(topic: str, content: object, *, retain: bool = False) -> Incoming:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Incoming(topic, payload, 1, retain, NOW_US)


def data_set(sequence: int, root: str = "plc/line", **data: object) -> list[Incoming]:
    contents = {part: {} for part in PARTS} | {"data": data}
    contents |= {"status": STATUS, "analog": ANALOG, "counters": COUNTERS, "alarms": ALARMS}
    return [
        message(f"{root}/{part}", content | {"sequence": sequence, "timestamp_ms": NOW_US // 1000})
        for part, content in contents.items()
    ]


def birth(*metrics: Metric) -> Incoming:
    return message("spBv1.0/G/NBIRTH/N", encode(Payload(NOW_US // 1000, metrics, 0)))


def test_a_flat_object_is_shown_as_names_and_values():
    text = format_message(message("a/b", {"Level": 61.5, "Run now": True, "sequence": 7, "Text": "x\x1b"}))
    head, body = text.splitlines()
    assert "a/b" in head
    assert head.endswith("QoS 1)  sequence 7")
    assert body == "    Level 61.5  Run now on  Text x\\x1b"


def test_long_objects_are_wrapped_between_the_pairs():
    lines = format_message(message("a", {f"name {n}": n for n in range(30)}), width=60).splitlines()[1:]
    assert len(lines) > 3
    assert all(len(line) <= 60 and line.strip().startswith("name") for line in lines)


@given(st.binary(max_size=60), st.text(max_size=20))
def test_anything_can_be_shown(payload, topic):
    came = message(topic, payload, retain=True)
    births = Births()
    births.learn(topic, payload)
    assert "retained" in format_message(came, 60, births.describe)
    line = message_line(came, births)
    assert "\n" not in line
    assert json.loads(line)["topic"] == topic


def test_a_data_set_is_summarised_when_its_seventh_message_came():
    sets = DataSets()
    *six, last = data_set(7, StateCurrent=6)
    assert [sets.add(each) for each in six] == [None] * 6
    summary = sets.add(last)
    assert summary is not None
    assert format_summary(summary) == (
        "== plc/line data set 7: Execute, 57.9 rpm, level 61.9 %, 41 filled, 2 rejected, 39 per minute, "
        "ALARMS: Overfill, CapMissing"
    )


def test_mixed_data_sets_are_told_apart():
    sets = DataSets()
    first, second, other = data_set(1), data_set(2), data_set(1, root="plc/other")
    mixed = [each for three in zip(first, second, other, strict=True) for each in three]
    summaries = [summary for each in mixed if (summary := sets.add(each))]
    assert [(each.root, each.sequence) for each in summaries] == [
        ("plc/line", 1),
        ("plc/line", 2),
        ("plc/other", 1),
    ]


@pytest.mark.parametrize("number", [0, 18, 6.5, True, "6", None])
def test_a_state_that_packml_does_not_know_is_told_by_the_bits(number):
    sets = DataSets()
    summaries = [sets.add(each) for each in data_set(1, StateCurrent=number)]
    assert summaries[-1] is not None
    assert summaries[-1].state == "Running"


def test_what_is_no_part_of_a_data_set_is_left_alone():
    sets = DataSets()
    for each in (message("data", {}), message("a/data", b"{"), message("a/data", []), message("a/data", {})):
        assert sets.add(each) is None


def test_data_sets_that_stay_incomplete_are_forgotten():
    sets = DataSets()
    for number in range(1000):
        sets.add(data_set(number)[0])
        sets.add(data_set(1, root=f"root/{number}")[0])
    assert sum(len(each) for each in sets._open.values()) < 200


def test_sparkplug_is_decoded_with_the_names_and_types_of_the_birth():
    births = Births()
    born = birth(Metric("Level", -5, MetricType.INT8, 3))
    births.learn(born.topic, born.payload)
    data = message(
        "spBv1.0/G/NDATA/N",
        encode(Payload(NOW_US // 1000, (Metric(None, -7, MetricType.INT8, 3),), 1), datatypes=False),
    )
    assert "Level (alias 3)  Int8 = -7" in format_message(data, 100, births.describe)
    content = json.loads(message_line(data, births))["sparkplug"]
    assert (content["seq"], content["timestamp_ms"]) == (1, NOW_US // 1000)
    assert content["metrics"] == [{"name": "Level", "alias": 3, "type": "Int8", "value": -7}]


def test_text_that_no_encoding_has_is_escaped():
    came = message("a", b'{"x": "\\ud800", "y": {"z": "\\udfff"}}')
    assert json.loads(message_line(came, Births()).encode("ascii"))["json"]["x"] == "\ud800"
    assert "\\ud800" in format_message(message("a", b'{"x": "\\ud800"}'))


def test_json_lines_say_what_a_message_is():
    def kinds(topic: str, content: object) -> dict:
        return json.loads(message_line(message(topic, content), Births()))

    assert kinds("a", {"x": 1})["json"] == {"x": 1}
    assert kinds("a", b"plain")["text"] == "plain"
    assert kinds("a", b"\xff")["base64"] == "/w=="
    assert kinds("spBv1.0/STATE/h", {"online": True, "timestamp": 5})["state"] == {
        "online": True,
        "timestamp_ms": 5,
    }
    assert kinds("STATE/h", b"OFFLINE")["state"] == {"online": False, "timestamp_ms": 0}
    assert kinds("spBv1.0/G/NBIRTH/N", b"\xff")["error"]
    assert kinds("spBv1.0/G/NBIRTH/N", encode(Payload(1, (Metric("x", float("nan"), MetricType.DOUBLE),))))
    assert kinds("a", {"x": 1})["time"] == "2026-03-12T10:40:00.123Z"


def test_the_view_writes_messages_and_summaries():
    for as_json in (False, True):
        out = io.StringIO()
        view = View(out, 100, as_json=as_json)
        for each in data_set(7):
            view.on_message(each)
        assert view.shown == 7
        lines = out.getvalue().splitlines()
        assert ("data set 7" in lines[-1]) != as_json
        if as_json:
            assert [json.loads(line)["kind"] for line in lines] == ["message"] * 7 + ["data_set"]
            assert json.loads(lines[-1])["time"] == "2026-03-12T10:40:00.123Z"


@pytest.mark.parametrize(
    ("text", "broker"),
    [
        ("broker", ("broker", 1883)),
        ("broker:1884", ("broker", 1884)),
        ("[::1]:1884", ("::1", 1884)),
        ("[::1]", ("::1", 1883)),
        ("::1", ("::1", 1883)),
    ],
)
def test_a_broker_is_a_host_and_perhaps_a_port(text, broker):
    assert parse_broker(text) == broker


@pytest.mark.parametrize("text", ["", ":1883", "a:x", "a:0", "a:99999", "mqtt://a", "a b"])
def test_what_is_no_broker_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        parse_broker(text)


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    mqtt_view.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    "words", [("--topic", "a/#/b"), ("--topic", "a+"), ("--count", "0"), ("--minutes", "0")]
)
def test_what_is_no_option_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        parse(*words)
    assert words[1] in capsys.readouterr().err


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


class Running:
    """The command, which has to run in the main thread; ``meanwhile`` runs beside it."""

    def __init__(self, meanwhile) -> None:
        self.failed: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, args=(meanwhile,), name="meanwhile")

    def _run(self, meanwhile) -> None:
        try:
            meanwhile()
        except BaseException as error:
            self.failed.append(error)
            signal.raise_signal(signal.SIGINT)

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.thread.join(15.0)
        assert not self.failed


def publish_until(port: int, done: threading.Event) -> None:
    with linked(at(port)) as (link, _):
        while not done.wait(0.05):
            for each in data_set(1, root="plc/bottlefiller"):
                link.publish(Outgoing(each.topic, each.payload, 1))


def test_it_ends_after_so_many_messages(broker, capsys):
    done = threading.Event()
    with Running(lambda: publish_until(broker.port, done)):
        args = parse("--broker", f"127.0.0.1:{broker.port}", "--json", "--count", "7")
        assert mqtt_view.run(args) == 0
        done.set()
    shown = capsys.readouterr()
    lines = [json.loads(line) for line in shown.out.splitlines()]
    assert [line["kind"] for line in lines].count("message") == 7
    assert f"Connected to the broker 127.0.0.1:{broker.port}" in shown.err


def test_ctrl_c_ends_it_cleanly(broker, capsys):
    def interrupt() -> None:
        wait_until(lambda: "New client connected" in broker.log() and "view" in broker.log(), "the session")
        wait_until(lambda: "SUBACK" in broker.log(), "the subscription")
        signal.raise_signal(signal.SIGINT)

    with Running(interrupt):
        mqtt_view.run(parse("--broker", f"127.0.0.1:{broker.port}"))
    assert "Traceback" not in capsys.readouterr().err


def test_without_a_broker_it_says_so_and_fails(capsys):
    port = free_port()
    assert mqtt_view.run(parse("--broker", f"127.0.0.1:{port}", "--minutes", "0.01")) == 1
    assert f"127.0.0.1:{port}" in (told := capsys.readouterr().err)
    assert told.count("Trying again") == 1
