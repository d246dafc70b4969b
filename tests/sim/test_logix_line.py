"""The line's tags in a Logix controller."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.line import COMMANDS, SETPOINT_LIMITS, Line
from sim.logix_controller import LogixController
from sim.logix_line import FILL_TIMER_MS, LogixLineMemory
from tests.clock import ManualClock


class Bench:
    """A line in a controller, without a wire."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.line = Line(1)
        self.controller = LogixController(clock=self.clock)
        self.memory = LogixLineMemory(self.controller, self.clock)
        self.cycle()

    def cycle(self, **changed: float) -> None:
        self.memory.encode({**self.line.tags(), **changed})

    def read(self, name: str):
        return self.controller.peek(f"Filler.{name}")

    def write(self, name: str, value: float) -> None:
        self.controller.poke(f"Filler.{name}", value)

    def program(self, name: str):
        return self.controller.peek(f"Program:MainProgram.{name}")


@pytest.fixture
def bench() -> Bench:
    return Bench()


@given(seconds=st.integers(0, 30))
def test_the_structure_holds_what_the_line_says(seconds: int):
    bench = Bench()
    bench.line.tick(float(seconds))
    bench.cycle()
    tags = bench.line.tags()
    assert {name: bench.read(name) for name in tags} == pytest.approx(tags, rel=1e-6)
    assert [type(bench.read(name)) for name in tags] == [type(value) for value in tags.values()]


@given(st.sets(st.sampled_from(COMMANDS)))
def test_a_written_command_is_taken_once_and_reset(commands: set[str]):
    bench = Bench()
    for name in commands:
        bench.write(name, True)
    assert bench.memory.take_writes() == [(name, True) for name in COMMANDS if name in commands]
    assert not any(bench.read(name) for name in COMMANDS)
    assert bench.memory.take_writes() == []


@pytest.mark.parametrize("name", SETPOINT_LIMITS)
def test_a_changed_setpoint_is_taken(bench: Bench, name: str):
    bench.write(name, 47.5)
    assert bench.memory.take_writes() == [(name, 47.5)]


def test_a_setpoint_that_is_no_number_is_taken_and_overwritten(bench: Bench):
    bench.write("FillTargetSetpoint", math.nan)
    [(name, value)] = bench.memory.take_writes()
    assert (name, math.isnan(value)) == ("FillTargetSetpoint", True)
    bench.cycle()
    assert bench.read("FillTargetSetpoint") == 500.0


def test_what_was_written_before_a_start_is_not_carried_out(bench: Bench):
    bench.write("StartCommand", True)
    bench.write("FillTargetSetpoint", 480.0)
    bench.cycle()
    assert bench.memory.take_writes() == []
    assert not bench.read("StartCommand")


def test_what_is_written_to_a_read_only_member_is_gone_with_the_next_cycle(bench: Bench):
    bench.write("BottlesFilled", 99999)
    bench.cycle()
    assert bench.read("BottlesFilled") == bench.line.tags()["BottlesFilled"]


def test_the_program_counts_and_times_its_cycles(bench: Bench):
    before = bench.program("ScanCount")
    bench.clock.advance(0.02)
    bench.cycle()
    assert bench.program("ScanCount") == before + 1
    assert bench.program("CycleTime") == pytest.approx(20.0, rel=1e-3)


def test_the_fill_timer_runs_while_the_valve_is_open(bench: Bench):
    bench.cycle(FillValve=True)
    bench.clock.advance(1.0)
    bench.cycle(FillValve=True)
    flags = [bench.program(f"FillTimer.{flag}") for flag in ("EN", "TT", "DN")]
    assert (bench.program("FillTimer.ACC"), flags) == (1000, [True, True, False])
    bench.clock.advance(10.0)
    bench.cycle(FillValve=True)
    flags = [bench.program(f"FillTimer.{flag}") for flag in ("EN", "TT", "DN")]
    assert (bench.program("FillTimer.ACC"), flags) == (FILL_TIMER_MS, [True, False, True])
    bench.cycle(FillValve=False)
    flags = [bench.program(f"FillTimer.{flag}") for flag in ("EN", "TT", "DN")]
    assert (bench.program("FillTimer.ACC"), flags) == (0, [False, False, False])


def test_timers_run_in_the_lines_time_where_it_is_given(bench: Bench):
    tags = {**bench.line.tags(), "FillValve": True}
    bench.memory.encode(tags, 100.0)
    bench.memory.encode(tags, 101.5)
    assert bench.program("FillTimer.ACC") == 1500


def test_bottles_are_counted_for_the_hour_of_the_day(bench: Bench):
    bench.cycle(BottlesFilled=100)
    bench.cycle(BottlesFilled=103)
    assert bench.controller.peek("BottleCounts[10]") == 3 + 100 - bench.line.tags()["BottlesFilled"]
    bench.clock.advance(3600.0)
    bench.cycle(BottlesFilled=105)
    bench.cycle(BottlesFilled=109)
    assert bench.controller.peek("BottleCounts[11]") == 6


def test_the_product_has_a_name_and_a_recipe(bench: Bench):
    assert bench.controller.peek("ProductName") == "Still 0.5 L"
    assert bench.controller.peek("Recipe") == (500, 58, 210, 65, 12, 0, 0, 0, 0, 0)
