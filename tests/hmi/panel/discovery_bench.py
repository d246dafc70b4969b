"""Discovery over real parts: drivers that look and browse, and a plant file of one's own that is changed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.discovery.browse import browse
from drivers.discovery.files import read_tag_file
from drivers.discovery.find import find
from drivers.discovery.preview import preview
from engine.cancel import CancelToken
from engine.config import load_plant, tag_defs
from engine.config.edit import apply_edit, plan_changes, plan_text
from engine.discovery import (
    Browsed,
    BrowseNode,
    FindRequest,
    Found,
    PlantEdit,
    Preview,
    Progress,
    TagChanges,
    Target,
)
from engine.tags import TagDatabase
from hmi.check import complain_about_address
from hmi.tag_table import to_changes
from hmi.tag_table_files import read_table
from hmi.tags_export import export_table
from tests.hmi.panel.plant_bench import Bench


class DiskDiscovery:
    """What faces are given; ``applied`` hears of every edit that was written."""

    def __init__(self, plant_file: Path, applied: Callable[[PlantEdit], None] = lambda _: None) -> None:
        self.plant_file = plant_file
        self._applied = applied
        self.previews = 0

    def find(
        self, request: FindRequest, progress: Progress, on_found: Callable[[Found], None] | None = None
    ) -> list[Found]:
        return find(request, progress, on_found)

    def browse(self, target: Target, progress: Progress, cancel: CancelToken | None = None) -> Browsed:
        return browse(target, progress, cancel=cancel)

    def read_file(self, path: Path, progress: Progress) -> Browsed:
        return read_tag_file(path, progress)

    def preview(
        self, target: Target, nodes: Sequence[BrowseNode], cancel: CancelToken | None = None
    ) -> list[Preview]:
        self.previews += 1
        return preview(target, nodes, cancel=cancel)

    def plan(self, changes: Sequence[TagChanges]) -> PlantEdit:
        return plan_changes(self.plant_file, changes, {}, complain_about_address)

    def plan_text(self, text: str) -> PlantEdit:
        return plan_text(self.plant_file, text, {}, complain_about_address)

    def export_table(self, path: Path) -> int:
        return export_table(self.plant_file, path, {})

    def plan_table(self, path: Path, progress: Progress) -> PlantEdit:
        config = load_plant(self.plant_file, {})
        return self.plan(to_changes(read_table(path, progress), config, complain_about_address))

    def apply(self, edit: PlantEdit) -> str:
        kept = apply_edit(edit)
        self._applied(edit)
        return f"{edit.added} added, {edit.changed} changed; the file before is kept as {kept.name}."


PLANT = """\
schema_version: 1
site: {{name: Bottling hall, timezone: Europe/Berlin}}

plc_connections:
  - id: line1               # a tag is named after it
    name: Line 1
    type: SIEMENS_S7
    family: S7-1500
    host: {host}
    port: {port}
    scan_rate_ms: 250
    tags:
      # what the operators look at
      - {{name: FillLevel, address: "DB1,8.0", data_type: REAL, unit: "%", range: [0, 100]}}
      - {{name: ConveyorSpeed, address: "DB1.DBD24", data_type: REAL, unit: rpm}}
      - {{name: SystemRunning, address: "DB1,2.0", data_type: BOOL}}

machines:
  - {{id: filler, name: Filler, connection: line1}}
"""


class DiscoveryBench(Bench):
    """A plant with one S7 controller, from a file in ``folder`` that may be changed."""

    def __init__(
        self, folder: Path, theme: str = "paper", host: str = "127.17.0.1", port: int = 1102
    ) -> None:
        super().__init__(theme)
        self.plant_file = folder / "plant.yaml"
        self.plant_file.write_text(PLANT.format(host=host, port=port), encoding="utf-8")
        self.discovery = DiskDiscovery(self.plant_file)
        self.context.discovery = self.discovery
        self.take_plant()

    def take_plant(self) -> None:
        """The running plant follows the file, as after a change that was applied."""
        self.config = load_plant(self.plant_file, {})
        definitions = [d for c in self.config.plc_connections for d in tag_defs(self.config, c.id)]
        fresh = TagDatabase(definitions)
        self.tags._tags, self.tags._groups = fresh._tags, fresh._groups
        self.context.change_plant(self.config)
