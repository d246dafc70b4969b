"""Where each part of a plant file's text begins and ends, and changing it there without touching the rest."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Splice:
    """``text[start:end]`` becomes ``new``; offsets count characters."""

    start: int
    end: int
    new: str


def apply_splices(text: str, splices: Sequence[Splice]) -> str:
    """All at once; those at the same place in the order given. They must not overlap."""
    pieces: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda splice: splice.start):
        if splice.start < at:
            raise ValueError("two changes overlap")
        pieces += (text[at : splice.start], splice.new)
        at = splice.end
    return "".join([*pieces, text[at:]])


@dataclass(frozen=True, slots=True)
class Span:
    """One node. ``items`` of a list; ``entries`` of a mapping as (key, value); neither for a scalar.

    ``end`` is behind the last character that belongs to it: no comment, no line break. ``column`` is
    where its keys or dashes stand, from 0.
    """

    start: int
    end: int
    column: int
    flow: bool
    items: tuple["Span", ...] | None = None
    entries: tuple[tuple["Span", "Span"], ...] | None = None
    value: str = ""

    def entry(self, key: str) -> tuple["Span", "Span"] | None:
        return next((pair for pair in self.entries or () if pair[0].value == key), None)


class Layout:
    """The spans of one text that is known to be good YAML, and its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = list(_BREAK.finditer(text))
        self._starts = [0, *(match.end() for match in breaks)]
        self.newline = breaks[0][0] if breaks else "\n"
        node = _compose(text)
        self.root = None if node is None else self._span(node)

    def line_start(self, offset: int) -> int:
        """Of the line that ``offset`` lies in."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Behind the line break of the line that ``offset`` lies in, or the end of the text."""
        number = bisect_right(self._starts, offset)
        return self._starts[number] if number < len(self._starts) else len(self.text)

    def _span(self, node: Any) -> Span:
        start = self._offset(node.start_mark)
        column = node.start_mark.column
        flow = bool(getattr(node, "flow_style", False))
        end = self._offset(node.end_mark)
        if isinstance(node.value, str):
            return Span(start, self._trimmed(start, end), column, flow, value=node.value)
        if node.id == "mapping":
            entries = tuple((self._span(key), self._span(value)) for key, value in node.value)
            if flow or not entries:
                return Span(start, end, column, flow, entries=entries)
            return Span(start, entries[-1][1].end, entries[0][0].column, flow, entries=entries)
        items = tuple(self._span(item) for item in node.value)
        if flow or not items:
            return Span(start, end, column, flow, items=items)
        # An anchor may stand before the list; the first dash tells how far it is indented.
        dash = self.text.rindex("-", 0, items[0].start)
        return Span(start, items[-1].end, dash - self.line_start(dash), flow, items=items)

    def _offset(self, mark: Any) -> int:
        line = min(int(mark.line), len(self._starts) - 1)
        return min(self._starts[line] + int(mark.column), len(self.text))

    def _trimmed(self, start: int, end: int) -> int:
        """A text in several lines (``|``) is said to reach to the next key."""
        return start + len(self.text[start:end].rstrip())


def _compose(text: str) -> Any:
    """The root node; what only the slow parser takes, such as ``{address: N7:0}``, is left to it."""
    fast: Any = YAML(typ="safe", pure=False)
    slow: Any = YAML(typ="safe", pure=True)
    try:
        return fast.compose(text)
    except YAMLError:
        return slow.compose(text)
