"""A value plate on the mimic, drawn by the painter that the widgets use."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.bars import bar_marks
from hmi.panel.painting.plates import PLATE_HEIGHT_CAPTION, PlateContent, paint_value_plate


class ValuePlateItem(SymbolItem):
    """Roles: ``value``. As high as ``size`` says; a caption stands on the higher one."""

    TEXT = True
    MOVING = frozenset({"value"})
    caption = ""

    def update_caption(self, caption: str) -> None:
        """How the value is going, or what is wrong with it."""
        if caption != self.caption:
            self.caption = caption
            self.update()

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size)

    def paint_symbol(self, painter: QPainter) -> None:
        look = self.looks["value"]
        content = PlateContent(
            self.note() if self.missing_tag else self.definition.text,
            look,
            bar_marks(look, self.pointers.get("value")),
            self.scales.get("value"),
            self.caption if self.size[1] >= PLATE_HEIGHT_CAPTION else "",
        )
        paint_value_plate(painter, self.theme, self.extent(), content)

    def paint_status(self, painter: QPainter) -> None:
        """The plate's painter has its own signs."""
