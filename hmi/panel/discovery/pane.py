"""What the four ways to a source have in common."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from hmi.panel.context import PanelContext
from hmi.panel.discovery.source import Source, connection_of
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label


class SourcePane(Card):
    """``source`` is what is chosen in it, ``lack`` what has to be done first while that is None."""

    changed = Signal()
    accepted = Signal()
    """Enter on a choice: go on with it."""

    def __init__(self, context: PanelContext, title: str, explanation: str) -> None:
        super().__init__(context, title)
        self.context = context
        self.source: Source | None = None
        self.lack = ""
        self.body.addWidget(Label(context, explanation, "body", "text2", wrap=True))
        self.content = QVBoxLayout()
        self.content.setSpacing(12)
        self.body.addSpacing(4)
        self.body.addLayout(self.content, 1)

    def choose(self, source: Source | None, lack: str = "") -> None:
        self.source, self.lack = source, lack
        self.changed.emit()

    def follow_plant(self) -> None:
        """The plant file is another one: the chosen controller may have come into it, or left it."""
        self.refresh()
        if self.source is not None:
            known = connection_of(self.context.config, self.source.target, self.source.connection)
            if known != self.source.connection:
                self.choose(replace(self.source, connection=known))

    def refresh(self) -> None:
        """Its page came into sight, or the plant file is another one."""
