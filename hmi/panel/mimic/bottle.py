"""One bottle on the belt: outline, what is in it, cap and reject mark."""

from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from hmi.panel.mimic.line_model import ShownBottle
from hmi.panel.painting.shapes import fill_hatch
from hmi.panel.theme import Theme

WIDTH, HEIGHT, NECK, FULL = 34.0, 92.0, 11.0, 68.0
_SHOULDER, _NECK_FOOT, _RING = 60.0, 79.0, 87.0
_CORNER = 5.0
_CAP_W, _CAP_H = 17.0, 13.0
_MARK = 10.5
_REJECT_OUTLINE, _OUTLINE, _BRIM = 2.2, 1.75, 2.0


@cache
def bottle_path() -> QPainterPath:
    """The outline; (0, 0) is the middle of its foot, y up is negative."""
    half, neck = WIDTH / 2, NECK / 2
    path = QPainterPath(QPointF(-neck, -HEIGHT))
    path.lineTo(-neck, -_NECK_FOOT)
    path.cubicTo(QPointF(-neck, -72), QPointF(-half, -73), QPointF(-half, -_SHOULDER))
    path.lineTo(-half, -_CORNER)
    path.quadTo(QPointF(-half, 0), QPointF(-half + _CORNER, 0))
    path.lineTo(half - _CORNER, 0)
    path.quadTo(QPointF(half, 0), QPointF(half, -_CORNER))
    path.lineTo(half, -_SHOULDER)
    path.cubicTo(QPointF(half, -73), QPointF(neck, -72), QPointF(neck, -_NECK_FOOT))
    path.lineTo(neck, -HEIGHT)
    path.closeSubpath()
    return path


@lru_cache(maxsize=1024)
def liquid_path(top: float) -> QPainterPath:
    """What is inside the outline from its foot up to ``top`` (negative)."""
    below = QPainterPath()
    below.addRect(QRectF(-WIDTH / 2, top, WIDTH, -top))
    return bottle_path().intersected(below)


class BottleItem(QGraphicsItem):
    """A shown bottle; repaints only when it moves or something about it changes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._fill = 0.0
        self._capped = self._rejected = self._no_data = False

    def update_bottle(self, bottle: ShownBottle, x: float, y: float, *, no_data: bool) -> None:
        if (self.x(), self.y()) != (x, y):
            self.setPos(x, y)
        shown = (round(bottle.fill, 3), bottle.capped, bottle.rejected, no_data)
        if shown != (self._fill, self._capped, self._rejected, self._no_data):
            self._fill, self._capped, self._rejected, self._no_data = shown
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-WIDTH / 2 - 2, -HEIGHT - 11, WIDTH + 4, HEIGHT + 13)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = bottle_path()
        painter.fillPath(path, self.theme.color("surface" if self._no_data else "raised"))
        self._paint_liquid(painter, path)
        if self._no_data:
            fill_hatch(painter, self.theme, path)
        painter.setPen(self._pen())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        if self._capped:
            self._paint_cap(painter)
        else:
            painter.drawLine(QPointF(-NECK / 2 - 1, -_RING), QPointF(NECK / 2 + 1, -_RING))
        if self._rejected:
            self._paint_mark(painter)

    def _pen(self) -> QPen:
        if self._no_data:
            pen = self.theme.pen("bottle", 1.5)
            pen.setDashPattern([2.4, 1.8])
            return pen
        return self.theme.pen(
            "text" if self._rejected else "bottle", _REJECT_OUTLINE if self._rejected else _OUTLINE
        )

    def _paint_liquid(self, painter: QPainter, path: QPainterPath) -> None:
        if self._fill <= 0.004:
            return
        top = -min(self._fill * FULL, _RING)
        painter.fillPath(liquid_path(round(top, 1)), self.theme.color("liquid"))
        if self._no_data:
            return
        painter.save()
        painter.setClipPath(path)
        painter.setPen(self.theme.pen("liquidEdge", _BRIM))
        painter.drawLine(QPointF(-WIDTH / 2, top), QPointF(WIDTH / 2, top))
        painter.restore()

    def _paint_cap(self, painter: QPainter) -> None:
        rect = QRectF(-_CAP_W / 2, -HEIGHT - 9.5, _CAP_W, _CAP_H)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("hatch" if self._no_data else "equipLine"))
        painter.drawRoundedRect(rect, 2.5, 2.5)
        painter.setPen(self.theme.pen("equipShade", 1))
        for x in (-4.0, 0.0, 4.0):
            painter.drawLine(QPointF(x, rect.top() + 3), QPointF(x, rect.bottom() - 3))

    def _paint_mark(self, painter: QPainter) -> None:
        centre = QPointF(0, -HEIGHT * 0.36)
        painter.setPen(self.theme.pen("text", 1.75))
        painter.setBrush(self.theme.brush("surface"))
        painter.drawEllipse(centre, _MARK - 1, _MARK - 1)
        for sign in (-1, 1):
            painter.drawLine(centre + QPointF(-3.5, -3.5 * sign), centre + QPointF(3.5, 3.5 * sign))
