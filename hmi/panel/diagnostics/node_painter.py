"""Paints the lines of the Sparkplug tree, each as a whole."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath

from engine.nodes import NodeState
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.node_item import Item, Kind
from hmi.panel.diagnostics.node_text import metric_look
from hmi.panel.diagnostics.nodes_model import NodeColumn
from hmi.panel.diagnostics.table import FIRST_PAD, PAD
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.glyphs import paint_clock, paint_quality_glyph
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, fill_hatch
from hmi.panel.value_look import LookKind

INDENT = 16.0
CHEVRON = 16.0
_ICON, _ICON_GAP = 16, 8
_DEATH_PRIORITY = 4
"""A node that died is of the lowest priority: the alarms of its tags have their own."""
_KIND_ICONS = {Kind.GROUP: "share-2", Kind.NODE: "controller", Kind.DEVICE: "bottle"}
_OWN_ICON = "house"
_RIGHT = (NodeColumn.BD_SEQ, NodeColumn.SEQ, NodeColumn.METRICS, NodeColumn.AGE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to paint: its cells by column (those that are shown), texts by column."""

    item: Item
    cells: dict[NodeColumn, QRectF]
    texts: dict[NodeColumn, str]
    selected: bool
    expanded: bool
    old: bool


def chevron_zone(item: Item) -> float:
    """Where the chevron's touch zone ends, from the left edge of the line."""
    return FIRST_PAD + item.kind * INDENT + CHEVRON + _ICON_GAP / 2


