"""When a passed limit counts on the screen: after its delay, unless the machine stands still."""

from engine.config.production import Alarm
from hmi.panel.context import PanelContext
from hmi.panel.limit import Limit

RUNNING_TAG = "SystemRunning"
LOW_WHILE_STOPPED = ("FillFlowRate", "ConveyorSpeed")
"""Low limits of these raise nothing while the machine does not run: that is what they are then."""


def alarm_of(context: PanelContext, key: str) -> Alarm | None:
    """The plant file's alarm of this tag, named with or without its connection."""
    name = key.rpartition("/")[2]
    return next((alarm for alarm in context.config.alarms if alarm.tag in (key, name)), None)


def suppressed(context: PanelContext, key: str, limit: Limit) -> bool:
    """Is this limit passed only because the machine stands still?"""
    connection, _, name = key.rpartition("/")
    if limit.is_high or name not in LOW_WHILE_STOPPED:
        return False
    state = context.bridge.state(f"{connection}/{RUNNING_TAG}")
    return state is not None and state.sample.value is not True


class HitDelay:
    """On-delay and off-delay of ISA-18.2 for one tag; seconds of any clock that goes forward."""

    def __init__(self, on_delay_s: float = 0.0, off_delay_s: float = 0.0) -> None:
        self._on_delay_s = on_delay_s
        self._off_delay_s = off_delay_s
        self._shown: Limit | None = None
        self._changing_since_s: float | None = None

    def update(self, passed: Limit | None, now_s: float) -> Limit | None:
        """The limit to show, given the one that is passed just now."""
        if (passed is None) is (self._shown is None):
            self._changing_since_s = None
            self._shown = passed
            return passed
        if self._changing_since_s is None:
            self._changing_since_s = now_s
        wait_s = self._off_delay_s if passed is None else self._on_delay_s
        if now_s - self._changing_since_s >= wait_s:
            self._shown, self._changing_since_s = passed, None
        return self._shown

    def clear(self) -> None:
        """The value is not known any more."""
        self._shown, self._changing_since_s = None, None
