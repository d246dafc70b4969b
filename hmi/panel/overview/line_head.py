"""The line's name, what it is doing and for how long, and what it is set to."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration
from hmi.panel.machine_look import NO_DATA_LOOK, MachineLook, StateGlyph
from hmi.panel.overview.line_data import LineData
from hmi.panel.painting.glyphs import paint_clock, paint_state_glyph
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.label import ElidedLabel

_SETPOINTS = ("FillTargetSetpoint", "ConveyorSpeedSetpoint")
_GLYPH_ROOM, _LENGTH_GAP = 24.0, 9


class LineHead(QWidget):
    """Follows the line's data; the setpoints by itself."""

    def __init__(self, context: PanelContext, data: LineData) -> None:
        super().__init__()
        self._context = context
        self._data = data
        self.state = StateLine(context)
        self._mode = ElidedLabel(context, "", "body", "text2")
        self._set = ElidedLabel(context, "", "body", "text2")
        self._bindings = [TagBinding(context, data.line.key(name), self) for name in _SETPOINTS]
        self._lay_out()
        data.changed.connect(self.refresh)
        context.bridge.second.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(ElidedLabel(self._context, self._data.line.name, "h1"), 1)
        box.addWidget(self.state, 1)
        box.addSpacing(8)
        box.addWidget(self._mode)
        box.addWidget(self._set)
        box.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for binding in self._bindings:
            binding.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        for binding in self._bindings:
            binding.stop()
        super().hideEvent(event)

    def refresh(self) -> None:
        if not self.isVisible() and self.state.text:
            return
        state, now_us = self._data.state, self._context.engine.clock.utc_us()
        look, length = state.look, ""
        since_us = self._data.since_us()
        if not self._data.live:
            look = NO_DATA_LOOK
            length = format_duration(self._data.age_s) if self._data.age_s is not None else ""
        elif since_us is not None:
            length = format_duration((now_us - since_us) / 1e6)
        self.state.show_state(look, length)
        modes = {True: self.tr("Automatic mode"), False: self.tr("Manual mode"), None: ""}
        self._mode.change_text(modes[state.auto])
        self._set.change_text(self._setpoints())

    def _setpoints(self) -> str:
        """``500 ml at 58.0 RPM``; empty while the setpoints are not known."""
        looks = [binding.look for binding in self._bindings]
        if not all(look.kind.live for look in looks):
            return ""
        volume, speed = (f"{look.text} {look.unit}".rstrip() for look in looks)
        return self.tr("{0} at {1}").format(volume, speed)


class StateLine(QWidget):
    """Sign, word, and for how long; ``role`` is the word's."""

    def __init__(self, context: PanelContext, role: str = "h2") -> None:
        super().__init__()
        self._role = role
        self._context = context
        self._look: MachineLook = NO_DATA_LOOK
        self._length = ""
        self.text = ""
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def show_state(self, look: MachineLook, length: str) -> None:
        text = f"{look.text}, {length}" if length else look.text
        if (look, text) != (self._look, self.text):
            self._look, self._length, self.text = look, length, text
            self.setAccessibleName(text)
            self.update()

    def change_role(self, role: str) -> None:
        """Louder where somebody is needed."""
        if role != self._role:
            self._role = role
            self.update()

    @property
    def needed(self) -> int:
        """The width in which all of it can be read."""
        theme = self._context.theme
        word = QFontMetricsF(theme.font(self._role)).horizontalAdvance(self._look.text)
        length = QFontMetricsF(theme.font("body")).horizontalAdvance(self._length)
        return round(_GLYPH_ROOM + word + _LENGTH_GAP + length) + 2

    def sizeHint(self) -> QSize:
        return QSize(200, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        if self._look.glyph is StateGlyph.NO_DATA:
            paint_clock(painter, theme, QPointF(8, middle), 8)
        else:
            paint_state_glyph(painter, theme, QPointF(8, middle), self._look.glyph, 15)
        font = theme.font(self._role)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        rect = self.rect().adjusted(round(_GLYPH_ROOM), 0, 0, 0)
        painter.drawText(rect, flags, self._look.text)
        painter.setPen(theme.color("text2"))
        painter.setFont(theme.font("body"))
        beside = round(QFontMetricsF(font).horizontalAdvance(self._look.text)) + _LENGTH_GAP
        needed = QFontMetricsF(theme.font("body")).horizontalAdvance(self._length)
        if beside + needed <= rect.width():  # half a length of time would be another one
            painter.drawText(rect.adjusted(beside, 0, 0, 0), flags, self._length)
        painter.end()
