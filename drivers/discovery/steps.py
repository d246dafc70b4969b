"""Long rows of nodes, opened a hundred at a time. Pure."""

from collections.abc import Callable, Sequence
from functools import partial

from engine.discovery import BrowseNode

STEP = 100


def in_steps(
    count: int, leaf: Callable[[int], BrowseNode], title: Callable[[int, int], str]
) -> Sequence[BrowseNode]:
    """``leaf(0)`` to ``leaf(count - 1)``; more than a step of them in folders ``title(first, last)``."""
    if count <= STEP:
        return [leaf(n) for n in range(count)]
    return [_folder(first, min(first + STEP, count), leaf, title) for first in range(0, count, STEP)]


def _folder(
    first: int, end: int, leaf: Callable[[int], BrowseNode], title: Callable[[int, int], str]
) -> BrowseNode:
    return BrowseNode(title(first, end - 1), expand=partial(_leaves, first, end, leaf))


def _leaves(first: int, end: int, leaf: Callable[[int], BrowseNode]) -> list[BrowseNode]:
    return [leaf(n) for n in range(first, end)]
