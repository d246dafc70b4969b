"""A unified diff taken apart into numbered lines; pure."""

import re
from dataclasses import dataclass
from enum import Enum

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_NO_NEWLINE = "\\"


class Change(Enum):
    """What became of a line; GAP stands for lines that are left out."""

    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    GAP = "@"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """``old`` and ``new`` are its numbers in the two files, 0 where it is not in that file."""

    change: Change
    text: str
    old: int = 0
    new: int = 0


def diff_lines(diff: str) -> list[DiffLine]:
    """The lines of a unified diff without a header; ValueError where it is none."""
    lines: list[DiffLine] = []
    old = new = 0
    for text in diff.split("\n") if diff else ():
        hunk = _HUNK.match(text)
        if hunk is not None:
            old, new = int(hunk[1]), int(hunk[2])
            if lines or max(old, new) > 1:
                lines.append(DiffLine(Change.GAP, ""))
            continue
        sign, rest = text[:1] or " ", text[1:]
        if sign == _NO_NEWLINE:
            continue
        change = Change(sign)
        in_old, in_new = change is not Change.ADDED, change is not Change.REMOVED
        lines.append(DiffLine(change, rest, old if in_old else 0, new if in_new else 0))
        old, new = old + in_old, new + in_new
    return lines
