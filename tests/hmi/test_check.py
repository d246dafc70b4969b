"""``brimline check``: errors and exit 1, or a summary and exit 0."""

import io
from pathlib import Path

import pytest

from hmi.check import run_check

EXAMPLE = Path(__file__).parents[1] / "engine" / "config" / "plant.example.yaml"


@pytest.fixture
def check(tmp_path):
    def run(content: str | bytes) -> tuple[int, str]:
        path = tmp_path / "plant.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        return run_check(path, out), out.getvalue()

    return run


def test_the_example_is_summarised():
    out = io.StringIO()
    assert run_check(EXAMPLE, out) == 0
    text = out.getvalue()
    assert "Plant file is valid (schema version 1)." in text
    assert "Bottling hall, Europe/Berlin" in text
    assert (
        "production_line_1  SIEMENS_S7 S7-1500  192.168.1.100:102  2 tags, 0 writable, every 500 ms" in text
    )
    assert "MACHINE_001  Filler on production_line_1" in text
    assert "Alarms       2" in text
    assert "Warnings (4)" in text
    assert "Not active (13)" in text
    assert "stop_reasons: stop reasons are not active in this version" in text


def test_errors_are_listed_and_counted(check):
    code, text = check("schema_version: 1\npanl: {}\nmqtt: {qos: 5}\n")
    assert code == 1
    first, second, count = text.splitlines()
    assert "plant.yaml:2:1  panl: unknown key; did you mean panel?" in first
    assert "plant.yaml:3:13  mqtt.qos: 5 is not one of the choices; expected one of 0, 1, 2" in second
    assert count == "2 errors."


def test_one_error_is_not_two(check):
    assert check("site: {}")[1].endswith("\n1 error.\n")


def test_secrets_do_not_show(check, monkeypatch):
    monkeypatch.setenv("PLANT_PW", "hunter2")
    code, text = check(
        "schema_version: 1\nmqtt: {password: '${PLANT_PW}'}\n"
        "database: {url: 'mssql+mssqlpython://user:${PLANT_PW}@host/db'}\n"
    )
    assert code == 0
    assert "mssql+mssqlpython://host/db" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("content", "part"), [(b"", "the file is empty"), (b"\x00\x01\xff", "not text in UTF-8")]
)
def test_what_is_no_plant_file_is_refused(check, content, part):
    code, text = check(content)
    assert code == 1
    assert part in text


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path, part in ((tmp_path / "no.yaml", "cannot be read"), (tmp_path, "is not a file")):
        out = io.StringIO()
        assert run_check(path, out) == 1
        assert part in out.getvalue()


def test_a_terminal_that_knows_few_characters_gets_the_others_escaped(tmp_path):
    path = tmp_path / "plant.yaml"
    path.write_text("schema_version: 1\nsite: {name: Füllerei 瓶}\n", encoding="utf-8")
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="cp1252")
    assert run_check(path, out) == 0
    out.flush()
    assert "Füllerei \\u74f6" in raw.getvalue().decode("cp1252")


def test_addresses_are_checked_with_their_place(check):
    code, text = check(
        "schema_version: 1\nplc_connections:\n  - id: a\n    type: SIEMENS_S7\n    host: h\n    tags:\n"
        "      - {name: A, address: DB1.DBX, data_type: REAL}\n"
        "      - {name: B, address: 'DB1,4', data_type: BOOL}\n"
        "      - {name: C, address: 'DB1,4', data_type: REAL}\n"
        "  - {id: b, type: MQTT_JSON, host: h, tags: [{name: A, address: line/a, data_type: REAL}]}\n"
        "  - {id: c, type: SPARKPLUG, tags: [{name: A, address: Hall/Edge-1, data_type: REAL}]}\n"
    )
    assert code == 1
    first, second, third, fourth, count = text.splitlines()
    assert "plant.yaml:7:28  plc_connections[0].tags[0].address: 'DB1.DBX' is not an S7 address" in first
    assert "plant.yaml:8:28  plc_connections[0].tags[1].address: " in second
    assert "BOOL needs its bit" in second
    assert "plc_connections[1].tags[0].address: The address 'line/a' has no path" in third
    assert "plc_connections[2].tags[0].address: " in fourth
    assert count == "4 errors."


