"""A box with its words: empty, ticked, or with a dash where several things differ."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.shapes import dashed_pen, draw_text, half_pixel, rounded
from hmi.panel.theme import Theme

BOX = 20
_GAP, _ICON = 10, 16


class CheckBox(QCheckBox):
    """The whole of it can be touched; as high as every other control."""

    def __init__(self, context: PanelContext, text: str, role: str = "body") -> None:
        super().__init__(text)
        self._context = context
        self._role = role
        self.setFont(context.theme.font(role))
        context.theme_changed.connect(self.update)

    def show_mixed(self, *, mixed: bool) -> None:
        """Several things differ; the next touch ticks all of them."""
        self.setTristate(mixed)
        if mixed:
            self.setCheckState(Qt.CheckState.PartiallyChecked)

    def nextCheckState(self) -> None:
        self.setTristate(False)
        super().nextCheckState()

    def sizeHint(self) -> QSize:
        width = BOX + _GAP + QFontMetrics(self.font()).horizontalAdvance(self.text()) + 4
        return QSize(width, self._context.density.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        paint_box(painter, theme, QRectF(0, middle - BOX / 2, BOX, BOX), self.checkState(), self)
        painter.setPen(theme.color("text" if self.isEnabled() else "textDisabled"))
        place = QRectF(BOX + _GAP, 0, self.width() - BOX - _GAP, self.height())
        draw_text(painter, place, self.text(), theme.font(self._role))
        painter.end()


def paint_box(painter: QPainter, theme: Theme, box: QRectF, state: Qt.CheckState, owner: QWidget) -> None:
    """The box alone; that of a disabled ``owner`` is dashed."""
    shape = rounded(half_pixel(box), theme.number("radius", "chip"))
    off = state is Qt.CheckState.Unchecked
    usable = owner.isEnabled()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if usable:
        painter.fillPath(shape, theme.brush("raised" if off else "ink"))
        painter.setPen(theme.pen("border" if off else "ink"))
    else:
        painter.setPen(dashed_pen(theme))
    painter.drawPath(shape)
    if not off:
        name = "check" if state is Qt.CheckState.Checked else "minus"
        tone = theme.color("onInk" if usable else "textDisabled")
        pixmap = icon_pixmap(name, tone, _ICON, painter.device().devicePixelRatioF())
        at = box.center()
        painter.drawPixmap(round(at.x() - _ICON / 2), round(at.y() - _ICON / 2), pixmap)
