"""Draws every painter and look into one picture per theme, for comparison with the symbol sheet.

Run: ``python -m tests.hmi.panel.gallery FOLDER``
"""

import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from hmi.panel.limit import limit_hit
from hmi.panel.limits import Limits
from hmi.panel.machine_look import RibbonKind, StateGlyph
from hmi.panel.painting.alarm_shapes import SIZES, AlarmShapeState, paint_alarm_shape
from hmi.panel.painting.bars import BarMarks, bar_marks, paint_h_bar, paint_v_bar
from hmi.panel.painting.gauges import GaugeHistory, paint_gauge
from hmi.panel.painting.glyphs import paint_state_glyph
from hmi.panel.painting.lamps import LampStack, paint_lamp_stack
from hmi.panel.painting.plates import PlateContent, paint_value_plate
from hmi.panel.painting.ribbons import paint_ribbon_segment
from hmi.panel.painting.shapes import LEFT
from hmi.panel.scale import Scale
from hmi.panel.theme import THEME_NAMES, Theme, load_fonts
from hmi.panel.value_look import LookKind, ValueLook

LIMITS = Limits(95, 90, 25, 15, (("HH", 1), ("H", 3), ("L", 2), ("LL", 1)))
LEVEL = Scale(0, 100, (40, 80), LIMITS)


def look(kind: LookKind, value: float = 30.4, caption: str = "") -> ValueLook:
    live = kind.live
    shown = live or kind.old
    hit = limit_hit(LIMITS, value) if live else None
    figure = value if shown else None
    return ValueLook(kind, f"{value}" if shown else "—", "%", figure, figure, caption, hit=hit)


def history(gap: bool = False) -> GaugeHistory:
    time_us = np.arange(0, 900, 5, dtype=np.int64) * 1_000_000
    values = np.linspace(62, 23.4, len(time_us)) + np.sin(time_us / 4e7) * 2
    values[-1] = 23.4
    if gap:
        values[-30:] = np.nan
        return GaugeHistory(0, 900_000_000, time_us, values, ((750_000_000, 900_000_000),))
    return GaugeHistory(0, 900_000_000, time_us, values)


def paint(painter: QPainter, theme: Theme) -> None:
    painter.fillRect(0, 0, 1100, 760, theme.color("surface"))
    _alarms(painter, theme)
    _plates(painter, theme)
    _bars(painter, theme)
    _states(painter, theme)


def _alarms(painter: QPainter, theme: Theme) -> None:
    for row in range(4):
        for column, state in enumerate(AlarmShapeState):
            center = QPointF(40 + column * 56, 40 + row * 52)
            paint_alarm_shape(painter, theme, center, row + 1, state, 28)
        for column, size in enumerate(SIZES):
            center = QPointF(400 + column * 56, 40 + row * 52)
            paint_alarm_shape(painter, theme, center, row + 1, AlarmShapeState.UNACKED, size)


def _plates(painter: QPainter, theme: Theme) -> None:
    for index, kind in enumerate(LookKind):
        rect = QRectF(640 + index % 3 * 150, 20 + index // 3 * 112, 140, 102)
        shown = look(kind, caption=kind.name.capitalize())
        paint_value_plate(
            painter, theme, rect, PlateContent("Fill level", shown, bar_marks(shown), LEVEL, shown.caption)
        )
    low = look(LookKind.GOOD, 23.4)
    content = PlateContent("Fill level", low, bar_marks(low), LEVEL, "Low-low in 12 min")
    paint_value_plate(painter, theme, QRectF(640, 360, 168, 102), content)
    paint_value_plate(
        painter,
        theme,
        QRectF(820, 360, 180, 80),
        PlateContent("Tank pressure", look(LookKind.GOOD), bar_marks(look(LookKind.GOOD)), LEVEL),
    )


def _bars(painter: QPainter, theme: Theme) -> None:
    good, low = look(LookKind.GOOD, 53.0), look(LookKind.GOOD, 23.4)
    for index, height in enumerate((8, 14, 22)):
        y = 270 + index * 44
        marks = bar_marks(good, setpoint=60.0, target=85.0)
        paint_h_bar(painter, theme, QRectF(30, y, 260, height), LEVEL, marks)
        paint_h_bar(painter, theme, QRectF(320, y, 260, height), LEVEL, bar_marks(low))
    paint_h_bar(painter, theme, QRectF(30, 410, 260, 14), LEVEL, BarMarks(50.0, None, LookKind.STALE))
    paint_v_bar(painter, theme, QRectF(330, 400, 14, 120), LEVEL, bar_marks(good, setpoint=60.0))
    paint_v_bar(painter, theme, QRectF(370, 400, 14, 120), LEVEL, bar_marks(low))
    paint_gauge(painter, theme, QRectF(30, 460, 160, 90), LEVEL, bar_marks(low), history())
    stale = BarMarks(23.4, None, LookKind.DISCONNECTED)
    paint_gauge(painter, theme, QRectF(30, 580, 160, 90), LEVEL, stale, history(gap=True))
    paint_lamp_stack(painter, theme, QPointF(420, 410), LampStack(False, True, True))
    paint_lamp_stack(painter, theme, QPointF(460, 410), LampStack(True, False, None))


def _states(painter: QPainter, theme: Theme) -> None:
    painter.setFont(theme.font("body"))
    for index, glyph in enumerate(StateGlyph):
        y = 500 + index * 26
        paint_state_glyph(painter, theme, QPointF(660, y), glyph)
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(680, y - 12, 100, 24), LEFT, glyph.name.capitalize())
    for index, kind in enumerate(RibbonKind):
        paint_ribbon_segment(painter, theme, QRectF(820, 490 + index * 26, 100, 18), kind)


def main(folder: Path) -> None:
    app = QGuiApplication.instance() or QGuiApplication([])
    load_fonts()
    folder.mkdir(parents=True, exist_ok=True)
    for name in THEME_NAMES:
        image = QImage(1100, 760, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        paint(painter, Theme.load(name))
        painter.end()
        image.save(str(folder / f"painters-{name}.png"))
    del app


if __name__ == "__main__":
    main(Path(sys.argv[1]))
