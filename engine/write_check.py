"""May this value be written to this tag? Type, limits, and how a value reads back."""

import math
import struct

from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, Scalar, TagDef, TypeSpec, Value

_REAL_MAX = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]


def value_refusal(tag: TagDef, value: Value) -> str:
    """Why the value, in engineering units, cannot be written; empty if it can."""
    elements = value if isinstance(value, tuple) else (value,)
    if isinstance(value, tuple) != bool(tag.type.length) or len(elements) != max(tag.type.length, 1):
        wanted = f"{tag.type.length} values" if tag.type.length else "one value"
        return f"{tag.name} takes {wanted}"
    return next((reason for v in elements if (reason := _scalar_refusal(tag, v))), "")


def _scalar_refusal(tag: TagDef, value: Scalar) -> str:
    base = tag.type.base
    if base is DataType.BOOL:
        return "" if isinstance(value, bool) else f"{tag.name} is either on or off"
    if base in INTEGER_BITS or base in FLOAT_TYPES:
        if isinstance(value, (bool, str)):
            return f"{tag.name} takes a number"
        return _range_refusal(tag, value) or _raw_refusal(tag, value)
    if not isinstance(value, str):
        return f"{tag.name} takes text"
    limit = 1 if base is DataType.CHAR else tag.type.chars
    if len(value) > limit:
        return f"{tag.name} takes at most {limit} characters"
    return ""


def _range_refusal(tag: TagDef, value: float) -> str:
    if not math.isfinite(value):
        return f"{tag.name} takes a finite number"
    if tag.range is not None and not tag.range[0] <= value <= tag.range[1]:
        low, high = (format_value(tag, limit) for limit in tag.range)
        return f"{format_value(tag, value)} is outside {low} to {high}"
    return ""


def _raw_refusal(tag: TagDef, value: float) -> str:
    base = tag.type.base
    if base in INTEGER_BITS:
        if tag.scaling is None and value != int(value):
            return f"{tag.name} takes a whole number"
        raw = round(tag.scaling.to_raw(value)) if tag.scaling else int(value)
        bits, signed = INTEGER_BITS[base]
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return "" if low <= raw <= high else f"{value:g} does not fit a {base} ({low} to {high})"
    raw_float = tag.scaling.to_raw(value) if tag.scaling else value
    if base is DataType.REAL and abs(raw_float) > _REAL_MAX:
        return f"{value:g} does not fit a REAL"
    return ""


def to_raw(tag: TagDef, value: Value) -> Value:
    """From engineering units to what the controller stores; the value must have passed ``value_refusal``."""
    if isinstance(value, tuple):
        return tuple(_scalar_to_raw(tag, v) for v in value)
    return _scalar_to_raw(tag, value)


def _scalar_to_raw(tag: TagDef, value: Scalar) -> Scalar:
    if isinstance(value, (bool, str)):
        return value
    raw = tag.scaling.to_raw(value) if tag.scaling else value
    if tag.type.base in INTEGER_BITS:
        return round(raw)
    return float(raw)


def same_value(spec: TypeSpec, asked: Value, read: Value) -> bool:
    """Does a readback say what was asked? A REAL is compared at its own precision."""
    if isinstance(asked, tuple) or isinstance(read, tuple):
        return (
            isinstance(asked, tuple)
            and isinstance(read, tuple)
            and len(asked) == len(read)
            and all(same_value(TypeSpec(spec.base), a, r) for a, r in zip(asked, read, strict=True))
        )
    if spec.base is DataType.REAL and isinstance(asked, (int, float)) and isinstance(read, (int, float)):
        return bool(struct.pack(">f", asked) == struct.pack(">f", read))
    return asked == read


def format_value(tag: TagDef, value: Value | None) -> str:
    """A value as people read it: decimals and unit of the tag, an em dash where there is none."""
    if value is None:
        return "—"
    if isinstance(value, tuple):
        return "[" + ", ".join(format_value(tag, v) for v in value) + "]"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    with_decimals = tag.type.base in FLOAT_TYPES or tag.scaling is not None
    text = f"{value:.{tag.decimals}f}" if with_decimals else str(value)
    return f"{text} {tag.unit}".rstrip()
