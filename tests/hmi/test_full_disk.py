"""A machine whose disk is full still starts, and its standard error stays readable."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hmi.data_folder import DataFolder, DataFolderError
from hmi.logs import set_up_logging


@pytest.fixture
def root_logging() -> Iterator[None]:
    """Puts the handlers back that a test replaces."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_data_folder_is_held_even_when_the_disk_cannot_note_by_whom(tmp_path: Path) -> None:
    folder, other = DataFolder(tmp_path), DataFolder(tmp_path)
    with full_disk():
        folder.acquire()
    with pytest.raises(DataFolderError):
        other.acquire()
    folder.release()
    other.acquire()
    other.release()


def test_the_holder_of_a_data_folder_is_named(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.acquire()
    with pytest.raises(DataFolderError, match=f"process {os.getpid()}"):
        DataFolder(tmp_path).acquire()
    folder.release()


def test_a_log_file_that_cannot_be_written_leaves_no_traces_on_standard_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], root_logging: None
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    set_up_logging("INFO", "text", tmp_path / "logs")
    logging.getLogger("brimline").info("the line runs on")
    printed = capfd.readouterr().err
    assert "the line runs on" in printed
    assert "Traceback" not in printed
