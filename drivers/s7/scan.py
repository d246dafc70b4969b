"""One pass over all points: runs the plan, isolates what fails, and takes it back when it recovers.

A refused block is split until the failing tags are found: they alone turn bad, with the reason, and
are left out of the plan; every 30 s they are tried again, some in each scan. Knows no sockets: it is given
an exchange.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from drivers.base import Reading
from drivers.s7.pdu import OK, ItemReply, RequestRefusedError
from drivers.s7.read_plan import (
    Block,
    Cut,
    Plan,
    Point,
    Request,
    make_block,
    plan_blocks,
    plan_reads,
    split_block,
    split_request,
)
from drivers.s7.return_codes import concerns_every_item, describe

Exchange = Callable[[Request], list[ItemReply]]
"""Sends a request; raises ``RequestRefusedError``, or a ``DriverError`` that ends the session."""

RETRY_S = 30.0
RETRIES_PER_SCAN = 40
"""Failed points that one scan tries again: two or three requests, or one each where the controller refuses
whole requests. Many dead tags must not hold up the healthy ones."""


class Scan:
    """The reading side of one session. ``fixed`` are readings of tags that have no point at all."""

    def __init__(self, points: Sequence[Point], fixed: Mapping[int, Reading], pdu: int) -> None:
        self._points = tuple(points)
        self._fixed = dict(fixed)
        self._pdu = pdu
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
        refused: list[tuple[Block, int]] = []
        for block, outcome in zip(plan.blocks, _execute(plan, exchange), strict=True):
            if isinstance(outcome, int):
                refused.append((block, outcome))
                flat += [_error(point, outcome) for point in block.points]
            else:
                flat += block.decode(outcome)
        flat += self._failed.values()
        flat += self._fixed.values()
        readings = arrange(flat)
        return self._isolate(refused, readings, exchange, now) if refused else readings

    def _retry(self, exchange: Exchange, now: float) -> None:
        """Try some of the failed points again; all of them in turn, then none until the next time."""
        stale = False
        if not self._due and (self._failed or self._cuts) and now >= self._retry_at:
            stale = bool(self._cuts)
            self._cuts.clear()
            self._due = list(self._failed)
            self._retry_at = now + RETRY_S
        batch, self._due = self._due[:RETRIES_PER_SCAN], self._due[RETRIES_PER_SCAN:]
        plan = plan_blocks([make_block([point]) for point in batch], self._pdu)
        for block, outcome in zip(plan.blocks, _execute(plan, exchange), strict=True):
            point = block.points[0]
            if isinstance(outcome, int):
                self._failed[point] = _error(point, outcome)
            else:
                del self._failed[point]
                stale = True
        if stale:
            self._replan()

    def _isolate(
        self,
        refused: Sequence[tuple[Block, int]],
        readings: Sequence[Reading],
        exchange: Exchange,
        now: float,
    ) -> Sequence[Reading]:
        """Find out which points of the refused blocks fail, and correct the readings."""
        suspects = [(block, code) for block, code in refused if not concerns_every_item(code)]
        if not suspects:
            return readings
        corrected = list(readings)
        for block, code in suspects:
            failed = self._search(block, code, exchange, corrected)
            if not failed:
                # It is the block that cannot be read, not a tag in it: read its tags one by one.
                self._cuts.update((point.area, point.db, point.start) for point in block.points)
            self._failed.update(failed)
        self._retry_at = now + RETRY_S
        self._replan()
        return corrected

    def _search(
        self, block: Block, code: int, exchange: Exchange, readings: list[Reading]
    ) -> dict[Point, Reading]:
        failed: dict[Point, Reading] = {}
        pending = [(block, code)]
        while pending:
            parts: list[Block] = []
            for suspect, reason in pending:
                if len(suspect.points) == 1:
                    point = suspect.points[0]
                    failed[point] = readings[point.index] = _error(point, reason)
                else:
                    parts += split_block(suspect)
            pending = []
            plan = plan_blocks(parts, self._pdu)
            for part, outcome in zip(plan.blocks, _execute(plan, exchange), strict=True):
                if isinstance(outcome, int):
                    pending.append((part, outcome))
                else:
                    for point, reading in zip(part.points, part.decode(outcome), strict=True):
                        readings[point.index] = reading
        return failed

    def _replan(self) -> None:
        readable = [point for point in self._points if point not in self._failed]
        self._plan = plan_reads(readable, self._pdu, self._failed, self._cuts)
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


def _error(point: Point, code: int) -> Reading:
    return Reading(None, describe(code, point.area, point.db))


def _execute(plan: Plan, exchange: Exchange) -> list[bytes | int]:
    """The bytes of each block, or the return code why there are none."""
    chunks: list[list[bytes]] = [[] for _ in plan.blocks]
    codes: dict[int, int] = {}
    for request in plan.requests:
        for owner, reply in zip(request.owners, _ask(request, exchange), strict=True):
            if reply.code == OK:
                chunks[owner].append(reply.data)
            else:
                codes[owner] = reply.code
    return [
        codes[owner] if owner in codes else parts[0] if len(parts) == 1 else b"".join(parts)
        for owner, parts in enumerate(chunks)
    ]


def _ask(request: Request, exchange: Exchange) -> list[ItemReply]:
    """One reply for each item, also when the controller refused the whole request for one of them."""
    try:
        return exchange(request)
    except RequestRefusedError as refusal:
        if len(request.items) == 1 or concerns_every_item(refusal.code):
            return [ItemReply(refusal.code, b"")] * len(request.items)
    return [reply for part in split_request(request) for reply in _ask(part, exchange)]
