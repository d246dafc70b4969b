"""The host on a real broker: fleets, floods, restarts and what faces see of them."""

import pytest

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.host import HostSettings, subscriptions
from drivers.sparkplug.model import MetricType
from engine.connections import ConnectionState, ConnectionStatus
from engine.messages import HistoricalBatch
from engine.model import Quality
from engine.nodes import NodeState
from tests.drivers.sparkplug.host_edge import bd_seq, number, quality, tag
from tests.drivers.sparkplug.host_runs import Edge, bystander, host_on
from tests.mqtt.mosquitto import Mosquitto
from tests.waiting import wait_until

GOOD, STALE = Quality.GOOD, Quality.STALE
SPEED = tag("P/N/D:Speed", name="Speed")


@pytest.fixture(scope="module")
def broker():
    with Mosquitto() as running:
        yield running


@pytest.fixture
def fresh():
    with Mosquitto() as running:
        yield running


def born(link, group="P", node="N"):
    edge = Edge(link, group, node)
    edge.born()
    edge.send("DBIRTH", number("Speed", 1.0, 0), device="D")
    return edge


def test_values_of_a_node_arrive_and_are_stale_after_its_death(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, SPEED) as (host, engine):
        edge = born(link)
        edge.send("DDATA", number(None, 2.0, 0), device="D")
        wait_until(lambda: engine.value("remote/Speed") == (2.0, GOOD), "the value")
        edge.dies()
        wait_until(lambda: engine.value("remote/Speed") == (None, STALE), "the death")
        (node,) = [each for each in host.nodes() if each.id == "N"]
        assert node.state is NodeState.OFFLINE
        texts = lambda: [event.text for event in engine.events if event.source == "N"]  # noqa: E731
        wait_until(lambda: len(texts()) == 2, "both events")
        assert texts() == ["Born in P, bdSeq 1", "Dead in P, bdSeq 1, 2 metrics stale"]


def test_history_is_posted_apart_and_only_once(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, SPEED) as (_, engine):
        edge = born(link)
        for _ in range(2):
            past = [number(None, float(n), 0, timestamp_ms=1000 + n, is_historical=True) for n in range(50)]
            edge.send("DDATA", *past, device="D")
        edge.send("DDATA", number(None, 9.0, 0), device="D")
        wait_until(lambda: engine.value("remote/Speed") == (9.0, GOOD), "the live value")
        wait_until(lambda: engine.history, "the past")
        assert [(s.value, s.source_time_us) for s in engine.history] == [
            (float(n), (1000 + n) * 1000) for n in range(50)
        ]
        assert engine.of(HistoricalBatch)


def test_groups_are_followed_without_filters_that_overlap():
    assert subscriptions(HostSettings("h", ("A", "B", "A"))) == [
        ("spBv1.0/STATE/h", 1),
        ("spBv1.0/A/+/+", 1),
        ("spBv1.0/A/+/+/+", 1),
        ("spBv1.0/B/+/+", 1),
        ("spBv1.0/B/+/+/+", 1),
    ]
    everything = [("spBv1.0/STATE/h", 1), ("STATE/h", 1), ("spBv1.0/+/+/+", 1), ("spBv1.0/+/+/+/+", 1)]
    assert subscriptions(HostSettings("h", ("A", "#"), legacy_state=True)) == everything


def test_only_the_groups_asked_for_are_followed(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, groups=("Mine",)) as (host, _):
        born(link, "Theirs")
        born(link, "Mine")
        wait_until(host.nodes, "the node")
        assert [(node.group, node.id) for node in host.nodes()] == [("Mine", "N")]


def test_a_hundred_thousand_garbage_payloads_are_survived(fresh):
    with bystander(fresh.port, filters=()) as (link, _), host_on(fresh.port, SPEED) as (host, engine):
        edge = born(link)
        verbs = ("NBIRTH", "DDATA", "NDATA", "NDEATH", "DBIRTH", "STATE", "NONSENSE", "DCMD")
        for n in range(100_000):
            verb = verbs[n % len(verbs)]
            device = "/D" if verb.startswith("D") else ""
            junk = Outgoing(f"spBv1.0/P/{verb}/N{device}", b"\xff\xfe\xfd" + n.to_bytes(4, "big"))
            while link.publish(junk) is None:
                wait_until(lambda: link.status().queue < 10_000, "room in the queue")
        edge.send("DDATA", number(None, 2.0, 0), device="D")
        wait_until(lambda: engine.value("remote/Speed") == (2.0, GOOD), "the value after the flood", 60)
        (node,) = host.nodes()
        assert node.state is NodeState.ONLINE
        assert node.faults.malformed >= 60_000
        assert host.tracker.counts.garbage_topics >= 12_500
        assert host.online


def test_after_a_restart_of_the_host_five_hundred_nodes_are_asked_in_turn_and_born_again(fresh):
    with bystander(fresh.port) as (link, listener):
        edges = {f"N{n}": Edge(link, "Fleet", f"N{n}") for n in range(500)}
        asked = []

        def on_command(message):
            asked.append(message)
            edges[message.topic.rsplit("/", 1)[1]].born(number("Level", 1.0, 0))

        listener.on_command = on_command
        with host_on(fresh.port, rebirths_per_second=100.0) as (host, _):
            for edge in edges.values():
                for _ in range(3):
                    edge.send("NDATA", number(None, 1.0, 0))
            wait_until(lambda: len(host.nodes()) == 500, "all nodes")
            wait_until(lambda: all(n.state is NodeState.ONLINE for n in host.nodes()), "all births", 45)
            assert len(asked) == 500
            times = [message.received_us / 1e6 for message in asked]
            assert all(later - earlier > 0.8 for earlier, later in zip(times, times[130:], strict=False))
            assert not any(node.rebirth_pending for node in host.nodes())


