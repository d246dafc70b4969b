"""The host in a whole engine: values, a write with readback, history apart, and an orderly end."""

import random

import pytest

from drivers.mqtt.base import BrokerSettings
from drivers.mqtt.link import MqttLink
from drivers.sparkplug.host import Host, HostConnectionSettings, HostSettings
from drivers.sparkplug.model import MetricType
from engine.clock import SystemClock
from engine.commands import CommandState
from engine.connections import ConnectionState
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.model import Access, Quality
from engine.runtime import Engine
from engine.tags import TagDatabase
from tests.drivers.sparkplug.host_edge import number, tag
from tests.drivers.sparkplug.host_runs import Edge, bystander
from tests.mqtt.mosquitto import Mosquitto
from tests.waiting import wait_until

SPEED = tag("P/N/D:Speed", name="Speed", access=Access.READ_WRITE)
OTHER = tag("P/Other:Speed", name="Other", access=Access.READ_WRITE)


class Recorder(NullRecorder):
    def __init__(self):
        super().__init__()
        self.samples = []

    def record_samples(self, samples):
        self.samples += samples

    def record_event(self, event):
        return


@pytest.fixture
def plant():
    with Mosquitto() as broker:
        clock, recorder, journal = SystemClock(), Recorder(), EventJournal()
        engine = Engine(TagDatabase([SPEED, OTHER]), journal, recorder, None, clock)
        settings = BrokerSettings("127.0.0.1", broker.port)
        host = Host(
            HostSettings("whole"),
            [HostConnectionSettings("remote", "Remote", (SPEED, OTHER))],
            engine.post,
            journal.record,
            lambda handler: MqttLink([settings], "whole", handler, "host", clock, random.Random(1)),
            clock,
            ("P", "N"),
        )
        engine.add_services([host])
        engine.add_connections(host.connections)
        engine.host = host
        engine.start()
        try:
            wait_until(lambda: host.online, "the host")
            with bystander(broker.port) as (link, listener):
                engine.listener, engine.link = listener, link
                yield engine
        finally:
            engine.stop()


def test_values_writes_and_history_go_their_ways(plant):
    edge = Edge(plant.link, "P", "N")
    edge.born()
    edge.send("DBIRTH", number("Speed", 58.0, 0), device="D")
    wait_until(lambda: plant.tags.state("remote/Speed").sample.value == 58.0, "the value")
    wait_until(lambda: plant.connection("remote").state is ConnectionState.CONNECTED, "the connection")
    status = plant.connection("remote")
    assert dict(status.tag_errors) == {"remote/Other": "P/Other has not been heard of"}
    assert plant.host.nodes()[0].own

    results = []
    assert (
        plant.commands.request("remote/Speed", 60.0, "operator", results.append).state is CommandState.PENDING
    )
    wait_until(lambda: plant.listener.commands("DCMD"), "the command")
    edge.send("DDATA", number(None, 60.0, 0), device="D")
    wait_until(lambda: results, "the result")
    assert (results[0].state, results[0].readback) == (CommandState.DONE, 60.0)
    refused = plant.commands.request("remote/Other", 1.0, "operator")
    assert (refused.state, refused.text) == (
        CommandState.REFUSED,
        "P/Other has not been heard of. Nothing was written",
    )

    past = number(None, 11.0, 0, timestamp_ms=1000, is_historical=True)
    edge.send("DDATA", past, number(None, 61.0, 0), device="D")
    wait_until(lambda: plant.tags.state("remote/Speed").sample.value == 61.0, "the live value")
    wait_until(lambda: any(s.source_time_us == 1_000_000 for s in plant.recorder.samples), "the past")
    edge.dies()
    wait_until(lambda: plant.tags.state("remote/Speed").sample.quality is Quality.STALE, "the death")
    assert plant.tags.state("remote/Speed").last_good.value == 61.0
    wait_until(lambda: plant.connection("remote").state is ConnectionState.DISCONNECTED, "the state")
    assert "P/N" in plant.connection("remote").cause
    assert [queue.name for queue in plant.queues()][-1] == "Sparkplug host"


def test_a_transient_value_is_live_and_no_history(plant):
    edge = Edge(plant.link, "P", "N")
    edge.born()
    edge.send("DBIRTH", number("Speed", 58.0, 0), device="D")
    edge.send("DDATA", number(None, 59.0, 0, is_transient=True), device="D")
    edge.send("DDATA", number(None, 60.0, 0), device="D")
    wait_until(lambda: any(s.value == 60.0 for s in plant.recorder.samples), "the kept value")
    assert [s.value for s in plant.recorder.samples if s.tag == "remote/Speed"] == [58.0, 60.0]
    edge.send("DDATA", number(None, 61.0, 0, is_transient=True), device="D")
    wait_until(lambda: plant.tags.state("remote/Speed").sample.value == 61.0, "the transient value")


def test_the_state_is_offline_after_the_engine_has_stopped(plant):
    wait_until(lambda: plant.listener.states("whole"), "the state")
    plant.stop()
    wait_until(lambda: b"false" in plant.listener.states("whole")[-1].payload, "the farewell")
    assert not plant.host.online


def test_a_metric_of_any_whole_type_can_be_written(plant):
    edge = Edge(plant.link, "P", "N")
    edge.born()
    edge.send("DBIRTH", number("Speed", 58, 0, MetricType.INT16), device="D")
    wait_until(lambda: plant.tags.state("remote/Speed").sample.value == 58.0, "the value")
    wait_until(lambda: plant.connection("remote").state is ConnectionState.CONNECTED, "the connection")
    plant.commands.request("remote/Speed", 61.0, "operator")
    wait_until(lambda: plant.listener.commands("DCMD"), "the command")
    (metric,) = plant.listener.commands("DCMD")[0][1].metrics
    assert (metric.value, metric.type) == (61, MetricType.INT16)
