"""What has been seen for and against each requirement. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_KEPT = 5
"""Failures quoted per requirement; all are counted."""


@dataclass(slots=True)
class Entry:
    """Evidence on one requirement."""

    passed: int = 0
    failed: int = 0
    seen: list[str] = field(default_factory=list)
    why_not: str = ""


class Ledger:
    """Evidence by requirement id; one failure outweighs any number of passes."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def passed(self, ids: Iterable[str]) -> None:
        for requirement in ids:
            self._entry(requirement).passed += 1

    def failed(self, ids: Iterable[str], seen: str) -> None:
        """``seen``: what was seen, where, and what was expected instead."""
        for requirement in ids:
            entry = self._entry(requirement)
            entry.failed += 1
            if len(entry.seen) < _KEPT and seen not in entry.seen:
                entry.seen.append(seen)

    def judge(self, kept: bool, ids: Iterable[str], seen: str) -> bool:
        """Passed where ``kept``, else failed with ``seen``; gives back ``kept``."""
        if kept:
            self.passed(ids)
        else:
            self.failed(ids, seen)
        return kept

    def not_tested(self, ids: Iterable[str], why: str) -> None:
        """Says why there is no evidence; counts only where there is none in the end."""
        for requirement in ids:
            self._entry(requirement).why_not = why

    def entry(self, requirement: str) -> Entry | None:
        return self._entries.get(requirement)

    def failures(self) -> dict[str, list[str]]:
        """What was seen, by the id of every requirement that failed."""
        return {name: entry.seen for name, entry in self._entries.items() if entry.failed}

    def _entry(self, requirement: str) -> Entry:
        return self._entries.setdefault(requirement, Entry())
