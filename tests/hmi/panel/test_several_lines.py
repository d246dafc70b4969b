"""With several lines nothing on the panel leaves open of which line it is; with one, nothing speaks of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.connections import ConnectionState
from engine.model import TagDef
from hmi.panel.command_flow import Phase
from hmi.panel.lines import Lines
from hmi.panel.main_window import MainWindow
from hmi.panel.pages.filler import FillerPage
from hmi.panel.pages.filler_view import FillerView
from hmi.panel.pages.settings_plant import PlantPane
from hmi.panel.pages.trends import TrendsPage
from hmi.panel.trends.pen_picker import PenPicker
from hmi.panel.trends.tags import first_keys
from hmi.panel.widgets.brim_gauge import BrimGauge
from hmi.panel.widgets.faceplate import Faceplate
from hmi.panel.widgets.find_tag import FindTag, matching
from hmi.panel.widgets.interlocks import InterlockUses
from hmi.panel.widgets.setpoint import SetpointPanel
from hmi.panel.widgets.states import DisconnectedStrip
from tests.hmi.panel.overview_bench import HallBench
from tests.hmi.panel.plant_bench import Bench


@pytest.fixture
def hall(panel_fonts: None) -> Iterator[HallBench]:
    """Two lines with the same forty tags, both running."""
    bench = HallBench(2)
    bench.run()
    yield bench
    bench.close()


def tag(bench: Bench, key: str) -> TagDef:
    definition = bench.tags.definition(key)
    assert definition is not None
    return definition


def filler(bench: HallBench, qtbot: QtBot, connection: str) -> tuple[FillerPage, FillerView]:
    page = FillerPage(bench.context)
    qtbot.addWidget(page)
    page.resize(1160, 660)
    page.show()
    page.on_argument(connection)
    assert page.view is not None
    return page, page.view


def stop(bench: HallBench, line: str) -> None:
    bench.say(line, SystemRunning=False, StateCurrent=4)


def test_one_line_is_never_spoken_of(bench: Bench) -> None:
    lines = bench.context.lines
    assert not lines.several
    assert bench.context.title_of(tag(bench, "line1/FillLevel")) == "Fill level"
    assert lines.spoken("line1", "Commands") == "Commands"
    assert lines.name("line1") == "Line 1"


def test_of_several_lines_each_name_says_its_own(hall: HallBench) -> None:
    lines = hall.context.lines
    assert hall.context.title_of(tag(hall, "line2/FillLevel")) == "Line 2 · Fill level"
    assert lines.spoken("line2", "Commands") == "Line 2, Commands"


def test_lines_of_the_same_name_are_told_apart_by_their_id(hall: HallBench) -> None:
    same = tuple(each.model_copy(update={"name": "Filling"}) for each in hall.config.plc_connections)
    lines = Lines(hall.config.model_copy(update={"plc_connections": same}))
    assert lines.said("line1") == "Filling (line1)"
    assert lines.said("line2") == "Filling (line2)"


def test_a_second_line_at_run_time_is_said_from_then_on(bench: Bench) -> None:
    title = bench.context.title_of(tag(bench, "line1/FillLevel"))
    bench.context.change_plant(HallBench().config)
    assert title == "Fill level"
    assert bench.context.title_of(tag(bench, "line1/FillLevel")) == "Line 1 · Fill level"


def test_the_filler_shown_is_that_of_the_line_asked_for(hall: HallBench, qtbot: QtBot) -> None:
    hall.say("line2", FillLevel=48.8)
    page, view = filler(hall, qtbot, "line2")
    assert view.connection == "line2"
    assert view.line is not None
    assert view.line.name.text() == "Line 2"
    assert view.trends.gauges[0].look.text == "48.8"
    assert page.view is view


def test_one_touch_leads_to_the_other_line_and_back(hall: HallBench, qtbot: QtBot) -> None:
    page, view = filler(hall, qtbot, "line2")
    assert view.line is not None
    assert view.line.after.accessibleName() == "To Line 1"
    view.line.after.click()
    assert page.view is not None
    assert page.view.connection == hall.context.scope.line == "line1"
    assert page.view.line is not None
    page.view.line.after.click()
    assert page.view is view


def test_with_three_lines_there_is_a_way_back_too(panel_fonts: None, qtbot: QtBot) -> None:
    bench = HallBench(3)
    page, view = filler(bench, qtbot, "line1")
    assert view.line is not None
    assert view.line.before.accessibleName() == "To Line 3"
    view.line.before.click()
    assert page.view is not None
    assert page.view.connection == "line3"
    bench.close()


def test_the_page_of_one_line_has_no_switch(bench: Bench, qtbot: QtBot) -> None:
    page = FillerPage(bench.context)
    qtbot.addWidget(page)
    assert page.view is not None
    assert page.view.line is None


@pytest.mark.parametrize(
    ("command", "question"),
    [
        ("start", "Start Line 2?"),
        ("manual", "Switch Line 2 to manual?"),
    ],
)
def test_a_question_names_the_line(hall: HallBench, qtbot: QtBot, command: str, question: str) -> None:
    _, view = filler(hall, qtbot, "line2")
    stop(hall, "line2")
    view.commands.ask(command)
    assert view.commands.confirm.question.text() == question


def test_stop_is_not_asked_about_so_its_button_names_the_line(hall: HallBench, qtbot: QtBot) -> None:
    _, view = filler(hall, qtbot, "line2")
    assert view.commands.stop.hint.replace("\u00a0", " ") == "Hold to stop Line 2"
    assert view.commands.stop.accessibleName().startswith("Stop Line 2,")


def test_a_command_goes_to_the_line_that_was_named(hall: HallBench, qtbot: QtBot) -> None:
    _, view = filler(hall, qtbot, "line2")
    stop(hall, "line2")
    view.commands.ask("start")
    hall.clock.now_s += 1.0
    view.commands.on_confirmed()
    assert [order.tag.key for order in hall.orders.orders] == ["line2/StartCommand"]


def test_a_command_under_way_is_reported_where_it_was_given(hall: HallBench, qtbot: QtBot) -> None:
    page, view = filler(hall, qtbot, "line2")
    stop(hall, "line2")
    view.commands.ask("start")
    hall.clock.now_s += 1.0
    view.commands.on_confirmed()
    page.on_argument("line1")
    hall.answer(error="The controller refused")
    qtbot.wait_until(lambda: view.commands.flow.phase is Phase.FAILED)
    page.on_argument("line2")
    assert page.view is view
    assert view.commands.failed.title.text() == "Line 2 did not start"


def test_a_command_that_worked_meanwhile_is_no_failure(hall: HallBench, qtbot: QtBot) -> None:
    page, view = filler(hall, qtbot, "line2")
    view.commands.stop.held.emit()
    assert view.commands.flow.phase is Phase.SENT
    page.on_argument("line1")
    hall.clock.now_s += 30.0
    hall.run("line2", SystemRunning=False, StateCurrent=2)
    page.on_argument("line2")
    assert view.commands.flow.phase is Phase.IDLE


def test_a_link_lost_out_of_sight_shows_once_it_is_seen(hall: HallBench, qtbot: QtBot) -> None:
    page, view = filler(hall, qtbot, "line2")
    page.resize(920, 640)
    page.on_argument("line1")
    hall.links["line2"] = replace(hall.links["line2"], state=ConnectionState.DISCONNECTED, cause="No answer")
    hall.context.bridge.connections_changed.emit()
    page.on_argument("line2")
    assert view.link.isVisible()
    assert not view.commands.isVisible()


def test_what_is_heard_of_the_filler_begins_with_the_line(hall: HallBench, qtbot: QtBot) -> None:
    _, view = filler(hall, qtbot, "line2")
    parts = (view.mimic_card, view.mode, view.commands, view.interlocks, view.count, *view.trends.gauges)
    assert all(part.accessibleName().startswith("Line 2, ") for part in parts)


def test_pens_are_first_those_of_the_line_that_was_looked_at(hall: HallBench, qtbot: QtBot) -> None:
    assert first_keys(hall.context)[0] == "line1/FillLevel"
    page = TrendsPage(hall.context)
    qtbot.addWidget(page)
    page.show()
    hall.context.scope.open_machine("line2")
    page.hide()
    page.show()
    assert page.session.pens.keys[:2] == ("line2/FillLevel", "line2/FillFlowRate")
    assert hall.context.settings.trend_pens is None


def test_pens_that_somebody_chose_stay(hall: HallBench, qtbot: QtBot) -> None:
    page = TrendsPage(hall.context)
    qtbot.addWidget(page)
    page.show()
    page.add_pen("line2/FillLevel")
    chosen = page.session.pens.keys
    hall.context.scope.open_machine("line2")
    page.hide()
    page.show()
    assert page.session.pens.keys == chosen


def test_lanes_rows_and_ribbon_of_trends_say_their_line(hall: HallBench, qtbot: QtBot) -> None:
    page = TrendsPage(hall.context)
    qtbot.addWidget(page)
    page.show()
    page.add_pen("line2/FillLevel")
    names = {lane.definition.key: lane.name for lane in page.chart.lanes}
    assert names["line1/FillLevel"] == "Line 1 · Fill level"
    assert names["line2/FillLevel"] == "Line 2 · Fill level"
    assert page.side.row("line2/FillLevel").accessibleName().startswith("Line 2, Fill level,")
    assert page.chart.ribbon_name.name == "Line 2"
    page.session.select_pen("line1/FillLevel")
    assert page.chart.ribbon_name.name == "Line 1"


def test_a_tag_to_find_or_to_draw_is_offered_with_its_line(hall: HallBench, qtbot: QtBot) -> None:
    hall.context.scope.open_machine("line2")
    finder, picker = FindTag(hall.context), PenPicker(hall.context, ())
    for widget in (finder, picker):
        qtbot.addWidget(widget)
    finder._entry.setText("fill level")
    assert finder._list.item(0).text().startswith("Line 2 · Fill level")
    assert finder._list.item(1).text().startswith("Line 1 · Fill level")
    picker.search("fill level")
    assert picker.list.item(0).text().startswith("Line 2 · Fill level")


def test_a_tag_is_found_by_the_name_of_its_line(hall: HallBench) -> None:
    found = matching(hall.tags.definitions(), "line 2 fill level", hall.context.title_of)
    assert [definition.key for definition in found] == ["line2/FillLevel"]


def test_faceplate_and_setpoint_name_the_line(hall: HallBench, qtbot: QtBot) -> None:
    faceplate = Faceplate(hall.context, "line2/ConveyorSpeed")
    qtbot.addWidget(faceplate)
    faceplate.show()
    assert faceplate.accessibleName().startswith("Line 2, Conveyor speed, ")
    panel = SetpointPanel(hall.context, "line2/ConveyorSpeedSetpoint", "line2/ConveyorSpeed")
    qtbot.addWidget(panel)
    panel.show()
    panel.on_key("6")
    panel.on_key("0")
    assert panel.bar.right.text().strip() == "Write 60.0 RPM to Line 2"
    assert panel.bar.headline.text() == "Change Line 2 from 58.0 to 60.0 RPM?"


def test_the_second_line_has_interlocks_on_its_faceplates_too(hall: HallBench, qtbot: QtBot) -> None:
    gauge = BrimGauge(hall.context, "line2/FillLevel")
    uses = InterlockUses(hall.context, gauge.binding)
    for widget in (gauge, uses):
        qtbot.addWidget(widget)
    assert [row.interlock.tag for row in uses.rows] == ["FillLevel"]


def test_a_lost_controller_is_named(hall: HallBench, qtbot: QtBot) -> None:
    strip = DisconnectedStrip(hall.context, "line2")
    qtbot.addWidget(strip)
    hall.links["line2"] = replace(hall.links["line2"], state=ConnectionState.DISCONNECTED, cause="No answer")
    hall.context.bridge.connections_changed.emit()
    assert strip.accessibleName().startswith("Line 2 · No data for ")


def test_settings_tell_the_machines_of_the_same_name_apart(hall: HallBench, qtbot: QtBot) -> None:
    pane = PlantPane(hall.context)
    qtbot.addWidget(pane)
    assert "Line 1 · Filler, Line 2 · Filler" in [label.text() for label in pane.findChildren(QLabel)]


def test_the_rail_leads_to_the_filler_last_looked_at(hall: HallBench, qtbot: QtBot) -> None:
    window = MainWindow(hall.context)
    qtbot.addWidget(window)
    window.show()
    hall.context.navigate.emit("filler", "line2")
    window.show_page("trends")
    window.rail.chosen.emit("filler")
    page = window.page("filler")
    assert isinstance(page, FillerPage)
    assert page.view is not None
    assert page.view.connection == "line2"
