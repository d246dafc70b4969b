"""The edge node while brokers die, cables are cut and programs are killed: nothing lost, nothing doubled."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from drivers.mqtt.base import Incoming, Outgoing
from drivers.mqtt.packets import Connect, Disconnect, Publish
from drivers.sparkplug.edge_inbox import Arrived, End
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from drivers.sparkplug.topic import Verb, parse_topic
from engine.commands import CommandResult, CommandState
from engine.nodes import BrokerState, EdgeState
from tests.drivers.sparkplug.edge_observer import EdgeObserver
from tests.drivers.sparkplug.edge_rig import REBIRTH, EdgeRig, devices, observe, state_message
from tests.drivers.sparkplug.requirements import requirement
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import Recorder, at, linked
from tests.waiting import wait_until

LOGS = r"drivers\.mqtt"


@pytest.fixture(autouse=True)
def _lost_sessions_are_logged(expected_logs):
    expected_logs.add(LOGS)


class Host(Recorder):
    """What a host hears over the broker, in order: what a tap sees may never have arrived."""

    def heard(self):
        observer = EdgeObserver()
        for message in list(self.messages):
            topic = parse_topic(message.topic)
            if topic.verb is Verb.NDEATH:
                continue
            if topic.verb is Verb.NBIRTH:
                observer.meet(message)
            observer.publish(message)
        return observer.heard


def hosted(broker):
    return linked(
        at(broker.port), Host(), filters=[("spBv1.0/plant/+/filler/#", 0), ("spBv1.0/plant/+/filler", 0)]
    )


def arrived(heard):
    return {(f"{h.device}/{h.name}", h.time_ms, h.value) for h in heard}


def wait_arrived(rig, hosts, timeout_s=20.0):
    """Every value that the plant gave has come to the hosts."""

    def missing():
        found = set().union(*(arrived(host.heard()) for host in hosts))
        return [given for given in rig.given if given not in found]

    wait_until(lambda: not missing(), "every value", timeout_s)


def doubles(heard):
    """Values that came as data more than once."""
    counted = Counter((h.device, h.name, h.time_ms) for h in heard if h.how != "birth")
    return {what: count for what, count in counted.items() if count > 1}


def assert_newest_is_live(rig, heard):
    shown = {f"{h.device}/{h.name}": h.value for h in heard if h.how != "history"}
    for key, value in shown.items():
        assert value == rig.tags.state(key).sample.value


def wait_proven(rig):
    """Nothing is on its way any more."""
    wait_until(lambda: not rig.node._flow.unproven, "an answered ping")


def test_values_of_an_outage_come_once_as_history_in_order_with_their_times(tmp_path):
    with Mosquitto() as broker, hosted(broker) as (_, host), NetworkProxy(broker.port) as net:
        with EdgeRig(tmp_path, [net.port]) as rig:
            rig.connect_devices()
            rig.wait()
            rig.change("line1/Value0", -1.0)
            wait_arrived(rig, [host])
            wait_proven(rig)
            net.cut()
            rig.wait(EdgeState.OFFLINE)
            for number in range(200):
                rig.change("line1/Value0", float(number))
                rig.change("line2/Value1", float(-number))
            wait_until(lambda: rig.node.status().stored == 400, "400 stored values")
            first_us = rig.given[1][1] * 1000
            wait_until(lambda: rig.node.status().stored_since_us == first_us, "the age of the oldest")
            net.restore()
            rig.wait()
            wait_arrived(rig, [host])
            wait_until(lambda: rig.node.status().stored == 0, "an empty store")
            heard = host.heard()
        past = [h for h in heard if h.how == "history"]
        for device in ("line1", "line2"):
            times = [h.time_ms for h in past if h.device == device]
            assert times == sorted(times)
            assert len(times) == 199, "the newest is in the birth already"
        assert not doubles(heard)
        assert_newest_is_live(rig, heard)
        observe(net)


@pytest.mark.parametrize("fault", ["restart", "kill"])
def test_a_broker_that_goes_and_comes_back_costs_nothing(tmp_path, fault):
    with Mosquitto() as broker, EdgeRig(tmp_path, [broker.port]) as rig:
        rig.connect_devices()
        with hosted(broker) as (_, host):
            rig.wait()
            for number in range(50):
                rig.change("line1/Value0", float(number))
            wait_arrived(rig, [host])
            wait_proven(rig)
            if fault == "restart":
                broker.stop()
            else:
                broker.kill()
            rig.wait(EdgeState.OFFLINE)
            for number in range(50, 100):
                rig.change("line1/Value0", float(number))
        wait_until(lambda: rig.node.status().stored == 50, "the stored values")
        broker.start()
        with hosted(broker) as (_, later):
            rig.wait()
            for number in range(100, 110):
                rig.change("line1/Value0", float(number))
            wait_until(lambda: rig.node.status().stored == 0, "an empty store")
            # The broker that came back may have had the births before this host was there.
            rig.node._inbox.put(Arrived(Incoming("spBv1.0/plant/NCMD/filler", REBIRTH, 0, False, 0)))
            wait_until(lambda: any(h.value == 109.0 for h in later_heard(later)), "the newest value")
    assert rig.node.status().stored_lost == 0


def later_heard(host):
    """From the first birth on."""
    fresh = Host()
    for index, message in enumerate(list(host.messages)):
        if parse_topic(message.topic).verb is Verb.NBIRTH:
            fresh.messages = list(host.messages)[index:]
            break
    return fresh.heard()


def test_a_cut_in_full_flow_loses_nothing_and_doubles_only_what_was_on_its_way(tmp_path):
    with Mosquitto() as broker, hosted(broker) as (_, host), NetworkProxy(broker.port) as net:
        with EdgeRig(tmp_path, [net.port]) as rig:
            rig.connect_devices()
            rig.wait()
            for round_ in range(5):
                for number in range(100):
                    rig.change("line1/Value0", float(round_ * 1000 + number))
                    if number == 50:
                        net.drop()
                births = rig.node.status().births
                wait_until(lambda n=births: rig.node.status().births >= n, "a new session")
            rig.wait()
            wait_arrived(rig, [host])
            wait_until(lambda: rig.node.status().stored == 0, "an empty store")
            wait_proven(rig)
            heard = host.heard()
        assert rig.node.status().stored_lost == 0
        assert_newest_is_live(rig, heard)
        again = [h for h in heard if (h.device, h.name, h.time_ms) in doubles(heard)]
        assert all(count <= 6 for count in doubles(heard).values())
        live = Counter((h.name, h.time_ms) for h in again if h.how == "live")
        assert all(count == 1 for count in live.values()), "the second time it is history"


def test_a_stalled_network_is_noticed_and_what_was_swallowed_is_sent_again(tmp_path):
    with (
        Mosquitto() as broker,
        hosted(broker) as (_, host),
        NetworkProxy(broker.port) as net,
        EdgeRig(tmp_path, [net.port], broker={"keep_alive_s": 1}) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        net.stall(True)
        for number in range(100):
            rig.change("line1/Value0", float(number))
        rig.wait(EdgeState.OFFLINE, timeout_s=15)
        net.drop()
        net.stall(False)
        rig.wait()
        wait_arrived(rig, [host])
        wait_until(lambda: rig.node.status().stored == 0, "an empty store")
        assert_newest_is_live(rig, host.heard())


def test_history_never_delays_what_is_live(tmp_path):
    with (
        Mosquitto() as broker,
        hosted(broker) as (_, host),
        NetworkProxy(broker.port) as net,
        EdgeRig(tmp_path, [net.port], history_per_s=500.0) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        net.cut()
        rig.wait(EdgeState.OFFLINE)
        for number in range(2000):
            rig.change("line1/Value0", float(number))
        net.restore()
        rig.wait()
        rig.change("line2/Value0", 5.0)
        wait_until(lambda: any(h.value == 5.0 and h.how == "live" for h in host.heard()), "the live value")
        assert rig.node.status().stored > 1000, "most of the past is still to come"
        wait_arrived(rig, [host])


def test_the_past_of_a_device_waits_until_the_device_is_born(tmp_path):
    with Mosquitto() as broker, hosted(broker) as (_, host), EdgeRig(tmp_path, [broker.port]) as rig:
        rig.connect_devices("line1")
        rig.wait()
        rig.change("line2/Value0", 1.0)
        rig.change("line2/Value0", 2.0)
        wait_until(lambda: rig.node.status().stored == 2, "two stored values")
        rig.connect_devices("line2")
        wait_arrived(rig, [host])
        heard = [(h.value, h.how) for h in host.heard() if h.device == "line2" and h.name == "Value0"]
        assert heard == [(2.0, "birth"), (1.0, "history")]
        wait_until(lambda: rig.node.status().stored == 0, "an empty store")


_CHILD = Path(__file__).with_name("edge_child.py")


def test_a_killed_program_loses_nothing_that_it_has_kept(tmp_path):
    """Killed again and again, offline and in full flow; a host hears every value that was acknowledged."""
    acknowledged = []
    with Mosquitto() as broker, hosted(broker) as (_, host), NetworkProxy(broker.port) as net:
        for round_ in range(4):
            if round_ == 1:
                net.cut()
            elif round_ == 3:
                net.restore()
            acknowledged += _run_and_kill(tmp_path, net.port, round_)
        with EdgeRig(tmp_path, [net.port]) as rig:
            rig.connect_devices()
            rig.wait()

            def missing():
                found = arrived(host.heard())
                return [given for given in acknowledged if given not in found]

            wait_until(lambda: not missing(), "every acknowledged value", 20)
            wait_until(lambda: rig.node.status().stored == 0, "an empty store")
        numbers = observe(net).bd_seqs
    assert len(acknowledged) >= 400
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _run_and_kill(folder, port, round_):
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.drivers.sparkplug.edge_child", str(folder), str(port), str(round_)],
        stdout=subprocess.PIPE,
        text=True,
    )
    given = []
    for line in child.stdout:
        given.append(tuple(json.loads(line)))
        if len(given) == 100:
            break
    child.send_signal(signal.SIGKILL)
    given += [tuple(json.loads(line)) for line in child.stdout if line.endswith("]\n")]
    child.wait(10)
    child.stdout.close()
    return given


def publishes(net, name):
    return [p for p in net.packets() if isinstance(p, Publish) and f"/{name}/" in p.topic]


@requirement(
    "tck-id-message-flow-edge-node-birth-publish-phid-wait",
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-id",
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-online",
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp",
    "tck-id-message-flow-edge-node-birth-publish-phid-offline",
    "tck-id-operational-behavior-edge-node-birth-sequence-wait",
    "tck-id-operational-behavior-edge-node-termination-host-offline",
    "tck-id-operational-behavior-edge-node-termination-host-offline-reconnect",
    "tck-id-operational-behavior-edge-node-termination-host-offline-timestamp",
    "tck-id-operational-behavior-primary-application-state-with-multiple-servers-state-subs",
)
def test_the_primary_host_is_waited_for_and_followed(tmp_path):
    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        hosted(broker) as (_, host),
    ):
        with EdgeRig(tmp_path, [net.port], primary_host_id="scada") as rig:
            rig.connect_devices()
            rig.wait(EdgeState.WAITING)
            scada.publish(state_message(True, 100, "other"))
            scada.publish(state_message(False, 50))
            rig.change("line1/Value0", 1.0)
            wait_until(lambda: rig.node.status().stored == 1, "a stored value")
            assert rig.node.status().state is EdgeState.WAITING
            assert not publishes(net, "NBIRTH")
            assert "scada" in rig.node.status().cause
            scada.publish(state_message(True, 100))
            rig.wait()
            scada.publish(state_message(False, 99))
            rig.change("line1/Value0", 2.0)
            wait_arrived(rig, [host])
            assert rig.node.status().state is EdgeState.BORN
            scada.publish(state_message(False, 100))
            wait_until(lambda: publishes(net, "NDEATH"), "the death certificate")
            rig.wait(EdgeState.WAITING)
            wait_until(
                lambda: len([p for p in net.packets() if isinstance(p, Connect)]) == 2, "a new session"
            )
            rig.change("line1/Value0", 3.0)
            wait_until(lambda: rig.node.status().stored >= 1, "a stored value")
            scada.publish(state_message(True, 200))
            rig.wait()
            wait_arrived(rig, [host])
            kinds = [type(p) for p in net.packets()]
            assert Disconnect in kinds
        observe(net)


@requirement(
    "tck-id-operational-behavior-edge-node-termination-host-offline-reconnect",
    "tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server",
    "tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk",
)
def test_with_two_brokers_it_walks_to_the_one_where_its_host_is(tmp_path):
    """What the host says leads it, not the patience that is for brokers that say nothing."""
    with (
        Mosquitto() as first,
        Mosquitto() as second,
        NetworkProxy(first.port) as net1,
        NetworkProxy(second.port) as net2,
        linked(at(first.port)) as (scada1, _),
        linked(at(second.port)) as (scada2, _),
        EdgeRig(tmp_path, [net1.port, net2.port], primary_host_id="scada", walk_s=60.0) as rig,
    ):
        scada2.publish(state_message(False, 5))
        scada1.publish(state_message(True, 10))
        rig.connect_devices()
        wait_until(lambda: publishes(net1, "NBIRTH"), "births on the first broker")
        assert not publishes(net2, "NBIRTH")
        scada1.publish(state_message(False, 10))
        scada2.publish(state_message(True, 11))
        wait_until(lambda: publishes(net2, "NBIRTH"), "births on the second broker")
        # Each tap has a thread of its own: that of the first may see the end there after these births.
        wait_until(lambda: isinstance(net1.packets()[-1], Disconnect), "the end on the first broker")
        said = net1.packets()
        rig.change("line1/Value0", 1.0)
        wait_until(lambda: publishes(net2, "DDATA"), "data on the second broker")
        assert net1.packets() == said, "nothing more on the first"
        observe(net1)


def test_the_first_broker_is_left_where_the_host_never_shows_up(tmp_path):
    with (
        Mosquitto() as first,
        Mosquitto() as second,
        linked(at(second.port)) as (scada, _),
        EdgeRig(tmp_path, [first.port, second.port], primary_host_id="scada") as rig,
    ):
        scada.publish(state_message(True, 10))
        rig.connect_devices()
        rig.wait()
        assert rig.node.brokers()[0].address == f"127.0.0.1:{second.port}"


@requirement("tck-id-message-flow-edge-node-birth-publish-phid-wait")
def test_the_only_broker_is_not_left_however_long_the_host_is_away(tmp_path):
    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        EdgeRig(tmp_path, [net.port], primary_host_id="scada", walk_s=0.0) as rig,
    ):
        rig.connect_devices()
        rig.wait(EdgeState.WAITING)
        rig.change("line1/Value0", 1.0)
        wait_until(lambda: rig.node.status().stored == 1, "a stored value, its patience long over")
        scada.publish(state_message(True, 100))
        rig.wait()
        assert len([p for p in net.packets() if isinstance(p, Connect)]) == 1


def test_without_a_usable_disk_live_values_still_go_out_and_it_is_said(tmp_path, expected_logs):
    expected_logs.add("session number of the edge node cannot be kept")
    blocked = tmp_path / "file"
    blocked.write_text("a file where the data folder should be")
    with (
        Mosquitto() as broker,
        hosted(broker) as (_, host),
        EdgeRig(blocked, [broker.port]) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        for number in range(20):
            rig.change("line1/Value0", float(number))
        wait_arrived(rig, [host])
    assert len([text for text in rig.texts() if "cannot be kept" in text]) == 2


def test_a_fault_of_ours_ends_the_session_and_not_the_node(tmp_path, expected_logs):
    expected_logs.add("fault in the Sparkplug edge node")
    faults = []

    def break_once(*asked):
        faults.append(asked)
        raise RuntimeError("a fault of ours")

    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        EdgeRig(
            tmp_path,
            [net.port],
            request=break_once,
            allow_commands=True,
            command_allowlist=frozenset({"line1/Value0"}),
        ) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        scada.publish(dcmd(1.0))
        wait_until(lambda: faults, "the fault")
        wait_until(lambda: rig.node.status().births == 2, "a new session")
        rig.change("line1/Value0", 5.0)
        wait_until(lambda: 5.0 in [h.value for h in observe(net).heard], "data")
    assert any("Internal fault" in text for text in rig.texts())


def dcmd(value):
    payload = encode(Payload(1, (Metric("Value0", value, MetricType.DOUBLE),)))
    return Outgoing("spBv1.0/plant/DCMD/filler/line1", payload)


def lose_the_session_unseen(rig, net):
    """In the edge node's thread: while it is busy the link loses one session and begins the next."""
    net.drop()
    wait_until(lambda: rig.node.brokers()[0].reconnects == 1, "the next session")


