"""All tags as a table: exported, edited in a spreadsheet, imported as a reviewed change of the plant file."""

import argparse
import io
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import PlantConfig, load_plant, parse_plant
from engine.discovery import DiscoveryError, TagEntry
from hmi import tags_export, tags_import
from hmi.check import complain_about_address
from hmi.tag_table import COLUMNS, Table, TableError, to_changes, to_rows
from hmi.tag_table_cells import format_cell, parse_cell
from hmi.tag_table_files import read_table, write_csv, write_xlsx

DEMO = Path(__file__).parents[2] / "resources" / "plants" / "demo.yaml"
WRITERS = {".csv": write_csv, ".xlsx": write_xlsx}
PLANT = """schema_version: 1
plc_connections:
  - id: line1
    type: SIEMENS_S7
    host: 10.0.0.1
    tags:
      - {name: Level, address: DB1.DBD4, data_type: REAL, unit: "%", range: [0, 100], deadband: 0.1}   # radar
      - {name: Start, address: DB1.DBX0.0, data_type: BOOL, writable: true, pulse: true, history: false}
  - id: line2
    type: ALLEN_BRADLEY
    host: 10.0.0.2
    tags:
      - {name: Count, address: "Program:Main.Count", data_type: DINT}
"""


def silent(done: int, total: int | None, text: str) -> None:
    """Progress that nobody watches."""


def plant(text: str = PLANT) -> PlantConfig:
    return parse_plant(text, "plant.yaml", {})


def table(
    *rows: str, header: str = "connection,name,address,data_type,unit,range,deadband,writable"
) -> Table:
    """Cells are separated by commas; a range is written with dots."""
    return Table("tags.csv", tuple(header.split(",")), tuple(tuple(row.split(",")) for row in rows))


def changes(*rows: str, header: str | None = None, **options):
    read = table(*rows) if header is None else table(*rows, header=header)
    return to_changes(read, plant(), complain_about_address, **options)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_was_exported_changes_nothing_when_it_is_imported(tmp_path, suffix):
    config = load_plant(DEMO, {})
    path = tmp_path / f"tags{suffix}"
    with path.open("wb") as stream:
        WRITERS[suffix](stream, to_rows(config))
    read = read_table(path, silent)
    assert len(read.rows) == sum(len(connection.tags) for connection in config.plc_connections)
    assert to_changes(read, config, complain_about_address, remove_missing=True) == []


def test_the_columns_are_the_keys_of_a_tag_in_a_fixed_order():
    rows = list(to_rows(plant()))
    assert rows[0] == COLUMNS
    assert COLUMNS[:5] == ("connection", "name", "address", "data_type", "description")
    assert rows[1] == (
        "line1",
        "Level",
        "DB1.DBD4",
        "REAL",
        "",
        "%",
        "[0, 100]",
        "",
        1,
        "",
        0.1,
        False,
        False,
        True,
        "",
    )


def test_only_what_is_different_becomes_a_change():
    (change,) = changes(
        "line1,Level,DB1.DBD4,REAL,%,0..80,0.1,no",
        "line1,Start,DB1.DBX0.0,BOOL,,,,yes",
        "line1,Speed,DB1.DBD8,REAL,rpm,[0 to 60],,ja",
    )
    assert change.connection == "line1"
    assert change.remove == ()
    assert change.put == (
        TagEntry("Level", "DB1.DBD4", "REAL", unit="%", range=(0.0, 80.0), deadband=0.1),
        TagEntry("Speed", "DB1.DBD8", "REAL", unit="rpm", range=(0.0, 60.0), writable=True),
    )


def test_a_column_that_is_not_there_leaves_what_the_plant_file_has():
    (change,) = changes("line1,Start,DB1.DBX0.1,BOOL", header="connection,name,address,data_type")
    assert change.put == (TagEntry("Start", "DB1.DBX0.1", "BOOL", writable=True, pulse=True, history=False),)


def test_an_empty_cell_is_the_default():
    (change,) = changes("line1,Level,DB1.DBD4,REAL,,,,")
    assert change.put == (TagEntry("Level", "DB1.DBD4", "REAL"),)


