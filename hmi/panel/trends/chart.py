"""The lanes, ribbon, axis and cursors as one widget, and what fingers, mouse and keys do to it."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGestureEvent, QPinchGesture

from hmi.panel.display import display_unit
from hmi.panel.trends.cursor_overlay import CursorOverlay
from hmi.panel.trends.cursors import CursorName
from hmi.panel.trends.lane import Lane
from hmi.panel.trends.live_value import live_value
from hmi.panel.trends.session import TrendSession
from hmi.panel.trends.strips import RibbonName, RibbonStrip, TimeAxis
from hmi.panel.trends.ticks import time_ticks
from hmi.panel.trends.trace import Trace

ZOOM_STEP = 0.5
_WHEEL_STEP = 0.8
_TAP_PX = 8
_TICK_PX = 110
_TOP = 14


class Chart(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """One finger taps a cursor or drags the time, two fingers or the wheel zoom it."""

    def __init__(self, session: TrendSession) -> None:
        super().__init__()
        self._session = session
        self._context = session.context
        self.lanes: list[Lane] = []
        self.ribbon = RibbonStrip(self._context.theme)
        self.ribbon_name = RibbonName(self._context.theme)
        self.axis = TimeAxis(self._context.theme)
        self.overlay = CursorOverlay(self._context.theme, session.cursors)
        self.scene().addItem(self.overlay)
        self._pressed_at: QPointF | None = None
        self._last_x = 0.0
        self._panning = False
        self._dragged: CursorName | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.ci.layout.setContentsMargins(0, _TOP, 0, 0)
        self.ci.layout.setHorizontalSpacing(0)
        self.ci.layout.setVerticalSpacing(0)
        self._connect()
        self.rebuild()
        self.apply_theme()

    @property
    def plot_rect(self) -> QRectF:
        """The lanes and the ribbon, in the coordinates of the widget."""
        if not self.lanes:
            return QRectF()
        first, last = self.lanes[0].box, self.lanes[-1].box
        rect = first.sceneBoundingRect().united(last.sceneBoundingRect())
        return QRectF(rect.united(self.ribbon.sceneBoundingRect())) if self._has_ribbon else QRectF(rect)

    @property
    def _has_ribbon(self) -> bool:
        return self.ribbon.scene() is not None

    def rebuild(self) -> None:
        """Lanes for the pens there are now; those that stay keep what they show."""
        kept = {lane.definition.key: lane for lane in self.lanes}
        for row in range(len(self.lanes) + 1):
            self.ci.layout.setRowStretchFactor(row, 0)
            self.ci.layout.setRowSpacing(row, 0)
        self.ci.clear()
        self.lanes = []
        spacing = 12 if len(self._session.pens) <= 4 else 8
        for row, pen in enumerate(self._session.pens):
            lane = kept.get(pen.key) or self._lane(pen.key)
            if lane.pen != pen:
                lane.pen = pen
            lane.select(selected=pen.key == self._session.pens.selected)
            self.ci.addItem(lane.box, row=row, col=0)
            self.ci.addItem(lane.marks, row=row, col=1)
            self.ci.layout.setRowStretchFactor(row, 1)
            self.ci.layout.setRowSpacing(row, spacing)
            self.lanes.append(lane)
        row = len(self.lanes)
        if self._session.running_key is not None:
            self.ci.addItem(self.ribbon, row=row, col=0)
            self.ci.addItem(self.ribbon_name, row=row, col=1)
        self.ci.addItem(self.axis, row=row + 1, col=0)
        self.ci.layout.setRowSpacing(row, 3)
        self.refresh()

    def refresh(self) -> None:
        """Window and data as the session has them now."""
        session, now_us = self._session, self._session.now_us
        window = session.window
        width = self.lanes[0].box.width() if self.lanes else 0
        ticks = time_ticks(
            window.start_us, window.end_us, max(2, round(width / _TICK_PX)), self._context.zone
        )
        for lane in self.lanes:
            lane.show_window(window, ticks, session.origin_us)
            trace: Trace | None = session.traces.get(lane.definition.key)
            if trace is not None:
                lane.show_data(trace, now_us)
            text, live = live_value(self._context, lane.definition)
            lane.show_value(text, live=live)
        self.axis.show_ticks(ticks, window)
        self.ribbon.show_segments(session.segments(), window)
        self.ribbon_name.show_name(session.ribbon_line)
        self.refresh_cursors()

    def refresh_cursors(self) -> None:
        self.overlay.place(self.plot_rect, self._session.window)
        self.overlay.update()

    def apply_theme(self) -> None:
        theme = self._context.theme
        self.setBackground(theme.color("surface"))
        for part in (self.ribbon, self.ribbon_name, self.axis, self.overlay):
            part.theme = theme
            part.update()
        for lane in self.lanes:
            lane.apply_theme(theme)

    def time_at(self, x: float) -> int:
        """The time under a place of the widget, within the window."""
        rect, window = self.plot_rect, self._session.window
        share = (x - rect.left()) / rect.width() if rect.width() > 0 else 0.0
        return window.start_us + round(min(1.0, max(0.0, share)) * window.span_us)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and hasattr(self, "lanes"):
            self.ci.layout.activate()
            if self.lanes:
                self._session.change_width(round(self.lanes[0].box.width()))
            self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        self._pressed_at, self._last_x, self._panning = at, at.x(), False
        self._dragged = self.overlay.hit(at)
        if self._dragged is not None:
            self._session.cursors.active = self._dragged

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed_at is None:
            near = self.overlay.hit(at) is not None
            self.viewport().setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.CrossCursor)
        elif self._dragged is not None:
            self._session.cursors.place(self._dragged, self.time_at(at.x()))
            self._session.cursors_changed.emit()
        elif self._panning or abs(at.x() - self._pressed_at.x()) > _TAP_PX:
            self._panning = True
            self._pan(at.x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed_at = self._pressed_at, None
        if pressed is None or self._panning or self._dragged is not None:
            self._dragged = None
            return
        if abs(event.position().y() - pressed.y()) <= _TAP_PX and self.plot_rect.contains(pressed):
            self._session.cursors.tap(self.time_at(pressed.x()))
            self._session.cursors_changed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self._session.zoom(_WHEEL_STEP**steps, self.time_at(event.position().x()))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._pressed_at = None
                self.on_pinch(pinch.scaleFactor(), self.mapFromGlobal(pinch.centerPoint()).x())
                return True
        return bool(super().viewportEvent(event))

    def on_pinch(self, scale: float, x: float) -> None:
        """Two fingers moved apart (scale above 1) around a place."""
        if scale > 0 and scale != 1.0:
            self._session.zoom(1 / scale, self.time_at(x))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.on_key(
            Qt.Key(event.key()), shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        ):
            event.ignore()

    def on_key(self, key: Qt.Key, *, shift: bool = False) -> bool:
        """Arrows step the active cursor by a pixel (Shift: ten), 1 and 2 pick, plus and minus zoom."""
        session = self._session
        directions = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        picks = {Qt.Key.Key_1: CursorName.A, Qt.Key.Key_2: CursorName.B}
        zooms = {Qt.Key.Key_Plus: ZOOM_STEP, Qt.Key.Key_Equal: ZOOM_STEP, Qt.Key.Key_Minus: 1 / ZOOM_STEP}
        if key in zooms:
            session.zoom(zooms[key])
        elif key in picks:
            session.cursors.pick(picks[key], (session.window.start_us + session.window.end_us) // 2)
            session.cursors_changed.emit()
        elif key in directions:
            pixel_us = max(1, round(session.window.span_us / max(1.0, self.plot_rect.width())))
            by_us = directions[key] * pixel_us * (10 if shift else 1)
            if session.cursors.step(by_us, session.window.start_us, session.window.end_us):
                session.cursors_changed.emit()
        else:
            return False
        return True

    def _pan(self, x: float) -> None:
        width = self.plot_rect.width()
        if width > 0:
            by_us = round((self._last_x - x) / width * self._session.window.span_us)
            self._last_x = x
            self._session.move(by_us)

    def _lane(self, key: str) -> Lane:
        pen = next(pen for pen in self._session.pens if pen.key == key)
        definition, context = self._session.definition(key), self._context
        return Lane(context.theme, pen, definition, context.limits(key), context.title_of(definition))

    def _connect(self) -> None:
        self._session.pens_changed.connect(self.rebuild)
        self._session.window_changed.connect(self.refresh)
        self._session.data_changed.connect(self.refresh)
        self._session.cursors_changed.connect(self.refresh_cursors)
        self._context.theme_changed.connect(self.apply_theme)


def describe(lanes: Sequence[Lane]) -> str:
    """What is drawn, for those who cannot see it."""
    return ", ".join(
        f"{lane.name} {lane.value_text} {display_unit(lane.definition.unit)}".strip() for lane in lanes
    )
