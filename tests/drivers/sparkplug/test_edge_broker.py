"""The edge node against a real broker, seen through a tap."""

from collections import Counter

import pytest

from drivers.mqtt.base import Outgoing
from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from drivers.sparkplug.edge_model import EdgeDevice
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import decode, encode, parse
from drivers.sparkplug.topic import Verb
from engine.nodes import EdgeState
from tests.drivers.sparkplug.edge_rig import EdgeRig, devices, observe
from tests.drivers.sparkplug.requirements import requirement
from tests.engine.tag_defs import tag_def
from tests.mqtt.conftest import broker  # noqa: F401
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import at, linked
from tests.waiting import wait_until


@pytest.fixture
def net(broker):  # noqa: F811
    with NetworkProxy(broker.port) as proxy:
        yield proxy


def heard(net):
    return observe(net).heard


def test_births_then_data_then_death(net, tmp_path):
    with EdgeRig(tmp_path, [net.port]) as rig:
        rig.connect_devices("line1")
        rig.wait()
        rig.change("line1/Value0", 1.5)
        rig.change("line1/Value0", 2.5)
        wait_until(lambda: [h.value for h in heard(net) if h.how == "live"] == [1.5, 2.5], "the values")
        rig.lose("line1")
        wait_until(lambda: (Verb.DDEATH, "line1") in observe(net).messages, "the death of the device")
        assert rig.node.status().state is EdgeState.BORN
    seen = observe(net)
    verbs = [verb for verb, _ in seen.messages]
    assert verbs[:2] == [Verb.NBIRTH, Verb.DBIRTH]
    assert verbs[-1] is Verb.NDEATH
    assert [h.value for h in seen.heard if h.how == "live"] == [1.5, 2.5, None]
    assert [h.quality for h in seen.heard if h.how == "live"] == [192, None, 0]


def live(seen):
    return [h.value for h in seen.heard if h.how == "live"]


def times(seen, *kinds):
    return Counter((h.device, h.name, h.time_ms) for h in seen.heard if h.how in kinds)


def assert_all_arrived(rig, seen):
    """Nothing lost; nothing twice but what was on its way when a session ended."""
    arrived = {(f"{h.device}/{h.name}", h.time_ms): h for h in seen.heard}
    for key, time_ms, value in rig.given:
        assert arrived[key, time_ms].value == value
    shown = {(h.device, h.name): h.value for h in seen.heard if h.how != "history"}
    for device in rig.devices:
        for tag in device.tags:
            assert shown[device.id, tag.name] == rig.tags.state(tag.key).sample.value


def wait_stored(rig, count):
    wait_until(lambda: rig.node.status().stored >= count, f"{count} stored values")


def wait_empty(rig, timeout_s=10.0):
    wait_until(
        lambda: rig.node.status().state is EdgeState.BORN and rig.node.status().stored == 0,
        "an empty store",
        timeout_s,
    )


