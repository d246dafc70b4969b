"""Takes another plant file into the running plant, connection by connection."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.config import PlantConfig, tag_defs
from engine.config.connections import Connection as ConnectionConfig
from engine.config.problems import fresh
from engine.messages import Replacement
from hmi.plant import POLLED_TYPES, Plant

_log = logging.getLogger("brimline.reload")


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Ids of connections that started anew, or ended; ``later``: what waits for a restart of the program."""

    connections: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = []
        if self.connections:
            parts.append(f"started anew: {', '.join(self.connections)}")
        if self.later:
            parts.append(f"takes effect when Brimline is started again: {', '.join(self.later)}")
        return "; ".join(parts) or "nothing of the running plant changed"


class PlantReload:
    """Holds what the running plant is like now; for any thread but the GUI's and the engine's."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._config = plant.config
        self._lock = threading.Lock()
        self._followers: list[Callable[[PlantConfig], None]] = []

    @property
    def config(self) -> PlantConfig:
        """The plant file as it was last taken in; parts that wait for a restart are in it, too."""
        return self._config

    def follow(self, on_change: Callable[[PlantConfig], None]) -> None:
        """``on_change`` is called with each plant file that was taken in, in the thread that applied it."""
        self._followers.append(on_change)

    def compare(self, config: PlantConfig) -> tuple[str, ...]:
        """Connections and sections that are others here than in the plant file that was taken in last."""
        before = self._config
        return (*_other_connections(before, config), *_other_sections(before, config))

    def apply(self, config: PlantConfig) -> Reloaded:
        """Polled connections that are other ones now start anew; all others are left alone."""
        with self._lock:
            old = {each.id: each for each in self._config.plc_connections}
            new = {each.id: each for each in config.plc_connections}
            ids = _other_connections(self._config, config)
            polled = [name for name in ids if _is_polled(old.get(name)) and _is_polled(new.get(name))]
            replacements = [
                self._replacement(config, name, new.get(name), _leads_to(old.get(name))) for name in polled
            ]
            if replacements:
                self._plant.engine.replace(replacements)
            later = [name for name in ids if name not in polled]
            before, self._config = self._config, config
            for warning in fresh(before.warnings, config.warnings):
                _log.warning("the plant file that was taken in: %s", warning)
            for on_change in self._followers:
                on_change(config)
            return Reloaded(tuple(polled), (*later, *_other_sections(before, config)))

    def _replacement(
        self,
        config: PlantConfig,
        name: str,
        connection: ConnectionConfig | None,
        led_to: tuple[object, ...] | None,
    ) -> Replacement:
        if connection is None:
            return Replacement(name)
        made = self._plant.make_connection(config, connection)
        same = led_to == _leads_to(connection)
        return Replacement(name, connection.name, tag_defs(config, name), made, same_source=same)


def _leads_to(connection: ConnectionConfig | None) -> tuple[object, ...] | None:
    """Which controller it is: with another one, the last good values are not those of its tags."""
    if connection is None:
        return None
    each = connection
    return (
        each.type,
        each.family,
        each.host,
        each.port,
        each.rack,
        each.slot,
        each.local_tsap,
        each.remote_tsap,
    )


def _is_polled(connection: ConnectionConfig | None) -> bool:
    return connection is None or connection.type in POLLED_TYPES


def _other_connections(before: PlantConfig, after: PlantConfig) -> list[str]:
    old, new = ({each.id: each for each in config.plc_connections} for config in (before, after))
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _other_sections(old: PlantConfig, new: PlantConfig) -> list[str]:
    names = [name for name in type(old).model_fields if name != "plc_connections"]
    return [name for name in names if getattr(old, name) != getattr(new, name)]
