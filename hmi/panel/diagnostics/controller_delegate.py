"""Paints the cells of the controllers' table."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from engine.connections import CircuitState, ConnectionState
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.contact import CONTACT_W, paint_contact
from hmi.panel.diagnostics.controller_row import ControllerRow
from hmi.panel.diagnostics.controllers_model import ROW_ROLE, AnyIndex, Column
from hmi.panel.diagnostics.table import FIRST_PAD, PAD
from hmi.panel.display import format_number
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.bars import BarMarks, paint_h_bar
from hmi.panel.painting.glyphs import paint_clock
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, fill_hatch, rounded, wrapped_lines
from hmi.panel.value_look import LookKind

_ICONS = {
    ConnectionState.CONNECTED: "check",
    ConnectionState.DISCONNECTED: "unlink",
    ConnectionState.CONNECTING: "refresh-cw",
    ConnectionState.STOPPED: "square",
    ConnectionState.DISABLED: "minus",
}
_FIGURE_W, _OF_W, _LATENCY_W = 36.0, 50.0, 36.0
_TWO_LINES_FROM = 52
_ICON, _ICON_GAP = 16, 8
_STATE_H, _CAUSE_H = 20.0, 16.0
_CAUSE_COLUMNS = (Column.STATE, Column.SCAN, Column.LATENCY)
_BAR = 8.0
_MIN_SPARK_SPAN_MS = 4.0


class ControllerDelegate(QStyledItemDelegate):
    """One painter for all columns; nothing here is a widget, so a hundred rows cost no more than shown."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._fonts: dict[str, QFont] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(80, self._context.density.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row: ControllerRow = index.data(ROW_ROLE)
        column = Column(index.column())
        cell = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(cell)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, cell, row, column, selected=selected)
        left = FIRST_PAD if column is Column.CONNECTION else PAD
        inner = cell.adjusted(left, 0, -PAD, -1)
        if row.cause and column in _CAUSE_COLUMNS:
            self._paint_silent(painter, cell, index, row)
            painter.restore()
            return
        match column:
            case Column.CONNECTION:
                self._text(painter, inner, row.name, "bodyStrong")
            case Column.STATE:
                self._paint_state(painter, inner, row)
            case Column.SCAN:
                self._paint_scan(painter, inner, row)
            case Column.LATENCY:
                self._paint_latency(painter, inner, row)
            case Column.CIRCUIT:
                self._paint_circuit(painter, inner, row)
            case Column.TAGS:
                self._paint_tags(painter, inner, row)
            case Column.RETRIES | Column.TIMEOUTS:
                text = index.data(Qt.ItemDataRole.DisplayRole)
                strong = text != "0"
                self._text(
                    painter, inner, text, "bodyStrong" if strong else "body", "text" if strong else "text2"
                )
            case _:
                self._text(painter, inner, index.data(Qt.ItemDataRole.DisplayRole), "body", "text2")
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, cell: QRectF, row: ControllerRow, column: Column, *, selected: bool
    ) -> None:
        theme = self._context.theme
        if selected:
            painter.fillRect(cell, theme.color("inkSoft"))
        elif row.lost:
            painter.fillRect(cell, theme.color("raised"))
        if row.lost:
            hatched = QPainterPath()
            hatched.addRect(cell)
            # The pattern starts at the table's corner, so that it runs on from cell to cell.
            painter.setBrushOrigin(0, 0)
            fill_hatch(painter, theme, hatched, 0.28)
            if column is Column.CONNECTION:
                painter.fillRect(QRectF(cell.left(), cell.top(), 4, cell.height()), theme.color("text"))
        line = QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1)
        painter.fillRect(line, theme.color("hairline"))

    def _paint_silent(self, painter: QPainter, cell: QRectF, index: AnyIndex, row: ControllerRow) -> None:
        """State and cause over all columns that have no figures now; this cell shows its part of it."""
        table = self.parent()
        assert isinstance(table, QTableView)
        shown = [c for c in _CAUSE_COLUMNS if not table.isColumnHidden(c)]
        left = cell.left() - sum(table.columnWidth(c) for c in shown if c < index.column())
        width = sum(table.columnWidth(c) for c in shown)
        rect = QRectF(left, cell.top(), width, cell.height()).adjusted(PAD, 0, -PAD, -1)
        font, beside = self._font("label"), rect.height() < _TWO_LINES_FROM
        indent: float = _ICON + _ICON_GAP
        if beside:  # a low row has its cause beside the state instead of below
            indent += QFontMetricsF(self._font("bodyStrong")).horizontalAdvance(row.state_text) + 16
        text = rect.adjusted(indent, 0, 0, 0)
        lines = wrapped_lines(row.cause, font, text.width(), 2)
        high = len(lines) * _CAUSE_H + (0 if beside else _STATE_H)
        top = rect.center().y() - high / 2
        self._paint_state_word(painter, rect, rect.center().y() if beside else top + _STATE_H / 2, row)
        top += 0 if beside else _STATE_H
        for number, line in enumerate(lines):
            place = QRectF(text.left(), top + number * _CAUSE_H, text.width(), _CAUSE_H)
            self._text(painter, place, line, "label", "text2")

    def _paint_state(self, painter: QPainter, rect: QRectF, row: ControllerRow) -> None:
        second = ""
        if row.unreadable and rect.height() >= _TWO_LINES_FROM:
            second = self.tr("{0} not readable").format(row.status.tags_total - row.status.tags_good)
        middle = rect.center().y() - (9 if second else 0)
        self._paint_state_word(painter, rect, middle, row)
        if second:
            below = QRectF(rect.left(), middle + 9, rect.width(), 20)
            self._text(painter, below.adjusted(_ICON + _ICON_GAP, 0, 0, 0), second, "label", "text2")

    def _paint_state_word(self, painter: QPainter, rect: QRectF, middle: float, row: ControllerRow) -> None:
        theme = self._context.theme
        name = "triangle-alert" if row.unreadable else _ICONS[row.status.state]
        tone = theme.color("text" if row.lost else "text2")
        pixmap = icon_pixmap(name, tone, _ICON, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(rect.left(), middle - _ICON / 2), pixmap)
        text = QRectF(rect.left(), middle - 10, rect.width(), 20).adjusted(_ICON + _ICON_GAP, 0, 0, 0)
        role = "bodyStrong" if row.lost or row.unreadable else "body"
        self._text(painter, text, row.state_text, role, "text")

    def _paint_scan(self, painter: QPainter, rect: QRectF, row: ControllerRow) -> None:
        theme = self._context.theme
        if row.by_exception:
            self._text(painter, rect, self.tr("Reports changes"), "body", "text2")
            return
        figure = QRectF(rect.left(), rect.top(), _FIGURE_W, rect.height())
        tone = "text" if row.live else "textDisabled"
        self._text(painter, figure, row.scan_text, "bodyStrong" if row.live else "body", tone, right=True)
        of = self.tr("of {0}").format(format_number(row.status.scan_ms))
        self._text(
            painter, QRectF(figure.right() + 5, rect.top() + 1, _OF_W, rect.height()), of, "label", "text3"
        )
        left = figure.right() + 5 + _OF_W + 6
        bar = QRectF(left, rect.center().y() - _BAR / 2 + 1, rect.right() - left - 4, _BAR)
        if bar.width() < 24:
            return
        value = row.status.achieved_ms if row.live else None
        marks = BarMarks(value, kind=LookKind.GOOD if row.live else LookKind.BAD)
        paint_h_bar(painter, theme, bar, row.scan_scale, marks)

    def _paint_latency(self, painter: QPainter, rect: QRectF, row: ControllerRow) -> None:
        if row.by_exception:
            return
        figure = QRectF(rect.left(), rect.top(), _LATENCY_W, rect.height())
        tone = "text" if row.live else "textDisabled"
        self._text(painter, figure, row.latency_text, "bodyStrong" if row.live else "body", tone, right=True)
        curve = QRectF(figure.right() + 8, rect.center().y() - 9, rect.right() - figure.right() - 12, 18)
        if curve.width() >= 24:
            self._paint_trace(painter, curve, row.trace)

    def _paint_trace(self, painter: QPainter, rect: QRectF, trace: tuple[float | None, ...]) -> None:
        theme = self._context.theme
        known = [point for point in trace if point is not None]
        if len(trace) < 2:
            return
        high = max([*known, _MIN_SPARK_SPAN_MS]) * 1.15
        step = rect.width() / (len(trace) - 1)
        line = QPolygonF()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, point in enumerate((*trace, None)):
            x = rect.left() + number * step
            if point is not None:
                line.append(QPointF(x, rect.bottom() - point / high * rect.height()))
            elif not line.isEmpty():
                painter.setPen(theme.pen("ink", 1.5))
                painter.drawPolyline(line)
                line = QPolygonF()
            if point is None and number < len(trace):
                gap = rounded(QRectF(x - step / 2, rect.top(), step, rect.height()).intersected(rect), 0)
                fill_hatch(painter, theme, gap)

    def _paint_circuit(self, painter: QPainter, rect: QRectF, row: ControllerRow) -> None:
        status = row.status
        if status.state is ConnectionState.DISABLED:
            self._text(painter, rect, row.circuit_text, "body", "textDisabled")
            return
        paint_contact(
            painter, self._context.theme, QPointF(rect.left(), rect.center().y() + 1), status.circuit
        )
        text = rect.adjusted(CONTACT_W + 9, 0, PAD, 0)
        closed = status.circuit is CircuitState.CLOSED
        self._text(
            painter, text, row.circuit_text, "body" if closed else "bodyStrong", "text2" if closed else "text"
        )

    def _paint_tags(self, painter: QPainter, rect: QRectF, row: ControllerRow) -> None:
        left = 0.0
        if row.lost:
            paint_clock(painter, self._context.theme, QPointF(rect.left() + 8, rect.center().y()), 8)
            left = 22.0
        strong = row.unreadable
        tone = "textDisabled" if row.lost else "text" if strong else "text2"
        self._text(
            painter, rect.adjusted(left, 0, 0, 0), row.tags_text, "bodyStrong" if strong else "body", tone
        )

    def _font(self, role: str) -> QFont:
        """Both themes have the same type, so that a font is made once."""
        if role not in self._fonts:
            self._fonts[role] = self._context.theme.font(role)
        return self._fonts[role]

    def _text(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        role: str,
        tone: str = "text",
        *,
        right: bool = False,
    ) -> None:
        painter.setPen(self._context.theme.color(tone))
        font = self._font(role)
        room = QFontMetricsF(font).horizontalAdvance(text) if right else 0.0
        shown = rect.adjusted(min(0.0, rect.width() - room), 0, 0, 0)
        draw_text(painter, shown, text, font, RIGHT if right else LEFT)
