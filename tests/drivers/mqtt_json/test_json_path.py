"""Paths into JSON documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt_json.json_path import MAX_STEPS, NoValueError, PathError, format_path, parse_path, value_at

STEPS = st.lists(st.text(max_size=12) | st.integers(0, 1_000_000), max_size=8).map(tuple)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.level", ("level",)),
        ("$.tank.fill-level", ("tank", "fill-level")),
        ("$.tanks[0].Füllstand", ("tanks", 0, "Füllstand")),
        ("$['fill level'][\"a.b\"]", ("fill level", "a.b")),
        (r"$['it\'s'].x", ("it's", "x")),
        (r"$['cost \u0024']", ("cost $",)),
        ("$['']", ("",)),
    ],
)
def test_a_path_is_read_step_by_step(text, steps):
    assert parse_path(text) == steps


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "level",
            "$level",
            "$.",
            "$..level",
            "$.*",
            "$[*]",
            "$[-1]",
            "$[01]",
            "$[1:2]",
            "$[?@.x]",
            "$['x]",
        ),
        *("$.1x", "$.a b", "$[0", "$['a\\q']", "$[9999999]", "$" + ".a" * (MAX_STEPS + 1), "$." + "a" * 2000),
    ],
)
def test_what_is_no_path_is_refused_with_its_place(text):
    with pytest.raises(PathError, match="path"):
        parse_path(text)


@given(STEPS)
def test_every_path_is_read_as_it_is_written(steps):
    text = format_path(steps)
    assert parse_path(text) == steps
    assert " $" not in text


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_refused(text):
    try:
        steps = parse_path(text)
    except PathError:
        return
    assert parse_path(format_path(steps)) == steps


def test_values_are_found_where_the_path_leads():
    document = {"tanks": [{"level": 1}, {"level": None}], "": 3}
    assert value_at(document, ("tanks", 0, "level")) == 1
    assert value_at(document, ("tanks", 1, "level")) is None
    assert value_at(document, ("",)) == 3
    assert value_at(document, ()) is document


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.tank", "there is no $.tank"),
        ("$.tanks[2]", "$.tanks has only 1 elements"),
        ("$.tanks.level", "$.tanks is an array, not an object"),
        ("$.tanks[0].level[0]", "$.tanks[0].level is a number, not an array"),
        ("$.tanks[0].level.x", "$.tanks[0].level is a number, not an object"),
    ],
)
def test_what_is_missing_is_named(path, text):
    with pytest.raises(NoValueError) as error:
        value_at({"tanks": [{"level": 1}]}, parse_path(path))
    assert str(error.value) == text
