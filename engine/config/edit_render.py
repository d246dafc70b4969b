"""Tags and connections as YAML text, in the style of a plant file: one tag, one line."""

import json
import re
from collections.abc import Iterator

from engine.config.scalars import resolve_plain
from engine.discovery import ConnectionEntry, TagEntry

Scalar = str | int | float | bool
Rendered = dict[str, str]
"""Key -> text of its value, in the order of the plant file's reference."""

_PLAIN = re.compile(r"[A-Za-z0-9_/°µ][\w ./%°µ³²()+-]*")
_DEFAULT = TagEntry("", "", "")


def render_tag(tag: TagEntry) -> Rendered:
    """The keys that a tag needs: defaults are left out."""
    texts: Rendered = {"name": scalar(tag.name), "address": scalar(tag.address)}
    texts["data_type"] = scalar(tag.data_type)
    for name, text in _optional(tag):
        if getattr(tag, name) != getattr(_DEFAULT, name):
            texts[name] = text
    return texts


def flow(texts: Rendered) -> str:
    """``{name: FillLevel, address: DB1.DBD8, data_type: REAL}``."""
    return "{" + ", ".join(f"{key}: {text}" for key, text in texts.items()) + "}"


def render_connection(entry: ConnectionEntry, indent: int, newline: str) -> str:
    """The item of ``plc_connections`` up to and with its line ``tags:``, without a break at its end."""
    texts: Rendered = {"id": scalar(entry.id)}
    if entry.name:
        texts["name"] = scalar(entry.name)
    texts |= {"type": scalar(entry.type), "family": scalar(entry.family), "host": scalar(entry.host)}
    texts["port"] = scalar(entry.port)
    if entry.type == "SIEMENS_S7":
        texts["rack"] = scalar(entry.rack)
    texts |= {"slot": scalar(entry.slot), "timeout": scalar(entry.timeout)}
    texts["scan_rate_ms"] = scalar(entry.scan_rate_ms)
    lines = [f"{key}: {text}" for key, text in texts.items() if text != '""']
    pad = " " * indent
    return newline.join([f"{pad}- {lines[0]}", *(f"{pad}  {line}" for line in lines[1:]), f"{pad}  tags:"])


def scalar(value: Scalar) -> str:
    """A scalar that reads back as exactly this value, also inside brackets; quoted where it must be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(value)
    text = value.replace("${", "$${")
    plain = _PLAIN.fullmatch(text) and text == text.strip() and isinstance(resolve_plain(text), str)
    # libyaml takes no colon inside brackets without quotes, and the parser that does is twenty times slower.
    if plain and ":" not in text:
        return text
    return (
        json.dumps(text, ensure_ascii=False)
        .replace("\x85", "\\N")
        .replace("\u2028", "\\L")
        .replace("\u2029", "\\P")
        .replace("\ufeff", "\\uFEFF")
        .replace("\x7f", "\\x7F")
    )


def _optional(tag: TagEntry) -> Iterator[tuple[str, str]]:
    yield "description", scalar(tag.description)
    yield "unit", scalar(tag.unit)
    yield "range", _pair(tag.range)
    yield "normal", _pair(tag.normal)
    yield "decimals", scalar(tag.decimals)
    if tag.scale is not None:
        raw, engineering = tag.scale
        yield "scale", f"{{raw: {_pair(raw)}, engineering: {_pair(engineering)}}}"
    yield "deadband", scalar(tag.deadband)
    yield "writable", scalar(tag.writable)
    yield "pulse", scalar(tag.pulse)
    yield "history", scalar(tag.history)
    yield "oee_metric_type", scalar(tag.oee_metric_type or "")


def _pair(span: tuple[float, float] | None) -> str:
    return "" if span is None else f"[{scalar(span[0])}, {scalar(span[1])}]"