class NodePainter:
    """Fonts and pixmaps are kept; nothing here is a widget."""

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._fonts: dict[str, QFont] = {}
        self._dpr = 1.0

    def paint(self, painter: QPainter, rect: QRectF, line: Line) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._dpr = painter.device().devicePixelRatioF()
        self._paint_ground(painter, rect, line)
        self._paint_name(painter, line)
        self._paint_state(painter, line)
        for column in _RIGHT:
            if column in line.cells and line.texts[column]:
                self._paint_figure(painter, line, column)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRectF, line: Line) -> None:
        theme = self._context.theme
        if line.selected:
            painter.fillRect(rect, theme.color("inkSoft"))
        elif line.old:
            painter.fillRect(rect, theme.color("raised"))
        if line.old:
            path = QPainterPath()
            path.addRect(rect)
            painter.setBrushOrigin(0, 0)
            fill_hatch(painter, theme, path, 0.28)
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.color("hairline"))

    def _paint_name(self, painter: QPainter, line: Line) -> None:
        item, cell = line.item, line.cells[NodeColumn.NAME]
        painter.save()
        painter.setClipRect(cell)
        x = cell.left() + FIRST_PAD + item.kind * INDENT
        if item.expandable:
            icon = "chevron-down" if line.expanded else "chevron-right"
            self._icon(painter, icon, QPointF(x, cell.center().y()), "text2")
        x += CHEVRON + _ICON_GAP
        if item.kind in _KIND_ICONS:
            own = item.kind is Kind.NODE and item.node is not None and item.node.own
            icon = _OWN_ICON if own else _KIND_ICONS[item.kind]
            self._icon(painter, icon, QPointF(x, cell.center().y()), "text2")
            x += _ICON + _ICON_GAP
        right = cell.right() - PAD / 2
        role = "bodyStrong" if item.kind in (Kind.GROUP, Kind.NODE) else "body"
        place = QRectF(x, cell.top(), right - x, cell.height())
        self._text(painter, place, item.name, role, _name_tone(line))
        painter.restore()

    def _paint_state(self, painter: QPainter, line: Line) -> None:
        if NodeColumn.STATE not in line.cells:
            return
        cell = line.cells[NodeColumn.STATE].adjusted(PAD, 0, -PAD / 2, -1)
        if line.item.kind is Kind.METRIC:
            self._paint_quality(painter, line, cell)
            return
        if line.item.node is None:
            self._text(painter, cell, line.texts[NodeColumn.STATE], "body", "text2")
            return
        middle = QPointF(cell.left() + _ICON / 2, cell.center().y())
        died = self._paint_state_sign(painter, line, middle)
        role, tone = ("bodyStrong", "text") if died else ("body", "text2")
        words = cell.adjusted(_ICON + _ICON_GAP, 0, 0, 0)
        self._text(painter, words, line.texts[NodeColumn.STATE], role, tone)

    def _paint_state_sign(self, painter: QPainter, line: Line, middle: QPointF) -> bool:
        """A tick, a clock, an alarm's shape for what died itself; True in that case."""
        item = line.item
        assert item.node is not None
        theme = self._context.theme
        below_dead = item.device is not None and item.node.state is NodeState.OFFLINE
        state = item.device.state if item.device is not None else item.node.state
        if below_dead:
            paint_clock(painter, theme, middle, 8)
        elif state is NodeState.OFFLINE:
            paint_alarm_shape(painter, theme, middle, _DEATH_PRIORITY, size=16)
            return True
        elif line.old:
            paint_clock(painter, theme, middle, 8)
        elif item.device is None and item.node.rebirth_pending:
            self._icon(painter, "refresh-cw", middle - QPointF(_ICON / 2, 0), "text")
        elif state is NodeState.UNBORN:
            paint_quality_glyph(painter, theme, middle, LookKind.UNCERTAIN, 16)
        else:
            self._icon(painter, "check", middle - QPointF(_ICON / 2, 0), "text2")
        return False

    def _paint_quality(self, painter: QPainter, line: Line, cell: QRectF) -> None:
        look = LookKind.STALE if line.old else metric_look(line.item)
        if look is not LookKind.GOOD:
            middle = QPointF(cell.left() + _ICON / 2, cell.center().y())
            paint_quality_glyph(painter, self._context.theme, middle, look, 16)
            cell = cell.adjusted(_ICON + _ICON_GAP, 0, 0, 0)
        room = self._value_room(line)
        if room is not None:
            cell.setRight(room)
        self._text(painter, cell, line.texts[NodeColumn.STATE], "body", "text2")

    def _value_room(self, line: Line) -> float | None:
        """Where the value begins, if it is so long that it reaches into the State column."""
        cell = line.cells.get(NodeColumn.METRICS)
        state = line.cells.get(NodeColumn.STATE)
        if cell is None or state is None:
            return None
        width = self._width(line.texts[NodeColumn.METRICS], "bodyStrong")
        longest = cell.right() - PAD - (state.left() + state.width() * 0.75)
        return cell.right() - PAD - min(width, longest) - PAD

    def _paint_figure(self, painter: QPainter, line: Line, column: NodeColumn) -> None:
        cell, item = line.cells[column].adjusted(0, 0, -PAD, -1), line.item
        role, tone = "body", "textDisabled" if line.old else "text2"
        if column is NodeColumn.METRICS and item.metric is not None:
            look = LookKind.STALE if line.old else metric_look(item)
            role, tone = ("bodyStrong", "text") if look.live else ("body", "textDisabled")
            room = self._value_room(line)
            cell.setLeft(min(cell.left(), room + PAD) if room is not None else cell.left())
        elif column is NodeColumn.METRICS and not line.old and "/" in line.texts[column]:
            role, tone = "bodyStrong", "text"
        elif column is NodeColumn.AGE:
            cell.setRight(cell.right() - PAD / 2)
        self._text(painter, cell, line.texts[column], role, tone, right=True)

    def _icon(self, painter: QPainter, name: str, left: QPointF, tone: str) -> None:
        color: QColor = self._context.theme.color(tone)
        pixmap = icon_pixmap(name, color, _ICON, self._dpr)
        painter.drawPixmap(round(left.x()), round(left.y() - _ICON / 2), pixmap)

    def _font(self, role: str) -> QFont:
        if role not in self._fonts:
            self._fonts[role] = self._context.theme.font(role)
        return self._fonts[role]

    def _width(self, text: str, role: str) -> float:
        return QFontMetricsF(self._font(role)).horizontalAdvance(text)

    def _text(
        self, painter: QPainter, rect: QRectF, text: str, role: str, tone: str, *, right: bool = False
    ) -> None:
        painter.setPen(self._context.theme.color(tone))
        draw_text(painter, rect, text, self._font(role), RIGHT if right else LEFT)


def _name_tone(line: Line) -> str:
    if line.old:
        return "textDisabled" if line.item.kind is Kind.METRIC else "text2"
    return "text"
