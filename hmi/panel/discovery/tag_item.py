"""One line of the tree of tags and what of it is chosen; no Qt.

What can be a tag and has parts, such as an array, is chosen by itself: its parts are chosen one by one.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from engine.discovery import BrowseNode, Preview
from engine.discovery_places import address_key


class Check(Enum):
    """The three states of a box."""

    OFF = 0
    PARTLY = 1
    ON = 2


class Tally(NamedTuple):
    """Of an item and all below it: chosen tags, those that choosing the whole takes, how many folders
    nobody opened yet."""

    chosen: int
    free: int
    free_chosen: int
    closed: int


class TagItem:
    """``row`` is its place among its siblings, ``place`` that among those that pass the filter.

    ``children`` is None until somebody opened it, ``shown`` None where all of them pass.
    ``present`` is the name of the tag of the plant file that has this address already, or empty.
    ``expandable``: it has children, made or not. ``folder``: it holds tags and is none itself.
    """

    __slots__ = (
        "_tally", "children", "chosen", "depth", "expandable", "folder", "node", "number", "parent", "place",
        "present", "preview", "row", "shown",
    )  # fmt: skip

    def __init__(self, node: BrowseNode, parent: "TagItem | None", row: int, number: int) -> None:
        self.node = node
        self.parent = parent
        self.row = self.place = row
        self.number = number
        self.depth: int = parent.depth + 1 if parent is not None else -1
        self.children: list[TagItem] | None = None
        self.shown: list[TagItem] | None = None
        self.expandable = node.expand is not None
        self.folder = self.expandable and not node.selectable
        self.chosen = False
        self.present = ""
        self.preview: Preview | None = None
        self._tally: Tally | None = None

    @property
    def visible(self) -> list["TagItem"]:
        """The children that pass the filter, as far as they are known."""
        return self.shown if self.shown is not None else self.children or []

    @property
    def path(self) -> tuple[str, ...]:
        above = self.parent.path if self.parent is not None else ()
        return (*above, self.node.name) if self.parent is not None else ()

    @property
    def check(self) -> Check:
        if not self.folder:
            return Check.ON if self.chosen else Check.OFF
        tally = self.tally()
        if not tally.chosen:
            return Check.OFF
        whole = tally.free_chosen == tally.free and not tally.closed
        return Check.ON if whole else Check.PARTLY

    def tally(self) -> Tally:
        if self._tally is None:
            self._tally = self._count()
        return self._tally

    def touch(self) -> None:
        """What is counted changed here: it and all above it are counted again when somebody asks."""
        if self._tally is not None:
            self._tally = None
            if self.parent is not None:
                self.parent.touch()

    def descendants(self) -> Iterator["TagItem"]:
        """All below it that is open, from the top."""
        for child in self.children or ():
            yield child
            yield from child.descendants()

    def _count(self) -> Tally:
        own = self.node.selectable
        free = own and not self.present
        if self.children is None:
            return Tally(int(self.chosen), int(free), int(free and self.chosen), int(self.folder))
        below = [child.tally() for child in self.children]
        chosen = int(self.chosen) + sum(tally.chosen for tally in below)
        if own:
            return Tally(chosen, int(free), int(free and self.chosen), 0)
        return Tally(
            chosen,
            sum(tally.free for tally in below),
            sum(tally.free_chosen for tally in below),
            sum(tally.closed for tally in below),
        )


def present_names(tags: Iterable[tuple[str, str, str]]) -> Mapping[str, str]:
    """Address keys to names, for (name, address, data type) of the tags that are in the plant file."""
    return {address_key(address, type_text): name for name, address, type_text in tags}


def matches(node: BrowseNode, words: Iterable[str]) -> bool:
    """Every word occurs in name, address or description."""
    text = f"{node.name}\n{node.address}\n{node.description}".casefold()
    return all(word in text for word in words)
