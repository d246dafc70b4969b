"""The frame around the pages: getting around by touch and by keyboard, drawer, cleaning."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.history import RecorderState, RecorderStatus
from hmi.panel.context import PanelContext
from hmi.panel.main_window import MainWindow
from hmi.panel.pages import PAGES, PageEntry
from hmi.panel.widgets.find_tag import FindTag
from hmi.panel.widgets.key_help import KeyHelp
from hmi.panel.widgets.rail import RailItem
from hmi.panel.widgets.setpoint import SetpointPanel
from hmi.panel.widgets.status_chip import StatusChip
from hmi.panel.widgets.toast import Toast
from tests.hmi.panel.plant_bench import Bench


class PlainPage(QWidget):
    """A page with two buttons that remembers what it was asked."""

    built = 0
    trail_changed = Signal()

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        PlainPage.built += 1
        self.trail: tuple[str, ...] = ()
        self.follows_plant = False
        self.arguments: list[str] = []
        self.first, self.second = QPushButton("First"), QPushButton("Second")
        column = QVBoxLayout(self)
        column.addWidget(self.first)
        column.addWidget(self.second)

    def on_argument(self, argument: str) -> None:
        self.arguments.append(argument)


def entries() -> list[PageEntry]:
    return [PageEntry(page.page_id, page.title, page.icon, __name__, "PlainPage") for page in PAGES]


@pytest.fixture
def window(qtbot, bench: Bench) -> Iterator[MainWindow]:
    PlainPage.built = 0
    window = MainWindow(bench.context, entries())
    window.resize(1280, 800)
    window.show_page("overview")
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield window
    window.finish()
    window.deleteLater()


def page_of(window: MainWindow) -> PlainPage:
    page = window.page(window.page_id)
    assert isinstance(page, PlainPage)
    return page


def in_drawer(window: MainWindow) -> QWidget:
    """Two controls in the drawer."""
    content = QWidget()
    column = QVBoxLayout(content)
    for text in ("One", "Two"):
        column.addWidget(QPushButton(text))
    window.drawer.open_side(content)
    return content


def test_geometry_is_that_of_the_specification(window: MainWindow) -> None:
    assert window.rail.width() == 88
    assert window.header.geometry().topLeft() == QPoint(88, 0)
    assert (window.header.height(), window.banner.height()) == (56, 56)
    assert window.banner.geometry().topLeft() == QPoint(88, 56)
    assert window.content.geometry().topLeft() == QPoint(88, 112)
    page = page_of(window)
    assert page.mapTo(window, QPoint(0, 0)) == QPoint(104, 124)
    assert page.size().toTuple() == (1160, 660)


def test_a_small_window_has_a_narrow_rail(window: MainWindow) -> None:
    window.resize(1024, 768)
    assert window.rail.width() == 72


def test_pages_are_built_when_first_shown_and_kept(window: MainWindow) -> None:
    assert PlainPage.built == 1
    window.show_page("trends")
    trends = page_of(window)
    window.show_page("overview")
    window.show_page("trends")
    assert PlainPage.built == 2
    assert page_of(window) is trends


def test_navigation_carries_an_argument_to_the_page(bench: Bench, window: MainWindow) -> None:
    bench.context.navigate.emit("trends", "line1/FillLevel")
    assert page_of(window).arguments == ["line1/FillLevel"]
    bench.context.navigate.emit("trends", "")
    assert page_of(window).arguments == ["line1/FillLevel"]


@pytest.mark.parametrize(("key", "page"), [(Qt.Key.Key_F2, 0), (Qt.Key.Key_F4, 2), (Qt.Key.Key_F6, 4)])
def test_function_keys_follow_the_rail(qtbot, window: MainWindow, key: Qt.Key, page: int) -> None:
    window.show_page("diagnostics")
    QTest.keyClick(window, key)
    assert window.page_id == PAGES[page].page_id


def test_enter_presses_a_rail_item(window: MainWindow) -> None:
    item = next(item for item in window.rail.findChildren(RailItem) if item.text() == "Trends")
    QTest.keyClick(item, Qt.Key.Key_Return)
    assert window.page_id == "trends"


def test_escape_belongs_to_the_nearest_that_wants_it(window: MainWindow) -> None:
    in_drawer(window)
    page_of(window).first.setFocus()
    QTest.keyClick(page_of(window).first, Qt.Key.Key_Escape)
    assert window.drawer.content is None


def test_the_page_picker_leaves_the_banner_alone(qtbot, window: MainWindow) -> None:
    window.header.breadcrumb._page.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.pos().y() >= window.mapToGlobal(QPoint(0, 112)).y()
    assert [action.text() for action in menu.actions()] == [page.title for page in PAGES]
    menu.actions()[2].trigger()
    menu.close()
    assert window.page_id == "trends"


def test_alt_up_goes_up_a_level(window: MainWindow) -> None:
    window.show_page("trends")
    in_drawer(window)
    QTest.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert (window.drawer.content, window.page_id) == (None, "trends")
    QTest.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert window.page_id == "overview"


def test_the_drawer_takes_the_focus_keeps_it_and_gives_it_back(qtbot, window: MainWindow) -> None:
    page = page_of(window)
    page.second.setFocus()
    content = in_drawer(window)
    one, two = content.findChildren(QPushButton)
    assert window.focusWidget() is one
    QTest.keyClick(one, Qt.Key.Key_Tab)
    assert window.focusWidget() is two
    QTest.keyClick(two, Qt.Key.Key_Tab)
    assert window.focusWidget() is one
    QTest.keyClick(one, Qt.Key.Key_Backtab)
    assert window.focusWidget() is two
    QTest.keyClick(two, Qt.Key.Key_Escape)
    assert window.drawer.content is None
    assert window.focusWidget() is page.second


def test_the_drawer_covers_the_content_and_nothing_else(window: MainWindow) -> None:
    in_drawer(window)
    assert window.drawer.mapTo(window, QPoint(0, 0)) == QPoint(88, 112)
    assert window.drawer.size() == window.content.size()
    QTest.mouseClick(window.drawer, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert window.drawer.content is None


def test_on_a_small_screen_the_drawer_takes_the_whole_content(window: MainWindow) -> None:
    content = in_drawer(window)
    assert content.width() in (619, 620)
    window.resize(1024, 768)
    assert content.width() >= window.content.width() - 1


def test_a_kiosk_is_not_closed_by_hand(qtbot, window: MainWindow) -> None:
    window.show_kiosk()
    with qtbot.assertNotEmitted(window.close_requested):
        window.close()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()


def test_another_page_closes_the_drawer(window: MainWindow) -> None:
    in_drawer(window)
    window.show_page("trends")
    assert not window.drawer.isVisible()


def test_f1_lists_every_key_and_says_what_has_the_focus(window: MainWindow) -> None:
    page_of(window).first.setAccessibleName("Fill level, 62.4 percent, good")
    page_of(window).first.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F1)
    help_ = window.drawer.content
    assert isinstance(help_, KeyHelp)
    shown = {child.text() for child in help_.findChildren(QWidget) if hasattr(child, "text")}
    assert {key.shown for key in window.shortcuts.keys} <= shown
    assert "Fill level, 62.4 percent, good" in shown


def test_ctrl_k_finds_a_tag_by_letters_and_opens_it(bench: Bench, window: MainWindow) -> None:
    opened: list[str] = []
    bench.context.open_faceplate.disconnect(window.open_faceplate)
    bench.context.open_faceplate.connect(opened.append)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    finder = window.drawer.content
    assert isinstance(finder, FindTag)
    entry = finder.findChild(QLineEdit)
    assert window.focusWidget() is entry
    QTest.keyClicks(entry, "pressure")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert opened == ["line1/TankPressure"]
    assert window.drawer.content is None


def test_the_window_closes_only_when_told(qtbot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.close_requested):
        window.close()
    assert window.isVisible()
    window.finish()
    assert not window.isVisible()


def test_the_header_says_what_is_wrong_and_leads_to_diagnostics(bench: Bench, window: MainWindow) -> None:
    plc, database = window.header.findChildren(StatusChip)
    assert "all well" in plc.accessibleName()
    bench.lose_link()
    assert "0 / 1" in plc.accessibleName()
    bench.recorder._status = RecorderStatus(RecorderState.SPOOLING, "The disk is full")
    bench.context.bridge.second.emit()
    assert database.accessibleName() == "Database, Spooling, The disk is full"
    plc.click()
    assert window.page_id == "diagnostics"


def test_cleaning_ignores_everything_and_ends_at_zero(bench: Bench, window: MainWindow) -> None:
    bench.context.clean_screen.emit(30)
    cleaning = window._cleaning
    assert cleaning is not None
    QTest.keyClick(window, Qt.Key.Key_F4)
    QTest.mouseClick(cleaning, Qt.MouseButton.LeftButton, pos=QPoint(44, 300))
    assert window.page_id == "overview"
    bench.context.bridge.frame.emit(29.9)
    assert window._cleaning is cleaning
    bench.context.bridge.frame.emit(0.2)
    assert window._cleaning is None
    QTest.keyClick(window, Qt.Key.Key_F4)
    assert window.page_id == "trends"


def test_cleaning_ends_by_holding_escape_for_two_seconds(bench: Bench, window: MainWindow) -> None:
    bench.context.clean_screen.emit(30)
    cleaning = window._cleaning
    QTest.keyPress(cleaning, Qt.Key.Key_Escape)
    bench.context.bridge.frame.emit(1.9)
    QTest.keyRelease(cleaning, Qt.Key.Key_Escape)
    bench.context.bridge.frame.emit(0.2)
    assert window._cleaning is cleaning
    QTest.keyPress(cleaning, Qt.Key.Key_Escape)
    bench.context.bridge.frame.emit(2.0)
    assert window._cleaning is None


def test_cleaning_ends_by_holding_both_corners(qtbot, bench: Bench, window: MainWindow) -> None:
    device = QTest.createTouchDevice()
    bench.context.clean_screen.emit(30)
    cleaning = window._cleaning
    left, right = (corner.toPoint() for corner in cleaning._corners())
    QTest.touchEvent(cleaning, device).press(0, left, cleaning).commit()
    bench.context.bridge.frame.emit(2.5)
    assert window._cleaning is cleaning
    QTest.touchEvent(cleaning, device).stationary(0).press(1, right, cleaning).commit()
    bench.context.bridge.frame.emit(1.5)
    QTest.touchEvent(cleaning, device).stationary(0).release(1, right, cleaning).commit()
    bench.context.bridge.frame.emit(1.0)
    assert window._cleaning is cleaning
    QTest.touchEvent(cleaning, device).stationary(0).press(1, right, cleaning).commit()
    bench.context.bridge.frame.emit(2.0)
    assert window._cleaning is None


def test_the_ring_follows_the_keyboards_focus_and_hides_from_touch(qtbot, window: MainWindow) -> None:
    page = page_of(window)
    handle = window.windowHandle()
    page.first.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    place = page.second.mapTo(window, QPoint(0, 0))
    page.second.setFocus()
    assert window._ring.isVisible()
    assert window._ring.pos() == place - QPoint(5, 5)
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(700, 90))
    assert not window._ring.isVisible()


def test_an_inner_page_leads_back_to_the_one_above_it(bench: Bench, window: MainWindow) -> None:
    bench.context.navigate.emit("discovery", "")
    assert window.page_id == "discovery"
    shown = next(item for item in window.rail.findChildren(RailItem) if item.isChecked())
    assert shown.text() == "Diagnostics"
    assert window.header.breadcrumb._parts.text() == "Add controller or tags"
    QTest.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert window.page_id == "diagnostics"
    bench.context.navigate.emit("discovery", "")
    window.header.breadcrumb._parent_page.click()
    assert window.page_id == "diagnostics"


def test_a_changed_plant_is_shown_by_new_pages_and_a_new_scope(bench: Bench, window: MainWindow) -> None:
    window.show_page("trends")
    before = page_of(window)
    site = bench.config.site.model_copy(update={"name": "Hall 2"})
    changed = {"site": site, "plc_connections": bench.config.plc_connections[:1]}
    bench.context.change_plant(bench.config.model_copy(update=changed))
    assert page_of(window) is not before
    assert window.page("overview") is None
    assert window.windowTitle() == "Brimline - Hall 2"
    assert window.header.breadcrumb._scope.text() == window.scope == "Line 1"


def test_a_page_that_follows_the_plant_is_kept(bench: Bench, window: MainWindow) -> None:
    window.show_page("trends")
    page = page_of(window)
    page.follows_plant = True
    bench.context.change_plant(bench.config)
    assert page_of(window) is page


@pytest.mark.parametrize(("error", "told"), [("The link broke", 1), ("", 0)])
def test_what_failed_after_its_faceplate_was_closed_is_told_at_the_foot(
    window, bench: Bench, error: str, told: int
) -> None:
    bench.set_running()
    said: list[str] = []
    bench.context.notify.connect(said.append)
    window.open_faceplate("line1/ConveyorSpeedSetpoint")
    window.drawer.content.show_tab("setpoint")
    panel = window.drawer.findChild(SetpointPanel)
    for key in "60":
        QTest.keyClick(panel, key)
    panel.bar.right.click()
    window.drawer.close_content()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bench.answer(error, readback=None if error else 60.0)
    QApplication.processEvents()
    assert len(said) == told
    assert all(text.startswith("Conveyor speed setpoint: The link broke") for text in said)
    window.findChild(Toast).action.click()  # ends its time
