"""The line above a list of what a search found: that there is more than is listed, or nothing at all."""

from PySide6.QtWidgets import QAbstractItemView

from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.widgets.label import Label


class FoundNote(Label):
    """Hidden while everything is listed. Its words are also the list's description, for who listens."""

    def __init__(self, context: PanelContext, listed: QAbstractItemView, nothing: str) -> None:
        super().__init__(context, "", "body", "text2")
        self._listed = listed
        self._nothing = nothing

    def tell(self, shown: int, found: int) -> None:
        """``shown`` of the ``found`` are listed."""
        text = self._nothing if not found else ""
        if shown < found:
            text = self.tr("{0} of {1}: type to narrow").format(format_number(shown), format_number(found))
        self.setText(text)
        self.setVisible(bool(text))
        self._listed.setAccessibleDescription(text)
