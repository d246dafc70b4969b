

from engine.model import Quality
from engine.nodes import NodeState
from tests.drivers.sparkplug.host_edge import number, tag
from tests.drivers.sparkplug.host_runs import Edge, bystander, host_on
from tests.mqtt.conftest import broker  # noqa: F401
from tests.waiting import wait_until

GOOD, STALE = Quality.GOOD, Quality.STALE


def test_values_of_a_node_arrive_and_are_stale_after_its_death(broker):
    with (
        bystander(broker.port) as (link, _),
        host_on(broker.port, tag("A/N1/D:Speed", name="Speed")) as (host, engine),
    ):
        edge = Edge(link, "A", "N1")
        edge.born()
        edge.send("DBIRTH", number("Speed", 1.0, 0), device="D")
        edge.send("DDATA", number(None, 2.0, 0), device="D")
        wait_until(lambda: engine.value("remote/Speed") == (2.0, GOOD), "the value")
        assert host.nodes()[0].state is NodeState.ONLINE
        edge.dies()
        wait_until(lambda: engine.value("remote/Speed") == (None, STALE), "the death")
