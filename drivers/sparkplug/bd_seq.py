"""The number that ties a death certificate to the birth of the same session; it outlives the program."""

import contextlib
import logging
import os
from pathlib import Path

_log = logging.getLogger(__name__)

_WRAP = 256


class BdSeq:
    """0..255, one more for every CONNECT, kept in a small file. Called by the link's thread alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = self._read()
        self._failed = False

    def next(self) -> int:
        """The number of the session to come; it is on the disk before it is used."""
        self._last = 0 if self._last is None else (self._last + 1) % _WRAP
        self._write(self._last)
        return self._last

    def _read(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            number = int(self._path.read_text(encoding="ascii"))
            return number % _WRAP
        return None

    def _write(self, number: int) -> None:
        """A folder that cannot be written costs the number's continuity, not the session."""
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="ascii") as file:
                file.write(f"{number}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            if not self._failed:
                _log.warning(
                    "The session number of the edge node cannot be kept in %s: %s", self._path, error
                )
            self._failed = True
        else:
            self._failed = False
