"""What the GUI thread is told of the engine, when, and how often."""

import threading

import pytest
from PySide6.QtCore import QThread

from engine.commands import CommandResult, CommandState
from engine.model import Quality, Sample
from engine.tags import TagState
from tests.hmi.panel.plant_bench import Bench

LEVEL = "line1/FillLevel"
SETPOINT = "line1/ConveyorSpeedSetpoint"


def say(bench: Bench, *values: float) -> None:
    for value in values:
        bench.tags.update([Sample(LEVEL, value, Quality.GOOD, bench.clock.utc_us())])


def test_a_subscriber_is_told_the_state_at_once(bench: Bench) -> None:
    say(bench, 62.4)
    told: list[TagState] = []
    bench.context.bridge.subscribe(LEVEL, told.append)
    assert [state.sample.value for state in told] == [62.4]


def test_only_the_newest_of_many_changes_reaches_a_frame(bench: Bench) -> None:
    told: list[TagState] = []
    bench.context.bridge.subscribe(LEVEL, told.append)
    say(bench, 10.0, 20.0, 30.0)
    assert len(told) == 1
    bench.context.bridge.on_frame()
    bench.context.bridge.on_frame()
    assert [state.sample.value for state in told] == [None, 30.0]


def test_a_cancelled_subscription_is_silent_and_the_others_are_not(bench: Bench) -> None:
    first: list[TagState] = []
    second: list[TagState] = []
    subscription = bench.context.bridge.subscribe(LEVEL, first.append)
    bench.context.bridge.subscribe(LEVEL, second.append)
    say(bench, 10.0)
    subscription.cancel()
    subscription.cancel()
    bench.context.bridge.drain()
    assert (len(first), len(second)) == (1, 2)


def test_one_subscriber_may_cancel_another_within_a_frame(bench: Bench) -> None:
    told: list[TagState] = []
    bridge = bench.context.bridge
    armed = False

    def cancel_the_other(state: TagState) -> None:
        if armed:
            other.cancel()

    bridge.subscribe(LEVEL, cancel_the_other)
    other = bridge.subscribe(LEVEL, told.append)
    armed = True
    say(bench, 10.0)
    bridge.drain()
    assert len(told) == 1


def test_of_a_tag_that_left_the_plant_file_nothing_is_heard(bench: Bench) -> None:
    told: list[TagState] = []
    bench.context.bridge.subscribe("line1/Nothing", told.append).cancel()
    assert not told
    assert bench.context.bridge.state("line1/Nothing") is None


def test_changes_of_a_lively_engine_thread_all_arrive_at_their_last_value(qtbot, bench: Bench) -> None:
    told: list[TagState] = []
    bench.context.bridge.subscribe(LEVEL, told.append)
    engine = threading.Thread(target=lambda: say(bench, *(float(n) / 2 for n in range(2000))))
    engine.start()
    while engine.is_alive():
        bench.context.bridge.drain()
    engine.join()
    bench.context.bridge.drain()
    assert told[-1].sample.value == 999.5


def test_frames_come_only_while_visible(qtbot, bench: Bench) -> None:
    bridge = bench.context.bridge
    with qtbot.waitSignal(bridge.frame, timeout=5000):
        bridge.set_visible(visible=True)
    bridge.set_visible(visible=False)
    assert not bridge._frame_timer.isActive()


def test_a_frame_carries_the_seconds_since_the_last(bench: Bench) -> None:
    elapsed: list[float] = []
    bench.context.bridge.on_frame()
    bench.context.bridge.frame.connect(elapsed.append)
    bench.clock.now_s += 0.25
    bench.context.bridge.on_frame()
    assert elapsed == [pytest.approx(0.25)]


def test_the_blink_is_a_square_wave_in_step_with_the_clock(bench: Bench) -> None:
    wave: list[bool] = []
    seconds: list[None] = []
    bench.context.bridge.blink.connect(wave.append)
    bench.context.bridge.second.connect(lambda: seconds.append(None))
    for _ in range(8):
        bench.context.bridge.on_tick()
        bench.clock.now_s += 0.25
    assert wave == [True, False, True, False]
    assert len(seconds) == 2


def test_another_state_of_a_connection_is_announced_once(qtbot, bench: Bench) -> None:
    announced: list[None] = []
    bench.context.bridge.connections_changed.connect(lambda: announced.append(None))
    bench.context.bridge.on_tick()
    assert not announced
    bench.lose_link()
    announced.clear()
    bench.context.bridge.on_tick()
    bench.context.bridge.on_tick()
    assert len(announced) == 1


def test_an_outcome_from_the_engines_thread_arrives_in_the_gui_thread(qtbot, bench: Bench) -> None:
    results: list[tuple[CommandResult, QThread]] = []

    def on_done(result: CommandResult) -> None:
        results.append((result, QThread.currentThread()))

    pending = bench.context.bridge.request(SETPOINT, 60.0, on_done)
    assert pending.state is CommandState.PENDING
    engine = threading.Thread(target=bench.answer)
    engine.start()
    engine.join()
    assert not results
    qtbot.waitUntil(lambda: len(results) == 1)
    assert results[0][0].state is CommandState.DONE
    assert results[0][1] is bench.context.bridge.thread()


def test_a_refusal_comes_back_at_once_with_its_reason(bench: Bench) -> None:
    bench.lose_link()
    result = bench.context.bridge.request(SETPOINT, 60.0, lambda _: pytest.fail("told twice"))
    assert result.state is CommandState.REFUSED
    assert result.text == bench.context.bridge.obstacle(SETPOINT) != ""


def test_a_closed_bridge_tells_nobody_anything(qtbot, bench: Bench) -> None:
    told: list[TagState] = []
    bench.context.bridge.subscribe(LEVEL, told.append)
    bench.context.bridge.request(SETPOINT, 60.0, lambda _: pytest.fail("told after close"))
    bench.context.bridge.close()
    say(bench, 10.0)
    bench.answer()
    bench.context.bridge.drain()
    qtbot.wait(10)
    assert len(told) == 1