@requirement("tck-id-payloads-ndeath-bdseq")
def test_a_session_that_it_does_not_know_of_yet_is_not_ended_with_the_death_of_the_one_before(
    tmp_path, expected_logs
):
    expected_logs.add("fault in the Sparkplug edge node")

    def fail_late(*_asked):
        lose_the_session_unseen(rig, net)
        raise RuntimeError("a fault of ours")

    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        EdgeRig(
            tmp_path,
            [net.port],
            request=fail_late,
            allow_commands=True,
            command_allowlist=frozenset({"line1/Value0"}),
        ) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        scada.publish(dcmd(1.0))
        wait_until(lambda: observe(net).births == 2, "births in the next session")
        assert len(net.connections) == 2, "it is not left for the sake of the one before"
    assert observe(net).messages[-1] == (Verb.NDEATH, None)


def test_what_comes_together_with_a_fault_of_ours_is_not_lost(tmp_path, expected_logs):
    expected_logs.add("fault in the Sparkplug edge node")

    def fail_among_others(key, value, _user):
        if value == 2.0:
            raise RuntimeError("a fault of ours")
        rig.node._inbox.put(Arrived(Incoming(*dcmd(2.0), rig.clock.utc_us())))
        rig.change("line1/Value0", 5.0)
        lose_the_session_unseen(rig, net)
        return CommandResult(CommandState.PENDING, key, value)

    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        EdgeRig(
            tmp_path,
            [net.port],
            request=fail_among_others,
            allow_commands=True,
            command_allowlist=frozenset({"line1/Value0"}),
        ) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        scada.publish(dcmd(1.0))
        wait_until(lambda: 5.0 in [h.value for h in observe(net).heard], "the value")
        assert observe(net).births == 2
        assert len(net.connections) == 2


