"""Which data files a controller says it has."""

import pytest

from drivers.base import ConnectionSettings
from drivers.pccc.address import FileType
from drivers.pccc.client import PcccClient
from drivers.pccc.directory import (
    DataFile,
    FileDirectory,
    check_has_directory,
    form_of,
    parse_directory,
    read_directory,
    upload_directory,
)
from drivers.pccc.family import Family
from drivers.pccc.status import Refusal, RefusedError
from engine.clock import SystemClock
from engine.discovery import DiscoveryCancelledError, DiscoveryError
from sim import pccc_files
from sim.pccc_kinds import MICROLOGIX_1100_B
from sim.pccc_server import MicroLogixServer, PcccServer, SlcServer


class Watcher:
    """A progress that remembers, and cancels when told to."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.told: list[tuple[int, int | None]] = []
        self._cancel_at = cancel_at

    def __call__(self, done: int, total: int | None, text: str) -> None:
        assert text
        self.told.append((done, total))
        if self._cancel_at is not None and done >= self._cancel_at:
            raise DiscoveryCancelledError


def uploaded(port: int, family: Family, watcher: Watcher) -> FileDirectory:
    settings = ConnectionSettings("line1", "ALLEN_BRADLEY", family, "127.0.0.1", port, timeout_s=2.0)
    client = PcccClient(settings, family, SystemClock())
    try:
        return upload_directory(client, f"127.0.0.1:{port}", watcher)
    finally:
        client.close()


def filled(server: PcccServer) -> PcccServer:
    server.add_file(pccc_files.FileType.BIT, 3, 10)
    server.add_file(pccc_files.FileType.TIMER, 4, 20)
    server.add_file(pccc_files.FileType.INTEGER, 7, 256)
    server.add_file(pccc_files.FileType.FLOAT, 8, 30)
    server.add_file(pccc_files.FileType.STRING, 40, 3)
    return server


FILLED = [("B3", 10), ("T4", 20), ("N7", 256), ("F8", 30), ("ST40", 3)]


@pytest.mark.parametrize(
    ("server", "family", "catalog"),
    [
        (SlcServer(port=0), Family.SLC500, "5/05"),
        (MicroLogixServer(port=0), Family.MICROLOGIX, "1766-LEC"),
        (MicroLogixServer(port=0, kind=MICROLOGIX_1100_B), Family.MICROLOGIX, "1763-LEC"),
    ],
    ids=["SLC 5/05", "MicroLogix 1400", "MicroLogix 1100"],
)
def test_the_files_of_a_controller(server: PcccServer, family: Family, catalog: str) -> None:
    watcher = Watcher()
    with filled(server):
        found = uploaded(server.port, family, watcher)
    files = [(file.name, file.elements) for file in found.files]
    assert [name for name, _ in files[:3]] == ["O", "I", "S"]
    assert files[3:] == FILLED
    assert catalog in found.identity
    last, total = watcher.told[-1]
    assert last == total
    assert [done for done, _ in watcher.told] == sorted(done for done, _ in watcher.told)


def test_an_upload_can_be_cancelled() -> None:
    watcher = Watcher(cancel_at=80)
    with filled(SlcServer(port=0)) as server, pytest.raises(DiscoveryCancelledError):
        uploaded(server.port, Family.SLC500, watcher)
    assert watcher.told[-1][0] == 80


def test_a_plc5_has_no_directory_and_what_to_do_is_said() -> None:
    with pytest.raises(DiscoveryError, match="export of RSLogix 5"):
        check_has_directory(Family.PLC5)


def test_a_refused_directory_is_said_with_what_to_do() -> None:
    def refuse(_command: int, _body: bytes) -> bytes:
        raise RefusedError(Refusal(0x10))

    with pytest.raises(DiscoveryError, match="export of RSLogix 500"):
        read_directory(refuse, "5/05", Watcher())


@pytest.mark.parametrize("length", [0, 10, 79])
def test_a_directory_too_short_for_a_row_is_refused(length: int) -> None:
    with pytest.raises(DiscoveryError, match="unexpected form"):
        read_directory(lambda _command, _body: length.to_bytes(2, "little") + b"\0\0", "5/05", Watcher())


def test_unused_numbers_and_types_without_tags() -> None:
    rows = [(0x82, 4), (0x81, 0), (0x92, 100), (0x89, 20), (0x00, 9), (0x8D, 168)]
    image = bytes(79) + b"".join(
        (bytes((code,)) + length.to_bytes(2, "little")).ljust(10, b"\0") for code, length in rows
    )
    assert parse_directory(image, form_of("5/04")) == (
        DataFile(0, "O", FileType.OUTPUT, 2),
        DataFile(2, "MG", None, 2),
        DataFile(3, "N", FileType.INTEGER, 10),
        DataFile(4, "ST", FileType.STRING, 2),
    )
