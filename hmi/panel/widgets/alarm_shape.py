"""An alarm shape as a widget; its halo follows the panel's one blink."""

from PySide6.QtCore import QPointF, QSize, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.alarm_shapes import AlarmShapeState, paint_alarm_shape


class AlarmShape(QWidget):
    """Priority 1 to 4 in one of the ISA-18.2 states; sizes 16, 22, 28, 34 plus room for the halo."""

    def __init__(
        self,
        context: PanelContext,
        priority: int,
        state: AlarmShapeState = AlarmShapeState.ACKED,
        size: int = 22,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._size = size
        self._blink_on = True
        self._phase = 0
        self._following = False
        self.setFixedSize(self.sizeHint())
        self.show_alarm(priority, state)

    def show_alarm(self, priority: int, state: AlarmShapeState) -> None:
        self.priority, self.state = priority, state
        words = state.name.lower().replace("_", " ")
        self.setAccessibleName(self.tr("Priority {p}, {state}").format(p=priority, state=words))
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._size * 1.75)
        return QSize(side, side)

    @Slot(bool)
    def on_blink(self, on: bool) -> None:
        """1 Hz for an unacknowledged alarm, half of that for a returned one."""
        self._phase = (self._phase + on) % 2
        self._blink_on = on if self.state is AlarmShapeState.UNACKED else self._phase == 0
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._following:
            self.context.bridge.blink.connect(self.on_blink)
            self._following = True

    def hideEvent(self, event: QHideEvent) -> None:
        if self._following:
            self.context.bridge.blink.disconnect(self.on_blink)
            self._following = False
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        center = QPointF(self.width() / 2, self.height() / 2)
        paint_alarm_shape(
            painter, self.context.theme, center, self.priority, self.state, self._size, self._blink_on
        )
        painter.end()
