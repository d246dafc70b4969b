"""JSON Schema of the plant file, made from the models, and what it says about one key in words."""

from collections.abc import Iterator
from typing import Any

from engine.config.migration import SCHEMA_VERSION
from engine.config.models import PlantConfig
from engine.config.problems import KeyPath

Schema = dict[str, Any]

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
_SCALARS = ("integer", "number", "boolean")


def build_schema() -> Schema:
    """The models' own schema; keys ``x-unit``, ``x-expected`` and ``x-secret`` speak to people."""
    return PlantConfig.model_json_schema()


def editor_schema() -> Schema:
    """For editors: as ``build_schema``, but any scalar may also be a ``${...}`` reference."""
    schema = _for_editors(build_schema())
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Brimline plant file, version {SCHEMA_VERSION}",
    }
    return {**head, **{name: value for name, value in schema.items() if name != "title"}}


def find(root: Schema, path: KeyPath) -> Schema | None:
    """The part of the schema that describes ``path``, None where it describes nothing."""
    found = [root]
    for part in path:
        found = [inner for schema in found for inner in _step(root, schema, part)]
    return found[0] if found else None


def keys_of(root: Schema, path: KeyPath) -> tuple[str, ...]:
    """Keys that may stand in the group at ``path``."""
    schema = find(root, path)
    if schema is None:
        return ()
    return tuple(name for option in _options(root, schema) for name in option.get("properties", {}))


def is_secret(root: Schema, path: KeyPath) -> bool:
    """Whether the value at ``path``, or of anything around it, must never be shown."""
    parts = (find(root, path[: length + 1]) for length in range(len(path)))
    return any(schema is not None and schema.get("x-secret") for schema in parts)


def choices(root: Schema, schema: Schema) -> tuple[str, ...]:
    """The texts a key may hold, if it is limited to some."""
    return tuple(str(value) for option in _options(root, schema) for value in _listed(option))


def describe(root: Schema, schema: Schema) -> str:
    """What may stand there: ``a whole number from 1 to 65535 (ms)``."""
    texts = [schema["x-expected"]] if "x-expected" in schema else []
    for option in _options(root, schema) if not texts else ():
        text = _describe_one(root, option)
        if text and text not in texts:
            texts.append(text)
    unit = f" ({schema['x-unit']})" if "x-unit" in schema else ""
    nullable = any(option.get("type") == "null" for option in _options(root, schema))
    return " or ".join(texts) + unit + (", or null" if nullable else "")


def groups_in(
    root: Schema, schema: Schema | None = None, path: str = "", above: tuple[Schema, ...] = ()
) -> Iterator[tuple[str, Schema]]:
    """Every group of keys at or below ``schema`` (the whole file), with its path: ``machines[].states``."""
    for option in _options(root, root if schema is None else schema):
        if isinstance(option.get("items"), dict):
            yield from groups_in(root, option["items"], f"{path}[]", above)
        if "properties" not in option or any(option is group for group in above):
            continue
        yield path, option
        for name, prop in option["properties"].items():
            inner = f"{path}.{name}" if path else name
            yield from groups_in(root, prop, inner, (*above, option))


def _describe_one(root: Schema, schema: Schema) -> str:
    if "x-expected" in schema:
        return str(schema["x-expected"])
    listed = [str(value) for value in _listed(schema)]
    if listed:
        return f"one of {', '.join(listed)}" if len(listed) > 1 else listed[0]
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(schema)
    if kind == "array":
        return f"a list, each item {describe(root, schema.get('items', {}))}"
    if kind == "object":
        return f"a group of keys ({', '.join(schema.get('properties', {}))})"
    return {"string": "text", "boolean": "true or false"}.get(str(kind), "")


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}" + ("" if high is None else f", at most {high}")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None and low > -(2**63):
        return f", at least {low}"
    return ""


def _listed(schema: Schema) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _step(root: Schema, schema: Schema, part: str | int) -> Iterator[Schema]:
    for option in _options(root, schema):
        if isinstance(part, str):
            if part in option.get("properties", {}):
                yield option["properties"][part]
        elif part < len(option.get("prefixItems", ())):
            yield option["prefixItems"][part]
        elif "items" in option and isinstance(option["items"], dict):
            yield option["items"]


def _options(root: Schema, schema: Schema) -> Iterator[Schema]:
    """The alternatives a schema stands for, references followed."""
    if "$ref" in schema:
        yield from _options(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
        return
    alternatives = schema.get("anyOf", []) + schema.get("oneOf", [])
    for alternative in alternatives:
        yield from _options(root, alternative)
    if not alternatives:
        yield schema


def _for_editors(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_for_editors(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: _named(value) if name in ("properties", "$defs") else _for_editors(value)
        for name, value in schema.items()
        if name == "x-unit" or not (name == "title" or name.startswith("x-"))
    }
    if schema.get("x-text"):
        kept["anyOf"] = [*kept["anyOf"], {"type": "string"}]
    if kept.get("type") in _SCALARS or _is_narrow_text(kept):
        outer = {name: kept.pop(name) for name in ("description", "default", "x-unit") if name in kept}
        return {**outer, "anyOf": [kept, _REFERENCE]}
    return kept


def _named(properties: Schema) -> Schema:
    """Names are kept whatever they are: a key may be called ``title``."""
    return {name: _for_editors(value) for name, value in properties.items()}


def _is_narrow_text(schema: Schema) -> bool:
    return schema.get("type") == "string" and ("enum" in schema or "const" in schema or "pattern" in schema)
