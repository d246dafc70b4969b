import argparse
import csv
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.model import Quality
from hmi import history_export
from hmi.history_export import parse_time
from hmi.history_formats import format_value
from tests.engine.storage.history import NOON_US, History, sample
from tests.engine.tag_defs import tag_def

GOLDEN = """\
tag,time_utc,value,quality
line1/FillLevel,2026-03-12T12:00:00.000042Z,12.5,GOOD
line1/FillLevel,2026-03-12T12:00:01.000000Z,,BAD
line1/Running,2026-03-12T12:00:00.000000Z,1,GOOD
line1/Running,2026-03-12T12:00:00.000001Z,0,UNCERTAIN
line1/Count,2026-03-12T12:00:00.000000Z,7,GOOD
line1/Serial,2026-03-12T12:00:00.000000Z,18446744073709551615,GOOD
line1/Product,2026-03-12T12:00:00.000000Z,"Lager, ""export""
0.5 l",GOOD
line1/Product,2026-03-12T12:00:00.000001Z,"",GOOD
line1/Product,2026-03-12T12:00:00.000002Z,,STALE
line1/Recipe,2026-03-12T12:00:00.000000Z,"[1, 2, 3]",GOOD
"""
TAGS = [f"line1/{name}" for name in ("FillLevel", "Running", "Count", "Serial", "Product", "Recipe")]

Run = Callable[..., int]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one tag of each kind."""
    folder = tmp_path / "data"
    folder.mkdir()
    types = {"FillLevel": "REAL", "Running": "BOOL", "Count": "DINT", "Serial": "ULINT"}
    types |= {"Product": "STRING[40]", "Recipe": "INT[3]"}
    history = History(folder, [tag_def(name, kind) for name, kind in types.items()])
    history.record(
        sample(12.5, NOON_US + 42),
        sample(None, NOON_US + 1_000_000, Quality.BAD),
        sample(True, NOON_US, tag="line1/Running"),
        sample(False, NOON_US + 1, Quality.UNCERTAIN, tag="line1/Running"),
        sample(7, NOON_US, tag="line1/Count"),
        sample(2**64 - 1, NOON_US, tag="line1/Serial"),
        sample('Lager, "export"\n0.5 l', NOON_US, tag="line1/Product"),
        sample("", NOON_US + 1, tag="line1/Product"),
        sample(None, NOON_US + 2, Quality.STALE, tag="line1/Product"),
        sample((1, 2, 3), NOON_US, tag="line1/Recipe"),
    )
    history.close()
    return folder


@pytest.fixture
def export(data: Path) -> Run:
    def run(*arguments: str) -> int:
        parser = argparse.ArgumentParser()
        history_export.add_arguments(parser)
        return history_export.run(parser.parse_args(["--data", str(data), *arguments]))

    return run


def test_csv_on_standard_output(export: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert export("--tag", *TAGS) == 0
    out, err = capfd.readouterr()
    assert out == GOLDEN
    assert err == ""
    assert len(list(csv.reader(io.StringIO(out)))) == 11


def test_a_file_appears_only_when_it_is_complete(export: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert export("--tag", TAGS[0], "--tag", TAGS[1], TAGS[2], "--out", str(out)) == 0
    assert out.read_text().splitlines() == GOLDEN.splitlines()[:6]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.csv"]


def test_interrupted_it_leaves_no_half_file(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(history_export.Progress, "on_rows", interrupt)
    assert export("--tag", TAGS[0], "--out", str(tmp_path / "out.csv")) == 130
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert "nothing was written" in capfd.readouterr().err


def test_from_is_included_and_to_is_not(export: Run, capfd: pytest.CaptureFixture[str]) -> None:
    times = ("--from", "2026-03-12T13:00:00.000042+01:00", "--to", "2026-03-12 12:00:01")
    export("--tag", TAGS[0], *times)
    assert capfd.readouterr().out.splitlines()[1:] == [GOLDEN.splitlines()[1]]
    export("--tag", TAGS[0], "--from", "-1h", "--to", "now")
    assert capfd.readouterr().out.splitlines()[1:] == []


def test_parquet_has_the_same_rows(export: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert export("--tag", *TAGS, "--out", str(out)) == 0
    rows = pyarrow.parquet.read_table(out).to_pylist()
    assert len(rows) == 10
    assert (rows[0]["tag"], rows[0]["value"], rows[0]["text"], rows[0]["quality"]) == (
        TAGS[0],
        12.5,
        None,
        "GOOD",
    )
    assert rows[0]["time_utc"].isoformat() == "2026-03-12T12:00:00.000042+00:00"
    assert [row["value"] for row in rows if row["tag"] == "line1/Running"] == [1.0, 0.0]
    assert [row["text"] for row in rows if row["tag"] == "line1/Serial"] == [str(2**64 - 1)]


def test_an_unknown_tag_is_refused_with_a_near_miss(export: Run) -> None:
    with pytest.raises(EngineError, match="Did you mean line1/FillLevel"):
        export("--tag", "line1/FilLevel")


def test_parquet_needs_a_file(export: Run) -> None:
    with pytest.raises(EngineError, match="name a file"):
        export("--tag", TAGS[0], "--format", "parquet")


def test_nothing_is_created_where_nothing_was_recorded(export: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    with pytest.raises(EngineError, match="no data folder"):
        export("--data", str(empty), "--tag", TAGS[0])
    empty.mkdir()
    with pytest.raises(EngineError, match="nothing has been recorded yet"):
        export("--data", str(empty), "--tag", TAGS[0], "--out", str(tmp_path / "out.csv"))
    assert list(empty.iterdir()) == []
    assert not (tmp_path / "out.csv").exists()


def test_an_output_folder_that_does_not_exist_is_named(export: Run, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be written"):
        export("--tag", TAGS[0], "--out", str(tmp_path / "none" / "out.csv"))


def test_it_reads_while_the_recorder_writes(
    export: Run, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    connection = sqlite3.connect(data / "history.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    assert export("--tag", TAGS[2]) == 0
    connection.execute("ROLLBACK")
    connection.close()
    assert len(capfd.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [
        ("now", NOON_US),
        ("-1h", NOON_US - 3_600_000_000),
        ("-1.5d", NOON_US - 129_600_000_000),
        ("-250ms", NOON_US - 250_000),
        ("2026-03-12T12:00:00Z", NOON_US),
        ("2026-03-12T12:00:00", NOON_US),
        ("2026-03-12T13:00+01:00", NOON_US),
        ("2026-03-12", NOON_US - 12 * 3_600_000_000),
    ],
)
def test_times_are_absolute_or_back_from_now(text: str, expected_us: int) -> None:
    assert parse_time(text, NOON_US) == expected_us


@given(st.text(max_size=12))
def test_a_time_is_understood_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_time(text, NOON_US), int)
    except ValueError:
        return


def test_a_time_nobody_understands_is_refused_with_an_example(
    export: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        export("--tag", TAGS[0], "--from", "yesterday")
    assert "write for example" in capsys.readouterr().err


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.integers(),
        st.floats(allow_nan=False),
    )
)
def test_a_field_is_read_back_by_any_csv_reader(value: str | float) -> None:
    ((field,),) = csv.reader(io.StringIO(format_value(value), newline=""), strict=True)
    assert field == str(value)
