import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.model import Quality
from hmi.panel.command_flow import Phase
from hmi.panel.filler_state import RESET, START
from hmi.panel.painting.shapes import wrapped
from hmi.panel.style import style_sheet
from hmi.panel.widgets.command_card import CommandCard
from hmi.panel.widgets.interlocks import InterlocksCard
from hmi.panel.widgets.mode_switch import ModeSwitch
from tests.hmi.panel.plant_bench import Bench
from tests.hmi.panel.window import in_window


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.set_running()
    return bench


def shown(qtbot: QtBot, bench: Bench) -> CommandCard:
    card = CommandCard(bench.context, "line1")
    card.setStyleSheet(style_sheet(bench.context.theme, bench.context.density))
    in_window(qtbot, card, 252, 240)
    bench.pass_time(1.0)
    return card


def stand_still(bench: Bench) -> None:
    bench.set(SystemRunning=False, StateCurrent=4)
    bench.pass_time(1.0)


def test_disabled_commands_say_why(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    assert (card.start.isEnabled(), card.start.hint) == (False, "Already running")
    assert (card.reset.isEnabled(), card.reset.hint) == (False, "No fault to reset")
    assert (card.stop.isEnabled(), card.stop.hint) == (True, "Hold to stop")


def test_a_long_reason_takes_a_second_line_before_any_ellipsis(bench: Bench) -> None:
    font = bench.context.theme.font("label")
    assert wrapped("Not running", font, 149) == ["Not running"]
    assert wrapped("The CPU is in STOP", font, 149) == ["The CPU is in STOP"]
    assert wrapped("Locked until somebody says why", font, 149) == ["Locked until somebody", "says why"]
    assert wrapped("Unbreakable" * 5, font, 100) == ["Unbreakable" * 5]
    assert wrapped("Hold to stop Line\u00a02", font, 105) == ["Hold to stop", "Line\u00a02"]


def test_start_asks_then_waits_for_the_machine_to_run(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    stand_still(bench)
    qtbot.mouseClick(card.start, Qt.MouseButton.LeftButton)
    assert card.confirm.question.text() == "Start the filler?"
    bench.pass_time(1.0)
    qtbot.mouseClick(card.confirm.yes, Qt.MouseButton.LeftButton)
    assert [order.tag.name for order in bench.orders.orders] == ["StartCommand"]
    assert card.start.hint == "Starting…"
    bench.answer()
    qtbot.wait_until(lambda: bench.commands.pending == 0)
    bench.pass_time(1.0)
    assert card.start.hint == "Starting…"
    bench.set(SystemRunning=True, StateCurrent=6)
    assert card.start.hint == "Already running"


def test_a_double_touch_does_not_confirm(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    stand_still(bench)
    card.ask("start")
    card.on_confirmed()
    assert bench.orders.orders == []
    assert card.flow.phase is Phase.CONFIRMING


def test_no_and_escape_and_time_take_the_question_away(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    stand_still(bench)
    card.ask("start")
    qtbot.mouseClick(card.confirm.no, Qt.MouseButton.LeftButton)
    assert card.flow.phase is Phase.IDLE
    bench.pass_time(1.0)
    card.ask("start")
    qtbot.keyClick(card.confirm.yes, Qt.Key.Key_Escape)
    assert card.flow.phase is Phase.IDLE
    bench.pass_time(1.0)
    card.ask("start")
    bench.pass_time(10.1, frames=20)
    assert card.flow.phase is Phase.IDLE
    assert bench.orders.orders == []


@pytest.mark.parametrize("command", [START, RESET])
def test_the_button_that_confirms_is_far_from_the_first_touch(
    qtbot: QtBot, bench: Bench, command: object
) -> None:
    card = shown(qtbot, bench)
    bench.set(SystemRunning=False, StateCurrent=9 if command is RESET else 4, Fault=command is RESET)
    bench.pass_time(1.0)
    button = card.reset if command is RESET else card.start
    first = middle(button, card)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.qWait(0)
    second = middle(card.confirm.yes, card)
    assert abs(first.y() - second.y()) >= 100


def middle(widget: QWidget, inside: QWidget) -> QPoint:
    return widget.mapTo(inside, widget.rect().center())


def test_stop_acts_when_held_for_700_ms(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    qtbot.mousePress(card.stop, Qt.MouseButton.LeftButton)
    bench.pass_time(0.5, frames=10)
    qtbot.mouseRelease(card.stop, Qt.MouseButton.LeftButton)
    assert bench.orders.orders == []
    assert card.stop.hint == "Keep holding"
    qtbot.mousePress(card.stop, Qt.MouseButton.LeftButton)
    bench.pass_time(0.71, frames=10)
    assert [order.tag.name for order in bench.orders.orders] == ["StopCommand"]
    assert card.stop.hint == "Stopping…"


def test_the_advice_to_keep_holding_goes_again(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    for _ in range(2):
        qtbot.mousePress(card.stop, Qt.MouseButton.LeftButton)
        bench.pass_time(0.2, frames=4)
        qtbot.mouseRelease(card.stop, Qt.MouseButton.LeftButton)
        assert card.stop.hint == "Keep holding"
    for _ in range(5):
        bench.pass_time(1.0)
    assert card.stop.hint == "Hold to stop"


def test_stop_can_be_held_with_the_keyboard(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    qtbot.keyPress(card.stop, Qt.Key.Key_Return)
    bench.pass_time(0.71, frames=10)
    assert [order.tag.name for order in bench.orders.orders] == ["StopCommand"]


def test_stop_still_works_while_a_start_is_under_way(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    stand_still(bench)
    card.ask("start")
    bench.pass_time(1.0)
    card.on_confirmed()
    assert card.stop.isEnabled()
    card.stop.held.emit()
    assert [order.tag.name for order in bench.orders.orders] == ["StartCommand", "StopCommand"]


def test_no_feedback_is_told_as_what_did_not_happen(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    stand_still(bench)
    card.ask("start")
    bench.pass_time(1.0)
    card.on_confirmed()
    bench.answer()
    bench.pass_time(5.1, frames=10)
    assert card.flow.phase is Phase.FAILED
    assert card.failed.isVisible()
    assert card.failed.title.text() == "The filler did not start"
    assert (card.failed.asked.text(), card.failed.actual.text()) == ("Running", "Ready")
    qtbot.mouseClick(card.failed.retry_button, Qt.MouseButton.LeftButton)
    assert len(bench.orders.orders) == 1
    assert card.flow.phase is Phase.SENT


def test_a_lost_link_locks_the_commands(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    bench.lose_link()
    for button in (card.start, card.stop, card.reset):
        assert (button.isEnabled(), button.hint) == (False, "Locked: no link")
    card.ask("start")
    assert card.flow.phase is Phase.IDLE


@pytest.mark.parametrize(
    "gone", [("SystemRunning",), ("StateCurrent",), ("Fault",), ("SystemRunning", "StateCurrent", "Fault")]
)
def test_stop_works_whenever_the_link_is_up_whatever_is_known_of_the_state(
    qtbot: QtBot, bench: Bench, gone: tuple[str, ...]
) -> None:
    rest = [each for each in bench.tags.definitions("line1") if each.name not in gone]
    bench.tags.replace("line1", rest)
    card = shown(qtbot, bench)
    assert (card.stop.isEnabled(), card.stop.hint) == (True, "Hold to stop")
    if gone != ("StateCurrent",):
        assert (card.start.isEnabled(), card.start.hint) == (False, "State not known")
    card.stop.held.emit()
    assert [order.tag.name for order in bench.orders.orders] == ["StopCommand"]


def test_stop_works_while_nobody_knows_whether_a_line_that_does_not_run_begins_to(
    qtbot: QtBot, bench: Bench
) -> None:
    card = shown(qtbot, bench)
    bench.set(SystemRunning=False)
    bench.set(Quality.BAD, StateCurrent=None)
    assert (card.stop.isEnabled(), card.stop.hint) == (True, "Hold to stop")


def test_a_stop_that_nobody_can_see_followed_says_so(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    bench.set(Quality.BAD, StateCurrent=None, SystemRunning=None)
    card.stop.held.emit()
    bench.answer()
    qtbot.wait_until(lambda: bench.commands.pending == 0)
    bench.pass_time(6.0)
    assert card.flow.phase is Phase.FAILED
    assert card.flow.failure is not None
    assert "the state is not known" in card.flow.failure.text


def test_a_stop_without_its_tag_is_locked_with_the_reason(qtbot: QtBot, bench: Bench) -> None:
    bench.tags.replace("line1", [d for d in bench.tags.definitions("line1") if d.name != "StopCommand"])
    card = shown(qtbot, bench)
    assert (card.stop.isEnabled(), card.stop.hint) == (False, "There is no tag line1/StopCommand")


def test_the_mode_follows_the_controller_never_the_touch(qtbot: QtBot, bench: Bench) -> None:
    card, switch = shown(qtbot, bench), ModeSwitch(bench.context, "line1")
    in_window(qtbot, switch, 252, 142)
    switch.asked.connect(card.ask)
    bench.pass_time(1.0)
    assert (switch.auto.lit, switch.manual.lit) == (True, False)
    qtbot.mouseClick(switch.manual, Qt.MouseButton.LeftButton)
    assert card.confirm.question.text() == "Switch to manual?"
    assert (switch.auto.lit, switch.manual.lit) == (True, False)
    bench.pass_time(1.0)
    card.on_confirmed()
    bench.set(AutoMode=False)
    assert (switch.auto.lit, switch.manual.lit) == (False, True)
    bench.lose_link()
    assert (switch.auto.lit, switch.manual.lit) == (False, False)
    assert switch.state_text.text() == "No data"


def test_interlocks_count_what_is_made_and_never_guess(qtbot: QtBot, bench: Bench) -> None:
    card = InterlocksCard(bench.context, "line1")
    in_window(qtbot, card, 252, 156)
    assert card.aside.text() == "4 of 4 made"
    bench.set(TankPressure=21.0, Fault=True)
    assert card.aside.text() == "2 of 4 made"
    assert [row.made for row in card.rows] == [False, True, False, True]
    bench.lose_link()
    assert card.aside.text() == "4 not known"


def fail_to_start(bench: Bench, card: CommandCard) -> None:
    stand_still(bench)
    card.ask("start")
    bench.pass_time(1.0)
    card.on_confirmed()
    bench.pass_time(5.1, frames=20)
    assert card.flow.phase is Phase.FAILED


def test_of_a_state_found_at_connecting_only_a_least_time_is_claimed(qtbot: QtBot, bench: Bench) -> None:
    switch = ModeSwitch(bench.context, "line1")
    in_window(qtbot, switch, 252, 142)
    bench.pass_time(40.0)
    assert (switch.since.text(), switch.accessibleName()) == ("≥ 40 s", "Running, at least 40 s")
    bench.set(SystemRunning=False, StateCurrent=2)
    bench.pass_time(7.0)
    assert (switch.since.text(), switch.accessibleName()) == ("7 s", "Stopped, 7 s")


def test_stop_can_be_held_before_the_machine_shows_that_it_starts(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    bench.set(SystemRunning=False, StateCurrent=2)
    bench.pass_time(1.0)
    assert card.stop.hint == "Not running"
    card.ask("start")
    bench.pass_time(1.0)
    card.on_confirmed()
    assert (card.stop.isEnabled(), card.stop.hint) == (True, "Hold to stop")


def test_try_again_is_locked_with_the_reason_while_there_is_no_link(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    fail_to_start(bench, card)
    button = card.failed.retry_button
    assert (button.isEnabled(), button.text()) == (True, "Try again")
    bench.lose_link()
    assert (button.isEnabled(), button.text()) == (False, "Locked: no link")
    bench.restore_link()
    bench.set_running()
    bench.set(SystemRunning=False, StateCurrent=2)
    bench.pass_time(1.0)
    assert (button.isEnabled(), card.failed.actual.text()) == (True, "Stopped")


def test_a_failure_asks_for_the_height_to_be_read_whole(qtbot: QtBot, bench: Bench) -> None:
    card = shown(qtbot, bench)
    assert card.height_needed(252) == 0
    fail_to_start(bench, card)
    needed = card.height_needed(252)
    card.resize(252, needed)
    inside = card.failed.rect()
    for part in (card.failed.text, card.failed.keep_button, card.failed.log_button):
        assert inside.contains(part.geometry()), part
    assert card.failed.text.height() >= card.failed.text.heightForWidth(card.failed.text.width())
