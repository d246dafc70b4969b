"""Small geometry that several painters need."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from hmi.panel.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def half_pixel(rect: QRectF) -> QRectF:
    """The rectangle moved inwards to pixel centres, so that a 1 px frame is sharp."""
    return rect.adjusted(0.5, 0.5, -0.5, -0.5)


def dashed_pen(theme: Theme) -> QPen:
    """For the frame of what cannot be touched: dashes of 4 px, 3 px apart."""
    pen = theme.pen("text3", 1)
    pen.setDashPattern([4, 3])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def fill_hatch(painter: QPainter, theme: Theme, path: QPainterPath, opacity: float = 1.0) -> None:
    """The 45 degree hatch over a shape: missing, old or planned; lighter where text stands on it."""
    before = painter.opacity()
    painter.setOpacity(before * opacity)
    painter.fillPath(path, theme.hatch())
    painter.setOpacity(before)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    flags: Qt.AlignmentFlag = LEFT,
) -> None:
    """One line in the current pen, shortened with an ellipsis where it does not fit."""
    painter.setFont(font)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width() + 1)
    painter.drawText(rect, flags, shown)


def wrapped(text: str, font: QFont, width: float) -> list[str]:
    """The text in one line, or in two broken at spaces; the second may still be too long."""
    metrics = QFontMetricsF(font)
    words = [word for word in text.split(" ") if word]  # not at those that do not break
    count = len(words)
    while count > 1 and metrics.horizontalAdvance(" ".join(words[:count])) > width:
        count -= 1
    lines = [" ".join(words[:count]), " ".join(words[count:])]
    return [line for line in lines if line]


def wrapped_lines(text: str, font: QFont, width: float, most: int = 9) -> list[str]:
    """The text broken between words into lines of this width; the last of ``most`` takes the rest."""
    metrics = QFontMetricsF(font)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or metrics.horizontalAdvance(longer) <= width):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def draw_value_unit(
    painter: QPainter,
    theme: Theme,
    at: QPointF,
    value: str,
    unit: str,
    role: str,
    color: str,
    unit_role: str = "label",
    gap: float = 6.0,
) -> float:
    """Value and unit on one base line starting at ``at``; returns the width of the value alone."""
    value_font = theme.font(role)
    painter.setFont(value_font)
    painter.setPen(theme.color(color))
    painter.drawText(at, value)
    width = QFontMetricsF(value_font).horizontalAdvance(value)
    if unit:
        painter.setFont(theme.font(unit_role))
        painter.setPen(theme.color("textDisabled" if color == "textDisabled" else "text3"))
        painter.drawText(QPointF(at.x() + width + gap, at.y()), unit)
    return width
