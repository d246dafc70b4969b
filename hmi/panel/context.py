"""What every page and widget of the panel is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from engine.config import PlantConfig
from engine.config.production import Alarm
from engine.connections import ConnectionStatus, PollingView
from engine.discovery import Discovery
from engine.history import HistoryReader, Recorder
from engine.model import TagDef
from engine.nodes import EdgeView, HostView
from engine.tags import TagDatabase
from hmi.panel.bridge import Bridge, BridgedEngine
from hmi.panel.limits import LIMIT_NAMES, Limits
from hmi.panel.line_scope import LineScope
from hmi.panel.lines import Lines
from hmi.panel.overview.plant_lines import plant_lines
from hmi.panel.queries import QueryRunner
from hmi.panel.settings import PanelSettings
from hmi.panel.style import Density
from hmi.panel.theme import Theme


class PanelEngine(BridgedEngine, Protocol):
    """What of the engine the panel uses; ``engine.runtime.Engine`` is one."""

    @property
    def recorder(self) -> Recorder: ...

    @property
    def history(self) -> HistoryReader: ...

    @property
    def host(self) -> HostView | None:
        """The Sparkplug host application, None if the plant file has none."""

    @property
    def edge(self) -> EdgeView | None:
        """This installation's own edge node, None if the plant file has none."""

    @property
    def polling(self) -> PollingView | None:
        """Where controllers are polled, None if there are none."""

    def connection(self, connection_id: str, /) -> ConnectionStatus | None: ...

    def retry_now(self, connection_id: str, /) -> None: ...

    def queues(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Installation:
    """Where this panel gets its plant from and keeps its data; ``notices`` are sentences for people."""

    plant_file: Path | None = None
    data_folder: Path | None = None
    notices: tuple[str, ...] = ()


class PanelContext(QObject):
    """The engine, the plant file, the look and the ways to get around; built once by ``hmi.panel.app``."""

    theme_changed = Signal()
    """``theme`` is another one: rebuild pens and pixmaps, repaint."""
    settings_changed = Signal()
    """``settings`` (and perhaps ``density``) changed."""
    navigate = Signal(str, str)
    """Go to a page: page_id, argument (empty for none)."""
    open_faceplate = Signal(str)
    """Open the faceplate of a tag key in the drawer."""
    notify = Signal(str)
    """Tell the person something in one sentence, at the foot of the content."""
    offer = Signal(str, str, object)
    """The same with one action for ten seconds: sentence, name of the action, what to call."""
    open_dialog = Signal(object)
    """Show this widget in the middle, over the content; ``close_drawer`` ends it."""
    close_drawer = Signal()
    """Close the faceplate or dialog that is open over the content."""
    clean_screen = Signal(int)
    """Lock the screen for cleaning, for so many seconds."""
    plant_changed = Signal()
    """The plant file was applied: ``config``, tags and limits are new."""

    def __init__(
        self,
        engine: PanelEngine,
        config: PlantConfig,
        theme: Theme,
        settings: PanelSettings | None = None,
        user: str = "operator",
        installation: Installation | None = None,
        parent: QObject | None = None,
        discovery: Discovery | None = None,
    ) -> None:
        super().__init__(parent)
        self.engine = engine
        self.config = config
        self.theme = theme
        self.settings = settings or PanelSettings()
        self.density = Density.of(theme, self.settings.touch_size)
        self.zone: tzinfo = ZoneInfo(config.site.timezone)
        self.user = user
        self.installation = installation or Installation()
        self.discovery = discovery
        """None where this run has no plant file that could be changed."""
        self.bridge = Bridge(engine, user, self)
        self.queries = QueryRunner(self)
        self.scope = LineScope(plant_lines(config, engine.tags), self)
        self._limits = limits_by_key(config, engine.tags)
        self.lines = Lines(config)

    def limits(self, key: str) -> Limits | None:
        """The alarm limits of a tag, None if the plant file gives it none."""
        return self._limits.get(key)

    def title_of(self, tag: TagDef) -> str:
        """The name people read, with the line's where there are several."""
        return self.lines.title(tag)

    def change_settings(self, **changes: Any) -> None:
        """Take new choices; what follows from them (style sheet, saving) hangs on the signals."""
        self.settings = replace(self.settings, **changes)
        self.density = Density.of(self.theme, self.settings.touch_size)
        self.settings_changed.emit()

    def change_plant(self, config: PlantConfig) -> None:
        """The engine has taken this plant file; call from the GUI thread."""
        self.config = config
        self.zone = ZoneInfo(config.site.timezone)
        self.scope.update_lines(plant_lines(config, self.engine.tags))
        self._limits = limits_by_key(config, self.engine.tags)
        self.lines = Lines(config)
        self.plant_changed.emit()

    def change_theme(self, name: str) -> None:
        if name != self.theme.name:
            self.theme = Theme.load(name)
            self.theme_changed.emit()

    def close(self) -> None:
        """End timers and workers; the engine may still run."""
        self.bridge.close()
        self.queries.close()


def limits_by_key(config: PlantConfig, tags: TagDatabase) -> dict[str, Limits]:
    """Limits of the plant file's alarms; an alarm without a connection is for every tag of that name."""
    by_name: dict[str, list[str]] = {}
    for definition in tags.definitions():
        by_name.setdefault(definition.name, []).append(definition.key)
    found: dict[str, Limits] = {}
    for alarm in config.alarms:
        keys = [alarm.tag] if tags.definition(alarm.tag) is not None else by_name.get(alarm.tag, [])
        found.update(dict.fromkeys(keys, _limits_of(alarm)))
    return found


def _limits_of(alarm: Alarm) -> Limits:
    if alarm.limits is None:
        return Limits(on_priority=alarm.priority_of("ON"))
    values = {name: getattr(alarm.limits, name) for name in LIMIT_NAMES}
    given = {name: value for name, value in values.items() if value is not None}
    priorities = {name: alarm.priority_of(name) for name in given}
    return Limits.from_mapping(given, priorities, alarm.deadband)
