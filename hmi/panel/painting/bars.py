"""The level indicator: a bar of zones, a pointer, a setpoint and a target on one scale (symbol sheet 10)."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from hmi.panel.limit import Limit
from hmi.panel.painting.shapes import fill_hatch, polygon, rounded
from hmi.panel.scale import Scale, Zone, ZoneKind, zones_of
from hmi.panel.theme import Theme
from hmi.panel.value_look import LookKind, ValueLook

TILE_BAR, CARD_BAR, FACEPLATE_BAR = 8, 14, 22
"""Heights of the horizontal bar where it is used."""
POINTER_ROOM = 7
"""What the pointer needs above a horizontal bar, or right of a vertical one."""
MARK_ROOM = 9
"""What setpoint and target need below a horizontal bar."""

_ZONE_COLORS = {ZoneKind.RANGE: "bandOut", ZoneKind.NORMAL: "bandNormal", ZoneKind.ALARM: "bandAlarm"}
_POINTER_W, _POINTER_H, _POINTER_INTO = 13.0, 9.0, 3.0
_MARK_W, _MARK_H = 10.0, 7.0
_BAR_RADIUS, _ZONE_RADIUS = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class BarMarks:
    """What stands on the bar, in engineering units. ``hit`` is the limit that the value has passed."""

    value: float | None = None
    hit: Limit | None = None
    kind: LookKind = LookKind.GOOD
    setpoint: float | None = None
    target: float | None = None
    new_setpoint: float | None = None


def bar_marks(
    look: ValueLook,
    pointer: float | None = None,
    *,
    setpoint: float | None = None,
    target: float | None = None,
    new_setpoint: float | None = None,
) -> BarMarks:
    """Marks for a look; ``pointer`` is where a moving pointer stands just now, if not at the value."""
    value = look.value if pointer is None or look.value is None else pointer
    return BarMarks(value, look.hit, look.kind, setpoint, target, new_setpoint)


def paint_h_bar(painter: QPainter, theme: Theme, bar: QRectF, scale: Scale, marks: BarMarks) -> None:
    """A horizontal bar; ``bar`` is the bar alone, pointer and marks stick out above and below."""
    _paint_zones(painter, theme, bar, scale, marks, horizontal=True)

    def x_at(value: float) -> float:
        return bar.left() + scale.fraction(value) * bar.width()

    if marks.target is not None:
        x = x_at(marks.target)
        painter.setPen(theme.pen("text2", 1.5))
        painter.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom()))
        _paint_mark(painter, theme, _up_triangle(x, bar.bottom()), "text2", filled=True)
    if marks.setpoint is not None:
        _paint_mark(painter, theme, _up_triangle(x_at(marks.setpoint), bar.bottom()), "text2", filled=False)
    if marks.new_setpoint is not None:
        _paint_mark(painter, theme, _up_triangle(x_at(marks.new_setpoint), bar.bottom()), "ink", filled=True)
    if marks.value is None:
        return
    x, top = x_at(marks.value), bar.top() - _POINTER_H + _POINTER_INTO
    triangle = polygon((x - _POINTER_W / 2, top), (x + _POINTER_W / 2, top), (x, top + _POINTER_H))
    stem = (QPointF(x, top + _POINTER_H - 1), QPointF(x, bar.bottom()))
    _paint_pointer(painter, theme, triangle, stem, marks)


def paint_v_bar(painter: QPainter, theme: Theme, bar: QRectF, scale: Scale, marks: BarMarks) -> None:
    """A vertical bar, low end at the bottom; the pointer comes from the right, the setpoint from the left."""
    _paint_zones(painter, theme, bar, scale, marks, horizontal=False)

    def y_at(value: float) -> float:
        return bar.bottom() - scale.fraction(value) * bar.height()

    if marks.target is not None:
        _paint_mark(painter, theme, _right_triangle(bar.left(), y_at(marks.target)), "text2", filled=True)
    if marks.setpoint is not None:
        _paint_mark(painter, theme, _right_triangle(bar.left(), y_at(marks.setpoint)), "text2", filled=False)
    if marks.value is None:
        return
    y, right = y_at(marks.value), bar.right() + _POINTER_H - _POINTER_INTO
    triangle = polygon((right, y - _POINTER_W / 2), (right, y + _POINTER_W / 2), (right - _POINTER_H, y))
    stem = (QPointF(right - _POINTER_H + 1, y), QPointF(bar.left(), y))
    _paint_pointer(painter, theme, triangle, stem, marks)


def _paint_zones(
    painter: QPainter, theme: Theme, bar: QRectF, scale: Scale, marks: BarMarks, *, horizontal: bool
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = rounded(bar, _BAR_RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    if not marks.kind.live:
        painter.fillPath(outline, theme.color("bandOut"))
        fill_hatch(painter, theme, outline)
        painter.restore()
        return
    painter.setClipPath(outline)
    hit_rect: QRectF | None = None
    for zone in zones_of(scale):
        rect = _zone_rect(bar, scale, zone, horizontal=horizontal)
        painter.setBrush(theme.color(_ZONE_COLORS[zone.kind]))
        if zone.kind is ZoneKind.ALARM:
            painter.drawRoundedRect(rect, _ZONE_RADIUS, _ZONE_RADIUS)
        else:
            painter.drawRect(rect)
        if marks.hit is not None and zone.limit == marks.hit.name:
            hit_rect = rect
    painter.setClipping(False)
    if hit_rect is not None and marks.hit is not None:
        _paint_hit(painter, theme, hit_rect, marks.hit.priority)
    painter.restore()


def _paint_hit(painter: QPainter, theme: Theme, rect: QRectF, priority: int) -> None:
    """The one zone that takes the colour of its priority."""
    painter.setPen(theme.pen(f"p{priority}Edge", 1.25))
    painter.setBrush(theme.color(f"p{priority}"))
    painter.drawRoundedRect(rect.adjusted(-0.4, -0.4, 0.4, 0.4), _ZONE_RADIUS, _ZONE_RADIUS)


def _zone_rect(bar: QRectF, scale: Scale, zone: Zone, *, horizontal: bool) -> QRectF:
    low, high = scale.fraction(zone.low), scale.fraction(zone.high)
    if horizontal:
        return QRectF(bar.left() + low * bar.width(), bar.top(), (high - low) * bar.width(), bar.height())
    return QRectF(bar.left(), bar.bottom() - high * bar.height(), bar.width(), (high - low) * bar.height())


def _paint_pointer(
    painter: QPainter, theme: Theme, triangle: QPolygonF, stem: tuple[QPointF, QPointF], marks: BarMarks
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if marks.kind.live:
        painter.setPen(theme.pen("text", 2))
        painter.drawLine(*stem)
        painter.setPen(theme.pen("surface", 1))
        painter.setBrush(theme.color("text" if marks.hit is not None else "ink"))
    else:
        painter.setPen(theme.pen("text3", 1.5))
        painter.setBrush(theme.color("surface"))
    painter.drawPolygon(triangle)
    painter.restore()


def _paint_mark(painter: QPainter, theme: Theme, triangle: QPolygonF, color: str, *, filled: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.pen(color, 1.0 if filled else 1.5))
    painter.setBrush(theme.color(color if filled else "surface"))
    painter.drawPolygon(triangle)
    painter.restore()


def _up_triangle(x: float, bottom: float) -> QPolygonF:
    top = bottom + 1.5
    return polygon((x, top), (x + _MARK_W / 2, top + _MARK_H), (x - _MARK_W / 2, top + _MARK_H))


def _right_triangle(left: float, y: float) -> QPolygonF:
    tip = left - 1.0
    return polygon((tip, y), (tip - _MARK_H, y - _MARK_W / 2), (tip - _MARK_H, y + _MARK_W / 2))
