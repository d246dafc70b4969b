"""The style sheet and the icons, in both themes."""

import re

import pytest
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QPushButton

from hmi.panel.icons import ICONS, icon_pixmap, themed_icon, window_icon
from hmi.panel.pages import PAGES
from hmi.panel.style import Density, style_sheet
from hmi.panel.theme import THEME_NAMES, Theme
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label
from tests.hmi.panel.plant_bench import Bench

SIZES = ("standard", "large", "gloves")


@pytest.mark.parametrize("name", THEME_NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_sheet_knows_every_token_and_qt_understands_it(qtbot, name: str, size: str) -> None:
    theme = Theme.load(name)
    sheet = style_sheet(theme, Density.of(theme, size))
    assert "$" not in sheet
    button = QPushButton("Start")
    qtbot.addWidget(button)
    button.setStyleSheet(sheet)  # a sheet that Qt cannot parse is a Qt message, which fails the test
    button.grab()


def test_the_sheet_names_no_font(qapp) -> None:
    theme = Theme.load("paper")
    assert not re.search(r"\bfont", style_sheet(theme, Density.of(theme, "standard")))


def test_touch_targets_grow_and_are_never_below_48(qapp) -> None:
    theme = Theme.load("paper")
    heights = [Density.of(theme, size) for size in SIZES]
    assert heights[0] == Density(56, 48, 64)
    assert heights[2] == Density(64, 56, 72)
    assert heights[0].control < heights[1].control < heights[2].control


def test_a_button_is_as_high_as_the_touch_size_says(qtbot, bench: Bench) -> None:
    theme = bench.context.theme
    for size in SIZES:
        density = Density.of(theme, size)
        button = Button(bench.context, "Try again", icon="rotate-ccw")
        qtbot.addWidget(button)
        button.setStyleSheet(style_sheet(theme, density))
        button.ensurePolished()
        assert button.sizeHint().height() == density.control
        button.setCheckable(True)
        button.setChecked(True)
        assert button.sizeHint().height() == density.control


def test_a_label_keeps_its_font_under_the_sheet(qtbot, bench: Bench) -> None:
    theme = bench.context.theme
    label = Label(bench.context, "8640", "valueM")
    qtbot.addWidget(label)
    label.setStyleSheet(style_sheet(theme, bench.context.density))
    label.ensurePolished()
    assert label.font().pixelSize() == 22
    assert label.font().featureValue(QFont.Tag("tnum")) == 1


def test_an_icon_has_the_colour_it_was_asked_for(qapp) -> None:
    image = icon_pixmap("square", QColor("#174E82"), 24, 2.0).toImage()
    colors = {
        image.pixelColor(x, y).name()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colors == {"#174e82"}
    assert (image.width(), image.devicePixelRatio()) == (48, 2.0)


def test_an_icon_that_does_not_exist_is_a_defect(qapp) -> None:
    with pytest.raises(KeyError):
        icon_pixmap("no-such-icon", QColor("#000000"), 24)


def test_every_icon_can_be_drawn(qapp) -> None:
    theme = Theme.load("graphite")
    for path in ICONS.glob("*.svg"):
        icon = themed_icon(theme, path.stem)
        image = icon.pixmap(20, 20).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), path.name


def test_every_page_has_its_icon_and_the_window_has_the_mark(qapp) -> None:
    assert all((ICONS / f"{page.icon}.svg").is_file() for page in PAGES)
    assert not window_icon(Theme.load("paper")).isNull()
