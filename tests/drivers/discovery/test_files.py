"""Whatever file is chosen, it is read or refused with a sentence that names it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.files import KINDS, SUFFIXES, read_tag_file
from engine.discovery import BrowseNode, DiscoveryCancelledError, DiscoveryError
from tests.drivers.discovery.tag_paths import addresses, silent

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir())


def test_every_kind_of_file_has_a_text_for_people():
    assert {".db", ".udt", ".scl", ".xlsx", ".xml", ".asc", ".sdf", ".l5x", ".csv"} <= SUFFIXES.keys()
    assert all(SUFFIXES.values())
    assert len({kind.text for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_of_windows_tools_is_read(tmp_path, encoding):
    path = tmp_path / "Füller.db"
    text = "DATA_BLOCK DB5\nSTRUCT\nFüllstand : Real; // Füllstand [°C]\nEND_STRUCT;\nEND_DATA_BLOCK\n"
    path.write_bytes(text.encode(encoding))
    browsed = read_tag_file(path, silent)
    assert addresses(browsed) == {"DB5.Füllstand": "DB5.DBD0"}
    (node,) = browsed.roots[0].expand()
    assert (node.description, node.unit) == ("Füllstand", "°C")


def test_a_file_of_another_kind_says_which_are_read(tmp_path):
    with pytest.raises(DiscoveryError, match=r"plant.zip is none of the files .* \.asc, \.awl"):
        read_tag_file(tmp_path / "plant.zip", silent)


def test_missing_empty_and_large_files_are_told(tmp_path):
    with pytest.raises(DiscoveryError, match=r"none.db cannot be read \(No such file"):
        read_tag_file(tmp_path / "none.db", silent)
    (tmp_path / "empty.db").write_bytes(b" \n")
    with pytest.raises(DiscoveryError, match=r"empty.db is empty"):
        read_tag_file(tmp_path / "empty.db", silent)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(DiscoveryError, match="is not a file"):
        read_tag_file(tmp_path / "folder.db", silent)
    with (tmp_path / "large.db").open("wb") as stream:
        stream.truncate(17 * 1024 * 1024)
    with pytest.raises(DiscoveryError, match=r"large.db is larger than 16 MB"):
        read_tag_file(tmp_path / "large.db", silent)


def test_what_is_no_text_is_told(tmp_path):
    (tmp_path / "image.db").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    with pytest.raises(DiscoveryError, match=r"image.db"):
        read_tag_file(tmp_path / "image.db", silent)


@pytest.mark.parametrize("name", NAMES)
def test_reading_any_file_can_be_cancelled(name):
    def stop(done: int, total: int | None, text: str) -> None:
        raise DiscoveryCancelledError

    with pytest.raises(DiscoveryCancelledError):
        read_tag_file(SAMPLES / name, stop)


@given(
    st.sampled_from(NAMES),
    st.lists(
        st.tuples(st.integers(0, 6000), st.integers(0, 12), st.binary(max_size=6) | st.just(b'"')),
        min_size=1,
        max_size=4,
    ),
)
def test_a_damaged_file_is_never_worse_than_an_error(tmp_path_factory, name, damages):
    data = (SAMPLES / name).read_bytes()
    for place, length, inserted in damages:
        data = data[:place] + inserted + data[place + length :]
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    try:
        looked_at = look(read_tag_file(path, silent).roots, 300)
    except DiscoveryError as error:
        assert name in str(error)  # noqa: PT017 - both ends are good ones
    else:
        assert looked_at >= 0


def look(roots: tuple[BrowseNode, ...], limit: int) -> int:
    """Open up to ``limit`` nodes; how many there were."""
    waiting = list(roots)
    opened = 0
    while waiting and opened < limit:
        node = waiting.pop()
        opened += 1
        waiting += node.expand() if node.expand else ()
    return opened
