"""The alarm bits of a line that are on: one shape per priority, with how many where it is more than one."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.shapes import LEFT

_SIZE, _GAP, _BEFORE_COUNT = 22, 8, 4


class AlarmCounts(QWidget):
    """Nothing while no bit is on. The shapes have no halo: nobody can acknowledge a controller's bit here."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._counts: tuple[tuple[int, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(0, _SIZE + 4)
        context.theme_changed.connect(self.update)

    def show_bits(self, bits: Sequence[AlarmBit]) -> None:
        counts = tuple(sorted(Counter(bit.priority for bit in bits).items()))
        if counts != self._counts:
            self._counts = counts
            self.setFixedWidth(round(sum(self._width(count) for _, count in counts)))
            self.update()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, x = self._context.theme, QPainter(self), 0.0
        middle = self.height() / 2
        for priority, count in self._counts:
            center = QPointF(x + _GAP + _SIZE / 2, middle)
            paint_alarm_shape(painter, theme, center, priority, size=_SIZE)
            if count > 1:
                painter.setFont(theme.font("bodyStrong"))
                painter.setPen(theme.color("text"))
                place = QRectF(x + _GAP + _SIZE + _BEFORE_COUNT, 0, self._count_width(count), self.height())
                painter.drawText(place, LEFT, str(count))
            x += self._width(count)
        painter.end()

    def _width(self, count: int) -> float:
        more = _BEFORE_COUNT + self._count_width(count) if count > 1 else 0.0
        return _GAP + _SIZE + more

    def _count_width(self, count: int) -> float:
        return QFontMetricsF(self._context.theme.font("bodyStrong")).horizontalAdvance(str(count)) + 1
