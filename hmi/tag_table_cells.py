"""One cell of a table of tags: what the plant file's key has, as text for a person, and back."""

import re
from collections.abc import Callable
from typing import Any

from engine.discovery import TagEntry

TagValue = Any
"""What a key of a tag may hold: text, bool, number, pairs of numbers or None."""


class CellError(ValueError):
    """What is wrong with a cell: the text goes on after the cell's content."""


def format_cell(name: str, value: TagValue) -> str | float | bool:
    """A number or a bool where the table can hold one, else the text that the plant file has."""
    if value is None:
        return ""
    if name in ("range", "normal"):
        return _pair(value)
    if name == "scale":
        return f"{{raw: {_pair(value[0])}, engineering: {_pair(value[1])}}}"
    return value if isinstance(value, (bool, int, float)) else str(value)


def parse_cell(name: str, text: str, *, decimal_comma: bool = False) -> TagValue:
    """The value for this key of a tag; an empty cell is its default. Raises ``CellError``."""
    if not text:
        return _DEFAULTS.get(name, "")
    parse = _PARSERS.get(name)
    if parse is None:
        return text
    return parse(text.replace(",", ".") if decimal_comma and _DECIMAL_COMMA.match(text) else text)


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_DECIMAL_COMMA = re.compile(r"^[-+]?\d+,\d+$")
_PAIR = rf"\[?\s*({_NUMBER})\s*(?:,|;|\.\.+|…|\bto\b)\s*({_NUMBER})\s*\]?"
_PAIR_CELL = re.compile(rf"^{_PAIR}$")
_SCALE_CELL = re.compile(rf"^\{{?\s*raw\s*:\s*{_PAIR}\s*[,;]\s*engineering\s*:\s*{_PAIR}\s*\}}?$")
_YES = ("true", "yes", "1", "x", "wahr", "ja")
_NO = ("false", "no", "0", "falsch", "nein")


def _pair(pair: tuple[float, float]) -> str:
    return f"[{_number_text(pair[0])}, {_number_text(pair[1])}]"


def _number_text(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))


def _to_flag(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("is neither true nor false")


def _to_number(text: str) -> float:
    if not re.fullmatch(_NUMBER, text.strip(), re.ASCII):
        raise CellError("is not a number")
    return float(text)


def _to_whole(text: str) -> int:
    number = _to_number(text)
    if not number.is_integer():
        raise CellError("is not a whole number")
    return int(number)


def _to_pair(text: str) -> tuple[float, float]:
    match = _PAIR_CELL.match(text.strip())
    if match is None:
        raise CellError("is not a range; expected one like [0, 100]")
    return float(match[1]), float(match[2])


def _to_scale(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    match = _SCALE_CELL.match(text.strip())
    if match is None:
        raise CellError("is not a scale; expected one like {raw: [0, 27648], engineering: [0, 100]}")
    return (float(match[1]), float(match[2])), (float(match[3]), float(match[4]))


_PARSERS: dict[str, Callable[[str], TagValue]] = {
    "range": _to_pair,
    "normal": _to_pair,
    "decimals": _to_whole,
    "scale": _to_scale,
    "deadband": _to_number,
    "writable": _to_flag,
    "pulse": _to_flag,
    "history": _to_flag,
}
_PLAIN = TagEntry("", "", "")
_DEFAULTS: dict[str, TagValue] = {
    name: getattr(_PLAIN, name) for name in (*_PARSERS, "description", "unit", "oee_metric_type")
}
