"""The parts of a setpoint panel that paint: the entry, the values beside it, the scale."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_limit
from hmi.panel.painting.bars import FACEPLATE_BAR, BarMarks, paint_h_bar
from hmi.panel.painting.plates import value_color
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, draw_value_unit, half_pixel, rounded
from hmi.panel.scale import Scale
from hmi.panel.setpoint_entry import EntryPhase, SetpointEntry
from hmi.panel.tag_binding import TagBinding


class EntryField(QWidget):
    """The new value as it is typed; refused values get a frame in text colour, and the reason below."""

    def __init__(self, context: PanelContext, entry: SetpointEntry) -> None:
        super().__init__()
        self._context = context
        self._entry = entry
        self.setFixedHeight(66)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(298, 66)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, entry, painter = self._context.theme, self._entry, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        refused = bool(entry.phase is EntryPhase.TYPED and entry.refusal())
        painter.setPen(theme.pen("text" if refused else "ink", 2))
        painter.setBrush(theme.color("raised"))
        painter.drawPath(rounded(half_pixel(QRectF(self.rect())).adjusted(0.5, 0.5, -0.5, -0.5), 8))
        painter.setPen(theme.color("text2"))
        draw_text(painter, QRectF(16, 7, 200, 16), self.tr("New setpoint"), theme.font("label"), LEFT)
        unit = display_unit(entry.definition.unit) if entry.text else ""
        width = draw_value_unit(
            painter, theme, QPointF(16, 52), entry.text, unit, "valueL", "text", "body", 10.0
        )
        painter.setPen(theme.pen("ink", 2))
        painter.drawLine(QPointF(18 + width, 27), QPointF(18 + width, 55))
        painter.end()


class ValueColumn(QWidget):
    """A caption over a large value with its unit."""

    def __init__(self, context: PanelContext, caption: str, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._caption = caption
        self.binding = binding
        self.setFixedSize(137, 66)
        binding.look_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, look, painter = self._context.theme, self.binding.look, QPainter(self)
        painter.setPen(theme.color("text2"))
        draw_text(painter, QRectF(0, 8, 130, 16), self._caption, theme.font("label"), LEFT)
        color = value_color(look.kind)
        draw_value_unit(painter, theme, QPointF(0, 53), look.text, look.unit, "valueL", color, "body")
        painter.end()


class SetpointScale(QWidget):
    """Process value, old and new setpoint on one scale, and the bracket of what is allowed."""

    def __init__(
        self, context: PanelContext, entry: SetpointEntry, setpoint: TagBinding, actual: TagBinding | None
    ) -> None:
        super().__init__()
        self._context = context
        self._entry = entry
        self._setpoint = setpoint
        self._actual = actual
        self.setFixedHeight(62)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale()
        bar = QRectF(7, 10, self.width() - 14, FACEPLATE_BAR - 2)
        actual, setpoint = self._actual, self._setpoint.look
        typed = self._entry.phase in (EntryPhase.TYPED, EntryPhase.WRITING)
        marks = BarMarks(
            actual.pointer if actual else None,
            actual.look.hit if actual else None,
            actual.look.kind if actual else setpoint.kind,
            setpoint.value,
            new_setpoint=self._entry.value if typed else None,
        )
        paint_h_bar(painter, theme, bar, scale, marks)
        if self._entry.definition.range is not None:
            self._paint_bracket(painter, bar, scale, *self._entry.definition.range)
        painter.end()

    def _paint_bracket(self, painter: QPainter, bar: QRectF, scale: Scale, low: float, high: float) -> None:
        theme, y = self._context.theme, bar.bottom() + 18.5
        left, right = (bar.left() + scale.fraction(v) * bar.width() for v in (low, high))
        painter.setPen(theme.pen("text3", 1))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - 3.5), QPointF(x, y + 3.5))
        painter.setPen(theme.color("text2"))
        micro = theme.font("micro")
        words = self.tr("Allowed {low}").format(low=format_limit(low))
        if left > 80:
            draw_text(painter, QRectF(left - 130, y - 8, 124, 16), words, micro, RIGHT)
        else:
            draw_text(painter, QRectF(left, y + 4, 124, 16), words, micro, LEFT)
        room = self.width() - right > 44
        place = QRectF(right + 6, y - 8, 60, 16) if room else QRectF(right - 60, y + 4, 60, 16)
        draw_text(painter, place, format_limit(high), micro, LEFT if room else RIGHT)

    def _scale(self) -> Scale:
        binding = self._actual or self._setpoint
        if binding.scale is not None:
            return binding.scale
        low, high = self._entry.definition.range or (0.0, 100.0)
        return Scale(low, high)
