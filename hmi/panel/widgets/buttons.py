"""Plain push buttons: one press, one signal. Commands to the machine have their own buttons."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import themed_icon
from hmi.panel.painting.shapes import dashed_pen, half_pixel, rounded

_ICON = 20
_ICON_GAP = 5  # Qt itself leaves 4 between icon and text
_FRAMELESS = ("quiet", "link", "crumb", "toast")
_ICON_TONES = {"primary": "onInk", "stop": "raised", "link": "ink"}


class Button(QPushButton):
    """``kind``: normal, primary, stop, quiet or link; the style sheet draws it."""

    def __init__(
        self,
        context: PanelContext,
        text: str = "",
        kind: str = "normal",
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._context = context
        self._icon = icon
        self.setProperty("kind", kind)
        self.setFont(context.theme.font("bodyStrong"))
        self.setAutoDefault(True)  # Enter presses it, not only Space
        context.theme_changed.connect(self._refresh)
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style sheet's dashes are dots: the frame of a disabled button is drawn here."""
        super().paintEvent(event)
        if self.isEnabled() or self.property("kind") in _FRAMELESS:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(dashed_pen(self._context.theme))
        radius = self._context.theme.number("radius", "control")
        painter.drawPath(rounded(half_pixel(QRectF(self.rect())), radius))
        painter.end()

    def change_icon(self, icon: str) -> None:
        self._icon = icon
        self._refresh()

    def change_kind(self, kind: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._refresh()

    def _refresh(self) -> None:
        if self._icon:
            tone = _ICON_TONES.get(str(self.property("kind")), "text")
            gap = _ICON_GAP if self.text() else 0
            self.setIconSize(QSize(_ICON + gap, _ICON))
            self.setIcon(themed_icon(self._context.theme, self._icon, tone, _ICON, gap))


class IconButton(Button):
    """A square button that shows only an icon and says its name to those who cannot see it."""

    def __init__(self, context: PanelContext, icon: str, name: str, kind: str = "normal") -> None:
        super().__init__(context, "", kind, icon)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setProperty("square", "true")
        self._fit()
        context.settings_changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        """The style sheet takes away the minimum of ``setFixedSize``; layouts must not make it flat."""
        return self.maximumSize()

    def minimumSizeHint(self) -> QSize:
        return self.maximumSize()

    def _fit(self) -> None:
        side = self._context.density.control
        self.setFixedSize(side, side)
