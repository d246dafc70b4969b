"""No file makes the loader raise anything but its own error."""

import copy
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from engine.config import ConfigError, PlantConfig, inactive_parts, load_plant, parse_plant
from engine.config.scalars import Substituted, resolve_plain, substitute
from hmi.check import run_check
from tests.engine.config.plants import EXAMPLE, example_text

YAML_SIGNS = st.text(st.sampled_from("abc10 \n\t:-,[]{}&*#?|>!%@`'\"\\$.~<=_é\u2028\x85\ufeff"), max_size=80)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["${X}", "${X:-1}", "$${", "${", "SIEMENS_S7", "06:00", "sqlite:///x", "", "10.00"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


QUICK = settings(deadline=None)
SLOW = settings(deadline=None, max_examples=40)
"""For tests that write and read a whole plant file each time."""


def attempt(text: str) -> None:
    try:
        config = parse_plant(text, "plant.yaml", {"X": "7"})
    except ConfigError as error:
        said = error.problems
        str(error).encode()
    else:
        assert isinstance(config, PlantConfig)
        assert all(str(notice) for notice in inactive_parts(config))
        assert all(str(warning) for warning in config.warnings)
        return
    assert said
    assert all(problem.message for problem in said)


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path, content):
    path = tmp_path / "plant.yaml"
    path.write_bytes(content)
    out = io.StringIO()
    assert run_check(path, out) in (0, 1)
    assert out.getvalue()


@given(st.text(max_size=300))
@QUICK
def test_any_text(text):
    attempt(text)


@given(YAML_SIGNS)
@QUICK
def test_any_text_made_of_yaml_signs(text):
    attempt(text)
    attempt("schema_version: 1\n" + text)


@given(st.dictionaries(st.text(max_size=10), VALUES, max_size=4))
@SLOW
def test_any_data(data):
    attempt(dump({"schema_version": 1, **data}))


def dump(data: object) -> str:
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, stream)
    return stream.getvalue()


def paths_of(data, path=()):
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths_of(value, (*path, key))


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


def take(data, path):
    for key in path:
        data = data[key]
    return data


EXAMPLE_DATA = YAML(typ="safe", pure=True).load(example_text())
PATHS = [path for path in paths_of(EXAMPLE_DATA) if path]


@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=3))
@SLOW
def test_the_example_with_values_of_other_types(changes):
    data = copy.deepcopy(EXAMPLE_DATA)
    for path, value in changes:
        if path in set(paths_of(data)):
            put(data, path, value)
    attempt(dump(data))


@given(st.sampled_from(PATHS))
@SLOW
def test_the_example_with_something_left_out(path):
    data = copy.deepcopy(EXAMPLE_DATA)
    del take(data, path[:-1])[path[-1]]
    attempt(dump(data))


@given(st.sampled_from(PATHS), st.sampled_from(PATHS))
@SLOW
def test_the_example_with_two_parts_swapped(one, other):
    data = copy.deepcopy(EXAMPLE_DATA)
    if one[: len(other)] == other or other[: len(one)] == one:
        return
    first, second = take(data, one), take(data, other)
    put(data, one, second)
    put(data, other, first)
    attempt(dump(data))


@given(st.sampled_from(PATHS))
@SLOW
def test_the_example_with_something_given_twice(path):
    data = copy.deepcopy(EXAMPLE_DATA)
    parent = take(data, path[:-1])
    if isinstance(parent, list):
        parent.append(copy.deepcopy(take(data, path)))
        attempt(dump(data))
    else:
        line = next(n for n, line in enumerate(LINES) if f"{path[-1]}:" in line)
        attempt("\n".join([*LINES[: line + 1], LINES[line], *LINES[line + 1 :]]))


LINES = example_text().splitlines()


@given(st.integers(0, len(LINES) - 1), st.integers(0, 40), st.integers(0, 3), YAML_SIGNS)
@SLOW
def test_the_example_with_damage_to_its_text(line, column, cut, noise):
    text = LINES[line]
    damaged = text[:column] + noise + text[column + cut :]
    attempt("\n".join([*LINES[:line], damaged, *LINES[line + 1 :]]))


@given(st.text(max_size=40), st.dictionaries(st.sampled_from("AB"), st.text(max_size=5)))
@QUICK
def test_substitution_leaves_text_without_references_alone(text, env):
    result = substitute(text, env)
    if "${" not in text:
        assert result == Substituted(text, (), text)


@given(st.integers(-(10**20), 10**20))
@QUICK
def test_whole_numbers_are_read_back(number):
    assert resolve_plain(str(number)) == number


@given(st.floats(allow_nan=False))
@QUICK
def test_numbers_are_read_back(number):
    text = repr(number).replace("inf", ".inf")
    assert resolve_plain(text) == number


@pytest.mark.parametrize("name", ["\0", "a" * 5000, ""])
def test_any_path(name):
    with pytest.raises(ConfigError):
        load_plant(Path(name) if name else EXAMPLE.parent, {})
