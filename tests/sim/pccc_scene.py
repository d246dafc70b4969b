"""Controllers with some data files and no network, for tests of commands."""

from datetime import UTC, datetime

from sim.pccc_controller import PcccController
from sim.pccc_files import DataFiles, FileType, to_floats, to_string, to_words
from sim.pccc_kinds import PcccKind


class FixedClock:
    """2026-11-22 18:53:20 UTC, 12.34 s after the start."""

    def monotonic(self) -> float:
        return 12.34

    def utc_us(self) -> int:
        return int(datetime(2026, 11, 22, 18, 53, 20, tzinfo=UTC).timestamp() * 1e6)


class Mode:
    running = True


def add_files(files: DataFiles, kind: PcccKind) -> None:
    """N7 counts from 1; T4:0 is done at 42 of 100; F8 begins with 1.5 and -2.25."""
    files.add(FileType.OUTPUT, 0, 4)
    files.add(FileType.INPUT, 1, 4)
    files.add(FileType.STATUS, 2, 64, writable=False)
    files.add(FileType.BIT, 3, 8)
    files.add(FileType.TIMER, 4, 4).memory[:6] = to_words([0xA000, 100, 42])
    files.add(FileType.COUNTER, 5, 4)
    files.add(FileType.CONTROL, 6, 4)
    files.add(FileType.INTEGER, 7, 300).memory[:] = to_words(range(1, 301))
    floats = to_floats([1.5, -2.25], high_word_first=kind.high_word_first)
    files.add(FileType.FLOAT, 8, 10).memory[:8] = floats
    files.add(FileType.STRING, 10, 2).memory[:84] = to_string("Still 0.5 L")
    if kind.longs:
        files.add(FileType.LONG, 9, 4)


def controller(kind: PcccKind, mode: type[Mode] = Mode) -> PcccController:
    files = DataFiles()
    add_files(files, kind)
    return PcccController(kind, files, lambda: mode.running, FixedClock())


def contents(files: DataFiles) -> dict[int, bytes]:
    """What is in all files but the status file, which changes by itself."""
    return {file.number: bytes(file.memory) for file in files if file.number != 2}
