"""Values as they were before they became a column: by the data type the tag has now."""

import json
from collections.abc import Callable

from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, TypeSpec, Value, parse_type
from engine.storage.batch import EXACT_INT


def decoder(data_type: str) -> Callable[[float | None, str | None], Value | None]:
    """A function of (number, text) for one tag.

    A value that does not fit the type (the type was changed since it was recorded) stays what it is.
    """
    spec = _parse(data_type)
    if spec is None or spec.length:
        return _decode_any
    if spec.base is DataType.BOOL:
        return _decode_bool
    if spec.base in INTEGER_BITS:
        return _decode_int
    if spec.base in FLOAT_TYPES:
        return lambda number, text: number if text is None else _decode_any(number, text)
    return lambda number, text: number if text is None else text


def _parse(data_type: str) -> TypeSpec | None:
    try:
        return parse_type(data_type)
    except ValueError:
        return None


def _decode_bool(number: float | None, text: str | None) -> Value | None:
    return bool(number) if number in (0.0, 1.0) else _decode_any(number, text)


def _decode_int(number: float | None, text: str | None) -> Value | None:
    if text is not None:
        return _decode_any(number, text)
    if number is None or not number.is_integer() or abs(number) > EXACT_INT:
        return number
    return int(number)


def _decode_any(number: float | None, text: str | None) -> Value | None:
    """Arrays and long integers were written as JSON; other text is itself."""
    if text is None:
        return number
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else text
