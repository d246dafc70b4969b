"""What no single key shows: the same id twice, and secrets written into the file."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from engine.config.document import Document
from engine.config.problems import KeyPath, Problem
from engine.config.translate import show
from engine.model import TypeSpec, parse_type

AddressCheck = Callable[[str, str, str, TypeSpec], str]
"""Connection type, its family, address, data type -> what is wrong with the address, or an empty text.

The family is empty where the file names none.
"""

_UNIQUE = (("plc_connections", "id"), ("machines", "id"), ("shifts", "name"))


def check_document(document: Document, data: Any) -> tuple[Problem, ...]:
    """Works on plain data, so that these problems show together with those of single keys."""
    if not isinstance(data, dict):
        return ()
    found: list[Problem] = []
    for section, name in _UNIQUE:
        found += _repeated(document, _named_items(data.get(section), (section,), name))
    connections = data.get("plc_connections")
    for index, connection in enumerate(connections if isinstance(connections, list) else ()):
        if isinstance(connection, dict):
            path: KeyPath = ("plc_connections", index, "tags")
            found += _repeated(document, _named_items(connection.get("tags"), path, "name"))
    found += _repeated(document, _stop_codes(data.get("stop_reasons"), ("stop_reasons",)))
    return (*found, *_written_secrets(document))


def check_addresses(document: Document, data: Any, address_check: AddressCheck) -> Iterator[Problem]:
    """Addresses are the drivers' business, so that whoever knows the drivers brings the check."""
    connections = data.get("plc_connections") if isinstance(data, dict) else None
    for index, connection in enumerate(connections if isinstance(connections, list) else ()):
        kind = connection.get("type") if isinstance(connection, dict) else None
        if not isinstance(kind, str):
            continue
        written = connection.get("family")
        family = written if isinstance(written, str) else ""
        for path, address, spec in _addresses(connection.get("tags"), ("plc_connections", index, "tags")):
            entry = document.entry(path)
            complaint = address_check(kind, family, address, spec)
            if complaint and entry and not entry.variables:
                yield document.problem(path, complaint)
            elif complaint:
                yield document.problem(path, "the value from the environment is not an address of this type")


def _addresses(tags: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, TypeSpec]]:
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        if not isinstance(tag, dict):
            continue
        address, written = tag.get("address"), tag.get("data_type")
        if isinstance(address, str) and address and isinstance(written, str):
            try:
                spec = parse_type(written)
            except ValueError:
                continue
            yield (*path, index, "address"), address, spec


def _repeated(document: Document, items: Iterator[tuple[KeyPath, str]]) -> Iterator[Problem]:
    first: dict[str, KeyPath] = {}
    for path, text in items:
        if text not in first:
            first[text] = path
            continue
        entry = document.entry(first[text])
        where = f" in line {entry.place.line}" if entry else ""
        own = document.entry(path)
        shown = "this" if own and own.variables else show(text)
        message = f"{shown} is taken already{where}"
        yield document.problem(path, message, f"a different {path[-1]} for each")


def _named_items(items: Any, path: KeyPath, name: str) -> Iterator[tuple[KeyPath, str]]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and isinstance(item.get(name), str):
            yield (*path, index, name), item[name]


def _stop_codes(items: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            if isinstance(item.get("code"), str):
                yield (*path, index, "code"), item["code"]
            yield from _stop_codes(item.get("children"), (*path, index, "children"))


def _written_secrets(document: Document) -> Iterator[Problem]:
    password = document.entry(("mqtt", "password"))
    if password is not None and password.literal.strip() and password.text and not _is_null(document):
        message = "a password must not be written into the file"
        yield document.problem(
            ("mqtt", "password"), message, "a reference without default: ${BRIMLINE_MQTT_PASSWORD:-}"
        )
    url = document.entry(("database", "url"))
    if url is not None and re.search(r"://[^/@]*:[^/@]+@", url.literal):
        message = "a password must not be written into the file"
        yield document.problem(
            ("database", "url"), message, "a reference without default: ://USER:${NAME}@HOST"
        )


def _is_null(document: Document) -> bool:
    mqtt = document.data.get("mqtt") if isinstance(document.data, dict) else None
    return isinstance(mqtt, dict) and mqtt.get("password") is None
