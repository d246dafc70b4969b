"""The lines of a plant and how they are named.

The rule for every name of a tag or command: with one connection its own name says all; with several,
the connection's name goes before it.
"""

from engine.config import PlantConfig
from engine.model import TagDef


class Lines:
    """Names for one plant file; made anew when another one is applied."""

    def __init__(self, config: PlantConfig) -> None:
        self._names = _distinct_names(config)
        self.several = len(self._names) > 1
        """Must the line be said?"""

    def name(self, connection: str) -> str:
        """The name people use, also where there is only this one."""
        return self._names.get(connection, connection)

    def said(self, connection: str) -> str:
        """The name where it must be said, empty where there is only one line."""
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


def _distinct_names(config: PlantConfig) -> dict[str, str]:
    """Two connections of the same name are told apart by their id."""
    names = {each.id: each.name or each.id for each in config.plc_connections}
    given = list(names.values())
    return {key: f"{name} ({key})" if given.count(name) > 1 else name for key, name in names.items()}
