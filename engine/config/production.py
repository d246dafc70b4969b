"""Keys of ``machines``, ``alarms``, ``shifts`` and ``stop_reasons``."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from engine.config.fields import AnyText, Flag, Id, Number, Part, Text, TimeOfDay, key, refuse

PRIORITY_ALL = "priority:all"
PRIORITY_EACH = "priority:each"
LIMIT_NAMES = ("LL", "L", "H", "HH")

Priority = Annotated[int, Field(strict=True, ge=1, le=4)]
Share = Annotated[float, Field(strict=True, gt=0, le=1)]
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_WHOLE_DAY_MIN = 24 * 60


class MachineStates(Part):
    """The tags that tell a machine's state."""

    running: Text | None = key("Tag that is true while the machine produces.", default=None)
    fault: Text | None = key("Tag that is true while a fault stops the machine.", default=None)


class Targets(Part):
    """What the machine is expected to reach, as shares of 1."""

    oee: Share = key("Overall equipment effectiveness.", default=0.85)
    availability: Share = key("Availability.", default=0.90)
    performance: Share = key("Performance.", default=0.95)
    quality: Share = key("Quality.", default=0.99)


class Machine(Part):
    """One machine of the line."""

    id: Id = key("Identifies the machine.")
    name: AnyText = key("Name for people; the id when left out.", default="")
    connection: Text = key("Id of the PLC connection that its tags are on.")
    ideal_cycle_time_s: Number | None = key(
        "Time for one good unit at best speed; needed for OEE performance.", default=None, unit="s", gt=0
    )
    microstop_s: Number = key(
        "A stop shorter than this is a minor stop (performance), not downtime (availability).",
        default=300.0,
        unit="s",
        ge=0,
    )
    states: MachineStates = key("How the machine's state is read from tags.", default=MachineStates())
    targets: Targets = key("What the machine is expected to reach.", default=Targets())


class AlarmLimits(Part):
    """Limits of an analogue alarm, in the tag's unit."""

    LL: Number | None = key("Low-low limit.", default=None)
    L: Number | None = key("Low limit.", default=None)
    H: Number | None = key("High limit.", default=None)
    HH: Number | None = key("High-high limit.", default=None)

    @field_validator("L", "H", "HH")
    @classmethod
    def _in_order(cls, value: float | None, info: ValidationInfo) -> float | None:
        for name in LIMIT_NAMES[: LIMIT_NAMES.index(info.field_name or "LL")]:
            below = info.data.get(name)
            if value is not None and below is not None and value <= below:
                refuse(f"is not above the limit {name}, which is {below:g}", "LL < L < H < HH")
        return value


class LimitPriorities(Part):
    """A priority for each limit."""

    LL: Priority | None = key("Priority of the low-low alarm.", default=None)
    L: Priority | None = key("Priority of the low alarm.", default=None)
    H: Priority | None = key("Priority of the high alarm.", default=None)
    HH: Priority | None = key("Priority of the high-high alarm.", default=None)


def _kind_of_priority(value: Any) -> str:
    return PRIORITY_EACH if isinstance(value, (dict, LimitPriorities)) else PRIORITY_ALL


Priorities = Annotated[
    Annotated[Priority, Tag(PRIORITY_ALL)] | Annotated[LimitPriorities, Tag(PRIORITY_EACH)],
    Discriminator(_kind_of_priority),
]


