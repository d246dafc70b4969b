"""What the overview follows of one line: state, figures, and its states over the last hours."""

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import EngineError
from engine.history import CancelToken, Series
from engine.model import Sample, Value
from hmi.panel.context import PanelContext
from hmi.panel.filler_state import FillerState
from hmi.panel.machine_tags import MachineTags
from hmi.panel.overview.plant_lines import PlantLine
from hmi.panel.overview.stations import STATION_TAGS, StationLook, station_looks
from hmi.panel.overview.timeline import StateTimeline, state_since_us
from hmi.panel.painting.ribbons import RibbonSegment
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import ValueLook
from hmi.panel.widgets.states import SKELETON_AFTER_MS

WINDOW_H = 8
_RETRY_US = 10_000_000
_POINTS = 20_000
"""More changes of state than this in eight hours, and they are read as bins."""


class LineData(QObject):
    """Start it when it is shown and stop it when it is hidden."""

    changed = Signal()
    """State or figures."""
    timeline_changed = Signal()
    """States over time: a new state, a second has passed, or the history was read."""

    def __init__(self, context: PanelContext, line: PlantLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.line = line
        self.segments: list[RibbonSegment] = []
        self.loading = False
        self.error = ""
        self._timeline = StateTimeline(line.by_packml, WINDOW_H * 3600)
        self._machine = MachineTags(context, line.connection, self)
        self._machine.changed.connect(self._on_look)
        self._bindings = {name: TagBinding(context, line.key(name), self) for name in STATION_TAGS}
        for binding in self._bindings.values():
            binding.look_changed.connect(self._on_look)
        self._state = TagBinding(context, line.state_key, self)
        self._state.look_changed.connect(self._on_state)
        self._seen: Sample | None = None
        self._query: CancelToken | None = None
        self._retry_us: int | None = None
        self._asked_s = 0.0
        self._started = False
        self._untold = False

    @property
    def state(self) -> FillerState:
        return self._machine.state()

    @property
    def age_s(self) -> float | None:
        """How long nothing has come; None while the state is live, or was never known."""
        look = self._state.look
        return look.age_s if look.kind.old else None

    @property
    def slow(self) -> bool:
        """Has the history been read for so long that somebody should be told?"""
        waited_s = self.context.engine.clock.monotonic() - self._asked_s
        return self.loading and waited_s >= SKELETON_AFTER_MS / 1e3

    @property
    def live(self) -> bool:
        return self._state.look.kind.live

    def since_us(self) -> int | None:
        """Since when the state is what it is, as far as the record goes."""
        if not self.live:
            return None
        recorded = state_since_us(self.segments)
        return recorded if recorded is not None else self._machine.state_since_us()

    def look(self, name: str) -> ValueLook:
        """The look of one of ``STATION_TAGS``."""
        return self._bindings[name].look

    def stations(self) -> list[StationLook]:
        values: dict[str, Value | None] = {
            name: binding.look.raw if binding.look.kind.live else None
            for name, binding in self._bindings.items()
        }
        return station_looks(self.line, self.state, values, self.age_s)

    def level_fraction(self) -> float | None:
        """How full the tank is, 0 to 1; None while it is not known."""
        binding = self._bindings["FillLevel"]
        if binding.scale is None or binding.look.value is None:
            return None
        return binding.scale.fraction(binding.look.value)

    def start(self) -> None:
        if self._started:
            return
        self._started = True
        self._timeline = StateTimeline(self.line.by_packml, WINDOW_H * 3600)
        self._seen = None
        self._load()
        self._machine.start()
        for binding in (*self._bindings.values(), self._state):
            binding.start()
        self._on_state()
        self.context.bridge.second.connect(self.on_second)
        self.context.bridge.frame.connect(self.on_frame)
        self.on_second()
        self.changed.emit()

    def stop(self) -> None:
        if not self._started:
            return
        self._started = False
        self.context.bridge.second.disconnect(self.on_second)
        self.context.bridge.frame.disconnect(self.on_frame)
        for binding in (*self._bindings.values(), self._state):
            binding.stop()
        self._machine.stop()
        if self._query is not None:
            self._query.cancel()
            self._query = None

    @Slot()
    def on_second(self) -> None:
        """The window moves on; a history that could not be read is tried again."""
        now_us = self.context.engine.clock.utc_us()
        if self._retry_us is not None and now_us >= self._retry_us:
            self._load()
        self.segments = self._timeline.segments(now_us)
        self.timeline_changed.emit()

    @Slot()
    def on_frame(self) -> None:
        """Many tags change in one frame: those who show them are told once."""
        if self._untold:
            self._untold = False
            self.changed.emit()

    def _on_look(self) -> None:
        self._untold = True

    def _on_state(self) -> None:
        state = self._state.state
        if state is not None and state.sample is not self._seen:
            self._seen = state.sample
            self._timeline.add(state.sample)
            if self._started:
                self.on_second()
        self.changed.emit()

    def _load(self) -> None:
        """Ask for what was recorded; what comes live meanwhile is kept."""
        context, key = self.context, self.line.state_key
        end_us = context.engine.clock.utc_us()
        start_us, reader = end_us - self._timeline.window_us, context.engine.history
        self.loading, self._retry_us = not self.error, None
        self._asked_s = context.engine.clock.monotonic()

        def read(token: CancelToken) -> Series:
            return reader.series(key, start_us, end_us, _POINTS, token)

        self._query = context.queries.submit(read, self._on_series, self._on_error)

    def _on_series(self, series: Series) -> None:
        self.loading, self.error = False, ""
        self._timeline.load(series)
        self.on_second()
        self.changed.emit()

    def _on_error(self, error: EngineError) -> None:
        self.loading, self.error = False, str(error)
        self._retry_us = self.context.engine.clock.utc_us() + _RETRY_US
        self.on_second()
