"""``brimline sparkplug watch``: what it knows, how it tells it, and that nobody notices it."""

import argparse
import io
import json
import threading
from collections.abc import Iterator

import pytest

from drivers.mqtt.base import Incoming, Outgoing
from drivers.sparkplug.model import Metric, MetricType, Payload, Property
from drivers.sparkplug.payload import encode
from engine.model import Quality
from engine.nodes import NodeState
from hmi import sparkplug_watch
from hmi.sparkplug_watch import Listing, Screen
from hmi.sparkplug_watch_core import DeviceChange, HostChange, MetricChange, NodeChange, Watcher
from hmi.sparkplug_watch_json import change_to_line, snapshot_line
from hmi.sparkplug_watch_text import change_line, cut, format_age, format_metric_value, tree_lines
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.mqtt.recording import at, linked
from tests.waiting import wait_until

NOW_MS = 1_773_312_000_000
NOW_US = NOW_MS * 1000
BD_SEQ = Metric("bdSeq", 4, MetricType.INT64)
LEVEL = Metric("Level", 61.5, MetricType.FLOAT, 1, properties={"engUnit": Property(MetricType.STRING, "%")})
WORD = Metric("Word", 7, MetricType.INT32, 2)


class Node:
    """An edge node's messages, one tenth of a second apart, fed to a watcher."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher, self.seq, self.now_us = watcher, 0, NOW_US

    def say(self, topic: str, *metrics: Metric, seq: int | None = None, retain: bool = False) -> None:
        self.now_us += 100_000
        payload = encode(Payload(self.now_us // 1000, metrics, seq))
        self.watcher.on_message(
            Incoming(f"spBv1.0/{topic}", payload, 0, retain, self.now_us), self.now_us / 1e6
        )

    def born(self) -> None:
        self.seq = 0
        self.say("G/NBIRTH/N", BD_SEQ, seq=0)
        self.next("G/DBIRTH/N/filler", LEVEL, WORD)

    def next(self, topic: str, *metrics: Metric, skip: int = 0) -> None:
        self.seq = (self.seq + 1 + skip) % 256
        self.say(topic, *metrics, seq=self.seq)

    def level(self, value: float, skip: int = 0) -> None:
        self.next("G/DDATA/N/filler", Metric(None, value, MetricType.FLOAT, 1), skip=skip)


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def node(watcher) -> Node:
    return Node(watcher)


def changes(watcher: Watcher, kind: type) -> list:
    return [each for each in watcher.changes(NOW_US) if isinstance(each, kind)]


def test_a_birth_shows_node_device_and_metrics(watcher, node):
    node.born()
    (view,) = watcher.nodes(node.now_us)
    assert (view.group, view.id, view.state, view.bd_seq) == ("G", "N", NodeState.ONLINE, 4)
    lines = list(tree_lines(watcher.nodes(node.now_us), watcher.metrics, node.now_us))
    assert lines[0] == "G"
    assert "N online" in lines[1]
    assert "bdSeq 4, seq 1" in lines[1]
    assert "    filler online" in "\n".join(lines)
    assert "      Level #1 = 61.5 %  (Float)  0.0 s ago" in lines
    assert "      Word #2 = 7  (Int32)  0.0 s ago" in lines


def test_changes_are_told_once_and_of_a_metric_the_newest(watcher, node):
    node.born()
    first = list(watcher.changes(node.now_us))
    assert [type(each) for each in first] == [
        NodeChange,
        DeviceChange,
        MetricChange,
        MetricChange,
        MetricChange,
    ]
    assert list(watcher.changes(node.now_us)) == []
    node.level(62.0)
    node.level(63.0)
    (change,) = watcher.changes(node.now_us)
    assert (change.device, change.metric.name, change.metric.value) == ("filler", "Level", 63.0)
    assert change_line(change, node.now_us).endswith("G/N/filler:Level #1 = 63 %  (Float)  0.0 s ago")


def test_a_gap_is_told_with_the_change(watcher, node):
    node.born()
    list(watcher.changes(node.now_us))
    node.level(62.0, skip=3)
    watcher.on_time(node.now_us / 1e6 + 10.0, node.now_us)
    (change,) = changes(watcher, NodeChange)
    assert dict(change.faults) == {"gaps": 1}
    assert "1 gaps in the sequence" in change_line(change, node.now_us)


def test_a_death_leaves_the_values_stale(watcher, node):
    node.born()
    list(watcher.changes(node.now_us))
    node.say("G/NDEATH/N", BD_SEQ)
    (change,) = changes(watcher, NodeChange)
    assert change.node.state is NodeState.OFFLINE
    (metric, _) = watcher.metrics(change.node, "filler")
    assert (metric.quality, metric.value) == (Quality.STALE, 61.5)
    assert "STALE" in "\n".join(tree_lines(watcher.nodes(NOW_US), watcher.metrics, NOW_US))


def test_a_device_death_leaves_the_node(watcher, node):
    node.born()
    list(watcher.changes(node.now_us))
    node.next("G/DDEATH/N/filler")
    (change,) = changes(watcher, DeviceChange)
    assert (change.node.state, change.device.state) == (NodeState.ONLINE, NodeState.OFFLINE)


def test_a_node_whose_birth_was_missed_is_told_once_and_nobody_is_asked(watcher, node):
    node.level(1.0)
    assert len(changes(watcher, NodeChange)) == 1
    node.level(2.0)
    assert changes(watcher, NodeChange) == []
    assert watcher.on_time(node.now_us / 1e6 + 100.0, node.now_us) == []
    (view,) = watcher.nodes(node.now_us)
    assert view.state is NodeState.UNBORN


def test_only_where_it_was_allowed_the_node_is_asked(watcher, node):
    watcher.on_connected(node.now_us / 1e6, ask_rebirths=True)
    node.level(1.0)
    asked = watcher.on_time(node.now_us / 1e6 + 100.0, node.now_us)
    assert [tuple(each) for each in asked] == [("G", "N")]


def test_hosts_are_shown(watcher):
    for topic, payload in (
        ("spBv1.0/STATE/scada", b'{"online": true, "timestamp": 1773312000000}'),
        ("STATE/old", b"OFFLINE"),
        ("spBv1.0/STATE/junk", b"?"),
        ("spBv1.0/STATE/", b"ONLINE"),
    ):
        watcher.on_message(Incoming(topic, payload, 1, True, NOW_US), 0.0)
    told = {change.host: change.state.online for change in changes(watcher, HostChange)}
    assert told == {"scada": True, "old": False}
    assert changes(watcher, HostChange) == []


def test_junk_is_counted_and_hurts_nobody(watcher, node):
    node.born()
    for topic in ("spBv1.0/G/NDATA/N", "spBv1.0/G/NBIRTH/other", "spBv1.0/x", "spBv1.0/G/DATA/N"):
        watcher.on_message(Incoming(topic, b"\xff\xff\xff", 0, False, node.now_us), node.now_us / 1e6)
    assert watcher.malformed == 4
    (view,) = watcher.nodes(node.now_us)
    assert view.state is NodeState.ONLINE


def test_json_has_a_line_for_each_change_and_a_snapshot_of_all(watcher, node):
    watcher.on_message(Incoming("STATE/old", b"ONLINE", 1, True, NOW_US), 0.0)
    node.born()
    lines = [json.loads(change_to_line(each, node.now_us)) for each in watcher.changes(node.now_us)]
    assert [line["kind"] for line in lines] == ["host", "node", "device", "metric", "metric", "metric"]
    by_name = {line["name"]: line for line in lines[3:]}
    level = by_name["Level"]
    place = {"group": "G", "node": "N", "device": "filler", "time": "2026-03-12T10:40:00.200Z"}
    assert place.items() <= level.items()
    assert (level["value"], level["unit"], level["quality"], level["alias"]) == (61.5, "%", "GOOD", 1)
    assert level["source_time"] == level["received"] == "2026-03-12T10:40:00.200Z"
    assert by_name["bdSeq"]["device"] is None
    snapshot = json.loads(
        snapshot_line(watcher.nodes(node.now_us), watcher.metrics, watcher.hosts, node.now_us)
    )
    (shown,) = snapshot["nodes"]
    assert (shown["node"], shown["state"], shown["bd_seq"]) == ("N", "online", 4)
    assert (shown["last_error"], shown["last_error_time"]) == ("", None)
    assert [each["name"] for each in shown["devices"][0]["metrics"]] == ["Level", "Word"]
    assert snapshot["hosts"] == [{"host": "old", "online": True, "timestamp_ms": None}]


def test_a_screen_repaints_what_fits_it(watcher, node):
    node.born()
    out = io.StringIO()
    Screen(out, lambda: (30, 5)).show(watcher, "heading", node.now_us)
    assert out.getvalue().startswith("\x1b[H\x1b[2J")
    lines = out.getvalue().removeprefix("\x1b[H\x1b[2J").splitlines()
    assert len(lines) == 4
    assert all(len(line) <= 30 for line in lines)
    assert lines[-1] == "… 4 more lines"


def test_a_listing_of_once_shows_nothing_before_the_end(watcher, node):
    node.born()
    out = io.StringIO()
    listing = Listing(out, as_json=False, once=True)
    listing.show(watcher, "heading", node.now_us)
    assert out.getvalue() == ""
    listing.finish(watcher, "heading", node.now_us)
    assert out.getvalue().startswith("heading\nG\n")


def test_what_is_cut_is_counted():
    assert cut(["a", "b"], 10, 2) == ["a", "b"]
    assert cut(["a", "b", "c"], 20, 2) == ["a", "… 2 more lines"]
    assert cut(["abcdef"], 4, 2) == ["abc…"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "null"), (True, "true"), (1.23456789, "1.234568"), ("a\x1b", '"a\\x1b"'), (7, "7")),
        *(((1, 2), "[1, 2] (2)"), (tuple(range(9)), "[0, 1, 2, 3, 4, …] (9)")),
    ],
)
def test_values_are_short(value, text):
    assert format_metric_value(value) == text


def test_ages_are_told_as_people_do():
    ages = [format_age(NOW_US - round(age_s * 1e6), NOW_US) for age_s in (-5, 1.25, 120, 7200)]
    assert ages == ["0.0 s ago", "1.2 s ago", "2 min ago", "2.0 h ago"]
    assert format_age(None, NOW_US) == "never"


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    sparkplug_watch.add_arguments(parser)
    return parser.parse_args(words)


def test_it_shows_what_is_on_a_broker_and_publishes_nothing(broker, capsys):
    birth = encode(Payload(NOW_MS, (BD_SEQ, LEVEL), 0))
    watching = ["--broker", f"127.0.0.1:{broker.port}", "--json", "--once", "--wait", "1.5"]
    with linked(at(broker.port), filters=[("#", 1)]) as (link, seen):
        thread = threading.Thread(target=_publish_when_watched, args=(broker, link, birth), name="node")
        thread.start()
        assert sparkplug_watch.run(parse(*watching)) == 0
        thread.join()
    assert {message.topic for message in seen.messages} == {"spBv1.0/G/NBIRTH/N", "spBv1.0/H/NBIRTH/N"}
    snapshot = json.loads(capsys.readouterr().out)
    assert [(each["group"], each["state"]) for each in snapshot["nodes"]] == [
        ("G", "online"),
        ("H", "online"),
    ]


def test_a_group_can_be_watched_alone(broker, capsys):
    birth = encode(Payload(NOW_MS, (BD_SEQ, LEVEL), 0))
    watching = ["--broker", f"127.0.0.1:{broker.port}", "--group", "H", "--minutes", "0.025"]
    with linked(at(broker.port)) as (link, _):
        thread = threading.Thread(target=_publish_when_watched, args=(broker, link, birth), name="node")
        thread.start()
        assert sparkplug_watch.run(parse(*watching)) == 0
        thread.join()
    shown = capsys.readouterr().out
    assert "H/N online" in shown
    assert "H/N:Level #1 = 61.5 %" in shown
    assert "G/N" not in shown


def _publish_when_watched(broker: Mosquitto, link, birth: bytes) -> None:
    def subscribed() -> bool:
        return any("SUBACK" in line and "watch" in line for line in broker.log().splitlines())

    wait_until(subscribed, "the watcher's subscriptions")
    for group in ("G", "H"):
        link.publish(Outgoing(f"spBv1.0/{group}/NBIRTH/N", birth))


def test_without_a_broker_it_says_so_and_fails(capsys):
    port = free_port()
    args = parse("--broker", f"127.0.0.1:{port}", "--once", "--wait", "0.3")
    assert sparkplug_watch.run(args) == 1
    shown = capsys.readouterr()
    assert f"127.0.0.1:{port}" in shown.err
    assert "DISCONNECTED (" in shown.out
    assert "0 of 0 nodes online" in shown.out


def test_a_group_is_an_id(capsys):
    with pytest.raises(SystemExit):
        parse("--group", "a/b")
    assert "is not a group" in capsys.readouterr().err
