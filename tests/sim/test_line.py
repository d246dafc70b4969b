"""The bottling line: what an operator sees of a normal day, of commands and of setpoints."""

import math
from itertools import pairwise

import pytest

from sim.line import COMMANDS, SETPOINT_LIMITS, Line, LineWriteError
from sim.packml import State

TAG_LIST = {
    "inputs": "BottlePresent BottleAtFill BottleAtCap LowLevel HighLevel CapPresent",
    "outputs": "FillValve ConveyorMotor CappingMotor IndicatorGreen IndicatorRed IndicatorYellow",
    "analog": "FillLevel FillFlowRate TankTemperature TankPressure ConveyorSpeed",
    "status": "SystemRunning Filling Ready Fault AutoMode",
    "counters": "BottlesFilled BottlesRejected BottlesPerMinute",
    "alarms": "LowProductLevel Overfill Underfill NoBottle CapMissing",
}
EXTRA = ["BottleFillVolume", "StateCurrent", "LineEncoder", *COMMANDS, *SETPOINT_LIMITS]


def run_until(line: Line, state: State, within_s: float = 30.0) -> float:
    """Advance until the state is reached; returns the line time."""
    deadline_s = line.now_s + within_s
    while line.state is not state:
        line.tick(0.01)
        assert line.now_s < deadline_s, f"{state.name} not reached, still {line.state.name}"
    return line.now_s


def running_line(seed: int = 1) -> Line:
    line = Line(seed)
    run_until(line, State.EXECUTE)
    return line


def command(line: Line, name: str) -> None:
    line.write(name, True)
    line.tick(0.01)


def test_the_line_has_the_thirty_tags_and_those_needed_to_operate_it():
    names = " ".join(TAG_LIST.values()).split()
    assert len(names) == 30
    assert sorted(Line(1).tags()) == sorted([*names, *EXTRA])


def test_values_have_the_types_of_the_tag_list():
    tags = running_line().tags()
    reals = [*TAG_LIST["analog"].split(), "BottleFillVolume", *SETPOINT_LIMITS]
    integers = [*TAG_LIST["counters"].split(), "StateCurrent", "LineEncoder"]
    assert {type(tags[name]) for name in reals} == {float}
    assert {type(tags[name]) for name in integers} == {int}
    assert {type(value) for name, value in tags.items() if name not in reals + integers} == {bool}


def test_after_power_up_it_runs_within_five_seconds():
    line = Line(1)
    assert run_until(line, State.EXECUTE) < 5.0
    assert line.tags()["IndicatorGreen"] is True


def test_without_autostart_it_waits_for_the_start_command():
    line = Line(1, autostart=False)
    line.tick(60.0)
    assert line.state is State.STOPPED
    command(line, "StartCommand")
    run_until(line, State.EXECUTE, 10.0)


def test_an_hour_makes_about_38_8_bottles_a_minute_and_rejects_about_two_per_cent():
    line = running_line()
    before = line.checker.checked
    line.tick(3600.0)
    tags = line.tags()
    assert (line.checker.checked - before) / 60.0 == pytest.approx(38.8, abs=0.4)
    assert tags["BottlesPerMinute"] in (38, 39)
    assert 0.01 < tags["BottlesRejected"] / tags["BottlesFilled"] < 0.035


@pytest.fixture(scope="module")
def hour() -> list[dict]:
    """All tags of an hour of production, every five seconds."""
    line = running_line()
    line.tick(5.0)
    scans = []
    for _ in range(720):
        line.tick(5.0)
        scans.append(line.tags())
    return scans


@pytest.mark.parametrize(
    ("name", "mean", "low", "high"),
    [
        ("FillFlowRate", 29.6, 27.0, 32.0),
        ("TankTemperature", 12.8, 11.8, 13.8),
        ("TankPressure", 14.6, 13.5, 16.0),
        ("ConveyorSpeed", 58.0, 57.0, 59.0),
        ("FillLevel", 63.0, 54.0, 73.0),
    ],
)
def test_process_values_stay_near_their_working_point(hour, name, mean, low, high):
    values = [tags[name] for tags in hour]
    assert min(values) > low
    assert max(values) < high
    assert sum(values) / len(values) == pytest.approx(mean, rel=0.07)
    assert len(set(values)) > 100


def test_the_tank_falls_by_what_is_filled_and_is_refilled_between_two_levels(hour):
    levels = [tags["FillLevel"] for tags in hour]
    per_minute = [(after - before) * 12.0 for before, after in pairwise(levels)]
    falling = [rate for rate in per_minute if rate < 2.0]
    rising = [rate for rate in per_minute if rate > 6.0]
    assert sum(falling) / len(falling) == pytest.approx(-0.70, abs=0.1)
    assert len(rising) > 10
    assert 54.5 < min(levels) < max(levels) < 72.5


def test_a_bottle_is_filled_while_the_nozzle_follows_it():
    line = running_line()
    line.tick(3.0)
    while line.tags()["BottleAtFill"]:
        line.tick(0.01)
    volumes, valve = [], []
    while not line.tags()["BottleAtFill"]:
        line.tick(0.01)
    while line.tags()["BottleAtFill"]:
        volumes.append(line.tags()["BottleFillVolume"])
        valve.append(line.tags()["FillValve"])
        line.tick(0.01)
    assert volumes == sorted(volumes)
    assert volumes[0] < 10.0
    assert volumes[-1] == pytest.approx(500.0, abs=3.5)
    assert valve[0]
    assert not valve[-1]
    assert sum(valve) * 0.01 == pytest.approx(1.01, abs=0.08)


