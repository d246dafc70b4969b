"""What is shown instead of values."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.connections import ConnectionState
from hmi.panel.widgets.states import DisconnectedStrip, Empty, ErrorPanel, Loading
from hmi.panel.widgets.toast import Toast
from tests.hmi.panel.plant_bench import Bench


def texts(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def test_loading_shows_nothing_then_what_is_read_then_a_way_out(qtbot, bench: Bench) -> None:
    cancelled: list[None] = []
    loading = Loading(bench.context, "Reading the last 60 min", lambda: cancelled.append(None))
    qtbot.addWidget(loading)
    assert texts(loading) == []
    loading.on_skeleton_due()
    assert texts(loading) == ["Reading the last 60 min"]
    assert not loading.cancel.isVisibleTo(loading)
    loading.on_still_due()
    assert texts(loading) == ["Still reading: Reading the last 60 min"]
    loading.cancel.click()
    assert cancelled == [None]


def test_loading_keeps_the_times_of_the_specification(qtbot, bench: Bench) -> None:
    loading = Loading(bench.context, "Reading")
    qtbot.addWidget(loading)
    assert (loading._soon.interval(), loading._late.interval()) == (300, 5000)
    assert loading._soon.isActive()
    assert loading._late.isActive()
    loading.show()
    loading.hide()
    assert not loading._soon.isActive()
    assert not loading._late.isActive()


def test_what_cannot_be_cancelled_offers_no_cancel(qtbot, bench: Bench) -> None:
    loading = Loading(bench.context, "Reading")
    qtbot.addWidget(loading)
    loading.on_still_due()
    assert not loading.cancel.isVisibleTo(loading)


def test_empty_is_a_sentence_and_one_action(qtbot, bench: Bench) -> None:
    taken: list[None] = []
    empty = Empty(
        bench.context, "No stops", "All are explained.", "See the shift", lambda: taken.append(None)
    )
    qtbot.addWidget(empty)
    assert texts(empty) == ["No stops", "All are explained."]
    assert empty.accessibleName() == "No stops. All are explained."
    empty.action.click()
    assert taken == [None]


def test_an_error_says_what_was_asked_and_what_is(qtbot, bench: Bench) -> None:
    taken: list[str] = []
    facts = [("You asked for", "60.0", "RPM"), ("Controller has", "58.0", "RPM")]
    actions = [
        ("Try again", "rotate-ccw", lambda: taken.append("again")),
        ("Keep", "", lambda: taken.append("keep")),
    ]
    panel = ErrorPanel(bench.context, "Setpoint was not changed", "It still reads 58.0.", facts, actions)
    qtbot.addWidget(panel)
    assert {"60.0", "58.0", "You asked for", "Controller has"} <= set(texts(panel))
    for button in panel.buttons:
        button.click()
    assert taken == ["again", "keep"]
    assert [button.property("kind") for button in panel.buttons] == ["primary", "normal"]


@pytest.fixture
def strip(qtbot, bench: Bench) -> DisconnectedStrip:
    strip = DisconnectedStrip(bench.context, "line1")
    qtbot.addWidget(strip)
    return strip


def test_the_strip_is_not_there_while_the_controller_answers(strip: DisconnectedStrip) -> None:
    assert not strip.isVisible()


def test_the_strip_counts_the_silence_and_the_wait(bench: Bench, strip: DisconnectedStrip) -> None:
    now_us = bench.clock.utc_us()
    bench.lose_link()
    bench.status = replace(bench.status, last_read_us=now_us - 103_000_000, retry_at_us=now_us + 32_000_000)
    bench.pass_time(1.0)
    assert strip.isVisible()
    assert strip.accessibleName() == "No data for 1 min 44 s. Next try in 31 s. No answer"
    bench.pass_time(31.0)
    assert strip.accessibleName() == "No data for 2 min 15 s. Trying now. No answer"
    bench.restore_link()
    assert not strip.isVisible()


def test_try_now_asks_the_engine(bench: Bench, strip: DisconnectedStrip, monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(bench, "retry_now", asked.append)
    bench.lose_link()
    bench.status = replace(bench.status, retry_at_us=bench.clock.utc_us() + 9_000_000)
    bench.pass_time(1.0)
    QTest.mouseClick(strip.try_now, Qt.MouseButton.LeftButton)
    assert asked == ["line1"]


def test_a_stopped_cpu_has_no_next_try(bench: Bench, strip: DisconnectedStrip) -> None:
    bench.status = replace(bench.status, state=ConnectionState.STOPPED, cause="The CPU is in STOP")
    bench.pass_time(1.0)
    assert not strip.try_now.isVisibleTo(strip)
    assert strip.accessibleName() == "The CPU is in STOP. No data for 1 s."


def test_the_silence_of_a_stopped_cpu_counts_from_when_it_stopped(
    bench: Bench, strip: DisconnectedStrip
) -> None:
    now_us = bench.clock.utc_us()
    bench.status = replace(bench.status, state=ConnectionState.STOPPED, since_us=now_us)
    bench.pass_time(40.0)
    bench.status = replace(bench.status, last_read_us=bench.clock.utc_us())  # it still answers
    bench.pass_time(1.0)
    assert strip.accessibleName() == "The CPU is in STOP. No data for 41 s."


def test_the_cause_is_never_cut_off(bench: Bench, strip: DisconnectedStrip) -> None:
    cause = "127.0.0.1:1102 accepts connections but does not answer within 1 s; " * 2
    strip.resize(500, 60)
    bench.lose_link()
    bench.status = replace(bench.status, cause=cause)
    bench.pass_time(1.0)
    shown = [label for label in strip.findChildren(QLabel) if label.text() == cause]
    assert [label.wordWrap() for label in shown] == [True]


def test_a_toast_offers_its_action_once(qtbot, bench: Bench) -> None:
    host = QWidget()
    host.resize(800, 600)
    qtbot.addWidget(host)
    host.show()
    undone: list[None] = []
    toast = Toast(bench.context, host)
    toast.say("Theme changed", "Undo", lambda: undone.append(None))
    assert toast.isVisible()
    assert toast._timer.interval() == 10_000
    toast.action.click()
    assert not toast.isVisible()
    toast.action.click()
    assert undone == [None]
    toast.say("Saved")
    assert not toast.action.isVisible()
    toast._timer.stop()
