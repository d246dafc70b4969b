"""What holds on the line at any moment, whatever is commanded and whatever breaks."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.bottles import BOTTLE_CAPACITY_ML, BOTTLE_DIAMETER_MM, OUTFEED_MM, PITCH_MM
from sim.faults import CONTROLLER_FAULTS, Fault
from sim.line import COMMANDS, Line
from sim.packml import SUCCESSORS, State

LINE_FAULTS = sorted(set(Fault) - CONTROLLER_FAULTS)

actions = st.one_of(
    st.tuples(st.just("command"), st.sampled_from(COMMANDS)),
    st.tuples(st.just("begin"), st.sampled_from(LINE_FAULTS)),
    st.tuples(st.just("end"), st.sampled_from(LINE_FAULTS)),
    st.tuples(st.just("cpu"), st.booleans()),
    st.tuples(st.just("speed"), st.floats(40.0, 66.0)),
    st.tuples(st.just("target"), st.floats(450.0, 550.0)),
)
days = st.lists(st.tuples(actions, st.integers(1, 1500)), max_size=12)


def act(line: Line, what: str, value) -> None:
    if what == "command":
        line.write(value, True)
    elif what in ("begin", "end"):
        line.disturb(value, active=what == "begin")
    elif what == "cpu":
        line.run_controller(running=value)
    else:
        line.write({"speed": "ConveyorSpeedSetpoint", "target": "FillTargetSetpoint"}[what], value)


def check(line: Line) -> None:
    counts, tags, bottles = line.counts, line.tags(), line.bottles
    assert counts.arrived == counts.waiting + counts.on_belt + counts.packed + counts.rejected
    assert tags["BottlesFilled"] - tags["BottlesRejected"] >= counts.packed - 7
    assert len({bottle.number for bottle in bottles}) == len(bottles)
    for ahead, behind in pairwise(bottles):
        assert ahead.number < behind.number
        assert ahead.place_mm - behind.place_mm > BOTTLE_DIAMETER_MM
    assert all(-PITCH_MM <= bottle.place_mm <= OUTFEED_MM for bottle in bottles)
    assert all(0.0 <= bottle.volume_ml <= BOTTLE_CAPACITY_ML for bottle in bottles)
    assert 0.0 <= tags["FillLevel"] <= 100.0
    assert not (tags["IndicatorGreen"] and tags["IndicatorRed"])
    assert tags["FillFlowRate"] >= 0.0
    assert tags["ConveyorSpeed"] >= 0.0


def product_missing_l(line: Line) -> float:
    tank, checker = line.tank, line.checker
    tank_error = tank.start_l + tank.supplied_l - tank.drawn_l - tank.drawn_back_l - tank.volume_l
    in_bottles_ml = checker.packed_ml + checker.rejected_ml + sum(b.volume_ml for b in line.bottles)
    belt_error = tank.drawn_l + line.primed_ml / 1000.0 - in_bottles_ml / 1000.0 - line.filler.spilled_l
    return abs(tank_error) + abs(belt_error)


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), day=days)
def test_bottles_add_up_keep_their_order_and_never_touch_and_no_product_is_lost(seed, day):
    line = Line(seed)
    for (what, value), steps in day:
        act(line, what, value)
        for _ in range(0, steps, 25):
            line.tick(0.25)
            check(line)
    assert product_missing_l(line) < 1e-6


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), day=days)
def test_states_follow_the_packml_transitions(seed, day):
    line = Line(seed)
    for (what, value), steps in day:
        if what == "cpu":
            continue
        act(line, what, value)
        for _ in range(steps):
            before = line.state
            line.tick(0.01)
            assert line.state is before or line.state in SUCCESSORS[before]


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), day=days, cuts=st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_the_same_seed_gives_the_same_day_however_the_ticks_are_cut(seed, day, cuts):
    whole, cut = Line(seed), Line(seed)
    for (what, value), steps in day:
        act(whole, what, value)
        act(cut, what, value)
        whole.tick(steps / 100.0)
        left_ms, turn = steps * 10, 0
        while left_ms:
            part_ms = min(left_ms, cuts[turn % len(cuts)])
            cut.tick(part_ms / 1000.0)
            left_ms -= part_ms
            turn += 1
        assert cut.tags() == whole.tags()
        assert cut.bottles == whole.bottles


def test_another_seed_gives_another_day():
    one, other = Line(1), Line(2)
    one.tick(600.0)
    other.tick(600.0)
    assert one.tags() != other.tags()


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), faults=st.sets(st.sampled_from(LINE_FAULTS)), lasting=st.integers(1, 120))
def test_the_line_recovers_from_any_set_of_faults(seed, faults, lasting):
    line = Line(seed)
    line.tick(10.0)
    for fault in faults:
        line.disturb(fault, active=True)
    line.tick(float(lasting))
    for fault in faults:
        line.disturb(fault, active=False)
    for _ in range(3):
        for name in ("ResetCommand", "StartCommand"):
            line.tick(20.0)
            line.write(name, True)
    line.tick(240.0)
    assert line.state is State.EXECUTE
    tags = line.tags()
    assert not tags["Fault"]
    assert not tags["LowProductLevel"]
    assert tags["BottlesPerMinute"] >= 36
