"""What the nodes of a simulated fleet say, without a network."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import decode, encode
from drivers.sparkplug.topic import Verb, parse_topic
from sim.fleet_node import FleetNode, Moment
from sim.fleet_plant import hall

START_MS = 1_767_000_000_000


def at(t_s):
    return Moment(t_s, START_MS + int(t_s * 1000))


def born(design):
    node = FleetNode("Hall", design)
    return node, {parse_topic(m.topic).device: decode(m.payload) for m in node.births(at(0.0))}


@pytest.mark.parametrize("design", hall(8), ids=lambda design: design.name)
def test_births_declare_every_metric_with_an_alias_of_its_own(design):
    _, births = born(design)
    metrics = [each for birth in births.values() for each in birth.metrics]
    aliases = [each.alias for each in metrics if each.alias is not None]
    assert len(set(aliases)) == len(aliases) == len(metrics) - 2
    assert [each.name for each in metrics if each.alias is None] == ["bdSeq", "Node Control/Rebirth"]
    assert set(births) == {None, *design.devices}


@pytest.mark.parametrize("design", hall(8), ids=lambda design: design.name)
def test_values_move_within_their_range_and_most_of_them_seldom(design):
    node, births = born(design)
    limits = {
        each.alias: (each.properties.get("engLow"), each.properties.get("engHigh"), each.type, each.name)
        for birth in births.values()
        for each in birth.metrics
        if each.alias is not None
    }
    changes = []
    for second in range(1, 300):
        for message in node.data(at(float(second))):
            payload = decode(message.payload, lambda _name, alias: limits[alias][2])
            for each in payload.metrics:
                low, high, _, name = limits[each.alias]
                changes.append(name)
                assert low is None or each.value >= low.value, name
                assert high is None or each.value <= high.value, name
    assert len(limits) * 300 / 1.5 > len(changes) > 300


def test_the_filler_has_the_aliases_that_its_screens_show():
    _, births = born(hall(1)[0])
    aliases = {each.name: (each.alias, each.type) for each in births["Filler"].metrics}
    assert aliases["FillLevel"] == (12, MetricType.FLOAT)
    assert aliases["BottlesFilled"] == (25, MetricType.INT64)


def test_two_runs_of_a_seed_say_the_same():
    one, other = (FleetNode("Hall", hall(1)[0], seed=7) for _ in range(2))
    assert one.births(at(0.0)) == other.births(at(0.0))
    assert one.data(at(33.0)) == other.data(at(33.0))
    assert FleetNode("Hall", hall(1)[0], seed=8).births(at(0.0)) != one.births(at(0.0))


@given(st.lists(st.sampled_from(["data", "birth", "command", "kill", "revive"]), max_size=400))
def test_seq_goes_on_by_one_whatever_happens_and_restarts_with_nbirth(actions):
    node, _ = born(hall(1)[0])
    write = encode(Payload(1, (Metric("AutoMode", False, MetricType.BOOLEAN),)))
    said = []
    for number, action in enumerate(actions):
        now = at(number * 0.7)
        match action:
            case "data":
                said += node.data(now)
            case "birth":
                said += node.births(now)
            case "command":
                said += node.on_command("spBv1.0/Hall/DCMD/Edge-Filler-1/Filler", write, now)
            case "kill":
                said += node.kill_device("Filler", now)
            case "revive":
                said += node.revive_device("Filler", now)
    heard = [(parse_topic(each.topic).verb, decode(each.payload).seq) for each in said]
    for (_, before), (verb, after) in itertools.pairwise(heard):
        assert after == (0 if verb is Verb.NBIRTH else (before + 1) % 256)
    alive = True
    for verb, _ in heard:
        assert alive or verb not in (Verb.DDATA, Verb.DDEATH)
        alive = {Verb.DDEATH: False, Verb.DBIRTH: True}.get(verb, alive)


@given(st.binary(max_size=60), st.text(max_size=40))
def test_garbage_is_ignored(payload, topic):
    node, _ = born(hall(1)[0])
    for each in ("spBv1.0/Hall/NCMD/Edge-Filler-1", "spBv1.0/Hall/DCMD/Edge-Filler-1/Filler", topic):
        for message in node.on_command(each, payload, at(1.0)):
            decode(message.payload)


def test_a_value_of_the_wrong_kind_or_for_a_measured_value_changes_nothing():
    node, _ = born(hall(1)[0])
    for metric in (
        Metric("ConveyorSpeedSetpoint", True, MetricType.BOOLEAN),
        Metric("ConveyorSpeedSetpoint", "fast", MetricType.STRING),
        Metric("ConveyorSpeedSetpoint", float("nan"), MetricType.FLOAT),
        Metric("ConveyorSpeedSetpoint", None, MetricType.FLOAT),
        Metric("AutoMode", 1, MetricType.INT32),
        Metric("FillLevel", 20.0, MetricType.FLOAT),
        Metric("Nothing", 20.0, MetricType.FLOAT),
    ):
        payload = encode(Payload(1, (metric,)))
        assert node.on_command("spBv1.0/Hall/DCMD/Edge-Filler-1/Filler", payload, at(1.0)) == []
