"""The style sheet of the panel, written from the tokens; fonts stay with ``Theme.font``.

Widgets say what they are through dynamic properties: buttons by ``kind`` (normal, primary, stop,
quiet), labels by ``tone`` (a text colour token), frames by ``panel`` (card, plate, strip, ...).
The sheet names no font: a font in a style sheet would win over ``setFont`` and lose the tabular digits.
"""

from dataclasses import dataclass
from string import Template

from PySide6.QtGui import QPalette

from hmi.panel.theme import Theme

TONES = ("text", "text2", "text3", "textDisabled", "ink", "onInk")


@dataclass(frozen=True, slots=True)
class Density:
    """Heights of touch targets in logical px for one touch size (standard, large, gloves)."""

    row: int
    control: int
    command: int

    @classmethod
    def of(cls, theme: Theme, touch_size: str) -> "Density":
        """Large lies half-way between standard and gloves."""
        names = ("row", "control", "command")
        touch = [theme.px("density", "touch", n) for n in names]
        gloves = [theme.px("density", "gloves", n) for n in names]
        share = {"standard": 0.0, "large": 0.5, "gloves": 1.0}[touch_size]
        return cls(*(round(t + (g - t) * share) for t, g in zip(touch, gloves, strict=True)))


def style_sheet(theme: Theme, density: Density) -> str:
    """The application's style sheet for one theme."""
    values: dict[str, str | int] = {key: theme.css(key) for key in theme.tokens["color"][theme.name]}
    values |= {f"radius_{name}": theme.px("radius", name) for name in ("chip", "control", "card", "dialog")}
    heights = {"row": density.row, "control": density.control, "command": density.command}
    values |= {"control_whole": density.control, "control_framed": density.control - 4}
    values |= {name: height - 2 for name, height in heights.items()}  # the sheet counts without borders
    tones = "".join(f'QLabel[tone="{tone}"] {{ color: {theme.css(tone)}; }}\n' for tone in TONES)
    return (
        Template(_FRAMES + _BUTTONS + _INPUTS + _TABLES + _SCROLL_BARS + _POPUPS).substitute(values) + tones
    )


