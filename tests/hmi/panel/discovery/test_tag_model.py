"""The tree of tags: lazy branches, boxes with three states, a filter that keeps parents."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from engine.discovery import Browsed, BrowseNode, Preview
from engine.discovery_places import address_key
from engine.model import parse_type
from hmi.panel.discovery.tag_item import Check, present_names
from hmi.panel.discovery.tag_model import MOST_AT_ONCE, TagModel
from hmi.panel.discovery.tag_text import TagColumn, cell_text


class Opened:
    """Counts how often a branch was made."""

    def __init__(self, *children: BrowseNode) -> None:
        self.times = 0
        self.children = children

    def __call__(self) -> tuple[BrowseNode, ...]:
        self.times += 1
        return self.children


def tag(name, address="", type_text="REAL", **more):
    return BrowseNode(name, address or name, parse_type(type_text), type_text, **more)


def folder(name, *children, **more):
    return BrowseNode(name, expand=lambda: children, **more)


def model_of(qtbot, *roots, present=(), watched=True):
    """The model, watched by Qt's own tester, which opens every branch it sees."""
    model = TagModel()
    if not watched:
        model.load(Browsed("test", "ALLEN_BRADLEY", "ControlLogix", roots), present_names(present))
        return model
    model.load(Browsed("test", "ALLEN_BRADLEY", "ControlLogix", roots), present_names(present))
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setParent(model)
    return model


def opened(model, name):
    """The item of this name; everything is opened on the way."""
    for item in model.root.descendants():
        if item.node.name == name:
            return item
        if item.children is None and item.expandable:
            model.fetchMore(model.index_of(item))
            found = next((child for child in item.descendants() if child.node.name == name), None)
            if found is not None:
                return found
    raise AssertionError(f"no {name}")


def names(items):
    return [item.node.name for item in items]


def shown_names(model, parent=QModelIndex()):  # noqa: B008
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        found.append(model.data(index))
        found += shown_names(model, index)
    return found


def test_a_branch_is_made_when_it_is_opened_and_once(qtbot):
    members = Opened(tag("Level"), tag("Speed"))
    model = model_of(qtbot, BrowseNode("Filler", expand=members), watched=False)
    index = model.index(0, 0)
    assert model.hasChildren(index)
    assert (model.rowCount(index), members.times) == (0, 0)
    model.fetchMore(index)
    assert (model.rowCount(index), members.times) == (2, 1)
    assert not model.canFetchMore(index)


def test_choosing_a_folder_takes_all_below_it_and_its_box_says_how_much(qtbot):
    inner = folder("Tank", tag("Level"), tag("Pressure"))
    model = model_of(qtbot, folder("Filler", inner, tag("Speed")))
    filler = opened(model, "Filler")
    model.toggle(filler)
    assert names(model.chosen()) == ["Level", "Pressure", "Speed"]
    assert filler.check is Check.ON
    model.toggle(opened(model, "Pressure"))
    assert (filler.check, opened(model, "Tank").check) == (Check.PARTLY, Check.PARTLY)
    model.toggle(opened(model, "Level"))
    assert (filler.check, opened(model, "Tank").check) == (Check.PARTLY, Check.OFF)
    model.toggle(filler)
    assert filler.check is Check.ON
    model.toggle(filler)
    assert (filler.check, model.chosen()) == (Check.OFF, [])


def test_a_folder_with_a_branch_nobody_opened_is_not_wholly_chosen(qtbot):
    model = model_of(qtbot, folder("Filler", folder("Tank", tag("Level")), tag("Speed")), watched=False)
    model.toggle(opened(model, "Speed"))
    assert opened(model, "Filler").check is Check.PARTLY


def test_an_array_is_chosen_as_one_tag_and_its_elements_one_by_one(qtbot):
    elements = (tag("[0]", "Recipe[0]"), tag("[1]", "Recipe[1]"))
    array = BrowseNode("Recipe", "Recipe", parse_type("REAL[2]"), "REAL[2]", expand=lambda: elements)
    model = model_of(qtbot, folder("Controller tags", array))
    model.toggle(opened(model, "Controller tags"))
    assert names(model.chosen()) == ["Recipe"]
    model.toggle(opened(model, "[1]"))
    assert names(model.chosen()) == ["Recipe", "[1]"]
    assert opened(model, "Controller tags").check is Check.ON


def test_what_the_plant_file_has_is_marked_and_left_out_of_a_whole_folder(qtbot):
    tags = tag("Level", "DB1.DBD8"), tag("Speed", "DB1.DBD24")
    model = model_of(qtbot, folder("DB1", *tags), present=[("FillLevel", "DB1,8.0", "REAL")])
    model.toggle(opened(model, "DB1"))
    assert names(model.chosen()) == ["Speed"]
    assert opened(model, "DB1").check is Check.ON
    level = opened(model, "Level")
    assert level.present == "FillLevel"
    assert cell_text(level, TagColumn.DESCRIPTION) == "In the plant file as FillLevel"
    model.toggle(level)
    assert names(model.chosen()) == ["Level", "Speed"]


