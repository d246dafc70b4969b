"""One line where the Sparkplug nodes would be: the plant file does not use them."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import paint_icon
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label


class NodesOutline(QWidget):
    """Three nodes that hang together, as an outline."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.setFixedSize(QSize(40, 40))
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, "share-2", self._context.theme.color("text3"), QRectF(2, 2, 36, 36))
        painter.end()


class SparkplugUnused(Card):
    """A drawing, one sentence of fact, one action."""

    def __init__(self, context: PanelContext, fact: str, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.setAccessibleName(fact)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.body.setContentsMargins(20, 8, 8, 8)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(NodesOutline(context), 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(Label(context, self.tr("Sparkplug nodes"), "bodyStrong"))
        words.addWidget(Label(context, fact, "body", "text2", wrap=True))
        words.addStretch(1)
        row.addLayout(words, 1)
        self.action = Button(context, self.tr("Plant file"), "link")
        self.action.clicked.connect(lambda: context.navigate.emit("settings", ""))
        row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