def test_stop_finishes_the_bottle_under_the_nozzle_and_wastes_nothing():
    line = running_line()
    for n in range(20):
        line.tick(7.0 + n * 0.13)
        rejected, underfill = line.tags()["BottlesRejected"], line.tags()["Underfill"]
        command(line, "StopCommand")
        assert line.state is State.STOPPING
        run_until(line, State.STOPPED)
        assert line.tags()["ConveyorSpeed"] == 0.0
        assert not line.filler.unfinished
        command(line, "StartCommand")
        run_until(line, State.EXECUTE)
        assert not underfill
        assert line.tags()["BottlesRejected"] - rejected <= 1
    assert line.tags()["BottlesRejected"] <= 8


def test_a_stopped_line_stands_still():
    line = running_line()
    command(line, "StopCommand")
    run_until(line, State.STOPPED)
    line.tick(3.0)
    before = line.tags()
    places = [bottle.place_mm for bottle in line.bottles]
    line.tick(60.0)
    after = line.tags()
    still = ["LineEncoder", "BottlesFilled", "BottlesRejected", "BottleFillVolume", "FillFlowRate"]
    assert {name: after[name] for name in still} == {name: before[name] for name in still}
    assert [bottle.place_mm for bottle in line.bottles] == places
    assert after["BottlesPerMinute"] < 5
    off = ["ConveyorMotor", "CappingMotor", "FillValve", "Filling", "SystemRunning", "IndicatorGreen"]
    assert not any(after[name] for name in off)
    assert after["Ready"]


def test_manual_stops_the_line_and_refuses_start_until_auto():
    line = running_line()
    command(line, "ManualCommand")
    assert line.tags()["AutoMode"] is False
    run_until(line, State.STOPPED)
    command(line, "StartCommand")
    line.tick(10.0)
    assert line.state is State.STOPPED
    assert line.tags()["Ready"] is False
    command(line, "AutoCommand")
    line.tick(10.0)
    assert line.state is State.STOPPED
    command(line, "StartCommand")
    run_until(line, State.EXECUTE)


def test_reset_makes_a_stopped_line_idle():
    line = Line(1, autostart=False)
    command(line, "ResetCommand")
    run_until(line, State.IDLE)
    line.tick(20.0)
    assert line.state is State.IDLE


def test_a_command_bit_is_taken_back_by_the_controller():
    line = running_line()
    line.write("StopCommand", True)
    assert line.tags()["StopCommand"] is True
    line.tick(0.01)
    assert line.tags()["StopCommand"] is False


def test_writing_false_to_a_command_does_nothing():
    line = running_line()
    line.write("StopCommand", False)
    line.tick(5.0)
    assert line.state is State.EXECUTE


def test_the_conveyor_ramps_to_a_new_speed_and_the_rate_follows():
    line = running_line()
    line.write("ConveyorSpeedSetpoint", 44.0)
    line.tick(0.1)
    assert 50.0 < line.tags()["ConveyorSpeed"] < 57.0
    line.tick(90.0)
    assert line.tags()["ConveyorSpeed"] == pytest.approx(44.0, abs=0.5)
    assert line.tags()["BottlesPerMinute"] in (28, 29, 30)


@pytest.mark.parametrize(
    ("name", "asked", "kept"),
    [
        ("ConveyorSpeedSetpoint", 99.0, 66.0),
        ("ConveyorSpeedSetpoint", -1.0, 40.0),
        ("ConveyorSpeedSetpoint", math.inf, 66.0),
        ("ConveyorSpeedSetpoint", math.nan, 58.0),
        ("FillTargetSetpoint", 10.0, 450.0),
        ("FillTargetSetpoint", 520.5, 520.5),
    ],
)
def test_setpoints_are_clamped_as_the_controller_does(name, asked, kept):
    line = Line(1)
    line.write(name, asked)
    assert line.tags()[name] == kept


def test_the_fill_target_changes_what_is_filled():
    line = running_line()
    line.write("FillTargetSetpoint", 460.0)
    line.tick(20.0)
    assert line.bottles[0].volume_ml == pytest.approx(460.0, rel=0.1)


def test_too_much_speed_for_too_large_a_target_underfills():
    line = running_line()
    line.write("ConveyorSpeedSetpoint", 66.0)
    line.write("FillTargetSetpoint", 550.0)
    line.tank.volume_l = line.tank.volume_l * 0.47
    line.tick(600.0)
    assert line.tags()["BottlesRejected"] / line.tags()["BottlesFilled"] > 0.04


@pytest.mark.parametrize("name", ["FillLevel", "SystemRunning"])
def test_what_the_controller_measures_cannot_be_written(name):
    with pytest.raises(LineWriteError, match="read only"):
        Line(1).write(name, 1.0)


def test_an_unknown_name_is_refused_with_a_near_miss():
    with pytest.raises(LineWriteError, match="did you mean StartCommand"):
        Line(1).write("StartComand", True)


@pytest.mark.parametrize("dt", [-0.1, math.nan, math.inf])
def test_time_only_goes_forward(dt):
    with pytest.raises(ValueError, match="cannot be advanced"):
        Line(1).tick(dt)


def test_a_cpu_in_stop_drops_all_outputs_and_starts_anew():
    line = running_line()
    line.tick(20.0)
    filled = line.tags()["BottlesFilled"]
    line.run_controller(running=False)
    line.tick(5.0)
    tags = line.tags()
    outputs = TAG_LIST["outputs"].split()
    assert not any(tags[name] for name in outputs)
    assert tags["ConveyorSpeed"] == 0.0
    line.run_controller(running=True)
    assert line.state is State.STOPPED
    run_until(line, State.EXECUTE, 6.0)
    assert line.tags()["BottlesFilled"] >= filled
