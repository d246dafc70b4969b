"""The requirements of Sparkplug 3.0, whom they bind and what a judgement of each needs."""

import csv
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Subject(StrEnum):
    """What is being judged."""

    EDGE = "edge node"
    HOST = "host application"
    BROKER = "broker"


class Requirement(NamedTuple):
    """``level`` MUST, SHOULD, MAY, ... or ROBUST: not in the specification, but bitter in practice.

    ``needs``: what has to be at hand to judge it, a key of ``NEEDS``; empty: only the subject.
    """

    id: str
    level: str
    applies_to: frozenset[Subject]
    needs: str
    checked: str


NOT_APPLICABLE = {
    "deployment": "a property of the installation, not of one product",
    "permission": "a permission: nothing to break",
}

NEEDS = {
    "": "the subject published nothing that shows it",
    "tap": "needs --tap: only the subject's own connection shows it",
    "death": "needs --tap, or --hook kill=COMMAND",
    "reconnect": "needs --tap, or --hook restart=COMMAND",
    "stop": "needs --hook stop=COMMAND",
    "device": "needs --hook lose-device=COMMAND",
    "write": "needs --hook write=COMMAND",
    "dump": "needs --hook dump=COMMAND",
    "primary": "needs --host-id: the primary host the node waits for",
    "second": "needs --second-broker",
    "alias": "no metric with an alias was published",
    "properties": "no metric with properties was published",
    "dataset": "no data set was published",
    "template": "no template was published",
}


@cache
def all_requirements() -> tuple[Requirement, ...]:
    """Every requirement, in the order of the specification."""
    text = (files("resources") / "sparkplug" / "requirements.csv").read_text("utf-8")
    return tuple(
        Requirement(
            row["id"],
            row["level"],
            frozenset(Subject(word) for word in row["applies_to"].split("; ")),
            row["needs"],
            row["checked"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def requirements_of(subject: Subject) -> tuple[Requirement, ...]:
    return tuple(r for r in all_requirements() if subject in r.applies_to)


def tck(names: str) -> tuple[str, ...]:
    """The ids of the specification for their names without ``tck-id-``, given in one text."""
    ids = tuple(f"tck-id-{name}" for name in names.split())
    unknown = set(ids) - _known_ids()
    if unknown:
        raise KeyError(f"no such requirement: {sorted(unknown)}")
    return ids


@cache
def _known_ids() -> frozenset[str]:
    return frozenset(requirement.id for requirement in all_requirements())
