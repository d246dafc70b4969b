"""The stack light on its pole: lamp colours plus letters."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.lamps import LAMP_PITCH, LAMP_W, LampStack, paint_lamp_stack

_FOOT_W = 24.0


class StackLightItem(SymbolItem):
    """Roles: ``red``, ``yellow``, ``green``. ``size`` is from the top of the lamps to the pole's foot."""

    def paint_symbol(self, painter: QPainter) -> None:
        width, height = self.size
        stack = LampStack(*(self.is_on(role) for role in ("red", "yellow", "green")))
        painter.setPen(self.line())
        middle = width / 2
        painter.drawLine(QPointF(middle, 3 * LAMP_PITCH), QPointF(middle, height))
        foot = QPointF(middle - _FOOT_W / 2, height - 1), QPointF(middle + _FOOT_W / 2, height - 1)
        painter.drawLine(*foot)
        paint_lamp_stack(painter, self.theme, QPointF((width - LAMP_W) / 2, 0), stack)

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size)

    def spoken_state(self) -> str:
        names = {
            "red": QCoreApplication.translate("Mimic", "red"),
            "yellow": QCoreApplication.translate("Mimic", "yellow"),
            "green": QCoreApplication.translate("Mimic", "green"),
        }
        if self.no_data:
            return QCoreApplication.translate("Mimic", "No data")
        lit = [name for role, name in names.items() if self.is_on(role)]
        return QCoreApplication.translate("Mimic", "{0} lit").format(", ".join(lit) or "none")
