"""Looking into trees of nodes."""

from collections.abc import Iterable, Iterator, Sequence

from engine.discovery import BrowseNode


def child(nodes: Iterable[BrowseNode], *names: str) -> BrowseNode:
    """The node along these names."""
    found = [node for node in nodes if node.name == names[0]]
    assert len(found) == 1, f"{names[0]} in {[node.name for node in nodes]}"
    return found[0] if len(names) == 1 else child(children(found[0]), *names[1:])


def children(node: BrowseNode) -> Sequence[BrowseNode]:
    return () if node.expand is None else node.expand()


def below(nodes: Iterable[BrowseNode]) -> Iterator[BrowseNode]:
    """All nodes, whatever their depth."""
    for node in nodes:
        yield node
        yield from below(children(node))
