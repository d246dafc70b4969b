"""Which line is shown, and one touch to the one before or after it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import IconButton
from hmi.panel.widgets.label import Label

_NAME_MOST, _EDGE = 94, 12


class LineSwitch(QWidget):
    """For a view of one connection's machine; round and round through the lines of the plant."""

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._connection = connection
        self.setAccessibleName(self.tr("Line"))
        self.name = Label(context, "", "h2")
        self.before = IconButton(context, "chevron-left", "", "quiet")
        self.after = IconButton(context, "chevron-right", "", "quiet")
        self.before.clicked.connect(lambda: self._go(-1))
        self.after.clicked.connect(lambda: self._go(1))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.before)
        row.addWidget(self.name)
        row.addWidget(self.after)
        row.addStretch(1)
        context.plant_changed.connect(self.update_names)
        self.update_names()

    @Slot()
    def update_names(self) -> None:
        """Say where each button leads."""
        name = self._context.lines.name(self._connection)
        shown = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _NAME_MOST)
        self.name.setText(shown)
        self.name.setToolTip(name if shown != name else "")
        self.name.setAccessibleName(name)
        for button, step in ((self.before, -1), (self.after, 1)):
            words = self.tr("To {0}").format(self._context.lines.name(self._beside(step)))
            button.setAccessibleName(words)
            button.setToolTip(words)
        two = len(self._context.scope.lines) <= 2
        self.before.setVisible(not two)
        margins = self._row.contentsMargins()
        margins.setLeft(_EDGE if two else 0)
        self._row.setContentsMargins(margins)

    def _go(self, step: int) -> None:
        self._context.scope.open_machine(self._beside(step))

    def _beside(self, step: int) -> str:
        lines = [line.connection for line in self._context.scope.lines]
        if self._connection not in lines:
            return self._connection
        return lines[(lines.index(self._connection) + step) % len(lines)]
