"""The edge node against a real broker, seen through a tap."""

import pytest

from drivers.sparkplug.topic import Verb
from engine.nodes import EdgeState
from tests.drivers.sparkplug.edge_rig import EdgeRig, observe
from tests.mqtt.conftest import broker  # noqa: F401
from tests.mqtt.proxy import NetworkProxy
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