def test_births_of_ten_thousand_metrics(fresh):
    tags = [tag(f"P/N/D:Group {n % 10}/Metric {n}", name=f"M{n}") for n in range(0, 10_000, 10)]
    metrics = [
        number(f"Group {n % 10}/Metric {n}", n + 0.5, n, properties=quality(192)) for n in range(10_000)
    ]
    with bystander(fresh.port, filters=()) as (link, _), host_on(fresh.port, *tags) as (host, engine):
        edge = Edge(link, "P", "N")
        edge.born()
        edge.send("DBIRTH", *metrics, device="D")
        wait_until(lambda: engine.value("remote/M9990") == (9990.5, GOOD), "the birth", 30)
        assert len(engine.latest) == 1000
        assert host.nodes()[0].devices[0].metrics_good == 10_000
        views = host.metrics("P", "N", "D")
        assert len(views) == 10_000
        assert next(view for view in views if view.alias == 20).tag == "remote/M20"


def test_a_restarted_broker_makes_everything_stale_until_it_is_born_again(fresh, expected_logs):
    expected_logs.add("host: |test: ")
    with bystander(fresh.port) as (link, listener), host_on(fresh.port, SPEED) as (host, engine):
        born(link)
        wait_until(lambda: engine.value("remote/Speed") == (1.0, GOOD), "the value")
        fresh.stop()
        wait_until(lambda: engine.value("remote/Speed") == (None, STALE), "the loss")
        statuses = lambda: [s.state for s in engine.of(ConnectionStatus)]  # noqa: E731
        wait_until(lambda: statuses()[-1] is ConnectionState.DISCONNECTED, "the state")
        fresh.start()
        wait_until(lambda: host.online and len(listener.connected) == 2, "both sessions")
        wait_until(lambda: listener.commands(), "the request")
        assert engine.value("remote/Speed") == (None, STALE)
        born(link)
        wait_until(lambda: engine.value("remote/Speed") == (1.0, GOOD), "the birth")
        wait_until(lambda: statuses()[-1] is ConnectionState.CONNECTED, "the state")


def test_the_inspector_shows_what_passes_and_decodes_anything(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, groups=("Look",)) as (host, _):
        host.inspect(True)
        edge = born(link, "Look", "N")
        edge.send("DDATA", number(None, 2.5, 0), device="D")
        link.publish(Outgoing("spBv1.0/Look/DDATA/N/D", b"\xff\xff"))
        wait_until(lambda: len(host.messages()) >= 4, "the messages")
        birth, _, data, junk = host.messages()[:4]
        assert (birth.topic, birth.seq, birth.metrics, birth.error) == ("spBv1.0/Look/NBIRTH/N", 0, 1, "")
        assert (data.seq, data.metrics) == (2, 1)
        assert junk.error
        assert "Speed" in host.decode(data.topic, data.payload)
        assert host.decode("x/y", b'{"a": 1}')
        assert host.messages(after=junk.number) == []
        host.inspect(False)
        assert host.messages() == []


def test_faces_see_nodes_devices_and_metrics(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, groups=("Tree",)) as (host, _):
        edge = Edge(link, "Tree", "B")
        edge.send("NBIRTH", bd_seq(7), number("Level", 3.5, 0, properties=quality(192)))
        born(link, "Tree", "A")
        wait_until(lambda: len(host.nodes()) == 2 and host.nodes()[0].devices, "the nodes")
        first, second = host.nodes()
        assert (first.id, second.id, second.bd_seq, second.seq) == ("A", "B", 7, 0)
        assert [device.id for device in first.devices] == ["D"]
        level = host.metrics("Tree", "B", None)[0]
        assert (level.name, level.alias, level.type, level.value) == ("Level", 0, "Float", 3.5)
        assert ("Quality", "192") in level.properties
        assert host.metrics("Tree", "B", "nothing") == host.metrics("x", "y", None) == []
        assert abs(second.skew_ms) < 60_000
        assert host.brokers()[0].role == "host"
        assert host.queues()[0].name == "Sparkplug host"
        changes = host.changes
        edge.dies(bd=7)
        wait_until(lambda: host.changes > changes, "the change")


def test_a_metric_of_a_type_that_no_tag_has_is_shown_as_text(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, groups=("Odd",)) as (host, _):
        Edge(link, "Odd", "N").born(number("Blob", bytes(range(20)), 0, MetricType.BYTES))
        wait_until(lambda: host.metrics("Odd", "N", None), "the metric")
        assert host.metrics("Odd", "N", None)[0].value.startswith("20 bytes 00 01")


def test_values_that_came_before_the_engine_started_the_connection_wait_for_it(broker):
    with bystander(broker.port) as (link, _), host_on(broker.port, SPEED) as (host, engine):
        (connection,) = host.connections
        connection.stop()
        born(link, node="N")
        wait_until(lambda: any(each.metrics_good for node in host.nodes() for each in node.devices), "birth")
        assert engine.value("remote/Speed") is None
        connection.start()
        wait_until(lambda: engine.value("remote/Speed") == (1.0, GOOD), "the value")


def test_a_fault_in_the_regular_work_does_not_hold_values_back(broker, expected_logs, monkeypatch):
    expected_logs.add("fault in the Sparkplug host")
    with bystander(broker.port) as (link, _), host_on(broker.port, SPEED) as (host, engine):

        def fail(_now_s):
            raise OverflowError

        monkeypatch.setattr(host, "_tick", fail)
        born(link)
        wait_until(lambda: engine.value("remote/Speed") == (1.0, GOOD), "the value")
