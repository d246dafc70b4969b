"""What hosts may ask of the edge node, and that every refusal is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt.base import Incoming
from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_commands import CommandDesk, Rebirth, Refusal, Write, read_commands
from drivers.sparkplug.edge_model import EdgeDevice
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode
from engine.commands import CommandResult, CommandState
from tests.clock import ManualClock
from tests.drivers.sparkplug.edge_rig import settings
from tests.engine.tag_defs import tag_def

SPEED, COUNT = "line1/Speed", "line1/Count"
DEVICES = (
    EdgeDevice(
        "line1",
        "Line 1",
        (
            tag_def("Speed", "REAL", writable=True, range=(40, 66)),
            tag_def("Count", "INT", writable=True),
            tag_def("Secret", "REAL", writable=True),
        ),
    ),
    EdgeDevice("line2", "Line 2", (tag_def("Speed", "REAL", connection="line2"),)),
)
CATALOGUE = Catalogue(DEVICES)
ALIAS = {key: CATALOGUE.of_key(key).alias for key in CATALOGUE.keys}
OPEN = settings(allow_commands=True, command_allowlist=frozenset({SPEED, COUNT}))
DCMD, NCMD = "spBv1.0/plant/DCMD/filler/line1", "spBv1.0/plant/NCMD/filler"


def message(topic, *metrics, retain=False, datatypes=True, at_us=0):
    return Incoming(topic, encode(Payload(1, metrics), datatypes=datatypes), 0, retain, at_us)


def read(topic, *metrics, config=OPEN, **keys):
    return read_commands(message(topic, *metrics, **keys), config, CATALOGUE)


def reason(commands):
    (refusal,) = commands
    assert isinstance(refusal, Refusal)
    return refusal.reason


@pytest.mark.parametrize("datatypes", [True, False])
@pytest.mark.parametrize("name", ["alias", "name"])
def test_a_listed_tag_is_written_by_alias_or_name_with_or_without_a_type(name, datatypes):
    which = {"alias": ALIAS[COUNT]} if name == "alias" else {"name": "Count"}
    asked = Metric(value=-12, type=MetricType.INT16, **which)
    assert read(DCMD, asked, datatypes=datatypes) == [Write(COUNT, -12)]


def test_everything_else_is_refused_with_a_reason():
    speed = Metric(alias=ALIAS[SPEED], value=50.0, type=MetricType.FLOAT)
    assert "does not allow commands" in reason(read(DCMD, speed, config=settings()))
    assert "not in the list" in reason(read(DCMD, Metric("Secret", 1.0, MetricType.FLOAT)))
    assert "kept by the broker" in reason(read(DCMD, speed, retain=True))
    assert "no such device" in reason(read("spBv1.0/plant/DCMD/filler/line9", speed))
    assert "no such metric" in reason(read(DCMD, Metric("Nothing", 1.0, MetricType.FLOAT)))
    assert "no birth certificate" in reason(read(DCMD, Metric(alias=999, value=1.0, type=MetricType.FLOAT)))
    assert "no birth certificate" in reason(
        read(DCMD, Metric(alias=ALIAS["line2/Speed"], value=1.0, type=MetricType.FLOAT))
    )
    assert "neither a name nor an alias" in reason(read(DCMD, Metric(value=1.0, type=MetricType.FLOAT)))
    assert "is the one of Speed" in reason(
        read(DCMD, Metric("Count", 1.0, MetricType.FLOAT, alias=ALIAS[SPEED]))
    )
    assert "of the past" in reason(read(DCMD, Metric("Speed", 1.0, MetricType.FLOAT, is_historical=True)))
    assert "null" in reason(read(DCMD, Metric("Speed", None, MetricType.FLOAT)))
    assert "whole number" in reason(read(DCMD, Metric("Count", 1.5, MetricType.FLOAT)))
    assert "does not fit" in reason(read(DCMD, Metric("Count", 40_000, MetricType.INT32)))
    assert "cannot be read" in reason(
        read_commands(Incoming(DCMD, b"\xff\xff", 0, False, 0), OPEN, CATALOGUE)
    )
    assert "no such command" in reason(read(NCMD, Metric("Node Control/Reboot", True, MetricType.BOOLEAN)))


@pytest.mark.parametrize("type_", [MetricType.BOOLEAN, None])
def test_rebirth_goes_by_its_name_with_or_without_a_type(type_):
    """Also where commands are not allowed: it changes nothing in the plant."""
    assert read(NCMD, Metric("Node Control/Rebirth", True, type_), config=settings()) == [Rebirth()]
    assert read(NCMD, Metric("Node Control/Rebirth", False, type_), config=settings()) == []


def test_rebirth_of_anything_but_true_is_refused():
    assert reason(read(NCMD, Metric("Node Control/Rebirth", None, MetricType.BOOLEAN)))
    assert reason(read(NCMD, Metric("Node Control/Rebirth", "true", MetricType.STRING)))
    assert reason(read(NCMD, Metric(alias=0, value=True, type=MetricType.BOOLEAN)))
    assert reason(read(NCMD, Metric("Node Control/Rebirth", True, MetricType.BOOLEAN), retain=True))


def test_commands_for_others_are_none_of_ours():
    assert read("spBv1.0/plant/NCMD/other", Metric("Node Control/Rebirth", True)) == []


@given(st.binary(max_size=200), st.sampled_from([DCMD, NCMD, "spBv1.0/plant/DCMD/filler", "x"]))
def test_anything_may_come(payload, topic):
    read_commands(Incoming(topic, payload, 0, False, 0), OPEN, CATALOGUE)


class Desk:
    def __init__(self, state=CommandState.PENDING):
        self.clock, self.events, self.asked = ManualClock(), [], []

        def request(key, value, user):
            self.asked.append((key, value, user))
            return CommandResult(state, key, value)

        self.desk = CommandDesk(OPEN, CATALOGUE, request, self.events.append, self.clock)

    def tell(self, *metrics, topic=DCMD, waited_s=0.0):
        at_us = self.clock.utc_us() - round(waited_s * 1e6)
        return self.desk.on_message(message(topic, *metrics, at_us=at_us), "broker:1883")


def test_an_allowed_command_takes_the_one_write_path():
    desk = Desk()
    assert not desk.tell(Metric("Speed", 50.0, MetricType.FLOAT))
    assert desk.asked == [(SPEED, 50.0, "sparkplug:broker:1883")]
    assert not desk.events
    assert desk.desk.refused == 0


def test_what_the_write_path_refuses_is_counted_and_journalled_there():
    desk = Desk(CommandState.REFUSED)
    desk.tell(Metric("Speed", 500.0, MetricType.FLOAT))
    assert desk.desk.refused == 1
    assert not desk.events


def test_every_refusal_is_journalled_and_a_flood_is_summed_up():
    desk = Desk()
    for _ in range(1000):
        desk.tell(Metric("Secret", 1.0, MetricType.FLOAT))
    assert desk.desk.refused == 1000
    assert len(desk.events) == 20
    assert "not in the list" in desk.events[0].text
    assert "line1/Secret" in desk.events[0].text
    assert "sparkplug:broker:1883" in desk.events[0].text
    desk.clock.advance(61)
    desk.desk.on_tick()
    assert "980 more" in desk.events[-1].text


def test_a_flood_of_allowed_commands_does_not_take_the_write_path_for_itself():
    desk = Desk()
    for _ in range(1000):
        desk.tell(Metric("Speed", 50.0, MetricType.FLOAT))
    assert len(desk.asked) == 50
    assert desk.desk.refused == 950
    desk.clock.advance(1)
    desk.tell(Metric("Speed", 50.0, MetricType.FLOAT))
    assert len(desk.asked) == 51


def test_a_command_that_waited_beyond_its_deadline_is_not_carried_out():
    desk = Desk()
    desk.tell(Metric("Speed", 50.0, MetricType.FLOAT), waited_s=2.5)
    assert desk.asked == []
    assert "too long" in desk.events[0].text
    desk.tell(Metric("Speed", 51.0, MetricType.FLOAT), waited_s=1.5)
    assert desk.asked == [(SPEED, 51.0, "sparkplug:broker:1883")]
