"""Forms, numbers as people type them, sources, and diffs taken apart; without a screen."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config.connections import Connection, Tag
from engine.config.loader import parse_plant
from engine.discovery import Target
from hmi.panel.discovery.diff_lines import Change, diff_lines
from hmi.panel.discovery.form_check import field_problems, parse_number, parse_whole
from hmi.panel.discovery.source import connection_of, controllers, free_id, new_connection, target_of
from tests.hmi.panel.discovery_bench import PLANT

CONFIG = parse_plant(PLANT.format(host="10.0.0.5", port=102), "plant.yaml", {})
LOGIX = Target("ALLEN_BRADLEY", "ControlLogix", "10.0.0.9", 44818)


@pytest.mark.parametrize(
    ("text", "number"),
    [("", None), ("12", 12.0), ("0,5", 0.5), ("\u22123.5", -3.5), ("1 000", 1000.0), ("1e3", 1000.0)],
)
def test_numbers_as_people_type_them(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["abc", "1.2.3", "nan", "inf", "1,2,3"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_number(text)


def test_whole_numbers():
    assert parse_whole(" 12 ") == 12
    assert parse_whole("") is None
    with pytest.raises(ValueError, match=r"1\.5"):
        parse_whole("1.5")


def test_the_plant_file_s_own_rules_say_what_is_wrong_with_a_field():
    values = {"id": "two words", "type": "SIEMENS_S7", "host": "10.0.0.5 x", "port": 99999, "rack": 0}
    problems = field_problems(Connection, values)
    assert problems["id"].startswith("must be an id without spaces")
    assert problems["host"].startswith("is not a host name")
    assert problems["port"] == "must be less than or equal to 65535"
    assert set(problems) == {"id", "host", "port"}
    assert field_problems(Tag, {"name": "a/b"})["name"].startswith("must be a name without '/'")
    assert field_problems(Tag, {"name": "Fill level"}) == {}


def test_a_controller_of_the_plant_file_is_known_again():
    (line,) = controllers(CONFIG)
    target = target_of(line)
    assert (target.family, target.host, target.port, target.slot) == ("S7-1500", "10.0.0.5", 102, 1)
    assert connection_of(CONFIG, target) == "line1"
    assert connection_of(CONFIG, LOGIX) == ""
    assert controllers(CONFIG, "ALLEN_BRADLEY") == []


CHASSIS = parse_plant(
    """\
schema_version: 1
plc_connections:
  - {id: cpu0, type: ALLEN_BRADLEY, host: 10.0.0.9, slot: 0, tags: []}
  - {id: cpu2, type: ALLEN_BRADLEY, host: 10.0.0.9/2, tags: []}
  - {id: far, type: ALLEN_BRADLEY, host: 10.0.0.9/bp/3/enet/10.1.0.7/bp/0, tags: []}
  - {id: slc, type: ALLEN_BRADLEY, family: SLC-500, host: 10.0.0.8, slot: 1, tags: []}
  - {id: s7, type: SIEMENS_S7, family: S7-1500, host: 10.0.0.7, slot: 1, tags: []}
  - {id: s7-again, type: SIEMENS_S7, family: S7-1500, host: 10.0.0.7, slot: 0, tags: []}
  - {id: s7-400, type: SIEMENS_S7, family: S7-400, host: 10.0.0.6, slot: 3, tags: []}
""",
    "plant.yaml",
    {},
)


@pytest.mark.parametrize(
    ("connection", "family", "host", "slot"),
    [
        ("cpu0", "ControlLogix", "10.0.0.9", 0),
        ("cpu0", "ControlLogix", "10.0.0.9/0", 5),
        ("cpu0", "CompactLogix", "10.0.0.9/backplane/0", 0),
        ("cpu2", "ControlLogix", "10.0.0.9", 2),
        ("cpu2", "ControlLogix", "10.0.0.9/1/2", 0),
        ("far", "ControlLogix", "10.0.0.9/1/3/enet/10.1.0.7/1/0", 0),
        ("", "ControlLogix", "10.0.0.9", 1),
        ("", "ControlLogix", "10.0.0.9/bp/3/enet/10.1.0.8/bp/0", 0),
        ("slc", "SLC-500", "10.0.0.8", 0),
        ("s7", "S7-1500", "10.0.0.7", 2),
        ("s7-400", "S7-400", "10.0.0.6", 3),
        ("", "S7-400", "10.0.0.6", 4),
    ],
)
def test_one_of_several_cpus_behind_one_address_is_not_taken_for_another(connection, family, host, slot):
    siemens = family.startswith("S7")
    target = Target(
        "SIEMENS_S7" if siemens else "ALLEN_BRADLEY", family, host, 102 if siemens else 44818, slot=slot
    )
    assert connection_of(CHASSIS, target) == connection


def test_of_two_connections_to_one_controller_the_chosen_one_stays_chosen():
    target = target_of(CHASSIS.connection("s7-again"))
    assert connection_of(CHASSIS, target, "s7-again") == "s7-again"
    assert connection_of(CHASSIS, target, "slc") == "s7"


def test_a_new_connection_has_an_id_that_is_free():
    entry = new_connection(CONFIG, LOGIX, "Capper")
    assert (entry.id, entry.name, entry.host, entry.scan_rate_ms) == (
        "controllogix",
        "Capper",
        "10.0.0.9",
        500,
    )
    assert free_id("S7-1500", ["S7-1500", "s7-1500-2"]) == "s7-1500-3"
    assert free_id("  ", []) == "plc"


def test_lines_of_a_diff_have_the_numbers_of_both_files():
    lines = diff_lines("@@ -3,3 +3,3 @@\n same\n-old\n+new\n end")
    assert [(line.change, line.text, line.old, line.new) for line in lines] == [
        (Change.GAP, "", 0, 0),
        (Change.SAME, "same", 3, 3),
        (Change.REMOVED, "old", 4, 0),
        (Change.ADDED, "new", 0, 4),
        (Change.SAME, "end", 5, 5),
    ]


def test_no_changes_are_no_lines():
    assert diff_lines("") == []


_FILES = st.lists(st.sampled_from(["- a", "+ b", "@ c", "", "  d", "@@ x"]), max_size=12)


@given(_FILES, _FILES)
def test_every_diff_gives_back_both_texts(before, after):
    diff = "\n".join(list(difflib.unified_diff(before, after, lineterm="", n=99))[2:])
    lines = diff_lines(diff)
    if before != after:
        assert [line.text for line in lines if line.old] == before
        assert [line.text for line in lines if line.new] == after
    else:
        assert lines == []
