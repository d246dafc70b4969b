"""Paints the lines of the tree of tags, each as a whole."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.table import FIRST_PAD, PAD
from hmi.panel.discovery.tag_item import TagItem
from hmi.panel.discovery.tag_model import QT_CHECK
from hmi.panel.discovery.tag_text import TagColumn
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text
from hmi.panel.widgets.check_box import BOX, paint_box

INDENT = 20.0
_CHEVRON, _GAP = 16.0, 10.0
_TOUCH = 48.0


@dataclass(frozen=True, slots=True)
class TagLine:
    """One line to paint: its cells by column (those that are shown), texts by column."""

    item: TagItem
    cells: dict[TagColumn, QRectF]
    texts: dict[TagColumn, str]
    selected: bool
    expanded: bool


def box_zone(item: TagItem) -> tuple[float, float]:
    """Where the touch zone of the box begins and ends; left of it lies the chevron's."""
    left = FIRST_PAD + item.depth * INDENT + _CHEVRON + _GAP / 2
    return left, left + _TOUCH


class TagPainter:
    """Fonts are kept; nothing here is a widget."""

    def __init__(self, context: PanelContext, owner: QWidget) -> None:
        self._context = context
        self._owner = owner
        self._fonts: dict[str, QFont] = {}

    def paint(self, painter: QPainter, rect: QRectF, line: TagLine) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._context.theme
        if line.selected:
            painter.fillRect(rect, theme.color("inkSoft"))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.color("hairline"))
        self._paint_name(painter, line)
        for column, cell in line.cells.items():
            if column is not TagColumn.NAME and line.texts[column]:
                self._paint_cell(painter, cell.adjusted(PAD, 0, -PAD, -1), line, column)
        painter.restore()

    def _paint_name(self, painter: QPainter, line: TagLine) -> None:
        item, cell = line.item, line.cells[TagColumn.NAME]
        painter.save()
        painter.setClipRect(cell)
        x = cell.left() + FIRST_PAD + item.depth * INDENT
        middle = cell.center().y()
        if item.expandable:
            self._icon(painter, "chevron-down" if line.expanded else "chevron-right", x, middle, "text2")
        x += _CHEVRON + _GAP
        if item.folder or item.node.selectable:
            box = QRectF(x, middle - BOX / 2, BOX, BOX)
            paint_box(painter, self._context.theme, box, QT_CHECK[item.check], self._owner)
        x += BOX + _GAP
        place = QRectF(x, cell.top(), cell.right() - PAD / 2 - x, cell.height())
        strong = item.folder or item.chosen
        self._text(painter, place, item.node.name, "bodyStrong" if strong else "body", _tone(item))
        painter.restore()

    def _paint_cell(self, painter: QPainter, cell: QRectF, line: TagLine, column: TagColumn) -> None:
        item, text = line.item, line.texts[column]
        if column is TagColumn.VALUE:
            failed = item.preview is not None and bool(item.preview.error)
            tone = "textDisabled" if failed else "text"
            self._text(painter, cell, text, "body" if failed else "bodyStrong", tone, right=True)
            return
        if column is TagColumn.ADDRESS:
            font, middle = self._font("body"), Qt.TextElideMode.ElideMiddle
            text = QFontMetricsF(font).elidedText(text, middle, cell.width())
        tone = "text2" if item.folder or item.node.selectable else "textDisabled"
        self._text(painter, cell, text, "label" if column is TagColumn.DESCRIPTION else "body", tone)

    def _icon(self, painter: QPainter, name: str, left: float, middle: float, tone: str) -> None:
        color = self._context.theme.color(tone)
        pixmap = icon_pixmap(name, color, 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(round(left), round(middle - 8)), pixmap)

    def _text(
        self, painter: QPainter, rect: QRectF, text: str, role: str, tone: str, *, right: bool = False
    ) -> None:
        painter.setPen(self._context.theme.color(tone))
        draw_text(painter, rect, text, self._font(role), RIGHT if right else LEFT)

    def _font(self, role: str) -> QFont:
        if role not in self._fonts:
            self._fonts[role] = self._context.theme.font(role)
        return self._fonts[role]


def _tone(item: TagItem) -> str:
    """Grey for what cannot be added."""
    usable = item.folder or (item.node.selectable and not item.present)
    return "text" if usable or item.chosen else "textDisabled"
