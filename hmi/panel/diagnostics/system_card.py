"""The program itself: memory, processor, threads, uptime, version, and where it polls."""

from importlib.metadata import version

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.figure import Figure
from hmi.panel.diagnostics.polling_text import polling_text
from hmi.panel.diagnostics.process_probe import ProcessFigures, ProcessProbe
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.diagnostics.spark_plot import SparkPlot
from hmi.panel.display import DASH, format_duration, format_number
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import ElidedLabel


class SystemCard(Card):
    """Looks once a second."""

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
        self._polling = ElidedLabel(context, "", "label")
        self._polling_reason = ElidedLabel(context, "", "label", "text2")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        for line in (self._polling, self._polling_reason):
            line.setVisible(context.engine.polling is not None)
            lines.addWidget(line)
        self.body.addLayout(lines)
        self._memory_plot = SparkPlot(context, self.tr("Memory, 5 min"), 1e6)
        self._cpu_plot = SparkPlot(context, self.tr("Processor, 5 min"), 10.0)
        plots = QHBoxLayout()
        plots.setSpacing(20)
        plots.addWidget(self._memory_plot)
        plots.addWidget(self._cpu_plot)
        self.body.addLayout(plots, 1)
        context.bridge.second.connect(self.on_second)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_figures(self._probe.look())

    @Slot()
    def on_second(self) -> None:
        """The curves go on even while nobody looks."""
        figures = self._probe.look()
        self._memory_plot.add(figures.resident_bytes, format_bytes(figures.resident_bytes))
        percent = 0.0 if figures.cpu_percent is None else figures.cpu_percent
        self._cpu_plot.add(figures.cpu_percent, f"{format_number(percent)} %")
        self.show_figures(figures)

    def show_figures(self, figures: ProcessFigures) -> None:
        memory, _, unit = format_bytes(figures.resident_bytes).rpartition(" ")
        self._memory.show_figure(memory, unit)
        cpu = DASH if figures.cpu_percent is None else format_number(figures.cpu_percent)
        cores = self.tr("of one of {0} cores").format(figures.cores)
        self._cpu.show_figure(cpu, "" if figures.cpu_percent is None else "%", cores)
        self._threads.show_figure(format_number(figures.threads))
        self._show_polling()
        running_s = (self._context.engine.clock.utc_us() - figures.started_us) / 1e6
        self._uptime.show_figure(format_duration(running_s))

    def _show_polling(self) -> None:
        polling = self._context.engine.polling
        if polling is not None and self.isVisible():
            status = polling.status()
            self._polling.change_text(self.tr("Polling: {0}").format(polling_text(status)))
            self._polling_reason.change_text(status.reason)
