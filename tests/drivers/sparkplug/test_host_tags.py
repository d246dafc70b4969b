import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_past import PastFilter
from drivers.sparkplug.host_tags import (
    Endpoint,
    MetricAddressError,
    address_refusal,
    in_turn,
    mapping_tag_defs,
    parse_address,
)
from engine.config.connections import Connection
from engine.config.messaging import MetricMapping
from engine.config.models import PlantConfig
from engine.config.production import Machine
from engine.model import Quality, Sample, parse_type
from tests.drivers.sparkplug.host_edge import Plant, number, tag


def test_addresses_name_a_metric_of_a_node_or_device():
    assert parse_address("G/N:Level") == (Endpoint("G", "N", None), "Level")
    assert parse_address("G/N/D:Node Control/Rebirth: now") == (
        Endpoint("G", "N", "D"),
        "Node Control/Rebirth: now",
    )
    assert parse_address("G/a%3Ab/D:x%3A") == (Endpoint("G", "a:b", "D"), "x%3A")
    assert parse_address("filler:Good") == (Endpoint("", "filler"), "Good")


@pytest.mark.parametrize("text", ["", "G/N", "G/N:", ":x", "G//D:x", "G/N/D/E:x", "G/+/D:x", "G/#:x"])
def test_what_is_no_address_is_refused_with_a_sentence(text):
    with pytest.raises(MetricAddressError):
        parse_address(text)
    assert address_refusal(text, parse_type("REAL"))


@given(st.text())
def test_reading_an_address_gives_one_or_an_error_of_its_own(text):
    refusal = address_refusal(text, parse_type("REAL"))
    if not refusal:
        assert parse_address(text).metric


def config(*mappings, connection="remote", kind="SPARKPLUG"):
    return PlantConfig(
        schema_version=1,
        plc_connections=(
            Connection(id="remote", type=kind, **({"host": "x"} if kind == "SIEMENS_S7" else {})),
        ),
        machines=(Machine(id="filler", connection=connection),),
        metric_mappings=tuple(
            MetricMapping(machine_id=machine, sparkplug_metric_name=name, oee_metric_type=type_)
            for machine, name, type_ in mappings
        ),
    )


def test_a_mapping_becomes_a_tag_of_its_machines_sparkplug_connection():
    first, second, third = mapping_tag_defs(
        config(
            ("filler", "Counts/Good", "GOOD_COUNT"),
            ("filler", "Bottling/Edge7/Filler:Running", "CYCLE_START"),
            ("filler", "Speed", "CYCLE_TIME"),
        )
    )
    assert (first.key, first.address, str(first.type)) == (
        "remote/filler.Counts/Good",
        "filler:Counts/Good",
        "DINT",
    )
    assert (second.name, second.address, str(second.type)) == (
        "filler.Running",
        "Bottling/Edge7/Filler:Running",
        "BOOL",
    )
    assert str(third.type) == "LREAL"


def test_a_mapping_without_a_sparkplug_connection_has_an_implicit_one():
    (made,) = mapping_tag_defs(config(("filler", "Speed", "X"), connection="remote", kind="SIEMENS_S7"))
    assert made.key == "sparkplug/filler.Speed"
    (other,) = mapping_tag_defs(config(("capper", "Speed", "X"), ("capper", "Speed", "Y")))
    assert other.key == "sparkplug/capper.Speed"


def test_a_bare_name_is_found_on_the_node_or_device_that_is_called_like_the_machine():
    plant = Plant(tag("filler:Speed"), tag("line:Speed"))
    plant.say("NBIRTH", number("Speed", 1.0, 0), seq=0, node=NodeId("G", "line"))
    plant.say("DBIRTH", number("Speed", 2.0, 1), seq=1, device="filler", node=NodeId("G", "line"))
    plant.say("DBIRTH", number("Speed", 3.0, 2), seq=2, device="Filler", node=NodeId("G", "line"))
    assert plant.value("filler:Speed") == (2.0, Quality.GOOD)
    assert plant.value("line:Speed") == (1.0, Quality.GOOD)
    node, device = plant.tracker.locate(Endpoint("", "filler"))
    assert (node.id, device) == (NodeId("G", "line"), "filler")
    assert plant.tracker.locate(Endpoint("", "nothing")) is None


def test_one_metric_may_feed_several_tags_of_different_types():
    plant = Plant(tag("G/N:Count", "DINT", name="a"), tag("G/N:Count", "LREAL", name="b"))
    plant.say("NBIRTH", number("Count", 4.0, 0), seq=0, node=NodeId("G", "N"))
    plant.say("NDATA", number(None, 5.0, 0), seq=1, node=NodeId("G", "N"))
    assert plant.value("b") == (5.0, Quality.GOOD)
    assert plant.value("a") == (None, Quality.BAD)


def test_values_of_the_past_come_once_and_the_memory_for_them_is_limited():
    past = PastFilter(remembered=3)
    samples = [Sample("t", n, Quality.GOOD, n) for n in range(4)]
    assert past.fresh(samples) == samples
    assert past.fresh([*samples[1:], Sample("t", 1, Quality.GOOD, 2)]) == [Sample("t", 1, Quality.GOOD, 2)]
    many = [Sample("t", n, Quality.GOOD, n) for n in range(100, 200)]
    assert past.fresh(many + many[-2:]) == many


@given(st.lists(st.booleans(), max_size=20))
def test_transient_values_keep_their_turn_among_the_others(passing):
    live = list(range(len(passing)))
    transient = {place for place, each in enumerate(passing) if each}
    pieces = list(in_turn(live, transient))
    assert [sample for _, samples in pieces for sample in samples] == live
    for recorded, samples in pieces:
        assert all((sample in transient) is not recorded for sample in samples)
