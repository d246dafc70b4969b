"""The whole check of edge nodes on a real Mosquitto: a node that keeps or breaks one rule."""

import pytest

from drivers.mqtt.base import BrokerSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.hooks import Hooks
from sim.sparkplug_check.report import Outcome, Report
from sim.sparkplug_check.run import check_edge
from sim.sparkplug_check.setting import Setting
from tests.sim.sparkplug_check.pool import QUICK, batch_id, batches, differences, ids, reports
from tests.sim.sparkplug_check.simple_edge import SimpleEdge

pytestmark = pytest.mark.xdist_group("sparkplug-check-edge")

_PHID = "message-flow-edge-node-birth-publish-phid"
_TERMINATION = "operational-behavior-edge-node-termination-host-offline"
_WILL = "message-flow-edge-node-birth-publish-will-message"
_REBIRTH = "operational-behavior-data-commands-rebirth-action"
_MATCHING = (
    "topics-nbirth-bdseq-matching payloads-nbirth-bdseq-repeat"
    " message-flow-edge-node-birth-publish-nbirth-payload-bdSeq"
)

FAULTS = {
    "bdseq never changes": "topics-nbirth-bdseq-increment",
    "bdseq of the will is old": _MATCHING,
    "no will": f"{_WILL} payloads-ndeath-will-message",
    "will at qos 0": f"{_WILL}-qos payloads-ndeath-will-message-qos",
    "will retained": f"{_WILL}-will-retained payloads-ndeath-will-message-retain",
    "session is kept": "principles-persistence-clean-session-311",
    "commands at qos 0": "message-flow-edge-node-ncmd-subscribe message-flow-device-dcmd-subscribe",
    "subscribes late": "message-flow-edge-node-ncmd-subscribe message-flow-device-dcmd-subscribe",
    "no farewell": "operational-behavior-edge-node-intentional-disconnect-ndeath"
    " payloads-ndeath-will-message-publisher payloads-ndeath-will-message-publisher-disconnect-mqtt311"
    f" {_PHID}-offline {_TERMINATION}",
    "v5 without will": "payloads-ndeath-will-message-publisher-disconnect-mqtt50",
    "no ddeath": "topics-ddeath-topic operational-behavior-device-ddeath",
    "data of a dead device": "payloads-ddata-order",
    "no rebirth": f"{_REBIRTH}-2",
    "rebirth forgets a device": f"{_REBIRTH}-2 payloads-ddata-order",
    "rebirth needs datatype": "robust-rebirth-without-datatype",
    "rebirth false obeyed": "robust-rebirth-false",
    "deaf after garbage": "robust-garbage-command",
    "deaf after unknown metric": "robust-unknown-metric-command",
    "births before the host": f"{_PHID}-wait {_PHID}-wait-online"
    " operational-behavior-edge-node-birth-sequence-wait",
    "follows any host": f"{_PHID}-wait-id",
    "ignores offline": f"{_PHID}-offline {_TERMINATION}"
    " operational-behavior-primary-application-state-with-multiple-servers-state-subs",
    "accepts old offline": f"{_TERMINATION}-timestamp",
    "accepts old online": f"{_PHID}-wait-timestamp",
}
_WITHOUT_HOST = ("subscribes late",)


def _check(fault: str, broker: BrokerSettings, tap: MqttTap) -> Report:
    host_id = None if fault in _WITHOUT_HOST else "SCADA"
    edge = SimpleEdge(tap.port, "Plant", "Node", [fault], host_id=host_id, v5=fault.startswith("v5"))
    hooks = Hooks(
        start=edge.start, stop=edge.stop, lose_device=edge.lose_device, restore_device=edge.restore_device
    )
    edge.start()
    try:
        return check_edge(Setting(broker, hooks, tap, patience=QUICK), "Plant", "Node", host_id=host_id)
    finally:
        edge.stop()


@pytest.fixture(scope="module")
def good() -> dict[str, Report]:
    return reports(_check, ["", "v5"])


@pytest.mark.parametrize("protocol", ["", "v5"])
def test_a_node_that_keeps_every_rule_passes(good: dict[str, Report], protocol: str) -> None:
    report = good[protocol]

    assert report.failed_ids() == frozenset(), report.to_text()
    assert report.exit_code == 0
    assert report.counts()[Outcome.PASSED] > 180


def test_what_a_good_node_leaves_untested_is_what_it_does_not_do(good: dict[str, Report]) -> None:
    untested = {result.id for result in good[""].with_outcome(Outcome.NOT_TESTED)}

    assert untested == ids(
        "principles-persistence-clean-session-50 payloads-ndeath-will-message-publisher-disconnect-mqtt50"
        " operational-behavior-primary-application-state-with-multiple-servers-single-server"
        " operational-behavior-primary-application-state-with-multiple-servers-walk"
        " payloads-template-parameter-name-required payloads-template-parameter-name-type"
        " payloads-template-parameter-value-type payloads-template-parameter-type-value"
        " payloads-template-parameter-type-req payloads-template-parameter-value"
    )


@pytest.mark.parametrize("batch", batches(FAULTS), ids=batch_id)
def test_a_broken_rule_fails_its_own_requirements_and_no_others(batch: dict[str, str]) -> None:
    assert differences(_check, batch) == []
