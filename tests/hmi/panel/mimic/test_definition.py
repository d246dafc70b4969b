"""A mimic's file: what is read from it, and what is said when something is wrong."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import load_plant
from hmi.panel.mimic.definition import ItemDef, MimicError, load_mimic
from hmi.panel.mimic.symbols import SYMBOLS, build_symbol
from hmi.panel.theme import Theme
from tests.hmi.panel.mimic.line_bench import MIMIC
from tests.hmi.panel.plant_bench import DEMO

SMALL = """
schema_version: 1
title: Small
size: [100, 80]
items:
  - {id: level, symbol: tank, at: [1, 2], size: [212, 148], tags: {level: FillLevel}, text: Tank}
"""


def load(text: str, folder: Path) -> object:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mimic(path)


def test_every_tag_of_the_bottle_filler_is_in_the_demo_plant() -> None:
    known = {tag.name for connection in load_plant(DEMO, {}).plc_connections for tag in connection.tags}
    assert load_mimic(MIMIC).tag_names() <= known


def test_the_bottle_filler_shows_everything_inside_its_frame() -> None:
    mimic = load_mimic(MIMIC)
    for item in mimic.items:
        assert 0 <= item.at[0] <= mimic.size[0] - item.size[0]
        assert 0 <= item.at[1] <= mimic.size[1] - item.size[1]


def test_the_stations_stand_where_the_drawing_has_them() -> None:
    line = load_mimic(MIMIC).line
    assert line is not None
    geometry = line.geometry
    places = (geometry.infeed.at_mm, geometry.fill.at_mm, geometry.cap.at_mm, geometry.reject_mm)
    assert [line.to_x(mm) for mm in places] == [97.0, 317.0, 537.0, 647.0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("schema_version: 1", "schema_version: 9"), "schema_version 9 is not 1"),
        (("title: Small", "titel: Small"), "has no key 'titel'"),
        (("symbol: tank, ", ""), "item level: 'symbol' is missing"),
        (("at: [1, 2]", "at: 1"), "item level: at must be two numbers"),
        (("tags: {level: FillLevel}", "tags: FillLevel"), "item level: tags must be a table"),
        (("text: Tank", "colour: red"), "item level has no key 'colour'"),
        (("items:", "items: ["), "cannot be read as YAML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_item(
    change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(MimicError, match=r"small\.yaml") as error:
        load(SMALL.replace(*change), tmp_path)
    assert says in str(error.value)


def test_an_item_twice_is_refused(tmp_path: Path) -> None:
    row = SMALL.strip().splitlines()[-1]
    with pytest.raises(MimicError, match="'level' is there twice"):
        load(SMALL + row + "\n", tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MimicError, match=r"gone\.yaml"):
        load_mimic(tmp_path / "gone.yaml")


def test_an_unknown_symbol_and_a_missing_role_are_refused() -> None:
    theme = Theme.load("paper")
    with pytest.raises(MimicError, match="no symbol 'teapot'"):
        build_symbol(ItemDef("a", "teapot", (0, 0)), theme, {})
    with pytest.raises(MimicError, match="a valve needs a tag for 'open'"):
        build_symbol(ItemDef("a", "valve", (0, 0), (32, 36)), theme, {})


def test_the_bottle_filler_uses_every_symbol_there_is() -> None:
    assert {item.symbol for item in load_mimic(MIMIC).items} == set(SYMBOLS)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_raise_anything_but_its_own_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    with suppress(MimicError):
        load(text, tmp_path_factory.getbasetemp())
