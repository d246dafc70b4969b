"""A tag as a value plate: name, value, unit, small bar, caption."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.forecast import Forecast
from hmi.panel.painting.plates import PLATE_HEIGHT, PLATE_HEIGHT_CAPTION, PlateContent, paint_value_plate
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind, Trend
from hmi.panel.widgets.tag_widget import TagWidget


class ValuePlate(TagWidget):
    """80 px high, or 102 with a caption (how the value is going, or what is wrong with it)."""

    def __init__(
        self, context: PanelContext, key: str, *, caption: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, key, parent)
        self._with_caption = caption
        self.setFixedHeight(PLATE_HEIGHT_CAPTION if caption else PLATE_HEIGHT)
        self.setMinimumWidth(118)

    def sizeHint(self) -> QSize:
        return QSize(168, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        content = PlateContent(
            self.title(),
            self.look,
            self.marks(),
            self.binding.scale,
            plate_caption(self.binding) if self._with_caption else "",
            self.hasFocus(),
        )
        paint_value_plate(painter, self.context.theme, QRectF(self.rect()), content)
        painter.end()


def plate_caption(binding: TagBinding) -> str:
    """What stands under the value: the forecast of a good value, else what is wrong with it."""
    if binding.look.kind is not LookKind.GOOD:
        return binding.look.caption
    return forecast_text(binding.forecast) if binding.scale is not None else ""


def forecast_text(going: Forecast | None) -> str:
    """``Low-low in 12 min``, ``Falling``, ``Steady``; empty while it is not known."""
    if going is None or going.trend is Trend.UNKNOWN:
        return ""
    if going.limit is not None and going.minutes is not None:
        when = f"{going.minutes:.0f} min" if going.minutes >= 1 else "under 1 min"
        return f"{going.limit.word} in {when}"
    return {Trend.STEADY: "Steady", Trend.RISING: "Rising", Trend.FALLING: "Falling"}[going.trend]
