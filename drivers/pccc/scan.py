"""One pass over all points: runs the plan, isolates what fails, and takes it back when it recovers.

A refused block is split until the failing tags are found: they alone turn bad, with the reason, and are
left out of the plan; every 30 s they are tried again, a few in each scan. Knows no sockets: it is given an
exchange.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from drivers.base import Reading
from drivers.pccc.layout import Span
from drivers.pccc.read_plan import Block, Cut, Plan, Point, make_block, plan_blocks, plan_reads, split_block
from drivers.pccc.status import Refusal, RefusedError, concerns_every_item, describe

Exchange = Callable[[Span], bytes]
"""Reads words; raises ``RefusedError``, or a ``DriverError`` that ends the session."""

RETRY_S = 30.0
RETRIES_PER_SCAN = 8
"""Failed points that one scan tries again: many dead tags must not hold up the healthy ones."""


class Scan:
    """The reading side of one session. ``fixed`` are readings of tags that have no point at all.

    The indices of the points and of ``fixed`` together are 0, 1, 2 and so on without a gap.
    """

    def __init__(self, points: Sequence[Point], fixed: Mapping[int, Reading], limit: int) -> None:
        self._points = tuple(points)
        self._fixed = dict(fixed)
        self._limit = limit
        self._failed: dict[Point, Reading] = {}
        self._cuts: set[Cut] = set()
        self._due: list[Point] = []
        self._retry_at = 0.0
        self._replan()

    @property
    def plan(self) -> Plan:
        """What the next scan asks for."""
        return self._plan

    @property
    def failed(self) -> frozenset[Point]:
        """Points that are left out until they are tried again."""
        return frozenset(self._failed)

    def run(self, exchange: Exchange, now: float) -> Sequence[Reading]:
        """One reading for each tag; ``now`` in monotonic seconds."""
        self._retry(exchange, now)
        plan, arrange = self._plan, self._arrange
        flat: list[Reading] = []
        refused: list[tuple[Block, Refusal]] = []
        for block, reads in zip(plan.blocks, plan.reads, strict=True):
            outcome = _read(reads, exchange)
            if isinstance(outcome, Refusal):
                refused.append((block, outcome))
                flat += [_error(outcome)] * len(block.points)
            else:
                flat += block.decode(outcome)
        flat += self._failed.values()
        flat += self._fixed.values()
        readings = arrange(flat)
        return self._isolate(refused, readings, exchange, now) if refused else readings

    def _retry(self, exchange: Exchange, now: float) -> None:
        """Try a few of the failed points again; all of them in turn, then none until the next time."""
        stale = False
        if not self._due and (self._failed or self._cuts) and now >= self._retry_at:
            stale = bool(self._cuts)
            self._cuts.clear()
            self._due = list(self._failed)
            self._retry_at = now + RETRY_S
        batch, self._due = self._due[:RETRIES_PER_SCAN], self._due[RETRIES_PER_SCAN:]
        for point in batch:
            outcome = self._read_block(make_block([point]), exchange)
            if isinstance(outcome, Refusal):
                self._failed[point] = _error(outcome)
            else:
                del self._failed[point]
                stale = True
        if stale:
            self._replan()

    def _isolate(
        self,
        refused: Sequence[tuple[Block, Refusal]],
        readings: Sequence[Reading],
        exchange: Exchange,
        now: float,
    ) -> Sequence[Reading]:
        """Find out which points of the refused blocks fail, and correct the readings."""
        suspects = [(block, refusal) for block, refusal in refused if not concerns_every_item(refusal)]
        if not suspects:
            return readings
        corrected = list(readings)
        for block, refusal in suspects:
            parts: list[Block] = []
            failed = self._search(block, refusal, exchange, corrected, parts)
            if not failed:
                # It is the block that cannot be read, not a tag in it: go on in the parts that could be.
                starts = (min(point.span.start for point in part.points) for part in parts)
                self._cuts.update((block.span.area, start) for start in starts)
            self._failed.update(failed)
        self._retry_at = now + RETRY_S
        self._replan()
        return corrected

    def _search(
        self,
        block: Block,
        refusal: Refusal,
        exchange: Exchange,
        readings: list[Reading],
        readable: list[Block],
    ) -> dict[Point, Reading]:
        """The points of a refused block that fail; the parts that do not are added to ``readable``."""
        if len(block.points) == 1:
            point = block.points[0]
            readings[point.index] = _error(refusal)
            return {point: readings[point.index]}
        failed: dict[Point, Reading] = {}
        for part in split_block(block):
            outcome = self._read_block(part, exchange)
            if isinstance(outcome, Refusal):
                failed |= self._search(part, outcome, exchange, readings, readable)
                continue
            readable.append(part)
            for point, reading in zip(part.points, part.decode(outcome), strict=True):
                readings[point.index] = reading
        return failed

    def _read_block(self, block: Block, exchange: Exchange) -> bytes | Refusal:
        return _read(plan_blocks([block], self._limit).reads[0], exchange)

    def _replan(self) -> None:
        readable = [point for point in self._points if point not in self._failed]
        self._plan = plan_reads(readable, self._limit, self._failed, self._cuts)
        order = [point.index for block in self._plan.blocks for point in block.points]
        order += [point.index for point in self._failed]
        order += self._fixed
        self._arrange = _permutation(order)


def _permutation(order: Sequence[int]) -> Callable[[Sequence[Reading]], Sequence[Reading]]:
    """Brings readings from the plan's order to the order of the tags."""
    positions = [0] * len(order)
    for position, index in enumerate(order):
        positions[index] = position
    if len(positions) < 2:
        return tuple
    return itemgetter(*positions)


def _error(refusal: Refusal) -> Reading:
    return Reading(None, describe(refusal))


def _read(reads: Sequence[Span], exchange: Exchange) -> bytes | Refusal:
    """The bytes of a block, or why there are none."""
    try:
        parts = [exchange(span) for span in reads]
    except RefusedError as error:
        return error.refusal
    return parts[0] if len(parts) == 1 else b"".join(parts)
