"""Bounded queues as people see them."""

from typing import NamedTuple


class QueueStatus(NamedTuple):
    """One bounded queue: how full it is and what happens when it is full."""

    name: str
    depth: int
    limit: int
    when_full: str
