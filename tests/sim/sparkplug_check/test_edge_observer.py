"""The observer of edge nodes, fed with an eventful life of a node that keeps or breaks one rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sparkplug_check.edge_observer import EdgeObserver, Expecting
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.observed import Observed
from tests.sim.sparkplug_check.simple_edge import SimpleEdge

_BIRTH = "message-flow-edge-node-birth-publish"
_DEVICE = "message-flow-device-birth-publish-dbirth"
_TIMES = "payloads-timestamp-in-UTC payloads-metric-timestamp-in-UTC payloads-ddeath-timestamp " + " ".join(
    f"topics-{verb}-timestamp payloads-{verb}-timestamp" for verb in ("nbirth", "dbirth", "ndata", "ddata")
)

FAULTS = {
    "NBIRTH retained": f"topics-nbirth-mqtt {_BIRTH}-nbirth-retained payloads-nbirth-retain",
    "DBIRTH retained": f"topics-dbirth-mqtt {_DEVICE}-retained payloads-dbirth-retain",
    "NDATA retained": "topics-ndata-mqtt payloads-ndata-retain",
    "DDATA retained": "topics-ddata-mqtt payloads-ddata-retain",
    "DDEATH retained": "topics-ddeath-mqtt",
    "will retained": f"{_BIRTH}-will-message-will-retained payloads-ndeath-will-message-retain",
    "NBIRTH at qos 1": f"topics-nbirth-mqtt {_BIRTH}-nbirth-qos payloads-nbirth-qos",
    "DBIRTH at qos 1": f"topics-dbirth-mqtt {_DEVICE}-qos payloads-dbirth-qos",
    "NDATA at qos 1": "topics-ndata-mqtt payloads-ndata-qos",
    "DDATA at qos 1": "topics-ddata-mqtt payloads-ddata-qos",
    "bdseq changes with rebirth": "operational-behavior-data-commands-rebirth-action-3",
    "bdseq is unsigned": f"{_BIRTH}-nbirth-payload-bdSeq",
    "no bdseq": "topics-nbirth-bdseq-included payloads-nbirth-bdseq",
    "ndeath with seq": "topics-ndeath-seq payloads-ndeath-seq",
    "ndeath with more metrics": f"topics-ndeath-payload payloads-ndeath-bdseq {_BIRTH}-will-message-payload"
    f" {_BIRTH}-will-message-payload-bdSeq",
    "no rebirth metric": "topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req"
    " operational-behavior-data-commands-rebirth-name",
    "rebirth true in birth": "operational-behavior-data-commands-rebirth-value",
    "rebirth with alias": "operational-behavior-data-commands-rebirth-name-aliases",
    "rebirth is an integer": "operational-behavior-data-commands-rebirth-datatype"
    " operational-behavior-data-commands-rebirth-value",
    "seq goes on": "topics-nbirth-seq-num",
    "seq per device": "payloads-sequence-num-incrementing topics-ndata-seq-num payloads-ndata-seq-inc"
    " topics-ddata-seq-num payloads-ddata-seq-inc topics-dbirth-seq payloads-dbirth-seq-inc"
    f" {_DEVICE}-payload-seq",
    "seq wraps early": "payloads-sequence-num-incrementing topics-ddata-seq-num payloads-ddata-seq-inc",
    "ddeath without seq": "topics-ddeath-seq-num payloads-ddeath-seq payloads-ddeath-seq-number"
    " payloads-sequence-num-always-included",
    "data between births": "payloads-ddata-order operational-behavior-data-commands-rebirth-action-1",
    "data of a dead device": "payloads-ddata-order",
    "device born twice": "topic-structure-namespace-unique-device-id",
    "aliases collide": "payloads-alias-uniqueness",
    "undeclared alias": "topics-dbirth-metric-reqs operational-behavior-data-publish-dbirth",
    "name and alias": "payloads-alias-data-cmd-requirement",
    "name instead of alias": "payloads-alias-data-cmd-requirement",
    "datatype in data": "payloads-metric-datatype-not-req",
    "datatype of no kind": "payloads-metric-datatype-value-type payloads-metric-datatype-value",
    "birth without datatype": "topics-dbirth-metrics payloads-metric-datatype-req",
    "null with a value": "operational-behavior-data-publish-dbirth-values",
    "integer in double": "topics-ddata-payload",
    "unchanged values": "principles-rbe-recommended topics-ddata-payload"
    " operational-behavior-data-publish-dbirth-change",
    "times go back": "operational-behavior-data-publish-nbirth-order"
    " operational-behavior-data-publish-dbirth-order",
    "no metric timestamp": "payloads-name-birth-data-requirement",
    "time in seconds": _TIMES,
    "local time": _TIMES,
    "payload is json": "topics-ndata-payload",
    "names differ by case": "case-sensitivity-metric-names",
    "property keys do not agree": "payloads-propertyset-keys-array-size"
    " payloads-propertyset-values-array-size",
    "property without type": "payloads-metric-propertyvalue-type-req",
    "quality is long": "payloads-propertyset-quality-value-type",
    "quality unknown": "payloads-propertyset-quality-value-value",
    "columns do not agree": "payloads-dataset-column-size payloads-dataset-column-num-headers",
    "template unknown": "topics-nbirth-templates"
    " payloads-template-instance-ref payloads-template-ref-instance",
    "definition in dbirth": "payloads-template-definition-nbirth-only payloads-template-definition-nbirth",
}


def _observe(fault: str = "") -> Ledger:
    ledger = Ledger()
    observer = EdgeObserver("G", "N", ledger)
    for message in SimpleEdge(0, "G", "N", [fault]).rehearse():
        if observer.births == 1:
            observer.expect(Expecting.REBIRTH)
        observer.on_message(message)
    observer.finish()
    return ledger


def test_a_node_that_keeps_every_rule_fails_in_nothing() -> None:
    assert _observe().failures() == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_rule_fails_its_own_requirements_and_no_others(fault: str) -> None:
    failed = _observe(fault).failures()

    assert failed.keys() == {f"tck-id-{name}" for name in FAULTS[fault].split()}, failed


def test_a_failure_says_where_it_was_seen_and_what_was_expected() -> None:
    seen = _observe("NDATA at qos 1").failures()["tck-id-payloads-ndata-qos"]

    assert seen == ["spBv1.0/G/NDATA/N: QoS 1, expected 0"]


def test_data_after_the_death_is_noted() -> None:
    ledger = Ledger()
    observer = EdgeObserver("G", "N", ledger)
    life = SimpleEdge(0, "G", "N").rehearse()
    data = next(message for message in reversed(life) if "/NDATA/" in message.topic)

    for message in [*life, data]:
        observer.on_message(message)

    assert set(ledger.failures()) == {
        "tck-id-payloads-ndata-order",
        "tck-id-principles-birth-certificates-order",
    }


@pytest.mark.parametrize(
    "topic", ["spBv1.0/G/NDATA/N/d1", "spBv1.0/G/DDATA/N", "spBv1.0/G/DEATH/N", "spBv1.0/G"]
)
def test_topics_of_another_shape_are_noted(topic: str) -> None:
    ledger = Ledger()

    EdgeObserver("G", "N", ledger).on_message(Observed(topic, b"", 0, False, 0))

    assert any("topic-structure" in name for name in ledger.failures())


@given(
    topic=st.sampled_from([f"spBv1.0/G/{verb}/N" for verb in ("NBIRTH", "NDATA", "NDEATH", "NCMD")])
    | st.sampled_from([f"spBv1.0/G/{verb}/N/d" for verb in ("DBIRTH", "DDATA", "DDEATH")])
    | st.text(),
    payload=st.binary(max_size=60),
)
def test_no_message_whatsoever_stops_the_observer(topic: str, payload: bytes) -> None:
    observer = EdgeObserver("G", "N", Ledger())

    for message in SimpleEdge(0, "G", "N").rehearse()[:8]:
        observer.on_message(message)
    observer.on_message(Observed(topic, payload, 0, False, 0))
    observer.finish()
