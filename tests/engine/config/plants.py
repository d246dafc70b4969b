"""Plant files for tests."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.config import ConfigError, PlantConfig, Problem, parse_plant

EXAMPLE = Path(__file__).with_name("plant.example.yaml")

CONTROLLER = """\
schema_version: 1
plc_connections:
  - id: line1
    type: SIEMENS_S7
    host: 127.0.0.1
"""


def example_text() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def parse(text: str, env: Mapping[str, str] | None = None) -> PlantConfig:
    return parse_plant(text, "plant.yaml", {} if env is None else env)


def problems_of(text: str, env: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text, env)
    return caught.value.problems


def only_problem(text: str, env: Mapping[str, str] | None = None) -> Problem:
    (problem,) = problems_of(text, env)
    return problem
