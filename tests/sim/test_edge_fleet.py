"""The simulated edge nodes against real brokers: births, data, commands, death, and every disturbance."""

import itertools
import json
import socket
import time
from collections.abc import Iterator

import pytest

from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import decode, encode
from drivers.sparkplug.topic import Verb, parse_topic
from engine.errors import EngineError
from sim.broker import EmbeddedBroker
from sim.edge_fleet import Fleet
from sim.fleet_control import FleetCommandError
from sim.fleet_run import FleetProcess
from tests.drivers.sparkplug.edge_observer import EdgeObserver
from tests.drivers.sparkplug.edge_rig import observe
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.proxy import NetworkProxy
from tests.sim.plain_client import Client
from tests.waiting import wait_until

NODE, DEVICE = "Edge-Filler-1", "Filler"
QUICK_S = 0.05


@pytest.fixture(scope="module", params=[Mosquitto, EmbeddedBroker])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with request.param() as broker:
        yield broker.port


class Host:
    """Subscribes to a group and decodes what comes; DATA by the types that the births declared."""

    def __init__(self, port: int, group: str, verb: str = "+") -> None:
        self.group = group
        self.client = Client(port, f"spBv1.0/{group}/{verb}/#")
        self._declared = {}
        self._heard = []

    def heard(self):
        """All messages so far but commands, which are its own."""
        arrived = -1
        while arrived < len(self.client.messages):
            arrived = len(self.client.messages)
            self.client.paho.loop(0.01)
        for message in self.client.messages[len(self._heard) :]:
            self._heard.append((parse_topic(message.topic), self._decoded(message)))
        return [each for each in self._heard if each[0].verb not in (Verb.NCMD, Verb.DCMD)]

    def wait(self, verb, node=NODE, matching=lambda payload: True):
        def found():
            return [
                p for topic, p in self.heard() if (topic.verb, topic.node) == (verb, node) and matching(p)
            ]

        wait_until(found, f"{verb} of {node}")
        return found()[-1]

    def command(self, metric, device=DEVICE):
        verb = Verb.DCMD if device else Verb.NCMD
        topic = "/".join(["spBv1.0", self.group, verb, NODE, *([device] if device else [])])
        self.client.publish(topic, encode(Payload(1, (metric,)), datatypes=False))

    def _decoded(self, message):
        source = parse_topic(message.topic).node
        payload = decode(message.payload, lambda _name, alias: self._declared.get((source, alias)))
        for each in payload.metrics:
            if each.type is not None and each.alias is not None:
                self._declared[source, each.alias] = each.type
        return payload


def states(fleet):
    return {each["node"]: each["state"] for each in fleet.nodes()}


def fact(fleet, name, node=NODE):
    return next(each[name] for each in fleet.nodes() if each["node"] == node)


def wait_born(fleet, *nodes):
    names = nodes or tuple(states(fleet))
    wait_until(lambda: all(states(fleet)[name] == "born" for name in names), "the births", 30.0)


def test_a_life_with_a_cut_a_rebirth_and_a_device_that_dies_keeps_every_rule(port):
    group = "Life"

    def seen():
        return observe(net, EdgeObserver(group, NODE))

    def wait_seen(verb, count, what):
        wait_until(lambda: [v for v, _ in seen().messages].count(verb) >= count, what)

    with NetworkProxy(port) as net:
        with Fleet("127.0.0.1", net.port, group=group, nodes=1, interval_s=QUICK_S) as fleet:
            wait_seen(Verb.DDATA, 2, "data")
            fleet.cut(NODE)
            fleet.restore(NODE)
            wait_born(fleet)
            fleet.rebirth(NODE)
            wait_seen(Verb.NBIRTH, 3, "the births again")
            fleet.kill_device(NODE, DEVICE)
            fleet.revive_device(NODE, DEVICE)
            data = [v for v, _ in seen().messages].count(Verb.DDATA)
            wait_seen(Verb.DDATA, data + 1, "data after all")
        wait_seen(Verb.NDEATH, 1, "the last word")
        assert seen().bd_seqs == [0, 1]
        verbs = [verb for verb, _ in seen().messages]
        assert verbs.count(Verb.DBIRTH) == 4
        assert verbs.count(Verb.DDEATH) == 1
        assert verbs[-1] is Verb.NDEATH


