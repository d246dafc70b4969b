"""Looking for controllers on the network: a broadcast, and a range only if somebody asks for it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QWidget

from engine.discovery import FindRequest, Found, Progress
from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.table import ColumnPlan
from hmi.panel.discovery.fields import Field
from hmi.panel.discovery.form_check import parse_whole
from hmi.panel.discovery.pane import SourcePane
from hmi.panel.discovery.progress_row import ProgressRow
from hmi.panel.discovery.scroll import at_top
from hmi.panel.discovery.source import Source, connection_name, connection_of
from hmi.panel.discovery.task import Task
from hmi.panel.discovery.text_table import TextRow, TextTable
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.check_box import CheckBox
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.states import Empty, ErrorPanel

_BROADCAST = "255.255.255.255"
_S7_PORT = 102
_WIDTHS = (206, 150, 112, 84, 110, 128, 130)
_DROP, _STRETCH = (4, 3), (0, 6)
_TOP = Qt.AlignmentFlag.AlignTop


class NetworkPane(SourcePane):
    """Answers appear as they come; what was found stays until the next search."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(
            context,
            self.tr("On the network"),
            self.tr("Asks who is there. Nothing is changed in any controller."),
        )
        self.task = Task(context, self)
        self._make_request()
        self._make_results()
        self.task.told.connect(self._on_found)
        self.task.progressed.connect(self.progress.show_progress)
        self.task.running_changed.connect(self._on_running)
        self.progress.cancelled.connect(self._on_cancel)
        self.choose(None, self.tr("Search, then choose a controller"))

    def requests(self) -> list[FindRequest]:
        """What is to be asked now; empty where an entry has to be put right first."""
        asked = []
        if self.broadcast.isChecked() and self.address.text:
            asked.append(FindRequest(("ALLEN_BRADLEY",), broadcast=self.address.text))
        if self.probe.isChecked() and self.range.text:
            try:
                port = parse_whole(self.port.text) or _S7_PORT
            except ValueError:
                self.port.show_problem(self.tr("is not a number"))
                return []
            hosts = tuple(part for part in self.range.text.replace(",", " ").split() if part)
            asked.append(FindRequest(("SIEMENS_S7",), hosts, s7_port=port))
        return asked

    def search(self) -> None:
        """Begin to look; does nothing while nothing is asked for."""
        self._show_problems()
        requests = self.requests()
        discovery = self.context.discovery
        if not requests or discovery is None:
            return
        self.table.rows.show_rows([])
        self._found.clear()
        self.choose(None, self.tr("Choose a controller"))
        self._results.setCurrentWidget(self.table)
        self.progress.begin(self.tr("Asking the network"))

        def look(progress: Progress, tell: Callable[[Any], None]) -> None:
            for request in requests:
                discovery.find(request, progress, tell)

        self.task.run(look, self._on_end, self._on_error)

    def refresh(self) -> None:
        self.table.rows.show_rows([self._row(found) for found in self._found])

    def _make_request(self) -> None:
        self.broadcast = CheckBox(self.context, self.tr("Allen-Bradley, by broadcast"), "bodyStrong")
        self.broadcast.setChecked(True)
        self.probe = CheckBox(self.context, self.tr("Siemens S7, one address after the other"), "bodyStrong")
        for box in (self.broadcast, self.probe):
            box.toggled.connect(self._on_kind)
        self.address = Field(self.context, self.tr("Broadcast address"))
        self.address.show_text(_BROADCAST)
        self.range = Field(self.context, self.tr("Addresses to probe"), "10.0.0.1-10.0.0.20, 10.0.1.0/28")
        self.port = Field(self.context, self.tr("Port"))
        self.port.show_text(str(_S7_PORT))
        for field in (self.address, self.range, self.port):
            field.entry.returnPressed.connect(self.search)
            field.edited.connect(lambda _: self._show_problems())
        words = self.tr("Every address is asked on this port. Tell those who watch the network first.")
        self._warning = Label(self.context, words, "label", "text2", wrap=True)
        self.search_button = Button(self.context, self.tr("Search"), icon="search")
        self.search_button.clicked.connect(self.search)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.broadcast, 0, 0)
        grid.addWidget(self.probe, 0, 1, 1, 2)
        grid.addWidget(self.address, 1, 0, _TOP)
        grid.addWidget(self.range, 1, 1, _TOP)
        grid.addWidget(self.port, 1, 2, _TOP)
        grid.addWidget(self._warning, 2, 1, 1, 2)
        for column, share in ((0, 5), (1, 5), (2, 2)):
            grid.setColumnStretch(column, share)
        self.content.addLayout(grid)
        self.progress = ProgressRow(self.context)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.search_button)
        row.addWidget(self.progress, 1)
        row.addStretch(0)
        self.content.addLayout(row)
        self._on_kind()

    def _make_results(self) -> None:
        self._found: list[Found] = []
        headers = (
            self.tr("Product"),
            self.tr("Address"),
            self.tr("Family"),
            self.tr("Firmware"),
            self.tr("Serial"),
            self.tr("State"),
            self.tr("Note"),
        )
        self.table = TextTable(self.context, headers, ColumnPlan(_WIDTHS, _DROP, _STRETCH))
        self.table.setAccessibleName(self.tr("Controllers found"))
        self.table.row_chosen.connect(self._on_row)
        self.table.accepted.connect(self.accepted)
        self._results = QStackedWidget()
        self._results.addWidget(self.table)
        self._state: QWidget = Empty(
            self.context,
            self.tr("Nothing was asked yet"),
            self.tr("A broadcast reaches this network only. Others need a range, or an address by hand."),
        )
        self._results.addWidget(self._state)
        self._results.setCurrentWidget(self._state)
        self.body.setContentsMargins(20, 14, 20, 2)
        self.content.addWidget(self._results, 1)

    def _on_kind(self) -> None:
        self.address.setEnabled(self.broadcast.isChecked())
        for part in (self.range, self.port, self._warning):
            part.setEnabled(self.probe.isChecked())
        self.search_button.setEnabled(self.broadcast.isChecked() or self.probe.isChecked())

    def _show_problems(self) -> None:
        missing = self.tr("is missing")
        self.address.show_problem(missing if self.broadcast.isChecked() and not self.address.text else "")
        self.range.show_problem(missing if self.probe.isChecked() and not self.range.text else "")
        self.port.show_problem("")

    def _on_found(self, found: Found) -> None:
        if found not in self._found:
            self._found.append(found)
            self.table.rows.add_row(self._row(found))

    def _row(self, found: Found) -> TextRow:
        target = found.target
        known = connection_of(self.context.config, target)
        notes = [found.note]
        if known:
            notes.insert(0, self.tr("In the plant file as {0}.").format(self._name(known)))
        cells = (
            found.product or target.family or target.type,
            f"{target.host}:{target.port}",
            target.family,
            found.firmware,
            found.serial,
            found.state,
            " ".join(note for note in notes if note),
        )
        return TextRow(cells, found)

    def _name(self, connection: str) -> str:
        return connection_name(self.context.config, connection)

    def _on_row(self, row: int) -> None:
        found = self.table.thing(row)
        assert isinstance(found, Found)
        known = connection_of(self.context.config, found.target)
        title = self._name(known) if known else found.product or found.target.host
        self.choose(Source(title, found.target, known))

    def _on_running(self, running: bool) -> None:
        self.search_button.setEnabled(not running)
        self.progress.setVisible(running)

    def _on_cancel(self) -> None:
        self.task.cancel()
        if not self._found:
            self._show_state(
                Empty(self.context, self.tr("The search was stopped"), self.tr("Nothing had answered yet."))
            )

    def _on_end(self, _: None) -> None:
        if not self._found:
            title = self.tr("No controller answered")
            hint = self.tr(
                "Is the cable in, and this computer in the same network? A broadcast stops at the first "
                "router, and S7 controllers answer only when their own address is asked."
            )
            self._show_state(Empty(self.context, title, hint))

    def _on_error(self, error: EngineError) -> None:
        retry = [(self.tr("Search again"), "refresh-cw", self.search)]
        if self._found:
            self.context.notify.emit(str(error))
        else:
            title = self.tr("The network was not searched")
            self._show_state(at_top(ErrorPanel(self.context, title, str(error), actions=retry)))

    def _show_state(self, state: QWidget) -> None:
        self._results.removeWidget(self._state)
        self._state.deleteLater()
        self._state = state
        self._results.addWidget(state)
        self._results.setCurrentWidget(state)
