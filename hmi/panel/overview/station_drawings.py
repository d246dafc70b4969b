"""Small drawings of the line's stations, standing on a belt whose top is at y = 0; 96 px high at most."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from hmi.panel.mimic.bottle import HEIGHT, bottle_path
from hmi.panel.overview.stations import Station, StationLook
from hmi.panel.painting.shapes import CENTER, fill_hatch, rounded
from hmi.panel.theme import Theme

DRAWING_HEIGHT = 96.0
BOTTLE_SCALE = 0.42


def paint_station(painter: QPainter, theme: Theme, look: StationLook, level: float | None) -> None:
    """The station around x = 0; ``level`` is how full the filler's tank is, 0 to 1."""
    match look.station:
        case Station.INFEED:
            _paint_rack(painter, theme, look)
        case Station.FILLER:
            _paint_tank(painter, theme, look, level)
        case Station.CAPPER:
            _paint_capper(painter, theme, look)
        case Station.CHECK:
            _paint_gate(painter, theme, look)
        case Station.OUTFEED:
            _paint_carton(painter, theme, look)


def paint_bottle(painter: QPainter, theme: Theme, x: float, fill: float, *, capped: bool, lost: bool) -> None:
    """A small bottle standing on the belt; it is a sign for what happens here, not a bottle counted."""
    painter.save()
    painter.translate(x, 0)
    painter.scale(BOTTLE_SCALE, BOTTLE_SCALE)
    path = bottle_path()
    painter.fillPath(path, theme.color("surface"))
    if fill > 0 and not lost:
        liquid = QPainterPath()
        liquid.addRect(QRectF(-20, -HEIGHT * fill, 40, HEIGHT * fill))
        painter.fillPath(path.intersected(liquid), theme.color("liquid"))
    painter.setPen(_line(theme, 1.25 / BOTTLE_SCALE, "bottle", lost=lost))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    if capped:
        painter.fillRect(QRectF(-8, -HEIGHT - 7, 16, 12), theme.color("hatch" if lost else "equipLine"))
    painter.restore()


def paint_belt(painter: QPainter, theme: Theme, rect: QRectF, *, running: bool, lost: bool) -> None:
    _body(painter, theme, rounded(rect, rect.height() / 2), running=running, lost=lost)


def _paint_rack(painter: QPainter, theme: Theme, look: StationLook) -> None:
    frame = QPainterPath()
    frame.addRect(QRectF(-40, -88, 80, 87))
    _body(painter, theme, frame, running=look.running, lost=look.lost)
    for shelf in (-46.0, -3.0):
        painter.save()
        painter.translate(0, shelf)
        painter.scale(0.8, 0.8)
        for x in (-34.0, -11.5, 11.5, 34.0):
            _paint_shelved(painter, theme, x, lost=look.lost)
        painter.restore()
        painter.setPen(_line(theme, 1.25, lost=look.lost))
        painter.drawLine(QPointF(-40, shelf), QPointF(40, shelf))


def _paint_shelved(painter: QPainter, theme: Theme, x: float, *, lost: bool) -> None:
    painter.save()
    painter.translate(x, 0)
    painter.scale(BOTTLE_SCALE, BOTTLE_SCALE)
    painter.setPen(_line(theme, 1.0 / BOTTLE_SCALE, lost=lost))
    painter.setBrush(theme.color("surface"))
    painter.drawPath(bottle_path())
    painter.restore()


def _paint_tank(painter: QPainter, theme: Theme, look: StationLook, level: float | None) -> None:
    body = QPainterPath(QPointF(-33, -86))
    body.cubicTo(QPointF(-33, -94), QPointF(33, -94), QPointF(33, -86))
    body.lineTo(33, -60)
    body.lineTo(6, -48)
    body.lineTo(-6, -48)
    body.lineTo(-33, -60)
    body.closeSubpath()
    _body(painter, theme, body, running=look.running, lost=look.lost)
    if level is not None and not look.lost:
        top = -60 - 26 * level
        painter.save()
        painter.setClipPath(body)
        painter.fillRect(QRectF(-33, top, 66, -48 - top), theme.color("liquid"))
        painter.setPen(theme.pen("liquidEdge", 2))
        painter.drawLine(QPointF(-33, top), QPointF(33, top))
        painter.restore()
        painter.setPen(_line(theme, 1.75, lost=False))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(body)
    painter.fillRect(QRectF(-2.5, -48, 5, 6), theme.color("equipLine"))


def _paint_capper(painter: QPainter, theme: Theme, look: StationLook) -> None:
    shaft = QPainterPath()
    shaft.addRect(QRectF(-2, -68, 4, 16))
    _body(painter, theme, shaft, running=look.running, lost=look.lost)
    chuck = rounded(QRectF(-9, -54, 18, 8), 2)
    _body(painter, theme, chuck, running=look.running, lost=look.lost)
    head = rounded(QRectF(-18, -92, 36, 24), 4)
    _body(painter, theme, head, running=look.running, lost=look.lost)
    painter.setFont(theme.font("bodyStrong"))
    painter.setPen(theme.color("textDisabled" if look.lost else "text"))
    painter.drawText(QRectF(-18, -92, 36, 24), CENTER, "M")


def _paint_gate(painter: QPainter, theme: Theme, look: StationLook) -> None:
    gate = QPainterPath()
    gate.addRect(QRectF(-34, -74, 68, 14))
    for x in (-34.0, 26.0):
        gate.addRect(QRectF(x, -60, 8, 59))
    _body(painter, theme, gate.simplified(), running=look.running, lost=look.lost)
    pen = _line(theme, 1.25, "text3", lost=True)
    painter.setPen(pen)
    painter.drawLine(QPointF(-26, -30), QPointF(26, -30))


def _paint_carton(painter: QPainter, theme: Theme, look: StationLook) -> None:
    box = rounded(QRectF(-38, -62, 76, 61), 2)
    _body(painter, theme, box, running=look.running, lost=look.lost)
    painter.setPen(_line(theme, 1.25, lost=look.lost))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(-11, -62, 22, 18))
    painter.drawLine(QPointF(-38, -53), QPointF(38, -53))


def _body(painter: QPainter, theme: Theme, path: QPainterPath, *, running: bool, lost: bool) -> None:
    """Lighter than the card while running, darker while it stands, hatched while it is not known."""
    painter.setPen(_line(theme, 1.75, lost=lost))
    painter.setBrush(theme.color("surface" if lost else "equipOn" if running else "equipOff"))
    painter.drawPath(path)
    if lost:
        fill_hatch(painter, theme, path)


def _line(theme: Theme, width: float, key: str = "equipLine", *, lost: bool) -> QPen:
    pen = theme.pen(key, width)
    if lost:
        pen.setDashPattern([2.4, 1.8])
    return pen
