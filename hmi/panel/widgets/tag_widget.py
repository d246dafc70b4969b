"""The base of every widget that shows one tag."""

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.bars import BarMarks, bar_marks
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind, ValueLook

_SPOKEN_QUALITY = {
    LookKind.GOOD: "good",
    LookKind.UNCERTAIN: "uncertain",
    LookKind.STALE: "stale",
    LookKind.DISCONNECTED: "no link",
    LookKind.BAD: "bad",
    LookKind.MANUAL: "manual",
    LookKind.SIMULATED: "simulated",
    LookKind.NO_DATA: "no data",
    LookKind.NO_TAG: "no such tag",
}


class TagWidget(QWidget):
    """Follows its tag while it is shown; repaints on change; opens the faceplate on touch and Enter."""

    def __init__(
        self, context: PanelContext, key: str, parent: QWidget | None = None, *, opens_faceplate: bool = True
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.binding = TagBinding(context, key, self)
        self.binding.look_changed.connect(self.on_look_changed)
        self.binding.pointer_moved.connect(self.on_pointer_moved)
        context.theme_changed.connect(self._take_theme)
        self._opens_faceplate = opens_faceplate and self.binding.definition is not None
        if self._opens_faceplate:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._update_accessible_name()

    @property
    def key(self) -> str:
        return self.binding.key

    @property
    def look(self) -> ValueLook:
        return self.binding.look

    def marks(self, setpoint: float | None = None, target: float | None = None) -> BarMarks:
        """What stands on this tag's bar just now."""
        return bar_marks(self.look, self.binding.pointer, setpoint=setpoint, target=target)

    def title(self) -> str:
        """The name to show; says so where the plant file has no such tag."""
        name = self.binding.name
        return name if self.binding.definition else self.tr("No tag {name}").format(name=name)

    @Slot()
    def on_look_changed(self) -> None:
        self._update_accessible_name()
        self.update()

    @Slot()
    def on_pointer_moved(self) -> None:
        self.update()

    def on_theme_changed(self) -> None:
        self.update()

    @Slot()
    def _take_theme(self) -> None:
        """Not to be overridden: Qt does not take a slot that is from a widget that is gone."""
        self.on_theme_changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self.binding.stop()
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._opens_faceplate and event.button() is Qt.MouseButton.LeftButton and inside:
            self.context.open_faceplate.emit(self.key)
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._opens_faceplate:
            event.accept()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._opens_faceplate and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.context.open_faceplate.emit(self.key)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._update_accessible_name()

    def _update_accessible_name(self) -> None:
        text = spoken_name(self.context.lines.spoken(self.key.rpartition("/")[0], self.title()), self.look)
        if text != self.accessibleName():
            self.setAccessibleName(text)


def spoken_name(name: str, look: ValueLook) -> str:
    """Name, value, unit, state, quality: "Fill level, 23.4 %, low alarm priority 2, good"."""
    quality = _SPOKEN_QUALITY[look.kind]
    if look.raw is None:
        return f"{name}, {quality}"
    value = f"{look.text} {look.unit}".rstrip()
    state = f", {look.hit.word.lower()} alarm priority {look.hit.priority}" if look.hit else ""
    age = f" for {look.age_text}" if look.kind.old else ""
    return f"{name}, {value}{state}, {quality}{age}"
