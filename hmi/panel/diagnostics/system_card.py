"""The program itself: memory, processor, threads, uptime, version."""

from importlib.metadata import version

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.figure import Figure
from hmi.panel.diagnostics.process_probe import ProcessProbe
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.display import DASH, format_duration, format_number
from hmi.panel.widgets.card import Card


class SystemCard(Card):
    """Looks once a second while shown."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        translate = QCoreApplication.translate
        aside = translate("SystemCard", "Brimline {0}").format(version("brimline"))
        super().__init__(context, translate("SystemCard", "System"), aside, parent=parent)
        self._context = context
        self._probe = ProcessProbe()
        self._memory = Figure(context, self.tr("Memory"))
        self._cpu = Figure(context, self.tr("Processor"))
        self._threads = Figure(context, self.tr("Threads"))
        self._uptime = Figure(context, self.tr("Running for"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        for column, figure in enumerate((self._memory, self._cpu, self._threads, self._uptime)):
            grid.addWidget(figure, 0, column)
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self.body.addStretch(1)
        context.bridge.second.connect(self.on_second)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @Slot()
    def on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        figures = self._probe.look()
        memory, _, unit = format_bytes(figures.resident_bytes).rpartition(" ")
        self._memory.show_figure(memory, unit)
        cpu = DASH if figures.cpu_percent is None else format_number(figures.cpu_percent)
        cores = self.tr("of one of {0} cores").format(figures.cores)
        self._cpu.show_figure(cpu, "" if figures.cpu_percent is None else "%", cores)
        self._threads.show_figure(format_number(figures.threads))
        running_s = (self._context.engine.clock.utc_us() - figures.started_us) / 1e6
        self._uptime.show_figure(format_duration(running_s))
