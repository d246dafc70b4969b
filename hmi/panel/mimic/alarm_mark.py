"""An alarm bit of the controller at its place: the shape of its priority while it is on, else nothing."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.alarm_shapes import AlarmShapeState, paint_alarm_shape

_SIZE, _GAP = 22.0, 5.0
_LOWEST = 4


class AlarmMarkItem(SymbolItem):
    """Roles: ``on``. ``label``: left, right or none; the name stands beside the shape."""

    TEXT = True

    @property
    def active(self) -> bool:
        return bool(self.is_on("on"))

    def extent(self) -> QRectF:
        return QRectF(0, 0, _SIZE, _SIZE).united(self._label_rect())

    def shape(self) -> QPainterPath:
        return super().shape() if self.active else QPainterPath()

    def paint_symbol(self, painter: QPainter) -> None:
        if not self.active:
            return
        priority = self.looks["on"].priority or _LOWEST
        centre = QPointF(_SIZE / 2, _SIZE / 2)
        paint_alarm_shape(painter, self.theme, centre, priority, AlarmShapeState.ACKED, _SIZE)
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("text"))
        painter.drawText(self._label_rect(), Qt.AlignmentFlag.AlignCenter, self._label())

    def paint_status(self, painter: QPainter) -> None:
        """A bit that is not known is not drawn: what it belongs to says so."""

    def _label(self) -> str:
        return "" if self.definition.word("label", "none") == "none" else self.definition.text

    def _label_rect(self) -> QRectF:
        label = self._label()
        if not label:
            return QRectF(0, 0, _SIZE, _SIZE)
        width = QFontMetricsF(self.theme.font("label")).horizontalAdvance(label) + 2
        left = -_GAP - width if self.definition.word("label") == "left" else _SIZE + _GAP
        return QRectF(left, 0, width, _SIZE)
