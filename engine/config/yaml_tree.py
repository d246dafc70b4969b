"""YAML text to a tree of nodes that know their line and column; nothing is constructed from it.

The tree is built from parser events rather than by a loader: no tag can name a Python object, no
depth or alias can make it grow beyond its bounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from _ruamel_yaml import CParser
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from engine.config.problems import ConfigError, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32

_TAG_PREFIX = "tag:yaml.org,2002:"
_HINTS = (
    ("cannot start any token", "spaces for indentation (no tabs), and quotes around text with special signs"),
    (
        "mapping values are not allowed",
        "quotes around text that contains a colon, or a corrected indentation",
    ),
    ("expected ',' or", "a closing bracket; inside brackets, ${...} must stand in quotes"),
    ("expected <block end>", "the same indentation as the lines above"),
    ("could not find expected ':'", "a colon and a space after the key"),
    ("found unexpected end of stream", "a closing quote"),
)
_PARSER_FAILURES = (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What the parser raises on hostile text: its own errors, and slips in its directive and escape code."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """``plain``: written without quotes, so that its text decides its type. ``tag``: ``str``, ``int``..."""

    place: Place
    text: str
    plain: bool
    tag: str = ""


@dataclass(frozen=True, slots=True)
class ListNode:
    place: Place
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MapNode:
    place: Place
    entries: list[tuple[ScalarNode, "Node"]] = field(default_factory=list)


Node = ScalarNode | ListNode | MapNode


def read_tree(text: str, file: str) -> Node | None:
    """The only document in ``text``, None when it is empty. Raises ``ConfigError`` on bad syntax."""
    try:
        return _build(_fast_events(text), file)
    except _PARSER_FAILURES:
        # The slow parser decides what is wrong: its messages are the ones people get to read.
        return _read_slowly(text, file)


def _read_slowly(text: str, file: str) -> Node | None:
    try:
        return _build(_events(text), file)
    except ConfigError:
        raise
    except _PARSER_FAILURES as error:
        problem = _syntax_problem(error, text, file)
    raise ConfigError([problem])


def _build(events: Iterator[Event], file: str) -> Node | None:
    builder = _Builder(file)
    for event in events:
        builder.on_event(event)
    return builder.root


def _fast_events(text: str) -> Iterator[Event]:
    """By libyaml: twenty times as fast, which a plant of ten thousand tags feels when it starts."""
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()


def _events(text: str) -> Iterator[Event]:
    parser: Any = YAML(typ="safe", pure=True)
    yield from parser.parse(text)


class _Builder:
    """Puts events together; holds the containers that are still open, outermost first."""

    def __init__(self, file: str) -> None:
        self.root: Node | None = None
        self._file = file
        self._open: list[ListNode | MapNode] = []
        self._pending_keys: list[ScalarNode | None] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def on_event(self, event: Event) -> None:
        place = _place_of(event)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refuse(
                    place, "a second document starts here", "one document, without '---' lines"
                )
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop()
            self._pending_keys.pop()
        elif isinstance(event, AliasEvent):
            self._add(self._resolve_alias(event, place), None, place)
        elif isinstance(event, ScalarEvent):
            node = ScalarNode(place, event.value, event.implicit[0], self._tag_of(event, place))
            self._add(node, event.anchor, place)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._start(event, place)

    def _start(self, event: MappingStartEvent | SequenceStartEvent, place: Place) -> None:
        wanted = "map" if isinstance(event, MappingStartEvent) else "seq"
        if self._tag_of(event, place) not in ("", wanted):
            raise self._refuse(place, "this tag does not fit what follows", "no tag")
        if len(self._open) >= MAX_DEPTH:
            raise self._refuse(place, "nested too deeply", f"at most {MAX_DEPTH} levels")
        node: ListNode | MapNode = MapNode(place) if wanted == "map" else ListNode(place)
        self._add(node, event.anchor, place)
        self._open.append(node)
        self._pending_keys.append(None)

    def _add(self, node: Node, anchor: str | None, place: Place) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, ListNode):
            parent.items.append(node)
            return
        key = self._pending_keys[-1]
        if key is not None:
            parent.entries.append((key, node))
            self._pending_keys[-1] = None
        elif isinstance(node, ScalarNode):
            self._pending_keys[-1] = ScalarNode(place, node.text, node.plain)
        else:
            raise self._refuse(place, "a key cannot be a list or a group of keys", "text as the key")

    def _resolve_alias(self, event: AliasEvent, place: Place) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self._refuse(place, f"*{event.anchor} refers to nothing", f"&{event.anchor} further up")
        if any(node is container for container in self._open):
            raise self._refuse(place, f"*{event.anchor} contains itself", "an alias to something complete")
        return node

    def _tag_of(self, event: Any, place: Place) -> str:
        tag = "" if event.ctag is None else str(event.ctag)
        if tag in ("", "!"):
            return "str" if tag == "!" and isinstance(event, ScalarEvent) else ""
        short = tag.removeprefix(_TAG_PREFIX)
        if short == tag or short not in ("str", "int", "float", "bool", "null", "map", "seq"):
            raise self._refuse(place, f"the tag {tag} is not supported", "a plain value")
        return short

    def _refuse(self, place: Place, message: str, expected: str) -> ConfigError:
        return ConfigError([Problem(self._file, place.line, place.column, "", message, expected)])


def _place_of(event: Event) -> Place:
    mark = event.start_mark
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


def _syntax_problem(error: Exception, text: str, file: str) -> Problem:
    line, column, said = 1, 1, "this is not YAML"
    if isinstance(error, ReaderError):
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        said = f"the character with code {error.character!r} does not belong in a text file"
    elif isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
        said = ", ".join(str(part) for part in (error.context, error.problem) if part)
    hint = next((hint for sign, hint in _HINTS if sign in said), "")
    return Problem(file, line, column, "", f"not valid YAML: {said}", hint)
