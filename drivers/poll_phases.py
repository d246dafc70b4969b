"""When in its period each controller is polled, so that requests are spread evenly over time."""

_GOLDEN = 0.6180339887498949
_SILVER = 0.4142135623730950


class Phases:
    """Each controller of one period falls into the widest gap that those before it left, roughly.

    Multiples of the golden ratio do that for any number of controllers, so one can be added while the
    plant runs. Periods are shifted against each other: 500 and 1000 ms would meet every second.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def next_s(self, scan_ms: int) -> float:
        """The phase of one more controller with this period, in seconds from the period's start."""
        number = self._counts.get(scan_ms, 0)
        self._counts[scan_ms] = number + 1
        group = list(self._counts).index(scan_ms)
        return (number * _GOLDEN + group * _SILVER) % 1.0 * scan_ms / 1e3
