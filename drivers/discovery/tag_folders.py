"""Flat lists of tags as trees: each entry stands in folders that are made as they come."""

from collections.abc import Iterable
from functools import partial

from engine.discovery import BrowseNode

Entry = tuple[tuple[str, ...], BrowseNode]
"""The folders from the top, and what stands in the last one."""


def in_folders(entries: Iterable[Entry]) -> tuple[BrowseNode, ...]:
    """The tree, in the order of first appearance."""
    return _children(list(entries), 0)


def _children(entries: list[Entry], depth: int) -> tuple[BrowseNode, ...]:
    """``entries`` all stand in the same folders down to ``depth``."""
    order: list[BrowseNode | str] = []
    folders: dict[str, list[Entry]] = {}
    for entry in entries:
        path, node = entry
        if len(path) == depth:
            order.append(node)
            continue
        if path[depth] not in folders:
            folders[path[depth]] = []
            order.append(path[depth])
        folders[path[depth]].append(entry)
    return tuple(
        BrowseNode(each, expand=partial(_children, folders[each], depth + 1))
        if isinstance(each, str)
        else each
        for each in order
    )
