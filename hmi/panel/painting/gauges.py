"""The brim gauge: history that flows into the pointer of its own vertical bar, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from hmi.panel.display import format_limit
from hmi.panel.limit import Limit, limit_list
from hmi.panel.painting.bars import BarMarks, paint_v_bar
from hmi.panel.painting.shapes import LEFT, fill_hatch
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme

GAP, BAR, MARKS = 4.0, 14.0, 34.0
MARK_DODGE = 14.0
_MARK_H = 14.0


@dataclass(frozen=True, slots=True)
class GaugeHistory:
    """Points between two times, ready to draw; NaN in ``values`` is a gap. ``gaps`` as (start, end) us."""

    start_us: int
    end_us: int
    time_us: NDArray[np.int64]
    values: NDArray[np.float64]
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GaugeParts:
    """Where the three parts of a gauge lie."""

    plot: QRectF
    bar: QRectF
    marks: QRectF


def gauge_parts(rect: QRectF) -> GaugeParts:
    """Plot, gap 4, bar 14, marks 34."""
    plot = QRectF(rect.left(), rect.top(), max(10.0, rect.width() - GAP - BAR - 9 - MARKS), rect.height())
    bar = QRectF(plot.right() + GAP, rect.top(), BAR, rect.height())
    return GaugeParts(plot, bar, QRectF(bar.right() + 9, rect.top(), MARKS, rect.height()))


def paint_gauge(
    painter: QPainter, theme: Theme, rect: QRectF, scale: Scale, marks: BarMarks, history: GaugeHistory | None
) -> None:
    """A whole gauge; without history the plot stays empty."""
    parts = gauge_parts(rect)
    paint_gauge_plot(painter, theme, parts.plot, scale, history, live=marks.kind.live)
    paint_gauge_bar(painter, theme, parts, scale, marks, history)


def paint_gauge_bar(
    painter: QPainter,
    theme: Theme,
    parts: GaugeParts,
    scale: Scale,
    marks: BarMarks,
    history: GaugeHistory | None,
) -> None:
    """The part that moves with the pointer: bar, marks, and the stretch between plot and bar."""
    if history is not None and marks.value is not None:
        _paint_bridge(painter, theme, parts, scale, marks, history)
    paint_v_bar(painter, theme, parts.bar, scale, marks)
    _paint_marks(painter, theme, parts.marks, scale, marks.value)


def paint_gauge_plot(
    painter: QPainter,
    theme: Theme,
    plot: QRectF,
    scale: Scale,
    history: GaugeHistory | None,
    live: bool = True,
) -> None:
    """The plot alone: ground, normal band, limit lines, hatched gaps, the curve."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(plot, theme.color("plot"))
    if scale.normal is not None:
        band = theme.color("bandNormal")
        band.setAlphaF(0.38)
        top, bottom = (_y(plot, scale, edge) for edge in reversed(scale.normal))
        painter.fillRect(QRectF(plot.left(), top, plot.width(), bottom - top), band)
    if history is not None:
        _paint_gaps(painter, theme, plot, history)
    _paint_limit_lines(painter, theme, plot, scale)
    if history is not None:
        painter.setClipRect(plot.adjusted(-1, -1, 1, 1))
        pen = theme.pen("ink" if live else "text3", theme.number("line", "pen"))
        painter.setPen(pen)
        for line in curve(plot, scale, history):
            painter.drawPolyline(line)
    painter.restore()


def curve(plot: QRectF, scale: Scale, history: GaugeHistory) -> list[QPolygonF]:
    """The history as polylines in the plot's coordinates, broken at its gaps."""
    span = max(1, history.end_us - history.start_us)
    x = plot.left() + (history.time_us - history.start_us) / span * plot.width()
    fraction = np.clip((history.values - scale.low) / scale.span, 0.0, 1.0)
    y = plot.bottom() - fraction * plot.height()
    good = ~np.isnan(history.values)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False]))))
    lines: list[QPolygonF] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        points = [QPointF(float(a), float(b)) for a, b in zip(x[first:last], y[first:last], strict=True)]
        held_to = float(x[last]) if last < len(x) else None
        if held_to is not None:
            points.append(QPointF(held_to, points[-1].y()))
        lines.append(QPolygonF(points))
    return lines


