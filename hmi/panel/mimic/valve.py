"""A valve with its actuator: open both halves light, closed both dark, moving one each."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.shapes import polygon

_STEM, _ACTUATOR = 26.0, 22.0


class ValveItem(SymbolItem):
    """Roles: ``open`` (the command), ``opened`` (its feedback, if there is one). Bow-tie of ``size``."""

    def extent(self) -> QRectF:
        width, height = self.size
        return QRectF(0, 0, width / 2 + _STEM + 18, height)

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        middle, centre = height / 2, width / 2
        painter.setPen(self.line())
        painter.drawLine(QPointF(centre, middle), QPointF(centre + _STEM, middle))
        upper, lower = self.halves()
        self._half(painter, ((0, 0), (width, 0), (centre, middle)), upper)
        self._half(painter, ((0, height), (width, height), (centre, middle)), lower)
        self.draw_body(painter, _actuator(centre + _STEM, middle), upper)

    def halves(self) -> tuple[bool, bool]:
        """Which half is light: (upper, lower)."""
        commanded = bool(self.is_on("open"))
        followed = self.is_on("opened") if "opened" in self.looks else commanded
        return commanded, bool(followed)

    def spoken_state(self) -> str:
        upper, lower = self.halves()
        if self.is_on("open") is None:
            word = QCoreApplication.translate("Mimic", "No data")
        elif upper is not lower:
            word = QCoreApplication.translate("Mimic", "Moving")
        elif upper:
            word = QCoreApplication.translate("Mimic", "Open")
        else:
            word = QCoreApplication.translate("Mimic", "Closed")
        return word

    def _half(self, painter: QPainter, points: tuple[tuple[float, float], ...], light: bool) -> None:
        path = QPainterPath()
        path.addPolygon(polygon(*points))
        path.closeSubpath()
        self.draw_body(painter, path, light)


def _actuator(left: float, middle: float) -> QPainterPath:
    """The D on the stem."""
    half = _ACTUATOR / 2
    path = QPainterPath(QPointF(left, middle - half))
    path.lineTo(left + 7, middle - half)
    path.arcTo(QRectF(left + 7 - half, middle - half, _ACTUATOR, _ACTUATOR), 90, -180)
    path.lineTo(left, middle + half)
    path.closeSubpath()
    return path
