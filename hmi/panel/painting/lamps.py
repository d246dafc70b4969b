"""The stack light: three lamps with letters, lit in the colours of the real ones."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from hmi.panel.painting.shapes import CENTER, fill_hatch, rounded
from hmi.panel.theme import Theme

LAMP_W, LAMP_H, LAMP_PITCH = 26.0, 24.0, 26.0


@dataclass(frozen=True, slots=True)
class LampStack:
    """Which lamps are lit; None where it is not known."""

    red: bool | None
    yellow: bool | None
    green: bool | None


def paint_lamp_stack(painter: QPainter, theme: Theme, top_left: QPointF, lamps: LampStack) -> None:
    """Red on top, 26 wide, 76 high."""
    rows = (("R", "lampRed", lamps.red), ("Y", "lampYellow", lamps.yellow), ("G", "lampGreen", lamps.green))
    for index, (letter, color, lit) in enumerate(rows):
        rect = QRectF(top_left.x(), top_left.y() + index * LAMP_PITCH, LAMP_W, LAMP_H)
        paint_lamp(painter, theme, rect, letter, color, lit)


def paint_lamp(
    painter: QPainter, theme: Theme, rect: QRectF, letter: str, color: str, lit: bool | None
) -> None:
    """One lamp; hatched and dashed where its state is not known."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    body = rounded(rect.adjusted(0.75, 0.75, -0.75, -0.75), 4)
    if lit is None:
        painter.setPen(theme.pen("text3", 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color("surface"))
        painter.drawPath(body)
        fill_hatch(painter, theme, body)
    else:
        painter.setPen(theme.pen("equipLine", 1.5))
        painter.setBrush(theme.color(color if lit else "equipOff"))
        painter.drawPath(body)
    painter.setFont(theme.font("label"))
    painter.setPen(theme.color(_letter_color(color, lit)))
    painter.drawText(rect, CENTER, letter)
    painter.restore()


def _letter_color(color: str, lit: bool | None) -> str:
    if not lit:
        return "text" if lit is False else "text3"
    return "lampRedOn" if color == "lampRed" else "lampOn"
