"""Names and addresses from the export of an engineering tool."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.discovery import Browsed, Progress
from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.discovery.address_form import AddressForm
from hmi.panel.discovery.ask_file import ask_file
from hmi.panel.discovery.block_numbers import BlockNumbers
from hmi.panel.discovery.drop_zone import DropZone
from hmi.panel.discovery.fields import ChoiceField
from hmi.panel.discovery.pane import SourcePane
from hmi.panel.discovery.progress_row import ProgressRow
from hmi.panel.discovery.scroll import Column, breakable, scrolling
from hmi.panel.discovery.source import Source, connection_of, controllers, target_of
from hmi.panel.discovery.task import Task
from hmi.panel.display import format_number
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import ErrorPanel

PATTERNS = ("*.db", "*.udt", "*.scl", "*.awl", "*.xlsx", "*.xml", "*.asc", "*.sdf", "*.L5X", "*.csv")
_MOST_NOTICES = 4


class FilePane(SourcePane):
    """First the file, then the controller it is about."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(
            context,
            self.tr("From a file"),
            self.tr("What the engineering tool exported. S7 controllers do not tell their names themselves."),
        )
        kinds = self.tr(
            "TIA Portal .db .udt .scl .xlsx .xml   STEP 7 .asc .sdf   Rockwell .L5X   RSLogix .csv"
        )
        self.zone = DropZone(context, kinds)
        self.zone.asked.connect(self.ask)
        self.zone.dropped.connect(self.read)
        self.task = Task(context, self)
        self.progress = ProgressRow(context)
        self.task.progressed.connect(self.progress.show_progress)
        self.task.running_changed.connect(self.progress.setVisible)
        self.progress.cancelled.connect(self.task.cancel)
        self.numbers: BlockNumbers | None = None
        self.path: Path | None = None
        self.form: AddressForm | None = None
        self._error: ErrorPanel | None = None
        self.owner = ChoiceField(context, self.tr("Which controller is this file about?"))
        self.owner.edited.connect(lambda _: self._on_owner())
        self._ids: list[str] = []
        self._lay_out()
        self.choose(None, self.tr("Choose a file"))

    def ask(self) -> None:
        filters = [self.tr("Exports ({0})").format(" ".join(PATTERNS)), self.tr("All files (*)")]
        ask_file(self, self.tr("Export of an engineering tool"), filters, self.read)

    def read(self, path: Path) -> None:
        """Read the file; what was read before stays until the new one is there."""
        discovery = self.context.discovery
        if discovery is None:
            return
        self._show_error(None)
        self.progress.begin(self.tr("Reading {0}").format(path.name))

        def step(progress: Progress, _: Callable[[Any], None]) -> Browsed:
            return discovery.read_file(path, progress)

        def on_error(error: EngineError) -> None:
            again = [(self.tr("Read it again"), "refresh-cw", lambda: self.read(path))]
            title = self.tr("{0} was not read").format(path.name)
            self._show_error(ErrorPanel(self.context, title, breakable(str(error)), actions=again))

        self.task.run(step, lambda browsed: self._on_read(path, browsed), on_error)

    def refresh(self) -> None:
        if self.numbers is not None:
            self._offer_owners(self.numbers.browsed, self._owner_id())
            self._on_owner()

    def _lay_out(self) -> None:
        content = Column(right=8, spacing=12)
        column = content.rows
        column.addWidget(self.zone)
        column.addWidget(self.progress)
        self._errors = QVBoxLayout()
        column.addLayout(self._errors)
        self._about = QWidget()
        about = QVBoxLayout(self._about)
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(8)
        self.facts = Label(self.context, "", "bodyStrong", wrap=True)
        self.notices = Label(self.context, "", "label", "text2", wrap=True)
        self._blocks, self._forms = QVBoxLayout(), QVBoxLayout()
        about.addWidget(self.facts)
        about.addWidget(self.notices)
        about.addLayout(self._blocks)
        about.addWidget(self.owner)
        about.addLayout(self._forms)
        self._about.hide()
        column.addWidget(self._about)
        column.addStretch(1)
        self.content.addWidget(scrolling(content), 1)

    def _on_read(self, path: Path, browsed: Browsed) -> None:
        self.path = path
        self.zone.make_low(low=True)
        count = format_number(browsed.count)
        words = self.tr("{0}: {1} tags for {2}")
        self.facts.setText(words.format(path.name, count, browsed.family or browsed.type))
        shown = list(browsed.notices[:_MOST_NOTICES])
        if len(browsed.notices) > _MOST_NOTICES:
            shown.append(self.tr("and {0} more").format(len(browsed.notices) - _MOST_NOTICES))
        self.notices.setText("\n".join(shown))
        self.notices.setVisible(bool(shown))
        for old, place in ((self.form, self._forms), (self.numbers, self._blocks)):
            if old is not None:
                place.removeWidget(old)
                old.deleteLater()
        self.form = AddressForm(self.context, browsed.type, browsed.family)
        self.form.changed.connect(self._on_owner)
        self._forms.addWidget(self.form)
        self.numbers = BlockNumbers(self.context, browsed)
        self.numbers.changed.connect(self._on_owner)
        self._blocks.addWidget(self.numbers)
        self._offer_owners(browsed, None)
        self._about.show()
        self._on_owner()

    def _offer_owners(self, browsed: Browsed, chosen: str | None) -> None:
        """The controllers of the file's type; the first one is chosen where none was before."""
        known = controllers(self.context.config, browsed.type)
        self._ids = [connection.id for connection in known] + [""]
        names = [connection.name or connection.id for connection in known]
        self.owner.offer([*names, self.tr("A new controller")])
        if chosen is not None and chosen in self._ids:
            self.owner.box.setCurrentIndex(self._ids.index(chosen))

    def _owner_id(self) -> str:
        index = self.owner.box.currentIndex()
        return self._ids[index] if 0 <= index < len(self._ids) else ""

    def _on_owner(self) -> None:
        if self.numbers is None or self.form is None or self.path is None:
            return
        connection = self._owner_id()
        self.form.setVisible(not connection)
        if self.numbers.missing:
            self.choose(None, self.tr("Enter the number of the data block"))
            return
        if connection:
            target = target_of(self.context.config.connection(connection))
        elif self.form.target is not None:
            target = self.form.target
            connection = connection_of(self.context.config, target)
        else:
            self.choose(None, self.tr("Enter the address of the new controller"))
            return
        self.choose(Source(self.path.name, target, connection, self.numbers.browsed, self.path))

    def _show_error(self, panel: ErrorPanel | None) -> None:
        if self._error is not None:
            self._errors.removeWidget(self._error)
            self._error.deleteLater()
        self._error = panel
        if panel is not None:
            self._errors.addWidget(panel)
