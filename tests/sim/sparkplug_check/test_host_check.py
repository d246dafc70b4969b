"""The whole check of host applications on a real Mosquitto: a host that keeps or breaks one rule."""

import pytest

from drivers.mqtt.base import BrokerSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.hooks import Hooks
from sim.sparkplug_check.report import Outcome, Report
from sim.sparkplug_check.run import check_host
from sim.sparkplug_check.setting import Setting
from tests.sim.sparkplug_check.pool import QUICK, batch_id, batches, differences, reports
from tests.sim.sparkplug_check.simple_host import SimpleHost

pytestmark = pytest.mark.xdist_group("sparkplug-check-host")

_PHID = "host-topic-phid"
_APPLICATION = "operational-behavior-host-application"
_ACTION = "operational-behavior-edge-node-termination-host-action"
_COMMANDS = "operational-behavior-data-commands"
_STATE = "message-flow-phid-sparkplug-state-publish"
_BIRTH_TIME = f"{_PHID}-birth-payload-timestamp {_STATE}-payload-timestamp"
_BIRTH_PAYLOAD = (
    f"{_PHID}-birth-payload {_APPLICATION}-connect-birth-payload"
    f" payloads-state-birth-payload {_STATE}-payload"
)
_WILL_PAYLOAD = (
    f"{_PHID}-death-payload {_APPLICATION}-connect-will-payload payloads-state-will-message-payload"
)
_REORDER = "operational-behavior-host-reordering"

FAULTS = {
    "online before subscribing": f"{_PHID}-birth-sub-required message-flow-phid-sparkplug-subscription"
    " payloads-state-subscribe",
    "online not retained": f"{_PHID}-birth-retain {_APPLICATION}-connect-birth-retained",
    "online at qos 0": f"{_PHID}-birth-qos {_APPLICATION}-connect-birth-qos",
    "will at qos 0": f"{_PHID}-death-qos {_APPLICATION}-connect-will-qos payloads-state-will-message-qos",
    "will not retained": f"{_PHID}-death-retain {_APPLICATION}-connect-will-retained"
    " payloads-state-will-message-retain",
    "no will": f"{_PHID}-death-required {_APPLICATION}-connect-will payloads-state-will-message"
    " components-ph-state intro-sparkplug-host-state conformance-primary-host",
    "will with another time": f"{_BIRTH_TIME} {_PHID}-death-payload-timestamp-connect",
    "forged offline ignored": "message-flow-hid-sparkplug-state-message-delivered",
    "repaired with a new time": "message-flow-hid-sparkplug-state-message-delivered",
    "no farewell": f"{_APPLICATION}-termination"
    " components-ph-state intro-sparkplug-host-state conformance-primary-host",
    "farewell with the old time": f"{_PHID}-death-payload-timestamp-disconnect-clean"
    f" {_PHID}-death-payload-timestamp-disconnect-with-no-disconnect-packet",
    "session is kept": "message-flow-phid-sparkplug-clean-session-311",
    "time in seconds": f"{_BIRTH_PAYLOAD} {_WILL_PAYLOAD}",
    "text of version 2": f"{_BIRTH_PAYLOAD} {_WILL_PAYLOAD} {_APPLICATION}-death-payload",
    "unknown node ignored": "robust-rebirth-unknown-node robust-garbage-payload",
    "dbirth first ignored": "robust-rebirth-dbirth-first",
    "unknown device ignored": "robust-rebirth-unknown-device",
    "unknown alias ignored": "robust-rebirth-unknown-alias-data",
    "data after death ignored": "robust-rebirth-after-death",
    "rebirth storm": "robust-no-rebirth-storm",
    "dies of garbage": "robust-garbage-payload",
    "stale death obeyed": "robust-stale-death",
    "needs datatypes": "robust-no-needless-rebirth robust-data-without-datatype robust-stale-death"
    f" robust-same-device-two-nodes robust-historical-not-live {_REORDER}-success {_REORDER}-param",
    "no reorder window": f"{_REORDER}-start {_REORDER}-success {_REORDER}-param",
    "gap ignored": f"{_REORDER}-rebirth",
    "rebirth false": f"{_COMMANDS}-ncmd-rebirth-value",
    "command retained": "topics-ncmd-mqtt payloads-ncmd-retain topics-dcmd-mqtt payloads-dcmd-retain",
    "command at qos 1": "topics-ncmd-mqtt payloads-ncmd-qos topics-dcmd-mqtt payloads-dcmd-qos",
    "command with seq": "payloads-ncmd-seq payloads-dcmd-seq",
    "command without time": "topics-ncmd-timestamp payloads-ncmd-timestamp topics-dcmd-timestamp"
    " payloads-dcmd-timestamp payloads-timestamp-in-UTC",
    "command with datatype": "payloads-metric-datatype-not-req",
    "command by name": "payloads-alias-data-cmd-requirement",
    "command of another type": f"{_COMMANDS}-ncmd-metric-value {_COMMANDS}-dcmd-metric-value",
    "death leaves devices": f"{_ACTION}-ndeath-devices-offline {_ACTION}-ndeath-devices-tags-stale",
    "death leaves metrics": f"{_ACTION}-ndeath-node-tags-stale {_ACTION}-ndeath-devices-tags-stale"
    f" {_ACTION}-ddeath-devices-tags-stale",
    "death at its own time": f"{_ACTION}-ddeath-devices-offline",
    "history is taken for live": "robust-historical-not-live",
}


def _check(fault: str, broker: BrokerSettings, tap: MqttTap) -> Report:
    host = SimpleHost(tap.port, "SCADA", [fault], window_s=QUICK.reorder_s)
    hooks = Hooks(start=host.start, stop=host.stop, write=host.write, dump=host.dump)
    host.start()
    try:
        return check_host(Setting(broker, hooks, tap, patience=QUICK), "SCADA")
    finally:
        host.stop()


def test_a_host_that_keeps_every_rule_passes() -> None:
    report = reports(_check, [""])[""]

    assert report.failed_ids() == frozenset(), report.to_text()
    assert report.counts()[Outcome.PASSED] > 100


@pytest.mark.parametrize("batch", batches(FAULTS), ids=batch_id)
def test_a_broken_rule_fails_its_own_requirements_and_no_others(batch: dict[str, str]) -> None:
    assert differences(_check, batch) == []
