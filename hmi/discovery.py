"""Discovery as faces are given it: drivers look and browse, the plant file is changed, the plant follows.

What looks and browses is imported when somebody does: a panel starts without it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.cancel import CancelToken
from engine.config import ConfigError, load_plant
from engine.config.edit import apply_edit, is_written, plan_changes, plan_text
from engine.config.problems import fresh
from engine.discovery import (
    Browsed,
    BrowseNode,
    DiscoveryError,
    FindRequest,
    Found,
    PlantEdit,
    Preview,
    Progress,
    TagChanges,
    Target,
)
from engine.errors import EngineError
from hmi.reload import PlantReload


class PlantDiscovery:
    """An ``engine.discovery.Discovery``; ``env`` is what the plant file's references are filled from."""

    def __init__(self, plant_file: Path, reload: PlantReload, env: Mapping[str, str]) -> None:
        self._plant_file = plant_file
        self._reload = reload
        self._env = env
        self._applying = threading.Lock()
        self._taken = ""
        """Fingerprint of a file that the running plant is known to be."""

    def find(
        self, request: FindRequest, progress: Progress, on_found: Callable[[Found], None] | None = None
    ) -> list[Found]:
        from drivers.discovery.find import find

        return find(request, progress, on_found)

    def browse(self, target: Target, progress: Progress, cancel: CancelToken | None = None) -> Browsed:
        from drivers.discovery.browse import browse

        return browse(target, progress, cancel=cancel)

    def read_file(self, path: Path, progress: Progress) -> Browsed:
        from drivers.discovery.files import read_tag_file

        return read_tag_file(path, progress)

    def preview(
        self, target: Target, nodes: Sequence[BrowseNode], cancel: CancelToken | None = None
    ) -> list[Preview]:
        from drivers.discovery.preview import preview

        return preview(target, nodes, cancel=cancel)

    def plan(self, changes: Sequence[TagChanges]) -> PlantEdit:
        from hmi.check import complain_about_address

        edit = plan_changes(self._plant_file, changes, self._env, complain_about_address)
        return self._with_unseen(edit)

    def plan_text(self, text: str) -> PlantEdit:
        from hmi.check import complain_about_address

        return self._with_unseen(plan_text(self._plant_file, text, self._env, complain_about_address))

    def export_table(self, path: Path) -> int:
        from hmi.tags_export import export_table

        return export_table(self._plant_file, path, self._env)

    def plan_table(self, path: Path, progress: Progress) -> PlantEdit:
        from hmi.check import complain_about_address
        from hmi.tag_table import to_changes
        from hmi.tag_table_files import read_table

        table = read_table(path, progress)
        config = load_plant(self._plant_file, self._env)
        return self.plan(to_changes(table, config, complain_about_address))

    def apply(self, edit: PlantEdit) -> str:
        with self._applying:
            # Written already, but not taken in: this is the next try.
            kept = None if not edit.problems and is_written(edit) else apply_edit(edit)
            try:
                reloaded = self._reload.apply(load_plant(self._plant_file, self._env))
            except (EngineError, RuntimeError) as error:
                # RuntimeError: the panel is being closed, what would follow the plant is gone
                raise DiscoveryError(
                    f"The plant file was written, but the running plant did not take it: {error}"
                ) from error
        counts = f"{edit.added} added, {edit.changed} changed, {edit.removed} removed"
        told = f"{counts}; {reloaded}."
        return told if kept is None else f"{told} The file before is kept as {kept.name}."

    def _with_unseen(self, edit: PlantEdit) -> PlantEdit:
        """Say what else is taken in with it: what somebody wrote into the file by other ways."""
        if edit.base == self._taken:
            return edit
        try:
            written = load_plant(self._plant_file, self._env)
        except ConfigError:
            return edit  # its problems are told with the edit
        unseen = self._reload.compare(written)
        if not unseen:
            self._taken = edit.base
            return edit
        notice = f"Changed in the file by other ways, and taken in with this: {', '.join(unseen)}."
        warnings = map(str, fresh(self._reload.config.warnings, written.warnings))
        return replace(edit, notices=(notice, *warnings, *edit.notices), unseen=unseen)
