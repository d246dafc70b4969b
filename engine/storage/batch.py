"""What is written in one transaction, and how samples become rows.

Two samples of one tag at the same microsecond: an exact repetition is recorded once (the first write
wins); a different value or quality is moved to the next free microsecond, so that nothing is lost.
The builder does this for samples that follow each other, the writer for those that meet a row already
in the database (after the machine's clock was set back). Both give the same rows when the same batch
comes again, so replaying is idempotent.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.clock import Clock
from engine.events import Event
from engine.model import Quality, Sample, TagDef, Value

EXACT_INT = 2**53
"""Integers up to here are exact in a double."""
LATEST_US = 253_370_764_800_000_000
"""The end of the year 9998; a time outside 1970..9998 is a mistake of its source.

Calendars end with 9999. Its last moment is what sources write for "never", and rows that are moved to the
next free microsecond must not get beyond it.
"""

Row = tuple[int, int, float | None, int]
"""Index of the tag in its batch, microseconds, number, quality."""


class RunMark(NamedTuple):
    """Where a recorder run stands: readers see from it when nothing was recorded."""

    run_id: str
    started_us: int
    alive_us: int
    ended_us: int | None = None


class TagEntry(NamedTuple):
    """What the database keeps of a tag."""

    name: str
    data_type: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows refer to ``tags`` by index; ``texts`` are (index, ts_us, text) of rows a double cannot hold."""

    run: RunMark
    tags: Sequence[TagEntry]
    rows: list[Row] = field(default_factory=list)
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)


@dataclass(slots=True)
class _Latest:
    index: int
    source_us: int = 0
    ts_us: int = -1
    value: Value | None = None
    quality: Quality = Quality.STALE


class RowBuilder:
    """Turns samples into rows; one per recorder run, because it knows what came before."""

    def __init__(self, tag_info: Mapping[str, TagDef], clock: Clock) -> None:
        self.tags: list[TagEntry] = []
        self._tag_info = dict(tag_info)
        self._clock = clock
        self._latest: dict[str, _Latest] = {}
        self._untyped: set[str] = set()

    def build(self, samples: Iterable[Sample]) -> tuple[list[Row], list[tuple[int, int, str]]]:
        """Rows in the order of the samples, and the texts of those that need one."""
        rows: list[Row] = []
        texts: dict[int, str] = {}
        backwards = False
        latest_of, append, good = self._latest, rows.append, Quality.GOOD
        for tag, value, quality, source_us in samples:
            latest = latest_of.get(tag)
            if latest is None:
                latest = self._on_new_tag(tag, value)
            elif self._untyped and tag in self._untyped:
                self._learn_type(tag, latest.index, value)
            ts_us = source_us
            if latest.source_us <= ts_us <= latest.ts_us:
                if ts_us == latest.source_us and value == latest.value and quality == latest.quality:
                    continue
                ts_us = latest.ts_us + 1
            if not 0 <= ts_us < LATEST_US:
                source_us = ts_us = max(self._clock.utc_us(), latest.ts_us + 1)
            backwards |= ts_us < latest.ts_us
            latest.source_us, latest.ts_us, latest.value, latest.quality = source_us, ts_us, value, quality
            number: float | None
            if type(value) is float:
                number = value
            else:
                number, text = to_columns(value)
                if text is not None:
                    texts[len(rows)] = text
            append((latest.index, ts_us, number, 192 if quality is good else int(quality)))
        if backwards:
            rows, texts = _make_unique(rows, texts)
        return rows, [(*rows[number][:2], text) for number, text in texts.items()]

    def describe(self, definitions: Iterable[TagDef]) -> None:
        """What is known of these tags is another thing from now on."""
        for definition in definitions:
            self._tag_info[definition.key] = definition
            latest = self._latest.get(definition.key)
            if latest is not None:
                self.tags[latest.index] = _entry(definition)

    def latest_rows(self) -> tuple[list[Row], list[tuple[int, int, str]]]:
        """The latest row of every tag once more, for a database that has not seen them, and their texts."""
        rows: list[Row] = []
        texts: list[tuple[int, int, str]] = []
        for latest in self._latest.values():
            number, text = to_columns(latest.value)
            rows.append((latest.index, latest.ts_us, number, int(latest.quality)))
            if text is not None:
                texts.append((latest.index, latest.ts_us, text))
        return rows, texts

    def stale_rows(self, now_us: int) -> list[Row]:
        """One last row for every tag still followed: from here on nobody knows its value."""
        rows: list[Row] = []
        for latest in self._latest.values():
            if latest.quality != Quality.STALE:
                latest.source_us = latest.ts_us = max(now_us, latest.ts_us + 1)
                latest.value, latest.quality = None, Quality.STALE
                rows.append((latest.index, latest.ts_us, None, int(Quality.STALE)))
        return rows

    def _on_new_tag(self, tag: str, value: Value | None) -> _Latest:
        known = self._tag_info.get(tag)
        if known is None:
            entry = TagEntry(to_storable(tag), guess_type(value), "", "")
            if not entry.data_type:
                self._untyped.add(tag)
        else:
            entry = _entry(known)
        latest = self._latest[tag] = _Latest(len(self.tags))
        self.tags.append(entry)
        return latest

    def _learn_type(self, tag: str, index: int, value: Value | None) -> None:
        data_type = guess_type(value)
        if data_type:
            self.tags[index] = self.tags[index]._replace(data_type=data_type)
            self._untyped.discard(tag)


def _entry(known: TagDef) -> TagEntry:
    unit, description = to_storable(known.unit), to_storable(known.description)
    return TagEntry(to_storable(known.key), str(known.type), unit, description)


def _make_unique(rows: list[Row], texts: dict[int, str]) -> tuple[list[Row], dict[int, str]]:
    """The clock was set back between two samples, so that times may repeat: one row for each time."""
    taken: dict[tuple[int, int], tuple[float | None, int, str | None]] = {}
    unique: list[Row] = []
    kept: dict[int, str] = {}
    for number, (index, ts_us, value, quality) in enumerate(rows):
        text = texts.get(number)
        content = (to_number(value), quality, text)
        while taken.setdefault((index, ts_us), content) is not content:
            if taken[index, ts_us] == content:
                break
            ts_us += 1
        else:
            if text is not None:
                kept[len(unique)] = text
            unique.append((index, ts_us, value, quality))
    return unique, kept


def to_columns(value: Value | None) -> tuple[float | None, str | None]:
    """The number for the value column, and the exact text where the number is not the value."""
    if isinstance(value, bool):
        return (1.0 if value else 0.0), None
    if isinstance(value, int):
        if -EXACT_INT <= value <= EXACT_INT:
            return value, None
        return _nearest(value), str(value)
    if value is None or isinstance(value, float):
        return value, None
    if isinstance(value, str):
        return None, to_storable(value)
    return None, to_storable(json.dumps(value, default=str, ensure_ascii=False))


def _nearest(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_number(value: float | None) -> float | None:
    """The number as the database gives it back: it keeps no NaN."""
    return None if value is None or math.isnan(value) else float(value)


def guess_type(value: Value | None) -> str:
    """The data type of a tag that no plant file describes; empty until a value says more."""
    for kind, name in ((bool, "BOOL"), (int, "LINT"), (float, "LREAL"), (str, "STRING")):
        if isinstance(value, kind):
            return name
    return ""


def to_storable(text: str) -> str:
    """Text every database takes: half a surrogate pair, as damaged controllers send, is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
