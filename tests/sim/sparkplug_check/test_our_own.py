"""Our own edge node and host against the whole check, on a real Mosquitto."""

from pathlib import Path

import pytest

from drivers.mqtt.base import BrokerSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.hooks import Hooks
from sim.sparkplug_check.report import Outcome
from sim.sparkplug_check.run import check_broker, check_edge, check_host
from sim.sparkplug_check.setting import Patience, Setting
from tests.mqtt.mosquitto import Mosquitto
from tests.sim.sparkplug_check.our_edge import OurEdge
from tests.sim.sparkplug_check.our_host import OurHost

pytestmark = pytest.mark.xdist_group("sparkplug-check-our-own")

_PATIENCE = Patience(answer_s=8.0, silence_s=1.0, watch_s=6.0, reorder_s=1.5)
_CUT = r"closed the connection without saying why"


def _settings(broker: Mosquitto) -> BrokerSettings:
    return BrokerSettings("127.0.0.1", broker.port)


def test_our_edge_node_passes_everything_that_can_be_tested(tmp_path: Path, expected_logs) -> None:
    expected_logs.add(_CUT)
    with Mosquitto() as broker, Mosquitto() as second, MqttTap(("127.0.0.1", broker.port)) as tap:
        edge = OurEdge([tap.port, second.port], tmp_path, "SCADA")
        hooks = Hooks(
            start=edge.start, stop=edge.stop, lose_device=edge.lose_device, restore_device=edge.restore_device
        )
        edge.start()
        try:
            setting = Setting(_settings(broker), hooks, tap, _settings(second), _PATIENCE)
            report = check_edge(setting, "plant", "filler", host_id="SCADA")
        finally:
            edge.stop()

    assert report.failed_ids() == frozenset(), report.to_text()
    assert report.counts()[Outcome.PASSED] >= 163
    untested = {result.details[0] for result in report.with_outcome(Outcome.NOT_TESTED)}
    assert untested == {
        "the subject speaks MQTT 3.1.1",
        "no template was published",
        "no data set was published",
    }


def test_our_host_passes_everything_that_can_be_tested(expected_logs) -> None:
    expected_logs.add(_CUT)
    with Mosquitto() as broker, MqttTap(("127.0.0.1", broker.port)) as tap:
        host = OurHost(tap.port, "SCADA", "BrimlineCheck", _PATIENCE.reorder_s)
        hooks = Hooks(start=host.start, stop=host.stop, write=host.write, dump=host.dump)
        host.start()
        try:
            report = check_host(Setting(_settings(broker), hooks, tap, patience=_PATIENCE), "SCADA")
        finally:
            host.stop()

    assert report.failed_ids() == frozenset(), report.to_text()
    assert report.counts()[Outcome.PASSED] >= 105


def test_a_plain_mosquitto_has_what_sparkplug_needs() -> None:
    with Mosquitto() as broker:
        report = check_broker(Setting(_settings(broker), patience=_PATIENCE))

    assert report.failed_ids() == frozenset(), report.to_text()
    assert {result.id for result in report.with_outcome(Outcome.PASSED)} == {
        f"tck-id-conformance-mqtt-{name}" for name in ("qos0", "qos1", "will-messages", "retained")
    }
