"""The tag database: the latest value of everything, and who is told when it changes."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from engine.model import NUMERIC_TYPES, Quality, Sample, TagDef, Value

Listener = Callable[[Sequence[Sample]], None]
"""Told of the changes of one batch, in the engine's thread; must only compute or enqueue."""


class TagState(NamedTuple):
    """All that is known of one tag at one moment.

    ``sample`` is the latest (engineering units). ``last_good`` is the latest of quality GOOD, if
    there ever was one. ``seen_us`` is when the source last confirmed the sample (it is newer than
    the sample's own time while the value does not change), ``good_us`` the same for ``last_good``;
    0 for never. UTC microseconds.
    """

    definition: TagDef
    sample: Sample
    last_good: Sample | None
    seen_us: int
    good_us: int


class _Tag:
    __slots__ = ("deadband", "definition", "good_us", "group", "last_good", "sample", "scaling", "seen_us")

    def __init__(self, definition: TagDef, group: "_Group") -> None:
        self.definition = definition
        self.group = group
        self.scaling = definition.scaling
        numeric = definition.type.base in NUMERIC_TYPES and not definition.type.length
        self.deadband = definition.deadband if numeric else 0.0
        self.sample = Sample(definition.key, None, Quality.BAD, 0)
        self.last_good: Sample | None = None
        self.seen_us = 0
        self.good_us = 0

    def take_over(self, other: "_Tag") -> None:
        self.sample, self.last_good = other.sample, other.last_good
        self.seen_us, self.good_us = other.seen_us, other.good_us

    def state(self) -> TagState:
        return TagState(self.definition, self.sample, self.last_good, self.seen_us, self.good_us)


class _Group:
    """The tags of one connection; ``good`` is kept as they change, since it is asked for often."""

    __slots__ = ("good", "tags")

    def __init__(self) -> None:
        self.tags: list[_Tag] = []
        self.good = 0


class TagDatabase:
    """Single writer (the engine's thread), any number of readers.

    ``update`` and ``lose`` may be called by the engine's thread only. Reading is safe from any
    thread: a sample is replaced as one object.
    """

    def __init__(self, definitions: Iterable[TagDef]) -> None:
        self._tags: dict[str, _Tag] = {}
        self._groups: dict[str, _Group] = {}
        self._listeners: list[tuple[str, Listener]] = []
        for definition in definitions:
            if definition.key in self._tags:
                raise ValueError(f"tag {definition.key} is defined twice")
            group = self._groups.setdefault(definition.connection, _Group())
            tag = self._tags[definition.key] = _Tag(definition, group)
            group.tags.append(tag)

    def add_listener(self, name: str, listener: Listener) -> None:
        """Listeners are called in the order in which they were added, before start."""
        self._listeners.append((name, listener))

    def definition(self, key: str) -> TagDef | None:
        tag = self._tags.get(key)
        return tag.definition if tag else None

    def definitions(self, connection: str | None = None) -> list[TagDef]:
        tags = self._tags.values() if connection is None else self._of(connection)
        return [tag.definition for tag in tags]

    def state(self, key: str) -> TagState:
        """The tag's state now; KeyError if there is no such tag."""
        return self._tags[key].state()

    def good_count(self, connection: str) -> int:
        group = self._groups.get(connection)
        return group.good if group else 0

    def update(self, samples: Iterable[Sample]) -> list[Sample]:
        """Take raw samples from a source; returns and announces those that changed something.

        A change is another quality, or a value that left the dead-band around the last one kept.
        """
        changes: list[Sample] = []
        tags = self._tags
        for raw in samples:
            tag = tags.get(raw.tag)
            if tag is None:
                continue  # on its way while its connection was replaced
            change = _apply(tag, raw)
            if change is not None:
                changes.append(change)
        if changes:
            self._announce(changes)
        return changes

    def to_engineering(self, samples: Iterable[Sample]) -> list[Sample]:
        """Raw samples scaled as their tags say, without taking them; for values of the past."""
        tags = self._tags
        return [
            sample if sample.value is None else sample._replace(value=_scaled(tags[sample.tag], sample.value))
            for sample in samples
            if sample.tag in tags
        ]

    def lose(self, connection: str, time_us: int, quality: Quality = Quality.BAD) -> list[Sample]:
        """The source is gone: every tag of the connection loses its value and its good quality."""
        return self.update(
            Sample(tag.definition.key, None, quality, time_us)
            for tag in self._of(connection)
            if tag.sample.quality is not quality
        )

    def replace(self, connection: str, definitions: Iterable[TagDef], *, same_source: bool = True) -> None:
        """Other tags for one connection, in the engine's thread; nothing is announced.

        A tag that is read from the same place of the same source as before keeps what is known of it.
        """
        old = {tag.definition.key: tag for tag in self._of(connection)}
        group = _Group()
        for definition in definitions:
            tag = _Tag(definition, group)
            before = old.get(definition.key)
            if same_source and before is not None and _same_place(before.definition, definition):
                tag.take_over(before)
            group.good += tag.sample.quality is Quality.GOOD
            group.tags.append(tag)
        rest = {key: tag for key, tag in self._tags.items() if key not in old}
        # Readers in other threads see the old tags or the new ones, whole.
        self._groups = {**self._groups, connection: group}
        self._tags = rest | {tag.definition.key: tag for tag in group.tags}

    def _of(self, connection: str) -> list[_Tag]:
        group = self._groups.get(connection)
        return group.tags if group else []

    def _announce(self, changes: Sequence[Sample]) -> None:
        """Tell everyone, also after somebody failed: a fault of the panel must not cost history."""
        fault: Exception | None = None
        for _, listener in self._listeners:
            try:
                listener(changes)
            except Exception as error:
                fault = fault or error
        if fault is not None:
            raise fault


def _same_place(old: TagDef, new: TagDef) -> bool:
    return (old.address, old.type, old.scaling) == (new.address, new.type, new.scaling)


def _apply(tag: _Tag, sample: Sample) -> Sample | None:
    """Tens of thousands of times a second: what has not to be made anew is not."""
    _, value, quality, time_us = sample
    if tag.scaling is not None and value is not None:
        sample = Sample(tag.definition.key, _scaled(tag, value), quality, time_us)
        value = sample.value
    tag.seen_us = time_us
    _, old_value, old_quality, old_us = tag.sample
    if quality is _GOOD:
        tag.good_us = time_us
        if old_quality is not _GOOD:
            tag.group.good += 1
        elif _unchanged(old_value, value, tag.deadband) and old_us:
            return None
        tag.last_good = sample
    elif quality is old_quality and _unchanged(old_value, value, tag.deadband) and old_us:
        return None
    elif old_quality is _GOOD:
        tag.group.good -= 1
    tag.sample = sample
    return sample


_GOOD = Quality.GOOD


def _unchanged(old: Value | None, new: Value | None, deadband: float) -> bool:
    if old == new and type(old) is type(new):
        return True
    if deadband and isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return abs(new - old) <= deadband
    return False


def _scaled(tag: _Tag, value: Value) -> Value:
    scaling = tag.scaling
    if scaling is None:
        return value
    if isinstance(value, tuple):
        return tuple(v if isinstance(v, (bool, str)) else scaling.to_engineering(v) for v in value)
    return value if isinstance(value, (bool, str)) else scaling.to_engineering(value)
