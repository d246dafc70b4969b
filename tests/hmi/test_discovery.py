"""What faces are given of discovery: the plan of a change."""

from pathlib import Path

import pytest

from engine.config import parse_plant
from engine.discovery import DiscoveryError, TagChanges, TagEntry
from hmi.cli import main
from hmi.discovery import PlantDiscovery
from hmi.plant import build_plant
from hmi.reload import PlantReload
from tests.clock import ManualClock

PLANT = """\
schema_version: 1
plc_connections:
  - id: line1
    type: ALLEN_BRADLEY
    family: MicroLogix
    host: 10.0.0.1
    tags: []
"""


@pytest.fixture
def plant_file(tmp_path: Path) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_text(PLANT, encoding="utf-8")
    return path


def test_a_plan_complains_about_addresses_as_the_check_of_the_file_does(
    plant_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant = build_plant(parse_plant(PLANT, "plant.yaml", {}), tmp_path / "data", ManualClock())
    try:
        discovery = PlantDiscovery(plant_file, PlantReload(plant), {})
        edit = discovery.plan([TagChanges("line1", (TagEntry("Bad", "L9:x", "DINT"),))])
        (problem,) = edit.problems
        assert "'L9:x'" in problem
        with pytest.raises(DiscoveryError):
            discovery.apply(edit)
        assert discovery.plan_text(edit.text).problems == (problem,)
    finally:
        plant.stop()
    plant_file.write_text(edit.text, encoding="utf-8")
    assert main(["check", str(plant_file)]) == 1
    assert problem in capsys.readouterr().out
