"""Faults: how they are written, when they come and go, and that each is seen on the line and passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.faults import (
    CONTROLLER_FAULTS,
    DEFAULT_DURATION_S,
    SLOW_ANSWER_S,
    Fault,
    FaultBoard,
    FaultError,
    FaultSpec,
    parse_fault,
    parse_fault_name,
)
from sim.line import Line
from sim.packml import State


class Controller:
    """A controller that notes what is done to it."""

    def __init__(self) -> None:
        self.stopped = False
        self.delay_s = 0.0
        self.mute = False
        self.drops: list[float] = []

    def drop(self, refuse_for_s: float = 0.0) -> None:
        self.drops.append(refuse_for_s)


class SlotController(Controller):
    """One whose connections can be refused."""

    def __init__(self) -> None:
        super().__init__()
        self.refuse_forward_open = False
        self.connection_slots: int | None = None


class Scene:
    """A running line with its fault board, advanced together; remembers every scan."""

    def __init__(self, seed: int = 3) -> None:
        self.line = Line(seed)
        self.controller = Controller()
        self.other = SlotController()
        self.board = FaultBoard(self.line, {"s7": self.controller, "slc": self.other})
        self.scans: list[dict] = []
        self.run(30.0)
        self.scans.clear()

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.line.tick(0.25)
            self.board.tick(self.line.now_s)
            self.scans.append(self.line.tags())

    def ever(self, name: str, value: object = True) -> bool:
        return any(scan[name] == value for scan in self.scans)

    @property
    def now(self) -> dict:
        return self.line.tags()

    def rejected(self) -> int:
        return self.now["BottlesRejected"] - self.scans[0]["BottlesRejected"]

    def operate(self, *commands: str) -> None:
        for name in commands:
            self.line.write(name, True)
            self.run(8.0)


def test_a_fault_is_written_as_name_time_and_duration():
    assert parse_fault("low_product@60+120") == FaultSpec(Fault.LOW_PRODUCT, 60.0, 120.0)
    assert parse_fault("mute@2.5") == FaultSpec(Fault.MUTE, 2.5, DEFAULT_DURATION_S[Fault.MUTE])
    assert parse_fault("drop") == FaultSpec(Fault.DROP, 0.0, DEFAULT_DURATION_S[Fault.DROP])


def test_every_fault_has_a_default_duration():
    assert set(DEFAULT_DURATION_S) == set(Fault)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("low_produkt@60", "did you mean low_product?"),
        ("xyz@60", "there are no_bottle"),
        ("mute@", "not a number of seconds"),
        ("mute@soon", "not a number of seconds"),
        ("mute@-1", "not a number of seconds"),
        ("mute@1+nan", "not a number of seconds"),
        ("mute@1+inf", "not a number of seconds"),
        ("overfill:slc@60", "acts on the line"),
        ("mut:slc", "did you mean mute?"),
    ],
)
def test_a_fault_that_cannot_be_read_says_what_was_expected(text, says):
    with pytest.raises(FaultError, match=says.replace("?", r"\?")):
        parse_fault(text)


@given(st.text())
def test_any_text_is_a_fault_or_a_fault_error(text):
    try:
        spec = parse_fault(text)
    except FaultError:
        return
    assert spec.fault in Fault


def test_a_fault_of_one_controller_is_written_with_its_name():
    assert parse_fault("mute:slc@5+6") == FaultSpec(Fault.MUTE, 5.0, 6.0, "slc")
    assert str(parse_fault_name("mute:slc")) == "mute:slc"


@given(st.sampled_from(Fault), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_written_is_read_back(fault, at, duration):
    assert parse_fault(f"{fault}@{at}+{duration}") == FaultSpec(fault, at, duration)


def test_a_scheduled_fault_begins_at_its_time_and_ends_after_its_duration():
    scene = Scene()
    scene.board.schedule(parse_fault("mute@60+10"))
    seen = []
    while scene.line.now_s < 80.0:
        scene.run(0.25)
        seen.append((scene.line.now_s, scene.controller.mute))
    muted = [at for at, mute in seen if mute]
    assert (muted[0], muted[-1]) == pytest.approx((60.0, 69.75), abs=0.26)


def test_a_fault_without_end_stays_until_it_is_cleared():
    scene = Scene()
    scene.board.inject(Fault.MUTE, 0.0)
    scene.run(1000.0)
    assert scene.controller.mute
    scene.board.clear(Fault.MUTE)
    assert not scene.controller.mute
    assert scene.board.active == []


def test_clear_all_also_forgets_what_was_to_come():
    scene = Scene()
    scene.board.schedule(parse_fault("slow@40"))
    scene.board.inject(Fault.OVERFILL)
    scene.board.clear_all()
    scene.run(20.0)
    assert scene.board.active == []
    assert scene.controller.delay_s == 0.0
    assert not scene.ever("Overfill")


def test_controller_faults_act_on_the_controller_and_are_taken_back():
    scene = Scene()
    for fault in sorted(CONTROLLER_FAULTS):
        scene.board.inject(fault, 5.0)
    controller = scene.controller
    assert (controller.stopped, controller.delay_s, controller.mute, controller.drops) == (
        True,
        SLOW_ANSWER_S,
        True,
        [5.0],
    )
    scene.run(5.5)
    assert (controller.stopped, controller.delay_s, controller.mute, controller.drops) == (
        False,
        0.0,
        False,
        [5.0],
    )


def test_a_named_controller_alone_has_the_fault():
    scene = Scene()
    scene.board.inject(Fault.SLOW, 5.0, "slc")
    scene.board.inject(Fault.DROP, 5.0, "slc")
    assert (scene.controller.delay_s, scene.other.delay_s) == (0.0, SLOW_ANSWER_S)
    assert (scene.controller.drops, scene.other.drops) == ([], [5.0])
    scene.run(5.5)
    assert scene.other.delay_s == 0.0


def test_a_fault_of_all_outlives_that_of_one():
    scene = Scene()
    scene.board.inject(Fault.MUTE, 0.0)
    scene.board.inject(Fault.MUTE, 0.0, "slc")
    scene.board.clear(Fault.MUTE, "slc")
    assert (scene.controller.mute, scene.other.mute) == (True, True)
    scene.board.clear(Fault.MUTE)
    assert (scene.controller.mute, scene.other.mute) == (False, False)


def test_clearing_a_fault_of_all_also_ends_that_of_one():
    scene = Scene()
    scene.board.inject(Fault.MUTE, 0.0, "slc")
    scene.board.clear(Fault.MUTE)
    assert not scene.other.mute


def test_a_client_that_stops_one_controller_is_not_undone_by_a_fault_of_another():
    scene = Scene()
    scene.controller.stopped = True
    scene.board.inject(Fault.CONTROLLER_STOP, 0.0, "slc")
    scene.board.clear(Fault.CONTROLLER_STOP, "slc")
    assert (scene.controller.stopped, scene.other.stopped) == (True, False)


def test_connections_are_refused_where_there_are_such():
    scene = Scene()
    scene.board.inject(Fault.REFUSE_OPEN, 0.0)
    scene.board.inject(Fault.SLOTS_FULL, 0.0)
    assert (scene.other.refuse_forward_open, scene.other.connection_slots) == (True, 0)
    assert scene.board.without_effect(Fault.SLOTS_FULL) == ["s7"]
    assert scene.board.without_effect(Fault.SLOTS_FULL, "slc") == []
    assert scene.board.without_effect(Fault.MUTE) == []
    scene.board.clear_all()
    assert (scene.other.refuse_forward_open, scene.other.connection_slots) == (False, None)


def test_a_controller_that_is_not_there_is_told():
    board = Scene().board
    with pytest.raises(FaultError, match="no controller 'plc5': there are s7, slc"):
        board.inject(Fault.MUTE, 1.0, "plc5")
    with pytest.raises(FaultError, match="plc5"):
        board.schedule(parse_fault("mute:plc5@5"))


def test_a_drop_without_duration_is_over_at_once():
    scene = Scene()
    scene.board.inject(Fault.DROP, 0.0)
    assert scene.controller.drops == [0.0]
    assert scene.board.active == []


def test_no_bottle_empties_the_belt_and_suspends_the_line_until_bottles_come():
    scene = Scene()
    scene.board.inject(Fault.NO_BOTTLE)
    scene.run(29.0)
    assert scene.now["NoBottle"]
    assert scene.line.state is State.SUSPENDED
    assert scene.now["IndicatorYellow"]
    assert not scene.now["Fault"]
    assert scene.line.counts.on_belt == 0
    scene.run(15.0)
    assert scene.line.state is State.EXECUTE
    assert not scene.now["NoBottle"]


def test_missing_caps_reject_bottles_and_suspend_the_line_until_caps_come():
    scene = Scene()
    scene.board.inject(Fault.CAP_MISSING)
    scene.run(19.0)
    assert not scene.now["CapPresent"]
    assert scene.now["CapMissing"]
    assert not scene.now["Ready"]
    assert scene.line.state is State.SUSPENDED
    scene.run(60.0)
    assert scene.rejected() >= 3
    assert scene.line.state is State.EXECUTE
    assert scene.now["CapPresent"]
    assert not scene.now["CapMissing"]


@pytest.mark.parametrize(("fault", "alarm"), [(Fault.OVERFILL, "Overfill"), (Fault.UNDERFILL, "Underfill")])
def test_bad_fills_are_rejected_and_raise_their_alarm_until_bottles_are_good_again(fault, alarm):
    scene = Scene()
    scene.board.inject(fault)
    scene.run(14.0)
    assert scene.now[alarm]
    assert scene.now["IndicatorYellow"]
    scene.run(46.0)
    assert 5 <= scene.rejected() <= 11
    assert scene.line.state is State.EXECUTE
    assert not scene.now[alarm]


def test_a_clogged_filter_shows_in_the_flow():
    scene = Scene()
    scene.board.inject(Fault.UNDERFILL)
    scene.run(8.0)
    assert scene.now["FillFlowRate"] < 24.0


def test_twelve_rejects_in_a_row_hold_the_line_until_reset_and_start():
    scene = Scene()
    scene.board.inject(Fault.OVERFILL, 40.0)
    scene.run(45.0)
    assert scene.line.state is State.HELD
    assert scene.now["Fault"]
    assert scene.now["IndicatorRed"]
    scene.operate("StartCommand")
    assert scene.line.state is State.HELD
    scene.operate("ResetCommand", "StartCommand")
    assert scene.line.state is State.EXECUTE
    assert not scene.now["Fault"]


def test_low_product_falls_to_its_alarm_and_comes_back():
    scene = Scene()
    scene.board.inject(Fault.LOW_PRODUCT)
    scene.run(60.0)
    assert scene.now["LowProductLevel"]
    assert scene.now["LowLevel"]
    assert scene.now["FillLevel"] < 25.0
    assert scene.line.state is State.EXECUTE
    scene.run(180.0)
    assert not scene.now["LowProductLevel"]
    assert scene.now["FillLevel"] > 28.0


def test_without_product_the_line_is_suspended_at_fifteen_per_cent():
    scene = Scene()
    scene.board.inject(Fault.LOW_PRODUCT, 0.0)
    scene.run(900.0)
    assert scene.line.state is State.SUSPENDED
    assert 14.0 < scene.now["FillLevel"] <= 15.1
    scene.board.clear(Fault.LOW_PRODUCT)
    scene.run(150.0)
    assert scene.line.state is State.EXECUTE


def test_a_capper_trip_aborts_and_needs_reset_and_start_once_it_is_mended():
    scene = Scene()
    scene.board.inject(Fault.CAPPER_TRIP, 0.0)
    scene.run(2.0)
    assert scene.line.state is State.ABORTED
    assert (scene.now["Fault"], scene.now["IndicatorRed"], scene.now["CappingMotor"]) == (True, True, False)
    scene.operate("ResetCommand", "StartCommand")
    assert scene.line.state is State.ABORTED
    scene.board.clear(Fault.CAPPER_TRIP)
    scene.run(5.0)
    assert scene.line.state is State.ABORTED
    scene.operate("ResetCommand")
    assert scene.line.state is State.STOPPED
    assert scene.now["Ready"]
    scene.operate("StartCommand")
    assert scene.line.state is State.EXECUTE


def test_a_blind_photo_eye_lets_bottles_pass_unfilled():
    scene = Scene()
    scene.board.inject(Fault.STUCK_SENSOR)
    scene.run(1.0)
    scene.scans.clear()
    scene.run(10.0)
    assert not scene.ever("BottleAtFill")
    assert scene.ever("BottlePresent")
    assert scene.ever("BottleAtCap")
    assert scene.ever("NoBottle")
    assert scene.ever("Underfill")
    scene.run(60.0)
    assert scene.ever("BottleAtFill")
    assert scene.rejected() >= 5
    assert not scene.now["NoBottle"]
    assert not scene.now["Underfill"]
