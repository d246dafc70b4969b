"""The table of requirements."""

import csv
from pathlib import Path

import pytest

from sim.sparkplug_check.requirements import (
    NEEDS,
    NOT_APPLICABLE,
    Subject,
    all_requirements,
    requirements_of,
    tck,
)

_TABLE = Path(__file__).parents[2] / "drivers" / "sparkplug" / "requirements.csv"


def test_every_requirement_of_the_specification_is_in_the_table_once() -> None:
    with _TABLE.open(encoding="utf-8") as file:
        expected = {row["id"] for row in csv.DictReader(file)}
    ids = [r.id for r in all_requirements() if r.id.startswith("tck-id-")]

    assert len(ids) == len(set(ids))
    assert set(ids) == expected


def test_every_requirement_says_what_is_checked_and_what_that_needs() -> None:
    for requirement in all_requirements():
        assert requirement.checked, requirement.id
        assert requirement.needs in NEEDS.keys() | NOT_APPLICABLE.keys(), requirement.id
        assert requirement.applies_to, requirement.id


def test_every_subject_has_requirements() -> None:
    counts = {subject: len(requirements_of(subject)) for subject in Subject}

    assert counts[Subject.EDGE] > 200
    assert counts[Subject.HOST] > 110
    assert counts[Subject.BROKER] == 11


def test_a_rule_cannot_name_a_requirement_that_is_none() -> None:
    with pytest.raises(KeyError, match="tck-id-payloads-nbirth-colour"):
        tck("payloads-nbirth-qos payloads-nbirth-colour")
