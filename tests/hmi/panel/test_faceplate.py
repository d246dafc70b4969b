import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.model import Quality, Sample
from hmi.panel.setpoint_entry import EntryPhase
from hmi.panel.widgets.bit_ribbon import BitRibbon
from hmi.panel.widgets.faceplate import Faceplate
from hmi.panel.widgets.faceplate_overview import head_text
from hmi.panel.widgets.interlocks import InterlockUses
from hmi.panel.widgets.setpoint import SetpointPanel
from hmi.panel.widgets.tag_history import TagHistory
from tests.hmi.panel.plant_bench import START_US, Bench
from tests.hmi.panel.window import in_window


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.set_running()
    return bench


def faceplate(qtbot: QtBot, bench: Bench, name: str) -> Faceplate:
    widget = Faceplate(bench.context, f"line1/{name}")
    in_window(qtbot, widget, 620, 688)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    return widget


def setpoint(qtbot: QtBot, bench: Bench) -> SetpointPanel:
    widget = faceplate(qtbot, bench, "ConveyorSpeed")
    widget.show_tab("setpoint")
    panel = widget.findChild(SetpointPanel)
    assert isinstance(panel, SetpointPanel)
    return panel


def write_60(qtbot: QtBot, panel: SetpointPanel) -> None:
    for key in "60":
        qtbot.keyClick(panel, key)
    qtbot.mouseClick(panel.bar.right, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("name", "tabs"),
    [
        ("FillLevel", ["overview", "limits", "history"]),
        ("ConveyorSpeed", ["overview", "limits", "setpoint", "history"]),
        ("ConveyorSpeedSetpoint", ["overview", "limits", "setpoint", "history"]),
        ("StartCommand", ["overview", "limits", "history"]),
        ("LowProductLevel", ["overview", "limits", "history"]),
    ],
)
def test_every_tag_has_a_faceplate_with_the_pages_that_fit(
    qtbot: QtBot, bench: Bench, name: str, tabs: list[str]
) -> None:
    widget = faceplate(qtbot, bench, name)
    assert list(widget.tabs) == tabs
    for tab in tabs:
        widget.show_tab(tab)
        assert widget.tab == tab
        assert not widget.grab().isNull()
    qtbot.wait_until(lambda: bench.context.queries.running == 0)


def test_a_tag_that_does_not_exist_is_said_to_be_missing(qtbot: QtBot, bench: Bench) -> None:
    widget = faceplate(qtbot, bench, "Nonsense")
    assert widget.tabs == {}
    assert widget.accessibleName() == "Nonsense, no such tag"


def test_the_limit_passed_is_named(qtbot: QtBot, bench: Bench) -> None:
    widget = faceplate(qtbot, bench, "FillLevel")
    bench.set(FillLevel=23.4)
    bench.pass_time(6.0, frames=6)
    assert head_text(widget.binding) == "Low, below 25 %"
    assert widget.quality.text.startswith("Good · ")


def test_trend_leads_to_the_trends_of_this_tag(qtbot: QtBot, bench: Bench) -> None:
    widget = faceplate(qtbot, bench, "FillLevel")
    with qtbot.wait_signal(bench.context.navigate) as went:
        widget.on_trend()
    assert went.args == ["trends", "line1/FillLevel"]


def test_history_lists_changes_newest_first_with_their_quality(qtbot: QtBot, bench: Bench) -> None:
    key = "line1/FillLevel"
    bench.history.recorded = [
        Sample(key, 50.0, Quality.GOOD, START_US - 3_000_000),
        Sample(key, None, Quality.BAD, START_US - 2_000_000),
    ]
    widget = faceplate(qtbot, bench, "FillLevel")
    widget.show_tab("history")
    page = widget.findChild(TagHistory)
    assert isinstance(page, TagHistory)
    qtbot.wait_until(lambda: page.table.rowCount() == 2)
    rows = [[page.table.item(row, column).text() for column in range(3)] for row in range(2)]
    assert rows == [["10:39:58.000", "—", "Bad"], ["10:39:57.000", "50.0 %", "Good"]]


