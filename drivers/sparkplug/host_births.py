"""Tells two nodes that fight over one id from one node that is born again. Pure."""

from collections import deque
from typing import NamedTuple

_REMEMBERED = 8
_FORGET_US = 600_000_000
_JUMPS = 3


class _Birth(NamedTuple):
    time_us: int
    bd_seq: int | None
    names: int


class BirthRecord:
    """The latest births of one node id; ``suspicions`` counts those that seem to be another node's."""

    def __init__(self) -> None:
        self.suspicions = 0
        self._births: deque[_Birth] = deque(maxlen=_REMEMBERED)
        self._jumps: deque[int] = deque(maxlen=_JUMPS)
        self._suspected_us: int | None = None
        self._why = ""

    def on_birth(self, time_us: int, bd_seq: int | None, names: int) -> bool:
        """Whether this birth looks like that of another node with the same id.

        ``names`` identifies the set of metrics. Births that alternate, or bdSeq that jumps about again and
        again, are what two nodes do; a node that lost its counter jumps once.
        """
        births = self._births
        birth = _Birth(time_us, bd_seq, names)
        why = self._alternation(birth) or self._jump(birth)
        births.append(birth)
        if why:
            self.suspicions += 1
            self._suspected_us, self._why = time_us, why
        return bool(why)

    def note(self, now_us: int) -> str:
        """A sentence while the suspicion is fresh, else empty."""
        if self._suspected_us is None or now_us - self._suspected_us > _FORGET_US:
            return ""
        return f"Two nodes seem to use this id: {self._why}"

    def _alternation(self, birth: _Birth) -> str:
        if len(self._births) < 2:
            return ""
        last, before = self._births[-1], self._births[-2]
        if birth.time_us - before.time_us > _FORGET_US:
            return ""
        same, other = (before.bd_seq, before.names), (last.bd_seq, last.names)
        if (birth.bd_seq, birth.names) == same != other:
            if birth.bd_seq != last.bd_seq:
                return f"births with bdSeq {last.bd_seq} and {birth.bd_seq} alternate"
            return "births with different metrics alternate"
        return ""

    def _jump(self, birth: _Birth) -> str:
        if not self._births or birth.bd_seq is None:
            return ""
        last = self._births[-1]
        if last.bd_seq is None or birth.bd_seq in (last.bd_seq, last.bd_seq + 1) or birth.bd_seq <= 1:
            return ""
        self._jumps.append(birth.time_us)
        if len(self._jumps) < _JUMPS or birth.time_us - self._jumps[0] > _FORGET_US:
            return ""
        return f"bdSeq jumped from {last.bd_seq} to {birth.bd_seq}, and not for the first time"
