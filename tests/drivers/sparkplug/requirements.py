"""Which requirements of Sparkplug 3.0 the tests prove.

A test names the ids it proves: ``@requirement("tck-id-topics-nbirth-mqtt")``. The names are read from the
source of the tests, so that counting them needs neither a display nor a broker; they are made of literals
and of constants of the module.
``python -m tests.drivers.sparkplug.requirements`` lists what no test names yet.
"""

import ast
import contextlib
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

TESTS = Path(__file__).parents[2]


def requirement(*ids: str) -> Callable[[Test], Test]:
    """Name the requirements that a test proves, in its attribute ``requirements``."""

    def mark(test: Test) -> Test:
        test.requirements = (*getattr(test, "requirements", ()), *ids)  # type: ignore[attr-defined]
        return test

    return mark


def known() -> dict[str, str]:
    """Every requirement of the specification and whom it binds."""
    with (Path(__file__).parent / "requirements.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["applies_to"] for row in csv.DictReader(file)}


def named() -> dict[str, list[str]]:
    """The tests that name each requirement, as ``path::test``."""
    tests: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for id_ in _ids(node, constants):
                    tests.setdefault(id_, []).append(f"{path.relative_to(TESTS).as_posix()}::{node.name}")
    return tests


def unproven() -> list[str]:
    """The requirements binding an edge node or a host application that no test names."""
    proven = named()
    return [id_ for id_, bound in known().items() if bound != "broker" and id_ not in proven]


def _constants(module: ast.Module) -> dict[str, object]:
    """The texts, and lists of texts, that a module gives a name."""
    constants: dict[str, object] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            with contextlib.suppress(ValueError):
                constants[node.targets[0].id] = _evaluate(node.value, constants)
    return constants


def _ids(test: ast.FunctionDef, constants: dict[str, object]) -> Iterator[str]:
    for call in test.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "requirement":
            yield from _evaluate(ast.copy_location(ast.Tuple(call.args, ast.Load()), call), constants)


def _evaluate(node: ast.expr, constants: dict[str, object]) -> Any:
    """The value of an expression of texts and known names; ValueError for any other."""
    for part in ast.walk(node):
        if not isinstance(part, _TEXT) or (isinstance(part, ast.Name) and part.id not in constants):
            raise ValueError(f"line {node.lineno}: not made of texts and constants")
    return eval(compile(ast.Expression(node), __name__, "eval"), constants.copy())


_TEXT = (
    *(ast.Constant, ast.Name, ast.JoinedStr, ast.FormattedValue),
    *(ast.Tuple, ast.List, ast.Starred, ast.BinOp, ast.Add, ast.expr_context),
)


if __name__ == "__main__":
    print("\n".join(unproven()))
