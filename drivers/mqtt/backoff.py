"""How long to wait before the next try to reach a broker."""

import random

_CAP_S = 40.0
_SPREAD = 1.5
_MOST_DOUBLINGS = 16


class Backoff:
    """Exponential from 1 s to 60 s; spread by half, so that many links do not come at once.

    ``cap_s`` is the longest delay before it is spread.
    """

    def __init__(self, rng: random.Random, first_s: float = 1.0, cap_s: float = _CAP_S) -> None:
        self._rng = rng
        self._first_s = first_s
        self._cap_s = cap_s
        self._failures = 0

    def next_delay_s(self) -> float:
        """The delay after one more failure."""
        delay_s: float = min(self._cap_s, self._first_s * 2**self._failures)
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        return delay_s * self._rng.uniform(1.0, _SPREAD)

    def reset(self) -> None:
        """It works again: the next failure counts as the first."""
        self._failures = 0
