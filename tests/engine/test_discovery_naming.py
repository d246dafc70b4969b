"""Names of tags from their addresses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.discovery import BrowseNode
from engine.discovery_naming import propose_names
from engine.model import DataType, TypeSpec, parse_type

REAL = TypeSpec(DataType.REAL)


def node(address: str, name: str | None = None) -> BrowseNode:
    """As browsing gives it: called by the last part of its address unless it has a name of its own."""
    return BrowseNode(re.split(r"[.](?!DB)", address)[-1] if name is None else name, address, REAL)


def names(*nodes: BrowseNode, **more: object) -> list[str]:
    return [entry.name for entry in propose_names(nodes, **more)]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("FillLevel", "FillLevel"),
        ("Filler.FillLevel", "FillLevel"),
        ("Program:MainProgram.CycleTime", "CycleTime"),
        ("Program:MainProgram.FillTimer.ACC", "FillTimer_ACC"),
        ("ACC", "ACC"),
        ("Recipe[3]", "Recipe_3"),
        ("Filler.Mat[1,2]", "Mat_1_2"),
        ("Filler.Status.5", "Status_5"),
        ("Local:2:I.Data", "Local_2_I_Data"),
        ("N7:0", "N7_0"),
        ("B3/17", "B3_17"),
        ("T4:0.ACC", "T4_0_ACC"),
        ("C5:0/DN", "C5_0_DN"),
        ("I:0.2/3", "I_0_2_3"),
        ("DB1.DBX0.3", "DB1_DBX0_3"),
        ("VW2", "VW2"),
    ],
)
def test_a_name_is_as_short_as_it_can_be(address, name):
    assert names(node(address)) == [name]


def test_a_place_in_memory_is_called_by_its_own_name():
    assert names(node("DB1.DBD8", "FillLevel"), node("N7:3", "Speed [rpm]")) == ["FillLevel", "Speed_rpm"]


def test_what_is_not_unique_gets_as_much_of_its_path_as_it_takes():
    tags = [
        node("Program:Main.T1.ACC"),
        node("Program:Main.T2.ACC"),
        node("Program:Pack.T2.ACC"),
        node("Speed"),
    ]
    assert names(*tags) == ["T1_ACC", "Main_T2_ACC", "Pack_T2_ACC", "Speed"]


def test_folders_tell_names_of_places_apart():
    levels = [node("DB1.DBD0", "Level"), node("DB1.DBD4", "Level")]
    assert names(*levels, paths=[("Filler", "Tank1"), ("Filler", "Tank2")]) == ["Tank1_Level", "Tank2_Level"]
    assert names(*levels) == ["Level_DB1_DBD0", "Level_DB1_DBD4"]
    assert names(node("DB1.DBD0", "[3]"), paths=[("Filler", "Recipe")]) == ["Recipe_3"]
    assert names(node("DB1.DBD0", "[3]")) == ["DB1_DBD0"]


def test_names_that_are_taken_are_left_to_their_tags():
    assert names(node("Filler.Level"), taken={"level"}) == ["Filler_Level"]
    assert names(node("Level"), taken={"Level", "Level_2"}) == ["Level_3"]


def test_the_same_twice_is_numbered():
    assert names(node("Level"), node("Level")) == ["Level", "Level_2"]


def test_an_entry_is_read_only_and_recorded():
    level = BrowseNode(
        "Level", "A.Level", parse_type("REAL[4]"), "REAL", "Fill level", writable=True, unit="%"
    )
    (entry,) = propose_names([level, BrowseNode("Folder"), BrowseNode("Odd", reason="no value")])
    assert (entry.address, entry.data_type, entry.description, entry.unit) == (
        "A.Level",
        "REAL[4]",
        "Fill level",
        "%",
    )
    assert not entry.writable
    assert (entry.history, entry.deadband) == (True, 0.0)


PART = st.text(st.sampled_from("ABab_019äß"), min_size=1, max_size=60)
ADDRESS = st.lists(PART, min_size=1, max_size=6).map(".".join) | st.text(
    st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=200
)


@given(st.lists(st.tuples(ADDRESS, st.none() | st.text(max_size=20)), max_size=12), st.sets(PART, max_size=3))
def test_any_addresses_get_valid_names_of_their_own(given_, taken):
    tags = [node(address, name) for address, name in given_]
    proposed = names(*tags, taken=taken)
    assert len(proposed) == len(tags)
    assert len({name.casefold() for name in proposed} | {name.casefold() for name in taken}) == len(
        tags
    ) + len({name.casefold() for name in taken})
    assert all(
        re.fullmatch(r"[^\s/](?:[^/\x00-\x1f]*[^\s/])?", name) and len(name) <= 128 for name in proposed
    )


def test_members_of_a_named_timer_have_its_symbol():
    node = BrowseNode("PRE", "T4:0.PRE", parse_type("INT"))
    (named,) = propose_names([node], [("T4", "FILL_TIMER")])
    (bare,) = propose_names([node], [("T4", "T4:0")])
    assert (named.name, bare.name) == ("FILL_TIMER_PRE", "T4_0_PRE")
