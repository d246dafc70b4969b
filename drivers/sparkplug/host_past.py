"""Values of the past, each only once: what was flushed twice after a broken link comes twice. Pure."""

from collections.abc import Iterable

from engine.model import Sample

REMEMBERED = 20_000


class PastFilter:
    """Remembers the latest values, at most twice ``REMEMBERED`` of them."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._limit = remembered
        self._new: set[Sample] = set()
        self._old: set[Sample] = set()

    def fresh(self, samples: Iterable[Sample]) -> list[Sample]:
        """Those that did not come before with the same tag, time, value and quality."""
        found: list[Sample] = []
        for sample in samples:
            if sample in self._new or sample in self._old:
                continue
            self._new.add(sample)
            found.append(sample)
            if len(self._new) >= self._limit:
                self._old, self._new = self._new, set()
        return found
