"""What a mimic shows, read from its file: which symbols stand where and which tags they follow."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from engine.errors import EngineError
from hmi.panel.mimic.line_model import LineGeometry, Station

SCHEMA_VERSION = 1
Option = bool | float | str
_TOP_KEYS = {"schema_version", "title", "size", "line", "items"}
_ITEM_KEYS = {"id", "symbol", "at", "size", "tags", "text", "opens", "options"}


class MimicError(EngineError):
    """A mimic's file cannot be used; says which file, which item and what was expected."""


@dataclass(frozen=True, slots=True)
class ItemDef:
    """One symbol: ``at`` is its top left corner in px at scale 1.0, ``tags`` bind tag names to its roles.

    ``text`` is what people call it; ``opens`` the tag whose faceplate it opens (its first tag else).
    """

    id: str
    symbol: str
    at: tuple[float, float]
    size: tuple[float, float] = (0.0, 0.0)
    tags: dict[str, str] = field(default_factory=dict)
    text: str = ""
    opens: str = ""
    options: dict[str, Option] = field(default_factory=dict)

    def number(self, name: str, default: float = 0.0) -> float:
        return float(self.options.get(name, default))

    def word(self, name: str, default: str = "") -> str:
        return str(self.options.get(name, default))


@dataclass(frozen=True, slots=True)
class LineDef:
    """The belt on the screen: where the infeed is, how many px a mm takes, and which tags tell of it."""

    geometry: LineGeometry
    infeed_x: float
    base_y: float
    px_per_mm: float
    tags: dict[str, str]

    def to_x(self, mm: float) -> float:
        return self.infeed_x + mm * self.px_per_mm


@dataclass(frozen=True, slots=True)
class MimicDef:
    """A whole mimic; ``line`` is None where no bottles travel."""

    title: str
    size: tuple[float, float]
    items: tuple[ItemDef, ...]
    line: LineDef | None = None

    def tag_names(self) -> frozenset[str]:
        """Every tag the mimic follows."""
        names = {name for item in self.items for name in item.tags.values()}
        return frozenset(names | set(self.line.tags.values() if self.line else ()))


def load_mimic(path: Path) -> MimicDef:
    """Read a mimic's file; ``MimicError`` says what is wrong with it."""
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise MimicError(f"{path.name}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    try:
        return _to_mimic(data)
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise MimicError(f"{path.name}: {what}") from error


def _to_mimic(data: Any) -> MimicDef:
    _known(data, _TOP_KEYS, "the mimic")
    if data["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"schema_version {data['schema_version']!r} is not {SCHEMA_VERSION}")
    items = tuple(_to_item(entry) for entry in data["items"])
    ids = [item.id for item in items]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"item {twice[0]!r} is there twice")
    line = _to_line(data["line"]) if data.get("line") else None
    return MimicDef(str(data["title"]), _pair(data["size"], "size"), items, line)


def _to_item(entry: Any) -> ItemDef:
    name = entry.get("id", "without an id") if isinstance(entry, dict) else repr(entry)
    _known(entry, _ITEM_KEYS, f"item {name}")
    try:
        return ItemDef(
            str(entry["id"]),
            str(entry["symbol"]),
            _pair(entry["at"], "at"),
            _pair(entry.get("size", (0, 0)), "size"),
            _words(entry.get("tags") or {}, "tags"),
            str(entry.get("text", "")),
            str(entry.get("opens", "")),
            _options(entry.get("options") or {}),
        )
    except KeyError as error:
        raise ValueError(f"item {name}: {error.args[0]!r} is missing") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"item {name}: {error}") from error


def _to_line(data: Any) -> LineDef:
    keys = {"pitch_mm", "pitch_px", "diameter_mm", "play_mm", "mm_per_revolution", "infeed_x", "base_y"}
    keys |= {"infeed", "fill", "cap", "reject_mm", "outfeed_mm", "tags"}
    _known(data, keys, "line")
    geometry = LineGeometry(
        float(data["pitch_mm"]),
        float(data["diameter_mm"]),
        float(data["play_mm"]),
        float(data["mm_per_revolution"]),
        _to_station(data["infeed"], "infeed"),
        _to_station(data["fill"], "fill"),
        _to_station(data["cap"], "cap"),
        float(data["reject_mm"]),
        float(data["outfeed_mm"]),
    )
    px_per_mm = float(data["pitch_px"]) / geometry.pitch_mm
    tags = _words(data["tags"], "line tags")
    return LineDef(geometry, float(data["infeed_x"]), float(data["base_y"]), px_per_mm, tags)


def _to_station(data: Any, name: str) -> Station:
    _known(data, {"at_mm", "from_mm", "to_mm"}, name)
    station = Station(float(data["at_mm"]), float(data["from_mm"]), float(data["to_mm"]))
    if not station.from_mm <= station.at_mm <= station.to_mm:
        raise ValueError(f"{name}: at_mm must lie between from_mm and to_mm")
    return station


def _known(data: Any, keys: set[str], what: str) -> None:
    if not isinstance(data, dict):
        raise TypeError(f"{what} must be a table of keys, not {type(data).__name__}")
    unknown = sorted(str(key) for key in data if key not in keys)
    if unknown:
        raise ValueError(f"{what} has no key {unknown[0]!r}; it has {', '.join(sorted(keys))}")


def _pair(value: Any, what: str) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise TypeError(f"{what} must be two numbers")
    return float(value[0]), float(value[1])


def _words(value: Any, what: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError(f"{what} must be a table of names")
    return {str(key): str(word) for key, word in value.items()}


def _options(value: Any) -> dict[str, Option]:
    if not isinstance(value, dict):
        raise TypeError("options must be a table")
    for key, option in value.items():
        if not isinstance(option, (bool, int, float, str)):
            raise TypeError(f"option {key} must be a number, a word, true or false")
    return {str(key): option for key, option in value.items()}
