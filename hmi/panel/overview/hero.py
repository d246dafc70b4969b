"""A large figure with its unit, in the look of its quality."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.plates import value_color
from hmi.panel.painting.shapes import draw_value_unit
from hmi.panel.value_look import LookKind, ValueLook


class Hero(QWidget):
    """``role`` hero is 60 px; the unit stands beside it on the same base line.

    ``clock`` False leaves the sign of an old value to something near that says so already.
    """

    def __init__(self, context: PanelContext, role: str = "hero", *, clock: bool = True) -> None:
        super().__init__()
        self._clock = clock
        self._context = context
        self._role = ""
        self._look = ValueLook(LookKind.NO_DATA)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.change_role(role)
        context.theme_changed.connect(self.update)

    def change_role(self, role: str) -> None:
        """Another size of type, where there is more or less room."""
        if role != self._role:
            self._role = role
            self.setFixedHeight(self._context.theme.px("type", "scale", role, "line") + 2)
            self.update()

    def show_look(self, look: ValueLook) -> None:
        if look != self._look:
            self._look = look
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, look, painter = self._context.theme, self._look, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self.contentsMargins().left()
        metrics = QFontMetricsF(theme.font(self._role))
        base = (self.height() + metrics.capHeight()) / 2
        unit = look.unit if look.raw is not None else ""
        if unit and self._needed(look.text, unit) > self.width() - left:
            unit = ""  # a unit cut short may be another one
        draw_value_unit(
            painter, theme, QPointF(left, base), look.text, unit, self._role, value_color(look.kind), "body"
        )
        silent = look.kind in (LookKind.GOOD, LookKind.NO_TAG) or (look.kind.old and not self._clock)
        if not silent:
            paint_quality_glyph(
                painter, theme, QPointF(self.width() - left - 12, self.height() / 2), look.kind
            )
        painter.end()

    def _needed(self, text: str, unit: str) -> float:
        theme = self._context.theme
        figure = QFontMetricsF(theme.font(self._role)).horizontalAdvance(text)
        return figure + 6 + QFontMetricsF(theme.font("body")).horizontalAdvance(unit)
