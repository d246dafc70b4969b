"""What surrounds a curve, painted in pixels: ground with band, grid, limits and gaps; legend; marks."""

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from hmi.panel.display import display_unit, format_limit
from hmi.panel.theme import Theme
from hmi.panel.trends.window import TimeWindow

if TYPE_CHECKING:
    from hmi.panel.trends.lane import Lane

MARKS_WIDTH = 60
_SHOWN_LIMITS = ("H", "L")
_MARK_GAP = 15


class LaneBack(pg.GraphicsObject):  # type: ignore[misc]
    """Behind the curve; covers its view box."""

    def __init__(self, lane: "Lane") -> None:
        super().__init__()
        self._lane = lane
        self.setZValue(-100)

    def boundingRect(self) -> QRectF:
        return QRectF(self._lane.box.rect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        lane, rect = self._lane, self.boundingRect()
        theme = lane.theme
        painter.fillRect(rect, theme.color("plot"))
        if lane.definition.normal is not None and not lane.is_bit:
            low, high = (lane.y_of(edge, rect) for edge in lane.definition.normal)
            band = theme.color("bandNormal")
            band.setAlphaF(0.38)
            painter.fillRect(QRectF(rect.left(), high, rect.width(), low - high).intersected(rect), band)
        painter.setPen(theme.pen("gridline"))
        for tick in lane.ticks:
            x = round(x_of(tick.time_us, lane.window, rect)) + 0.5
            painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
        self._paint_gaps(painter, rect)
        self._paint_limits(painter, rect)

    def _paint_gaps(self, painter: QPainter, rect: QRectF) -> None:
        theme, window = self._lane.theme, self._lane.window
        hatch = theme.hatch()
        for start_us, end_us in self._lane.gaps:
            left = max(rect.left(), x_of(start_us, window, rect))
            right = min(rect.right(), x_of(end_us, window, rect))
            if right < rect.left() or left > rect.right():
                continue
            stretch = QRectF(left, rect.top(), max(right - left, 1.5), rect.height())
            painter.fillRect(stretch, theme.color("sunken"))
            painter.fillRect(stretch, hatch)

    def _paint_limits(self, painter: QPainter, rect: QRectF) -> None:
        limits = self._lane.limits
        if limits is None:
            return
        pen = QPen(self._lane.theme.color("text3"), 1)
        pen.setDashPattern([2, 3])
        painter.setPen(pen)
        for name, value in limits.marks():
            y = round(self._lane.y_of(value, rect)) + 0.5
            if name in _SHOWN_LIMITS and rect.top() <= y <= rect.bottom():
                painter.drawLine(QLineF(rect.left(), y, rect.right(), y))


class LaneLegend(pg.GraphicsObject):  # type: ignore[misc]
    """Name, value now and unit, at the foot of the lane on a plate of its own."""

    _LEFT, _HEIGHT = 8.0, 24.0

    def __init__(self, lane: "Lane") -> None:
        super().__init__()
        self._lane = lane
        self.setZValue(100)

    def boundingRect(self) -> QRectF:
        return QRectF(self._lane.box.rect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        lane, rect = self._lane, self.boundingRect()
        theme = lane.theme
        font, strong = theme.font("label"), strong_label(theme)
        unit = display_unit(lane.definition.unit)
        parts = [
            (lane.name, strong, "text"),
            (lane.value_text, strong, self._value_tone()),
            (unit, font, "text2"),
        ]
        gaps = (12.0, 4.0, 8.0)
        widths = [QFontMetricsF(f).horizontalAdvance(text) for text, f, _ in parts]
        width = 28 + sum(widths) + sum(gaps)
        top = rect.top() + 4 if lane.legend_on_top else rect.bottom() - self._HEIGHT - 4
        plate = QRectF(rect.left() + self._LEFT, top, width, self._HEIGHT)
        ground = theme.color("plot")
        ground.setAlphaF(0.88)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 4, 4)
        middle = plate.center().y()
        painter.setPen(theme.pen(lane.pen.color, 3))
        painter.drawLine(QPointF(plate.left() + 8, middle), QPointF(plate.left() + 20, middle))
        x = plate.left() + 28
        for (text, part_font, tone), part_width, gap in zip(parts, widths, gaps, strict=True):
            painter.setFont(part_font)
            painter.setPen(theme.color(tone))
            box = QRectF(x, plate.top(), part_width + 2, plate.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
            x += part_width + gap

    def _value_tone(self) -> str:
        return "text" if self._lane.value_live else "textDisabled"


class LaneMarks(pg.GraphicsWidget):  # type: ignore[misc]
    """Right of the lane: its limits, or the ends of its scale where it has none."""

    def __init__(self, lane: "Lane") -> None:
        super().__init__()
        self._lane = lane
        self.setFixedWidth(MARKS_WIDTH)

    def paint(self, painter: QPainter, *_: Any) -> None:
        lane, rect = self._lane, self.rect()
        painter.setFont(lane.theme.font("micro"))
        placed: list[float] = []
        for text, value, tone in self._texts():
            y = lane.y_of(value, rect)
            y = min(rect.bottom() - 7, max(rect.top() + 7, y))
            if any(abs(y - other) < _MARK_GAP for other in placed):
                continue
            placed.append(y)
            painter.setPen(lane.theme.color(tone))
            box = QRectF(rect.left() + 8, y - 8, rect.width() - 8, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _texts(self) -> list[tuple[str, float, str]]:
        lane = self._lane
        if lane.is_bit:
            return [(self.tr("On"), 1.0, "text2"), (self.tr("Off"), 0.0, "text2")]
        marks = lane.limits.marks() if lane.limits else ()
        shown = [(f"{n} {format_limit(v)}", v, "text2") for n, v in marks if n in _SHOWN_LIMITS]
        if shown:
            return shown
        low, high = lane.range
        if low < 0 < high and -low < 0.2 * high:
            low = 0.0  # the end of the scale is only the margin under zero
        return [(_round_text(value, high - low), value, "text3") for value in (high, low)]


def strong_label(theme: Theme) -> QFont:
    """The label's size in semi-bold: names and values in a lane."""
    font = theme.font("label")
    font.setWeight(QFont.Weight.DemiBold)
    return font


def x_of(time_us: int, window: TimeWindow, rect: QRectF) -> float:
    """Pixels from the time."""
    return rect.left() + (time_us - window.start_us) / window.span_us * rect.width()


def _round_text(value: float, span: float) -> str:
    decimals = 0 if span >= 20 else 1 if span >= 2 else 2
    return format_limit(round(value, decimals))
