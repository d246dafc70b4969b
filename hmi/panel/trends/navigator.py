"""The strip under the axis: eight hours of the selected pen, with the window to drag about."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.history import Series
from hmi.panel.context import PanelContext
from hmi.panel.display import format_minute
from hmi.panel.painting.ribbons import RibbonSegment, paint_ribbon
from hmi.panel.trends.lane_parts import x_of
from hmi.panel.trends.reader import Answer, Question, SeriesReader, keys_of
from hmi.panel.trends.session import TrendSession
from hmi.panel.trends.states import running_segments
from hmi.panel.trends.window import HOUR_US, SHORTEST_US, TimeWindow

HEIGHT = 48
_RIBBON = 10.0
_TEXT_WIDTH = 210
_MOST_PLOT_WIDTH = 900
_EDGE_HIT = 24.0
_REFRESH_US = 60_000_000


class Grip(Enum):
    """What of the window is held."""

    START = auto()
    END = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Hold:
    grip: Grip
    at_x: float
    window: TimeWindow


def navigator_span(window: TimeWindow, now_us: int) -> TimeWindow:
    """The last eight hours; more, or earlier ones, where the window would not be in them."""
    span_us = max(8 * HOUR_US, round(window.span_us * 1.25))
    if window.start_us >= now_us - span_us:
        return TimeWindow(now_us - span_us, now_us)
    middle = (window.start_us + window.end_us) // 2
    end_us = min(now_us, middle + span_us // 2)
    return TimeWindow(end_us - span_us, end_us)


class Navigator(QWidget):
    """Drag the window or its edges; a tap beside it brings it there."""

    def __init__(self, session: TrendSession) -> None:
        super().__init__()
        self._session = session
        self._context: PanelContext = session.context
        self._series: Series | None = None
        self._segments: list[RibbonSegment] = []
        self._span = navigator_span(session.window, session.now_us)
        self._hold: Hold | None = None
        self._picture: QPixmap | None = None
        self._asked: tuple[str | None, TimeWindow] | None = None
        self._reader = SeriesReader(self._context, self)
        self._reader.answered.connect(self._on_answer)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Navigator"))
        self.setMouseTracking(True)
        session.window_changed.connect(self._on_window)
        session.pens_changed.connect(self.read_if_needed)
        self._context.theme_changed.connect(self._repaint_all)

    @property
    def plot_rect(self) -> QRectF:
        width = min(_MOST_PLOT_WIDTH, max(200, self.width() - _TEXT_WIDTH))
        return QRectF(0.5, 1.5, width - 1, HEIGHT - 3)

    def start(self) -> None:
        self._asked = None
        self.read_if_needed()

    def stop(self) -> None:
        self._reader.cancel()

    @Slot()
    def read_if_needed(self) -> None:
        """Read again when the pen is another one, or the time has gone on."""
        if not self.isVisible():
            return
        key = self._session.pens.selected
        wanted = self._span
        if self._hold is None:
            wanted = navigator_span(self._session.window, self._session.now_us)
        if self._asked is not None:
            old_key, old = self._asked
            away_us = max(abs(old.end_us - wanted.end_us), abs(old.start_us - wanted.start_us))
            if old_key == key and away_us < _REFRESH_US:
                return
        self._asked = (key, wanted)
        self._span, self._picture = wanted, None
        span, points = self._span, round(self.plot_rect.width() / 2)
        keys = keys_of(key, self._session.running_key)
        if keys:
            self._reader.ask(lambda: Question(keys, span, points))

    def x_of_time(self, time_us: int) -> float:
        return x_of(time_us, self._span, self.plot_rect)

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = self.plot_rect
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._make_picture(rect)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_window(painter, rect)
        self._paint_text(painter, rect)
        painter.end()

    def _make_picture(self, rect: QRectF) -> QPixmap:
        """Line and ribbon, painted once for as long as they are the same."""
        theme, dpr = self._context.theme, self.devicePixelRatioF()
        picture = QPixmap(round((rect.right() + 1) * dpr), round(HEIGHT * dpr))
        picture.setDevicePixelRatio(dpr)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(rect, theme.color("plot"))
        self._paint_line(painter, rect.adjusted(0, 4, 0, -_RIBBON - 4))
        ribbon = QRectF(rect.left(), rect.bottom() - _RIBBON, rect.width(), _RIBBON)
        paint_ribbon(painter, theme, ribbon, self._segments, self._span.start_us, self._span.end_us)
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if event.button() is not Qt.MouseButton.LeftButton or x > self.plot_rect.right() + _EDGE_HIT:
            return
        left, right = self._window_edges()
        grip = self._grip(x)
        if grip is Grip.WHOLE and not left <= x <= right:
            middle = self._time(x) - self._session.window.span_us // 2
            self._session.move(middle - self._session.window.start_us)
        self._hold = Hold(grip, x, self._session.window)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, hold = event.position().x(), self._hold
        if hold is None:
            shape = (
                Qt.CursorShape.OpenHandCursor if self._grip(x) is Grip.WHOLE else Qt.CursorShape.SizeHorCursor
            )
            self.setCursor(shape)
            return
        by_us = self._time(x) - self._time(hold.at_x)
        window = hold.window
        if hold.grip is Grip.WHOLE:
            target = window.moved(by_us)
            self._session.move(target.start_us - self._session.window.start_us)
        elif hold.grip is Grip.START:
            start_us = min(window.start_us + by_us, window.end_us - SHORTEST_US)
            self._session.show_window(TimeWindow(start_us, window.end_us))
        else:
            end_us = max(window.end_us + by_us, window.start_us + SHORTEST_US)
            self._session.show_window(TimeWindow(window.start_us, min(end_us, self._session.now_us)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hold = None
        self.read_if_needed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._session.move(step * self._session.window.span_us // 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture = None
        self.read_if_needed()

    def _grip(self, x: float) -> Grip:
        """The nearer edge; the middle of a window too narrow for both stays its middle."""
        left, right = self._window_edges()
        reach = min(_EDGE_HIT, max(8.0, (right - left) / 3))
        if abs(x - left) < abs(x - right):
            return Grip.START if abs(x - left) <= reach else Grip.WHOLE
        return Grip.END if abs(x - right) <= reach else Grip.WHOLE

    def _window_edges(self) -> tuple[float, float]:
        rect, window = self.plot_rect, self._session.window
        left = max(rect.left(), self.x_of_time(window.start_us))
        return left, min(rect.right(), max(self.x_of_time(window.end_us), left + 4))

    def _time(self, x: float) -> int:
        return self._span.start_us + round(
            (x - self.plot_rect.left()) / self.plot_rect.width() * self._span.span_us
        )

    def _paint_line(self, painter: QPainter, rect: QRectF) -> None:
        series = self._series
        if series is None or not len(series.time_us) or bool(np.isnan(series.last).all()):
            return
        low, high = float(np.nanmin(series.minimum)), float(np.nanmax(series.maximum))
        scale = rect.height() / ((high - low) or 1.0)
        painter.setPen(self._context.theme.pen(self._color(), 1.25))
        for start, end in _unbroken(series.last):
            points = QPolygonF()
            for i in range(start, end):
                x = x_of(int(series.time_us[i]), self._span, rect)
                for value in (series.minimum[i], series.maximum[i], series.last[i]):
                    points.append(QPointF(x, rect.bottom() - (value - low) * scale))
            if end == len(series.last):
                points.append(QPointF(x_of(series.end_us, self._span, rect), points.last().y()))
            painter.drawPolyline(points)

    def _paint_window(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._context.theme
        left, right = self._window_edges()
        tint = theme.color("ink")
        tint.setAlphaF(0.14)
        frame = QRectF(left, rect.top(), right - left, rect.height())
        painter.setPen(theme.pen("ink", 2))
        painter.setBrush(tint)
        painter.drawRoundedRect(frame, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("ink"))
        for x in (left, right):
            painter.drawRoundedRect(QRectF(x - 3, rect.center().y() - 11, 6, 22), 3, 3)

    def _paint_text(self, painter: QPainter, rect: QRectF) -> None:
        theme, zone = self._context.theme, self._context.zone
        left = rect.right() + 16
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text2"))
        start, end = (format_minute(t, zone) for t in (self._span.start_us, self._span.end_us))
        lines = (self.tr("Drag the window or its edges"), f"{start} \u2013 {end}")
        for row, text in enumerate(lines):
            box = QRectF(left, rect.top() + 4 + row * 19, self.width() - left, 18)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)

    def _color(self) -> str:
        return next((p.color for p in self._session.pens if p.key == self._session.pens.selected), "text2")

    def _on_window(self) -> None:
        self.read_if_needed()
        self.update()

    def _on_answer(self, question: Question, answer: Answer) -> None:
        key = self._session.pens.selected or ""
        self._series = answer.get(key)
        running = answer.get(self._session.running_key or "")
        self._segments = []
        if running is not None:
            least = np.where(np.isnan(running.last), np.nan, running.minimum)
            self._segments = running_segments(running.time_us, least, running.end_us)
        self._repaint_all()

    def _repaint_all(self) -> None:
        self._picture = None
        self.update()


def _unbroken(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Stretches (from, to) of points without a NaN."""
    stretches: list[tuple[int, int]] = []
    start = 0
    for index in (*np.flatnonzero(np.isnan(values)).tolist(), len(values)):
        if index > start:
            stretches.append((start, index))
        start = index + 1
    return stretches
