"""Settings apply at once, can be undone, and are kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit, QScrollArea, QWidget

from hmi.panel.appearance import Appearance
from hmi.panel.pages.settings import SettingsPage
from hmi.panel.settings import PanelSettings, SettingsStore
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.drawer import Drawer
from hmi.panel.widgets.theme_tile import ThemeTile
from tests.hmi.panel.plant_bench import Bench


@pytest.fixture
def appearance(qapp: QApplication, bench: Bench, tmp_path: Path):
    appearance = Appearance(qapp, bench.context, SettingsStore(tmp_path))
    yield appearance
    appearance.close()
    qapp.setStyleSheet("")


@pytest.fixture
def page(qtbot, bench: Bench, appearance: Appearance) -> SettingsPage:
    page = SettingsPage(bench.context)
    qtbot.addWidget(page)
    page.resize(1160, 660)
    page.show()
    return page


def press(page: QObject, name: str) -> None:
    (button,) = [b for b in page.findChildren(QAbstractButton) if b.accessibleName() == name]
    button.click()


def test_a_theme_is_shown_at_once_and_kept(qapp, bench: Bench, page, appearance, tmp_path: Path) -> None:
    before = qapp.styleSheet()
    press(page, "Graphite, Dark rooms")
    assert bench.context.theme.name == "graphite"
    assert qapp.styleSheet() != before
    appearance.close()
    assert SettingsStore(tmp_path).load().theme == "graphite"


def test_a_change_can_be_undone(bench: Bench, page: SettingsPage) -> None:
    offers: list[Callable[[], None]] = []
    bench.context.offer.connect(lambda text, action, call: offers.append(call))
    press(page, "Graphite, Dark rooms")
    press(page, "Touch size, Gloves")
    assert bench.context.density.control == 56
    offers[1]()
    assert bench.context.density.control == 48
    offers[0]()
    assert bench.context.theme.name == "paper"
    chosen = [tile.text() for tile in page.findChildren(ThemeTile) if tile.isChecked()]
    assert chosen == ["Paper"]


def test_by_time_follows_the_clock_of_the_site(bench: Bench, page: SettingsPage) -> None:
    press(page, "By time, Graphite 20:00 to 06:00")
    assert bench.context.theme.name == "paper"
    bench.clock.now_s += 10 * 3600  # 20:40 at the site
    bench.context.bridge.second.emit()
    assert bench.context.theme.name == "graphite"


def test_choosing_what_is_chosen_changes_nothing(bench: Bench, page: SettingsPage) -> None:
    offers: list[str] = []
    bench.context.offer.connect(lambda text, action, call: offers.append(text))
    press(page, "Paper, Bright rooms")
    assert offers == []


def test_cleaning_starts_with_the_chosen_time(bench: Bench, page: SettingsPage) -> None:
    started: list[int] = []
    bench.context.clean_screen.connect(started.append)
    press(page, "Cleaning time, 2 min")
    press(page, "Start screen cleaning")
    assert started == [120]


def test_with_little_motion_pointers_jump(bench: Bench, page: SettingsPage) -> None:
    bench.set_running()
    binding = TagBinding(bench.context, "line1/FillLevel")
    binding.start()
    bench.set(FillLevel=60.0)
    assert binding.pointer == 62.4
    press(page, "Motion, Reduced")
    bench.set(FillLevel=58.0)
    assert binding.pointer == 58.0
    binding.stop()


def test_with_little_motion_the_drawer_stands_there_at_once(qtbot, bench: Bench) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1200, 700)
    host.show()
    drawer = Drawer(bench.context, host)
    bench.context.change_settings(reduce_motion=True)
    content = QWidget()
    drawer.open_side(content)
    assert content.mapTo(host, QPoint(0, 0)).x() < 600
    drawer.close_content()


@pytest.mark.parametrize("size", [(920, 640), (1160, 660), (1800, 940)])
@pytest.mark.parametrize("touch_size", ["standard", "gloves"])
def test_nothing_is_cut_off_at_the_right(
    bench: Bench, page: SettingsPage, size: tuple[int, int], touch_size: str
) -> None:
    bench.context.change_settings(touch_size=touch_size)
    page.resize(*size)
    QApplication.processEvents()
    for section in range(3):
        page.show_section(section)
        QApplication.processEvents()
        area = next(a for a in page.findChildren(QScrollArea) if a.isVisible())
        assert area.widget().width() <= area.viewport().width(), section


def test_languages_that_do_not_exist_yet_say_so(page: SettingsPage) -> None:
    dead = [b for b in page.findChildren(QAbstractButton) if not b.isEnabled()]
    assert [b.text() for b in dead] == ["Deutsch", "Français", "Español", "Polski"]
    assert all(b.accessibleDescription() == "Not in this version" for b in dead)


def test_the_plant_file_page_names_what_does_nothing_yet(bench: Bench, page: SettingsPage) -> None:
    page.show_section(1)
    texts = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Bottling hall" in texts
    assert "not active in this version" in texts
    assert page.trail == ("Plant file",)


def test_about_shows_both_licences(page: SettingsPage) -> None:
    page.show_section(2)
    (text,) = page.findChildren(QPlainTextEdit)
    assert "Open Font License" in text.toPlainText()
    press(page, "Licence, Lucide (ISC)")
    assert "Lucide" in text.toPlainText()


def test_settings_that_cannot_be_saved_are_said_and_still_apply(
    qtbot, bench: Bench, qapp, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    appearance = Appearance(qapp, bench.context, SettingsStore(tmp_path / "data"))
    with qtbot.waitSignal(bench.context.notify) as said:
        bench.context.change_settings(theme="graphite")
    assert "were not saved" in said.args[0]
    assert bench.context.theme.name == "graphite"
    appearance.close()
    qapp.setStyleSheet("")


def test_closing_writes_what_the_worker_did_not(bench: Bench, appearance: Appearance, tmp_path: Path) -> None:
    for cleaning_s in (60, 120, 30, 60):
        bench.context.change_settings(cleaning_s=cleaning_s)
    appearance.close()
    assert SettingsStore(tmp_path).load() == replace(PanelSettings(), cleaning_s=60)
