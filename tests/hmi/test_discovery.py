"""What faces are given of discovery: the plan of a change."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import parse_plant
from engine.discovery import DiscoveryError, TagChanges, TagEntry
from hmi.cli import main
from hmi.discovery import PlantDiscovery
from hmi.plant import build_plant
from hmi.reload import PlantReload
from tests.clock import ManualClock
from tests.conftest import ExpectedLogs

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


RUNNING = PLANT.replace("MicroLogix", "Micro800")
PUT = TagEntry("Speed", "Speed", "REAL")


@pytest.fixture
def reload(tmp_path: Path) -> Iterator[PlantReload]:
    plant = build_plant(parse_plant(RUNNING, "plant.yaml", {}), tmp_path / "data", ManualClock(), poll=False)
    plant.start()
    yield PlantReload(plant)
    plant.stop()


def test_what_somebody_wrote_into_the_file_by_other_ways_is_told_with_the_plan(
    plant_file: Path, reload: PlantReload
) -> None:
    plant_file.write_text(RUNNING + "site: {name: Hall, timezone: UTC}\n", encoding="utf-8")
    discovery = PlantDiscovery(plant_file, reload, {})
    edit = discovery.plan([TagChanges("line1", (PUT,))])
    assert edit.unseen == ("site",)
    assert edit.notices == ("Changed in the file by other ways, and taken in with this: site.",)
    assert "site" in discovery.apply(edit)
    assert discovery.plan([TagChanges("line1", (replace(PUT, unit="m/s"),))]).unseen == ()


def test_the_file_as_the_plant_has_it_needs_no_word(plant_file: Path, reload: PlantReload) -> None:
    plant_file.write_text(RUNNING + "# a remark\n", encoding="utf-8")
    edit = PlantDiscovery(plant_file, reload, {}).plan([TagChanges("line1", (PUT,))])
    assert (edit.unseen, edit.notices) == ((), ())


def test_a_file_that_was_written_but_not_taken_in_is_taken_in_by_the_next_try(
    plant_file: Path, tmp_path: Path
) -> None:
    plant_file.write_text(RUNNING, encoding="utf-8")
    plant = build_plant(parse_plant(RUNNING, "plant.yaml", {}), tmp_path / "data", ManualClock(), poll=False)
    discovery = PlantDiscovery(plant_file, PlantReload(plant), {})
    edit = discovery.plan([TagChanges("line1", (PUT,))])
    with pytest.raises(DiscoveryError, match="written, but"):
        discovery.apply(edit)
    plant.start()
    try:
        assert discovery.plan_text(edit.text).unseen == ("line1",)
        assert discovery.apply(edit) == "1 added, 0 changed, 0 removed; started anew: line1."
        assert plant.engine.tags.definition("line1/Speed") is not None
    finally:
        plant.stop()
    assert len(list(tmp_path.glob("*.bak"))) == 1


def test_what_a_change_by_other_ways_left_without_its_connection_is_told_and_logged(
    plant_file: Path,
    reload: PlantReload,
    caplog: pytest.LogCaptureFixture,
    expected_logs: ExpectedLogs,
) -> None:
    expected_logs.add("there is no connection 'line2'")
    plant_file.write_text(RUNNING + "machines: [{id: filler, connection: line2}]\n", encoding="utf-8")
    discovery = PlantDiscovery(plant_file, reload, {})
    edit = discovery.plan([TagChanges("line1", (PUT,))])
    told, lost = edit.notices
    assert "machines" in told
    assert f"{plant_file}:" in lost
    assert (
        "there is no connection 'line2'; expected a connection id such as line1; did you mean line1?" in lost
    )
    discovery.apply(edit)
    assert [record.levelname for record in caplog.records if "'line2'" in record.message] == ["WARNING"]
    assert discovery.plan([TagChanges("line1", (replace(PUT, unit="m/s"),))]).notices == ()
