"""The state ribbon: what a machine did over time, as coloured stretches (sheet 10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from hmi.panel.machine_look import RibbonKind
from hmi.panel.painting.shapes import fill_hatch, rounded
from hmi.panel.theme import Theme

RIBBON_LOW, RIBBON_HIGH = 18, 32
_NO_DATA_HATCH = 0.5
"""Hours without data are not louder than what was recorded."""
_FILLS = {
    RibbonKind.RUNNING: ("stRun", 1.0),
    RibbonKind.MINOR_STOP: ("stMinor", 0.6),
    RibbonKind.STOP: ("stStop", 1.0),
    RibbonKind.STARVED_BLOCKED: ("stStarved", 0.55),
    RibbonKind.PLANNED: ("stPlanned", 1.0),
    RibbonKind.OFF: ("stOff", 1.0),
}


@dataclass(frozen=True, slots=True)
class RibbonSegment:
    """One state from ``start_us`` to ``end_us`` (UTC microseconds)."""

    start_us: int
    end_us: int
    kind: RibbonKind
    text: str = ""


def paint_ribbon(
    painter: QPainter,
    theme: Theme,
    rect: QRectF,
    segments: Sequence[RibbonSegment],
    start_us: int,
    end_us: int,
) -> None:
    """All segments into ``rect``, which spans from ``start_us`` to ``end_us``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    span = max(1, end_us - start_us)
    for segment in segments:
        left = rect.left() + max(0, segment.start_us - start_us) / span * rect.width()
        right = rect.left() + min(span, segment.end_us - start_us) / span * rect.width()
        if right > left:
            paint_ribbon_segment(
                painter, theme, QRectF(left, rect.top(), right - left, rect.height()), segment.kind
            )
    painter.restore()


def paint_ribbon_segment(painter: QPainter, theme: Theme, rect: QRectF, kind: RibbonKind) -> None:
    """One stretch; also the sample in a legend."""
    painter.setPen(Qt.PenStyle.NoPen)
    if kind in _FILLS:
        color, height = _FILLS[kind]
        part = QRectF(
            rect.left(), rect.bottom() - rect.height() * height, rect.width(), rect.height() * height
        )
        painter.fillRect(part, theme.color(color))
    if kind in (RibbonKind.PLANNED, RibbonKind.NO_DATA):
        fill_hatch(painter, theme, rounded(rect, 0), _NO_DATA_HATCH if kind is RibbonKind.NO_DATA else 1.0)
    if kind is RibbonKind.OFF:
        foot = QRectF(rect.left(), rect.bottom() - rect.height() * 0.2, rect.width(), rect.height() * 0.2)
        painter.fillRect(foot, theme.color("bandAlarm"))
    if kind is RibbonKind.READY and rect.width() >= 2:
        painter.setPen(theme.pen("border", 1))
        painter.setBrush(theme.color("surface"))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
