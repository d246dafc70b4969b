"""Which nodes of a tree somebody means: by pattern, or all that can be tags. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.discovery import Browsed, BrowseNode

_LOGIX = frozenset({"ControlLogix", "CompactLogix", "Micro800"})
_STEP = " … "


class Chosen(NamedTuple):
    """A node and the names of the folders it lies in, outermost first."""

    node: BrowseNode
    path: tuple[str, ...]

    @property
    def where(self) -> str:
        return "/".join((*self.path, self.node.name))


class Pattern:
    """``*`` and ``?`` as in file names, everything else as it is; upper and lower case are the same.

    It is held against the address and the path of a node: ``Filler.*``, ``*Level``, ``DB1/REAL/*``.
    """

    def __init__(self, text: str) -> None:
        self._literal = re.split(r"[*?]", text, maxsplit=1)[0].casefold()
        parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in text)
        self._expression = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)

    def fits(self, chosen: Chosen) -> bool:
        node = chosen.node
        return any(self._expression.fullmatch(text) for text in (node.address, chosen.where))

    def leads_into(self, text: str) -> bool:
        """Whether something that begins with ``text`` may fit."""
        begin = text.casefold()
        return self._literal.startswith(begin) or begin.startswith(self._literal)

    def names_part_of(self, address: str) -> bool:
        """Whether the pattern itself says that it means something inside of ``address``."""
        return len(self._literal) > len(address) and self._literal.startswith(address.casefold())


def is_bare_memory(browsed: Browsed) -> bool:
    """Whether the tree is made of places without names, all of which nobody wants at once."""
    return browsed.target is not None and browsed.family not in _LOGIX


def choose(roots: Iterable[BrowseNode], pattern: Pattern | None) -> Iterator[Chosen]:
    """What can be a tag and fits, in the order of the tree.

    A whole array or word stands for its elements and bits, unless the pattern names one of them.
    """
    return _choose(roots, (), pattern)


def _choose(nodes: Iterable[BrowseNode], path: tuple[str, ...], pattern: Pattern | None) -> Iterator[Chosen]:
    for node in nodes:
        chosen = Chosen(node, path)
        if node.selectable and (pattern is None or pattern.fits(chosen)):
            yield chosen
        elif node.expand is not None and _is_worth_opening(chosen, pattern):
            inner = path if _STEP in node.name else (*path, node.name)
            yield from _choose(node.expand(), inner, pattern)


def _is_worth_opening(chosen: Chosen, pattern: Pattern | None) -> bool:
    node = chosen.node
    if pattern is None:
        return not node.selectable
    if node.selectable:
        return pattern.names_part_of(node.address)
    if pattern.leads_into(chosen.where):
        return True
    # A folder whose name begins the addresses of all that is in it, such as DB1 or Filler, may be left shut.
    first = _first_address(node)
    return not first.startswith(node.name) or pattern.leads_into(node.name)


def _first_address(node: BrowseNode) -> str:
    """The address of the first thing in a folder that has one; empty where there is none."""
    while not node.address and node.expand is not None:
        children: Sequence[BrowseNode] = node.expand()
        if not children:
            return ""
        node = children[0]
    return node.address
