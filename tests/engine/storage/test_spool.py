from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Event, EventKind, Severity
from engine.storage.batch import Batch, RunMark, TagEntry
from engine.storage.spool import DamagedSpoolError, Spool, pack_batch, unpack_batch

TAGS = [TagEntry(f"line1/T{n}", "REAL", "°C", "") for n in range(5)]
times = st.integers(0, 253_402_300_799_999_999)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
events = st.builds(
    Event,
    times,
    st.sampled_from(EventKind),
    texts,
    texts,
    st.sampled_from(Severity),
    st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    number = st.none() | st.floats(allow_nan=False)
    rows = draw(
        st.lists(st.tuples(st.integers(0, 4), times, number, st.sampled_from([0, 64, 192, 500])), max_size=20)
    )
    kept = [(row[0], row[1], draw(texts)) for row in rows if row[2] is None]
    run = RunMark("run", draw(times), draw(times), draw(st.none() | times))
    return Batch(run, TAGS, rows, kept, draw(st.lists(st.tuples(st.integers(0, 99), events), max_size=3)))


def named(batch: Batch) -> tuple:
    """The batch with names for indices: packing keeps only the tags in use."""
    return (
        batch.run,
        [(batch.tags[row[0]], *row[1:]) for row in batch.rows],
        [(batch.tags[index], ts_us, text) for index, ts_us, text in batch.texts],
        batch.events,
    )


def batch_of(*times_us: int) -> Batch:
    return Batch(RunMark("run", 0, 1), TAGS, [(0, ts_us, 1.5, 192) for ts_us in times_us])


@given(batches())
def test_a_batch_is_unpacked_as_it_was_packed(batch: Batch) -> None:
    assert named(unpack_batch(pack_batch(batch))) == named(batch)


def test_a_packed_row_takes_few_bytes() -> None:
    assert len(pack_batch(batch_of(*range(0, 10_000_000, 1000)))) < 2 * 10_000


def test_batches_come_back_in_order_also_after_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    for number in range(3):
        spool.append(batch_of(number, number + 10))
    spool.close()

    spool = Spool(tmp_path / "spool.db")
    spool.open_existing()
    assert (spool.batches, spool.rows) == (3, 6)
    seen = []
    while (oldest := spool.first()) is not None:
        seen.append(oldest[1].rows[0][1])
        spool.remove(oldest[0])
    assert seen == [0, 1, 2]
    assert (spool.batches, spool.rows) == (0, 0)
    spool.close()


def test_a_spool_nobody_needs_makes_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    spool.open_existing()
    assert spool.first() is None
    assert not spool.path.exists()


def test_a_damaged_spool_says_so_and_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    path.write_bytes(b"no database " * 1000)
    spool = Spool(path)
    with pytest.raises(DamagedSpoolError, match=r"spool\.db cannot be used"):
        spool.open_existing()
    aside = spool.set_aside("1")
    assert aside.read_bytes().startswith(b"no database")
    spool.append(batch_of(1))
    assert spool.rows == 1
    spool.close()
