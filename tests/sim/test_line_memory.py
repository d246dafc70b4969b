"""The line's tags in the controller's memory."""

import math
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resources
from engine.config.convert import limits_for, tag_defs
from engine.config.loader import load_plant
from engine.model import DataType
from sim.line import COMMANDS, SETPOINT_LIMITS, Line
from sim.line_memory import LAYOUT, LENGTH, LineMemory

DEMO = Path(resources.__file__).parent / "plants" / "demo.yaml"
WIDTH = {DataType.BOOL: 1, DataType.REAL: 4, DataType.DINT: 4}


def read(memory: bytes, name: str) -> bool | int | float:
    """Read one tag as an S7 client would, from its place alone."""
    place = LAYOUT[name]
    if place.type is DataType.BOOL:
        return bool(memory[place.byte] >> place.bit & 1)
    return struct.unpack_from(">f" if place.type is DataType.REAL else ">i", memory, place.byte)[0]


def fresh() -> tuple[Line, LineMemory, bytearray]:
    line, memory, db = Line(1), LineMemory(), bytearray(LENGTH)
    memory.encode(line.tags(), db)
    return line, memory, db


@pytest.fixture(scope="module")
def demo():
    return load_plant(DEMO, {})


def test_every_tag_has_a_place_of_its_own():
    assert set(LAYOUT) == set(Line(1).tags())
    bits = [
        place.byte * 8 + bit
        for place in LAYOUT.values()
        for bit in ([place.bit] if place.type is DataType.BOOL else range(32))
    ]
    assert len(set(bits)) == len(bits)
    assert max(bits) < LENGTH * 8


def test_numbers_lie_on_even_bytes():
    assert all(place.byte % 2 == 0 for place in LAYOUT.values() if place.type is not DataType.BOOL)


@pytest.mark.parametrize(
    ("name", "address"),
    [("BottlePresent", "DB1.DBX0.0"), ("CapMissing", "DB1.DBX3.4"), ("FillLevel", "DB1.DBD8")],
)
def test_a_place_has_its_s7_address(name, address):
    assert LAYOUT[name].address == address


@given(seconds=st.integers(0, 30))
def test_memory_holds_what_the_line_says(seconds):
    line, memory, db = fresh()
    line.tick(float(seconds))
    tags = line.tags()
    memory.encode(tags, db)
    assert {name: read(db, name) for name in LAYOUT} == pytest.approx(tags, rel=1e-6)


@given(st.sets(st.sampled_from(COMMANDS)))
def test_a_written_command_is_taken_once_and_reset(commands):
    line, memory, db = fresh()
    for name in commands:
        db[LAYOUT[name].byte] |= 1 << LAYOUT[name].bit
    assert memory.take_writes(db) == [(name, True) for name in COMMANDS if name in commands]
    memory.encode(line.tags(), db)
    assert memory.take_writes(db) == []
    assert not any(read(db, name) for name in COMMANDS)


def test_a_command_not_yet_carried_out_is_not_seen_again():
    line, memory, db = fresh()
    line.write("StartCommand", True)
    memory.encode(line.tags(), db)
    assert memory.take_writes(db) == []


@given(st.sampled_from(sorted(SETPOINT_LIMITS)), st.floats(width=32))
def test_a_written_setpoint_is_taken_and_shows_what_the_controller_made_of_it(name, value):
    line, memory, db = fresh()
    struct.pack_into(">f", db, LAYOUT[name].byte, value)
    before = line.tags()[name]
    writes = memory.take_writes(db)
    assert [written for written, _ in writes] == ([] if value == before else [name])
    for written, asked in writes:
        line.write(written, asked)
    memory.encode(line.tags(), db)
    low, high = SETPOINT_LIMITS[name]
    assert read(db, name) == (before if math.isnan(value) else max(low, min(high, value)))
    assert memory.take_writes(db) == []


def test_what_is_written_to_a_measured_value_is_gone_with_the_next_cycle():
    line, memory, db = fresh()
    struct.pack_into(">f", db, LAYOUT["FillLevel"].byte, 99.0)
    assert memory.take_writes(db) == []
    memory.encode(line.tags(), db)
    assert read(db, "FillLevel") == pytest.approx(62.0, abs=0.5)


def test_before_the_first_cycle_zeroes_are_no_setpoints():
    assert LineMemory().take_writes(bytearray(LENGTH)) == []


def test_the_demo_plant_reads_exactly_this_layout(demo):
    defined = {tag.name: (tag.address, tag.type.base) for tag in tag_defs(demo, "line1")}
    assert defined == {name: (place.address, place.type) for name, place in LAYOUT.items()}


def test_the_demo_plant_writes_commands_and_setpoints_and_nothing_else(demo):
    tags = tag_defs(demo, "line1")
    assert {tag.name for tag in tags if tag.pulse} == set(COMMANDS)
    assert {tag.name for tag in tags if tag.writable} == {*COMMANDS, *SETPOINT_LIMITS}
    assert {tag.name: tag.range for tag in tags if tag.writable and not tag.pulse} == SETPOINT_LIMITS


def test_every_tag_of_the_demo_plant_has_a_name_for_people(demo):
    assert all(tag.description for tag in tag_defs(demo, "line1"))


def test_a_normal_run_of_the_line_stays_within_range_and_normal_band_of_the_demo_plant(demo):
    line = Line(1)
    line.tick(90.0)
    tags = line.tags()
    for tag in tag_defs(demo, "line1"):
        for band in (tag.range, tag.normal):
            assert band is None or tag.pulse or band[0] <= tags[tag.name] <= band[1], tag.name


def test_the_demo_plant_has_the_limits_of_the_process_values(demo):
    level = limits_for(demo, "line1", "FillLevel")
    assert level is not None
    for name in ("FillFlowRate", "TankTemperature", "TankPressure", "ConveyorSpeed"):
        assert limits_for(demo, "line1", name) is not None


def test_the_demo_port_comes_from_the_environment_when_it_is_there():
    assert load_plant(DEMO, {}).plc_connections[0].port == 1102
    given_port = load_plant(DEMO, {**os.environ, "BRIMLINE_DEMO_S7_PORT": "11102"})
    assert given_port.plc_connections[0].port == 11102
