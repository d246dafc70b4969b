"""Which tags are drawn, and in which of the six pen colours; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_PENS = 6


@dataclass(frozen=True, slots=True)
class Pen:
    """``slot`` 1 to 6 names the colour token ``pen1`` to ``pen6`` and stays while the pen does."""

    key: str
    slot: int

    @property
    def color(self) -> str:
        return f"pen{self.slot}"


class Pens:
    """In the order of their lanes; one of them is selected while there is any."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._pens: list[Pen] = []
        self.selected: str | None = None
        for key in keys:
            self.add(key)
        self.selected = self._pens[0].key if self._pens else None

    def __iter__(self) -> Iterator[Pen]:
        return iter(tuple(self._pens))

    def __len__(self) -> int:
        return len(self._pens)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(pen.key for pen in self._pens)

    @property
    def full(self) -> bool:
        return len(self._pens) >= MOST_PENS

    def add(self, key: str) -> bool:
        """Add and select; a pen that is there is only selected. False when six are there already."""
        if key not in self.keys:
            if self.full:
                return False
            taken = {pen.slot for pen in self._pens}
            self._pens.append(Pen(key, next(s for s in range(1, MOST_PENS + 1) if s not in taken)))
        self.selected = key
        return True

    def remove(self, key: str) -> None:
        """The selection goes to the lane that takes its place."""
        index = self.keys.index(key)
        del self._pens[index]
        if self.selected == key:
            self.selected = self._pens[min(index, len(self._pens) - 1)].key if self._pens else None

    def select(self, key: str) -> None:
        if key in self.keys:
            self.selected = key
