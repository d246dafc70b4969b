"""The value plate: name, value, unit, small bar and a caption in one frame (mimic, cards, sheet 10)."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from hmi.panel.painting.alarm_shapes import AlarmShapeState, paint_alarm_shape
from hmi.panel.painting.bars import TILE_BAR, BarMarks, paint_h_bar
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.shapes import LEFT, draw_text, draw_value_unit, fill_hatch, half_pixel, rounded
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme
from hmi.panel.value_look import LookKind, ValueLook

PLATE_HEIGHT, PLATE_HEIGHT_CAPTION = 80, 102
_PAD = 10.5
_GLYPH = 18.0


@dataclass(frozen=True, slots=True)
class PlateContent:
    """What stands on a plate; ``caption`` empty for the low plate; ``scale`` None for no bar."""

    name: str
    look: ValueLook
    marks: BarMarks = field(default_factory=BarMarks)
    scale: Scale | None = None
    caption: str = ""
    focused: bool = False


def value_color(kind: LookKind) -> str:
    """The token of a value's text."""
    if kind in (LookKind.MANUAL, LookKind.SIMULATED):
        return "ink"
    if kind is LookKind.UNCERTAIN:
        return "text2"
    return "text" if kind is LookKind.GOOD else "textDisabled"


def paint_value_plate(painter: QPainter, theme: Theme, rect: QRectF, content: PlateContent) -> None:
    """A plate into ``rect`` (heights 80, or 102 with a caption)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_frame(painter, theme, rect, content)
    look = content.look
    shape_room = 34.0 if look.hit or look.kind is not LookKind.GOOD else 0.0
    painter.setPen(theme.color("text2"))
    name_rect = QRectF(rect.left() + _PAD, rect.top() + 9, rect.width() - 2 * _PAD - shape_room + 8, 16)
    draw_text(painter, name_rect, content.name, theme.font("label"), LEFT)
    _paint_sign(painter, theme, rect, look)
    base_line = QPointF(rect.left() + _PAD, rect.top() + 48)
    paint_look_value(painter, theme, base_line, look, "valueM")
    if content.scale is not None and look.kind is not LookKind.NO_TAG:
        bar = QRectF(rect.left() + _PAD, rect.top() + 61.5, rect.width() - 2 * _PAD, TILE_BAR)
        paint_h_bar(painter, theme, bar, content.scale, content.marks)
    if content.caption:
        painter.setPen(theme.color("text2"))
        caption = QRectF(rect.left() + _PAD, rect.top() + 76, rect.width() - 2 * _PAD, 16)
        draw_text(painter, caption, content.caption, theme.font("label"), LEFT)
    painter.restore()


def paint_look_value(
    painter: QPainter, theme: Theme, base_line: QPointF, look: ValueLook, role: str, unit_role: str = "label"
) -> None:
    """Value and unit in the colour of the look; a dotted line under an uncertain one."""
    shows_unit = look.raw is not None and not isinstance(look.raw, (bool, str))
    unit = look.unit if shows_unit else ""
    width = draw_value_unit(
        painter, theme, base_line, look.text, unit, role, value_color(look.kind), unit_role
    )
    if look.kind is LookKind.UNCERTAIN:
        pen = theme.pen("text2", 2, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        y = base_line.y() + QFontMetricsF(theme.font(role)).descent() * 0.75
        painter.drawLine(QPointF(base_line.x(), y), QPointF(base_line.x() + width, y))


def _paint_frame(painter: QPainter, theme: Theme, rect: QRectF, content: PlateContent) -> None:
    kind, priority = content.look.kind, content.look.priority
    frame = rounded(half_pixel(rect), theme.number("radius", "control"))
    painter.setBrush(theme.color("raised"))
    if content.focused:
        painter.setPen(theme.pen("focus", theme.number("line", "focus")))
    elif priority is not None:
        painter.setPen(theme.pen(f"p{priority}Edge", 2))
        frame = rounded(half_pixel(rect).adjusted(0.5, 0.5, -0.5, -0.5), theme.number("radius", "control"))
    elif kind in (LookKind.MANUAL, LookKind.SIMULATED):
        painter.setPen(theme.pen("ink", 1, Qt.PenStyle.DashLine))
    elif kind is LookKind.NO_TAG:
        painter.setPen(theme.pen("border", 1, Qt.PenStyle.DashLine))
    else:
        painter.setPen(theme.pen("hairline", 1))
    painter.drawPath(frame)
    if not kind.live and kind is not LookKind.NO_TAG:
        fill_hatch(painter, theme, frame, 0.45)


def _paint_sign(painter: QPainter, theme: Theme, rect: QRectF, look: ValueLook) -> None:
    center = QPointF(rect.right() - 20, rect.top() + 19)
    if look.hit is not None:
        paint_alarm_shape(painter, theme, center, look.hit.priority, AlarmShapeState.ACKED, 22)
    elif look.kind is not LookKind.NO_TAG:
        paint_quality_glyph(painter, theme, center, look.kind, _GLYPH)
