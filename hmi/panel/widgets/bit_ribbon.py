"""When a bit was on: a ribbon over the last 15 or 60 minutes, for the faceplate of a BOOL tag."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken, Series
from engine.model import Sample
from hmi.panel.bit_history import WORDS, BitHistory
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.ribbon import Ribbon, RibbonLegend
from hmi.panel.widgets.segmented import Segmented

MINUTES = (15, 60)
_POINTS = 20_000
"""More changes than this in an hour, and they are read as bins."""


class BitRibbon(QWidget):
    """Follows the faceplate's binding while shown; the choice of minutes reads the history again."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self._seen: Sample | None = None
        self._query: CancelToken | None = None
        self._note = ""
        self._following = False
        self.history = BitHistory(MINUTES[0] * 60)
        options = [(n, self.tr("{n} min").format(n=n)) for n in MINUTES]
        self.minutes = Segmented(context, options, MINUTES[0], self.tr("Shown"))
        self.minutes.setFixedWidth(180)
        self.minutes.chosen.connect(self.load)
        self.ribbon = Ribbon(context)
        self.summary = ElidedLabel(context, "", "label", "text2")
        self._lay_out()

    @Slot()
    def load(self) -> None:
        """Ask for what was recorded; what comes live meanwhile is kept."""
        value = self.minutes.value
        self.history = BitHistory((value if isinstance(value, int) else MINUTES[0]) * 60)
        self._seen = None
        self.on_look_changed()
        end_us, key = self._context.engine.clock.utc_us(), self._binding.key
        start_us, reader = end_us - self.history.window_us, self._context.engine.history

        def read(token: CancelToken) -> Series:
            return reader.series(key, start_us, end_us, _POINTS, token)

        if self._query is not None:
            self._query.cancel()
        self._query = self._context.queries.submit(read, self._on_series, self._on_error)
        self.refresh()

    @Slot()
    def on_look_changed(self) -> None:
        state = self._binding.state
        if state is not None and state.sample is not self._seen:
            self._seen = state.sample
            self.history.add(state.sample)

    @Slot()
    def refresh(self) -> None:
        """The window moves on."""
        now_us = self._context.engine.clock.utc_us()
        self.ribbon.show_segments(self.history.segments(now_us), now_us - self.history.window_us, now_us)
        self.summary.change_text(self._note or self._summary(now_us))

    def _summary(self, now_us: int) -> str:
        times, seconds = self.history.times_on(now_us)
        definition = self._binding.definition
        if seconds == 0:
            words = self.tr("Not on, as far as is known")
        elif times == 1:
            words = self.tr("Came on once, on for {time}")
        else:
            words = self.tr("Came on {n} times, on for {time}")
        if definition is not None and not definition.history:
            words += self.tr(". Not recorded: seen on this page only")
        return words.format(n=times, time=format_duration(seconds))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._following:
            return  # Qt may say it twice: shown with its parent, then by itself
        self._following = True
        self._binding.look_changed.connect(self.on_look_changed)
        self._context.bridge.second.connect(self.refresh)
        self.load()

    def hideEvent(self, event: QHideEvent) -> None:
        self._following = False
        self._binding.look_changed.disconnect(self.on_look_changed)
        self._context.bridge.second.disconnect(self.refresh)
        if self._query is not None:
            self._query.cancel()
        super().hideEvent(event)

    def _on_series(self, series: Series) -> None:
        self._note = ""
        self.history.load(series)
        self.refresh()

    def _on_error(self, error: EngineError) -> None:
        self._note = self.tr("History not readable. {reason}").format(reason=error)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(Label(self._context, self.tr("When it was on"), "bodyStrong"))
        head.addStretch(1)
        head.addWidget(self.minutes)
        column.addLayout(head)
        column.addWidget(self.ribbon)
        foot = QHBoxLayout()
        foot.addWidget(self.summary, 1)
        foot.addWidget(RibbonLegend(self._context, tuple(WORDS), words=WORDS), 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(foot)
