"""The vertical scale of a lane: what was seen, the limits H and L and the normal band; pure."""

from hmi.panel.limits import Limits

MARGIN = 0.1
_WASTE = 0.55
"""The scale is drawn tighter only when so little of it is used, so that it does not breathe."""
_MARKS = ("H", "L")
BIT_RANGE = (-0.25, 1.35)
Bounds = tuple[float, float]


def lane_range(
    seen: Bounds | None, limits: Limits | None, normal: Bounds | None, before: Bounds | None = None
) -> Bounds:
    """Low and high end; ``before`` is kept while it still fits."""
    inside = [value for name, value in limits.marks() if name in _MARKS] if limits else []
    inside += normal or ()
    inside += seen or ()
    if not inside:
        return 0.0, 1.0
    low, high = min(inside), max(inside)
    span = high - low or max(abs(high) * 0.1, 1.0)
    if before is not None and before[0] <= low and high <= before[1]:
        used = span * (1 + 2 * MARGIN) / (before[1] - before[0])
        if used >= _WASTE:
            return before
    return low - span * MARGIN, high + span * MARGIN