def test_missing_tags_are_removed_only_where_asked_and_only_from_mentioned_connections():
    row = "line1,Level,DB1.DBD4,REAL,%,0..100,0.1,"
    assert changes(row) == []
    (change,) = changes(row, remove_missing=True)
    assert (change.connection, change.put, change.remove) == ("line1", (), ("Start",))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            "lin1,A,DB1.DBD4,REAL,,,,",
            "row 2, column connection: 'lin1' is no connection of the plant file; did you mean line1?",
        ),
        (",A,DB1.DBD4,REAL,,,,", "column connection: the empty cell is no connection"),
        ("line1,,DB1.DBD4,REAL,,,,", "column name: the empty cell must not be empty"),
        (
            "line1,A/B,DB1.DBD4,REAL,,,,",
            "column name: 'A/B' cannot be used; expected a name without '/' and without spaces at its ends",
        ),
        ("line1,A,DB1.DBD4,FLOAT,,,,", "column data_type: 'FLOAT' is not a data type; expected"),
        (
            "line1,A,DB1.DBW4,REAL,,,,",
            "column address: 'DB1.DBW4' is wrong: DB1.DBW4: the address says a word of two bytes",
        ),
        ("line2,A,Program:,DINT,,,,", "column address: 'Program:' is wrong"),
        ("line1,A,DB1.DBD4,REAL,,5,,", "column range: '5' is not a range; expected one like [0, 100]"),
        ("line1,A,DB1.DBD4,REAL,,9..1,,", "column range: '[9, 1]' has its low end not below its high end"),
        ("line1,A,DB1.DBX4.0,BOOL,,0..1,,", "column range: '[0, 1]' cannot be given for a tag of type BOOL"),
        ("line1,A,DB1.DBD4,REAL,,,much,", "column deadband: 'much' is not a number"),
        ("line1,A,DB1.DBD4,REAL,,,-1,", "column deadband: '-1.0' cannot be used"),
        ("line1,A,DB1.DBD4,REAL,,,,maybe", "column writable: 'maybe' is neither true nor false"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(row, complaint):
    with pytest.raises(TableError) as caught:
        changes(row)
    assert complaint in str(caught.value)


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(TableError) as caught:
        changes("line1,A,DB1.DBD4,REAL,,x,y,", "line1,A,DB1.DBD8,REAL,,,,")
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "tags.csv, row 2, column range",
        "tags.csv, row 2, column deadband",
        "tags.csv, row 3, column name",
    ]
    assert "is there twice, first in row 2" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("connection,name,adress,data_type", "row 1: column 3, 'adress', is unknown; did you mean address?"),
        ("connection,name,data_type", "the column address is missing"),
        ("connection,name,address,data_type,name", "the column name is there twice"),
    ],
)
def test_a_header_that_does_not_fit_is_told_first(header, complaint):
    with pytest.raises(TableError) as caught:
        changes("a,b,c,d,e", header=header)
    assert complaint in str(caught.value)


FORMULAS = ["=1+1", "+49 30", "-5", "@cmd", "'=x", "''-", "'quoted'", "\t=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_texts_never_become_formulas(tmp_path, text):
    config = plant(PLANT.replace("DINT}", f"DINT, description: {json.dumps(text)}}}"))
    assert config.connection("line2").tags[0].description == text
    buffer = io.BytesIO()
    write_csv(buffer, to_rows(config))
    csv_line = buffer.getvalue().decode("utf-8-sig").splitlines()[-1]
    assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "\t")) for cell in csv_line.split(","))
    book = tmp_path / "tags.xlsx"
    with book.open("wb") as stream:
        write_xlsx(stream, to_rows(config))
    cell = openpyxl.load_workbook(book)["Tags"].cell(4, COLUMNS.index("description") + 1)
    assert (cell.value, cell.data_type) == (text, "s")
    (tmp_path / "tags.csv").write_bytes(buffer.getvalue())
    for path in (book, tmp_path / "tags.csv"):
        assert to_changes(read_table(path, silent), config, complain_about_address) == []


def test_spreadsheets_with_semicolons_and_decimal_commas_are_read(tmp_path):
    path = tmp_path / "tags.csv"
    header = "connection;name;address;data_type;unit;range;deadband"
    path.write_bytes(f"{header}\r\nline1;Level;DB1.DBD4;REAL;°C;[0, 100];0,25\r\n".encode("cp1252"))
    (change,) = to_changes(read_table(path, silent), plant(), complain_about_address)
    assert (change.put[0].unit, change.put[0].deadband) == ("°C", 0.25)


