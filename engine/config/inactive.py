"""Keys that are understood but do nothing yet: the file says so and nobody should rely on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.config.models import PlantConfig
from engine.config.problems import KeyPath, format_path

_NOT_ACTIVE = "not active in this version"


@dataclass(frozen=True, slots=True)
class Notice:
    """``key_path`` is the first place of ``count`` that the file sets; ``text`` is a sentence."""

    key_path: str
    count: int
    text: str

    def __str__(self) -> str:
        more = f" (and {self.count - 1} more)" if self.count > 1 else ""
        return f"{self.key_path}{more}: {self.text}"


@dataclass(frozen=True, slots=True)
class _Row:
    """``pattern``: key path with ``[]`` for each item of a list. ``asks``: whether a value wants it."""

    pattern: str
    what: str
    asks: Callable[[Any], bool] = lambda value: value is not None
    otherwise: str = ""


_ROWS = (
    _Row("plc_connections[].tags[].oee_metric_type", "OEE is"),
    _Row("metric_mappings", "OEE from remote metrics is", bool, "the metrics are tags"),
    _Row("machines[].ideal_cycle_time_s", "OEE is"),
    _Row("machines[].microstop_s", "OEE is"),
    _Row("machines[].targets", "OEE is"),
    _Row("alarms", "alarming is", bool, "limits and text serve the displays only"),
    _Row("shifts", "counting by shift is", bool),
    _Row("stop_reasons", "stop reasons are", bool),
    _Row("processing.quality_threshold", "OEE is"),
    _Row("database.url", "SQL Server is", lambda url: not url.startswith("sqlite:")),
    _Row("monitoring.metrics_port", "the metrics port is", otherwise="it is not opened"),
    _Row("monitoring.health_port", "the health port is", otherwise="it is not opened"),
    _Row("monitoring.bind", "monitoring over the network is", otherwise="no port is opened"),
    _Row("panel.language", "a language other than English is", lambda language: language != "en"),
    _Row("panel.start_page", "the pages alarms and oee are", lambda page: page in ("alarms", "oee")),
    _Row("panel.auto_logout_min", "signing in and out is"),
)
"""One row for each part whose feature is still to come; the feature deletes its row."""


def inactive_parts(config: PlantConfig) -> tuple[Notice, ...]:
    """One notice for each part that the file sets and this version does not act on."""
    return tuple(notice for row in _ROWS if (notice := _notice(config, row)) is not None)


def inactive_patterns() -> dict[str, str]:
    """Key paths (``[]`` for each item of a list) with what is not active, for the reference page."""
    return {row.pattern: f"{row.what} {_NOT_ACTIVE}" for row in _ROWS}


def _notice(config: PlantConfig, row: _Row) -> Notice | None:
    places = [path for path, value in _given(config, row.pattern) if row.asks(value)]
    if not places:
        return None
    text = f"{row.what} {_NOT_ACTIVE}"
    return Notice(format_path(places[0]), len(places), f"{text}; {row.otherwise}" if row.otherwise else text)


def _given(part: Any, pattern: str, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value the file itself sets at a place that ``pattern`` matches."""
    name, _, rest = pattern.partition(".")
    bare = name.removesuffix("[]")
    if not isinstance(part, BaseModel) or bare not in part.model_fields_set:
        return
    value = getattr(part, bare)
    if bare == name:
        if rest:
            yield from _given(value, rest, (*path, bare))
        else:
            yield (*path, bare), value
        return
    for index, item in enumerate(value):
        yield from _given(item, rest, (*path, bare, index))
