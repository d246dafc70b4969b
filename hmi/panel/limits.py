"""The alarm limits of one analog tag, as the indicators draw them."""

from collections.abc import Mapping
from dataclasses import dataclass

LIMIT_NAMES = ("HH", "H", "L", "LL")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in engineering units, None where there is none; ``priorities`` by limit name, 1 to 4.

    ``deadband``, in engineering units, is how far a value must come back before a limit is left.
    ``on_priority`` is the priority of a bit that is an alarm while it is on, None for other tags.
    """

    high_high: float | None = None
    high: float | None = None
    low: float | None = None
    low_low: float | None = None
    priorities: tuple[tuple[str, int], ...] = ()
    deadband: float = 0.0
    on_priority: int | None = None

    @classmethod
    def from_mapping(
        cls, limits: Mapping[str, float], priorities: Mapping[str, int], deadband: float = 0.0
    ) -> "Limits":
        """From the plant file's ``{HH, H, L, LL}``."""
        high_high, high, low, low_low = (limits.get(name) for name in LIMIT_NAMES)
        return cls(high_high, high, low, low_low, tuple(priorities.items()), deadband)

    def marks(self) -> tuple[tuple[str, float], ...]:
        """The limits that exist, from the highest to the lowest: ``(("H", 90.0), ("L", 25.0))``."""
        values = (self.high_high, self.high, self.low, self.low_low)
        return tuple((n, v) for n, v in zip(LIMIT_NAMES, values, strict=True) if v is not None)

    def priority(self, name: str) -> int:
        """Alarm priority of a limit; the lowest (4) where the plant file gives none."""
        return dict(self.priorities).get(name, 4)

    def hit(self, value: float) -> str:
        """The most severe limit that the value violates (at or beyond it); empty if none."""
        if self.high_high is not None and value >= self.high_high:
            return "HH"
        if self.low_low is not None and value <= self.low_low:
            return "LL"
        if self.high is not None and value >= self.high:
            return "H"
        if self.low is not None and value <= self.low:
            return "L"
        return ""
