"""Which requirements a STATE message or a command of a host gives evidence on."""

from dataclasses import dataclass

from sim.sparkplug_check.requirements import tck

_TOPIC = "host-topic-phid"
_OPERATION = "operational-behavior-host-application"
_FLOW = "message-flow-phid-sparkplug-state-publish"
_COMMANDS = "operational-behavior-data-commands"


@dataclass(frozen=True, slots=True)
class StateIds:
    """Ids by what of a STATE message is judged."""

    published: tuple[str, ...]
    topic: tuple[str, ...]
    qos: tuple[str, ...]
    retain: tuple[str, ...]
    payload: tuple[str, ...]
    timestamp: tuple[str, ...]


BIRTH = StateIds(
    published=tck(
        f"{_TOPIC}-birth-message {_TOPIC}-birth-required {_FLOW} {_OPERATION}-connect-birth"
        " payloads-state-birth"
        " components-ph-state intro-sparkplug-host-state conformance-primary-host"
        " operational-behavior-primary-application-state-with-multiple-servers-state-subs"
    ),
    topic=tck(f"{_TOPIC}-birth-topic {_OPERATION}-connect-birth-topic"),
    qos=tck(f"{_TOPIC}-birth-qos {_OPERATION}-connect-birth-qos"),
    retain=tck(f"{_TOPIC}-birth-retain {_OPERATION}-connect-birth-retained"),
    payload=tck(
        f"{_TOPIC}-birth-payload {_OPERATION}-connect-birth-payload payloads-state-birth-payload"
        f" {_FLOW}-payload"
    ),
    timestamp=tck(f"{_TOPIC}-birth-payload-timestamp {_FLOW}-payload-timestamp"),
)

WILL = StateIds(
    published=tck(f"{_TOPIC}-death-required {_OPERATION}-connect-will payloads-state-will-message"),
    topic=tck(f"{_TOPIC}-death-topic {_OPERATION}-connect-will-topic"),
    qos=tck(f"{_TOPIC}-death-qos {_OPERATION}-connect-will-qos payloads-state-will-message-qos"),
    retain=tck(
        f"{_TOPIC}-death-retain {_OPERATION}-connect-will-retained payloads-state-will-message-retain"
    ),
    payload=tck(
        f"{_TOPIC}-death-payload {_OPERATION}-connect-will-payload payloads-state-will-message-payload"
    ),
    timestamp=tck(f"{_TOPIC}-death-payload-timestamp-connect"),
)

FAREWELL = StateIds(
    published=tck(f"{_OPERATION}-termination"),
    topic=tck(f"{_OPERATION}-death-topic"),
    qos=tck(f"{_OPERATION}-death-qos"),
    retain=tck(f"{_OPERATION}-death-retained"),
    payload=tck(f"{_OPERATION}-death-payload"),
    timestamp=tck(
        f"{_TOPIC}-death-payload-timestamp-disconnect-clean"
        f" {_TOPIC}-death-payload-timestamp-disconnect-with-no-disconnect-packet"
    ),
)

TRACKS_LIFE = tck("components-ph-state intro-sparkplug-host-state conformance-primary-host")
REPAIRED = tck("message-flow-hid-sparkplug-state-message-delivered")
SUBSCRIBED = tck(
    f"{_TOPIC}-birth-sub-required message-flow-phid-sparkplug-subscription payloads-state-subscribe"
)
STATE_FIRST = tck("operational-behavior-primary-application-state-with-multiple-servers-state")
BIRTH_FIRST = tck("principles-birth-certificates-order")
CLEAN_311 = tck("message-flow-phid-sparkplug-clean-session-311")
CLEAN_50 = tck("message-flow-phid-sparkplug-clean-session-50")
TOPIC_SHAPE = tck("topic-structure topic-structure-namespace-a")
DEVICE_LEVEL = tck("topic-structure-namespace-device-id-associated-message-types")
NO_DEVICE_LEVEL = tck("topic-structure-namespace-device-id-non-associated-message-types")


@dataclass(frozen=True, slots=True)
class CommandIds:
    """Ids by what of a command is judged; ``name`` and ``value`` of its metrics."""

    topic: tuple[str, ...]
    qos: tuple[str, ...]
    retain: tuple[str, ...]
    timestamp: tuple[str, ...]
    no_seq: tuple[str, ...]
    payload: tuple[str, ...]
    name: tuple[str, ...]
    value: tuple[str, ...]


NCMD = CommandIds(
    topic=tck(f"topics-ncmd-topic {_COMMANDS}-ncmd-verb"),
    qos=tck("topics-ncmd-mqtt payloads-ncmd-qos"),
    retain=tck("topics-ncmd-mqtt payloads-ncmd-retain"),
    timestamp=tck("topics-ncmd-timestamp payloads-ncmd-timestamp payloads-timestamp-in-UTC"),
    no_seq=tck("payloads-ncmd-seq"),
    payload=tck("topics-ncmd-payload"),
    name=tck(f"{_COMMANDS}-ncmd-metric-name"),
    value=tck(f"{_COMMANDS}-ncmd-metric-value"),
)
DCMD = CommandIds(
    topic=tck(f"topics-dcmd-topic {_COMMANDS}-dcmd-verb"),
    qos=tck("topics-dcmd-mqtt payloads-dcmd-qos"),
    retain=tck("topics-dcmd-mqtt payloads-dcmd-retain"),
    timestamp=tck("topics-dcmd-timestamp payloads-dcmd-timestamp payloads-timestamp-in-UTC"),
    no_seq=tck("payloads-dcmd-seq"),
    payload=tck("topics-dcmd-payload"),
    name=tck(f"{_COMMANDS}-dcmd-metric-name"),
    value=tck(f"{_COMMANDS}-dcmd-metric-value"),
)
REBIRTH = tck(f"{_COMMANDS}-ncmd-rebirth-verb {_COMMANDS}-ncmd-rebirth-name")
REBIRTH_VALUE = tck(f"{_COMMANDS}-ncmd-rebirth-value")

_REORDER = "operational-behavior-host-reordering"
REORDER_PARAMETER = tck(f"{_REORDER}-param")
REORDER_START = tck(f"{_REORDER}-start")
REORDER_REBIRTH = tck(f"{_REORDER}-rebirth")
REORDER_SUCCESS = tck(f"{_REORDER}-success")

_ACTION = "operational-behavior-edge-node-termination-host-action"
NODE_OFFLINE = tck(f"{_ACTION}-ndeath-node-offline")
NODE_STALE = tck(f"{_ACTION}-ndeath-node-tags-stale")
NODE_DEVICES_OFFLINE = tck(f"{_ACTION}-ndeath-devices-offline")
NODE_DEVICES_STALE = tck(f"{_ACTION}-ndeath-devices-tags-stale")
DEVICE_OFFLINE = tck(f"{_ACTION}-ddeath-devices-offline")
DEVICE_STALE = tck(f"{_ACTION}-ddeath-devices-tags-stale")
MULTI_SERVER_TIMESTAMP = tck(f"{_OPERATION}-multi-server-timestamp")
