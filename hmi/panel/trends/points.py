"""A polyline that grows at its end without being copied for each point."""

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 1024


class Points:
    """x and y as float64; the arrays double when full, so that n points cost n copies in all."""

    def __init__(self) -> None:
        self._x = np.empty(_FIRST_CAPACITY)
        self._y = np.empty(_FIRST_CAPACITY)
        self.count = 0

    def load(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Replace everything."""
        self.count = 0
        self._reserve(len(x) + 1)
        self._x[: len(x)] = x
        self._y[: len(y)] = y
        self.count = len(x)

    def append(self, x: float, y: float) -> None:
        self._reserve(self.count + 2)
        self._x[self.count] = x
        self._y[self.count] = y
        self.count += 1

    def view(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is there, not copied."""
        return self._x[: self.count], self._y[: self.count]

    def view_until(self, x: float, y: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same with one more point that the next ``append`` overwrites."""
        self._x[self.count] = x
        self._y[self.count] = y
        return self._x[: self.count + 1], self._y[: self.count + 1]

    @property
    def capacity(self) -> int:
        return len(self._x)

    def _reserve(self, count: int) -> None:
        """Room for ``count`` points, and the one of ``view_until``."""
        if count <= len(self._x):
            return
        capacity = max(count, 2 * len(self._x))
        for name in ("_x", "_y"):
            old = getattr(self, name)
            new = np.empty(capacity)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)
