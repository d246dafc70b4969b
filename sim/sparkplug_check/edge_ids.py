"""Which requirements a message of each verb gives evidence on."""

from dataclasses import dataclass

from sim.sparkplug_check.requirements import tck


@dataclass(frozen=True, slots=True)
class VerbIds:
    """Ids by what of a message is judged."""

    topic: tuple[str, ...]
    payload: tuple[str, ...] = ()
    qos: tuple[str, ...] = ()
    retain: tuple[str, ...] = ()
    timestamp: tuple[str, ...] = ()
    seq_present: tuple[str, ...] = ()
    seq_next: tuple[str, ...] = ()


_FLOW_N = "message-flow-edge-node-birth-publish-nbirth"
_FLOW_D = "message-flow-device-birth-publish-dbirth"

EDGE_IDS = {
    "NBIRTH": VerbIds(
        topic=tck(f"topics-nbirth-topic {_FLOW_N}-topic message-flow-edge-node-birth-publish-connect"),
        payload=tck(f"{_FLOW_N}-payload"),
        qos=tck(f"topics-nbirth-mqtt {_FLOW_N}-qos payloads-nbirth-qos"),
        retain=tck(f"topics-nbirth-mqtt {_FLOW_N}-retained payloads-nbirth-retain"),
        timestamp=tck("topics-nbirth-timestamp payloads-nbirth-timestamp payloads-timestamp-in-UTC"),
        seq_present=tck(
            f"topics-nbirth-seq-num {_FLOW_N}-payload-seq payloads-nbirth-seq"
            " payloads-sequence-num-req-nbirth"
        ),
    ),
    "DBIRTH": VerbIds(
        topic=tck(f"topics-dbirth-topic {_FLOW_D}-topic {_FLOW_D}-match-edge-node-topic"),
        payload=tck(f"{_FLOW_D}-payload"),
        qos=tck(f"topics-dbirth-mqtt {_FLOW_D}-qos payloads-dbirth-qos"),
        retain=tck(f"topics-dbirth-mqtt {_FLOW_D}-retained payloads-dbirth-retain"),
        timestamp=tck("topics-dbirth-timestamp payloads-dbirth-timestamp payloads-timestamp-in-UTC"),
        seq_present=tck(f"topics-dbirth-seq {_FLOW_D}-payload-seq payloads-dbirth-seq"),
        seq_next=tck(f"topics-dbirth-seq {_FLOW_D}-payload-seq payloads-dbirth-seq-inc"),
    ),
    "NDATA": VerbIds(
        topic=tck("topics-ndata-topic"),
        payload=tck("topics-ndata-payload"),
        qos=tck("topics-ndata-mqtt payloads-ndata-qos"),
        retain=tck("topics-ndata-mqtt payloads-ndata-retain"),
        timestamp=tck("topics-ndata-timestamp payloads-ndata-timestamp payloads-timestamp-in-UTC"),
        seq_present=tck("topics-ndata-seq-num payloads-ndata-seq"),
        seq_next=tck("topics-ndata-seq-num payloads-ndata-seq-inc"),
    ),
    "DDATA": VerbIds(
        topic=tck("topics-ddata-topic"),
        payload=tck("topics-ddata-payload"),
        qos=tck("topics-ddata-mqtt payloads-ddata-qos"),
        retain=tck("topics-ddata-mqtt payloads-ddata-retain"),
        timestamp=tck("topics-ddata-timestamp payloads-ddata-timestamp payloads-timestamp-in-UTC"),
        seq_present=tck("topics-ddata-seq-num payloads-ddata-seq"),
        seq_next=tck("topics-ddata-seq-num payloads-ddata-seq-inc"),
    ),
    "DDEATH": VerbIds(
        topic=tck("topics-ddeath-topic operational-behavior-device-ddeath"),
        qos=tck("topics-ddeath-mqtt"),
        retain=tck("topics-ddeath-mqtt"),
        timestamp=tck("payloads-ddeath-timestamp payloads-timestamp-in-UTC"),
        seq_present=tck("topics-ddeath-seq-num payloads-ddeath-seq payloads-ddeath-seq-number"),
        seq_next=tck("topics-ddeath-seq-num payloads-ddeath-seq-inc"),
    ),
    "NDEATH": VerbIds(
        topic=tck("topics-ndeath-topic message-flow-edge-node-birth-publish-will-message-topic"),
        payload=tck("topics-ndeath-payload message-flow-edge-node-birth-publish-will-message-payload"),
        retain=tck(
            "payloads-ndeath-will-message-retain"
            " message-flow-edge-node-birth-publish-will-message-will-retained"
        ),
    ),
}

WILL = tck("message-flow-edge-node-birth-publish-will-message payloads-ndeath-will-message")
WILL_QOS = tck("message-flow-edge-node-birth-publish-will-message-qos payloads-ndeath-will-message-qos")
DEATH_NO_SEQ = tck("topics-ndeath-seq payloads-ndeath-seq")
DEATH_BDSEQ = tck(
    "topics-ndeath-payload payloads-ndeath-bdseq message-flow-edge-node-birth-publish-will-message-payload"
    " message-flow-edge-node-birth-publish-will-message-payload-bdSeq"
)
SEQ_PRESENT = tck("payloads-sequence-num-always-included")
SEQ_NEXT = tck("payloads-sequence-num-incrementing")
SEQ_ZERO = tck("topics-nbirth-seq-num")
BDSEQ_INCLUDED = tck("topics-nbirth-bdseq-included payloads-nbirth-bdseq")
BDSEQ_TYPE = tck(f"{_FLOW_N}-payload-bdSeq")
BDSEQ_MATCHING = tck(f"topics-nbirth-bdseq-matching {_FLOW_N}-payload-bdSeq payloads-nbirth-bdseq-repeat")
BDSEQ_INCREMENT = tck("topics-nbirth-bdseq-increment")
BIRTH_FIRST = tck("principles-birth-certificates-order")
REBIRTH_METRIC = tck(
    "topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name"
)
REBIRTH_NO_ALIAS = tck("operational-behavior-data-commands-rebirth-name-aliases")
REBIRTH_TYPE = tck("operational-behavior-data-commands-rebirth-datatype")
REBIRTH_VALUE = tck("operational-behavior-data-commands-rebirth-value")
REBIRTH_NO_DATA = tck("operational-behavior-data-commands-rebirth-action-1")
REBIRTH_BIRTHS = tck("operational-behavior-data-commands-rebirth-action-2")
REBIRTH_BDSEQ = tck("operational-behavior-data-commands-rebirth-action-3")
DBIRTH_ORDER = tck("payloads-dbirth-order message-flow-device-birth-publish-nbirth-wait")
DATA_ORDER = {"NDATA": tck("payloads-ndata-order"), "DDATA": tck("payloads-ddata-order")}
DEVICE_ONCE = tck("topic-structure-namespace-unique-device-id")
TOPIC_SHAPE = tck("topic-structure topic-structure-namespace-a")
DEVICE_LEVEL = tck("topic-structure-namespace-device-id-associated-message-types")
NO_DEVICE_LEVEL = tck("topic-structure-namespace-device-id-non-associated-message-types")
NODE_IDS = tck(
    "intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars"
    " topic-structure-namespace-valid-group-id topic-structure-namespace-valid-edge-node-id"
)
DEVICE_IDS = tck("intro-device-id-string intro-device-id-chars topic-structure-namespace-valid-device-id")
ID_CASE = tck("case-sensitivity-sparkplug-ids")
NAME_CASE = tck("case-sensitivity-metric-names")
