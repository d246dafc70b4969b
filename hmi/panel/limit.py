"""One limit of a tag: which was passed, which comes next, and what it is called."""

from dataclasses import dataclass

from hmi.panel.limits import Limits

LIMIT_WORDS = {"HH": "High-high", "H": "High", "L": "Low", "LL": "Low-low", "ON": "On"}


@dataclass(frozen=True, slots=True)
class Limit:
    """``name`` is HH, H, L or LL (ISA-18.2), ON for an alarm bit; ``priority`` 1 (critical) to 4 (low)."""

    name: str
    value: float
    priority: int

    @property
    def is_high(self) -> bool:
        return self.name in ("HH", "H")

    @property
    def word(self) -> str:
        return LIMIT_WORDS[self.name]


def limit_list(limits: Limits | None) -> list[Limit]:
    """The limits that exist, from the highest to the lowest."""
    if limits is None:
        return []
    return [Limit(name, value, limits.priority(name)) for name, value in limits.marks()]


def limit_hit(limits: Limits | None, value: float, previous: Limit | None = None) -> Limit | None:
    """The outermost limit passed; one hit before is left only when the value came back by the dead-band."""
    if limits is None:
        return None
    if limits.on_priority is not None:
        return Limit("ON", 1.0, limits.on_priority) if value else None
    name = limits.hit(value)
    if previous is not None and not name and previous in limit_list(limits):
        back = previous.value - limits.deadband if previous.is_high else previous.value + limits.deadband
        if value > back if previous.is_high else value < back:
            return previous
    return next((limit for limit in limit_list(limits) if limit.name == name), None)


def next_limit(limits: Limits | None, value: float, rising: bool) -> Limit | None:
    """The limit that a value moving in this direction meets first."""
    ahead = [
        limit
        for limit in limit_list(limits)
        if limit.is_high is rising and (limit.value > value if rising else limit.value < value)
    ]
    return min(ahead, key=lambda limit: abs(limit.value - value), default=None)