def test_nothing_that_came_into_the_plant_file_stays_chosen(qtbot):
    model = model_of(qtbot, tag("Level"), tag("Speed"))
    for item in list(model.root.descendants()):
        model.toggle(item)
    with qtbot.waitSignal(model.chosen_changed) as told:
        model.mark_present(present_names([("Level", "level", "REAL")]))
    assert names(told.args[1]) == ["Level"]
    assert names(model.chosen()) == ["Speed"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("DB1,8.0", "DB1.DBD8", True),
        ("db1.dbx2.3", "DB1,2.3", True),
        ("%DB1.DBD8", "DB1,8", True),
        ("DB1.DBX2.3", "DB1,2.4", False),
        ("DB11.DBD8", "DB1.DBD8", False),
        ("Program:Main.Level", "PROGRAM:MAIN.LEVEL", True),
        ("N7:0", "N7:1", False),
    ],
)
def test_spellings_of_one_place(one, other, same):
    assert (address_key(one, "REAL") == address_key(other, "REAL")) is same


def test_places_in_a_block_overlap_so_that_the_type_counts():
    assert address_key("DB1.DBB8", "BYTE") != address_key("DB1.DBD8", "REAL")
    assert address_key("VD8", "DINT") != address_key("VD8", "REAL")


def test_what_cannot_be_a_tag_says_why_and_is_not_chosen(qtbot):
    model = model_of(qtbot, BrowseNode("Grid", type_text="DINT[2,3]", reason="has two dimensions"))
    item = opened(model, "Grid")
    with qtbot.waitSignal(model.refused) as told:
        model.toggle(item)
    assert told.args == ["has two dimensions"]
    assert model.chosen() == []
    assert model.data(model.index(0, 0), Qt.ItemDataRole.CheckStateRole) is None
    assert cell_text(item, TagColumn.DESCRIPTION) == "has two dimensions"


def test_a_folder_with_too_many_tags_is_not_chosen_by_mistake(qtbot):
    many = tuple(tag(f"T{number}") for number in range(MOST_AT_ONCE + 1))
    model = model_of(qtbot, folder("All", *many))
    with qtbot.waitSignal(model.refused) as told:
        model.toggle(opened(model, "All"))
    assert "more than" in told.args[0]
    assert model.chosen() == []


def test_the_filter_keeps_what_was_found_with_its_parents(qtbot):
    tank = folder("Tank", tag("Level", description="Fill height"), tag("Pressure"))
    model = model_of(qtbot, folder("Line", tank, tag("Speed")), folder("Empty", tag("Other")))
    model.filter("fill height")
    assert shown_names(model) == ["Line", "Tank", "Level"]
    assert model.found == 1
    assert names(model.matched_parents()) == ["Line", "Tank"]
    model.filter("")
    assert shown_names(model) == ["Line", "Tank", "Level", "Pressure", "Speed", "Empty", "Other"]


def test_a_folder_found_by_its_own_name_shows_all_it_has(qtbot):
    model = model_of(qtbot, folder("Line", folder("Tank", folder("In", tag("Level")), tag("Pressure"))))
    model.filter("tank")
    assert shown_names(model) == ["Line", "Tank", "In", "Level", "Pressure"]
    assert names(model.matched_parents()) == ["Line"]


def test_a_filter_for_nothing_shows_nothing_and_keeps_the_choice(qtbot):
    model = model_of(qtbot, folder("Line", tag("Speed")))
    model.toggle(opened(model, "Speed"))
    model.filter("zzz")
    assert shown_names(model) == []
    assert names(model.chosen()) == ["Speed"]


def test_a_folder_chosen_under_a_filter_takes_only_what_is_seen(qtbot):
    model = model_of(qtbot, folder("Line", tag("FillLevel"), tag("FillFlow"), tag("Speed")))
    model.filter("fill")
    model.toggle(model.item(model.index(0, 0)))
    assert names(model.chosen()) == ["FillLevel", "FillFlow"]


def test_values_come_by_address_and_errors_are_told(qtbot):
    model = model_of(qtbot, tag("Level"), tag("Speed"), tag("Ready", type_text="BOOL"))
    real, bit = parse_type("REAL"), parse_type("BOOL")
    model.show_values(
        [
            Preview("Level", 61.25, type=real),
            Preview("Speed", None, "no such tag", type=real),
            Preview("Ready", True, type=bit),
        ]
    )
    texts = [cell_text(item, TagColumn.VALUE) for item in model.root.descendants()]
    assert texts == ["61.25", "\u2014", "On"]
    assert cell_text(opened(model, "Speed"), TagColumn.DESCRIPTION) == "no such tag"


def test_views_of_one_place_have_each_their_own_value(qtbot):
    whole, number = parse_type("DINT"), parse_type("REAL")
    nodes = [BrowseNode("DBD8", "DB1.DBD8", each) for each in (whole, number)]
    model = model_of(qtbot, *nodes)
    model.show_values([Preview("DB1.DBD8", 7, type=whole), Preview("DB1.DBD8", 69.5, type=number)])
    texts = [cell_text(item, TagColumn.VALUE) for item in model.root.descendants()]
    assert texts == ["7", "69.5"]


def test_a_line_is_spoken_with_its_state(qtbot):
    model = model_of(qtbot, tag("Level", description="Fill level"))
    model.toggle(opened(model, "Level"))
    spoken = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Level, REAL, Fill level, chosen"
