"""Logix addresses as people write them: ``Program:Main.Level``, ``Mat[1,2]``, ``Word.3``, ``Recipe{10}``."""

import re
from dataclasses import dataclass

from drivers.base import AddressError


@dataclass(frozen=True, slots=True)
class Part:
    """One name on the way, with the element that is meant where it is an array (up to three indices)."""

    name: str
    index: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A tag or something inside of it.

    ``program`` is empty for controller tags. The first of ``parts`` is the tag, the others are members.
    ``bit`` is the bit of an integer, ``count`` the number of elements in braces, 0 without them.
    Names keep their spelling; the controller does not mind upper and lower case.
    """

    program: str
    parts: tuple[Part, ...]
    bit: int | None = None
    count: int = 0

    @property
    def tag(self) -> Part:
        return self.parts[0]


def parse_address(text: str) -> Address:
    """Read an address; ``AddressError`` says what was expected."""
    match = _ADDRESS.match(text.strip())
    if match is None:
        raise AddressError(f"{text!r} is not a Logix address; expected {_EXPECTED}")
    parts = tuple(_part(text, found) for found in _PART.finditer(match["parts"]))
    program = match["program"] or ""
    for name in (program, *(part.name for part in parts)):
        _check_name(text, name)
    if any(len(part.index) > 1 for part in parts[1:]):
        raise AddressError(f"{text!r}: a member has one index at most")
    return Address(program, parts, _bit(text, match["bit"]), _count(text, match["count"]))


def format_address(address: Address) -> str:
    """The address as text; ``parse_address`` reads it back."""
    program = f"Program:{address.program}." if address.program else ""
    bit = "" if address.bit is None else f".{address.bit}"
    count = f"{{{address.count}}}" if address.count else ""
    return program + ".".join(_format_part(part) for part in address.parts) + bit + count


_EXPECTED = "one like Fill.Level, Program:Main.Fill.Level, Recipe[3], Recipe{10} or Status.5"
_NAME = r"[A-Za-z_]\w*"
_INDEX = r"\[\s*\d+\s*(?:,\s*\d+\s*){0,2}\]"
# The tags of modules have colons in their names, as in Local:2:I.Data.
_MODULE = r"(?:(?::\d{1,5})?:[A-Za-z]\w*)?"
_TAG = rf"(?!(?i:Program):){_NAME}{_MODULE}(?:{_INDEX})?"
_MEMBER = rf"{_NAME}(?:{_INDEX})?"
_ADDRESS = re.compile(
    rf"^(?:(?i:Program):(?P<program>{_NAME})\.)?(?P<parts>{_TAG}(?:\.{_MEMBER})*)"
    r"(?:\.(?P<bit>\d+))?(?:\{\s*(?P<count>\d+)\s*\})?$",
    re.ASCII,
)
_PART = re.compile(rf"(?P<name>{_NAME}{_MODULE})(?:\[(?P<index>[\d,\s]+)\])?", re.ASCII)
_LONGEST_NAME = 40
_HIGHEST_BIT = 63
_HIGHEST_INDEX = 2**32 - 1
_MOST_ELEMENTS = 65535


def _part(text: str, match: re.Match[str]) -> Part:
    index = tuple(int(number) for number in match["index"].split(",")) if match["index"] else ()
    if any(number > _HIGHEST_INDEX for number in index):
        raise AddressError(f"{text!r}: there is no such element")
    return Part(match["name"], index)


def _check_name(text: str, name: str) -> None:
    for word in name.split(":"):
        if len(word) > _LONGEST_NAME:
            raise AddressError(f"{text!r}: {word!r} is too long; names have up to {_LONGEST_NAME} characters")


def _bit(text: str, digits: str | None) -> int | None:
    if digits is None:
        return None
    if len(digits) > 2 or int(digits) > _HIGHEST_BIT:
        raise AddressError(f"{text!r}: bit {digits} does not exist; expected 0 to {_HIGHEST_BIT} at most")
    return int(digits)


def _count(text: str, digits: str | None) -> int:
    if digits is None:
        return 0
    if len(digits) > 5 or not 1 <= int(digits) <= _MOST_ELEMENTS:
        raise AddressError(f"{text!r}: {digits} elements cannot be read; expected 1 to {_MOST_ELEMENTS}")
    return int(digits)


def _format_part(part: Part) -> str:
    index = ",".join(str(number) for number in part.index)
    return f"{part.name}[{index}]" if index else part.name
