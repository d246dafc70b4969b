"""A tag as a brim gauge: name, value, and its history flowing into the pointer of a vertical bar."""

from math import floor

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.errors import EngineError
from engine.history import CancelToken, RecorderState, Series
from engine.model import Sample
from hmi.panel.context import PanelContext
from hmi.panel.gauge_history import BINS, BinnedHistory
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.bars import BarMarks
from hmi.panel.painting.gauges import GaugeHistory, gauge_parts, paint_gauge_bar, paint_gauge_plot
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.plates import paint_look_value
from hmi.panel.painting.shapes import LEFT, draw_text, rounded
from hmi.panel.scale import Scale
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind
from hmi.panel.widgets.tag_widget import TagWidget

_HEAD, _FOOT = 64.0, 19.0
_POINTER_ROOM = 8
_SKELETON_AFTER_S = 0.3
_RETRY_S = 10


class BrimGauge(TagWidget):
    """Loads ``minutes`` of history when first shown and goes on with live samples.

    ``setpoint_key`` puts that tag's value on the bar as a hollow mark.
    """

    def __init__(
        self,
        context: PanelContext,
        key: str,
        minutes: int = 15,
        setpoint_key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, key, parent)
        self.minutes = minutes
        self._was_live = False
        self.note = ""
        self._history = BinnedHistory(minutes * 60)
        self._view: GaugeHistory | None = None
        self._loading_s: float | None = None
        self._query: CancelToken | None = None
        self._failed_s: int | None = None
        self._recorded = self._following = False
        self._seen: Sample | None = None
        self._plot: QPixmap | None = None
        self._every_s = max(1, minutes * 60 // 300)
        self._due_s = sum(key.encode()) % self._every_s
        self._setpoint = TagBinding(context, setpoint_key, self) if setpoint_key else None
        if self._setpoint is not None:
            self._setpoint.look_changed.connect(self.update)
        self.setMinimumSize(140, 140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(166, 160)

    @property
    def loading(self) -> bool:
        """Is a read of the history still under way after 300 ms?"""
        return self._loading_s is not None and self._loading_s > _SKELETON_AFTER_S

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._following:
            return  # Qt may say it twice: shown with its parent, then by itself
        self._following = True
        if self._setpoint is not None:
            self._setpoint.start()
        bridge = self.context.bridge
        bridge.second.connect(self.on_second)
        bridge.frame.connect(self.on_frame)
        self._forget()
        self._loading_s = 0.0 if self.binding.definition is not None else None
        self._load()

    def hideEvent(self, event: QHideEvent) -> None:
        self._following, bridge = False, self.context.bridge
        bridge.second.disconnect(self.on_second)
        bridge.frame.disconnect(self.on_frame)
        if self._setpoint is not None:
            self._setpoint.stop()
        if self._query is not None:
            self._query.cancel()
            self._query = None
        super().hideEvent(event)

    @Slot()
    def on_look_changed(self) -> None:
        state = self.binding.state
        if state is not None and state.sample is not self._seen:
            self._seen = state.sample
            self._history.add(state.sample)
        if self.look.kind.live is not self._was_live:
            self._was_live = self.look.kind.live
            self._refresh_view()
        super().on_look_changed()

    @Slot()
    def on_pointer_moved(self) -> None:
        """Thirty times a second: name and value stay, and of the plot its last pixels."""
        self.update(self._pointer_rect)

    @Slot()
    def on_second(self) -> None:
        """The window moves on, a pixel or so at a time, and not every gauge's in the same second."""
        self._due_s -= 1
        if self._due_s <= 0 or self._view is None:
            self._due_s = self._every_s
            self._refresh_view()
        self._retry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._plot = None

    def on_theme_changed(self) -> None:
        self._plot = None
        super().on_theme_changed()

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        if self._loading_s is not None:
            before, self._loading_s = self.loading, self._loading_s + elapsed_s
            if self.loading is not before:
                self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._pointer_rect.contains(event.rect()):
            self._paint_head(painter)
        plot = self._plot_rect
        scale = self.binding.scale
        if scale is not None and not self.loading:
            setpoint = self._setpoint.look.value if self._setpoint and self._setpoint.look.kind.live else None
            self._paint_gauge(painter, plot, scale, self.marks(setpoint))
        elif scale is not None:
            self._paint_skeleton(painter, plot)
        self._paint_foot(painter)
        painter.end()

    @property
    def _plot_rect(self) -> QRectF:
        return QRectF(0, _HEAD, self.width(), self.height() - _HEAD - _FOOT)

    @property
    def _pointer_rect(self) -> QRect:
        """Where the pointer may stand and what moves with it; the head is above."""
        left, top = floor(gauge_parts(self._plot_rect).plot.right()) - 1, round(_HEAD) - _POINTER_ROOM
        bottom = self.height() - round(_FOOT) + _POINTER_ROOM
        return QRect(left, top, self.width() - left, bottom - top)

    def _paint_gauge(self, painter: QPainter, rect: QRectF, scale: Scale, marks: BarMarks) -> None:
        """The plot from a pixmap, since only the pointer moves thirty times a second."""
        parts = gauge_parts(rect)
        if self._plot is None or self._plot.devicePixelRatioF() != self.devicePixelRatioF():
            self._plot = self._rendered_plot(parts.plot, scale)
        painter.drawPixmap(parts.plot.topLeft(), self._plot)
        paint_gauge_bar(painter, self.context.theme, parts, scale, marks, self._view)

    def _rendered_plot(self, plot: QRectF, scale: Scale) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(plot.width() * ratio), round(plot.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        whole = QRectF(0, 0, plot.width(), plot.height())
        paint_gauge_plot(painter, self.context.theme, whole, scale, self._view, live=self.look.kind.live)
        painter.end()
        return pixmap

    def _refresh_view(self) -> None:
        self._view = self._history.view(self.context.engine.clock.utc_us())
        self._plot = None
        self.update()

    def _paint_head(self, painter: QPainter) -> None:
        theme, look = self.context.theme, self.look
        painter.setPen(theme.color("text2"))
        signed = look.hit is not None or look.kind is not LookKind.GOOD
        width = self.width() - (36 if signed else 4)
        draw_text(painter, QRectF(0, 0, width, 18), self.title(), theme.font("label"), LEFT)
        paint_look_value(painter, theme, QPointF(0, 42), look, "valueM", "body")
        center = QPointF(self.width() - 20, 12)
        if look.hit is not None:
            paint_alarm_shape(painter, theme, center, look.hit.priority, size=22)
        elif look.kind is not LookKind.NO_TAG:
            paint_quality_glyph(painter, theme, center, look.kind)

    def _paint_foot(self, painter: QPainter) -> None:
        theme, look = self.context.theme, self.look
        text = self.tr("{n} min").format(n=self.minutes)
        if look.kind.old or look.kind in (LookKind.BAD, LookKind.NO_DATA):
            text = look.caption
        elif self.loading:
            text = self.tr("Reading the last {n} min").format(n=self.minutes)
        elif self.note:
            text = self.note
        painter.setPen(theme.color("text2"))
        draw_text(painter, QRectF(0, self.height() - 16, self.width(), 16), text, theme.font("label"), LEFT)

    def _paint_skeleton(self, painter: QPainter, rect: QRectF) -> None:
        parts = gauge_parts(rect)
        painter.setPen(Qt.PenStyle.NoPen)
        for part in (parts.plot, parts.bar):
            painter.fillPath(rounded(part, 3), self.context.theme.color("bandOut"))

    def _forget(self) -> None:
        """Start afresh: what came while nobody looked is not known."""
        self._history = BinnedHistory(self.minutes * 60)
        self._failed_s = None
        state = self.binding.state
        self._seen = state.sample if state is not None else None
        if self._seen is not None:
            self._history.add(self._seen)

    def _load(self) -> None:
        """Ask for what was recorded; what comes live meanwhile is kept."""
        key, end_us = self.key, self.context.engine.clock.utc_us()
        if self.binding.definition is None:
            return
        start_us, reader = end_us - self._history.window_us, self.context.engine.history
        self._recorded = self._recording()

        def read(token: CancelToken) -> Series:
            return reader.series(key, start_us, end_us, BINS, token)

        self._query = self.context.queries.submit(read, self._on_series, self._on_error)

    def _retry(self) -> None:
        """Read again ten seconds after a failure, and at once when the recorder begins to write."""
        if self._failed_s is None:
            return
        self._failed_s += 1
        if self._failed_s >= _RETRY_S or (self._recording() and not self._recorded):
            self._failed_s = None
            self._load()

    def _recording(self) -> bool:
        return self.context.engine.recorder.status().state is not RecorderState.OFF

    def _on_series(self, series: Series) -> None:
        self._loading_s, self.note = None, ""
        self.setToolTip("")
        self._history.load(series)
        self._refresh_view()

    def _on_error(self, error: EngineError) -> None:
        self._loading_s, self._failed_s = None, 0
        self.note = self.tr("History not readable")
        self.setToolTip(str(error))
        self._refresh_view()
