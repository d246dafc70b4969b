"""Which requirements of Sparkplug 3.0 a test proves."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


def requirement(*ids: str) -> Callable[[Test], Test]:
    """Name the requirements that a test proves, in its attribute ``requirements``."""

    def mark(test: Test) -> Test:
        test.requirements = (*getattr(test, "requirements", ()), *ids)  # type: ignore[attr-defined]
        return test

    return mark
