"""Settings, About: versions, folders, and the licences of what comes with the panel."""

import platform
from importlib.metadata import version

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.theme import RESOURCES
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.facts import facts_grid
from hmi.panel.widgets.glyph import Mark
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.segmented import Segmented

_LICENCES = {
    "Inter": RESOURCES / "fonts" / "LICENSE-Inter-OFL.txt",
    "Lucide": RESOURCES / "icons" / "LICENSE-lucide.txt",
}


class AboutPane(QWidget):
    """What to tell when asking for help."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.px("frame", "gutter"))
        column.addWidget(self._version_card())
        column.addWidget(self._licence_card(), 1)

    def _version_card(self) -> Card:
        context = self._context
        card = Card(context)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(Mark(context, 48))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(context, "Brimline", "h1"))
        words.addWidget(Label(context, self.tr("HMI and SCADA for bottling lines"), "body", "text2"))
        row.addLayout(words, 1)
        card.body.addLayout(row)
        card.body.addSpacing(8)
        place = context.installation
        plant_file = str(place.plant_file) if place.plant_file else self.tr("Built in (demo)")
        facts = [
            (self.tr("Version"), version("brimline")),
            (self.tr("Plant file"), plant_file),
            (self.tr("Data folder"), str(place.data_folder) if place.data_folder else self.tr("none")),
            (self.tr("Python"), platform.python_version()),
            (self.tr("Qt"), self.tr("{0}, PySide6 {1}").format(qVersion(), pyside_version)),
            (self.tr("System"), f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ]
        card.body.addLayout(facts_grid(context, facts))
        return card

    def _licence_card(self) -> Card:
        card = Card(self._context, self.tr("Licences"), self.tr("Brimline itself: MIT"))
        names = [(name, text) for name, text in (("Inter", "Inter (OFL 1.1)"), ("Lucide", "Lucide (ISC)"))]
        chooser = Segmented(self._context, names, name=self.tr("Licence"))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setFont(self._context.theme.font("body"))
        self._text.setAccessibleName(self.tr("Text of the licence"))
        self._text.setMinimumHeight(160)
        chooser.chosen.connect(lambda name: self._show_licence(str(name)))
        card.body.addSpacing(4)
        card.body.addWidget(chooser)
        card.body.addWidget(self._text, 1)
        self._show_licence("Inter")
        return card

    def _show_licence(self, name: str) -> None:
        self._text.setPlainText(_LICENCES[name].read_text(encoding="utf-8"))
