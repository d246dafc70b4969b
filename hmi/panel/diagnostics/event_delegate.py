"""Paints the cells of the event log."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.events import Event, Severity
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controllers_model import ROW_ROLE, AnyIndex
from hmi.panel.diagnostics.events_model import EventColumn
from hmi.panel.diagnostics.table import FIRST_PAD, PAD
from hmi.panel.painting.shapes import draw_text, polygon
from hmi.panel.theme import Theme

_TONES = {EventColumn.TIME: "text2", EventColumn.SOURCE: "text", EventColumn.TEXT: "text"}


class EventDelegate(QStyledItemDelegate):
    """Severity by form, never by alarm colours: dot, triangle outline, filled triangle."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(80, self._context.density.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, event = self._context.theme, index.data(ROW_ROLE)
        cell = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, theme.color("inkSoft"))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), theme.color("hairline"))
        column = EventColumn(index.column())
        if column is EventColumn.SEVERITY:
            paint_severity(painter, theme, cell.center(), event)
        else:
            inner = cell.adjusted(FIRST_PAD if column is EventColumn.TIME else PAD, 0, -PAD, -1)
            painter.setPen(theme.color(_TONES[column]))
            role = "bodyStrong" if column is EventColumn.SOURCE else "body"
            draw_text(painter, inner, str(index.data(Qt.ItemDataRole.DisplayRole)), theme.font(role))
        painter.restore()


def paint_severity(painter: QPainter, theme: Theme, center: QPointF, event: Event) -> None:
    if event.severity is Severity.INFO:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("text3"))
        painter.drawEllipse(center, 3.0, 3.0)
        return
    painter.setPen(theme.pen("text", 1.5))
    filled = event.severity is Severity.ERROR
    painter.setBrush(theme.brush("text") if filled else Qt.BrushStyle.NoBrush)
    x, y = center.x(), center.y()
    painter.drawPolygon(polygon((x, y - 6), (x + 6.5, y + 5.5), (x - 6.5, y + 5.5)))
