"""The frame of a detail beside a table: title, close button, scrolling content."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import IconButton
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import ElidedLabel, Label


class DetailCard(Card):
    """``content`` is where a detail puts what it shows, ``foot`` is for its actions."""

    closed = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.context = context
        self.body.setContentsMargins(20, 8, 8, 14)
        self.heading = ElidedLabel(context, "", "h2")
        self.subtitle = Label(context, "", "body", "text2")
        close = IconButton(context, "x", self.tr("Close"), "quiet")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(close)
        self.body.addLayout(head)
        inner = QWidget()
        inner.setProperty("panel", "scroll")
        self.content = QVBoxLayout(inner)
        self.content.setContentsMargins(0, 0, 12, 0)
        self.content.setSpacing(10)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        self.body.addWidget(area, 1)
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(0, 0, 12, 0)
        self.foot.setSpacing(context.theme.px("touch", "gap"))
        self.body.addLayout(self.foot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
