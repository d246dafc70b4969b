"""From the validator's findings to problems that a person can act on."""

import json
from collections.abc import Mapping
from typing import Any

from engine.config.document import Document
from engine.config.fields import REFUSED
from engine.config.problems import KeyPath, Problem, near_miss, printable
from engine.config.production import PRIORITY_ALL, PRIORITY_EACH
from engine.config.schema import Schema, choices, describe, find, is_secret, keys_of

_TAGS = frozenset({PRIORITY_ALL, PRIORITY_EACH})
_MAX_VALUE = 40
_MAX_LISTED = 12
_MAX_NEAR_MISSES = 300
_PREDICATES: Mapping[str, str] = {
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is too large",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "bool_type": "is neither true nor false",
    "string_type": "is not text; text that looks like something else needs quotes",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "is not allowed here",
    "literal_error": "is not one of the choices",
    "tuple_type": "is not a list",
    "model_type": "is not a group of keys",
    "model_attributes_type": "is not a group of keys",
    "dict_type": "is not a group of keys",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than": "is too large",
    "less_than_equal": "is too large",
}
_SWITCH_WORDS = {
    **dict.fromkeys(("yes", "on", "1", "true"), "true"),
    **dict.fromkeys(("no", "off", "0", "false"), "false"),
}
_EMPTY = frozenset({"string_too_short"})


class Translator:
    """Makes problems out of the validator's errors for one document."""

    def __init__(self, document: Document, data: Any, schema: Schema) -> None:
        self._document = document
        self._data = data
        self._schema = schema
        self._near_misses_left = _MAX_NEAR_MISSES

    def problem(self, error: Mapping[str, Any]) -> Problem:
        """``error`` is one of pydantic's ``ValidationError.errors()``."""
        path: KeyPath = tuple(part for part in error["loc"] if part not in _TAGS)
        kind: str = error["type"]
        if kind == "extra_forbidden":
            return self._unknown_key(path)
        if kind == "missing":
            return self._missing(path)
        if kind in ("too_short", "too_long"):
            return self._wrong_length(path)
        if kind == REFUSED:
            context = error["ctx"]
            message = f"{self._subject(path)} {context['message']}".strip()
            expected = context["expected"] or self._expected(path)
            return self._document.problem(
                path, message, expected, self._unless_hidden(path, context["near_miss"])
            )
        return self._wrong_value(path, kind, error)

    def _unknown_key(self, path: KeyPath) -> Problem:
        known = keys_of(self._schema, path[:-1])
        near = self._near_miss(str(path[-1]), known)
        expected = "" if near else f"one of {', '.join(known[:_MAX_LISTED])}"
        if not near and len(known) > _MAX_LISTED:
            expected += ", ..."
        return self._document.problem(path, "unknown key", expected, near, at_key=True)

    def _missing(self, path: KeyPath) -> Problem:
        if path and isinstance(path[-1], int):
            return self._wrong_length(path[:-1])
        schema = find(self._schema, path) or {}
        about = str(schema.get("description", "")).split(";")[0].rstrip(".")
        message = f"is missing ({about})" if about else "is missing"
        return self._document.problem(path, message, self._expected(path))

    def _wrong_length(self, path: KeyPath) -> Problem:
        value = _value_at(self._data, path)
        count = len(value) if isinstance(value, list) else 0
        message = f"has {count} element{'' if count == 1 else 's'}" if count else "is an empty list"
        return self._document.problem(path, message, self._expected(path) or "more elements")

    def _wrong_value(self, path: KeyPath, kind: str, error: Mapping[str, Any]) -> Problem:
        value = _value_at(self._data, path)
        near = ""
        if kind == "literal_error" and isinstance(value, str) and not self._is_hidden(path):
            schema = find(self._schema, path) or {}
            near = self._near_miss(value, choices(self._schema, schema))
        if kind == "bool_type" and not self._is_hidden(path):
            near = _SWITCH_WORDS.get(str(value).lower(), "")
        if value is None or value == "" or kind in _EMPTY:
            message = "is empty"
        else:
            predicate = _PREDICATES.get(kind, f"is not valid ({error['msg']})")
            message = f"{self._subject(path)} {predicate}".strip()
        return self._document.problem(path, message, self._expected(path), near)

    def _expected(self, path: KeyPath) -> str:
        schema = find(self._schema, path)
        text = "" if schema is None else describe(self._schema, schema)
        return text if len(text) <= 300 else text[:297] + "..."

    def _subject(self, path: KeyPath) -> str:
        """The value as it may be shown: never a secret, nor what came from the environment."""
        entry = self._document.entry(path)
        if entry is None:
            return ""
        if is_secret(self._schema, path):
            return "this value"
        if entry.variables:
            names = ", ".join(f"${{{name}}}" for name in dict.fromkeys(entry.variables))
            return f"the value from {names}"
        value = _value_at(self._data, path)
        return "" if isinstance(value, (dict, list)) or value is None else show(value)

    def _is_hidden(self, path: KeyPath) -> bool:
        entry = self._document.entry(path)
        return bool(entry and entry.variables) or is_secret(self._schema, path)

    def _unless_hidden(self, path: KeyPath, near: str) -> str:
        return "" if self._is_hidden(path) else near

    def _near_miss(self, word: str, known: tuple[str, ...]) -> str:
        """Bounded, since comparing is slow and a hostile file has many words."""
        self._near_misses_left -= 1
        return near_miss(word, known) if self._near_misses_left >= 0 else ""


def show(value: Any) -> str:
    """A scalar as it would be written in the file, cut to a readable length."""
    if isinstance(value, str):
        text = value if len(value) <= _MAX_VALUE else value[: _MAX_VALUE - 3] + "..."
        return f'"{printable(text)}"'
    if isinstance(value, bool):
        return json.dumps(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value_at(data: Any, path: KeyPath) -> Any:
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return None
    return data
