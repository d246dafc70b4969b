"""The stack light as a widget: three tags, three lamps."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.lamps import LAMP_PITCH, LAMP_W, LampStack, paint_lamp_stack
from hmi.panel.tag_binding import TagBinding


class StackLight(QWidget):
    """Red, yellow and green from three BOOL tags; a lamp of unknown state is hatched."""

    def __init__(
        self, context: PanelContext, red: str, yellow: str, green: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.bindings = [TagBinding(context, key, self) for key in (red, yellow, green)]
        for binding in self.bindings:
            binding.look_changed.connect(self.on_look_changed)
        context.theme_changed.connect(self.update)
        self.setFixedSize(self.sizeHint())
        self.on_look_changed()

    def sizeHint(self) -> QSize:
        return QSize(int(LAMP_W), int(3 * LAMP_PITCH))

    def lamps(self) -> LampStack:
        return LampStack(*(lit(binding) for binding in self.bindings))

    def on_look_changed(self) -> None:
        words = {True: "on", False: "off", None: "not known"}
        lamps = self.lamps()
        self.setAccessibleName(
            self.tr("Stack light, red {red}, yellow {yellow}, green {green}").format(
                red=words[lamps.red], yellow=words[lamps.yellow], green=words[lamps.green]
            )
        )
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for binding in self.bindings:
            binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        for binding in self.bindings:
            binding.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_lamp_stack(painter, self.context.theme, QPointF(0, 0), self.lamps())
        painter.end()


def lit(binding: TagBinding) -> bool | None:
    """The state of a bit that may be relied upon; None if it is not live."""
    look = binding.look
    return bool(look.raw) if look.kind.live and isinstance(look.raw, bool) else None
