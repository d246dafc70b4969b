"""When the line belongs to the name of a tag or a command, and how it is said.

The rule: as soon as anything of that name is on two connections, or two of them have a machine, the
connection's name goes before every name. Else, as with one line, a name says all by itself.
"""

from collections import Counter

from engine.config import PlantConfig
from engine.model import TagDef


class Lines:
    """Names for one plant file; made anew when another one is applied."""

    def __init__(self, config: PlantConfig) -> None:
        self._names = _distinct_names(config)
        self.several = _ambiguous(config)
        """Must the line be said?"""

    def name(self, connection: str) -> str:
        """The name people use, also where there is only this one."""
        return self._names.get(connection, connection)

    def said(self, connection: str) -> str:
        """The name where it must be said, else empty."""
        return self.name(connection) if self.several else ""

    def title(self, tag: TagDef) -> str:
        """``Fill level``, or ``Line 2 · Fill level``."""
        return self.titled(tag.connection, tag.description or tag.name)

    def titled(self, connection: str, text: str) -> str:
        """Something of a line, to be read."""
        return " · ".join(part for part in (self.said(connection), text) if part)

    def spoken(self, connection: str, text: str) -> str:
        """The same, to be heard: ``Line 2, Fill level``."""
        return ", ".join(part for part in (self.said(connection), text) if part)


def _ambiguous(config: PlantConfig) -> bool:
    machines = {machine.connection for machine in config.machines if machine.connection}
    seen: Counter[str] = Counter()
    for connection in config.plc_connections:
        seen.update(
            {tag.name for tag in connection.tags} | {tag.description for tag in connection.tags} - {""}
        )
    return len(machines) > 1 or any(count > 1 for count in seen.values())


def _distinct_names(config: PlantConfig) -> dict[str, str]:
    """Two connections of the same name are told apart by their id."""
    names = {each.id: each.name or each.id for each in config.plc_connections}
    given = list(names.values())
    return {key: f"{name} ({key})" if given.count(name) > 1 else name for key, name in names.items()}
