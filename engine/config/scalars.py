"""From the text of one scalar to its value: environment references, then YAML 1.2 core types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.config.problems import near_miss

ScalarValue = None | bool | int | float | str

_REFERENCE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^{}]*))?\})?")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAX_INTEGER_DIGITS = 25


@dataclass(frozen=True, slots=True)
class Substituted:
    """A scalar's text after substitution.

    ``variables`` are the names it referred to, ``literal`` is what the file itself contributes
    (defaults included), with every value that came from outside taken out.
    """

    text: str
    variables: tuple[str, ...] = ()
    literal: str = ""


@dataclass(frozen=True, slots=True)
class BadReference:
    """Why a ``${...}`` could not be replaced."""

    message: str
    expected: str
    near_miss: str = ""


def substitute(text: str, env: Mapping[str, str]) -> Substituted | tuple[BadReference, ...]:
    """Replace ``${NAME}`` and ``${NAME:-default}``; ``$${`` stands for ``${`` itself.

    As in a shell, the default also applies to a variable that is set but empty.
    """
    if "${" not in text:
        return Substituted(text, (), text)
    bad: list[BadReference] = []
    names: list[str] = []
    pieces: list[str] = []
    literals: list[str] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        between = text[end : match.start()]
        end = match.end()
        value, literal = _replacement(match, env, names, bad)
        pieces += (between, value)
        literals += (between, literal)
    if bad:
        return tuple(bad)
    tail = text[end:]
    return Substituted("".join(pieces) + tail, tuple(names), "".join(literals) + tail)


def _replacement(
    match: re.Match[str], env: Mapping[str, str], names: list[str], bad: list[BadReference]
) -> tuple[str, str]:
    """The value and the part of it that stands in the file."""
    if match[0] == "$${":
        return "${", "${"
    name, default = match[1], match[3]
    if name is None:
        bad.append(
            BadReference(
                "this is not a reference to the environment",
                "${NAME} or ${NAME:-default} without braces in the default; $${ for the text itself",
            )
        )
        return "", ""
    names.append(name)
    value = env.get(name, "")
    if default is not None:
        return (value, "") if value else (default, default)
    if name not in env:
        bad.append(
            BadReference(
                f"the environment variable {name} is not set",
                f"the variable to be set, or a default: ${{{name}:-...}}",
                near_miss(name, env),
            )
        )
    return value, ""


def resolve_plain(text: str) -> ScalarValue:
    """The value of an unquoted scalar by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _MAX_INTEGER_DIGITS else float(text)
    if _BASED.fullmatch(text) and len(text) <= _MAX_INTEGER_DIGITS:
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def resolve_tagged(text: str, tag: str) -> ScalarValue:
    """The value of a scalar with an explicit core tag; ``ValueError`` when text and tag disagree."""
    if tag == "str":
        return text
    value = resolve_plain(text)
    kinds: dict[str, type | tuple[type, ...]] = {
        "int": int,
        "float": (int, float),
        "bool": bool,
        "null": type(None),
    }
    kind = kinds.get(tag)
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and tag != "bool"):
        raise ValueError(f"the text does not fit its tag !!{tag}")
    return value