def dodge(mark_y: float, pointer_y: float | None, top: float, bottom: float) -> float:
    """Where a limit's mark stands so that the pointer does not cover it: at least 14 px away, inside."""
    y = mark_y
    if pointer_y is not None and abs(mark_y - pointer_y) < MARK_DODGE:
        y = pointer_y - MARK_DODGE if mark_y <= pointer_y else pointer_y + MARK_DODGE
    return min(bottom - _MARK_H / 2 + 4, max(top + _MARK_H / 2 - 4, y))


def placed_marks(
    limits: Sequence[Limit], scale: Scale, rect: QRectF, pointer: float | None
) -> list[tuple[Limit, float]]:
    """The marks that find room, with the y of their middle; H and L before HH and LL."""
    pointer_y = _y(rect, scale, pointer) if pointer is not None else None
    placed: list[tuple[Limit, float]] = []
    for limit in sorted(limits, key=lambda each: len(each.name)):
        y = dodge(_y(rect, scale, limit.value), pointer_y, rect.top(), rect.bottom())
        if all(abs(y - other) >= _MARK_H for _, other in placed):
            placed.append((limit, y))
    return placed


def _paint_bridge(
    painter: QPainter, theme: Theme, parts: GaugeParts, scale: Scale, marks: BarMarks, history: GaugeHistory
) -> None:
    """The last stretch from the plot's edge to the bar: the history ends at the pointer."""
    if not marks.kind.live or marks.value is None:
        return
    if not len(history.values) or np.isnan(history.values[-1]):
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    y = _y(parts.plot, scale, marks.value)
    painter.setPen(theme.pen("ink", theme.number("line", "pen")))
    painter.drawLine(QPointF(parts.plot.right(), y), QPointF(parts.bar.left(), y))
    painter.restore()


def _paint_gaps(painter: QPainter, theme: Theme, plot: QRectF, history: GaugeHistory) -> None:
    span = max(1, history.end_us - history.start_us)
    for start, end in history.gaps:
        left = plot.left() + max(0.0, (start - history.start_us) / span) * plot.width()
        right = plot.left() + min(1.0, (end - history.start_us) / span) * plot.width()
        if right - left >= 1:
            path = QPainterPath()
            path.addRect(QRectF(left, plot.top(), right - left, plot.height()))
            fill_hatch(painter, theme, path, 0.5)


def _paint_limit_lines(painter: QPainter, theme: Theme, plot: QRectF, scale: Scale) -> None:
    pen = QPen(theme.color("text3"), 1)
    pen.setDashPattern([2, 3])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    for limit in limit_list(scale.limits):
        if limit.name in ("H", "L") and scale.low < limit.value < scale.high:
            y = round(_y(plot, scale, limit.value))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
    painter.restore()


def _paint_marks(painter: QPainter, theme: Theme, rect: QRectF, scale: Scale, pointer: float | None) -> None:
    painter.save()
    painter.setFont(theme.font("micro"))
    painter.setPen(theme.color("text2"))
    shown = [limit for limit in limit_list(scale.limits) if limit.name in ("H", "L")]
    for limit, y in placed_marks(shown, scale, rect, pointer):
        text = f"{limit.name} {format_limit(limit.value)}"
        painter.drawText(QRectF(rect.left(), y - _MARK_H / 2, rect.width() + 8, _MARK_H), LEFT, text)
    painter.restore()


def _y(rect: QRectF, scale: Scale, value: float) -> float:
    return rect.bottom() - scale.fraction(value) * rect.height()
