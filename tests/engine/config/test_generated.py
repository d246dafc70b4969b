"""Schema and reference page say what the models say."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from engine.config.generate import generated_files, outdated
from tests.engine.config.plants import example_text

ROOT = Path(__file__).resolve().parents[3]


def test_generated_files_are_up_to_date():
    stale = list(outdated(ROOT, generated_files()))
    assert not stale, "run: python -m engine.config.generate"


def test_a_changed_file_is_noticed(tmp_path):
    assert list(outdated(tmp_path, {"a.md": "new"})) == ["a.md"]
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    assert list(outdated(tmp_path, {"a.md": "new"})) == ["a.md"]
    (tmp_path / "a.md").write_text("new", encoding="utf-8")
    assert list(outdated(tmp_path, {"a.md": "new"})) == []


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((ROOT / "resources/plant.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_an_editor_accepts_the_example_with_its_references(validator):
    assert not list(validator.iter_errors(YAML(typ="safe", pure=True).load(example_text())))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"schema_version": 1, "sit": {}},
        {"schema_version": 1, "panel": {"theme": "blue"}},
        {"schema_version": 1, "mqtt": {"broker_port": 70000}},
        {"schema_version": 1, "alarms": [{"tag": "a", "priority": 9}]},
        {
            "schema_version": 1,
            "plc_connections": [{"id": "a", "type": "SIEMENS_S7", "tags": [{"name": "x"}]}],
        },
    ],
)
def test_an_editor_marks_what_is_wrong(validator, data):
    assert list(validator.iter_errors(data))


@pytest.mark.parametrize(
    "data",
    [
        {"schema_version": 1, "panel": {"theme": "${THEME:-paper}", "kiosk": "${KIOSK}"}},
        {"schema_version": 1, "plc_connections": [{"id": "${ID}", "type": "${TYPE}", "port": "${PORT}"}]},
        {"schema_version": 1, "plc_connections": [{"id": "a", "type": "SIEMENS_S7", "remote_tsap": "10.00"}]},
        {"schema_version": 1, "alarms": [{"tag": "a", "priority": "${P}", "limits": {"H": "${H}"}}]},
    ],
)
def test_an_editor_lets_any_scalar_come_from_the_environment(validator, data):
    assert not list(validator.iter_errors(data))


def test_the_page_has_every_key_of_the_example():
    page = (ROOT / "docs/plant-file.md").read_text(encoding="utf-8")

    def names(data):
        if isinstance(data, dict):
            yield from data
        for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
            yield from names(inner)

    missing = [
        name
        for name in names(YAML(typ="safe", pure=True).load(example_text()))
        if f"| `{name}` |" not in page
    ]
    assert not missing
