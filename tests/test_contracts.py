"""Every import contract is shown to fail when somebody breaks it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("hmi", "sim", "drivers", "engine", "resources")

VIOLATIONS = {
    "layers": ("engine/planted.py", "import drivers.base\n"),
    "engine": ("engine/model.py", "import engine.tags\n"),
    "sim-drivers": ("sim/planted.py", "import drivers.base\n"),
    "only-demo-simulates": ("hmi/panel/planted.py", "import sim.line\n"),
    "panel-drivers": ("hmi/panel/planted.py", "import drivers.worker\n"),
    "qt": ("engine/planted.py", "import PySide6.QtCore\n"),
    "sqlalchemy": ("engine/model.py", "import sqlalchemy\n"),
    "plc-libraries": ("hmi/planted.py", "import snap7\n"),
}


def contracts() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return [contract["id"] for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]]


def keeps(tree: Path, contract: str) -> bool:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(
        [*command, "--no-cache", "--contract", contract],
        cwd=tree,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_each_contract_has_a_planted_violation():
    assert set(contracts()) == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(contract, tmp_path):
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.otf", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert keeps(tmp_path, contract)
    file, line = VIOLATIONS[contract]
    path = tmp_path / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(before + line, encoding="utf-8")
    assert not keeps(tmp_path, contract)
