"""Entries with a name above them and what is wrong with them below."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.label import Label


class Field(QWidget):
    """``edited`` comes with every letter that a person types, not with ``show_text``."""

    edited = Signal(str)

    def __init__(self, context: PanelContext, name: str, hint: str = "") -> None:
        super().__init__()
        self._name = name
        self.entry = QLineEdit()
        self.entry.setFont(context.theme.font("body"))
        self.entry.setAccessibleName(name)
        self.entry.setPlaceholderText(hint)
        self.entry.textEdited.connect(self.edited)
        self.problem = Label(context, "", "label", "text", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(context, name, "label", "text2"))
        column.addWidget(self.entry)
        column.addWidget(self.problem)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self.entry.text().strip()

    def show_text(self, text: str, hint: str | None = None) -> None:
        if hint is not None:
            self.entry.setPlaceholderText(hint)
        if text != self.entry.text():
            self.entry.setText(text)
            self.entry.setCursorPosition(0)

    def show_problem(self, text: str) -> None:
        """Empty: nothing is wrong."""
        if text == self.problem.text():
            return
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.entry.setAccessibleDescription(text)
        self.entry.setProperty("invalid", "true" if text else "false")
        self.entry.style().unpolish(self.entry)
        self.entry.style().polish(self.entry)


class ChoiceField(QWidget):
    """One of a few words that are not all visible."""

    edited = Signal(str)

    def __init__(self, context: PanelContext, name: str) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setFont(context.theme.font("body"))
        self.box.setAccessibleName(name)
        self.box.textActivated.connect(self.edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(context, name, "label", "text2"))
        column.addWidget(self.box)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self.box.currentText()

    def offer(self, words: list[str], chosen: str = "") -> None:
        self.box.clear()
        self.box.addItems(words)
        if chosen in words:
            self.box.setCurrentText(chosen)
