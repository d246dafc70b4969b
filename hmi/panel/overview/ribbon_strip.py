"""The states of a line over the last hours as a low band without an axis, for cards."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.painting.ribbons import RIBBON_LOW, paint_ribbon
from hmi.panel.painting.shapes import LEFT, draw_text


class RibbonStrip(QWidget):
    """While the history is read nothing is claimed of the past; when that takes long, it says so."""

    def __init__(self, context: PanelContext, data: LineData) -> None:
        super().__init__()
        self._context = context
        self._data = data
        self.setFixedHeight(RIBBON_LOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Machine states of the last {0} h").format(WINDOW_H))
        data.timeline_changed.connect(self.update)
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        band = QRectF(self.rect())
        now_us = self._context.engine.clock.utc_us()
        start_us = now_us - WINDOW_H * 3_600_000_000
        if not self._data.loading:
            paint_ribbon(painter, theme, band, self._data.segments, start_us, now_us)
        elif self._data.slow:
            painter.fillRect(band, theme.color("bandOut"))
            painter.setPen(theme.color("text2"))
            reading = self.tr("Reading the last {0} h").format(WINDOW_H)
            draw_text(painter, band.adjusted(8, 0, -8, 0), reading, theme.font("label"), LEFT)
        painter.end()
