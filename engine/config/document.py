"""A plant file as plain data, with the place in the file of every key path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.config.problems import ConfigError, KeyPath, Problem, format_path
from engine.config.scalars import ScalarValue, Substituted, resolve_plain, resolve_tagged, substitute
from engine.config.yaml_tree import MAX_DEPTH, ListNode, MapNode, Node, Place, ScalarNode, read_tree

MAX_SIZE = 500_000
"""Upper bound for nodes plus text (in units of 64 characters) once aliases are written out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a key path stands. ``text`` and ``literal`` are those of ``Substituted``, for scalars."""

    place: Place
    key_place: Place
    text: str | None = None
    literal: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """``data`` is None for an empty file; ``unusable`` are paths whose value could not be had."""

    file: str
    data: Any
    entries: Mapping[KeyPath, Entry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unusable: frozenset[KeyPath] = frozenset()

    def entry(self, path: KeyPath) -> Entry | None:
        return self.entries.get(path)

    def problem(
        self, path: KeyPath, message: str, expected: str = "", near: str = "", *, at_key: bool = False
    ) -> Problem:
        """A problem at ``path``, or at the nearest thing around it that stands in the file."""
        known = path
        while known and known not in self.entries:
            known = known[:-1]
        entry = self.entries.get(known)
        if entry is None:
            line = column = 0
        else:
            at_key = at_key or known != path or entry.text == ""
            place = entry.key_place if at_key else entry.place
            line, column = place.line, place.column
        return Problem(self.file, line, column, format_path(path), message, expected, near)


def read_document(text: str, file: str, env: Mapping[str, str]) -> Document:
    """Parse, replace environment references and give every plain scalar its type.

    Raises ``ConfigError`` where the text cannot be understood at all; duplicate keys, bad references
    and the like are collected in ``problems`` so that validation can go on and find the rest.
    """
    root = read_tree(text, file)
    if root is None:
        return Document(file, None)
    reader = _Reader(file, env)
    data = reader.read(root, (), root.place)
    return Document(file, data, reader.entries, tuple(reader.problems), frozenset(reader.unusable))


class _Reader:
    """Writes out the tree, aliases included, and notes places on the way."""

    def __init__(self, file: str, env: Mapping[str, str]) -> None:
        self.entries: dict[KeyPath, Entry] = {}
        self.problems: list[Problem] = []
        self.unusable: set[KeyPath] = set()
        self._file = file
        self._env = env
        self._size = 0

    def read(self, node: Node, path: KeyPath, key_place: Place) -> Any:
        self._grow(1, node.place)
        if len(path) > MAX_DEPTH:
            message = "nested too deeply when its aliases are written out"
            raise ConfigError([Problem(self._file, node.place.line, node.place.column, "", message)])
        if isinstance(node, ScalarNode):
            return self._scalar(node, path, key_place)
        self.entries[path] = Entry(node.place, key_place)
        if isinstance(node, ListNode):
            return [self.read(item, (*path, index), item.place) for index, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: MapNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first: dict[str, Place] = {}
        for key, value in node.entries:
            inner = (*path, key.text)
            if not _is_text(key.text):
                self._report(key.place, path, "a key contains characters that are not text", "a readable key")
            elif key.text in first:
                where = f"it stands in line {first[key.text].line} already"
                self._report(key.place, inner, f"this key is given twice: {where}", "each key once")
            elif key.plain and key.text == "<<":
                self._report(key.place, inner, "merge keys are not supported", "the keys written out")
            else:
                first[key.text] = key.place
                data[key.text] = self.read(value, inner, key.place)
        return data

    def _scalar(self, node: ScalarNode, path: KeyPath, key_place: Place) -> ScalarValue:
        self._grow(len(node.text) // 64, node.place)
        result = substitute(node.text, self._env)
        if not isinstance(result, Substituted):
            self.entries[path] = Entry(node.place, key_place)
            self.unusable.add(path)
            for bad in result:
                self._report(node.place, path, bad.message, bad.expected, bad.near_miss)
            return None
        self._grow(len(result.text) // 64, node.place)
        self.entries[path] = Entry(node.place, key_place, result.text, result.literal, result.variables)
        value, complaint = _value_of(node, result)
        if complaint:
            self.unusable.add(path)
            self._report(node.place, path, complaint, "a plain value")
        return value

    def _report(self, place: Place, path: KeyPath, message: str, expected: str, near: str = "") -> None:
        self.problems.append(
            Problem(self._file, place.line, place.column, format_path(path), message, expected, near)
        )

    def _grow(self, size: int, place: Place) -> None:
        self._size += size
        if self._size > MAX_SIZE:
            message = "the file grows too large here when its aliases are written out"
            expected = "a smaller file"
            raise ConfigError([Problem(self._file, place.line, place.column, "", message, expected)])


def _value_of(node: ScalarNode, result: Substituted) -> tuple[ScalarValue, str]:
    if not _is_text(result.text):
        return None, "contains characters that are not text"
    if node.tag:
        try:
            return resolve_tagged(result.text, node.tag), ""
        except ValueError as error:
            return None, str(error)
    if not node.plain:
        return result.text, ""
    if result.variables and not result.text:
        return "", ""
    return resolve_plain(result.text), ""


def _is_text(text: str) -> bool:
    """No lone surrogates, which no file and no screen can show, and no NUL."""
    return not any("\ud800" <= char <= "\udfff" or char == "\0" for char in text)