@given(
    description=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    unit=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10),
    low=st.floats(-1e9, 1e9),
    width=st.floats(1e-3, 1e9),
    suffix=st.sampled_from([".csv", ".xlsx"]),
)
def test_every_tag_survives_the_way_through_a_file(tmp_path_factory, description, unit, low, width, suffix):
    tag = plant().connection("line1").tags[0]
    changed = tag.model_copy(
        update={"description": description, "unit": unit, "range": (low, low + width), "normal": None}
    )
    line1 = plant().connection("line1").model_copy(update={"tags": (changed,)})
    config = plant().model_copy(update={"plc_connections": (line1,)})
    path = tmp_path_factory.getbasetemp() / f"survives{suffix}"
    with path.open("wb") as stream:
        WRITERS[suffix](stream, to_rows(config))
    assert to_changes(read_table(path, silent), config, complain_about_address, remove_missing=True) == []


@given(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 4))
def test_scales_and_ranges_are_read_as_they_were_written(numbers):
    scale = (numbers[:2], numbers[2:])
    assert parse_cell("scale", format_cell("scale", scale)) == scale
    assert parse_cell("range", format_cell("range", numbers[:2])) == numbers[:2]


@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx"]))
def test_any_other_file_is_never_worse_than_an_error(tmp_path_factory, data, suffix):
    path = tmp_path_factory.getbasetemp() / f"other{suffix}"
    path.write_bytes(b"connection,name\n" + data if suffix == ".csv" else data)
    with pytest.raises(DiscoveryError):
        to_changes(read_table(path, silent), plant(), complain_about_address)


def run(tool, *words: str) -> int:
    parser = argparse.ArgumentParser()
    tool.add_arguments(parser)
    return tool.run(parser.parse_args(words))


@pytest.fixture
def plant_file(tmp_path) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_text(PLANT)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_commands_carry_a_change_through_to_the_plant_file(tmp_path, plant_file, capsys, suffix):
    exported = tmp_path / f"tags{suffix}"
    assert run(tags_export, str(exported), "--config-file", str(plant_file)) == 0
    assert f"3 tags written to {exported}" in capsys.readouterr().out
    assert run(tags_import, str(exported), "--config-file", str(plant_file)) == 0
    assert "already says" in capsys.readouterr().out
    edited = tmp_path / "edited.csv"
    edited.write_text(
        "connection,name,address,data_type,unit,deadband\n"
        "line1,Level,DB1.DBD4,REAL,%,0.5\nline1,Speed,DB1.DBD8,REAL,rpm,\n"
    )
    options = (str(edited), "--config-file", str(plant_file), "--remove-missing")
    assert run(tags_import, *options, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "1 added, 1 changed, 1 removed; nothing is written" in said
    assert plant_file.read_text() == PLANT
    assert run(tags_import, *options) == 0
    tags = load_plant(plant_file, {}).connection("line1").tags
    assert {tag.name: (tag.address, tag.unit, tag.deadband, tag.range) for tag in tags} == {
        "Level": ("DB1.DBD4", "%", 0.5, (0.0, 100.0)),
        "Speed": ("DB1.DBD8", "rpm", 0.0, None),
    }
    assert "# radar" in plant_file.read_text()
    assert load_plant(plant_file, {}).connection("line2").tags[0].name == "Count"


def test_the_demo_plant_goes_through_both_commands(tmp_path):
    plant_file = tmp_path / "demo.yaml"
    shutil.copy(DEMO, plant_file)
    assert run(tags_export, str(tmp_path / "demo.xlsx"), "--config-file", str(plant_file)) == 0
    assert run(tags_import, str(tmp_path / "demo.xlsx"), "--config-file", str(plant_file)) == 0
    assert plant_file.read_bytes() == DEMO.read_bytes()


def test_a_table_of_another_kind_is_refused(tmp_path, plant_file):
    with pytest.raises(DiscoveryError, match=r"expected .csv or .xlsx"):
        run(tags_import, str(tmp_path / "tags.ods"), "--config-file", str(plant_file))
    with pytest.raises(DiscoveryError, match=r"ends in .csv or .xlsx"):
        run(tags_export, str(tmp_path / "tags.ods"), "--config-file", str(plant_file))
    (tmp_path / "tags.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DiscoveryError, match="expected a first row with the columns"):
        run(tags_import, str(tmp_path / "tags.csv"), "--config-file", str(plant_file))
    with pytest.raises(DiscoveryError, match="cannot be read"):
        run(tags_import, str(tmp_path / "none.csv"), "--config-file", str(plant_file))