def test_addresses_of_allen_bradley_controllers_are_checked_by_their_family(check):
    tags = (
        "[{name: A, address: T4:0, data_type: INT}, {name: B, address: 'N7:0/3', data_type: BOOL}, "
        "{name: C, address: 'Fill.Level', data_type: REAL}]"
    )
    code, text = check(
        "schema_version: 1\nplc_connections:\n"
        f"  - {{id: a, type: ALLEN_BRADLEY, family: SLC-500, host: h, tags: {tags}}}\n"
        f"  - {{id: b, type: ALLEN_BRADLEY, host: h, tags: {tags}}}\n"
    )
    assert code == 1
    *lines, count = text.splitlines()
    assert [line.split("  ")[1].split(":")[0] for line in lines] == [
        "plc_connections[0].tags[0].address",
        "plc_connections[0].tags[2].address",
        "plc_connections[1].tags[0].address",
        "plc_connections[1].tags[1].address",
    ]
    assert "a timer is addressed by its members" in lines[0]
    assert "is no SLC-500 address" in lines[1]
    assert "is not a Logix address" in lines[2]
    assert "is not a Logix address" in lines[3]
    assert count == "4 errors."


@pytest.mark.parametrize(
    ("address", "data_type", "part"),
    [
        ("Recipe{10}", "DINT[5]", "the address says 10 elements, the data type here is DINT[5]"),
        ("Recipe{10}", "DINT", "the address says 10 elements"),
        ("Word.3", "INT", "a bit is a BOOL, the data type here is INT"),
        ("Word.3", "BOOL[2]", "a bit is a BOOL"),
        ("Letter", "CHAR", "these controllers have no CHAR"),
        ("When", "DTL", "these controllers have no DTL"),
        ("Name", "WSTRING[20]", "these controllers have no WSTRING"),
    ],
)
def test_logix_addresses_and_types_that_cannot_fit_are_told(check, address, data_type, part):
    code, text = check(
        "schema_version: 1\nplc_connections:\n  - {id: a, type: ALLEN_BRADLEY, host: h, "
        f"tags: [{{name: A, address: '{address}', data_type: '{data_type}'}}]}}\n"
    )
    assert code == 1
    assert part in text


@pytest.mark.parametrize(
    ("address", "data_type"),
    [
        ("Recipe{10}", "DINT[10]"),
        ("Recipe[5]", "DINT[10]"),
        ("Word.3", "BOOL"),
        ("Name", "STRING[20]"),
        ("Wait", "TIME"),
        ("Bits", "WORD"),
        ("Flags", "BOOL[64]"),
        ("One{1}", "DINT"),
    ],
)
def test_what_the_controller_may_have_is_left_to_it(check, address, data_type):
    code, text = check(
        "schema_version: 1\nplc_connections:\n  - {id: a, type: ALLEN_BRADLEY, host: h, "
        f"tags: [{{name: A, address: '{address}', data_type: '{data_type}'}}]}}\n"
    )
    assert (code, "error" in text) == (0, False)


def test_a_file_of_a_plc5_with_two_letters_is_a_warning(check):
    code, text = check(PLC5)
    assert code == 0
    assert "Warnings (1)" in text
    assert "old_line: file 10 has several letters (N10:0, F10:4)" in text


PLC5 = """
schema_version: 1
site: {name: Hall, timezone: Europe/Berlin}
plc_connections:
  - id: old_line
    type: ALLEN_BRADLEY
    family: PLC-5
    host: 192.168.1.7
    tags:
      - {name: Count, address: "N10:0", data_type: INT}
      - {name: Level, address: "F10:4", data_type: REAL}
"""
