"""One line as the hall follows it: its data and the alarm bits of its controller that are on."""

from PySide6.QtCore import QObject, Signal

from engine.connections import ConnectionState
from engine.model import Quality
from engine.tags import TagState
from hmi.panel.bridge import Subscription
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration
from hmi.panel.overview.hall_order import OFF_LOOK, Standing, standing
from hmi.panel.overview.line_data import LineData
from hmi.panel.overview.plant_lines import AlarmBit, PlantLine

_RELIABLE = (Quality.GOOD, Quality.UNCERTAIN)


class HallLine(QObject):
    """Start it when the hall is shown: filters and totals count the lines whose cards are not."""

    changed = Signal()
    """State, figures or reports."""

    def __init__(self, context: PanelContext, line: PlantLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.line = line
        self.data = LineData(context, line, self)
        self.data.changed.connect(self.changed)
        self._on: dict[str, bool] = {}
        self._subscriptions: list[Subscription] = []

    @property
    def standing(self) -> Standing:
        status = self._context.engine.connection(self.line.connection)
        look = self.data.state.look if self.data.live else None
        priorities = (bit.priority for bit in self.reports)
        if status is None:
            return standing(None, look, priorities)
        return standing(status.state, look, priorities, status.type)

    @property
    def reports(self) -> list[AlarmBit]:
        """The bits that are on, most severe first; none while the controller says nothing."""
        return [bit for bit in self.line.alarm_bits if self._on.get(bit.key)] if self.data.live else []

    @property
    def cause(self) -> str:
        """Why nothing is known, as a sentence; empty while the controller answers, or its state says why."""
        status = self._context.engine.connection(self.line.connection)
        return status.cause if status is not None and status.state is not ConnectionState.STOPPED else ""

    def length(self) -> str:
        """For how long the state is what it is, or nothing has come; empty where that is not known."""
        now_us = self._context.engine.clock.utc_us()
        if self.standing.look is OFF_LOOK:
            return ""
        if not self.data.live:
            return format_duration(self.data.age_s) if self.data.age_s is not None else ""
        since_us = self.data.since_us()
        return format_duration((now_us - since_us) / 1e6) if since_us is not None else ""

    def start(self) -> None:
        if self._subscriptions:
            return
        bridge, tags = self._context.bridge, self._context.engine.tags
        keys = [bit.key for bit in self.line.alarm_bits if tags.definition(bit.key) is not None]
        self._subscriptions = [bridge.subscribe(key, self._on_bit) for key in keys]
        self.data.start()

    def stop(self) -> None:
        for subscription in self._subscriptions:
            subscription.cancel()
        self._subscriptions = []
        self._on.clear()
        self.data.stop()

    def _on_bit(self, state: TagState) -> None:
        on = state.sample.value is True and state.sample.quality in _RELIABLE
        if on is not self._on.get(state.definition.key, False):
            self._on[state.definition.key] = on
            self.changed.emit()
