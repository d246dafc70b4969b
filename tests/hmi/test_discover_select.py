"""Choosing tags by patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.discovery import BrowseNode
from hmi.discover_select import Chosen, Pattern, choose, is_bare_memory
from tests.hmi.discovery_trees import controllogix, data_blocks, folder, leaf


def addresses(pattern: str | None) -> list[str]:
    chosen = choose(controllogix().roots, None if pattern is None else Pattern(pattern))
    return [each.node.address for each in chosen]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (None, ["Filler.Level", "Filler.Speed", "Recipe", "Program:Main.Cycle"]),
        ("*", ["Filler.Level", "Filler.Speed", "Recipe", "Program:Main.Cycle"]),
        ("filler.*", ["Filler.Level", "Filler.Speed"]),
        ("Level", []),
        ("*Level", ["Filler.Level"]),
        ("*/Filler/*", ["Filler.Level", "Filler.Speed"]),
        ("Recipe", ["Recipe"]),
        ("Recipe[?]", ["Recipe[0]", "Recipe[1]", "Recipe[2]"]),
        ("Recipe[1]", ["Recipe[1]"]),
        ("Recipe[1].*", ["Recipe[1].0"]),
        ("Program:Main.Cyc?e", ["Program:Main.Cycle"]),
        ("Secret", []),
        ("Nothing*", []),
        ("", []),
    ],
)
def test_patterns(pattern, expected):
    assert addresses(pattern) == expected


def test_the_path_leads_through_folders_but_not_through_steps():
    chosen = list(choose(data_blocks().roots, Pattern("DB2/INT/*")))
    assert [(each.node.address, each.path) for each in chosen] == [("DB2.DBW0", ("DB2", "INT"))]


def test_only_folders_that_may_hold_what_is_meant_are_opened():
    opened: list[str] = []

    def block(number: int) -> BrowseNode:
        def children() -> list[BrowseNode]:
            opened.append(f"DB{number}")
            return [folder("REAL", leaf(f"DB{number}.DBD0", name="DBD0"))]

        return BrowseNode(f"DB{number}", expand=children)

    chosen = choose([block(n) for n in range(1, 30)], Pattern("DB7.DBD*"))
    assert [each.node.address for each in chosen] == ["DB7.DBD0"]
    # Each is looked into once to see how its addresses begin.
    assert opened == [f"DB{n}" for n in range(1, 7)] + ["DB7"] + [f"DB{n}" for n in range(8, 30)]


def test_memory_without_names_is_told_from_tags():
    assert is_bare_memory(data_blocks())
    assert not is_bare_memory(controllogix())


@given(st.text("ab*?[].", max_size=8), st.text("ab[].", max_size=8))
def test_a_pattern_means_what_it_says(pattern, text):
    def fits(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return fits(pattern[1:], text) or (bool(text) and fits(pattern, text[1:]))
        return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])

    found = Pattern(pattern).fits(Chosen(BrowseNode("\n", text), ()))
    assert found is fits(pattern, text) or (found and fits(pattern, "\n"))
