"""Looking at trees of tags in tests."""

from collections.abc import Iterator

from engine.discovery import Browsed, BrowseNode


def silent(_done: int, _total: int | None, _text: str) -> None:
    """Progress that nobody watches."""


def flatten(browsed: Browsed) -> dict[str, BrowseNode]:
    """Every node by its path: ``Filler.Motors[0].Speed``."""
    return {path: node for root in browsed.roots for path, node in _walk(root, root.name)}


def addresses(browsed: Browsed) -> dict[str, str]:
    """The address of everything that can be a tag, by path."""
    return {path: node.address for path, node in flatten(browsed).items() if node.selectable}


def _walk(node: BrowseNode, path: str) -> Iterator[tuple[str, BrowseNode]]:
    yield path, node
    for child in node.expand() if node.expand else ():
        yield from _walk(child, path + child.name if child.name.startswith("[") else f"{path}.{child.name}")
