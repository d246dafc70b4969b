"""The alarm limits of one tag, as the indicators draw them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LimitName(StrEnum):
    """Limits by their usual letters; ON is a bit that is an alarm while it is on."""

    HH = "HH"
    H = "H"
    L = "L"
    LL = "LL"
    ON = "ON"


_SEVERITY = (LimitName.HH, LimitName.LL, LimitName.ON, LimitName.H, LimitName.L)
_HIGH = frozenset({LimitName.HH, LimitName.H, LimitName.ON})


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in engineering units with the priority of its alarm, 1 to 4."""

    name: LimitName
    value: float
    priority: int

    @property
    def high(self) -> bool:
        """Is it passed upwards?"""
        return self.name in _HIGH

    def passed(self, value: float, deadband: float = 0.0) -> bool:
        """Is the value at or beyond the limit, or within ``deadband`` on its good side?"""
        return value >= self.value - deadband if self.high else value <= self.value + deadband


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one tag; ``deadband`` is how far a value must come back before a limit is left."""

    limits: tuple[Limit, ...] = ()
    deadband: float = 0.0

    @classmethod
    def from_mapping(
        cls, values: Mapping[str, float], priorities: Mapping[str, int], deadband: float = 0.0
    ) -> "Limits":
        """From the plant file's ``{HH, H, L, LL}``; a limit without a priority gets the lowest, 4."""
        names = [name for name in LimitName if name in values]
        return cls(tuple(Limit(n, float(values[n]), priorities.get(n, 4)) for n in names), deadband)

    def get(self, name: LimitName) -> Limit | None:
        return next((limit for limit in self.limits if limit.name is name), None)

    def hit(self, value: float, previous: Limit | None = None) -> Limit | None:
        """The most severe limit passed; the ``previous`` one is left only beyond the dead-band."""
        for name in _SEVERITY:
            limit = self.get(name)
            if limit is not None and limit.passed(value, self.deadband if limit == previous else 0.0):
                return limit
        return None


NO_LIMITS = Limits()
