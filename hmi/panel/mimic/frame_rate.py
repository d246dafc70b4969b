"""When frames come too slowly, bottles give up theirs first."""

_SLOW_S, _FAST_S = 1 / 25, 1 / 27
_SPARING_S = 0.1
_RECOVERS_AFTER_S = 2.0
_WEIGHT = 0.1


class FrameRate:
    """Fed with the seconds between frames; says whether bottles move in this one."""

    def __init__(self) -> None:
        self._mean_s = 1 / 30
        self._since_s = 0.0
        self._good_s = 0.0
        self.sparing = False

    def bottles_move(self, elapsed_s: float) -> bool:
        """Every frame at 25 fps and above, ten times a second below."""
        self._mean_s += (min(elapsed_s, 0.5) - self._mean_s) * _WEIGHT
        self._good_s = self._good_s + elapsed_s if self._mean_s <= _FAST_S else 0.0
        if self._mean_s > _SLOW_S:
            self.sparing = True
        elif self._good_s >= _RECOVERS_AFTER_S:
            self.sparing = False
        self._since_s += elapsed_s
        if self.sparing and self._since_s < _SPARING_S:
            return False
        self._since_s = 0.0
        return True