def test_a_bit_shows_when_it_was_on(qtbot: QtBot, bench: Bench) -> None:
    key = "line1/FillValve"
    bench.history.recorded = [
        Sample(key, False, Quality.GOOD, START_US - 600_000_000),
        Sample(key, True, Quality.GOOD, START_US - 60_000_000),
        Sample(key, False, Quality.GOOD, START_US - 30_000_000),
    ]
    widget = faceplate(qtbot, bench, "FillValve")
    ribbon = widget.findChild(BitRibbon)
    assert isinstance(ribbon, BitRibbon)
    qtbot.wait_until(lambda: ribbon.summary.accessibleName() == "Came on once, on for 30 s")
    bench.clock.now_s += 5.0
    bench.set(FillValve=True)
    bench.pass_time(5.0)
    assert ribbon.summary.accessibleName() == "Came on 2 times, on for 35 s"
    assert ribbon.ribbon.accessibleDescription().endswith(", On")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FillValve", "Not on, as far as is known"),
        ("StartCommand", "Not on, as far as is known. Not recorded: seen on this page only"),
    ],
)
def test_a_bit_of_which_little_is_known_claims_little(
    qtbot: QtBot, bench: Bench, name: str, text: str
) -> None:
    ribbon = faceplate(qtbot, bench, name).findChild(BitRibbon)
    assert isinstance(ribbon, BitRibbon)
    assert ribbon.summary.accessibleName() == text


def test_the_interlocks_that_use_a_value_are_named(qtbot: QtBot, bench: Bench) -> None:
    widget = faceplate(qtbot, bench, "FillLevel")
    (uses,) = widget.findChildren(InterlockUses)
    assert [row.accessibleName() for row in uses.rows] == ["Level above 15 %, made"]
    bench.set(FillLevel=12.0)
    assert uses.rows[0].accessibleName() == "Level above 15 %, not made"
    assert faceplate(qtbot, bench, "TankTemperature").findChildren(InterlockUses) == []


def test_a_setpoint_is_done_only_when_it_was_read_back(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    for key in "60":
        qtbot.keyClick(panel, key)
    assert panel.bar.headline.text() == "Change setpoint from 58.0 to 60.0 RPM?"
    assert panel.bar.right.text() == "Write 60.0 RPM"
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    assert panel.bar.right.text() == "Writing…"
    assert not panel.bar.right.isEnabled()
    bench.answer()
    qtbot.wait_until(lambda: panel.entry.phase is EntryPhase.DONE)
    assert panel.bar.headline.text() == "Setpoint is now 60.0 RPM"


def test_a_value_out_of_range_cannot_be_written_and_says_why(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    for key in "72":
        qtbot.keyClick(panel, key)
    assert not panel.bar.right.isEnabled()
    assert panel.bar.headline.text() == "Allowed is 40 to 66 RPM"
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    assert bench.orders.orders == []


def test_a_setpoint_that_was_not_taken_tells_asked_against_actual(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    write_60(qtbot, panel)
    bench.answer(readback=58.0)
    qtbot.wait_until(lambda: panel.entry.phase is EntryPhase.FAILED)
    assert panel.bar.headline.text() == "Setpoint was not changed"
    assert "You asked for 60.0 RPM. Controller has 58.0 RPM." in panel.bar.text.text()
    assert panel.bar.left.text() == "Keep 58.0 RPM"
    qtbot.mouseClick(panel.bar.right, Qt.MouseButton.LeftButton)
    assert len(bench.orders.orders) == 1


def test_a_failure_without_a_link_claims_nothing_and_locks_the_retry(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    write_60(qtbot, panel)
    bench.lose_link()
    bench.answer(error="The link to Line 1 broke. Nothing was written", sent=False)
    qtbot.wait_until(lambda: panel.entry.phase is EntryPhase.FAILED)
    bench.pass_time(1.0)
    assert "What the controller has is not known." in panel.bar.text.text()
    assert panel.bar.left.text() == "Leave it"
    assert not panel.bar.right.isEnabled()
    assert "No link" in panel.bar.right.text()


def test_without_a_link_nothing_can_be_written(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    bench.lose_link()
    for key in "60":
        qtbot.keyClick(panel, key)
    assert not panel.bar.right.isEnabled()
    assert "No link" in panel.bar.headline.text()


def test_an_entry_is_given_up_after_ten_seconds(qtbot: QtBot, bench: Bench) -> None:
    panel = setpoint(qtbot, bench)
    qtbot.keyClick(panel, "6")
    bench.pass_time(10.1, frames=10)
    assert panel.entry.text == ""
