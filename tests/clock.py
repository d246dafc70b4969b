"""A clock that stands still until a test moves it."""


class ManualClock:
    """Monotonic time starts at 1000 s, UTC at 2026-03-12T10:40:00Z."""

    def __init__(self) -> None:
        self._monotonic_s = 1000.0
        self._utc_us = 1_773_312_000_000_000

    def monotonic(self) -> float:
        return self._monotonic_s

    def utc_us(self) -> int:
        return self._utc_us

    def advance(self, seconds: float) -> None:
        self._monotonic_s += seconds
        self._utc_us += round(seconds * 1e6)

    def jump_utc(self, seconds: float) -> None:
        """Somebody sets the machine's clock."""
        self._utc_us += round(seconds * 1e6)
