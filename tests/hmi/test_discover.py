"""``brimline discover`` against simulated controllers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import load_plant
from hmi.cli import main
from sim.logix_server import LogixServer
from sim.pccc_server import Plc5Server, SlcServer
from sim.s7_server import S7Server

PLANT = """\
schema_version: 1
plc_connections:
  # the old line
  - id: line1
    type: ALLEN_BRADLEY
    family: CompactLogix
    host: 10.0.0.1
    tags:
      - {name: Level, address: "Filler.Level", data_type: REAL} # in the tank
"""
SOURCE = """\
DATA_BLOCK "Filler"
{ S7_Optimized_Access := 'FALSE' }
VERSION : 0.1
NON_RETAIN
   STRUCT
      Run : Bool;
      Level : Real;   // Fill level
   END_STRUCT;
BEGIN
END_DATA_BLOCK
"""


def address(number: int) -> str:
    """A loopback address of this test worker's own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"127.16.{100 + worker}.{number}"


@pytest.fixture
def logix() -> Iterator[LogixServer]:
    with LogixServer(address(1), 0, udp=True) as server:
        server.add_struct("FillerUDT", [("Level", "REAL"), ("Speed", "REAL"), ("Count", "DINT")])
        server.add_tag("Filler", "FillerUDT")
        server.add_tag("Recipe", "DINT", (10,))
        server.add_tag("Cycle", "REAL", program="Main")
        server.poke("Filler.Level", 61.5)
        yield server


@pytest.fixture
def s7() -> Iterator[S7Server]:
    with S7Server(address(2)) as server:
        memory = bytearray(20)
        memory[2:6] = bytes.fromhex("42690000")
        server.add_db(1, memory)
        yield server


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_text(PLANT, encoding="utf-8")
    return path


def at(server: LogixServer) -> list[str]:
    return ["--type", "ALLEN_BRADLEY", "--host", server.host, "--enip-port", str(server.port)]


def at_s7(server: S7Server) -> list[str]:
    return ["--type", "SIEMENS_S7", "--host", server.host, "--s7-port", str(server.port)]


def discover(*words: str, timeout: str = "0.4") -> int:
    return main(["discover", "--timeout", timeout, *words])


def test_controllers_are_listed(logix: LogixServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at(logix)) == 0
    assert discover("--broadcast", "127.255.255.255", "--enip-port", str(logix.port)) == 0
    shown = capsys.readouterr().out
    assert shown.count("1756-L83E/B") == 2
    assert "REMOTE RUN" in shown


