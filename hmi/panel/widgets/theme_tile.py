"""A theme to choose, shown as a small picture of the panel in it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.theme import Theme
from hmi.panel.widgets.painted_button import PaintedButton

_PICTURE = (242.0, 130.0)
_TANK = ((72, 37), (108, 37), (108, 62), (90, 72), (72, 62))
_LIQUID = ((72, 54), (108, 54), (108, 62), (90, 72), (72, 62))


class ThemeTile(PaintedButton):
    """``themes`` is one theme, or two that share the picture half and half."""

    def __init__(self, context: PanelContext, themes: tuple[str, ...], title: str, text: str) -> None:
        super().__init__()
        self._context = context
        self._themes = [Theme.load(name) for name in themes]
        self._note = text
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(f"{title}, {text}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(264, 206)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 206)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        painter.setBrush(theme.brush("inkSoft" if chosen else "sunken" if self.isDown() else "raised"))
        painter.setPen(theme.pen("ink", 2) if chosen else theme.pen("border", 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        self._paint_picture(painter, QRectF(11, 15, self.width() - 22, 130))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font("h2"))
        painter.drawText(QPointF(16, 170), self.text())
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text2"))
        painter.drawText(QPointF(16, 189), self._note)
        if chosen:
            pixmap = icon_pixmap("check", theme.color("ink"), 24, self.devicePixelRatioF())
            painter.drawPixmap(self.width() - 40, 160, pixmap)
        painter.end()

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / _PICTURE[0], area.height() / _PICTURE[1])
        share = _PICTURE[0] / len(self._themes)
        for index, theme in enumerate(self._themes):
            painter.setClipRect(QRectF(index * share, 0, share, _PICTURE[1]))
            _paint_panel(painter, theme)
        painter.restore()


def _paint_panel(painter: QPainter, theme: Theme) -> None:
    """The panel in few strokes: rail, banner, mimic, values, state ribbon."""

    def block(x: float, y: float, w: float, h: float, key: str, radius: float = 0.0) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush(key))
        painter.drawRoundedRect(QRectF(x, y, w, h), radius, radius)

    block(0, 0, 242, 130, "canvas")
    block(0, 0, 22, 130, "rail")
    block(22, 12, 220, 12, "raised")
    block(22, 12, 14, 12, "p2")
    for x, y, w, h in ((29, 31, 133, 64), (169, 31, 66, 64), (29, 101, 206, 22)):
        block(x, y, w, h, "surface", 3)
    for points, key in ((_TANK, "equipOn"), (_LIQUID, "liquid")):
        painter.setBrush(theme.brush(key))
        painter.setPen(theme.pen("equipLine", 1))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.setBrush(theme.brush("equipShade"))
    painter.drawRoundedRect(QRectF(41, 83, 109, 4), 2, 2)
    block(176, 38, 38, 9, "text", 1)
    block(176, 55, 51, 5, "bandOut")
    block(194, 55, 20, 5, "bandNormal")
    painter.setBrush(theme.brush("ink"))
    painter.drawPolygon(QPolygonF([QPointF(197, 50), QPointF(205, 50), QPointF(201, 55)]))
    block(176, 74, 51, 13, "ink", 2)
    block(36, 107, 191, 10, "stRun")
    block(84, 107, 8, 10, "stStop")
