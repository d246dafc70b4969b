"""Loopback addresses of a test worker's own, and a progress that counts."""

import os

from engine.discovery import DiscoveryCancelledError


def address(number: int) -> str:
    """The worker's own address with this last part."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"127.16.{worker}.{number}"


class Told:
    """Remembers what it was told; raises as a cancelled progress does once ``cancel`` says so."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int | None, str]] = []
        self.cancelled = False

    def __call__(self, done: int, total: int | None, text: str) -> None:
        self.steps.append((done, total, text))
        if self.cancelled:
            raise DiscoveryCancelledError