@requirement(
    "tck-id-intro-group-id-string",
    "tck-id-intro-group-id-chars",
    "tck-id-intro-edge-node-id-string",
    "tck-id-intro-edge-node-id-chars",
    "tck-id-intro-device-id-string",
    "tck-id-intro-device-id-chars",
    "tck-id-topic-structure",
    "tck-id-topic-structure-namespace-a",
    "tck-id-topic-structure-namespace-valid-group-id",
    "tck-id-topic-structure-namespace-valid-edge-node-id",
    "tck-id-topic-structure-namespace-valid-device-id",
    "tck-id-topic-structure-namespace-device-id-associated-message-types",
    "tck-id-topic-structure-namespace-device-id-non-associated-message-types",
    "tck-id-principles-birth-certificates-order",
    "tck-id-principles-persistence-clean-session-311",
    "tck-id-principles-persistence-clean-session-50",
    "tck-id-topics-nbirth-topic",
    "tck-id-topics-nbirth-mqtt",
    "tck-id-topics-nbirth-seq-num",
    "tck-id-topics-nbirth-timestamp",
    "tck-id-topics-nbirth-metric-reqs",
    "tck-id-topics-nbirth-metrics",
    "tck-id-topics-nbirth-bdseq-included",
    "tck-id-topics-nbirth-rebirth-metric",
    "tck-id-topics-ndata-topic",
    "tck-id-topics-ndata-mqtt",
    "tck-id-topics-ndata-timestamp",
    "tck-id-topics-ndata-payload",
    "tck-id-topics-ndeath-topic",
    "tck-id-topics-ndeath-payload",
    "tck-id-topics-dbirth-topic",
    "tck-id-topics-dbirth-mqtt",
    "tck-id-topics-dbirth-timestamp",
    "tck-id-topics-dbirth-metric-reqs",
    "tck-id-topics-dbirth-metrics",
    "tck-id-topics-ddata-topic",
    "tck-id-topics-ddata-mqtt",
    "tck-id-topics-ddata-timestamp",
    "tck-id-topics-ddata-payload",
    "tck-id-topics-ddeath-topic",
    "tck-id-topics-ddeath-mqtt",
    "tck-id-message-flow-edge-node-ncmd-subscribe",
    "tck-id-message-flow-device-dcmd-subscribe",
    "tck-id-message-flow-edge-node-birth-publish-connect",
    "tck-id-message-flow-edge-node-birth-publish-will-message",
    "tck-id-message-flow-edge-node-birth-publish-will-message-topic",
    "tck-id-message-flow-edge-node-birth-publish-will-message-payload",
    "tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "tck-id-message-flow-edge-node-birth-publish-will-message-qos",
    "tck-id-message-flow-edge-node-birth-publish-will-message-will-retained",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-topic",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-payload",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-qos",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-retained",
    "tck-id-message-flow-edge-node-birth-publish-nbirth-payload-seq",
    "tck-id-message-flow-device-birth-publish-dbirth-topic",
    "tck-id-message-flow-device-birth-publish-dbirth-match-edge-node-topic",
    "tck-id-message-flow-device-birth-publish-dbirth-payload",
    "tck-id-message-flow-device-birth-publish-dbirth-qos",
    "tck-id-message-flow-device-birth-publish-dbirth-retained",
    "tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath",
    "tck-id-operational-behavior-edge-node-intentional-disconnect-packet",
    "tck-id-operational-behavior-device-ddeath",
    "tck-id-operational-behavior-data-publish-nbirth",
    "tck-id-operational-behavior-data-publish-nbirth-values",
    "tck-id-operational-behavior-data-publish-dbirth",
    "tck-id-operational-behavior-data-publish-dbirth-values",
    "tck-id-operational-behavior-data-commands-rebirth-name",
    "tck-id-operational-behavior-data-commands-rebirth-name-aliases",
    "tck-id-operational-behavior-data-commands-rebirth-datatype",
    "tck-id-operational-behavior-data-commands-rebirth-value",
    "tck-id-payloads-name-birth-data-requirement",
    "tck-id-payloads-nbirth-timestamp",
    "tck-id-payloads-nbirth-seq",
    "tck-id-payloads-nbirth-bdseq",
    "tck-id-payloads-nbirth-rebirth-req",
    "tck-id-payloads-nbirth-qos",
    "tck-id-payloads-nbirth-retain",
    "tck-id-payloads-dbirth-timestamp",
    "tck-id-payloads-dbirth-qos",
    "tck-id-payloads-dbirth-retain",
    "tck-id-payloads-ndata-timestamp",
    "tck-id-payloads-ndata-qos",
    "tck-id-payloads-ndata-retain",
    "tck-id-payloads-ddata-timestamp",
    "tck-id-payloads-ddata-qos",
    "tck-id-payloads-ddata-retain",
    "tck-id-payloads-ndeath-will-message",
    "tck-id-payloads-ndeath-will-message-qos",
    "tck-id-payloads-ndeath-will-message-retain",
    "tck-id-payloads-ndeath-bdseq",
    "tck-id-payloads-ndeath-will-message-publisher",
    "tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311",
    "tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50",
    "tck-id-payloads-ddeath-timestamp",
    "tck-id-payloads-timestamp-in-UTC",
    "tck-id-payloads-name-requirement",
    "tck-id-payloads-alias-uniqueness",
    "tck-id-payloads-alias-birth-requirement",
    "tck-id-payloads-alias-data-cmd-requirement",
    "tck-id-payloads-metric-datatype-req",
    "tck-id-payloads-metric-datatype-not-req",
    "tck-id-payloads-propertyset-keys-array-size",
    "tck-id-payloads-propertyset-values-array-size",
    "tck-id-payloads-propertyset-quality-value-type",
    "tck-id-payloads-propertyset-quality-value-value",
)
@pytest.mark.parametrize(("protocol", "reason"), [("3.1.1", 0), ("5", 4)])
def test_a_whole_life_on_the_wire(net, tmp_path, protocol, reason):
    """The observer checks every message; here is checked that there was something of each kind."""
    with EdgeRig(tmp_path, [net.port], broker={"protocol": protocol}) as rig:
        rig.wait()
        rig.change("line1/Value0", 0.5)
        wait_stored(rig, 1)
        rig.connect_devices()
        rig.change("line2/Value1", 7.0)
        wait_until(lambda: (Verb.NDATA, None) in observe(net).messages, "data of the node itself")
        wait_until(lambda: 7.0 in [h.value for h in observe(net).heard], "data")
        rig.lose("line2")
        wait_until(lambda: (Verb.DDEATH, "line2") in observe(net).messages, "the death of the device")
    wait_until(lambda: isinstance(net.packets()[-1], Disconnect), "the end of the session")
    packets = net.packets()
    connect = packets[0]
    assert isinstance(connect, Connect)
    assert connect.clean
    assert connect.session_expiry_s == 0
    kinds = [type(packet) for packet in packets]
    assert kinds.index(Subscribe) < kinds.index(Publish)
    (asked,) = (packet.filters for packet in packets if isinstance(packet, Subscribe))
    assert asked == (("spBv1.0/plant/NCMD/filler", 1), ("spBv1.0/plant/DCMD/filler/#", 1))
    assert packets[-1] == Disconnect(reason)
    assert packets[-2].topic == "spBv1.0/plant/NDEATH/filler"
    assert (
        parse(packets[-2].payload).metrics[0].long_value == parse(connect.will.payload).metrics[0].long_value
    )
    for packet in packets:
        if isinstance(packet, Publish):
            now_ms = rig.clock.utc_us() // 1000
            assert abs(parse(packet.payload).timestamp - now_ms) < 60_000
    verbs = {verb for verb, _ in observe(net).messages}
    assert verbs == {Verb.NBIRTH, Verb.NDATA, Verb.NDEATH, Verb.DBIRTH, Verb.DDATA, Verb.DDEATH}


