"""What the line made: good, filled, rejected, as the controller counts."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.overview.hero import Hero
from hmi.panel.overview.line_data import LineData
from hmi.panel.painting.bars import CARD_BAR, MARK_ROOM, POINTER_ROOM
from hmi.panel.painting.shapes import fill_hatch, rounded
from hmi.panel.value_look import LookKind, ValueLook
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label

_BAR = CARD_BAR


class CountCard(Card):
    """Good is what was filled less what was rejected."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        super().__init__(context, QCoreApplication.translate("CountCard", "Good bottles"), parent=parent)
        self._data = data
        self.hero = Hero(context)
        self._share = ShareBar(context)
        self._left = Label(context, "", "body", "text2")
        self._right = Label(context, "", "body", "text2")
        self.body.setContentsMargins(20, 12, 20, 12)
        self.body.setSpacing(2)
        self.body.addWidget(self.hero)
        self.body.addStretch(1)
        self.body.addWidget(self._share)
        foot = QHBoxLayout()
        foot.addWidget(self._left, 1)
        foot.addWidget(self._right)
        self.body.addLayout(foot)
        data.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        filled, rejected = self._data.look("BottlesFilled"), self._data.look("BottlesRejected")
        good = good_look(filled, rejected)
        self.hero.show_look(good)
        known = filled.value is not None and rejected.value is not None
        share = reject_share(filled.value or 0.0, rejected.value or 0.0) if known else None
        self._share.show_share(share, live=good.kind.live)
        self._left.setText(self.tr("Filled {0}").format(filled.text))
        percent = f" \u00b7 {format_number(share * 100, 1)} %" if share is not None else ""
        self._right.setText(self.tr("Rejected {0}").format(rejected.text) + percent)
        parts = (self.title.text(), good.text, self._left.text(), self._right.text())
        self.setAccessibleName(", ".join(parts))


class ShareBar(QWidget):
    """Good and rejected as parts of all that was filled."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._share: float | None = None
        self._live = False
        self.setFixedHeight(_BAR + POINTER_ROOM + MARK_ROOM)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)

    def show_share(self, rejected: float | None, *, live: bool) -> None:
        if (rejected, live) != (self._share, self._live):
            self._share, self._live = rejected, live
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0, POINTER_ROOM, self.width(), _BAR)
        frame = rounded(bar, 3)
        painter.fillPath(frame, theme.color("bandOut"))
        if not self._live:
            fill_hatch(painter, theme, frame)
        elif self._share is not None:
            painter.setClipPath(frame)
            split = bar.width() * (1.0 - self._share)
            painter.fillRect(QRectF(0, bar.top(), split, _BAR), theme.color("stRun"))
            painter.fillRect(QRectF(split + 1, bar.top(), bar.width() - split, _BAR), theme.color("stStop"))
        painter.end()


def good_look(filled: ValueLook, rejected: ValueLook) -> ValueLook:
    """The look of the difference: as bad as the worse of the two."""
    worse = filled if not filled.kind.live or rejected.kind.live else rejected
    if filled.value is None or rejected.value is None:
        return replace(worse, text=ValueLook(LookKind.BAD).text, raw=None, value=None)
    good = filled.value - rejected.value
    return replace(worse, text=format_number(good), value=good, raw=int(good), unit=filled.unit)


def reject_share(filled: float, rejected: float) -> float:
    """Rejected as a share of all, 0 to 1; 0 before the first bottle."""
    return min(1.0, max(0.0, rejected / filled)) if filled > 0 else 0.0
