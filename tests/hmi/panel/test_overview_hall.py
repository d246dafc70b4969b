"""The overview of a hall: cards, filters, order, pages, keys, lost links, the way to one line and back."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from engine.connections import ConnectionState
from hmi.panel.main_window import MainWindow
from hmi.panel.overview.hall_order import Group, Order
from hmi.panel.overview.hall_view import HallView
from hmi.panel.overview.tile_bodies import GaugedBody, OffBody, SmallBody, TallBody
from hmi.panel.pages.overview import OverviewPage
from hmi.panel.style import style_sheet
from hmi.panel.widgets.brim_gauge import BrimGauge
from tests.hmi.panel.overview_bench import HallBench, hall_config
from tests.waiting import wait_until

Made = Callable[..., tuple[HallBench, OverviewPage]]


@pytest.fixture
def hall(qapp, panel_fonts, qtbot) -> Iterator[Made]:
    """Makes a page over so many lines, all of them running."""
    made: list[HallBench] = []

    def make(count=2, size=(1160, 660)):
        bench = HallBench(count)
        made.append(bench)
        bench.run()
        page = OverviewPage(bench.context)
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        settle(bench)
        return bench, page

    yield make
    for bench in made:
        bench.close()


def settle(bench):
    wait_until(lambda: QApplication.processEvents() or bench.context.queries.running == 0, "the history")
    bench.pass_time(1)


def cards(page) -> list[str]:
    return [tile.line.line.name for tile in view(page).shown]


def view(page) -> HallView:
    assert page.hall is not None
    return page.hall


def choose(segmented, text: str) -> None:
    next(b for b in segmented._group.buttons() if b.text().startswith(text)).click()


def filters(page) -> list[str]:
    return [button.text() for button in view(page).bar.groups._group.buttons()]


def test_two_lines_are_two_tall_cards_with_gauges(hall):
    _, page = hall()
    assert cards(page) == ["Line 1", "Line 2"]
    for tile in view(page).tiles:
        assert isinstance(tile.body, TallBody)
        assert all(gauge.height() >= 116 for gauge in tile.findChildren(BrimGauge))


@pytest.mark.parametrize(
    ("count", "size", "body", "shown"),
    [
        (2, (920, 628), TallBody, 2),
        (2, (1800, 940), TallBody, 2),
        (4, (1160, 660), GaugedBody, 4),
        (6, (1160, 660), GaugedBody, 6),
        (12, (1160, 660), SmallBody, 12),
        (24, (1800, 940), SmallBody, 24),
        (30, (1160, 660), SmallBody, 12),
    ],
)
def test_cards_fill_the_page_and_nothing_in_them_is_cut(hall, count, size, body, shown):
    _, page = hall(count, size)
    assert len(view(page).shown) == shown
    assert view(page).size().toTuple() == size
    for tile in view(page).shown:
        assert isinstance(tile.body, body)
        wait_until(lambda tile=tile: QApplication.processEvents() or tile.height() > 100, "a layout")
        needed = tile.layout().minimumSize()
        assert needed.width() <= tile.width()
        assert needed.height() <= tile.height()
        assert page.rect().contains(tile.mapTo(page, QPoint(tile.width() - 1, tile.height() - 1)))


def test_a_card_says_name_state_reports_and_rate(hall):
    bench, page = hall()
    bench.say("line2", NoBottle=True, CapMissing=True)
    bench.pass_time(1)
    said = view(page).tiles[1].accessibleName()
    assert said.startswith("Line 2, Running")
    assert "No bottle priority 2, Cap missing priority 3" in said
    assert "Rate 39 bottles/min" in said
    assert view(page).tiles[1].alarms.width() > view(page).tiles[0].alarms.width() == 0


def test_filters_count_every_line_once(hall):
    bench, page = hall(5)
    bench.say("line2", StateCurrent=9, SystemRunning=False)
    bench.say("line3", StateCurrent=4, SystemRunning=False)
    bench.lose("line4")
    bench.pass_time(1)
    assert filters(page) == ["All  5", "Running  2", "Needs attention  2", "Planned or off  1"]
    choose(view(page).bar.groups, "Needs")
    assert cards(page) == ["Line 2", "Line 4"]
    choose(view(page).bar.groups, "Planned")
    assert cards(page) == ["Line 3"]


def test_a_filter_without_lines_says_so_and_offers_all(hall, qtbot):
    _, page = hall()
    choose(view(page).bar.groups, "Needs")
    assert cards(page) == []
    empty = view(page)._empty
    assert empty is not None
    assert empty.accessibleName() == "No line needs attention now. The hall has 2 lines."
    empty.action.click()
    assert cards(page) == ["Line 1", "Line 2"]
    assert view(page).bar.groups.value == "all"


def test_by_urgency_a_fault_comes_first_and_a_card_goes_back_when_it_is_over(hall):
    bench, page = hall(3)
    choose(view(page).bar.order, "By urgency")
    bench.say("line3", Fault=True, StateCurrent=9, SystemRunning=False)
    bench.pass_time(1)
    assert cards(page) == ["Line 3", "Line 1", "Line 2"]
    bench.run("line3")
    bench.pass_time(1)
    assert cards(page) == ["Line 1", "Line 2", "Line 3"]


def test_a_card_that_is_pressed_does_not_move_away(hall):
    bench, page = hall(3)
    choose(view(page).bar.order, "By urgency")
    view(page).tiles[0].setDown(True)
    bench.say("line3", Fault=True, StateCurrent=9, SystemRunning=False)
    bench.pass_time(1)
    assert cards(page) == ["Line 1", "Line 2", "Line 3"]
    view(page).tiles[0].setDown(False)
    bench.pass_time(1)
    assert cards(page) == ["Line 3", "Line 1", "Line 2"]


def test_what_all_made_counts_the_lines_that_tell_it(hall):
    bench, page = hall()
    assert view(page).bar._good.accessibleName() == "Good, all lines, 16\u2009848"
    bench.lose("line2")
    bench.pass_time(1)
    assert view(page).bar._good.accessibleName() == "Good, 1 of 2 lines, 8\u2009424"


def test_a_lost_link_takes_back_its_claims_and_leaves_the_other_line_alone(hall):
    bench, page = hall()
    bench.say("line2", NoBottle=True)
    bench.lose("line2", cause="No answer from 10.0.0.2")
    bench.pass_time(31)
    first, second = view(page).tiles
    assert second.state.text == "No data, 31 s"
    assert second.line.reports == []
    assert "No answer from 10.0.0.2" in second.accessibleName()
    assert second.line.standing.group is Group.ATTENTION
    assert first.line.standing.group is Group.RUNNING


def test_a_cpu_in_stop_and_a_controller_that_is_off_say_so(hall):
    bench, page = hall(3)
    bench.lose("line2", ConnectionState.STOPPED, cause="The CPU is in STOP")
    bench.lose("line3", ConnectionState.DISABLED)
    bench.pass_time(5)
    assert view(page).tiles[1].state.text.startswith("CPU in STOP")
    assert view(page).tiles[1].accessibleName().count("STOP") == 1
    assert view(page).tiles[2].state.text == "Off"
    assert isinstance(view(page).tiles[2].body, OffBody)


def test_touch_and_enter_lead_to_the_lines_filler(hall, qtbot):
    bench, page = hall()
    for press in (
        lambda tile: qtbot.keyClick(tile, Qt.Key.Key_Return),
        lambda tile: qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(30, 20)),
        lambda tile: qtbot.mouseClick(tile._name, Qt.MouseButton.LeftButton),
    ):
        with qtbot.waitSignal(bench.context.navigate) as gone:
            press(view(page).tiles[1])
        assert gone.args == ["filler", "line2"]
        assert bench.context.scope.line == "line2"
    assert bench.context.scope.hall


def test_arrows_go_from_card_to_card(hall, qtbot):
    _, page = hall(12)
    page.activateWindow()
    view(page).shown[0].setFocus()
    wait_until(lambda: QApplication.processEvents() or view(page).shown[0].hasFocus(), "the focus")
    places = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(QApplication.focusWidget(), key)
        places.append(next(n for n, tile in enumerate(view(page).shown) if tile.hasFocus()))
    assert places == [1, 5, 4, 3, 3]


def test_more_lines_than_a_page_holds_are_paged_by_urgency(hall, qtbot):
    bench, page = hall(30)
    bar = view(page).bar
    assert bar.order.value is Order.URGENCY
    bench.lose("line27")
    bench.pass_time(1)
    assert cards(page)[0] == "Line 27"
    assert not bar.back.isEnabled()
    bar.next.click()
    qtbot.keyClick(view(page), Qt.Key.Key_PageDown)
    assert bar._page.text() == "3 / 3"
    assert len(view(page).shown) == 6
    assert not bar.next.isEnabled()
    choose(bar.groups, "Needs")
    assert cards(page) == ["Line 27"]
    assert not bar._pager.isVisible()


def test_what_is_touched_is_large_enough(hall):
    bench, page = hall(30)
    page.setStyleSheet(style_sheet(bench.context.theme, bench.context.density))
    QApplication.processEvents()
    bar = view(page).bar
    for part in (*bar.groups._group.buttons(), *bar.order._group.buttons(), bar.back, bar.next):
        assert min(part.width(), part.height()) >= 48


def test_a_hidden_hall_follows_nothing(hall):
    bench, page = hall(3)
    page.hide()
    assert not bench.context.bridge._subscriptions


@pytest.fixture
def window(qapp, panel_fonts, qtbot) -> Iterator[tuple[HallBench, MainWindow]]:
    """The whole panel over two lines that run."""
    bench = HallBench(2)
    bench.run()
    window = MainWindow(bench.context)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show_page("overview")
    window.show()
    settle(bench)
    yield bench, window
    window.finish()
    bench.close()


def crumbs(window) -> list[str]:
    crumb = window.header.breadcrumb
    return [part.text() for part in (crumb._scope, crumb._page) if not part.isHidden()]


def pick(window, part: str, text: str) -> None:
    getattr(window.header.breadcrumb, part).click()
    (menu,) = window.findChildren(QMenu)
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()
    wait_until(lambda: QApplication.processEvents() or not window.findChildren(QMenu), "the menu to go")


def test_the_picker_leads_from_the_hall_to_a_line_and_the_hall_back(window):
    _, panel = window
    page = panel.page("overview")
    assert crumbs(panel) == ["Bottling hall"]
    pick(panel, "_page", "Line 2")
    assert crumbs(panel) == ["Bottling hall", "Line 2"]
    assert page.view.isVisible()
    assert page.view.data.line.connection == "line2"
    pick(panel, "_page", "Line 1")
    assert page.view.data.line.connection == "line1"
    panel.header.breadcrumb._scope.click()
    assert crumbs(panel) == ["Bottling hall"]
    assert page.hall.isVisible()


def test_up_leads_from_a_line_to_the_hall(window, qtbot):
    bench, panel = window
    bench.context.scope.choose_line("line2")
    qtbot.keyClick(panel, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert crumbs(panel) == ["Bottling hall"]


def test_a_card_opens_the_filler_of_its_line_and_the_breadcrumb_says_which(window):
    _, panel = window
    panel.page("overview").hall.tiles[1].click()
    filler = panel.page("filler")
    assert (panel.page_id, filler.view.connection) == ("filler", "line2")
    assert crumbs(panel) == ["Line 2", "Filler"]
    assert filler.view.commands.isVisible()
    pick(panel, "_scope", "Line 1")
    assert filler.view.connection == "line1"
    assert crumbs(panel) == ["Line 1", "Filler"]
    panel.show_page("overview")
    assert crumbs(panel) == ["Bottling hall"]


def test_a_line_that_was_chosen_stays_chosen_on_the_filler(window):
    bench, panel = window
    bench.context.scope.choose_line("line2")
    panel.show_page("filler")
    assert panel.page("filler").view.connection == "line2"
    panel.show_page("overview")
    assert crumbs(panel) == ["Bottling hall", "Line 2"]


def test_a_line_that_leaves_the_plant_leads_back_to_the_one_that_is_left(window):
    bench, panel = window
    bench.context.scope.choose_line("line2")
    bench.context.change_plant(hall_config(1))
    settle(bench)
    page = panel.page("overview")
    assert page.hall is None
    assert page.view.data.line.connection == "line1"


def test_a_line_that_joins_makes_a_hall(qapp, panel_fonts, qtbot):
    bench = HallBench(3)
    bench.run()
    bench.config = hall_config(1)
    bench.context.change_plant(bench.config)
    panel = MainWindow(bench.context)
    qtbot.addWidget(panel)
    panel.show_page("overview")
    panel.show()
    assert panel.page("overview").view is not None
    bench.context.change_plant(hall_config(3))
    assert cards(panel.page("overview")) == ["Line 1", "Line 2", "Line 3"]
    assert crumbs(panel) == ["Bottling hall"]
    panel.finish()
    bench.close()


def test_a_body_that_was_replaced_follows_nothing_any_more(hall):
    bench, page = hall()
    for size in ((1160, 420), (1800, 940), (700, 400), (1160, 660)):
        page.resize(*size)
        QApplication.processEvents()
    settle(bench)
    bench.run()
    followed = {key for key in bench.context.bridge._subscriptions if key.endswith("/FillLevel")}
    assert followed == {"line1/FillLevel", "line2/FillLevel"}
    gauges = [gauge for tile in view(page).tiles for gauge in tile.findChildren(BrimGauge)]
    assert len(gauges) == 6
