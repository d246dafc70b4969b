"""Paints the cells of the list of messages."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.nodes import SeenMessage
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controllers_model import ROW_ROLE, AnyIndex
from hmi.panel.diagnostics.messages_model import MessageColumn
from hmi.panel.diagnostics.table import FIRST_PAD, PAD
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text

_TWO_LINES_FROM = 52
_ICON = 16


class MessageDelegate(QStyledItemDelegate):
    """A topic is shortened at its beginning: what tells messages apart stands at its end."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._fonts: dict[str, QFont] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(80, self._context.density.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, message = self._context.theme, index.data(ROW_ROLE)
        cell, column = QRectF(option.rect), MessageColumn(index.column())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, theme.color("inkSoft"))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), theme.color("hairline"))
        inner = cell.adjusted(FIRST_PAD if column is MessageColumn.TIME else PAD, 0, -PAD, -1)
        if column is MessageColumn.TOPIC:
            self._paint_topic(painter, inner, message)
        else:
            painter.setPen(theme.color("text2"))
            flags = LEFT if column is MessageColumn.TIME else RIGHT
            text = str(index.data(Qt.ItemDataRole.DisplayRole))
            draw_text(painter, inner, text, self._font("body"), flags)
        painter.restore()

    def _paint_topic(self, painter: QPainter, rect: QRectF, message: SeenMessage) -> None:
        theme = self._context.theme
        if message.error:
            place = QRectF(rect.left(), rect.center().y() - _ICON / 2, _ICON, _ICON)
            dpr = painter.device().devicePixelRatioF()
            pixmap = icon_pixmap("circle-x", theme.color("text"), _ICON, dpr)
            painter.drawPixmap(place.topLeft(), pixmap)
            rect = rect.adjusted(_ICON + PAD, 0, 0, 0)
        font = self._font("bodyStrong" if message.error else "body")
        painter.setPen(theme.color("text"))
        below = bool(message.error) and rect.height() >= _TWO_LINES_FROM
        line = rect.adjusted(0, 6, 0, -rect.height() / 2) if below else rect
        _draw_end(painter, line, message.topic, font)
        if below:
            painter.setPen(theme.color("text2"))
            under = rect.adjusted(0, rect.height() / 2, 0, -6)
            draw_text(painter, under, message.error, self._font("label"))

    def _font(self, role: str) -> QFont:
        if role not in self._fonts:
            self._fonts[role] = self._context.theme.font(role)
        return self._fonts[role]


def _draw_end(painter: QPainter, rect: QRectF, text: str, font: QFont) -> None:
    painter.setFont(font)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideLeft, rect.width() + 1)
    painter.drawText(rect, LEFT, shown)
