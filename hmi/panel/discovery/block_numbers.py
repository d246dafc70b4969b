"""The numbers of data blocks that a file does not tell, typed in by those who can see them in TIA Portal."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.discovery import Browsed, DiscoveryError, with_db_number
from hmi.panel.context import PanelContext
from hmi.panel.discovery.fields import Field
from hmi.panel.discovery.form_check import parse_whole

_COLUMNS = 3
_MOST = 12


class BlockNumbers(QWidget):
    """``browsed`` is what the file has with the numbers given so far."""

    changed = Signal()

    def __init__(self, context: PanelContext, browsed: Browsed) -> None:
        super().__init__()
        self._read = browsed
        self.browsed = browsed
        self.missing = False
        self.fields: dict[str, Field] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        unknown = [node.name for node in browsed.roots if node.numbered is not None]
        for number, name in enumerate(unknown[:_MOST]):
            field = Field(context, self.tr("Number of data block {0}").format(name), self.tr("such as 5"))
            field.edited.connect(lambda _: self._on_edited())
            self.fields[name] = field
            grid.addWidget(field, number // _COLUMNS, number % _COLUMNS)
        for number in range(_COLUMNS):
            grid.setColumnStretch(number, 1)
        self.setVisible(bool(unknown))
        self._on_edited()

    def _on_edited(self) -> None:
        """Blocks without a number stay in the tree; there, they say what is missing."""
        browsed, given = self._read, 0
        for name, field in self.fields.items():
            try:
                number = parse_whole(field.text)
                if number is not None:
                    browsed = with_db_number(browsed, name, number)
                    given += 1
                field.show_problem("")
            except (ValueError, DiscoveryError):
                field.show_problem(self.tr("must be a number from 1 to 65535"))
        self.missing = bool(self.fields) and not given and len(self.fields) == len(self._read.roots)
        self.browsed = browsed
        self.changed.emit()
