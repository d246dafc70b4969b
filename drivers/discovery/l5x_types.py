"""What an L5X file declares: data types, add-on instructions and tags, as they are named there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model import DataType, TypeSpec

MAX_CHARS = 254
"""A tag's data type tells at most so many characters; the controller may have room for more."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A tag, a member or a parameter. ``dims`` has up to three numbers of elements.

    ``access``: external access, ``Read/Write``, ``Read Only`` or ``None``. ``comments`` are those of
    single members and elements, by what follows the tag's name, in upper case (``.LEVEL``, ``[3]``).
    """

    name: str
    type: str
    dims: tuple[int, ...] = ()
    access: str = "Read/Write"
    description: str = ""
    alias_for: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A structure; ``chars`` is not 0 for strings."""

    name: str
    members: tuple[Variable, ...]
    chars: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """One controller's types and tags; ``scopes`` are its tags ("") and those of each program."""

    name: str
    processor: str
    types: Mapping[str, TypeDefinition]
    scopes: Mapping[str, tuple[Variable, ...]]

    def type_named(self, name: str) -> TypeDefinition | None:
        return self.types.get(name.upper()) or PREDEFINED.get(name.upper())


ATOMIC: dict[str, DataType] = {
    **{
        name: DataType[name]
        for name in (
            "BOOL",
            "SINT",
            "INT",
            "DINT",
            "LINT",
            "USINT",
            "UINT",
            "UDINT",
            "ULINT",
            "REAL",
            "LREAL",
        )
    },
    "BIT": DataType.BOOL,
}


def spec_of(type_name: str, definition: TypeDefinition | None, length: int = 0) -> TypeSpec | None:
    """What the plant file writes for a value of this type; None for structures and what is no value."""
    if definition is not None:
        return (
            TypeSpec(DataType.STRING, length, min(definition.chars, MAX_CHARS)) if definition.chars else None
        )
    base = ATOMIC.get(type_name.upper())
    return TypeSpec(base, length) if base is not None else None


def _predefined(name: str, words: str, bits: str) -> TypeDefinition:
    members = [Variable(word, "DINT") for word in words.split()] + [
        Variable(bit, "BOOL") for bit in bits.split()
    ]
    return TypeDefinition(name, tuple(members))


PREDEFINED = {
    "STRING": TypeDefinition("STRING", (), 82),
    "TIMER": _predefined("TIMER", "PRE ACC", "EN TT DN"),
    "COUNTER": _predefined("COUNTER", "PRE ACC", "CU CD DN OV UN"),
    "CONTROL": _predefined("CONTROL", "LEN POS", "EN EU DN EM ER UL IN FD"),
}
"""Types of every controller that their files do not declare."""
