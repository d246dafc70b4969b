"""How fast the line makes bottles, against the best it can."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.overview.hero import Hero
from hmi.panel.overview.line_data import LineData
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.h_bar import HBar
from hmi.panel.widgets.label import Label

RATE_TAG = "BottlesPerMinute"


class RateCard(Card):
    """``ideal_per_min`` of the line is the target mark; without it there is none."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        super().__init__(context, QCoreApplication.translate("RateCard", "Rate"), parent=parent)
        self._context = context
        self._data = data
        self._ideal = data.line.ideal_per_min
        self.hero = Hero(context)
        self._bar = HBar(context, data.line.key(RATE_TAG))
        self._bar.set_marks(target=self._ideal)
        self._left = Label(context, "", "body", "text2")
        self._right = Label(context, "", "body", "text2")
        self.body.setContentsMargins(13, 12, 13, 12)
        self.body.setSpacing(2)
        for part in (self.title, self.hero):
            part.setContentsMargins(7, 0, 0, 0)
        self.body.addWidget(self.hero)
        self.body.addStretch(1)
        self.body.addWidget(self._bar)
        foot = QHBoxLayout()
        foot.setContentsMargins(7, 0, 7, 0)
        foot.addWidget(self._left, 1)
        foot.addWidget(self._right)
        self.body.addLayout(foot)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        data.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        look = self._data.look(RATE_TAG)
        self.hero.show_look(look)
        self._right.setText(
            self.tr("Ideal {0}").format(format_number(self._ideal, 1)) if self._ideal is not None else ""
        )
        self._left.setText(self._against_ideal(look.value if look.kind.live else None))
        parts = (self.title.text(), f"{look.text} {look.unit}", self._left.text(), self._right.text())
        self.setAccessibleName(", ".join(part for part in parts if part))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # else the release goes elsewhere

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if inside and event.button() is Qt.MouseButton.LeftButton:
            self._context.open_faceplate.emit(self._data.line.key(RATE_TAG))

    def _against_ideal(self, rate: float | None) -> str:
        if rate is None:
            last = self._data.look(RATE_TAG).last_good_text
            return self.tr("Last good {0}").format(last) if last else ""
        if self._ideal is None:
            return ""
        apart = rate - self._ideal
        if abs(apart) < 0.05:
            return self.tr("At its ideal")
        words = self.tr("{0} below ideal") if apart < 0 else self.tr("{0} above ideal")
        return words.format(format_number(abs(apart), 1))
