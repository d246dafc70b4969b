"""The data folder: one running Brimline at a time writes into it."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

from engine.errors import EngineError

LOCK_FILE = "brimline.lock"


class DataFolderError(EngineError):
    """The data folder cannot be used."""


class DataFolder:
    """Made if missing and locked until ``release``; the lock dies with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Raises ``DataFolderError`` when another process holds the folder or it cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / LOCK_FILE).open("a+", encoding="utf-8")
        except OSError as error:
            raise DataFolderError(
                f"The data folder {self.path} cannot be used: {error.strerror}. Choose another with --data"
            ) from error
        if not _lock(file):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise DataFolderError(
                f"Another Brimline (process {holder}) already records into {self.path}. "
                "Close it, or choose another folder with --data"
            )
        self._file = file
        # The number is a courtesy to the next one: a full disk must not keep the plant from running.
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), str(os.getpid()).encode())

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":
    import msvcrt

    # Windows locks are mandatory: lock a byte far behind the text, so that others can still read it.
    _LOCKED_BYTE = 1 << 20

    def _lock(file: IO[str]) -> bool:
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def default_data_folder(name: str) -> Path:
    """Where data goes when nobody says: the user's own data folder of the platform."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home())
        return Path(base) / "Brimline" / name
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "brimline" / name