@requirement("tck-id-topics-nbirth-metrics", "tck-id-topics-dbirth-metrics")
def test_births_say_what_there_is_to_know(net, tmp_path):
    with EdgeRig(tmp_path, [net.port], site="Bottling hall", version="0.2") as rig:
        rig.change("line1/Value0", 3.5)
        rig.connect_devices("line1")
        rig.wait()
        wait_until(lambda: (Verb.DBIRTH, "line1") in observe(net).messages, "the birth of the device")
        births = [decode(p.payload) for p in net.packets() if isinstance(p, Publish) and "BIRTH" in p.topic]
    node = {metric.name: metric.value for metric in births[0].metrics}
    assert node["Properties/Site"] == "Bottling hall"
    assert node["Properties/Software"] == "Brimline"
    known, unknown, _ = births[-1].metrics
    assert (known.name, known.value, known.type) == ("Value0", 3.5, MetricType.DOUBLE)
    assert unknown.value is None
    properties = {key: (each.type, each.value) for key, each in known.properties.items()}
    assert properties == {
        "Quality": (MetricType.INT32, 192),
        "engUnit": (MetricType.STRING, "ml"),
        "engLow": (MetricType.DOUBLE, 0.0),
        "engHigh": (MetricType.DOUBLE, 1e9),
        "writable": (MetricType.BOOLEAN, True),
    }
    assert unknown.properties["Quality"].value == 0