@requirement("tck-id-payloads-ndeath-bdseq")
def test_its_end_in_a_session_that_it_does_not_know_of_yet_says_no_death_of_the_one_before(tmp_path):
    def be_stopped_late(key, value, _user):
        if value == 1.0:
            rig.node._inbox.put(Arrived(Incoming(*dcmd(2.0), rig.clock.utc_us())))
            rig.node._inbox.put(End())
        else:
            lose_the_session_unseen(rig, net)
        return CommandResult(CommandState.PENDING, key, value)

    with (
        Mosquitto() as broker,
        NetworkProxy(broker.port) as net,
        linked(at(broker.port)) as (scada, _),
        EdgeRig(
            tmp_path,
            [net.port],
            request=be_stopped_late,
            allow_commands=True,
            command_allowlist=frozenset({"line1/Value0"}),
        ) as rig,
    ):
        rig.connect_devices()
        rig.wait()
        wait_proven(rig)
        scada.publish(dcmd(1.0))
        wait_until(lambda: rig.node.brokers()[0].state is BrokerState.OFF, "the end")
        wait_until(lambda: isinstance(net.packets()[-1], Disconnect), "the last packet")
    observe(net)
    _, unknown = net.connections
    assert not [seen for seen in unknown.from_client if isinstance(seen.packet, Publish)]


def test_values_of_tags_that_are_gone_are_given_up_and_counted(tmp_path):
    port = free_port()
    with EdgeRig(tmp_path, [port]) as rig:
        rig.change("line1/Value2", 1.0)
        rig.change("line1/Value0", 2.0)
        rig.change("line1/Value0", 3.0)
        wait_until(lambda: rig.node.status().stored == 3, "the stored values")
    with (
        Mosquitto() as broker,
        hosted(broker) as (_, host),
        EdgeRig(tmp_path, [broker.port], devices=devices(1, tags=2)) as later,
    ):
        later.connect_devices()
        later.wait()
        wait_until(lambda: later.node.status().stored_lost == 1, "the loss")
        wait_until(lambda: later.node.status().stored == 0, "an empty store")

        def past():
            return [h.value for h in host.heard() if h.how == "history"]

        wait_until(lambda: past() == [2.0, 3.0], "the values of the tag that is left")
    assert any("no longer in the plant file" in text for text in later.texts())
