"""What ties something on the screen to one tag: subscription, look, moving pointer, slope."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from engine.model import NUMERIC_TYPES, DataType, Quality, TagDef
from engine.tags import TagState
from hmi.panel.bridge import Subscription
from hmi.panel.context import PanelContext
from hmi.panel.forecast import RECENT_S, Forecast, SlopeEstimator, forecast
from hmi.panel.limit import Limit
from hmi.panel.limits import Limits
from hmi.panel.motion import PointerMotion
from hmi.panel.scale import Scale, scale_of
from hmi.panel.tag_alarm import HitDelay, alarm_of, suppressed
from hmi.panel.value_look import LookKind, Trend, ValueLook, value_look


class TagBinding(QObject):
    """Follows one tag while started; widgets and mimic items share it.

    ``look`` is never None: before the first state it is that of "no data", and that of "no tag"
    when the plant file has none of this key.
    """

    look_changed = Signal()
    """The look is another one."""
    pointer_moved = Signal()
    """The pointer stands elsewhere; the look may be the same."""

    def __init__(self, context: PanelContext, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.key = key
        self.definition: TagDef | None = context.engine.tags.definition(key)
        self.limits: Limits | None = context.limits(key)
        self.scale: Scale | None = _scale(self.definition, self.limits)
        self.state: TagState | None = None
        self.look = ValueLook(LookKind.NO_DATA if self.definition else LookKind.NO_TAG)
        self.forecast: Forecast | None = None
        self._motion = PointerMotion(context.theme.number("motion", "value") / 1000)
        self._slope = SlopeEstimator()
        alarm = alarm_of(context, key)
        self._delay = HitDelay(alarm.on_delay_s, alarm.off_delay_s) if alarm else HitDelay()
        self._passed: Limit | None = None
        self._subscription: Subscription | None = None

    @property
    def name(self) -> str:
        """The name people read."""
        if self.definition is None:
            return self.key.rpartition("/")[2]
        return self.definition.description or self.definition.name

    @property
    def title(self) -> str:
        """The name with the line's where there are several."""
        return self.context.lines.titled(self.key.rpartition("/")[0], self.name)

    @property
    def spoken_title(self) -> str:
        """The same, to be heard."""
        return self.context.lines.spoken(self.key.rpartition("/")[0], self.name)

    @property
    def pointer(self) -> float | None:
        """Where the pointer stands just now, in engineering units; None for no pointer."""
        return self._motion.position if self.look.value is not None else None

    @property
    def started(self) -> bool:
        return self._subscription is not None

    def start(self) -> None:
        """Begin to follow; does nothing for a tag that does not exist, or twice."""
        if self.definition is None or self._subscription is not None:
            return
        bridge = self.context.bridge
        bridge.second.connect(self.on_second)
        bridge.connections_changed.connect(self.refresh)
        bridge.frame.connect(self.on_frame)
        self.state = None
        self._subscription = bridge.subscribe(self.key, self.on_state)
        if self.state is None:  # it left the plant file, of which the panel has not heard yet
            self.refresh()

    def stop(self) -> None:
        """Follow no more; may be called twice."""
        if self._subscription is None:
            return
        self._subscription.cancel()
        self._subscription = None
        bridge = self.context.bridge
        bridge.second.disconnect(self.on_second)
        bridge.connections_changed.disconnect(self.refresh)
        bridge.frame.disconnect(self.on_frame)

    def on_state(self, state: TagState) -> None:
        self.state = state
        self.refresh()

    @Slot()
    def on_second(self) -> None:
        """Ages grow and values go stale without any change being announced."""
        self.state = self.context.bridge.state(self.key)
        self._feed_slope()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look again at what is known."""
        if self.definition is None:
            return
        old = self.look
        trend = self.forecast.trend if self.forecast else Trend.UNKNOWN
        look = value_look(
            self.state,
            self.context.engine.connection(self.definition.connection),
            self.limits,
            self.context.engine.clock.utc_us(),
            previous_hit=self._passed,
            trend=trend,
            zone=self.context.zone,
        )
        self._passed = look.hit
        self.look = replace(look, hit=self._shown_hit(look))
        self._aim(old)
        if self.look != old:
            self.look_changed.emit()

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        if self._motion.advance(elapsed_s):
            self.pointer_moved.emit()

    def _shown_hit(self, look: ValueLook) -> Limit | None:
        """The passed limit once its delay is over; None while the machine's state explains it."""
        if not look.kind.live:
            self._delay.clear()
            return None
        passed = look.hit
        if passed is not None and suppressed(self.context, self.key, passed):
            passed = None
            self._delay.clear()
        return self._delay.update(passed, self.context.engine.clock.monotonic())

    def _aim(self, old: ValueLook) -> None:
        if self.look.value is None or self.scale is None:
            return
        snap = self.context.settings.reduce_motion or old.kind is not self.look.kind or old.value is None
        self._motion.aim(self.look.value, self.scale.span, snap)

    def _feed_slope(self) -> None:
        state = self.state
        if state is None or self.scale is None or state.sample.quality is not Quality.GOOD:
            self._slope.clear()
            self.forecast = None
            return
        value = state.sample.value
        if isinstance(value, (bool, str, tuple)) or value is None:
            return
        self._slope.add(state.seen_us, float(value))
        self.forecast = forecast(
            self._slope.slope_per_min(),
            float(value),
            self.scale.span,
            self.limits,
            self._slope.slope_per_min(RECENT_S),
        )


def _scale(definition: TagDef | None, limits: Limits | None) -> Scale | None:
    """Only single numbers stand on a scale."""
    if definition is None or definition.type.length or definition.type.base is DataType.BOOL:
        return None
    return scale_of(definition, limits) if definition.type.base in NUMERIC_TYPES else None
