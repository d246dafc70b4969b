"""Settings, Plant file: what this panel runs, and what of it does nothing yet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.config import inactive_parts
from hmi.panel.context import PanelContext
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.facts import facts_grid
from hmi.panel.widgets.label import Label


class PlantPane(QWidget):
    """What the plant file says; it is edited as text, or grows by the page that finds controllers."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.px("frame", "gutter"))
        column.addWidget(self._plant_card())
        warnings = [str(warning) for warning in context.config.warnings]
        if warnings:
            column.addWidget(self._list_card(self.tr("Will not work as written"), warnings))
        notices = [str(notice) for notice in inactive_parts(context.config)]
        everything = self.tr("Everything in the plant file is active.")
        column.addWidget(self._list_card(self.tr("Not active in this version"), notices or [everything]))
        if context.installation.notices:
            card = self._list_card(self.tr("Settings of this panel"), list(context.installation.notices))
            column.addWidget(card)
        column.addStretch(1)

    def _plant_card(self) -> Card:
        config, place = self._context.config, self._context.installation
        card = Card(self._context, self.tr("Plant file"))
        tags = sum(len(connection.tags) for connection in config.plc_connections)
        writable = sum(tag.writable for connection in config.plc_connections for tag in connection.tags)
        controllers = ", ".join(c.name or c.id for c in config.plc_connections) or self.tr("none")
        lines = self._context.lines
        machines = ", ".join(
            lines.titled(each.connection or "", each.name or each.id) for each in config.machines
        ) or self.tr("none")
        facts = [
            (self.tr("File"), str(place.plant_file) if place.plant_file else self.tr("Built in (demo)")),
            (self.tr("Site"), config.site.name),
            (self.tr("Time zone"), config.site.timezone),
            (self.tr("Controllers"), controllers),
            (self.tr("Machines"), machines),
            (self.tr("Tags"), self.tr("{0}, {1} of them writable").format(tags, writable)),
            (self.tr("Database"), config.database.shown_url),
        ]
        card.body.addLayout(facts_grid(self._context, facts))
        add = Button(self._context, self.tr("Add controller or tags"), icon="plus")
        add.clicked.connect(lambda: self._context.navigate.emit("discovery", ""))
        card.body.addSpacing(4)
        card.body.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _list_card(self, title: str, lines: list[str]) -> Card:
        card = Card(self._context, title)
        for line in lines:
            card.body.addWidget(Label(self._context, line, "body", "text2", wrap=True))
        return card