def test_controllers_of_both_kinds_are_found_in_a_range(
    logix: LogixServer, s7: S7Server, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = ["--enip-port", str(logix.port), "--s7-port", str(s7.port)]
    assert discover("--host", f"{address(1)}-3", *ports, "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted((each["family"], each["host"]) for each in found) == [
        ("ControlLogix", logix.host),
        ("S7-1500", s7.host),
    ]


def test_tags_are_shown_as_a_tree(logix: LogixServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at(logix), "--browse") == 0
    shown = capsys.readouterr().out
    assert "    Level        REAL  read/write  Filler.Level" in shown
    assert "  Recipe         DINT[10]" in shown
    assert "Recipe[" not in shown


def test_values_are_read(logix: LogixServer, s7: S7Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at(logix), "--match", "Filler.L*", "--preview") == 0
    assert discover(*at_s7(s7), "--match", "DB1/REAL/DBD2", "--preview") == 0
    shown = capsys.readouterr().out
    assert "Filler.Level  REAL  read/write  = 61.5" in shown
    assert "DB1.DBD2  REAL  read/write  = 58.25" in shown


def test_views_of_one_place_have_each_their_own_value(
    s7: S7Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert discover(*at_s7(s7), "--match", "DB1.DBD2", "--preview", "--json") == 0
    tags = [json.loads(line) for line in capsys.readouterr().out.splitlines()][2:]
    values = {tag["data_type"]: tag["value"] for tag in tags}
    assert (values["REAL"], values["DINT"]) == (58.25, 0x42690000)
    assert discover(*at_s7(s7), "--match", "DB1.DBD2", "--preview") == 0
    assert "DINT  read/write  = 1114177536" in capsys.readouterr().out


def test_a_family_given_by_hand_is_not_looked_for(s7: S7Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at_s7(s7), "--family", "S7-300", "--slot", "2", "--browse") == 0
    assert "SIEMENS_S7 S7-300" in capsys.readouterr().out


def test_machines_get_tags_with_values(logix: LogixServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at(logix), "--match", "Recipe[3]", "--preview", "--json") == 0
    controller, source, tag = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (controller["kind"], source["kind"], tag["kind"]) == ("controller", "source", "tag")
    assert (tag["address"], tag["data_type"], tag["value"]) == ("Recipe[3]", "DINT", 0)


def test_tags_are_lines_of_a_plant_file(logix: LogixServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at(logix), "--yaml") == 0
    assert capsys.readouterr().out.splitlines() == [
        "- {name: Level, address: Filler.Level, data_type: REAL}",
        "- {name: Speed, address: Filler.Speed, data_type: REAL}",
        "- {name: Count, address: Filler.Count, data_type: DINT}",
        "- {name: Recipe, address: Recipe, data_type: DINT[10]}".replace("DINT[10]", '"DINT[10]"'),
        '- {name: Cycle, address: "Program:Main.Cycle", data_type: REAL}',
    ]


def test_a_dry_run_shows_the_change_and_writes_nothing(
    logix: LogixServer, plant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ["--add-to", str(plant), "--connection", "line1"]
    assert discover(*at(logix), "--match", "Filler.*", *to, "--dry-run") == 0
    shown = capsys.readouterr()
    assert "+      - {name: Speed, address: Filler.Speed, data_type: REAL}" in shown.out
    assert "Nothing was written." in shown.out
    assert "1 of 3 tags are there already." in shown.err
    assert plant.read_text(encoding="utf-8") == PLANT


def test_tags_are_added_to_a_connection_and_comments_stay(
    logix: LogixServer, plant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ["--add-to", str(plant), "--connection", "line1"]
    assert discover(*at(logix), *to) == 0
    assert discover(*at(logix), *to) == 0
    assert "has all of this already" in capsys.readouterr().out
    tags = load_plant(plant, {}).connection("line1").tags
    assert [tag.name for tag in tags] == ["Level", "Speed", "Count", "Recipe", "Cycle"]
    assert not any(tag.writable for tag in tags)
    assert "  # the old line\n" in plant.read_text(encoding="utf-8")
    assert "data_type: REAL} # in the tank\n" in plant.read_text(encoding="utf-8")


def test_a_place_is_there_already_only_with_its_own_type(s7: S7Server, plant: Path) -> None:
    to = ["--add-to", str(plant), "--connection", "line2"]
    assert discover(*at_s7(s7), "--match", "DB1/REAL/DBD2", *to) == 0
    assert discover(*at_s7(s7), "--match", "DB1/DINT/DBD2", *to) == 0
    tags = load_plant(plant, {}).connection("line2").tags
    assert [(tag.address, tag.data_type) for tag in tags] == [("DB1.DBD2", "REAL"), ("DB1.DBD2", "DINT")]


def test_a_connection_is_made_for_a_new_controller(s7: S7Server, plant: Path) -> None:
    to = ["--add-to", str(plant), "--connection", "line2"]
    assert discover(*at_s7(s7), "--match", "DB1.DBX0.?", *to) == 0
    line = load_plant(plant, {}).connection("line2")
    assert (line.type, line.family, line.host, line.port, line.slot) == (
        "SIEMENS_S7",
        "S7-1500",
        s7.host,
        s7.port,
        1,
    )
    assert [tag.name for tag in line.tags] == [f"DB1_DBX0_{bit}" for bit in range(8)]


def test_tags_of_another_kind_of_controller_are_refused(
    s7: S7Server, plant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ["--add-to", str(plant), "--connection", "line1"]
    assert discover(*at_s7(s7), "--match", "DB1.DBX0.0", *to) == 1
    assert "choose another connection" in capsys.readouterr().err
    assert plant.read_text(encoding="utf-8") == PLANT


def test_a_file_s_tags_are_read_from_the_controller_they_belong_to(
    s7: S7Server, plant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "filler.db"
    source.write_text(SOURCE, encoding="utf-8")
    words = ["--file", str(source), "--db", "Filler=1", "--host", s7.host, "--s7-port", str(s7.port)]
    assert discover(*words, "--match", "*Level", "--preview") == 0
    assert "= 58.25" in capsys.readouterr().out
    assert discover(*words, "--add-to", str(plant), "--connection", "line3") == 0
    tags = load_plant(plant, {}).connection("line3").tags
    assert [(tag.name, tag.address) for tag in tags] == [("Run", "DB1.DBX0.0"), ("Level", "DB1.DBD2")]


def test_places_without_names_have_to_be_named(s7: S7Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert discover(*at_s7(s7), "--yaml") == 1
    assert "--match" in capsys.readouterr().err


def test_what_cannot_be_browsed_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with Plc5Server(address(3), 0) as server:
        words = ["--type", "ALLEN_BRADLEY", "--host", server.host, "--enip-port", str(server.port)]
        assert discover(*words, "--browse") == 1
    shown = capsys.readouterr()
    assert "PLC-5" in shown.out
    assert "RSLogix 5" in shown.err


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (["--host", "127.16.99.1"], 1, "No controller answered."),
        (["--host", "10.0.0.0/8"], 1, "more than the 4096"),
        (["--file", "no-such.db"], 1, "no-such.db"),
        ([], 2, "name where to look"),
        (["--host", "h", "--add-to", "p.yaml"], 2, "go together"),
        (["--host", "h", "--dry-run"], 2, "--dry-run is for --add-to"),
        (["--broadcast", "--family", "LOGO"], 2, "--family needs --host"),
        (["--host", "h", "--yaml", "--json"], 2, "do not go together"),
        (["--file", "f.db", "--broadcast"], 2, "do not go together"),
        (["--file", "f.db", "--db", "Filler"], 2, "NAME=NUMBER"),
        (["--file", "f.db", "--db", "Filler=0"], 2, "0 is no number of a data block; expected 1 to 65535"),
        (["--file", "f.db", "--db", "Filler=99999"], 2, "99999 is no number of a data block"),
        (["--host", "h/bp/0"], 1, "--family"),
        (["--host", "h/bp/0", "--family", "S7-300"], 1, "route"),
        (["--host", "h/", "--family", "ControlLogix", "--browse"], 1, "h/"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_an_exit_status(
    words: list[str], status: int, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if status == 2:
        with pytest.raises(SystemExit) as ended:
            discover(*words)
        assert ended.value.code == 2
    else:
        assert discover(*words, timeout="0.1") == status
    assert part in capsys.readouterr().err


def test_ctrl_c_ends_a_search_cleanly(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hmi",
        "discover",
        "--json",
        "--timeout",
        "60",
        "--broadcast",
        "127.255.255.255",
    ]
    with LogixServer(address(4), 0, udp=True) as server:
        process = subprocess.Popen(
            [*command, "--enip-port", str(server.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert "1756-L83E/B" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _out, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 130
    assert errors == "Cancelled.\n"


def test_a_route_leads_to_a_controller_behind_its_host(
    logix: LogixServer, plant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--host", f"{logix.host}/bp/0", "--enip-port", str(logix.port), "--family", "ControlLogix"]
    assert discover(*words, "--match", "Filler.Level", "--preview") == 0
    assert "= 61.5" in capsys.readouterr().out
    to = ["--add-to", str(plant), "--connection", "line2"]
    assert discover(*words, "--match", "Filler.Level", *to) == 0
    assert load_plant(plant, {}).connection("line2").host == f"{logix.host}/bp/0"


def test_the_longest_wait_is_that_of_the_command_line(
    logix: LogixServer, capsys: pytest.CaptureFixture[str]
) -> None:
    logix.faults.mute = True
    words = ["--host", logix.host, "--enip-port", str(logix.port), "--family", "ControlLogix", "--browse"]
    assert discover(*words, timeout="0.3") == 1
    assert "within 0.3 s" in capsys.readouterr().err


def test_tags_as_lines_have_their_values_behind_them(
    logix: LogixServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert discover(*at(logix), "--match", "Filler.Level", "--yaml", "--preview") == 0
    assert capsys.readouterr().out == "- {name: Level, address: Filler.Level, data_type: REAL}  # 61.5\n"


def test_a_block_without_a_number_says_how_to_give_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "filler.db"
    source.write_text(SOURCE, encoding="utf-8")
    assert discover("--file", str(source), "--yaml") == 1
    told = capsys.readouterr().err
    assert "--db Filler=N" in told
    assert "There are no tags" not in told
    assert discover("--file", str(source), "--db", "Capper=5") == 1
    assert "no data block Capper" in capsys.readouterr().err


def test_the_wrong_family_is_told_with_what_the_controller_is(capsys: pytest.CaptureFixture[str]) -> None:
    with SlcServer(address(5), 0) as server:
        words = ["--host", server.host, "--enip-port", str(server.port), "--family", "ControlLogix"]
        assert discover(*words, "--browse") == 1
    told = capsys.readouterr().err
    assert "1747-L" in told
    assert "SLC-500" in told
    assert "family" in told
