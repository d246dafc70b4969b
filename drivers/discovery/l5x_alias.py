"""What alias tags of an L5X project stand for: ``Filler.Level``, ``Recipe[2]``, ``Word.3``. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from drivers.discovery.l5x_types import Project, Variable, spec_of
from engine.model import INTEGER_BITS


def target_of(project: Project, alias_for: str, program: str, depth: int = 0) -> tuple[str, Variable] | None:
    """The address that an alias in ``program`` stands for and what is there; None if the file does not tell.

    An alias of an alias is followed to its end.
    """
    scope, text = program, alias_for.strip()
    if text.lower().startswith(_PROGRAM):
        scope, _, text = text[len(_PROGRAM) :].partition(".")
    steps = _steps(text)
    found = _find(project, steps[0].name, scope) if steps and steps[0].name else None
    if found is None or depth > _MAX_DEPTH:
        return None
    scope, variable = found
    address = f"Program:{scope}.{variable.name}" if scope else variable.name
    if variable.alias_for:
        further = target_of(project, variable.alias_for, scope, depth + 1)
        if further is None:
            return None
        address, variable = further
    target = _walk(project, variable, address, [steps[0]._replace(name=""), *steps[1:]])
    if target is None:
        return None
    # Comments on members are kept with the tag, under what follows its name.
    operand = "".join(text[len(steps[0].name) :].split()).upper()
    said = {key[len(operand) :]: words for key, words in variable.comments.items() if key.startswith(operand)}
    address, meant = target
    return address, replace(meant, description=said.get("", meant.description), comments=said)


def stricter(outer: str, inner: str) -> str:
    """The external access to a member of something that has external access itself."""
    ranks = [_ACCESS.index(access) if access in _ACCESS else 1 for access in (outer, inner)]
    return _ACCESS[max(ranks)]


class _Step(NamedTuple):
    """A member with its index as text, or a bit."""

    name: str
    element: str
    bit: str


_PROGRAM = "program:"
_MAX_DEPTH = 8
_ACCESS = ("Read/Write", "Read Only", "None")
_STEP = re.compile(
    r"\.?(?P<name>[A-Za-z_]\w*(?::\w+)*)(?P<index>(?:\[[\d,\s]{1,40}\])?)|\.(?P<bit>\d{1,2})(?!\w)", re.ASCII
)


def _steps(text: str) -> list[_Step]:
    """Empty if it is no operand."""
    matches = list(_STEP.finditer(text))
    if "".join(match[0] for match in matches) != text:
        return []
    return [_Step(match["name"] or "", match["index"] or "", match["bit"] or "") for match in matches]


def _walk(
    project: Project, variable: Variable, address: str, steps: Sequence[_Step]
) -> tuple[str, Variable] | None:
    for step in steps:
        further = _bit(variable, step.bit) if step.bit else _member(project, variable, step)
        if further is None:
            return None
        variable = replace(further, access=stricter(variable.access, further.access))
        address += f".{step.bit}" if step.bit else f".{variable.name}" if step.name else ""
        address += "".join(step.element.split())
    return address, variable


def _bit(variable: Variable, bit: str) -> Variable | None:
    spec = spec_of(variable.type, None)
    if spec is None or variable.dims or int(bit) >= INTEGER_BITS.get(spec.base, (0, False))[0]:
        return None
    return Variable(variable.name, "BOOL", (), variable.access)


def _member(project: Project, variable: Variable, step: _Step) -> Variable | None:
    """The member, or the element, that a step leads to."""
    found: Variable | None = variable
    if step.name:
        definition = None if variable.dims else project.type_named(variable.type)
        members = definition.members if definition is not None else ()
        found = next((member for member in members if member.name.lower() == step.name.lower()), None)
    if found is None or not step.element:
        return found
    indexes = [int(index) for index in step.element[1:-1].split(",") if index.strip().isdecimal()]
    inside = len(indexes) == len(found.dims) and all(map(int.__lt__, indexes, found.dims))
    return replace(found, dims=()) if indexes and inside else None


def _find(project: Project, name: str, program: str) -> tuple[str, Variable] | None:
    """A tag by name, first in the program's own scope."""
    for scope in dict.fromkeys((program, "")):
        for variable in project.scopes.get(scope, ()):
            if variable.name.lower() == name.lower():
                return scope, variable
    return None
