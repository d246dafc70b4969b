"""The line from end to end; each station is touched to go to its machine."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.line_data import LineData
from hmi.panel.overview.station_drawings import (
    DRAWING_HEIGHT,
    paint_belt,
    paint_bottle,
    paint_station,
)
from hmi.panel.overview.stations import Station, StationLook
from hmi.panel.painting.glyphs import paint_clock, paint_state_glyph
from hmi.panel.painting.shapes import CENTER, half_pixel, rounded

_BELT, _CAPTION = 10.0, 44.0
_TOP = 4.0
_MOST_SCALE = 1.5
_FULL = 0.66
_BOTTLE_PITCH, _MOST_BOTTLES = 32.0, 5
_HALF_WIDTHS = {
    Station.INFEED: 44.0,
    Station.FILLER: 14.0,
    Station.CAPPER: 14.0,
    Station.CHECK: 38.0,
    Station.OUTFEED: 42.0,
}
"""What of the belt a station takes to each side of its middle."""


class Panorama(QWidget):
    """Repaints when something about the line is another; nothing here moves by itself."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._data = data
        self._looks: Sequence[StationLook] = ()
        self._level: float | None = None
        self.setMinimumSize(480, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.areas = {station: StationArea(context, self) for station in Station}
        for area in self.areas.values():
            area.clicked.connect(self._on_station)
        data.changed.connect(self._on_changed)
        context.bridge.second.connect(self._on_changed)
        context.theme_changed.connect(self.update)
        self._on_changed()

    def sizeHint(self) -> QSize:
        return QSize(880, 124)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        pitch = self.width() / len(Station)
        for number, area in enumerate(self.areas.values()):
            area.setGeometry(round(number * pitch) + 4, 0, round(pitch) - 8, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._looks:
            return
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        belt_y = self.height() - _CAPTION - _BELT
        lost = any(look.lost for look in self._looks)
        scale = min(_MOST_SCALE, max(0.5, (belt_y - _TOP) / DRAWING_HEIGHT))
        painter.save()
        painter.translate(0, belt_y)
        painter.scale(scale, scale)
        self._paint_bottles(painter, self.width() / scale, lost=lost)
        pitch = self.width() / scale / len(Station)
        for number, look in enumerate(self._looks):
            painter.save()
            painter.translate((number + 0.5) * pitch, 0)
            paint_station(painter, theme, look, self._level)
            painter.restore()
        painter.restore()
        running = any(look.running for look in self._looks)
        belt = QRectF(1, belt_y, self.width() - 2, _BELT)
        paint_belt(painter, theme, belt, running=running, lost=lost)
        for number, look in enumerate(self._looks):
            self._paint_caption(painter, number, look)
        painter.end()

    def _paint_bottles(self, painter: QPainter, width: float, *, lost: bool) -> None:
        """Empty before the filler, full after it, capped after the capper."""
        theme, stations = self._context.theme, list(Station)
        pitch = width / len(stations)
        for number, station in enumerate(stations):
            middle = (number + 0.5) * pitch
            if station not in (Station.INFEED, Station.OUTFEED):
                fill = _FULL / 2 if station is Station.FILLER else _FULL
                paint_bottle(painter, theme, middle, fill, capped=station is Station.CHECK, lost=lost)
            if number + 1 == len(stations):
                break
            left = middle + _HALF_WIDTHS[station]
            room = middle + pitch - _HALF_WIDTHS[stations[number + 1]] - left
            count = max(1, min(_MOST_BOTTLES, int(room // _BOTTLE_PITCH)))
            for place in range(count):
                x = left + (place + 0.5) * room / count
                fill = 0.0 if station is Station.INFEED else _FULL
                capped = station in (Station.CAPPER, Station.CHECK)
                paint_bottle(painter, theme, x, fill, capped=capped, lost=lost)

    def _paint_caption(self, painter: QPainter, number: int, look: StationLook) -> None:
        theme, pitch = self._context.theme, self.width() / len(Station)
        top = self.height() - _CAPTION + 2
        painter.setFont(theme.font("bodyStrong"))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(number * pitch, top, pitch, 20), CENTER, look.name)
        font = theme.font("body")
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(look.text, Qt.TextElideMode.ElideRight, pitch - 30)
        total = 22 + metrics.horizontalAdvance(text)
        left = (number + 0.5) * pitch - total / 2
        center = QPointF(left + 7, top + 31)
        if look.lost:
            paint_clock(painter, theme, center, 7)
        else:
            paint_state_glyph(painter, theme, center, look.glyph, 12, "text2")
        painter.setFont(font)
        painter.setPen(theme.color("text2"))
        painter.drawText(QRectF(left + 20, top + 21, total, 20), Qt.AlignmentFlag.AlignVCenter, text)

    def _on_changed(self) -> None:
        if self._looks and not self.isVisible():
            return
        looks, level = self._data.stations(), self._data.level_fraction()
        if looks == self._looks and level == self._level:
            return
        self._looks, self._level = looks, level
        for look in looks:
            self.areas[look.station].setAccessibleName(f"{look.name}, {look.text}")
        self.update()

    def _on_station(self) -> None:
        self._context.navigate.emit("filler", self._data.line.connection)


class StationArea(QAbstractButton):
    """What is touched; the panorama below draws."""

    def __init__(self, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isDown():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._context.theme.pen("border"))
        painter.drawPath(rounded(half_pixel(QRectF(self.rect())), 8))
        painter.end()
