"""What a person chose at this panel; one small versioned JSON file in the data folder."""

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from engine.errors import EngineError

VERSION = 1
THEME_CHOICES = ("paper", "graphite", "by_time")
TOUCH_SIZES = ("standard", "large", "gloves")
LANGUAGES = ("en",)
CLEANING_SECONDS = (30, 60, 120)
TREND_RANGES = ("live", "15min", "1h", "8h")
MOST_TREND_PENS = 6
FILE_NAME = "panel.json"

_CHOICES: dict[str, tuple[Any, ...]] = {
    "theme": THEME_CHOICES,
    "touch_size": TOUCH_SIZES,
    "language": LANGUAGES,
    "cleaning_s": CLEANING_SECONDS,
    "trend_range": TREND_RANGES,
    "reduce_motion": (False, True),
}


class SettingsError(EngineError):
    """The settings file could not be written."""


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """Every choice there is; each has a value that works on a new machine.

    ``trend_pens`` are tag keys, None before anybody chose any.
    """

    theme: str = "paper"
    touch_size: str = "standard"
    language: str = "en"
    cleaning_s: int = 30
    trend_range: str = "live"
    trend_pens: tuple[str, ...] | None = None
    reduce_motion: bool = False


def theme_name(choice: str, hour: int) -> str:
    """The theme to show: ``by_time`` is graphite from 20:00 to 06:00."""
    if choice != "by_time":
        return choice
    return "graphite" if hour >= 20 or hour < 6 else "paper"


class SettingsStore:
    """Reads and writes the file; ``notices`` says what could not be read and what was done about it."""

    def __init__(self, folder: Path, defaults: PanelSettings | None = None) -> None:
        self.path = folder / FILE_NAME
        self.notices: list[str] = []
        self._defaults = defaults or PanelSettings()

    def load(self) -> PanelSettings:
        """Never fails: what cannot be understood is kept aside and replaced by defaults."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self._defaults
        except (OSError, ValueError) as error:
            return self._set_aside(f"could not be read ({_reason(error)})")
        if not isinstance(data, dict):
            return self._set_aside("is not a table of settings")
        version = data.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            return self._set_aside("has no version")
        if version > VERSION:
            return self._set_aside(f"was written by a newer version ({version})")
        return self._from_data(data)

    def save(self, settings: PanelSettings) -> None:
        """Replace the file as one whole; a power cut leaves the old one or the new one."""
        temporary = self.path.with_suffix(".tmp")
        text = json.dumps({"version": VERSION, **asdict(settings)}, indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise SettingsError(f"Settings were not saved to {self.path}: {_reason(error)}") from error

    def _from_data(self, data: dict[str, Any]) -> PanelSettings:
        chosen: dict[str, Any] = {}
        for field in fields(PanelSettings):
            value = data.get(field.name, getattr(self._defaults, field.name))
            value = tuple(value) if isinstance(value, list) else value
            if _is_choice(field.name, value):
                chosen[field.name] = value
            else:
                self.notices.append(f"{self.path.name}: {field.name} {value!r} is no choice, default used")
        return replace(self._defaults, **chosen)

    def _set_aside(self, what: str) -> PanelSettings:
        copy = self.path.with_name(self.path.name + ".broken")
        try:
            self.path.replace(copy)
            kept = f"It was kept as {copy.name}"
        except OSError as error:
            kept = f"It could not be kept aside: {_reason(error)}"
        self.notices.append(f"{self.path} {what}. {kept}. Default settings are used.")
        return self._defaults


def _is_choice(name: str, value: Any) -> bool:
    if name == "trend_pens":
        return value is None or _are_pens(value)
    return any(value == choice and type(value) is type(choice) for choice in _CHOICES[name])


def _are_pens(value: Any) -> bool:
    few = isinstance(value, tuple) and len(value) <= MOST_TREND_PENS
    return few and all(isinstance(key, str) for key in value)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
