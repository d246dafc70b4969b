"""How a pointer moves to a new value: 250 ms OutCubic, or at once where moving would mislead."""

SNAP_SHARE = 0.2


class PointerMotion:
    """One pointer on a scale; positions in engineering units, times in seconds."""

    def __init__(self, duration_s: float = 0.25) -> None:
        self._duration_s = duration_s
        self._from = self._to = 0.0
        self._elapsed_s = duration_s
        self._known = False

    @property
    def moving(self) -> bool:
        return self._elapsed_s < self._duration_s

    @property
    def position(self) -> float:
        if not self.moving:
            return self._to
        share = self._elapsed_s / self._duration_s
        return self._from + (self._to - self._from) * out_cubic(share)

    def aim(self, value: float, span: float, snap: bool = False) -> None:
        """Go to a value; at once if told so, at the first value, or if it is far (over 20 % of the span)."""
        here = self.position
        if value == self._to and self._known and not snap:
            return
        far = abs(value - here) > SNAP_SHARE * span
        self._from, self._to = here, value
        self._elapsed_s = self._duration_s if snap or far or not self._known else 0.0
        self._known = True

    def advance(self, elapsed_s: float) -> bool:
        """Let time pass; True if the position changed."""
        if not self.moving:
            return False
        self._elapsed_s = min(self._duration_s, self._elapsed_s + elapsed_s)
        return True


def out_cubic(share: float) -> float:
    """Quick at first, gentle at the end; 0 to 1."""
    return 1.0 - (1.0 - min(1.0, max(0.0, share))) ** 3