class Alarm(Part):
    """One alarm: of a bit, or of the limits of an analogue value."""

    tag: Text = key("Tag, as NAME or as CONNECTION/NAME.")
    limits: AlarmLimits | None = key(
        "Limits of an analogue value; left out: the tag is the alarm bit.", default=None
    )
    priority: Priorities = key(
        "1 critical to 4 low: one for all, or one for each limit such as {HH: 1, H: 2}.",
        default=3,
        expected="a whole number from 1 (critical) to 4 (low), or one for each limit such as {HH: 1, H: 2}",
        validate_default=True,
    )
    deadband: Number = key(
        "How far the value must come back for the alarm to clear, in the tag's unit.", default=0.0, ge=0
    )
    on_delay_s: Number = key(
        "The condition must last this long to raise it.", default=0.0, unit="s", ge=0, le=86400
    )
    off_delay_s: Number = key(
        "The condition must be gone this long to clear it.", default=0.0, unit="s", ge=0, le=86400
    )
    text: AnyText = key("What the alarm says; the tag's name when left out.", default="")
    cause: AnyText = key("What usually causes it.", default="")
    consequence: AnyText = key("What happens if nobody acts, and when.", default="")
    response: AnyText = key("What to do.", default="")

    @field_validator("limits")
    @classmethod
    def _at_least_one(cls, limits: AlarmLimits | None) -> AlarmLimits | None:
        if limits is not None and all(getattr(limits, name) is None for name in LIMIT_NAMES):
            refuse("has no limit in it", "at least one of HH, H, L, LL")
        return limits

    @field_validator("priority")
    @classmethod
    def _priorities_match_limits(cls, priority: Any, info: ValidationInfo) -> Any:
        if isinstance(priority, int) or "limits" not in info.data:
            return priority
        limits = info.data["limits"]
        if limits is None:
            refuse(
                "is given for each limit, but there are no limits", "a whole number from 1 to 4, or limits"
            )
        for name in LIMIT_NAMES:
            has_limit, has_priority = getattr(limits, name) is not None, getattr(priority, name) is not None
            if has_priority and not has_limit:
                refuse(f"has {name}, but limits has no {name}", "one priority for each limit that is given")
            if has_limit and not has_priority:
                refuse(f"has no {name}, but limits has", "one priority for each limit that is given")
        return priority

    def priority_of(self, limit: str) -> int:
        """Priority of one limit (``HH``, ``H``, ``L``, ``LL``)."""
        if isinstance(self.priority, int):
            return self.priority
        return int(getattr(self.priority, limit))


class Break(Part):
    """A planned break in a shift, in local time."""

    start: TimeOfDay = key("When it starts, local time.")
    end: TimeOfDay = key("When it ends, local time.")

    @field_validator("end")
    @classmethod
    def _takes_time(cls, end: str, info: ValidationInfo) -> str:
        if end == info.data.get("start"):
            refuse("is the same as start, so that it takes no time")
        return end


class Shift(Part):
    """One shift, in the site's local time; it ends the next day when end is not after start."""

    name: Text = key("Name of the shift.")
    start: TimeOfDay = key("When it starts, local time.")
    end: TimeOfDay = key("When it ends, local time; on the next day when it is not after start.")
    days: tuple[Weekday, ...] = key("Days on which it starts.", default=("Mon", "Tue", "Wed", "Thu", "Fri"))
    breaks: tuple[Break, ...] = key("Planned breaks in it.", default=())

    @field_validator("end")
    @classmethod
    def _takes_time(cls, end: str, info: ValidationInfo) -> str:
        if end == info.data.get("start"):
            refuse("is the same as start, so that the shift takes no time")
        return end

    @field_validator("days")
    @classmethod
    def _each_day_once(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if not days:
            refuse("is an empty list", "at least one day")
        if len(set(days)) < len(days):
            refuse("names a day twice", "each day once")
        return days

    @field_validator("breaks")
    @classmethod
    def _breaks_inside(cls, breaks: tuple[Break, ...], info: ValidationInfo) -> tuple[Break, ...]:
        if "start" not in info.data or "end" not in info.data:
            return breaks
        start, end = _minutes(info.data["start"]), _minutes(info.data["end"])
        length = (end - start) % _WHOLE_DAY_MIN
        for pause in breaks:
            begins = (_minutes(pause.start) - start) % _WHOLE_DAY_MIN
            lasts = (_minutes(pause.end) - _minutes(pause.start)) % _WHOLE_DAY_MIN
            if begins + lasts > length:
                refuse(
                    f"has a break {pause.start} to {pause.end} that is not inside the shift",
                    "breaks between start and end",
                )
        return breaks


class StopReason(Part):
    """A node in the tree of stop reasons; leaves are what an operator taps."""

    code: Id = key("Short code, unique in the whole tree.")
    text: Text = key("What the operator reads.")
    planned: Flag = key("Whether such a stop is planned, with everything below it.", default=False)
    children: tuple["StopReason", ...] = key("Finer reasons.", default=())


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
