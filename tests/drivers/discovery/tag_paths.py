"""Trees of tags as paths, for tests of files."""

from collections.abc import Iterator

from engine.discovery import Browsed, BrowseNode


def silent(done: int, total: int | None, text: str) -> None:
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
        yield from _walk(child, _below(path, child.name))


def _below(path: str, name: str) -> str:
    """Folders that only divide a long array do not show in paths."""
    if "…" in name:
        return path
    return path + name if name.startswith(("[", ".")) else f"{path}.{name}"
