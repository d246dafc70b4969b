"""How many processes poll: ``auto`` or a number."""

import pytest

from engine.config import ConfigError
from tests.engine.config.plants import parse


@pytest.mark.parametrize(("text", "workers"), [("auto", "auto"), ("0", 0), ("1", 1), ("16", 16)])
def test_a_number_of_processes_or_auto(text, workers):
    config = parse(f"schema_version: 1\nprocessing: {{poll_workers: {text}}}\n")
    assert config.processing.poll_workers == workers


def test_auto_is_the_default():
    assert parse("schema_version: 1\n").processing.poll_workers == "auto"


@pytest.mark.parametrize("text", ["17", "-1", "1.5", "many", '"2"', "true", "null", "[1]"])
def test_anything_else_is_refused_with_what_is_expected(text):
    with pytest.raises(ConfigError) as caught:
        parse(f"schema_version: 1\nprocessing: {{poll_workers: {text}}}\n")
    (problem,) = caught.value.problems
    assert "auto, or a whole number from 0 to 16" in str(problem)