def test_a_cut_node_is_dead_by_its_will_and_comes_back_with_the_next_bdseq(port):
    host = Host(port, "Cut")
    with Fleet("127.0.0.1", port, group="Cut", nodes=2, interval_s=QUICK_S) as fleet:
        born = host.wait(Verb.NBIRTH).metrics[0]
        fleet.cut(NODE)
        (death,) = host.wait(Verb.NDEATH).metrics
        assert (born.name, born.value) == (death.name, death.value) == ("bdSeq", 0)
        assert states(fleet) == {NODE: "cut", "Edge-Capper-1": "born"}
        fleet.restore(NODE)
        host.wait(Verb.NBIRTH, matching=lambda p: p.metrics[0].value == 1)


def test_setpoints_are_obeyed_and_echoed_within_their_range_only(port):
    host = Host(port, "Write")
    with Fleet("127.0.0.1", port, group="Write", nodes=1, interval_s=QUICK_S):
        birth = host.wait(Verb.DBIRTH)
        alias = next(each.alias for each in birth.metrics if each.name == "ConveyorSpeedSetpoint")
        for value in (1000.0, 61.5):
            host.command(Metric(None, value, MetricType.FLOAT, alias))
        host.wait(Verb.DDATA, matching=lambda p: values(p, alias) == [61.5])
        host.command(Metric("AutoMode", False, MetricType.BOOLEAN))
        host.wait(Verb.DDATA, matching=lambda p: False in values(p, alias + 7))
    assert {v for topic, p in host.heard() for v in values(p, alias)} == {58.0, 61.5}


def values(payload, alias):
    return [each.value for each in payload.metrics if each.alias == alias]


def test_births_are_given_again_when_a_host_asks(port):
    host = Host(port, "Ask")
    with Fleet("127.0.0.1", port, group="Ask", nodes=1, interval_s=1000.0):
        host.wait(Verb.DBIRTH)
        host.command(Metric("Node Control/Rebirth", False, MetricType.BOOLEAN), device=None)
        host.command(Metric("Node Control/Rebirth", True, MetricType.BOOLEAN), device=None)
        wait_until(lambda: len(births(host)) == 4, "the births again")
    assert births(host) == [(Verb.NBIRTH, 0), (Verb.DBIRTH, 1)] * 2


def births(host):
    return [(topic.verb, payload.seq) for topic, payload in host.heard() if topic.verb.endswith("BIRTH")]


def test_a_gap_is_one_missing_number(port):
    host = Host(port, "Gap")
    with Fleet("127.0.0.1", port, group="Gap", nodes=1, interval_s=QUICK_S) as fleet:
        host.wait(Verb.DDATA)
        fleet.gap(NODE)
        wait_until(lambda: max(steps(host)) == 2, "the gap")
    assert steps(host).count(2) == 1


def steps(host):
    seqs = [payload.seq for _, payload in host.heard() if payload.seq is not None]
    return [(after - before) % 256 for before, after in itertools.pairwise(seqs)]


def test_a_muted_node_stays_connected_and_says_nothing(port):
    with Fleet("127.0.0.1", port, group="Mute", nodes=2, interval_s=QUICK_S) as fleet:
        wait_born(fleet)
        fleet.mute(NODE, 1000.0)
        before, other = fact(fleet, "published"), fact(fleet, "published", "Edge-Capper-1")
        wait_until(lambda: fact(fleet, "published", "Edge-Capper-1") > other + 2, "data of the other")
        assert fact(fleet, "published") == before
        assert fact(fleet, "state") == "born"
        fleet.mute(NODE, 0.0)
        wait_until(lambda: fact(fleet, "published") > before, "data again")