@requirement(
    "tck-id-topics-nbirth-templates",
    "tck-id-payloads-template-definition-nbirth-only",
    "tck-id-payloads-template-definition-nbirth",
    "tck-id-payloads-template-instance-members-birth",
)
def test_there_are_no_templates_that_a_birth_would_have_to_define(net, tmp_path):
    with EdgeRig(tmp_path, [net.port]) as rig:
        rig.connect_devices()
        rig.wait()
        wait_until(lambda: (Verb.DBIRTH, "line2") in observe(net).messages, "the births")
    for packet in net.packets():
        if isinstance(packet, Publish):
            assert all(m.datatype != MetricType.TEMPLATE for m in parse(packet.payload).metrics)


@requirement(
    "tck-id-operational-behavior-data-commands-rebirth-action-1",
    "tck-id-operational-behavior-data-commands-rebirth-action-2",
    "tck-id-operational-behavior-data-commands-rebirth-action-3",
)
def test_a_rebirth_gives_all_births_again_in_the_same_session(net, broker, tmp_path):  # noqa: F811
    asked = [
        Metric("Node Control/Rebirth", True, MetricType.BOOLEAN),
        Metric("Node Control/Rebirth", True),
        Metric("Node Control/Rebirth", False, MetricType.BOOLEAN),
    ]
    with EdgeRig(tmp_path, [net.port]) as rig, linked(at(broker.port)) as (host, _):
        rig.connect_devices()
        rig.wait()
        wait_until(lambda: (Verb.DBIRTH, "line2") in observe(net).messages, "the births")
        for number, metric in enumerate(asked):
            rig.change("line1/Value0", float(number))
            host.publish(Outgoing("spBv1.0/plant/NCMD/filler", encode(Payload(1, (metric,)))))
            expected = min(number + 2, 3)
            wait_until(lambda n=expected: observe(net).births >= n, "the births again")
        rig.change("line2/Value0", 9.0)
        wait_until(lambda: 9.0 in [h.value for h in observe(net).heard], "data after it")
    seen = observe(net)
    assert seen.births == 3
    assert len(seen.bd_seqs) == 1
    again = [what for what in seen.messages if what[0] in (Verb.NBIRTH, Verb.DBIRTH)]
    assert again[-3:] == [(Verb.NBIRTH, None), (Verb.DBIRTH, "line1"), (Verb.DBIRTH, "line2")]


def test_a_storm_of_rebirth_requests_gives_few_births_and_the_last_request_is_not_forgotten(
    net,
    broker,  # noqa: F811
    tmp_path,
):
    with EdgeRig(tmp_path, [net.port], rebirth_s=0.5) as rig, linked(at(broker.port)) as (host, seen):
        rig.connect_devices()
        rig.wait()
        asked = encode(Payload(1, (Metric("Node Control/Rebirth", True, MetricType.BOOLEAN),)))
        tokens = [host.publish(Outgoing("spBv1.0/plant/NCMD/filler", asked)) for _ in range(500)]
        wait_until(lambda: tokens[-1] in seen.sent, "the storm")
        wait_until(lambda: observe(net).births >= 2, "a birth after the storm")
    assert 2 <= observe(net).births < 20


@requirement("tck-id-topics-nbirth-bdseq-increment")
def test_the_session_number_goes_on_over_reconnects_and_restarts(broker, tmp_path, expected_logs):  # noqa: F811
    expected_logs.add("drivers.mqtt")
    with NetworkProxy(broker.port) as net:
        with EdgeRig(tmp_path, [net.port]) as rig:
            for round_ in range(3):
                rig.wait()
                births = rig.node.status().births
                net.drop()
                wait_until(lambda n=births: rig.node.status().births > n, f"birth {round_}")
        with EdgeRig(tmp_path, [net.port]) as rig:
            rig.wait()
        seen = observe(net)
    assert len(seen.bd_seqs) >= 5
    assert seen.bd_seqs == list(range(seen.bd_seqs[0], seen.bd_seqs[0] + len(seen.bd_seqs)))


