"""What waits on disk: in order, within its limits, over a crash."""

import contextlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.bd_seq import BdSeq
from drivers.sparkplug.store import Store, pack_samples, unpack_samples
from engine.errors import StorageError
from engine.model import Quality, Sample

MB = 1 << 20
HOUR_US = 3_600_000_000


def sample(number, tag="line1/A"):
    return Sample(tag, number, Quality.GOOD, 1_000_000 + number)


def opened(path, max_bytes=MB, max_age_us=HOUR_US):
    store = Store(path / "store.db", max_bytes, max_age_us)
    store.open()
    return store


def drain(store, *devices):
    reached, found = dict.fromkeys(devices or ("line1",), 0), []
    while (entry := store.next_history(reached)) is not None:
        reached[entry.device] = entry.id
        found += [s.value for s in entry.samples]
    return found


values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.floats(allow_nan=False), max_size=4).map(tuple),
    st.none(),
)


@given(st.lists(st.tuples(values, st.sampled_from(Quality), st.integers(0, 2**53)), max_size=20))
def test_samples_survive_packing(rows):
    samples = [Sample("line1/A", *row) for row in rows]
    assert unpack_samples(pack_samples(samples)) == samples
    assert [type(s.value) for s in unpack_samples(pack_samples(samples))] == [type(s.value) for s in samples]


def test_history_comes_back_in_order_and_only_of_the_devices_asked_for(tmp_path):
    store = opened(tmp_path)
    store.append({"line1": [sample(1), sample(2)], "line2": [sample(10)]}, False, 1)
    store.append({"line1": [sample(3)]}, False, 2)
    assert drain(store) == [1, 2, 3]
    assert sorted(drain(store, "line1", "line2")) == [1, 2, 3, 10]
    assert store.values == 4
    assert store.stored().since_us == 1_000_001
    store.close()


def test_what_was_live_is_history_after_a_crash_and_what_was_confirmed_is_gone(tmp_path):
    store = opened(tmp_path)
    first = store.append({"line1": [sample(1)]}, True, 1)
    store.append({"line1": [sample(2)]}, True, 1)
    store.confirm(first, [])
    assert drain(store) == []
    again = opened(tmp_path)
    assert drain(again) == [2]
    assert again.values == 1
    store.close()
    again.close()


def test_confirmed_history_is_gone(tmp_path):
    store = opened(tmp_path)
    number = store.append({"line1": [sample(1), sample(2)]}, False, 1)
    store.append({"line1": [sample(3)]}, False, 1)
    store.confirm(0, [number])
    assert drain(store) == [3]
    assert store.values == 1
    store.confirm(0, [number])
    assert store.values == 1
    store.close()


def test_the_oldest_is_dropped_when_there_is_too_much(tmp_path):
    store = opened(tmp_path, max_bytes=20_000)
    for number in range(1000):
        store.append({"line1": [sample(number)]}, False, number)
    lost = store.trim(1000)
    left = drain(store)
    assert left == list(range(lost, 1000))
    assert 0 < lost < 1000
    assert store.stored().bytes <= 20_000
    store.close()


def test_the_oldest_is_dropped_when_it_is_too_old(tmp_path):
    store = opened(tmp_path, max_age_us=100)
    for number in range(10):
        store.append({"line1": [sample(number)]}, False, 1000 + number * 50)
    assert store.trim(1400) == 6
    assert drain(store) == [6, 7, 8, 9]
    store.close()


def test_a_damaged_file_is_set_aside(tmp_path):
    (tmp_path / "store.db").write_bytes(b"this is no database, but it is long enough" * 100)
    store = Store(tmp_path / "store.db", MB, HOUR_US)
    aside = store.open()
    assert aside is not None
    assert aside.exists()
    store.append({"line1": [sample(1)]}, False, 1)
    assert drain(store) == [1]
    store.close()


def test_an_unusable_disk_is_said_in_a_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    store = Store(blocked / "store.db", MB, HOUR_US)
    with pytest.raises(StorageError, match="cannot be kept in"):
        store.append({"line1": [sample(1)]}, False, 1)


def test_while_values_wait_every_write_is_durable(tmp_path):
    """SQLite: 1 NORMAL, 2 FULL."""
    store = opened(tmp_path)
    connection = store._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    store.pass_through()
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    store.recall()
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert isinstance(connection, sqlite3.Connection)
    store.close()


def test_the_session_number_goes_on_over_restarts_and_wraps(tmp_path):
    path = tmp_path / "data" / "edge-bdseq"
    assert [BdSeq(path).next() for _ in range(3)] == [0, 1, 2]
    path.write_text("255\n")
    assert BdSeq(path).next() == 0
    path.write_text("rubbish")
    assert BdSeq(path).next() == 0


def test_a_folder_that_cannot_be_written_does_not_stop_the_numbers(tmp_path, expected_logs):
    expected_logs.add("session number of the edge node cannot be kept")
    blocked = tmp_path / "file"
    blocked.write_text("")
    numbers = BdSeq(blocked / "edge-bdseq")
    assert [numbers.next(), numbers.next()] == [0, 1]


def refuse(path, what):
    """Make the disk refuse an INSERT or UPDATE until ``allow``."""
    with contextlib.closing(sqlite3.connect(path / "store.db")) as other:
        other.execute(f"CREATE TRIGGER full BEFORE {what} BEGIN SELECT RAISE(ABORT, 'disk is full'); END")


def allow(path):
    with contextlib.closing(sqlite3.connect(path / "store.db")) as other:
        other.execute("DROP TRIGGER full")


def test_what_the_disk_refused_is_not_counted_as_kept(tmp_path):
    store = opened(tmp_path)
    refuse(tmp_path, "INSERT ON entry WHEN NEW.device = 'line2'")
    with pytest.raises(StorageError):
        store.append({"line1": [sample(1)], "line2": [sample(2)]}, False, 1)
    assert store.values == 0
    assert drain(store) == []


def test_what_a_session_left_unproven_becomes_history_even_if_the_disk_refuses_at_its_end(tmp_path):
    store = opened(tmp_path)
    last = store.append({"line1": [sample(1)]}, True, 1)
    refuse(tmp_path, "UPDATE ON entry")
    with pytest.raises(StorageError):
        store.recall()
    allow(tmp_path)
    store.confirm(last, [])
    store.append({"line1": [sample(2)]}, True, 2)
    assert drain(store) == [1]
