"""The place of the alarm banner, above everything on every screen."""

from PySide6.QtWidgets import QFrame, QHBoxLayout

from hmi.panel.context import PanelContext
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label


class Banner(QFrame):
    """Says what it knows: this version has no alarms, so it counts none and claims no all-clear."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.setProperty("panel", "banner")
        self.setFixedHeight(context.theme.px("frame", "banner"))
        text = self.tr("Alarms are not active in this version")
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        row.addWidget(Glyph(context, "info", "text3", 20))
        row.addWidget(Label(context, text, "body", "text2"))
        row.addStretch(1)
        row.addWidget(Label(context, self.tr("Watch limits and states on the machine"), "label", "text3"))
