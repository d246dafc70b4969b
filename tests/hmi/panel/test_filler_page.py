"""The Filler page: every part in its place on every screen, and honest about the link."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.connections import ConnectionState
from hmi.panel.command_flow import Phase
from hmi.panel.machine_tags import filler_connection
from hmi.panel.mimic.view import MimicView
from hmi.panel.pages.filler import FillerPage
from hmi.panel.pages.filler_layout import FillerLayout, Place, lay_out
from hmi.panel.pages.filler_view import FillerView
from hmi.panel.theme import Theme
from hmi.panel.widgets.states import Empty
from tests.hmi.panel.mimic.line_bench import LineBench, line_bench

REFERENCE, SMALL, SHORT, LARGE = (1160, 660), (920, 640), (1246, 628), (1800, 940)
MIMIC_HEIGHT = 484


@pytest.fixture
def running(panel_fonts: None) -> Iterator[LineBench]:
    with line_bench() as bench:
        yield bench


def page_of(bench: LineBench, qtbot: QtBot, size: tuple[int, int] = REFERENCE) -> FillerView:
    """The one filler of the page."""
    page = FillerPage(bench.context)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    view = page.view
    assert view is not None
    view.in_page = page  # lives as long as what it shows
    return view


def layout(size: tuple[int, int], linked: bool = True) -> FillerLayout:
    return lay_out(Theme.load("paper"), *size, MIMIC_HEIGHT, linked=linked)


def rect(place: Place) -> QRect:
    return QRect(place.x, place.y, place.width, place.height)


def test_the_reference_screen_is_laid_out_as_drawn() -> None:
    places = layout(REFERENCE)
    assert places.mimic == Place(0, 0, 896, 484)
    assert places.trends == Place(0, 496, 896, 164)
    assert places.mode == Place(908, 0, 252, 142)
    assert places.commands == Place(908, 154, 252, 240)
    assert places.count.y + places.count.height == 660
    assert not places.tabs.shown


def test_a_low_screen_takes_its_32_px_from_the_trends() -> None:
    places = layout(SHORT)
    assert places.mimic.height == MIMIC_HEIGHT
    assert places.trends.height == 132


def test_a_small_screen_has_a_bar_of_136_below_and_the_trends_behind_a_tab() -> None:
    places = layout(SMALL)
    assert places.compact
    assert places.tabs.shown
    assert {places.mode.height, places.commands.height} == {136}
    assert places.mimic.height >= MIMIC_HEIGHT
    assert places.mimic.width >= 896


def test_a_screen_too_low_for_both_shows_trends_behind_a_tab() -> None:
    places = layout((1160, 580))
    assert places.tabs.shown
    assert places.mimic.height >= MIMIC_HEIGHT
    assert places.trends == places.mimic


@pytest.mark.parametrize("size", [REFERENCE, SMALL, SHORT, LARGE, (1160, 580), (1100, 700), (2300, 1300)])
@pytest.mark.parametrize("linked", [True, False])
def test_parts_lie_inside_and_never_on_one_another(size: tuple[int, int], linked: bool) -> None:
    places = layout(size, linked)
    column = [places.mode, places.commands, places.count, places.tabs, places.link]
    stage = [places.mimic] if places.tabs.shown else [places.mimic, places.trends, places.interlocks]
    if places.tabs.shown and not places.compact:
        column = [places.mode, places.commands, places.count, places.tabs]
    shown = [rect(p) for p in (*column, *stage) if p.shown]
    for index, one in enumerate(shown):
        assert QRect(0, 0, *size).contains(one)
        assert not any(one.intersects(other) for other in shown[index + 1 :])


@pytest.mark.parametrize("size", [REFERENCE, SMALL, SHORT, LARGE])
def test_with_gloves_every_part_keeps_inside_and_its_buttons_grow(size: tuple[int, int]) -> None:
    theme = Theme.load("paper")
    bare = lay_out(theme, *size, MIMIC_HEIGHT, linked=True)
    gloves = lay_out(theme, *size, MIMIC_HEIGHT, linked=True, command=72)
    assert gloves.commands.height > bare.commands.height
    assert gloves.mimic.height >= MIMIC_HEIGHT
    parts = [gloves.mode, gloves.commands, gloves.count, gloves.tabs]
    parts += [] if gloves.compact else [gloves.interlocks]
    shown = [rect(p) for p in parts if p.shown]
    for index, one in enumerate(shown):
        assert QRect(0, 0, *size).contains(one)
        assert not any(one.intersects(other) for other in shown[index + 1 :])


def test_a_large_screen_gives_what_is_left_over_to_the_count() -> None:
    places = layout(LARGE)
    assert places.interlocks.height == 236
    assert places.count.height >= 200


def test_a_lost_link_says_so_in_the_place_of_the_trends(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot)
    running.connect()
    running.let_run(3.0)
    assert page.trends.isVisible()
    assert not page.link.isVisible()
    running.lose()
    running.let_run(1.0)
    assert page.link.isVisible()
    assert not page.trends.isVisible()
    assert page.link.title.text() == "Disconnected"
    page.link.strip.try_now.click()
    running.connect()
    running.let_run(0.5)
    assert page.trends.isVisible()
    assert not page.link.isVisible()


@pytest.mark.parametrize("size", [REFERENCE, SMALL])
def test_a_long_cause_is_read_whole(running: LineBench, qtbot: QtBot, size: tuple[int, int]) -> None:
    page = page_of(running, qtbot, size)
    running.connect()
    running.lose()
    cause = "127.0.0.1:1102 accepts connections but does not answer within 1 s; " * 3
    running.status = replace(running.status, cause=cause)
    running.context.bridge.connections_changed.emit()
    qtbot.wait_until(lambda: page.link.height() >= page.link.height_needed(page.link.width()))
    (shown,) = [label for label in page.link.findChildren(QLabel) if label.text() == cause]
    qtbot.wait_until(lambda: shown.height() >= shown.heightForWidth(shown.width()))


def test_a_stopped_cpu_is_called_by_its_name(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot)
    running.connect()
    running.lose(ConnectionState.STOPPED)
    assert page.link.title.text() == "CPU in STOP"
    assert "the controller runs" in page.link.locked.text()


def test_before_the_first_value_nothing_claims_to_be_lost(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot)
    running.let_run(0.5)
    assert not page.link.isVisible()
    assert all(s.no_data for s in page.mimic.mimic_scene.symbols)
    assert page.count.texts()[0] == "—"


def test_the_tab_of_a_small_screen_changes_machine_and_trends(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot, SMALL)
    assert page.mimic_card.isVisible()
    assert not page.trends.isVisible()
    page.tabs.select("trends")
    page.tabs.chosen.emit("trends")
    assert page.trends.isVisible()
    assert page.interlocks.isVisible()
    assert not page.mimic_card.isVisible()
    assert not any(b.started for b in page.mimic.mimic_scene.bindings.values())


def test_a_question_on_a_small_screen_gets_the_height_it_needs(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot, SMALL)
    running.connect()
    running.line.write("StopCommand", True)
    running.let_run(8.0)
    running.line.write("ResetCommand", True)
    running.let_run(5.0)
    low = page.commands.height()
    page.commands.ask("start")
    assert page.commands.height() > low + 100
    assert page.commands.geometry().bottom() == page.height() - 1
    page.commands.on_refused()
    assert page.commands.height() == low


def test_a_failure_pushes_the_interlocks_down(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot)
    running.connect()
    running.line.write("StopCommand", True)
    running.let_run(8.0)
    before = page.interlocks.geometry()
    page.commands.ask("manual")
    running.let_run(1.0)
    page.commands.on_confirmed()
    running.let_run(6.0)
    assert page.commands.flow.phase is Phase.FAILED
    assert page.commands.geometry().bottom() < page.interlocks.geometry().top()
    page.commands.on_refused()
    assert page.interlocks.geometry() == before


def test_counters_are_the_controllers_and_say_since_when(running: LineBench, qtbot: QtBot) -> None:
    page = page_of(running, qtbot)
    running.connect()
    running.set(BottlesFilled=8640, BottlesRejected=216, BottlesPerMinute=39)
    assert page.count.texts() == ("8\u2009640", "8\u2009424 good", "216 rejected", "39 /min")
    assert page.count.accessibleName().startswith("Filled since start 8")


def test_a_plant_without_a_controller_shows_an_empty_page(running: LineBench, qtbot: QtBot) -> None:
    config = running.config.model_copy(update={"plc_connections": (), "machines": ()})
    running.context.config = config
    assert filler_connection(running.context) == ""
    page = FillerPage(running.context)
    qtbot.addWidget(page)
    page.resize(*LARGE)
    assert len(page.findChildren(Empty)) == 1
    assert not page.findChildren(MimicView)


@pytest.mark.parametrize("missing", ["StateCurrent", "BottlesFilled", "FillTargetSetpoint"])
def test_a_missing_tag_harms_no_part_of_the_page(missing: str, panel_fonts: None, qtbot: QtBot) -> None:
    with line_bench(without=[missing]) as bench:
        page = page_of(bench, qtbot)
        bench.connect()
        bench.let_run(3.0)
        assert not page.grab().isNull()