def palette(theme: Theme) -> QPalette:
    """For what style sheets do not reach: plain text, selections, links."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: "canvas",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "raised",
        QPalette.ColorRole.AlternateBase: "surface",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "onInk",
        QPalette.ColorRole.Highlight: "ink",
        QPalette.ColorRole.HighlightedText: "onInk",
        QPalette.ColorRole.Link: "ink",
        QPalette.ColorRole.PlaceholderText: "text3",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Mid: "hairline",
        QPalette.ColorRole.Dark: "border",
    }
    for role, key in roles.items():
        result.setColor(role, theme.color(key))
    disabled = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)
    for role in disabled:
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.color("textDisabled"))
    return result


_FRAMES = """
QMainWindow, QWidget[panel="canvas"], QFrame[panel="curtain"] { background: $canvas; }
QFrame[panel="card"] {
    background: $surface; border: 1px solid $hairline; border-radius: ${radius_card}px;
}
QFrame[panel="plate"] {
    background: $raised; border: 1px solid $hairline; border-radius: ${radius_control}px;
}
QFrame[panel="strip"] {
    background: $raised; border: 1px solid $border; border-radius: ${radius_control}px;
}
QFrame[panel="error"] {
    background: $raised; border: 2px solid $text; border-radius: ${radius_card}px;
}
QFrame[panel="dialog"] {
    background: $surface; border: 1px solid $border; border-radius: ${radius_dialog}px;
}
QFrame[panel="toast"] { background: $text; border: none; border-radius: ${radius_control}px; }
QLabel[tone="toast"] { color: $raised; }
QFrame[panel="drawer"] { background: $surface; border: none; border-left: 1px solid $border; }
QFrame[panel="banner"] { background: $raised; border: none; border-bottom: 1px solid $hairline; }
QFrame[panel="header"] { background: $canvas; border: none; border-bottom: 1px solid $hairline; }
QFrame[panel="rail"] { background: $rail; border: none; }
QFrame[panel="rule"] { background: $hairline; border: none; }
QLabel { background: transparent; color: $text; }
QLabel:disabled { color: $textDisabled; }
"""

_BUTTONS = """
QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $border;
    border-radius: ${radius_control}px; padding: 0 16px; min-height: ${control}px; outline: none;
}
QToolButton { padding: 0; min-width: ${control}px; }
QPushButton[square="true"] { padding: 0; min-height: 0; }
QPushButton:pressed, QToolButton:pressed { background: $sunken; }
QPushButton:checked, QToolButton:checked {
    background: $inkSoft; border: 2px solid $ink; padding: 0 15px; min-height: ${control_framed}px;
}
QPushButton[kind="primary"] { background: $ink; color: $onInk; border: 1px solid $ink; }
QPushButton[kind="primary"]:pressed { background: $inkStrong; border-color: $inkStrong; }
QPushButton[kind="stop"] { background: $text; color: $raised; border: 1px solid $text; }
QPushButton[kind="stop"]:pressed { background: $text2; border-color: $text2; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {
    background: transparent; color: $text; border: 1px solid transparent;
}
QPushButton[kind="quiet"]:pressed, QToolButton[kind="quiet"]:pressed { background: $sunken; }
QPushButton[kind="link"] {
    background: transparent; color: $ink; border: 1px solid transparent; padding: 0 12px;
}
QPushButton[kind="link"]:pressed { background: $inkSoft; }
QPushButton[kind="toast"] { background: transparent; color: $raised; border: 1px solid $raised; }
QPushButton[kind="toast"]:pressed { background: $text2; }
QPushButton[kind="crumb"] {
    background: transparent; color: $text2; border: none; padding: 0 8px; min-height: ${control_whole}px;
}
QPushButton[kind="crumb"][strong="true"] { color: $text; }
QPushButton[kind="crumb"]:pressed { background: $sunken; }
QPushButton:disabled, QToolButton:disabled {
    background: transparent; color: $textDisabled; border: 1px solid transparent;
}
QPushButton[kind="quiet"]:disabled, QToolButton[kind="quiet"]:disabled,
QPushButton[kind="link"]:disabled { border: 1px solid transparent; }

QFrame[panel="segmented"] { background: transparent; border: none; }
QPushButton[segment] {
    background: transparent; border: none; padding: 0 8px; min-height: ${control_whole}px;
}

QPushButton[row="true"] {
    background: transparent; color: $text2; border: none; border-radius: ${radius_control}px;
    text-align: left; padding: 0 16px; min-height: ${command}px;
}
QPushButton[row="true"]:pressed { background: $sunken; }
QPushButton[row="true"]:checked { background: $inkSoft; color: $text; border: none; }

QCheckBox, QRadioButton { color: $text; spacing: 10px; min-height: ${control}px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 20px; height: 20px; border: 1px solid $border; background: $raised;
}
QCheckBox::indicator { border-radius: ${radius_chip}px; }
QRadioButton::indicator { border-radius: 11px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked {
    background: $ink; border: 1px solid $ink;
}
"""

_INPUTS = """
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QPlainTextEdit, QTextEdit {
    background: $raised; color: $text; border: 1px solid $border;
    border-radius: ${radius_control}px; padding: 0 12px;
    selection-background-color: $ink; selection-color: $onInk;
}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateTimeEdit { min-height: ${control}px; }
QPlainTextEdit, QTextEdit { padding: 8px 12px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus {
    border: 2px solid $focus; padding: 0 11px; min-height: ${control_framed}px;
}
QLineEdit[invalid="true"] {
    border: 2px solid $text; padding: 0 11px; min-height: ${control_framed}px;
}
QLineEdit:disabled, QComboBox:disabled, QDateTimeEdit:disabled {
    background: transparent; color: $textDisabled; border: 1px dashed $border;
}
QComboBox::drop-down { border: none; width: 32px; }
QComboBox QAbstractItemView {
    background: $raised; color: $text; border: 1px solid $border; outline: none;
    selection-background-color: $inkSoft; selection-color: $text;
}
QProgressBar { background: $sunken; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $ink; border-radius: 2px; }
QSlider::groove:horizontal { height: 12px; background: $sunken; border-radius: 6px; }
QSlider::sub-page:horizontal { background: $stRun; border-radius: 6px; }
QSlider::handle:horizontal {
    width: 36px; height: 36px; margin: -12px 0; border-radius: 18px;
    background: $raised; border: 1px solid $border;
}
"""

_TABLES = """
QTableView, QTreeView, QListView, QListWidget, QTableWidget {
    background: transparent; alternate-background-color: transparent; color: $text; border: none;
    gridline-color: $hairline; outline: none;
    selection-background-color: $inkSoft; selection-color: $text;
}
QTableView::item, QTreeView::item, QListView::item {
    border: none; border-bottom: 1px solid $hairline; padding: 0 8px;
}
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
    background: $inkSoft; color: $text;
}
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: transparent; color: $text3; border: none; border-bottom: 1px solid $hairline;
    padding: 0 8px; min-height: 32px;
}
QTableCornerButton::section { background: transparent; border: none; }
QTabWidget::pane { border: none; border-top: 1px solid $hairline; }
QTabBar { background: transparent; border: none; }
QTabBar::tab {
    background: transparent; color: $text2; border: none; border-bottom: 3px solid transparent;
    padding: 0 16px; min-height: ${control}px;
}
QTabBar::tab:selected { color: $text; border-bottom: 3px solid $ink; }
QTabBar::tab:disabled { color: $textDisabled; }
QSplitter::handle { background: $hairline; }
"""

_SCROLL_BARS = """
QAbstractScrollArea { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[panel="scroll"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 14px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 14px; margin: 0; }

QScrollBar::handle:vertical {
    background: $border; min-height: 48px; border-radius: 3px; margin: 2px 4px;
}
QScrollBar::handle:horizontal {
    background: $border; min-width: 48px; border-radius: 3px; margin: 4px 2px;
}
QScrollBar::handle:pressed { background: $text2; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
"""

_POPUPS = """
QToolTip {
    background: $raised; color: $text; border: 1px solid $border; padding: 6px 10px;
}
QMenu {
    background: $raised; color: $text; border: 1px solid $border;
    border-radius: ${radius_control}px; padding: 4px;
}
QMenu::icon { padding-left: 12px; }
QMenu::item { padding: 0 24px 0 8px; min-height: ${control_whole}px; border-radius: ${radius_chip}px; }
QMenu::item:selected { background: $inkSoft; color: $text; }
QMenu::item:disabled { color: $textDisabled; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
"""