def test_a_clock_that_is_off_shows_in_every_timestamp(port):
    host = Host(port, "Clock")
    now_ms = time.time_ns() // 1_000_000
    with Fleet("127.0.0.1", port, group="Clock", nodes=1, interval_s=QUICK_S) as fleet:
        fleet.set_clock(NODE, 7200.0)
        late = host.wait(Verb.DDATA, matching=lambda p: p.timestamp_ms > now_ms + 7_100_000)
    assert all(each.timestamp_ms > now_ms + 7_100_000 for each in late.metrics)


def test_nodes_connect_again_when_their_broker_is_back():
    with Mosquitto() as broker, Fleet("127.0.0.1", broker.port, nodes=3, interval_s=QUICK_S) as fleet:
        wait_born(fleet)
        broker.restart()
        wait_until(lambda: all(each["bd_seq"] for each in fleet.nodes()), "the loss")
        wait_born(fleet)


def test_two_hundred_nodes_are_born(port):
    host = Host(port, "Many", Verb.NBIRTH)
    with Fleet("127.0.0.1", port, group="Many", nodes=200) as fleet:
        wait_born(fleet)
        wait_until(lambda: len(host.heard()) == 200, "their births", 30.0)
    assert len({topic.node for topic, _ in host.heard()}) == 200
    assert all(payload.seq == 0 for _, payload in host.heard())


def test_a_fleet_in_a_process_of_its_own_takes_the_same_commands(port):
    with FleetProcess("127.0.0.1", port, group="Child", nodes=2, interval_s=QUICK_S) as fleet:
        wait_born(fleet)
        fleet.cut(NODE)
        assert states(fleet) == {NODE: "cut", "Edge-Capper-1": "born"}
        fleet.restore(NODE)
        wait_born(fleet)
        with pytest.raises(FleetCommandError, match="there is no node 'Edge-Nobody'"):
            fleet.cut("Edge-Nobody")
        with pytest.raises(FleetCommandError, match="Edge-Filler-1 has no device 'Capper'"):
            fleet.kill_device(NODE, "Capper")
    assert not fleet.running


def test_a_fleet_whose_control_port_is_taken_says_so(port):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(EngineError, match=f"The control port {taken} cannot be used"):
            FleetProcess("127.0.0.1", port, control_port=taken).start()


def test_the_control_port_answers_each_line(port):
    lines = ("cut Edge-Filler-1", "cut", "mute Edge-Filler-1 soon", "dance", "help", "nodes")
    with (
        Fleet("127.0.0.1", port, group="Lines", nodes=1, control_port=0) as fleet,
        socket.create_connection(("127.0.0.1", fleet.control_port), 5.0) as sock,
        sock.makefile("rb") as answers,
    ):
        sock.sendall("".join(f"{line}\n" for line in lines).encode())
        cut, short, soon, unknown, help_, nodes = (json.loads(answers.readline()) for _ in lines)
    assert cut == {"ok": True}
    assert short["error"] == "expected: cut NODE"
    assert soon["error"] == "'soon' is no number of seconds"
    assert "'dance' is not a command" in unknown["error"]
    assert "clock NODE +SECONDS" in help_["commands"]
    assert nodes["nodes"][0]["state"] == "cut"


def test_a_fleet_tells_why_it_cannot_connect_until_it_can(port):
    with NetworkProxy(port) as net:
        net.cut()
        with Fleet("127.0.0.1", net.port, group="Trouble", nodes=1) as fleet:
            wait_until(fleet.trouble, "trouble")
            assert fleet.trouble().startswith(f"{NODE}: ")
            net.restore()
            wait_born(fleet)
            assert fleet.trouble() == ""
            assert fact(fleet, "bd_seq") == 0, "no CONNECT had left before"
