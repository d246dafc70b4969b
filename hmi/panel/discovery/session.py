"""What was chosen on the way from a source to a changed plant file; it outlives every step and error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from engine.config.connections import Connection, Tag
from engine.config.edit import tag_entry
from engine.discovery import Browsed, ConnectionEntry, TagChanges, TagEntry
from engine.discovery_naming import propose_names
from engine.model import FLOAT_TYPES, NUMERIC_TYPES, DataType, parse_type
from hmi.panel.context import PanelContext
from hmi.panel.discovery.form_check import field_problems
from hmi.panel.discovery.source import Source, connection_name, connection_of, new_connection
from hmi.panel.discovery.tag_item import TagItem, present_names
from hmi.panel.discovery.tag_model import TagModel


@dataclass(frozen=True, slots=True)
class Looks:
    """Keys of the tags for a faceplate and for a trend; empty for none."""

    faceplate: str = ""
    trend: str = ""


class DiscoverySession(QObject):
    """``new`` is the connection the plant file is to get, None where the tags go to one it has."""

    changed = Signal()

    def __init__(self, context: PanelContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.model = TagModel(self)
        self.source: Source | None = None
        self.browsed: Browsed | None = None
        self.new: ConnectionEntry | None = None
        self._entries: dict[int, TagEntry] = {}
        self.model.chosen_changed.connect(self._on_chosen)
        context.plant_changed.connect(self._on_plant)

    @property
    def connection_title(self) -> str:
        """What people call the connection that the tags go to."""
        if self.new is not None:
            return self.new.name or self.new.id
        return connection_name(self._context.config, self.source.connection) if self.source else ""

    @property
    def count(self) -> int:
        """How many tags are chosen."""
        return len(self._entries)

    def take(self, source: Source, browsed: Browsed) -> None:
        """Work on the tags of this source from now on; what was chosen of another one is gone."""
        known = connection_of(self._context.config, source.target, source.connection)
        self.source, self.browsed = replace(source, connection=known), browsed
        self._entries.clear()
        self._update_connection()
        self.model.load(browsed, self._present())
        self.changed.emit()

    def same(self, source: Source) -> bool:
        """Is this what is being worked on, and for the same connection?"""
        return (
            self.has_read(source) and self.source is not None and self.source.connection == source.connection
        )

    def has_read(self, source: Source) -> bool:
        """Are these its tags? Its connection may have come into the plant file since, or left it."""
        mine = self.source
        if mine is None or self.browsed is None:
            return False
        read = source.browsed is None or source.browsed == self.browsed
        return read and (mine.target, mine.path) == (source.target, source.path)

    def entry(self, item: TagItem) -> TagEntry | None:
        """How a chosen tag is to be written, None for one that is not chosen."""
        return self._entries.get(item.number)

    def chosen_items(self) -> list[TagItem]:
        return [item for item in self.model.chosen() if item.number in self._entries]

    def change(self, items: Iterable[TagItem], **fields: object) -> None:
        """Write these fields of chosen tags otherwise."""
        for item in items:
            entry = self._entries.get(item.number)
            if entry is not None:
                self._entries[item.number] = replace(entry, **fields)  # type: ignore[arg-type]
        self.changed.emit()

    def change_connection(self, **fields: object) -> None:
        if self.new is not None:
            self.new = replace(self.new, **fields)  # type: ignore[arg-type]
            self.changed.emit()

    def name_problem(self, item: TagItem, name: str) -> str:
        """Why a tag cannot have this name; empty if it can."""
        problem = field_problems(Tag, {"name": name}).get("name", "")
        if problem:
            return problem
        others = {e.name.casefold() for number, e in self._entries.items() if number != item.number}
        there = set() if item.present else {each.casefold() for each in self._tag_names()}
        return self.tr("is taken by another tag") if name.casefold() in others | there else ""

    def connection_problems(self) -> dict[str, str]:
        """What is wrong with the new connection, by its fields."""
        if self.new is None:
            return {}
        new = self.new
        values = {"id": new.id, "name": new.name, "type": new.type, "family": new.family}
        values |= {"scan_rate_ms": new.scan_rate_ms, "timeout": new.timeout, "host": new.host}  # type: ignore[dict-item]
        problems = field_problems(Connection, values)
        if new.id in [each.id for each in self._context.config.plc_connections]:
            problems["id"] = self.tr("is taken by another connection")
        return problems

    def obstacle(self) -> str:
        """Why there is nothing to review yet; empty if there is."""
        if not self._entries:
            return self.tr("Choose at least one tag")
        names: set[str] = set()
        for entry in self._entries.values():
            if entry.name.casefold() in names:
                return self.tr("Two tags are called {0}").format(entry.name)
            names.add(entry.name.casefold())
        problems = self.connection_problems()
        if problems:
            name, problem = next(iter(problems.items()))
            return self.tr("Controller: {0} {1}").format(name, problem)
        return ""

    def changes(self) -> TagChanges:
        assert self.source is not None
        put = tuple(self._entries[item.number] for item in self.chosen_items())
        return TagChanges(self.new if self.new is not None else self.source.connection, put)

    def looks(self) -> Looks:
        """What to look at once the changes are made: measured values before counts before bits."""
        changes = self.changes()
        ranked = sorted(changes.put, key=_rank)
        drawn = next((entry for entry in ranked if entry.history and _rank(entry) < _UNDRAWN), None)
        return Looks(*(f"{changes.connection_id}/{each.name}" if each else "" for each in (ranked[0], drawn)))

    def _on_chosen(self, items: Sequence[TagItem], dropped: Sequence[TagItem]) -> None:
        for item in dropped:
            self._entries.pop(item.number, None)
        fresh = [item for item in items if not item.present]
        for item in items:
            if item.present:
                self._entries[item.number] = self._present_entry(item.present)
        taken = [*self._tag_names(), *(entry.name for entry in self._entries.values())]
        paths = [item.parent.path if item.parent is not None else () for item in fresh]
        proposed = propose_names([item.node for item in fresh], paths, taken)
        for item, entry in zip(fresh, proposed, strict=True):
            self._entries[item.number] = entry
        self.changed.emit()

    def _on_plant(self) -> None:
        """The file was changed, perhaps by what was chosen here."""
        if self.source is None:
            return
        known = connection_of(self._context.config, self.source.target, self.source.connection)
        self.source = replace(self.source, connection=known)
        if known:
            self.new = None
        elif self.new is None:
            self._update_connection()
        self.model.mark_present(self._present())
        self.changed.emit()

    def _update_connection(self) -> None:
        assert self.source is not None
        source = self.source
        self.new = None
        if not source.connection:
            name = "" if source.path is not None else source.title
            self.new = new_connection(self._context.config, source.target, name)

    def _tags(self) -> Sequence[Tag]:
        connection = self.source.connection if self.source is not None else ""
        return self._context.config.connection(connection).tags if connection else ()

    def _tag_names(self) -> list[str]:
        return [tag.name for tag in self._tags()]

    def _present(self) -> dict[str, str]:
        return dict(present_names((tag.name, tag.address, tag.data_type) for tag in self._tags()))

    def _present_entry(self, name: str) -> TagEntry:
        return next(tag_entry(tag) for tag in self._tags() if tag.name == name)


_UNDRAWN = 3


def _rank(entry: TagEntry) -> int:
    """0 for what moves, 3 for what no trend can draw."""
    spec = parse_type(entry.data_type)
    if spec.length:
        return _UNDRAWN
    kinds = (spec.base in FLOAT_TYPES, spec.base in NUMERIC_TYPES, spec.base is DataType.BOOL, True)
    return kinds.index(True)
