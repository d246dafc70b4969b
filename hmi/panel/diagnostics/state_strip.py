"""A framed line above old values: what was lost, since when, what is done about it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_text import Words
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label


class StateStrip(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.setProperty("panel", "strip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._title = Label(context, "", "body", wrap=True)
        self._fact = Label(context, "", "label", "text2", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(Glyph(context, "unlink", "text", 22), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._fact)
        row.addLayout(words, 1)
        self.hide()

    def show_words(self, words: Words | None) -> None:
        self.setVisible(words is not None)
        if words is None:
            return
        self._title.setText(words.title)
        self._fact.setText(words.fact)
        self._fact.setVisible(bool(words.fact))
        self.setAccessibleName(f"{words.title} {words.fact}".strip())
