"""The line's tags in the data files of SLC-500, MicroLogix and PLC-5."""

import math
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import DataType
from sim.line import COMMANDS, SETPOINT_LIMITS, Line
from sim.pccc_files import DataFiles, FileType, from_floats, from_string, from_words, to_floats
from sim.pccc_kinds import MICROLOGIX_1400_B, PLC_5_40E, SLC_5_05, PcccKind
from sim.pccc_line_memory import PcccLineMemory, layout

KINDS = pytest.mark.parametrize(
    "kind", [SLC_5_05, MICROLOGIX_1400_B, PLC_5_40E], ids=lambda kind: kind.family
)


class Scene:
    """A line, and its tags in data files, without a server."""

    def __init__(self, kind: PcccKind) -> None:
        self.kind = kind
        self.files = DataFiles()
        self.files.add(FileType.OUTPUT, 0, 8)
        self.files.add(FileType.INPUT, 1, 8)
        self.memory = PcccLineMemory(self.files, kind)
        self.line = Line(1)
        self.encode()

    def encode(self) -> None:
        self.memory.encode(self.line.tags(), self.line.now_s)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.line.tick(0.02)
            self.encode()

    def cell(self, name: str) -> tuple[bytearray, int, int]:
        """Memory, byte and bit of a tag, from its address alone."""
        address = layout(longs=self.kind.longs)[name].address
        found = re.fullmatch(r"([A-Z]+)(\d+):(\d+)(?:/(\d+))?", address)
        assert found
        file = self.files[int(found[2])]
        assert file.type.letter == found[1]
        return file.memory, int(found[3]) * file.type.size, int(found[4] or 0)

    def read(self, name: str) -> bool | int | float:
        """As a client would."""
        memory, byte, bit = self.cell(name)
        data_type = layout(longs=self.kind.longs)[name].type
        if data_type is DataType.BOOL:
            return bool(int.from_bytes(memory[byte : byte + 2], "little") >> bit & 1)
        if data_type is DataType.REAL:
            return from_floats(memory[byte : byte + 4], high_word_first=self.kind.high_word_first)[0]
        return struct.unpack_from("<i" if data_type is DataType.DINT else "<h", memory, byte)[0]

    def write(self, name: str, value: float) -> None:
        """As a client would: a command bit or a setpoint."""
        memory, byte, bit = self.cell(name)
        if name in COMMANDS:
            memory[byte] |= 1 << bit
        else:
            memory[byte : byte + 4] = to_floats([value], high_word_first=self.kind.high_word_first)


@KINDS
def test_every_tag_has_a_place_of_its_own(kind):
    places = layout(longs=kind.longs)
    assert set(places) == set(Line(1).tags())
    assert len({place.address for place in places.values()}) == len(places)


@KINDS
def test_every_tag_is_read_at_its_address(kind):
    scene = Scene(kind)
    scene.run(12.0)
    for name, value in scene.line.tags().items():
        assert scene.read(name) == pytest.approx(value, rel=1e-6), name


@KINDS
@given(st.integers(0, 2**31 - 1))
def test_large_counters_are_exact_as_far_as_the_controller_can(kind, count):
    scene = Scene(kind)
    scene.memory.encode({**scene.line.tags(), "BottlesFilled": count, "LineEncoder": count}, 0.0)
    expected = count if kind.longs else count % 2**24
    assert scene.read("BottlesFilled") == scene.read("LineEncoder") == expected


@KINDS
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_taken_once_and_reset(kind, name):
    scene = Scene(kind)
    scene.write(name, True)
    assert scene.memory.take_writes() == [(name, True)]
    assert scene.memory.take_writes() == []
    assert not scene.read(name)


@KINDS
def test_changed_setpoints_are_taken(kind):
    scene = Scene(kind)
    assert scene.memory.take_writes() == []
    scene.write("FillTargetSetpoint", 480.5)
    assert scene.memory.take_writes() == [("FillTargetSetpoint", 480.5)]
    for name in SETPOINT_LIMITS:
        scene.write(name, 47.0)
    assert scene.memory.take_writes() == [(name, 47.0) for name in SETPOINT_LIMITS]
    scene.encode()
    assert scene.memory.take_writes() == []


@KINDS
def test_a_setpoint_that_is_no_number_is_left_to_the_line_to_ignore(kind):
    scene = Scene(kind)
    scene.write("FillTargetSetpoint", math.nan)
    for name, value in scene.memory.take_writes():
        scene.line.write(name, value)
    scene.encode()
    assert scene.read("FillTargetSetpoint") == 500.0


@KINDS
def test_what_is_written_to_read_only_places_is_gone_with_the_next_cycle(kind):
    scene = Scene(kind)
    kept = {
        file.number: bytes(file.memory) for file in scene.files if file.number in (0, 1, 3, 4, 5, 6, 8, 9)
    }
    for number in kept:
        scene.files[number].memory[:2] = b"\xaa\xaa"
    scene.encode()
    assert {number: bytes(scene.files[number].memory) for number in kept} == kept


def test_terminals_show_the_same_inputs_and_outputs():
    scene = Scene(SLC_5_05)
    scene.run(12.0)
    inputs, outputs = from_words(scene.files[3].memory[:4])
    assert (inputs, outputs) == (
        from_words(scene.files[1].memory[:2])[0],
        from_words(scene.files[0].memory[:2])[0],
    )
    assert outputs


def test_the_fill_timer_runs_while_product_flows_and_then_begins_anew():
    scene = Scene(SLC_5_05)
    seen: list[tuple[int, int, int]] = []
    for _ in range(500):
        scene.run(0.02)
        control, preset, accumulated = from_words(scene.files[4].memory[:6])
        assert preset == 200
        assert bool(control & 0x8000) is scene.read("Filling")
        seen.append((control & 0xFFFF, preset, accumulated))
    running = [accumulated for control, _, accumulated in seen if control == 0xC000]
    assert max(running) > 50
    assert {accumulated for control, _, accumulated in seen if control == 0} == {0}


def test_a_fill_that_takes_too_long_is_done():
    scene = Scene(SLC_5_05)
    tags = {**scene.line.tags(), "Filling": True}
    scene.memory.encode(tags, 100.0)
    scene.memory.encode(tags, 105.0)
    assert from_words(scene.files[4].memory[:6]) == (0xA000 - 0x10000, 200, 200)


def test_bottles_are_counted_by_hour_and_pallet():
    scene = Scene(SLC_5_05)
    tags = scene.line.tags()
    for filled, now_s in ((0, 0.0), (480, 3599.0), (485, 3601.0), (490, 3700.0)):
        scene.memory.encode({**tags, "BottlesFilled": filled}, now_s)
    assert from_words(scene.files[11].memory[:6]) == (480, 5, 0)
    assert from_words(scene.files[5].memory[:6])[1:] == (480, 10)


def test_program_cycles_are_counted_and_never_negative():
    scene = Scene(SLC_5_05)
    tags = scene.line.tags()
    for _ in range(32768):
        scene.memory.encode(tags, 0.0)
    assert from_words(scene.files[7].memory[4:6]) == (1,)


def test_the_product_is_named_and_may_be_renamed():
    scene = Scene(MICROLOGIX_1400_B)
    assert from_string(scene.files[10].memory[:84]) == "Still 0.5 L"
    scene.files[10].memory[:4] = b"\x02\x00ba"
    scene.encode()
    assert from_string(scene.files[10].memory[:84]) == "ab"
