"""Whether polling gets processes of its own, and how many: from the load that the plant file asks for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_SCAN_S = 0.35e-3
_TAG_S = 2e-6
"""Processor time of one scan and of each tag in it, as measured for S7 and for grouped Logix reads."""
WORTH_SHARE = 0.05
"""Of a core. Below it is not worth some 40 MB, and nearly as much processor time again for what is sent."""
_MOST_SHARE = 0.6
"""What one process is given to do: beyond it threads wait for each other."""


@dataclass(frozen=True, slots=True)
class PollChoice:
    """``processes`` 0: in this process. ``reason`` is a sentence for people, without a stop."""

    processes: int
    reason: str


def choose_processes(
    asked: int | Literal["auto"], controllers: Iterable[tuple[int, int]], cores: int
) -> PollChoice:
    """``controllers`` are those that will be polled, as (tags, scan period in ms)."""
    if asked != "auto":
        return PollChoice(asked, "as the plant file says")
    share = estimated_share(controllers)
    estimate = f"Polling is estimated to take {100 * share:.0f} % of a core"
    if share < WORTH_SHARE:
        return PollChoice(0, f"{estimate}; from {100 * WORTH_SHARE:.0f} % on it has a process of its own")
    if cores < 2:
        return PollChoice(0, f"{estimate}, and this machine has only one")
    wanted = math.ceil(share / _MOST_SHARE)
    return PollChoice(min(wanted, cores - 1), f"{estimate}, which is too much beside the panel")


def estimated_share(controllers: Iterable[tuple[int, int]]) -> float:
    """Of one core."""
    return sum((_SCAN_S + _TAG_S * tags) / (scan_ms / 1e3) for tags, scan_ms in controllers)