@requirement(
    "tck-id-intro-edge-node-id-uniqueness",
    "tck-id-topic-structure-namespace-unique-edge-node-descriptor",
    "tck-id-payloads-nbirth-edge-node-descriptor",
)
def test_one_program_speaks_with_one_sequence_for_all_of_its_devices(net, tmp_path):
    """That nobody else takes the same ids is up to the plant; ours come over one session with one seq."""
    with EdgeRig(tmp_path, [net.port], devices=devices(5)) as rig:
        rig.connect_devices()
        rig.wait()
        for number in range(1, 6):
            rig.change(f"line{number}/Value0", 1.0)
        wait_until(lambda: len(live(observe(net))) == 5, "the values")
    assert len([p for p in net.packets() if isinstance(p, Connect)]) == 1


@requirement("tck-id-topic-structure-namespace-duplicate-device-id-across-edge-node")
def test_two_nodes_may_have_devices_of_the_same_id(broker, tmp_path):  # noqa: F811
    with (
        NetworkProxy(broker.port) as net,
        EdgeRig(tmp_path / "a", [net.port]) as one,
        EdgeRig(tmp_path / "b", [net.port], node="other") as two,
    ):
        for rig in (one, two):
            rig.connect_devices()
            rig.wait()
        births = [p.topic for p in wait_births(net, 4)]
    assert sorted(births) == [
        f"spBv1.0/plant/DBIRTH/{node}/line{n}" for node in ("filler", "other") for n in (1, 2)
    ]


def wait_births(net, count):
    def births():
        return [p for p in net.packets() if isinstance(p, Publish) and "/DBIRTH/" in p.topic]

    wait_until(lambda: len(births()) == count, "the births")
    return births()


@requirement("tck-id-case-sensitivity-sparkplug-ids", "tck-id-case-sensitivity-metric-names")
def test_names_that_differ_by_case_only_are_warned_of(broker, tmp_path):  # noqa: F811
    tags = (tag_def("Level", connection="a"), tag_def("LEVEL", connection="a"))
    twins = (EdgeDevice("a", "A", tags), EdgeDevice("A", "A", ()))
    with EdgeRig(tmp_path, [broker.port], devices=twins) as rig:
        rig.wait()
    assert any("The device ids a and A differ by upper and lower case only" in text for text in rig.texts())
    assert any("The tags of a Level and LEVEL differ" in text for text in rig.texts())


def test_ids_that_cannot_be_in_a_topic_are_refused(tmp_path):
    for group, device in (("a/b", "line1"), ("", "line1"), ("plant", "line+")):
        with pytest.raises(ValueError, match="Sparkplug id"):
            EdgeRig(tmp_path, [1], devices=(EdgeDevice(device, "", ()),), group=group)


def test_an_allowed_command_arrives_and_a_forbidden_one_is_journalled(net, broker, tmp_path):  # noqa: F811
    with (
        EdgeRig(
            tmp_path, [net.port], allow_commands=True, command_allowlist=frozenset({"line1/Value0"})
        ) as rig,
        linked(at(broker.port)) as (host, _),
    ):
        rig.connect_devices()
        rig.wait()
        for name in ("Value0", "Value1"):
            payload = encode(Payload(1, (Metric(name, 42.0, MetricType.DOUBLE),)))
            host.publish(Outgoing("spBv1.0/plant/DCMD/filler/line1", payload))
        wait_until(lambda: rig.node.status().commands_refused, "the refusal")
        assert rig.requests == [("line1/Value0", 42.0, f"sparkplug:127.0.0.1:{net.port}")]
        assert any("line1/Value1" in text and "not in the list" in text for text in rig.texts())


def test_births_of_ten_thousand_metrics(net, tmp_path):
    with EdgeRig(tmp_path, [net.port], devices=devices(2, tags=5000)) as rig:
        rig.connect_devices()
        rig.wait(timeout_s=30)
        births = wait_births(net, 2)
        assert sum(len(parse(p.payload).metrics) for p in births) == 10_000
        rig.change("line2/Value4999", 1.0)
        wait_until(lambda: live(observe(net)) == [1.0], "data")
    assert rig.node.status().metrics == 10_000
