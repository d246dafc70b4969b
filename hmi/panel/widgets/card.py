"""The frame that holds one subject."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.label import Label

PADDING = (20, 14, 20, 14)


class Card(QFrame):
    """Radius 10, hairline, padding 20 x 14; ``body`` is the layout below the optional title row."""

    def __init__(
        self,
        context: PanelContext,
        title: str = "",
        aside: str = "",
        panel: str = "card",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("panel", panel)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*PADDING)
        self.body.setSpacing(8)
        self.aside = Label(context, aside, "label", "text2")
        if title:
            self.setAccessibleName(title)
            self._add_title(context, title)
        else:
            self.aside.setParent(self)
            self.aside.hide()

    def _add_title(self, context: PanelContext, title: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.title = Label(context, title, "h2")
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.aside)
        self.body.addLayout(row)


def rule(vertical: bool = False) -> QFrame:
    """A hairline."""
    line = QFrame()
    line.setProperty("panel", "rule")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line
