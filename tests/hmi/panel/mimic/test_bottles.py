"""The bottle tracker: what it shows must never contradict what the sensors say."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.mimic.bottles import FULLEST, LEAVES_S, BottleTracker
from hmi.panel.mimic.definition import load_mimic
from hmi.panel.mimic.line_model import LineScan, ShownBottle
from sim.bottles import BELT_MM_PER_REV, BOTTLE_DIAMETER_MM, CHECK_MM, OUTFEED_MM, PITCH_MM, POCKET_PLAY_MM
from sim.faults import Fault
from sim.line import Line
from sim.stations import CAP_WINDOW_MM, FILL_FROM_MM, FILL_TO_MM
from tests.hmi.panel.mimic.line_bench import MIMIC

_LINE = load_mimic(MIMIC).line
assert _LINE is not None
GEOMETRY = _LINE.geometry
SCAN_S, FRAME_S = 0.25, 1 / 30


def scan_of(line: Line, reliable: bool = True) -> LineScan:
    """What a controller tells of the line just now."""
    tags = line.tags()
    return LineScan(
        line.now_s,
        reliable,
        bool(tags["ConveyorMotor"]) and float(tags["ConveyorSpeed"]) != 0.0,
        float(tags["ConveyorSpeed"]),
        float(tags["LineEncoder"]),
        bool(tags["BottlePresent"]),
        bool(tags["BottleAtFill"]),
        bool(tags["BottleAtCap"]),
        float(tags["BottleFillVolume"]) / float(tags["FillTargetSetpoint"]),
        bool(tags["CappingMotor"]) and bool(tags["CapPresent"]),
        bool(tags["CapMissing"]),
        int(tags["BottlesRejected"]),
    )


class Follower:
    """A line and a tracker that reads it every 250 ms, looked at 30 times a second."""

    def __init__(self, seed: int = 1, warm_up_s: float = 20.0) -> None:
        self.line = Line(seed)
        self.tracker = BottleTracker(GEOMETRY, SCAN_S)
        self.now_s = 0.0
        self.scan = LineScan(0.0, reliable=False)
        self._due_s = 0.0
        self.run(warm_up_s)

    def run(self, seconds: float) -> list[tuple[float, tuple[ShownBottle, ...]]]:
        frames = []
        for _ in range(round(seconds / FRAME_S)):
            self.line.tick(FRAME_S)
            self.now_s += FRAME_S
            if self.now_s >= self._due_s:
                self._due_s += SCAN_S
                self.scan = scan_of(self.line)
                self.tracker.update(self.scan, self.now_s)
            frames.append((self.now_s, self.tracker.shown(self.now_s)))
        return frames


def test_the_mimic_knows_the_distances_of_the_simulated_line() -> None:
    assert GEOMETRY.pitch_mm == PITCH_MM
    assert GEOMETRY.diameter_mm == BOTTLE_DIAMETER_MM
    assert GEOMETRY.play_mm == POCKET_PLAY_MM
    assert GEOMETRY.mm_per_revolution == BELT_MM_PER_REV
    assert (GEOMETRY.fill.from_mm, GEOMETRY.fill.to_mm) == (FILL_FROM_MM, FILL_TO_MM)
    assert GEOMETRY.cap.to_mm - GEOMETRY.cap.at_mm == CAP_WINDOW_MM
    assert (GEOMETRY.reject_mm, GEOMETRY.outfeed_mm) == (CHECK_MM, OUTFEED_MM)


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_bottles_are_shown_where_they_are(seed: int) -> None:
    follower = Follower(seed)
    for _ in range(200):
        follower.run(SCAN_S)
        shown = [b for b in follower.tracker.shown(follower.now_s + 1.0) if not b.rejected]
        true = [
            b.place_mm + (follower.scan.travel_mm or 0) - follower.line.belt.travel_mm
            for b in follower.line.bottles
        ]
        for bottle in shown:
            if bottle.x_mm < 1500.0:
                assert min(abs(bottle.x_mm - place) for place in true) < 30.0
        inside = [place for place in true if 60.0 < place < 1500.0]
        for place in inside:
            assert min(abs(bottle.x_mm - place) for bottle in shown) < 30.0


def test_a_bottle_fills_is_capped_and_leaves_in_this_order() -> None:
    follower = Follower()
    fills: dict[int, float] = {}
    capped: set[int] = set()
    for _, bottles in follower.run(30.0):
        for bottle in bottles:
            if bottle.x_mm < GEOMETRY.fill.from_mm:
                assert bottle.fill == 0.0
                assert not bottle.capped
            if bottle.x_mm < GEOMETRY.fill.to_mm and not bottle.rejected:
                assert bottle.fill >= fills.get(bottle.number, 0.0) - 0.02
            fills[bottle.number] = bottle.fill
            if bottle.capped:
                capped.add(bottle.number)
                assert bottle.x_mm >= GEOMETRY.cap.at_mm - 1.0
                assert bottle.fill > 0.9
    assert len(capped) > 10


def test_between_two_scans_bottles_move_forward_smoothly() -> None:
    follower = Follower()
    before: dict[int, float] = {}
    for _, bottles in follower.run(30.0):
        for bottle in bottles:
            if bottle.number in before:
                step = bottle.x_mm - before[bottle.number]
                assert -3.0 < step < 25.0
        before = {b.number: b.x_mm for b in bottles}


def test_no_bottle_stays_where_a_sensor_sees_none() -> None:
    follower = Follower()
    last, since = follower.scan, follower.now_s
    for _ in range(1800):
        ((now_s, bottles),) = follower.run(FRAME_S)
        if follower.scan is not last:
            last, since = follower.scan, now_s
        if now_s - since <= LEAVES_S + FRAME_S:
            continue
        stations = [
            (GEOMETRY.infeed, last.present),
            (GEOMETRY.fill, last.at_fill),
            (GEOMETRY.cap, last.at_cap),
        ]
        for station, seen in stations:
            if not seen:
                assert not any(station.holds(b.x_mm) for b in bottles)


def test_a_stopped_belt_stops_every_bottle_at_once() -> None:
    follower = Follower()
    follower.line.write("StopCommand", True)
    follower.run(6.0)
    places = {tuple((b.number, b.x_mm) for b in bottles) for _, bottles in follower.run(2.0)}
    assert len(places) == 1
    assert not follower.tracker.moving


def test_unreliable_values_freeze_the_bottles_in_the_same_frame() -> None:
    follower = Follower()
    follower.run(0.1)
    before = follower.tracker.shown(follower.now_s)
    follower.tracker.update(LineScan(follower.now_s, reliable=False), follower.now_s)
    assert not follower.tracker.reliable
    assert follower.tracker.shown(follower.now_s + 0.1) == before
    assert follower.tracker.shown(follower.now_s + 60.0) == before
    assert follower.tracker.travel_mm(follower.now_s) == follower.tracker.travel_mm(follower.now_s + 60.0)


def test_after_a_long_gap_only_what_the_sensors_see_is_left() -> None:
    follower = Follower()
    follower.tracker.update(LineScan(follower.now_s, reliable=False), follower.now_s)
    follower.line.tick(20.0)
    scan = scan_of(follower.line)
    follower.tracker.update(scan, follower.now_s + 20.0)
    shown = follower.tracker.shown(follower.now_s + 21.0)
    assert len(shown) == sum((bool(scan.present), bool(scan.at_fill), bool(scan.at_cap)))


def test_after_a_short_gap_the_bottles_go_on_from_where_they_are() -> None:
    follower = Follower()
    numbers = {b.number for b in follower.tracker.shown(follower.now_s)}
    follower.tracker.update(LineScan(follower.now_s, reliable=False), follower.now_s)
    follower.line.tick(0.3)
    follower.tracker.update(scan_of(follower.line), follower.now_s + 0.3)
    after = {b.number for b in follower.tracker.shown(follower.now_s + 1.0)}
    assert len(numbers & after) >= len(numbers) - 1


def test_a_rejected_bottle_is_marked_and_taken_away() -> None:
    follower = Follower()
    follower.line.disturb(Fault.CAP_MISSING, active=True)
    seen: set[int] = set()
    for _, bottles in follower.run(40.0):
        rejected = [b for b in bottles if b.rejected]
        for bottle in rejected:
            seen.add(bottle.number)
            assert abs(bottle.x_mm - GEOMETRY.reject_mm) < GEOMETRY.pitch_mm / 2
        assert not any(b.number in seen and not b.rejected for b in bottles)
    assert len(seen) >= 3


def test_an_empty_infeed_shows_an_empty_belt() -> None:
    follower = Follower()
    follower.line.disturb(Fault.NO_BOTTLE, active=True)
    follower.run(40.0)
    assert all(b.x_mm > 0.0 for b in follower.tracker.shown(follower.now_s))
    truly_on_belt = len(follower.line.bottles)
    assert len(follower.tracker.shown(follower.now_s)) <= truly_on_belt


def test_a_blind_fill_sensor_hides_the_bottle_until_the_next_one_sees_it() -> None:
    follower = Follower()
    follower.line.disturb(Fault.STUCK_SENSOR, active=True)
    follower.run(2.0)
    for _, bottles in follower.run(6.0):
        assert not any(450.0 < b.x_mm < 550.0 for b in bottles)


def test_without_an_encoder_the_speed_moves_the_bottles() -> None:
    line, tracker = Line(1), BottleTracker(GEOMETRY, SCAN_S)
    for step in range(160):
        line.tick(SCAN_S)
        tracker.update(replace(scan_of(line), travel_mm=None), step * SCAN_S)
    now_s = 159 * SCAN_S
    shown = [b for b in tracker.shown(now_s + 1.0) if 0.0 < b.x_mm < 1400.0]
    true = [b.place_mm for b in line.bottles]
    assert len(shown) >= 4
    assert all(min(abs(b.x_mm - place) for place in true) < 60.0 for b in shown)


def test_a_counter_that_starts_again_clears_the_belt() -> None:
    follower = Follower()
    scan = replace(scan_of(follower.line), travel_mm=3.0, time_s=follower.line.now_s + 0.25)
    follower.tracker.update(scan, follower.now_s)
    assert len(follower.tracker.shown(follower.now_s)) <= 3


maybe = st.sampled_from([True, False, None])
scans = st.builds(
    LineScan,
    time_s=st.just(0.0),
    reliable=st.sampled_from([True, True, True, False]),
    moving=st.booleans(),
    speed_rpm=st.one_of(st.none(), st.floats(0.0, 70.0)),
    travel_mm=st.just(0.0),
    present=maybe,
    at_fill=maybe,
    at_cap=maybe,
    fill_fraction=st.one_of(st.none(), st.floats(0.0, 3.0)),
    capping=maybe,
    cap_missing=st.booleans(),
    rejected=st.one_of(st.none(), st.integers(0, 5)),
)


@given(st.lists(st.tuples(scans, st.floats(0.0, 300.0), st.floats(0.0, 0.4)), max_size=40))
def test_whatever_the_tags_say_the_picture_keeps_its_promises(
    steps: list[tuple[LineScan, float, float]],
) -> None:
    tracker, now_s, travel = BottleTracker(GEOMETRY, SCAN_S), 0.0, 0.0
    for scan, moved, look_after_s in steps:
        now_s += SCAN_S
        travel += moved
        scan = replace(scan, time_s=now_s, travel_mm=travel)
        tracker.update(scan, now_s)
        shown = tracker.shown(now_s + look_after_s)
        assert len({b.number for b in shown}) == len(shown)
        assert all(0.0 <= b.fill <= FULLEST for b in shown)
        assert all(math.isfinite(b.x_mm) for b in shown)
        if not scan.reliable:
            assert tracker.shown(now_s + 99.0) == shown
            continue
        rest = tracker.shown(now_s + 99.0)
        places = [b.x_mm for b in rest]
        assert places == sorted(places, reverse=True)
        assert all(a - b >= GEOMETRY.diameter_mm - 1e-6 for a, b in pairwise(places))
        stations = [
            (GEOMETRY.infeed, scan.present),
            (GEOMETRY.fill, scan.at_fill),
            (GEOMETRY.cap, scan.at_cap),
        ]
        for station, seen in stations:
            if seen is False:
                assert not any(station.holds(place) for place in places)


@pytest.mark.parametrize("after_s", [0.1 * step for step in range(16)])
def test_whenever_the_page_is_opened_no_bottle_is_full_before_the_nozzle(after_s: float) -> None:
    """Bottles that were on the belt before are found one by one; product goes only into one at the nozzle."""
    follower = Follower(warm_up_s=20.0 + after_s)
    follower.tracker.clear()
    for _, bottles in follower.run(6.0):
        early = [b for b in bottles if b.x_mm < GEOMETRY.fill.from_mm - PITCH_MM / 4 and b.fill > 0.0]
        assert early == []
