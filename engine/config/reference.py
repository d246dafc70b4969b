"""The reference page of the plant file, as Markdown, from the models."""

import json
from collections.abc import Iterator

from engine.config.inactive import inactive_patterns
from engine.config.migration import SCHEMA_VERSION
from engine.config.schema import Schema, build_schema, describe, groups_in

_HEAD = f"""# The plant file

One YAML file describes a plant. `brimline check FILE` says everything that is wrong with it at once, with
line and column, or summarises it. This page and `resources/plant.schema.json` are generated from the models
by `python -m engine.config.generate`; the schema lets an editor complete and check the file as it is written:

```yaml
# yaml-language-server: $schema=resources/plant.schema.json
schema_version: {SCHEMA_VERSION}
```

## Rules

- A key that is left out takes its default. An unknown key is an error.
- Any value can come from the environment: `${{NAME}}`, or `${{NAME:-default}}`, whose default also applies
  to a variable that is set but empty. An unquoted value gets its type after the replacement:
  `${{PORT:-1883}}` is a number. Inside `[ ]` and `{{ }}` it must stand in quotes and stays text.
  `$${{` stands for `${{` itself.
- Passwords come from the environment only; written into the file they are an error. They are never shown.
- The file is UTF-8, at most 4 MiB, 32 levels deep, one YAML 1.2 document. Anchors and aliases work;
  merge keys (`<<`) and tags for objects do not.
- `schema_version` is required. Older versions are migrated when read; a newer one is refused.
- Names that lead nowhere (a machine's connection, a tag of an alarm) are warnings: the plant still runs.
- Keys marked "later" are checked, but not active in this version; `brimline check` lists those a file uses.
"""


def format_reference() -> str:
    """The whole page."""
    root = build_schema()
    return "\n".join([_HEAD, *_sections(root)])


def _sections(root: Schema) -> Iterator[str]:
    later = inactive_patterns()
    for path, schema in groups_in(root):
        yield f"## {f'`{path}`' if path else 'The top level'}\n"
        if path and schema.get("description"):
            yield f"{schema['description']}\n"
        yield "| key | value | default | meaning |\n|---|---|---|---|"
        required = schema.get("required", [])
        for name, prop in schema["properties"].items():
            full = f"{path}.{name}" if path else name
            meaning = _meaning(root, prop)
            if full in later:
                meaning += f" *Later: {later[full]}.*"
            default = "required" if name in required else _default(prop)
            yield f"| `{name}` | {_cell(_value(root, prop))} | {default} | {_cell(meaning)} |"
        yield ""


def _value(root: Schema, prop: Schema) -> str:
    groups = [option for option in groups_in(root, prop) if not option[0]]
    if groups and "x-expected" not in prop:
        return "a group of keys"
    items = prop.get("items", {})
    if "$ref" in items:
        return "a list of groups of keys"
    return describe(root, prop)


def _meaning(root: Schema, prop: Schema) -> str:
    """A key's own description, or that of the group it holds."""
    own = prop.get("description")
    groups = () if own else groups_in(root, prop)
    return str(own or next((group.get("description", "") for _, group in groups), ""))


def _default(prop: Schema) -> str:
    if "default" not in prop:
        return ""
    value = prop["default"]
    if isinstance(value, dict):
        return "see below"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
