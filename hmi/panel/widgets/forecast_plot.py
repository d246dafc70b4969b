"""The last 25 minutes of a value and, dashed, where it is going until its next limit."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.errors import EngineError
from engine.history import CancelToken, Series
from engine.model import Sample
from hmi.panel.context import PanelContext
from hmi.panel.display import format_limit, format_minute
from hmi.panel.gauge_history import BINS, BinnedHistory
from hmi.panel.limit import limit_list
from hmi.panel.painting.gauges import GaugeHistory, paint_gauge_plot
from hmi.panel.painting.shapes import CENTER, LEFT, draw_text
from hmi.panel.scale import Scale
from hmi.panel.tag_binding import TagBinding

PAST_MIN, AHEAD_MIN = 25, 20
_AXIS, _MARKS = 20.0, 34.0


class ForecastPlot(QWidget):
    """Uses the faceplate's binding; loads its own history."""

    def __init__(self, context: PanelContext, binding: TagBinding, scale: Scale) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self._scale = scale
        self._history = BinnedHistory(PAST_MIN * 60)
        self._view: GaugeHistory | None = None
        self._seen: Sample | None = None
        self._query: CancelToken | None = None
        self._note = self.tr("Reading the last {n} min").format(n=PAST_MIN)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("History of {n} minutes and forecast").format(n=PAST_MIN))
        binding.look_changed.connect(self.on_look_changed)

    def sizeHint(self) -> QSize:
        return QSize(572, 138)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._context.bridge.second.connect(self.on_second)
        self._load()

    def hideEvent(self, event: QHideEvent) -> None:
        self._context.bridge.second.disconnect(self.on_second)
        if self._query is not None:
            self._query.cancel()
        super().hideEvent(event)

    @Slot()
    def on_look_changed(self) -> None:
        state = self._binding.state
        if state is not None and state.sample is not self._seen:
            self._seen = state.sample
            self._history.add(state.sample)

    @Slot()
    def on_second(self) -> None:
        self._view = self._history.view(self._context.engine.clock.utc_us())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0, 0, self.width() - _MARKS, self.height() - _AXIS)
        share = PAST_MIN / (PAST_MIN + AHEAD_MIN)
        past = QRectF(0, 0, whole.width() * share, whole.height())
        ahead = QRectF(past.right(), 0, whole.width() - past.width(), whole.height())
        paint_gauge_plot(painter, theme, past, self._scale, self._view, live=self._binding.look.kind.live)
        paint_gauge_plot(painter, theme, ahead, self._scale, None)
        shade = theme.color("sunken")
        shade.setAlphaF(0.45)
        painter.fillRect(ahead, shade)
        self._paint_now(painter, past)
        self._paint_forecast(painter, past.right(), whole)
        self._paint_marks(painter, whole)
        self._paint_axis(painter, whole)
        painter.end()

    def _paint_now(self, painter: QPainter, past: QRectF) -> None:
        theme = self._context.theme
        painter.setPen(theme.pen("text", 1.5))
        painter.drawLine(QPointF(past.right(), 0), QPointF(past.right(), past.bottom()))
        painter.setPen(theme.color("text2"))
        micro = theme.font("micro")
        draw_text(painter, QRectF(past.right() - 32, 2, 30, 15), self.tr("Now"), micro)
        draw_text(painter, QRectF(past.right() + 6, 2, 80, 15), self.tr("Forecast"), micro)
        if self._note:
            draw_text(
                painter, QRectF(8, past.bottom() - 20, past.width(), 16), self._note, theme.font("label")
            )

    def _paint_forecast(self, painter: QPainter, now_x: float, plot: QRectF) -> None:
        going, value = self._binding.forecast, self._binding.look.value
        if going is None or value is None or not self._binding.look.kind.live:
            return
        theme = self._context.theme
        per_px = (PAST_MIN + AHEAD_MIN) / plot.width()

        def point(minutes: float) -> QPointF:
            fraction = self._scale.fraction(value + going.slope_per_min * minutes)
            return QPointF(now_x + minutes / per_px, plot.bottom() - fraction * plot.height())

        pen = theme.pen("ink", theme.number("line", "pen"))
        pen.setDashPattern([3, 2.2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(point(0), point(AHEAD_MIN))
        if going.minutes is not None and going.minutes < AHEAD_MIN:
            met = point(going.minutes)
            painter.setPen(theme.pen("ink", 1.75))
            painter.setBrush(theme.color("surface"))
            painter.drawEllipse(met, 4.5, 4.5)
            at_us = self._context.engine.clock.utc_us() + round(going.minutes * 6e7)
            painter.setPen(theme.color("text2"))
            label = QRectF(met.x() - 24, met.y() - 22 if met.y() > 30 else met.y() + 6, 48, 15)
            painter.setFont(theme.font("micro"))
            painter.drawText(label, CENTER, format_minute(at_us, self._context.zone))

    def _paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        painter.setPen(self._context.theme.color("text2"))
        placed: list[float] = []
        for limit in limit_list(self._scale.limits):
            y = plot.bottom() - self._scale.fraction(limit.value) * plot.height()
            if all(abs(y - other) >= 14 for other in placed) and limit.name in ("H", "L", "LL"):
                placed.append(y)
                rect = QRectF(plot.right() + 4, min(plot.bottom() - 10, max(0.0, y - 8)), _MARKS, 16)
                text = f"{limit.name} {format_limit(limit.value)}"
                painter.setFont(self._context.theme.font("micro"))
                painter.drawText(rect, LEFT | Qt.TextFlag.TextDontClip, text)

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        theme, step_us = self._context.theme, 600_000_000
        now_us = self._context.engine.clock.utc_us()
        start_us, span = now_us - PAST_MIN * 60_000_000, (PAST_MIN + AHEAD_MIN) * 60_000_000
        painter.setFont(theme.font("micro"))
        tick = (start_us // step_us + 1) * step_us
        while tick <= start_us + span:
            x = plot.left() + (tick - start_us) / span * plot.width()
            painter.setPen(theme.color("border"))
            painter.drawLine(QPointF(x, plot.bottom() + 1), QPointF(x, plot.bottom() + 5))
            painter.setPen(theme.color("text2"))
            label = QRectF(max(0.0, x - 24), plot.bottom() + 5, 48, 15)
            painter.drawText(label, CENTER, format_minute(tick, self._context.zone))
            tick += step_us

    def _load(self) -> None:
        end_us, reader, key = (
            self._context.engine.clock.utc_us(),
            self._context.engine.history,
            self._binding.key,
        )
        start_us = end_us - PAST_MIN * 60_000_000
        self._history = BinnedHistory(PAST_MIN * 60)
        if self._binding.state is not None:
            self._seen = self._binding.state.sample
            self._history.add(self._seen)

        def read(token: CancelToken) -> Series:
            return reader.series(key, start_us, end_us, BINS, token)

        self._query = self._context.queries.submit(read, self._on_series, self._on_error)

    def _on_series(self, series: Series) -> None:
        self._note = ""
        self._history.load(series)
        self.on_second()

    def _on_error(self, error: EngineError) -> None:
        self._note = str(error)
        self.on_second()
