"""The way to one value inside a JSON document: ``$.tank.levels[0]['fill level']``. Pure.

A small part of JSONPath (RFC 9535): the root, names after a dot, names in quotes, array indices
counted from 0. No wildcards, slices or filters, because a tag is exactly one value. The libraries
that know all of JSONPath answer with lists of matches and either evaluate expressions or bring a
parser generator along; what is left of them here fits one page, and its errors can name the place.
"""

import re
from collections.abc import Sequence

from drivers.base import AddressError

Step = str | int
"""A name of an object's member, or an index of an array."""

MAX_STEPS = 32
_LONGEST = 1000
_LARGEST_INDEX = 1_000_000
_NAME = re.compile(r"\.([^\W\d][\w-]*)")
_INDEX = re.compile(r"\[(0|[1-9][0-9]{0,9})\]")
_QUOTED = re.compile(r"""\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]""", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"'": "'", '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class PathError(AddressError):
    """A path that cannot be read as one; the text names the place."""


class NoValueError(Exception):
    """There is nothing at this path in this document; the text says from where on."""


def parse_path(text: str) -> tuple[Step, ...]:
    """Read a path; ``$`` alone is the whole document. Raises ``PathError``."""
    if not text.startswith("$"):
        raise PathError(f"The path {text!r:.80} does not begin with $")
    if len(text) > _LONGEST:
        raise PathError(f"The path {text!r:.80} is longer than {_LONGEST} characters")
    steps: list[Step] = []
    at = 1
    while at < len(text):
        step, at = _next_step(text, at)
        steps.append(step)
    if len(steps) > MAX_STEPS:
        raise PathError(f"The path {text!r:.80} has more than {MAX_STEPS} steps")
    return tuple(steps)


def format_path(steps: Sequence[Step]) -> str:
    """The shortest text that ``parse_path`` reads as these steps."""
    return "$" + "".join(_format_step(step) for step in steps)


def value_at(document: object, steps: Sequence[Step]) -> object:
    """Follow the steps from the root of a decoded document. Raises ``NoValueError``."""
    place = document
    for number, step in enumerate(steps):
        if isinstance(step, str):
            if not isinstance(place, dict) or step not in place:
                raise NoValueError(_missing(steps, number, place))
            place = place[step]
        else:
            if not isinstance(place, list) or step >= len(place):
                raise NoValueError(_missing(steps, number, place))
            place = place[step]
    return place


def _next_step(text: str, at: int) -> tuple[Step, int]:
    if match := _NAME.match(text, at):
        return match[1], match.end()
    if match := _INDEX.match(text, at):
        if int(match[1]) > _LARGEST_INDEX:
            raise PathError(f"The path {text!r:.80} has an index above {_LARGEST_INDEX}")
        return int(match[1]), match.end()
    if match := _QUOTED.match(text, at):
        return _unescape(text, match[1] if match[1] is not None else match[2]), match.end()
    raise PathError(
        f"The path {text!r:.80} cannot be read from {text[at : at + 12]!r} on: "
        "expected .name, ['any name'] or [0]"
    )


def _unescape(path: str, text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPED:
            raise PathError(f"The path {path!r:.80} has an unknown escape \\{code}")
        return _ESCAPED[code]

    return _ESCAPE.sub(character, text)


def _format_step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _NAME.fullmatch(f".{step}"):
        return f".{step}"
    quoted = step.replace("\\", "\\\\").replace("'", "\\'").replace(" $", " \\u0024")
    return f"['{quoted}']"


def _missing(steps: Sequence[Step], number: int, place: object) -> str:
    way, step = format_path(steps[:number]), steps[number]
    if isinstance(step, str):
        if not isinstance(place, dict):
            return f"{way} is {kind(place)}, not an object"
        return f"there is no {format_path(steps[: number + 1])}"
    if not isinstance(place, list):
        return f"{way} is {kind(place)}, not an array"
    return f"{way} has only {len(place)} elements"


def kind(value: object) -> str:
    """What a decoded JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "an array"
        case _:
            return "an object"
